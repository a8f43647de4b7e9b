/* SPDX-License-Identifier: MIT */
/*
 * What one call holds and others wait for: executions that are shared (once.c)
 * and locks (mutex.c).  A call that would wait for itself is found before it
 * begins (L-186).
 */
#include "run/internal.h"

void
hold_take(struct hold *h, struct live_call *lc)
{
	h->holder = lc;
	h->next_held = lc->held;
	lc->held = h;
}

void
hold_wait(struct hold *h, struct live_call *lc)
{
	lc->waits_for = h;
	lc->r->locks_look = true;
	lc->wait_next = NULL;
	if (h->last != NULL)
		h->last->wait_next = lc;
	else
		h->first = lc;
	h->last = lc;
}

void
hold_unwait(struct live_call *lc)
{
	struct hold *h = lc->waits_for;
	struct live_call *prev = NULL, *at = h->first;

	lc->waits_for = NULL;
	while (at != lc) {
		prev = at;
		at = at->wait_next;
	}
	if (prev != NULL)
		prev->wait_next = lc->wait_next;
	else
		h->first = lc->wait_next;
	if (h->last == lc)
		h->last = prev;
}

/* ---- who waits for a call ---- */

typedef VEC(struct live_call *) live_call_vec;

/* A call and all that wait for it to settle because they made it. */
static void
mark_up(struct run *r, live_call_vec *todo, struct live_call *lc)
{
	for (; lc != NULL && lc->seen != r->epoch; lc = lc->parent) {
		lc->seen = r->epoch;
		vec_push(NULL, todo, lc);
	}
}

static void
mark_waiters(struct run *r, live_call_vec *todo, const struct hold *h)
{
	for (struct live_call *w = h->first; w != NULL; w = w->wait_next)
		mark_up(r, todo, w);
}

bool
call_waits_for(const struct live_call *waiter, struct live_call *lc, bool locks)
{
	struct run *r = lc->r;
	live_call_vec todo = { 0 };

	if (waiter == NULL)
		return false;
	r->epoch++;
	mark_up(r, &todo, lc);
	for (size_t i = 0; i < todo.n && waiter->seen != r->epoch; i++) {
		struct live_call *at = todo.v[i];

		for (struct hold *o = at->held; o; o = o->next_held)
			if (locks || !o->is_mutex)
				mark_waiters(r, &todo, o);
		/* of a lock that nobody holds the innermost who keeps it
		 * keeps others out */
		for (struct keeping *k = at->keeps; k && locks; k = k->next)
			if (k->m->kept == k && k->m->hold.holder == NULL)
				mark_waiters(r, &todo, &k->m->hold);
	}
	vec_free(&todo);
	return waiter->seen == r->epoch;
}

/* ---- settling ---- */

void
holds_settle(
    struct live_call *lc, enum outcome outcome, const struct err *inner)
{
	struct hold *h, *next;

	keepings_end(lc);
	for (h = lc->held; h != NULL; h = next) {
		next = h->next_held;
		h->next_held = NULL;
		if (h->is_mutex) {
			h->holder = NULL;
			mutex_pass_on(lc->r, (struct mutex *)h);
		} else
			once_settle((struct once *)h, outcome, inner);
	}
	lc->held = NULL;
}
