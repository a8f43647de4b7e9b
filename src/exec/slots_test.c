/* SPDX-License-Identifier: MIT */
#include "exec/slots.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "unit.h"

enum { MAX = 64 };

static struct slots *s;
static char granted_order[MAX + 1];
static size_t n_granted;

static void
note(void *arg)
{
	granted_order[n_granted++] = *(const char *)arg;
	granted_order[n_granted] = '\0';
}

static struct slot_request
request(const char *name)
{
	return (struct slot_request){ .pool = "", .n = 1, .granted = note,
		.arg = (void *)name };
}

static int
reset(void **state)
{
	(void)state;
	n_granted = 0;
	granted_order[0] = '\0';
	return 0;
}

/* P-203, P-301: priority, then the longest path, then the declared order. */
static void
order_is_priority_weight_declared(void **state)
{
	struct slot_request a = request("a"), b = request("b"),
	    c = request("c"), d = request("d"), e = request("e");

	(void)state;
	s = slots_new(1, true);
	slots_request(s, &a);
	b.order = 9, b.weight = 1;
	c.order = 8, c.weight = 1;
	d.weight = 2;
	e.priority = 1;
	slots_request(s, &b);
	slots_request(s, &c);
	slots_request(s, &d);
	slots_request(s, &e);
	assert_int_equal(slots_waiting(s), 4);
	slots_release(s, &a);
	slots_release(s, &e);
	slots_release(s, &d);
	slots_release(s, &c);
	slots_release(s, &b);
	assert_string_equal(granted_order, "aedcb");
	assert_int_equal(slots_held(s), 0);
	slots_free(s);
}

/* P-202 */
static void
pools_are_apart(void **state)
{
	struct slot_request a = request("a"), b = request("b"),
	    c = request("c"), d = request("d");

	(void)state;
	s = slots_new(1, true);
	slots_pool(s, "db", 1);
	b.pool = c.pool = "db";
	d.pool = "io";
	slots_request(s, &a);
	slots_request(s, &b);
	slots_request(s, &c);
	slots_request(s, &d);
	assert_string_equal(granted_order, "abd");
	slots_cancel(s, &c);
	assert_int_equal(slots_waiting(s), 0);
	assert_int_equal(slots_size(s, "io"), 10);
	assert_int_equal(slots_size(s, "unknown"), 1);
	slots_free(s);
}

/* P-202: several at once, never more than there are, never starved. */
static void
large_request_holds_back_those_behind(void **state)
{
	struct slot_request a = request("a"), b = request("b"),
	    big = request("B"), c = request("c");

	(void)state;
	s = slots_new(2, true);
	big.n = 7;
	slots_request(s, &a);
	slots_request(s, &b);
	slots_request(s, &big);
	slots_request(s, &c);
	slots_release(s, &a);
	assert_string_equal(granted_order, "ab");
	slots_release(s, &b);
	assert_string_equal(granted_order, "abB");
	assert_int_equal(slots_held(s), 2);
	slots_release(s, &big);
	assert_string_equal(granted_order, "abBc");
	slots_free(s);
}

static void
unlimited_never_waits(void **state)
{
	struct slot_request r[50];

	(void)state;
	s = slots_new(SLOTS_UNLIMITED, true);
	for (int i = 0; i < 50; i++) {
		r[i] = request("x");
		slots_request(s, &r[i]);
	}
	assert_int_equal(n_granted, 50);
	slots_free(s);
}

/* P-204: six servers that do nothing come up on four slots. */
static void
default_bound_grows_for_idle_servers(void **state)
{
	struct slot_request r[6];
	int64_t now = 5 * NS_PER_S;

	(void)state;
	s = slots_new(4, false);
	for (int i = 0; i < 6; i++) {
		r[i] = request("s");
		slots_request(s, &r[i]);
	}
	assert_int_equal(n_granted, 4);
	assert_int_equal(slots_tick(s, now, 0, false), 500 * NS_PER_MS);
	now += 400 * NS_PER_MS;
	slots_tick(s, now, 0, false);
	assert_int_equal(n_granted, 4);
	now += 100 * NS_PER_MS;
	assert_int_equal(slots_tick(s, now, 0, false), 100 * NS_PER_MS);
	assert_int_equal(n_granted, 5);
	now += 50 * NS_PER_MS;
	slots_tick(s, now, 0, false);
	assert_int_equal(n_granted, 5);
	now += 50 * NS_PER_MS;
	slots_tick(s, now, 0, false);
	assert_int_equal(n_granted, 6);
	slots_free(s);
}

