/* SPDX-License-Identifier: MIT */
/*
 * What one call holds and others wait for: executions that are shared (once.c)
 * and locks (mutex.c).  A wait that would end in waiting for oneself is found
 * before it begins (L-186).
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

/* ---- would it wait for itself? ---- */

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

/* Everything that cannot settle before lc does: its callers, who waits for what
 * these hold, and so on.  lc must not wait for one of them. */
bool
hold_would_deadlock(const struct hold *h, struct live_call *lc)
{
	struct run *r = lc->r;
	live_call_vec todo = { 0 };

	r->epoch++;
	mark_up(r, &todo, lc);
	for (size_t i = 0; i < todo.n; i++)
		for (struct hold *o = todo.v[i]->held; o; o = o->next_held)
			for (struct live_call *w = o->first; w;
			     w = w->wait_next)
				mark_up(r, &todo, w);
	vec_free(&todo);
	return h->holder != NULL && h->holder->seen == r->epoch;
}

/* ---- settling ---- */

void
holds_settle(
    struct live_call *lc, enum outcome outcome, const struct err *inner)
{
	struct hold *h, *next;

	for (h = lc->held; h != NULL; h = next) {
		next = h->next_held;
		h->next_held = NULL;
		if (h->is_mutex)
			mutex_pass_on(lc->r, (struct mutex *)h);
		else
			once_settle((struct once *)h, outcome, inner);
	}
	lc->held = NULL;
}
