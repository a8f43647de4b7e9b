/* SPDX-License-Identifier: MIT */
#include "exec/steer.h"

#include "base/clock.h"
#include "exec/slots.h"
#include "unit.h"

/* One look every half second, of a machine of 8 cores. */
static int
look(struct steer *s, int bound, struct machine *m, double own_cores)
{
	steer_count(s, (int64_t)(own_cores * 0.5 * (double)NS_PER_S));
	return steer_bound(s, bound, bound, m, s->at_ns + NS_PER_S / 2);
}

/* P-1105: it moves one by one, between 1 and what may be used. */
static void
bound_follows_the_cores_that_others_leave(void **state)
{
	struct steer s = { .most = 6, .cores = 8 };
	struct machine m = MACHINE_INIT;
	int bound = 6;

	(void)state;
	assert_int_equal(look(&s, bound, &m, 0), 6);
	/* all 8 busy, 2 of them by its own jobs */
	m.cpu_busy = 1;
	for (int i = 5; i >= 2; i--)
		assert_int_equal(bound = look(&s, bound, &m, 2), i);
	assert_int_equal(bound = look(&s, bound, &m, 2), 2);
	/* all of them by others: one is left */
	for (int i = 0; i < 9; i++)
		bound = look(&s, bound, &m, 0);
	assert_int_equal(bound, 1);
	/* all of them by its own: no reason to give way */
	for (int i = 0; i < 9; i++)
		bound = look(&s, bound, &m, 8);
	assert_int_equal(bound, 6);
}

static void
bound_gives_way_to_memory_pressure(void **state)
{
	struct steer s = { .most = 4, .cores = 4 };
	struct machine m = MACHINE_INIT;
	int bound = look(&s, 4, &m, 0);

	(void)state;
	m.cpu_busy = 0;
	m.mem_pressure = 0.3;
	assert_true(steer_is_pressed(&m));
	for (int i = 3; i >= 1; i--)
		assert_int_equal(bound = look(&s, bound, &m, 0), i);
	assert_int_equal(bound = look(&s, bound, &m, 0), 1);
	/* it has eased, not gone: no more, and no less */
	m.mem_pressure = 0.05;
	assert_false(steer_is_pressed(&m));
	assert_int_equal(bound = look(&s, bound, &m, 0), 1);
	m.mem_pressure = 0;
	assert_int_equal(bound = look(&s, bound, &m, 0), 2);
	m.mem_pressure = 0.05;
	assert_int_equal(look(&s, bound, &m, 0), 2);
}

/* Where there are no ticks: the load, less what runs here. */
static void
bound_follows_the_load(void **state)
{
	struct steer s = { .most = 4, .cores = 4 };
	struct machine m = MACHINE_INIT;
	int bound = look(&s, 4, &m, 0);

	(void)state;
	m.load_per_core = 2;
	assert_int_equal(bound = look(&s, bound, &m, 0), 3);
	m.load_per_core = 0.5;
	assert_int_equal(look(&s, bound, &m, 0), 4);
	/* nothing is known: nothing keeps it */
	m.load_per_core = -1;
	assert_int_equal(look(&s, 2, &m, 0), 3);
}

static void
it_looks_every_half_second(void **state)
{
	struct steer s = { .most = 4, .cores = 4 };
	struct machine m = MACHINE_INIT;

	(void)state;
	assert_true(steer_is_due(&s, NS_PER_S));
	steer_bound(&s, 4, 0, &m, NS_PER_S);
	assert_false(steer_is_due(&s, NS_PER_S + NS_PER_S / 4));
	assert_true(steer_is_due(&s, NS_PER_S + NS_PER_S / 2));
}

/* ---- shares ---- */

enum {
	MANY = 40
};
static struct slots *slots;
static struct slot_request requests[MANY];
static int at_once;

static void
count_granted(void *arg)
{
	(void)arg;
	at_once++;
}

/* All ask for a slot before any is given, as at the start of a run. */
static void
ask_all(size_t n, int share, bool is_small)
{
	at_once = 0;
	slots_cork(slots, true);
	for (size_t i = 0; i < n; i++) {
		requests[i] = (struct slot_request){ .pool = "",
			.n = 1,
			.order = i,
			.share = share,
			.is_small = is_small,
			.granted = count_granted };
		slots_request(slots, &requests[i]);
	}
	slots_cork(slots, false);
}