/* Busy jobs keep the bound, but for one more every 10 s without an end. */
static void
default_bound_holds_for_busy_jobs(void **state)
{
	struct slot_request r[4];
	int64_t now = 0;

	(void)state;
	s = slots_new(2, false);
	for (int i = 0; i < 4; i++) {
		r[i] = request("b");
		slots_request(s, &r[i]);
	}
	for (; now < 10; now++) {
		slots_tick(s, now * NS_PER_S, 3 * NS_PER_S / 2, false);
		assert_int_equal(n_granted, 2);
	}
	slots_tick(s, now++ * NS_PER_S, 3 * NS_PER_S / 2, false);
	assert_int_equal(n_granted, 3);
	/* an end starts the count again; and the one too many is not replaced */
	slots_release(s, &r[0]);
	assert_int_equal(n_granted, 3);
	for (int i = 0; i < 10; i++, now++)
		slots_tick(s, now * NS_PER_S, 3 * NS_PER_S / 2, false);
	assert_int_equal(n_granted, 3);
	slots_release(s, &r[1]);
	assert_int_equal(n_granted, 4);
	slots_free(s);
}

static void
bound_of_the_user_never_grows(void **state)
{
	struct slot_request a = request("a"), b = request("b");

	(void)state;
	s = slots_new(1, true);
	slots_request(s, &a);
	slots_request(s, &b);
	for (int i = 0; i < 100; i++)
		slots_tick(s, i * NS_PER_S, 0, false);
	assert_int_equal(n_granted, 1);
	slots_free(s);
}

/* P-205 */
static void
closed_gate_lets_one_run(void **state)
{
	struct slot_request a = request("a"), b = request("b"),
	    c = request("c");

	(void)state;
	s = slots_new(4, true);
	slots_gate(s, false);
	c.pool = "io";
	slots_request(s, &a);
	slots_request(s, &b);
	slots_request(s, &c);
	assert_string_equal(granted_order, "a");
	slots_release(s, &a);
	assert_string_equal(granted_order, "ab");
	slots_release(s, &b);
	assert_string_equal(granted_order, "abc");
	slots_request(s, &a);
	slots_request(s, &b);
	slots_gate(s, true);
	assert_string_equal(granted_order, "abcab");
	slots_free(s);
}

/* Random requests, grants that release or ask again from within: no pool is
 * ever exceeded, everybody is granted once. */
struct player {
	struct slot_request r;
	int grants;
	bool quits; /* releases from inside granted() */
	struct player *then;
};
static struct player players[500];
static int in_use[3], bounds[3] = { 4, 10, 3 };

static int
pool_index(const char *name)
{
	return strcmp(name, "io") == 0 ? 1 : strcmp(name, "db") == 0 ? 2 : 0;
}

static void
played(void *arg)
{
	struct player *p = arg;
	int i = pool_index(p->r.pool);

	p->grants++;
	in_use[i] += p->r.taken;
	assert_true(in_use[i] <= bounds[i]);
	if (p->then != NULL)
		slots_request(s, &p->then->r);
	if (p->quits) {
		in_use[i] -= p->r.taken;
		slots_release(s, &p->r);
	}
}

/* Nobody has the number that another one has, nor one beyond the bound. */
static void
numbers_are_apart(void)
{
	const int sizes[] = { 4, 10, 3 };
	bool used[3][11] = { { false } };

	for (int i = 0; i < 500; i++) {
		const struct slot_request *r = &players[i].r;
		int pool = pool_index(r->pool);

		if (!r->held)
			continue;
		assert_in_range(r->number, 1, sizes[pool] - r->taken + 1);
		assert_false(used[pool][r->number]);
		used[pool][r->number] = true;
	}
}

