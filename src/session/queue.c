/* SPDX-License-Identifier: MIT */
#include "session/queue.h"

#include <string.h>

struct queue {
	struct arena *a;
	struct queue_options o;
	VEC(struct queue_test *) tests;
	int64_t spent_ns; /* of tries that are over */
	bool is_cancelled;
};

bool
queue_order_parse(const char *word, enum queue_order *out)
{
	static const char *const words[] = { "fifo", "shortest", "longest" };

	for (int i = 0; i < 3; i++)
		if (strcmp(word, words[i]) == 0) {
			*out = (enum queue_order)i;
			return true;
		}
	return false;
}

struct queue *
queue_new(struct arena *a, const struct queue_options *o)
{
	struct queue *q = arena_new_of(a, struct queue);

	q->a = a;
	q->o = *o;
	return q;
}

bool
queue_add(struct queue *q, const struct queue_test *t, struct err *e)
{
	struct queue_test *own;

	if (queue_count(q).pending >= q->o.max_waiting)
		return err_set(e, ERR_GENERIC,
		    "prun: the queue is full: %d tests wait, so %s is refused "
		    "(max_queue in [worktrees] of prun.ini)",
		    q->o.max_waiting, t->name);
	own = arena_new_of(q->a, struct queue_test);
	*own = *t;
	own->number = (int)q->tests.n + 1;
	own->state = SESSION_PENDING;
	own->attempt = 0;
	own->reason = "";
	vec_push(q->a, &q->tests, own);
	return true;
}

struct queue_test *
queue_at(struct queue *q, int i)
{
	return q->tests.v[i];
}

/* ---- what can begin ---- */

static bool
is_held(const struct queue *q, const char *mutex)
{
	for (size_t i = 0; i < q->tests.n; i++) {
		const struct queue_test *t = q->tests.v[i];

		if (t->state != SESSION_RUNNING)
			continue;
		for (size_t k = 0; k < t->mutexes.n; k++)
			if (strcmp(t->mutexes.v[k], mutex) == 0)
				return true;
	}
	return false;
}

/* May it run beside what runs? */
static bool
is_kept_out(const struct queue *q, const struct queue_test *t)
{
	for (size_t i = 0; i < q->tests.n; i++)
		if (q->tests.v[i]->state == SESSION_RUNNING &&
		    (t->is_alone || q->tests.v[i]->is_alone))
			return true;
	for (size_t i = 0; i < t->mutexes.n; i++)
		if (is_held(q, t->mutexes.v[i]))
			return true;
	return false;
}

/* The first one that it needs and that has not passed; NULL: none. */
static const struct queue_test *
missing_need(const struct queue *q, const struct queue_test *t)
{
	for (size_t i = 0; i < t->needs.n; i++) {
		const struct queue_test *n =
		    q->tests.v[(size_t)t->needs.v[i] - 1];

		if (n->state != SESSION_COMPLETED)
			return n;
	}
	return NULL;
}

static void
skip(struct queue_test *t, const char *reason)
{
	t->state = SESSION_SKIPPED;
	t->reason = reason;
}

static bool
has_no_hope(const struct queue_test *t)
{
	return t->state == SESSION_FAILED || t->state == SESSION_SKIPPED ||
	       t->state == SESSION_CANCELLED;
}

/* Until nothing more follows from what has failed. */
static void
skip_hopeless(struct queue *q)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < q->tests.n; i++) {
			struct queue_test *t = q->tests.v[i];
			const struct queue_test *n;

			if (t->state != SESSION_PENDING)
				continue;
			n = missing_need(q, t);
			if (n == NULL || !has_no_hope(n))
				continue;
			skip(t, arena_printf(q->a, "it needs %s", n->name));
			again = true;
		}
	}
}

/* Expected of what runs, for the budget. */
static int64_t
underway_ns(const struct queue *q)
{
	int64_t sum = q->spent_ns;

	for (size_t i = 0; i < q->tests.n; i++)
		if (q->tests.v[i]->state == SESSION_RUNNING)
			sum += q->tests.v[i]->expected_ns;
	return sum;
}

static bool
is_too_dear(const struct queue *q, const struct queue_test *t)
{
	return q->o.budget_ns > 0 &&
	       underway_ns(q) + t->expected_ns > q->o.budget_ns;
}

