/* SPDX-License-Identifier: MIT */
/* P-802, P-811: which test is next, and what a verdict means for others. */
#include "session/queue.h"

#include <stdio.h>

#include "tree.h"

/*
 * A queue as a text.  A test is a word `NAME[!PRIORITY][=EXPECTED][@MUTEX]
 * [<NAME]` (needs an earlier test); then steps: `+` what is taken, or `-` for
 * nothing; `NAME:ok`, `NAME:no` a try ended (`NAME:NO`: and no other follows),
 * `NAME:a` again, alone; `^` cancel.
 */
struct queue_row {
	const char *tests, *steps;
	const char *ends; /* the states of the tests: p r c f s x */
	enum queue_order order;
	int retries, max_waiting;
	int64_t budget_ns;
};

static const struct queue_row rows[] = {
	{ "a b c", "+a +b a:ok +c b:ok c:ok -", "ccc", .retries = 2 },
	{ "a b!1 c!2", "+c +b +a", "rrr", .retries = 0 },
	{ "a=3 b=1 c d=2", "+b +d +a +c", "rrrr", QUEUE_SHORTEST,
	    .retries = 0 },
	{ "a=3 b=1 c d=2", "+c +a +d +b", "rrrr", QUEUE_LONGEST, .retries = 0 },
	{ "a=3 b=1!1 c=9", "+b +c +a", "rrr", QUEUE_LONGEST, .retries = 0 },
	/* a failed try goes back to its place, twice, no more */
	{ "a b", "+a a:no +a a:no +a a:no +b -", "fr", .retries = 2 },
	{ "a", "+a a:no -", "f", .retries = 0 },
	{ "a", "+a a:NO -", "f", .retries = 2 },
	{ "a", "+a a:no +a a:ok -", "c", .retries = 2 },
	/* one holder at a time; others pass by */
	{ "a@m b@m c", "+a +c - a:no +a - a:ok +b", "crr", .retries = 1 },
	{ "a@m b@n", "+a +b", "rr", .retries = 0 },
	/* who needs another waits until that one has passed at last */
	{ "a b<a c", "+a +c - a:no +a - a:ok +b", "crr", .retries = 1 },
	{ "a b<a c<b d", "+a a:no +d d:ok -", "fssc", .retries = 0 },
	{ "a<b b<a c", "+c c:no -", "ssf", .retries = 0 },
	{ "a<a", "-", "s", .retries = 0 },
	/* who is to run alone waits for the others, and they for it */
	{ "a b c", "+a +b a:a +c b:ok - c:ok +a - a:ok -", "ccc",
	    .retries = 0 },
	{ "a b c", "+a +b a:a b:a +a - a:NO +b - b:ok +c", "fcr",
	    .retries = 2 },
	/* no test is begun again behind a cancel */
	{ "a b c", "+a +b ^ a:no b:ok -", "xcx", .retries = 2 },
	/* the sum of what is expected of all, and was used by those that ended
	 * (each try takes 10) */
	{ "a=10 b=10 c=10", "+a +b -", "rrs", .budget_ns = 25 },
	{ "a=10 b=10 c=4", "+a a:ok +b +c -", "crr", .budget_ns = 25 },
	{ "a=10 b=10 c=4", "+a a:no +a a:ok +c -", "csr", .retries = 1,
	    .budget_ns = 25 },
	{ "a=30 b<a c", "+c -", "ssr", .budget_ns = 25 },
};

static struct queue_test *
by_name(struct queue *q, const char *name, size_t n)
{
	for (int i = 0; i < queue_count(q).total; i++)
		if (strlen(queue_at(q, i)->name) == n &&
		    memcmp(queue_at(q, i)->name, name, n) == 0)
			return queue_at(q, i);
	fail_msg("no test %.*s", (int)n, name);
	return NULL;
}

static void
read_test(struct arena *a, sv word, struct queue_test *t)
{
	*t = (struct queue_test){ .name = arena_strndup(a, word.p, 1) };
	for (size_t i = 1; i + 1 < word.n; i++) {
		const char *rest = sv_cstr(a, sv_sub(word, i + 1, SIZE_MAX));

		if (word.p[i] == '!')
			t->priority = (int)strtol(rest, NULL, 10);
		if (word.p[i] == '=')
			t->expected_ns = strtol(rest, NULL, 10);
		if (word.p[i] == '@')
			vec_push(a, &t->mutexes, arena_strndup(a, rest, 1));
		if (word.p[i] == '<') /* tests have the letters in order */
			vec_push(a, &t->needs, rest[0] - 'a' + 1);
	}
}