static void
random_orders_exceed_and_starve_nobody(void **state)
{
	const char *pools[] = { "", "cpu", "io", "db" };
	int asked, left;

	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++) {
		srand(seed);
		s = slots_new(4, true);
		slots_pool(s, "db", 3);
		memset(in_use, 0, sizeof(in_use));
		memset(players, 0, sizeof(players));
		for (int i = 0; i < 500; i++)
			players[i] = (struct player){ .quits = rand() % 4 == 0,
				.then = i % 2 == 0 ? &players[i + 1] : NULL,
				.r = { .pool = pools[rand() % 4],
				.n = rand() % 6, .priority = rand() % 3,
				.weight = rand() % 5, .granted = played,
				.arg = &players[i] } };
		for (asked = 0; asked < 500; asked += 2)
			slots_request(s, &players[asked].r);
		do {
			left = 0;
			for (int i = 0; i < 500; i++) {
				struct player *p = &players[rand() % 500];

				if (!p->r.held)
					continue;
				left++;
				numbers_are_apart();
				in_use[pool_index(p->r.pool)] -= p->r.taken;
				slots_release(s, &p->r);
			}
			for (int i = 0; i < 500; i++)
				left += players[i].r.held;
		} while (left > 0);
		assert_int_equal(slots_waiting(s), 0);
		assert_int_equal(slots_held(s), 0);
		for (int i = 0; i < 500; i++)
			assert_int_equal(players[i].grants, 1);
		slots_free(s);
	}
}

/* ---- a run inside of another one (P-108) ---- */

static char asked[MAX + 1]; /* "1 2 -1": asked for, given back */

static void
up_ask(void *arg, uint32_t number, const struct slot_request *r)
{
	size_t n = strlen(asked);

	(void)arg;
	(void)r;
	snprintf(asked + n, sizeof(asked) - n, "%u ", (unsigned)number);
}

static void
up_back(void *arg, uint32_t number)
{
	size_t n = strlen(asked);

	(void)arg;
	snprintf(asked + n, sizeof(asked) - n, "-%u ", (unsigned)number);
}

static struct slots *
nested(int cpu)
{
	asked[0] = '\0';
	s = slots_new(cpu, true);
	slots_set_upstream(s,
	    &(struct slots_upstream){ up_ask, up_back, NULL });
	return s;
}

static void
nested_slots_are_asked_for_within_the_own_bound(void **state)
{
	struct slot_request a = request("a"), b = request("b"),
	    c = request("c");

	(void)state;
	nested(2);
	slots_request(s, &a);
	slots_request(s, &b);
	slots_request(s, &c);
	assert_string_equal(asked, "1 2 ");
	assert_string_equal(granted_order, "");
	slots_answer(s, 2);
	slots_answer(s, 7); /* nobody's */
	assert_string_equal(granted_order, "b");
	slots_release(s, &b);
	assert_string_equal(asked, "1 2 -2 3 ");
	slots_answer(s, 1);
	slots_answer(s, 3);
	assert_string_equal(granted_order, "bac");
	slots_release(s, &a);
	slots_release(s, &c);
	assert_string_equal(asked, "1 2 -2 3 -1 -3 ");
	assert_int_equal(slots_held(s), 0);
	slots_free(s);
}

static void
nested_request_that_is_cancelled_is_given_back(void **state)
{
	struct slot_request a = request("a"), b = request("b");

	(void)state;
	nested(1);
	slots_request(s, &a);
	slots_request(s, &b);
	slots_cancel(s, &a);
	assert_string_equal(asked, "1 -1 2 ");
	slots_answer(s, 1);
	assert_string_equal(granted_order, "");
	slots_answer(s, 2);
	assert_string_equal(granted_order, "b");
	slots_release(s, &b);
	slots_free(s);
}

/* The outer run dies: what waits for it goes on, within the own bound. */
static void
nested_slots_are_its_own_when_the_outer_run_is_gone(void **state)
{
	struct slot_request a = request("a"), b = request("b"),
	    c = request("c");

	(void)state;
	nested(2);
	slots_request(s, &a);
	slots_request(s, &b);
	slots_request(s, &c);
	slots_set_upstream(s, NULL);
	assert_string_equal(granted_order, "ab");
	slots_release(s, &a);
	assert_string_equal(granted_order, "abc");
	slots_release(s, &b);
	slots_release(s, &c);
	assert_string_equal(asked, "1 2 ");
	assert_int_equal(slots_held(s), 0);
	slots_free(s);
}

static void
slots_that_are_handed_over_stay_held(void **state)
{
	struct slot_request a = request("a"), b = request("b"),
	    c = request("c");

	(void)state;
	nested(1);
	slots_request(s, &a);
	slots_answer(s, 1);
	slots_request(s, &c);
	slots_transfer(s, &a, &b);
	slots_release(s, &a); /* nothing any more */
	assert_int_equal(slots_held(s), 1);
	assert_string_equal(asked, "1 ");
	slots_release(s, &b);
	assert_string_equal(asked, "1 -1 2 ");
	slots_answer(s, 2);
	assert_string_equal(granted_order, "ac");
	slots_release(s, &c);
	slots_free(s);
}

