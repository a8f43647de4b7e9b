/* SPDX-License-Identifier: MIT */
/* What a session and its workers say comes out as it went in. */
#include "session/talk.h"

#include "tree.h"

static void
every_field_arrives_as_it_was_said(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb line cleanup_sb = SB_INIT;
	struct talk in = { .say = "done",
		.reason = "a \"b\"\n\tc\\ \xc3\xa4",
		.pool_ns = INT64_C(1767225600123456789),
		.exit_status = -1 };
	struct talk out;

	(void)state;
	vec_push(a, &in.words, "A=1 2");
	vec_push(a, &in.words, "B=");
	talk_write(&line, &in);
	assert_int_equal(line.p[line.n - 1], '\n');
	assert_null(memchr(line.p, '\n', line.n - 1));
	assert_true(talk_read(a, sb_sv(&line), &out));
	assert_string_equal(out.say, in.say);
	assert_string_equal(out.reason, in.reason);
	assert_int_equal(out.pool_ns, in.pool_ns);
	assert_int_equal(out.exit_status, -1);
	assert_int_equal(out.words.n, 2);
	assert_string_equal(out.words.v[0], "A=1 2");
	assert_string_equal(out.words.v[1], "B=");
	assert_string_equal(out.tree, "");
	assert_int_equal(out.number, 0);
}

static void
what_is_no_message_is_none(void **state)
{
	static const char *const lines[] = { "", "{}", "x", "[1]",
		"{\"say\":1}", "{\"say\":\"test\"" };
	struct arena *a cleanup_arena = arena_new();
	struct talk out;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(talk_read(a, sv_of(lines[i]), &out));
	assert_true(talk_read(
	    a, SV("{\"say\":\"test\",\"words\":\"x\",\"name\":3}"), &out));
	assert_int_equal(out.words.n, 0);
	assert_string_equal(out.name, "");
}

int
test_session_talk(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_arrives_as_it_was_said),
		cmocka_unit_test(what_is_no_message_is_none),
	};

	return cmocka_run_group_tests_name("session/talk", tests, NULL, NULL);
}