/* P-1105: what waits for the network does not hold the others up; what uses
 * several cores leaves less for others. */
static void
calls_count_as_what_they_use_of_the_processor(void **state)
{
	struct slot_request busy = { .pool = "",
		.n = 1,
		.order = 99,
		.share = 1800,
		.granted = count_granted };

	(void)state;
	slots = slots_new(2, false);
	assert_true(slots_use_shares(slots));
	ask_all(10, 100, false);
	assert_int_equal(at_once, 10);
	assert_int_equal(slots_get_beyond(slots)->light, 8);
	slots_request(slots, &busy);
	assert_int_equal(at_once, 10);
	for (int i = 0; i < 8; i++)
		slots_release(slots, &requests[i]);
	assert_int_equal(at_once, 11);
	slots_free(slots);

	/* more than there is at all: alone */
	slots = slots_new(2, false);
	slots_use_shares(slots);
	ask_all(3, 7000, false);
	assert_int_equal(at_once, 1);
	slots_release(slots, &requests[0]);
	assert_int_equal(at_once, 2);
	slots_free(slots);
}

/* P-1106 */
static void
small_calls_start_together(void **state)
{
	(void)state;
	slots = slots_new(2, false);
	slots_use_shares(slots);
	ask_all(MANY, 250, true);
	assert_int_equal(at_once, 8);
	assert_int_equal(slots_get_beyond(slots)->batched, 6);
	/* each keeps its own number, and its own end */
	for (int i = 0; i < 8; i++)
		assert_int_equal(requests[i].number, i + 1);
	slots_release(slots, &requests[3]);
	assert_int_equal(at_once, 9);
	assert_int_equal(requests[8].number, 4);
	slots_free(slots);
}

/* A bound that somebody asked for holds for small calls as well. */
static void
shares_do_not_count_where_the_bound_was_asked_for(void **state)
{
	(void)state;
	slots = slots_new(2, true);
	ask_all(MANY, 250, true);
	assert_int_equal(at_once, 2);
	slots_free(slots);

	slots = slots_new(2, false);
	slots_pool(slots, "cpu", 3);
	assert_false(slots_use_shares(slots));
	ask_all(MANY, 250, true);
	assert_int_equal(at_once, 3);
	slots_free(slots);

	/* other pools are no processors, and several slots are several */
	slots = slots_new(2, false);
	slots_use_shares(slots);
	for (int i = 0; i < 2; i++) {
		requests[i] = (struct slot_request){ .pool = "",
			.n = 2,
			.share = 100,
			.granted = count_granted };
		at_once = 0;
		slots_request(slots, &requests[i]);
		assert_int_equal(at_once, i == 0);
	}
	slots_free(slots);
}

static void
bound_that_moves_lets_go_what_waits(void **state)
{
	(void)state;
	slots = slots_new(1, false);
	ask_all(4, 0, false);
	assert_int_equal(at_once, 1);
	assert_true(slots_are_full(slots, ""));
	assert_false(slots_are_full(slots, "io"));
	slots_move_bound(slots, 3);
	assert_int_equal(at_once, 3);
	slots_move_bound(slots, 1);
	slots_release(slots, &requests[0]);
	slots_release(slots, &requests[1]);
	assert_int_equal(at_once, 3);
	slots_release(slots, &requests[2]);
	assert_int_equal(at_once, 4);
	slots_free(slots);
}

int
test_exec_steer(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bound_follows_the_cores_that_others_leave),
		cmocka_unit_test(bound_gives_way_to_memory_pressure),
		cmocka_unit_test(bound_follows_the_load),
		cmocka_unit_test(it_looks_every_half_second),
		cmocka_unit_test(calls_count_as_what_they_use_of_the_processor),
		cmocka_unit_test(small_calls_start_together),
		cmocka_unit_test(
		    shares_do_not_count_where_the_bound_was_asked_for),
		cmocka_unit_test(bound_that_moves_lets_go_what_waits),
	};

	return cmocka_run_group_tests_name("exec/steer", tests, NULL, NULL);
}
