/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include "unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* L-052, C-053: values and messages are those of Go's package time. */
static void
durations_are_read_as_go_reads_them(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
		const char *error, *canonical;
	} cases[] = {
		{ "", 0, "time: invalid duration \"\"", NULL },
		{ "0", 0, NULL, "0s" },
		{ "+0", 0, NULL, "0s" },
		{ "-0", 0, NULL, "0s" },
		{ "1h30m", 5400000000000, NULL, "1h30m0s" },
		{ "300ms", 300000000, NULL, "300ms" },
		{ "1.5h", 5400000000000, NULL, "1h30m0s" },
		{ "-2m", -120000000000, NULL, "-2m0s" },
		{ "+3s", 3000000000, NULL, "3s" },
		{ "1m30s", 90000000000, NULL, "1m30s" },
		{ "5", 0, "time: missing unit in duration \"5\"", NULL },
		{ "5x", 0, "time: unknown unit \"x\" in duration \"5x\"",
		    NULL },
		{ "1h2", 0, "time: missing unit in duration \"1h2\"", NULL },
		{ ".5s", 500000000, NULL, "500ms" },
		{ "5.s", 5000000000, NULL, "5s" },
		{ ".s", 0, "time: invalid duration \".s\"", NULL },
		{ "\t\"x", 0, "time: invalid duration \"\\x09\\\"x\"", NULL },
		{ "-.s", 0, "time: invalid duration \"-.s\"", NULL },
		{ "1ns1us", 1001, NULL, "1.001µs" },
		{ "2µs", 2000, NULL, "2µs" },
		{ "2μs", 2000, NULL, "2µs" },
		{ "9223372036854775807ns", INT64_MAX, NULL,
		    "2562047h47m16.854775807s" },
		{ "9223372036854775808ns", 0,
		    "time: invalid duration \"9223372036854775808ns\"", NULL },
		{ "-9223372036854775808ns", INT64_MIN, NULL,
		    "-2562047h47m16.854775808s" },
		{ "9223372036.854775807s", INT64_MAX, NULL,
		    "2562047h47m16.854775807s" },
		{ "1.0000000000000000000000000000001s", 1000000000, NULL,
		    "1s" },
		{ "99999999999999999999s", 0,
		    "time: invalid duration \"99999999999999999999s\"", NULL },
		{ "3000000h", 0, "time: invalid duration \"3000000h\"", NULL },
		{ "1h ", 0, "time: unknown unit \"h \" in duration \"1h \"",
		    NULL },
		{ "1 h", 0, "time: unknown unit \" h\" in duration \"1 h\"",
		    NULL },
		{ "0.9223372036854775807m", 55340232221, NULL,
		    "55.340232221s" },
		{ "s", 0, "time: invalid duration \"s\"", NULL },
		{ "00", 0, "time: missing unit in duration \"00\"", NULL },
		{ "1e3s", 0, "time: unknown unit \"e\" in duration \"1e3s\"",
		    NULL },
		{ "1\xffs", 0,
		    "time: unknown unit \"\\xffs\" in duration \"1\\xffs\"",
		    NULL },
		{ "--1s", 0, "time: invalid duration \"--1s\"", NULL },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err e cleanup_err = ERR_INIT;
		int64_t ns;
		bool ok = duration_parse(sv_of(cases[i].text), &ns, &e);

		assert_int_equal(ok, cases[i].error == NULL);
		if (!ok) {
			assert_string_equal(e.message, cases[i].error);
			continue;
		}
		assert_int_equal(ns, cases[i].ns);
		assert_string_equal(duration_text(a, ns), cases[i].canonical);
	}
}

static void
written_duration_reads_back(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct err e cleanup_err = ERR_INIT;
		struct arena_mark mark = arena_mark(a);
		int64_t ns, back;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		ns = (int64_t)seed / (INT64_C(1) << i % 60);
		assert_true(
		    duration_parse(sv_of(duration_text(a, ns)), &back, &e));
		assert_int_equal(back, ns);
		arena_release(a, mark);
	}
}

static void
short_form_is_for_people(void **state)
{
	static const struct {
		int64_t ms;
		const char *want;
	} cases[] = {
		{ 0, "0ms" },
		{ 850, "850ms" },
		{ 999, "999ms" },
		{ 1000, "1.0s" },
		{ 12345, "12.3s" },
		{ 59949, "59.9s" },
		{ 59950, "1m00s" },
		{ 125000, "2m05s" },
		{ 3599400, "59m59s" },
		{ 3599500, "1h00m" },
		{ 7384000, "2h03m" },
		{ -850, "-850ms" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		    duration_short(a, cases[i].ms * NS_PER_MS), cases[i].want);
}

static void
monotonic_clock_does_not_go_back(void **state)
{
	int64_t before = clock_mono_ns();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_mono_ns();

		assert_true(now >= before);
		before = now;
	}
	/* 2020 or later: nanoseconds, not seconds or microseconds */
	assert_true(clock_real_ns() > INT64_C(1577836800) * NS_PER_S);
}

int
test_base_clock(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_read_as_go_reads_them),
		cmocka_unit_test(written_duration_reads_back),
		cmocka_unit_test(short_form_is_for_people),
		cmocka_unit_test(monotonic_clock_does_not_go_back),
	};

	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