static void
queue_step(struct queue *q, sv step)
{
	struct queue_test *t;

	if (step.p[0] == '+' || step.p[0] == '-') {
		t = queue_take(q);
		if (step.p[0] == '-' ? t != NULL
				     : t == NULL || t->name[0] != step.p[1])
			fail_msg("%.*s: got %s", SV_ARG(step),
			    t == NULL ? "nothing" : t->name);
	} else if (step.p[0] == '^') {
		queue_cancel(q);
	} else {
		t = by_name(q, step.p, 1);
		if (step.p[2] == 'a')
			queue_again_alone(q, t, 10);
		else
			queue_done(
			    q, t, step.p[2] == 'o', step.p[2] != 'N', 10);
	}
}

static void
tests_begin_in_order_and_verdicts_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *a cleanup_arena = arena_new();
		struct err e cleanup_err = ERR_INIT;
		const struct queue_row *r = &rows[i];
		struct queue_options o = { .max_waiting = 100,
			.retries = r->retries,
			.order = r->order,
			.budget_ns = r->budget_ns };
		struct queue *q = queue_new(a, &o);
		sv word, rest = sv_of(r->tests);
		char got[16] = "";

		while (rest.n > 0) {
			struct queue_test t;

			sv_cut(rest, ' ', &word, &rest);
			read_test(a, word, &t);
			assert_true(queue_add(q, &t, &e));
		}
		rest = sv_of(r->steps);
		while (rest.n > 0) {
			sv_cut(rest, ' ', &word, &rest);
			queue_step(q, word);
		}
		for (int k = 0; k < queue_count(q).total; k++)
			got[k] = "prcfxxs"[queue_at(q, k)->state];
		if (strcmp(got, r->ends) != 0)
			fail_msg("%s | %s: %s, not %s", r->tests, r->steps, got,
			    r->ends);
	}
}

static void
what_is_too_much_is_refused_by_name(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct queue_options o = { .max_waiting = 2 };
	struct queue *q = queue_new(a, &o);

	(void)state;
	assert_true(queue_add(q, &(struct queue_test){ .name = "a" }, &e));
	assert_true(queue_add(q, &(struct queue_test){ .name = "b" }, &e));
	assert_false(queue_add(q, &(struct queue_test){ .name = "cc" }, &e));
	assert_string_equal(e.message,
	    "prun: the queue is full: 2 tests wait, so cc is refused "
	    "(max_queue in [worktrees] of prun.ini)");
	assert_non_null(queue_take(q));
	err_clear(&e);
	assert_true(queue_add(q, &(struct queue_test){ .name = "cc" }, &e));
}

static void
skipped_ones_say_why(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct queue_options o = { .max_waiting = 9, .budget_ns = 5 };
	struct queue *q = queue_new(a, &o);
	struct queue_test b = { .name = "b" };

	(void)state;
	vec_push(a, &b.needs, 1);
	assert_true(queue_add(
	    q, &(struct queue_test){ .name = "a", .expected_ns = 9 }, &e));
	assert_true(queue_add(q, &b, &e));
	assert_null(queue_take(q));
	assert_string_equal(queue_at(q, 0)->reason, "over the budget");
	assert_string_equal(queue_at(q, 1)->reason, "it needs a");
	assert_true(queue_is_over(q));
}

static void
workers_follow_work_and_machine(void **state)
{
	static const struct {
		int pending, running, now, most, wanted;
		double load, pressure;
		int64_t free, total;
	} cases[] = {
		{ 9, 1, 1, 4, 2, 0.2, 0, 80, 100 },
		{ 9, 4, 4, 4, 4, 0.2, 0, 80, 100 },
		{ 1, 1, 2, 4, 2, 0.2, 0, 80, 100 },
		{ 0, 1, 3, 4, 1, 0.2, 0, 80, 100 },
		{ 9, 3, 3, 4, 3, 1.2, 0, 80, 100 },
		{ 9, 3, 3, 4, 2, 2.0, 0, 80, 100 },
		{ 9, 3, 3, 4, 2, 0.2, 0.9, 80, 100 },
		{ 9, 3, 3, 4, 2, 0.2, 0, 5, 100 },
		{ 9, 1, 1, 4, 1, 9.0, 0, 5, 100 },
		{ 9, 1, 1, 4, 2, -1, -1, -1, 0 }, /* nothing is known */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct queue_counts n = { .pending = cases[i].pending,
			.running = cases[i].running };
		struct machine m = MACHINE_INIT;

		m.load_per_core = cases[i].load;
		m.pressure = cases[i].pressure;
		m.mem_available = cases[i].free;
		m.mem_total = cases[i].total;
		if (queue_workers(&n, cases[i].now, cases[i].most, &m) !=
		    cases[i].wanted)
			fail_msg("case %zu", i);
	}
}

int
test_session_queue(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tests_begin_in_order_and_verdicts_count),
		cmocka_unit_test(what_is_too_much_is_refused_by_name),
		cmocka_unit_test(skipped_ones_say_why),
		cmocka_unit_test(workers_follow_work_and_machine),
	};

	return cmocka_run_group_tests_name("session/queue", tests, NULL, NULL);
}
