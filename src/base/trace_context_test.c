/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "base/trace_context.h"

#define GOOD "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

static void
test_what_is_none(void **state)
{
	static const char *const bad[] = {
		"",
		"00",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		GOOD "-more",
		"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
		"00-4bf92f3577b34da6a3ce929d0e0e473--00f067aa0ba902b7-01",
	};
	struct trace_context t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(trace_context_read(bad[i], &t));
		assert_string_equal(t.trace, "");
	}
	assert_false(trace_context_read(NULL, &t));
}

static void
test_there_and_back(void **state)
{
	struct trace_context t;
	char text[TRACE_TEXT];

	(void)state;
	assert_true(trace_context_read(GOOD, &t));
	trace_context_write(&t, text);
	assert_string_equal(text, GOOD);
	assert_true(trace_context_read(
	    "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more",
	    &t));
	assert_string_equal(t.flags, "00");
}

static void
test_what_is_below(void **state)
{
	struct trace_context run, job, again, call;
	char text[TRACE_TEXT];

	(void)state;
	trace_context_begin(SV("a run"), &run);
	trace_context_write(&run, text);
	assert_true(trace_context_read(text, &again));
	trace_context_below(&run, 'j', 1, &job);
	trace_context_below(&run, 'j', 1, &again);
	trace_context_below(&run, 'c', 1, &call);
	assert_string_equal(job.trace, run.trace);
	assert_string_equal(job.span, again.span);
	assert_string_not_equal(job.span, run.span);
	assert_string_not_equal(job.span, call.span);
}

int
test_base_trace_context(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_what_is_below),
	};

	return cmocka_run_group_tests_name(
	    "base/trace_context", tests, NULL, NULL);
}
