/* SPDX-License-Identifier: MIT */
/* Times in a zone with summer time; the rest is in tests/template/fn_date.txt. */
#include "unit.h"

#include "go/date.h"

static struct value_time
parse(struct arena *a, const struct tz *z, const char *text)
{
	struct err e cleanup_err = ERR_INIT;
	struct value_time t;

	assert_true(time_parse(a, SV("2006-01-02 15:04:05"), sv_of(text), z,
	    &t, &e));
	return t;
}

static const char *
print(struct arena *a, const struct value_time *t)
{
	struct sb b cleanup_sb = SB_INIT;

	time_print(&b, t);
	return sb_take(&b, a).p;
}

/* L-150: readings are taken for the local zone */
static void
local_readings_know_summer_time(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "2023-01-15 12:00:00", "2023-01-15 12:00:00 +0100 CET" },
		{ "2023-07-15 12:00:00", "2023-07-15 12:00:00 +0200 CEST" },
		/* the hour that is skipped */
		{ "2023-03-26 02:30:00", "2023-03-26 03:30:00 +0200 CEST" },
		{ "2100-07-01 00:00:00", "2100-07-01 00:00:00 +0200 CEST" },
		{ "1850-01-01 00:00:00", "1850-01-01 00:00:00 +0053 LMT" },
	};
	struct arena *a cleanup_arena = arena_new();
	const struct tz *z = tz_load(a, SV("Europe/Berlin"));

	(void)state;
	if (z == NULL)
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct value_time t = parse(a, z, cases[i].in);

		assert_string_equal(print(a, &t), cases[i].out);
	}
}

static void
names_cannot_leave_the_database(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_null(tz_load(a, SV("../../../etc/localtime")));
	assert_null(tz_load(a, SV("/etc/localtime")));
	assert_null(tz_load(a, SV("No/Where")));
	assert_ptr_equal(tz_load(a, SV("")), tz_utc());
}

static void
local_zone_comes_from_the_environment(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct value_time t = { .sec = 0 };

	(void)state;
	tz_apply(tz_local(a, "Not/AZone"), &t);
	assert_string_equal(t.zone, "UTC");
	assert_true(t.local);
	tz_apply(tz_local(a, ":Asia/Tokyo"), &t);
	assert_true(t.offset == 9 * 3600 || t.offset == 0);
}

static void
calendar_goes_both_ways(void **state)
{
	(void)state;
	for (int64_t days = -1000000; days < 1000000; days += 997) {
		int64_t year;
		int month, day;

		civil_from_days(days, &year, &month, &day);
		assert_true(days_from_civil(year, month, day) == days);
		assert_in_range(day, 1, days_in_month(month, year));
	}
	assert_int_equal(weekday_of_days(0), 4);
	assert_int_equal(weekday_of_days(-5), 6);
}

static void
differences_stop_at_the_bounds(void **state)
{
	struct value_time a = { .sec = TIME_ZERO_SEC }, b = { .sec = 4000000000 };

	(void)state;
	assert_true(time_diff(&a, &b) == INT64_MIN);
	assert_true(time_diff(&b, &a) == INT64_MAX);
	a = (struct value_time){ .sec = 5, .nsec = 1 };
	b = (struct value_time){ .sec = 3, .nsec = 2 };
	assert_true(time_diff(&a, &b) == INT64_C(1999999999));
}

int
test_go_date(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local_readings_know_summer_time),
		cmocka_unit_test(names_cannot_leave_the_database),
		cmocka_unit_test(local_zone_comes_from_the_environment),
		cmocka_unit_test(calendar_goes_both_ways),
		cmocka_unit_test(differences_stop_at_the_bounds),
	};

	return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