/* < 0: a goes first. */
static int
compare_tests(enum queue_order order, const struct queue_test *a,
    const struct queue_test *b)
{
	int64_t x = a->expected_ns, y = b->expected_ns;

	if (a->priority != b->priority)
		return a->priority > b->priority ? -1 : 1;
	if (order == QUEUE_FIFO || x == y)
		return a->number - b->number;
	if (x == 0 || y == 0) /* shortest: the known one; longest: the other */
		return (x == 0) == (order == QUEUE_LONGEST) ? -1 : 1;
	return (x < y) == (order == QUEUE_SHORTEST) ? -1 : 1;
}

static struct queue_test *
best_of(struct queue *q)
{
	struct queue_test *best = NULL;

	for (size_t i = 0; i < q->tests.n; i++) {
		struct queue_test *t = q->tests.v[i];

		if (t->state == SESSION_PENDING && !is_kept_out(q, t) &&
		    missing_need(q, t) == NULL &&
		    (best == NULL || compare_tests(q->o.order, t, best) < 0))
			best = t;
	}
	return best;
}

/* Nothing runs and nothing can begin: what is left waits for itself. */
static void
skip_circle(struct queue *q)
{
	if (queue_count(q).running > 0)
		return;
	for (size_t i = 0; i < q->tests.n; i++)
		if (q->tests.v[i]->state == SESSION_PENDING)
			skip(q->tests.v[i],
			    "the tests that it needs need each other");
}

struct queue_test *
queue_take(struct queue *q)
{
	struct queue_test *t;

	skip_hopeless(q);
	while ((t = best_of(q)) != NULL && is_too_dear(q, t)) {
		skip(t, "over the budget");
		skip_hopeless(q);
	}
	if (t == NULL) {
		skip_circle(q);
		return NULL;
	}
	t->state = SESSION_RUNNING;
	t->attempt++;
	return t;
}

/* ---- what has ended ---- */

enum session_state
queue_done(struct queue *q, struct queue_test *t, bool passed, bool may_retry,
    int64_t took_ns)
{
	q->spent_ns += took_ns;
	if (passed)
		t->state = SESSION_COMPLETED;
	else if (q->is_cancelled)
		t->state = SESSION_CANCELLED;
	else if (may_retry && t->attempt <= q->o.retries)
		t->state = SESSION_PENDING;
	else
		t->state = SESSION_FAILED;
	skip_hopeless(q);
	return t->state;
}

void
queue_again_alone(struct queue *q, struct queue_test *t, int64_t took_ns)
{
	q->spent_ns += took_ns;
	t->is_alone = true;
	t->state = q->is_cancelled ? SESSION_CANCELLED : SESSION_PENDING;
}

void
queue_cancel(struct queue *q)
{
	q->is_cancelled = true;
	for (size_t i = 0; i < q->tests.n; i++)
		if (q->tests.v[i]->state == SESSION_PENDING)
			q->tests.v[i]->state = SESSION_CANCELLED;
}

struct queue_counts
queue_count(const struct queue *q)
{
	struct queue_counts n = { .total = (int)q->tests.n };

	for (size_t i = 0; i < q->tests.n; i++)
		switch (q->tests.v[i]->state) {
		case SESSION_PENDING:
			n.pending++;
			break;
		case SESSION_RUNNING:
			n.running++;
			break;
		case SESSION_COMPLETED:
			n.completed++;
			break;
		case SESSION_FAILED:
			n.failed++;
			break;
		case SESSION_SKIPPED:
			n.skipped++;
			break;
		case SESSION_CANCELLED:
		case SESSION_INTERRUPTED:
			n.cancelled++;
			break;
		}
	return n;
}

bool
queue_is_over(const struct queue *q)
{
	struct queue_counts n = queue_count(q);

	return n.pending == 0 && n.running == 0;
}

/* ---- workers ---- */

enum {
	MEMORY_SHARE = 10, /* percent that stay free */
};

static bool
is_overloaded(const struct machine *m)
{
	return m->pressure > 0.5 || m->load_per_core > 1.5 ||
	       m->mem_pressure > 0.2 ||
	       (m->mem_available >= 0 && m->mem_total > 0 &&
		   m->mem_available < m->mem_total / 100 * MEMORY_SHARE);
}

static bool
machine_has_room(const struct machine *m)
{
	return !is_overloaded(m) && m->load_per_core <= 1.0 &&
	       m->pressure <= 0.25;
}

int
queue_workers(
    const struct queue_counts *n, int now, int most, const struct machine *m)
{
	int work = n->pending + n->running;
	int out = is_overloaded(m)      ? now - 1
		  : machine_has_room(m) ? now + 1
					: now;

	if (out > most)
		out = most;
	if (out > work)
		out = work;
	return out < 1 ? 1 : out;
}
