/* SPDX-License-Identifier: MIT */
/* Recorded series, in seconds, whose answers are known (P-1103). */
#include "stats/critical.h"
#include "stats/series.h"

#include <math.h>

#include "unit.h"

/* A test suite on a quiet machine. */
static const double stable[50] = { 12.41, 12.63, 12.18, 12.55, 12.37, 12.49,
	12.90, 12.22, 12.44, 12.31, 12.58, 12.27, 12.73, 12.46, 12.35, 12.12,
	12.52, 12.66, 12.40, 12.29, 12.61, 12.48, 12.33, 12.79, 12.43, 12.25,
	12.57, 12.38, 12.69, 12.50, 12.20, 12.45, 12.60, 12.34, 12.53, 12.42,
	12.16, 12.71, 12.47, 12.30, 12.56, 12.39, 12.64, 12.26, 12.51, 12.84,
	12.36, 12.59, 12.24, 12.54 };

static void
stepped(double *out, size_t from, size_t to, double by)
{
	for (size_t i = 0; i < 50; i++)
		out[i] = stable[i] * (i >= from && i < to ? by : 1);
}

static void
stable_noise_is_neither_slow_nor_a_regression(void **state)
{
	struct slow_today slow;
	struct change c;

	(void)state; /* P-1103 */
	for (size_t n = 0; n <= 50; n++) {
		assert_false(series_change(stable, n, &c));
		if (n < 50)
			assert_false(slow_today(stable, n, stable[n], &slow));
	}
	assert_true(fabs(series_trend(stable, 50)) < 0.02);
}

static void
one_slow_day_is_slow_and_no_regression(void **state)
{
	struct slow_today slow;
	struct change c;
	double day[50];

	(void)state; /* P-1103: four runs of one day, then all is well */
	stepped(day, 30, 34, 1.6);
	assert_true(slow_today(day, 30, day[30], &slow));
	assert_float_equal(slow.median, 12.445, 0.01);
	assert_float_equal(slow.over, day[30] - slow.median, 1e-9);
	for (size_t n = 0; n <= 50; n++)
		assert_false(series_change(day, n, &c));
	for (size_t n = 34; n < 50; n++)
		assert_false(slow_today(day, n, day[n], &slow));
}

static void
a_step_of_15_percent_is_a_regression_from_its_first_run(void **state)
{
	struct slow_today slow;
	struct change c;
	double step[50];

	(void)state; /* P-1103 */
	stepped(step, 37, 50, 1.15);
	for (size_t n = 0; n < 37 + SERIES_SIDE; n++)
		assert_false(series_change(step, n, &c));
	for (size_t n = 37 + SERIES_SIDE; n <= 50; n++) {
		assert_true(series_change(step, n, &c));
		assert_int_equal(c.first, 37);
		assert_true(c.after / c.before > 1.12);
		assert_true(c.after / c.before < 1.18);
	}
	/* less than a fifth is not slow today */
	assert_false(slow_today(step, 37, step[37], &slow));
}

static void
a_change_that_went_away_is_not_the_last(void **state)
{
	struct change c;
	double bump[50], small[50];

	(void)state;
	stepped(bump, 15, 30, 1.4);
	assert_true(series_change(bump, 50, &c));
	assert_int_equal(c.first, 30);
	assert_true(c.after < c.before); /* it got faster */
	stepped(small, 25, 50, 1.08);
	assert_false(series_change(small, 50, &c)); /* below 10 % */
}

static void
only_the_last_fifty_count(void **state)
{
	struct change c;
	double many[90];

	(void)state;
	for (size_t i = 0; i < 90; i++)
		many[i] = stable[i % 50] * (i < 38 ? 3 : i < 70 ? 1 : 1.3);
	assert_true(series_change(many, 90, &c));
	assert_int_equal(c.first, 70);
	assert_false(series_change(many, 69, &c) && c.first < 19);
}

static void
slow_needs_all_of_its_bounds(void **state)
{
	static const double same[12] = { 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2 };
	static const double wild[8] = { 1, 9, 2, 8, 3, 7, 4, 6 };
	static const double short_one[8] = { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1,
		0.1 };
	struct slow_today slow;

	(void)state;
	assert_false(slow_today(same, 6, 9, &slow)); /* seven runs in all */
	assert_true(slow_today(same, 7, 9, &slow));
	assert_false(slow_today(same, 12, 2.45, &slow)); /* half a second */
	assert_true(slow_today(same, 12, 2.55, &slow));
	assert_false(slow_today(wild, 8, 12, &slow)); /* usual for this one */
	assert_false(slow_today(short_one, 8, 0.5, &slow));
	assert_true(slow_today(short_one, 8, 0.7, &slow));
}

static void
the_figures_are_those_of_the_books(void **state)
{
	static const double v[] = { 4, 1, 3, 2 };
	/* two samples whose test is known: t -2.8405, 27.82 degrees of
	 * freedom */
	static const double x[] = { 27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9,
		20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4 };
	static const double y[] = { 27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8,
		22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.3, 24.1 };

	(void)state;
	assert_float_equal(series_mean(v, 4), 2.5, 1e-12);
	assert_float_equal(series_median(v, 4), 2.5, 1e-12);
	assert_float_equal(series_quantile(v, 4, 1), 4, 1e-12);
	assert_float_equal(series_quantile(v, 4, 0.95), 3.85, 1e-12);
	assert_float_equal(series_scaled_mad(v, 4), 1.4826, 1e-12);
	assert_float_equal(series_median(NULL, 0), 0, 0);
	assert_float_equal(welch_p(x, 15, y, 15), 0.0083283, 1e-6);
	assert_float_equal(welch_p(x, 1, y, 15), 1, 0);
	assert_float_equal(welch_p(v, 4, v, 4), 1, 1e-9);
}

static void
the_path_is_what_the_run_waited_for(void **state)
{
	/* 0 makes 1 and 2 side by side, then 3; 1 makes 4 */
	struct past_call c[] = {
		{ SIZE_MAX, 0, 100, false, 0 }, { 0, 0, 60, false, 0 },
		{ 0, 0, 30, false, 0 }, { 0, 62, 99, false, 0 },
		{ 1, 10, 50, false, 0 },
		{ SIZE_MAX, 0, 40, false, 0 }, /* asked for beside 0 */
		{ 0, 99, 99, false, 0 },       /* up to date */
	};

	(void)state; /* P-1101 */
	critical_mark(c, 7);
	assert_true(c[0].critical && c[1].critical && c[3].critical);
	assert_true(c[4].critical);
	assert_false(c[2].critical || c[5].critical || c[6].critical);
	assert_int_equal(c[0].alone_ns, 3);
	assert_int_equal(c[1].alone_ns, 20);
	assert_int_equal(c[3].alone_ns, 37);
	critical_mark(NULL, 0);
}

int
test_stats_series(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stable_noise_is_neither_slow_nor_a_regression),
		cmocka_unit_test(one_slow_day_is_slow_and_no_regression),
		cmocka_unit_test(
		    a_step_of_15_percent_is_a_regression_from_its_first_run),
		cmocka_unit_test(a_change_that_went_away_is_not_the_last),
		cmocka_unit_test(only_the_last_fifty_count),
		cmocka_unit_test(slow_needs_all_of_its_bounds),
		cmocka_unit_test(the_figures_are_those_of_the_books),
		cmocka_unit_test(the_path_is_what_the_run_waited_for),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