/* Bounds and numbers of any size, such as a message may have: neither wraps to
 * something below nothing. */
static void
numbers_of_any_size_stay_in_range(void **state)
{
	struct slot_request many[8] = { 0 }, one = request("z");

	(void)state;
	assert_int_equal(slots_bound(INT64_MIN), SLOTS_UNLIMITED);
	assert_int_equal(slots_bound(0), SLOTS_UNLIMITED);
	assert_int_equal(slots_bound(7), 7);
	assert_int_equal(slots_bound(INT64_C(2147483648)), SLOTS_MAX);
	assert_int_equal(slots_bound(INT64_MAX), SLOTS_MAX);
	s = slots_new(INT_MAX, true);
	slots_pool(s, "db", INT_MAX);
	slots_pool(s, "free", INT_MIN);
	assert_int_equal(slots_size(s, "db"), SLOTS_MAX);
	assert_int_equal(slots_size(s, "free"), SLOTS_UNLIMITED);
	for (int i = 0; i < 8; i++) {
		many[i] = request("a");
		many[i].n = i % 2 == 0 ? INT_MAX : INT_MIN;
		many[i].pool = i < 4 ? "free" : "db";
		slots_request(s, &many[i]);
		assert_true(slots_held(s) > 0);
		/* where there is no bound they only cost memory */
		assert_true(i >= 4 || many[i].taken <= 1024);
	}
	/* all of the unlimited pool, and of the other what fits */
	assert_string_equal(granted_order, "aaaaa");
	assert_int_equal(slots_waiting(s), 3);
	slots_request(s, &one);
	assert_string_equal(granted_order, "aaaaaz");
	for (int i = 0; i < 8; i++)
		slots_release(s, &many[i]);
	for (int i = 0; i < 8; i++)
		slots_cancel(s, &many[i]);
	for (int i = 0; i < 8; i++)
		slots_release(s, &many[i]);
	slots_release(s, &one);
	assert_int_equal(slots_held(s), 0);
	assert_int_equal(slots_waiting(s), 0);
	slots_free(s);
}

static void
slots_have_the_lowest_free_numbers(void **state)
{
	struct slot_request a = request("a"), b = request("b"),
			    c = request("c"), d = request("d"),
			    e = request("e"), io = request("i");

	(void)state;
	s = slots_new(4, true);
	b.n = 2;
	slots_request(s, &a);
	slots_request(s, &b);
	slots_request(s, &c);
	io.pool = "io";
	slots_request(s, &io);
	assert_int_equal(a.number, 1);
	assert_int_equal(b.number, 2);
	assert_int_equal(c.number, 4);
	assert_int_equal(io.number, 1);
	slots_release(s, &a);
	slots_release(s, &c);
	d.n = 2; /* 1 and 4 */
	slots_request(s, &d);
	assert_int_equal(d.number, 1);
	slots_release(s, &b);
	slots_transfer(s, &d, &e);
	assert_int_equal(e.number, 1);
	slots_request(s, &a);
	assert_int_equal(a.number, 2);
	slots_release(s, &e);
	slots_request(s, &c);
	assert_int_equal(c.number, 1);
	slots_request(s, &b); /* 3 and 4 */
	assert_int_equal(b.number, 3);
	slots_free(s);
}

int
test_exec_slots(void)
{
#define T(name) cmocka_unit_test_setup(name, reset)
	const struct CMUnitTest tests[] = {
		T(order_is_priority_weight_declared),
		T(pools_are_apart),
		T(large_request_holds_back_those_behind),
		T(unlimited_never_waits),
		T(default_bound_grows_for_idle_servers),
		T(default_bound_holds_for_busy_jobs),
		T(bound_of_the_user_never_grows),
		T(closed_gate_lets_one_run),
		T(random_orders_exceed_and_starve_nobody),
		T(nested_slots_are_asked_for_within_the_own_bound),
		T(nested_request_that_is_cancelled_is_given_back),
		T(nested_slots_are_its_own_when_the_outer_run_is_gone),
		T(slots_that_are_handed_over_stay_held),
		T(numbers_of_any_size_stay_in_range),
		T(slots_have_the_lowest_free_numbers),
	};

	return cmocka_run_group_tests_name("exec/slots", tests, NULL, NULL);
}
