/* SPDX-License-Identifier: MIT */
/* P-811: what tests cost, and how far a budget goes. */
#include "session/cost.h"

#include "base/clock.h"
#include "tree.h"

static void
rates_and_budgets_are_read(void **state)
{
	static const struct {
		const char *budget, *rate;
		int64_t ns; /* -1: an error */
	} cases[] = {
		{ "", "", 0 },
		{ "30m", "", 1800 * NS_PER_S },
		{ "90s", "1/min", 90 * NS_PER_S },
		{ "2.50", "0.5/min", 300 * NS_PER_S },
		{ "1", "1 EUR/h", 3600 * NS_PER_S },
		{ "1", "0.1/s", 10 * NS_PER_S },
		{ "2.50", "", -1 },
		{ "2.50", "0/min", -1 },
		{ "2.50", "1/fortnight", -1 },
		{ "much", "1/min", -1 },
		{ "-1", "1/min", -1 },
		{ "0", "1/min", -1 },
		{ "1e300", "1/min", INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e cleanup_err = ERR_INIT;
		int64_t ns;
		bool good =
		    cost_budget(cases[i].budget, cases[i].rate, &ns, &e);

		if (good != (cases[i].ns >= 0) || (good && ns != cases[i].ns))
			fail_msg("%s at %s: %lld", cases[i].budget,
			    cases[i].rate, (long long)ns);
		assert_true(good || err_is_set(&e));
	}
}

static void
amounts_are_shown_with_their_money(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct cost_rate r;

	(void)state;
	assert_true(cost_rate_parse(a, "6 EUR/min", &r));
	assert_string_equal(cost_text(a, &r, 60 * NS_PER_S), "6.00 EUR");
	assert_string_equal(cost_text(a, &r, NS_PER_S / 10), "0.0100 EUR");
	assert_string_equal(cost_text(a, &r, 0), "0.00 EUR");
	assert_true(cost_rate_parse(a, " 0.02 / min ", &r));
	assert_string_equal(cost_text(a, &r, 600 * NS_PER_S), "0.20");
	assert_false(cost_rate_parse(a, "", &r));
	assert_false(cost_rate_parse(a, "-1/min", &r));
	assert_false(cost_rate_parse(a, "x/min", &r));
}

int
test_session_cost(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_and_budgets_are_read),
		cmocka_unit_test(amounts_are_shown_with_their_money),
	};

	return cmocka_run_group_tests_name("session/cost", tests, NULL, NULL);
}
