/* SPDX-License-Identifier: MIT */
/*
 * What calls wait for besides their children: the one execution of a `run: once`
 * task, and locks (mutex, the fingerprint of a task).  A wait that would end in
 * waiting for oneself is found before it begins (L-186).
 */
#include <stdio.h>

#include "run/internal.h"

struct share *
share_get(struct run *r, const char *key)
{
	struct share *s = map_get(r->shares, sv_of(key));

	if (s != NULL)
		return s;
	s = arena_new_of(r->arena, struct share);
	map_put(r->shares, sv_of(key), s);
	s->key = map_key(r->shares, sv_of(key));
	s->err = (struct err)ERR_INIT;
	return s;
}

void
share_hold(struct share *s, struct live_call *lc)
{
	s->holder = lc;
	s->record = lc->record;
	s->next_held = lc->held;
	lc->held = s;
}

void
share_wait(struct share *s, struct live_call *lc)
{
	lc->waits_for = s;
	lc->wait_next = NULL;
	if (s->last != NULL)
		s->last->wait_next = lc;
	else
		s->first = lc;
	s->last = lc;
}

void
share_unwait(struct live_call *lc)
{
	struct share *s = lc->waits_for;
	struct live_call *prev = NULL, *at = s->first;

	lc->waits_for = NULL;
	while (at != lc) {
		prev = at;
		at = at->wait_next;
	}
	if (prev != NULL)
		prev->wait_next = lc->wait_next;
	else
		s->first = lc->wait_next;
	if (s->last == lc)
		s->last = prev;
}

/* ---- would it wait for itself? ---- */

typedef VEC(struct live_call *) live_call_vec;

/* A node and all that wait for it to settle because they called it. */
static void
mark_up(struct run *r, live_call_vec *todo, struct live_call *lc)
{
	for (; lc != NULL && lc->seen != r->epoch; lc = lc->parent) {
		lc->seen = r->epoch;
		vec_push(NULL, todo, lc);
	}
}

/* Everything that cannot settle before n does: its callers, who waits for what
 * these hold, and so on.  n must not wait for one of them. */
bool
share_would_deadlock(const struct share *s, struct live_call *lc)
{
	struct run *r = lc->r;
	live_call_vec todo = { 0 };

	r->epoch++;
	mark_up(r, &todo, lc);
	for (size_t i = 0; i < todo.n; i++)
		for (struct share *h = todo.v[i]->held; h; h = h->next_held)
			for (struct live_call *w = h->first; w;
			     w = w->wait_next)
				mark_up(r, &todo, w);
	vec_free(&todo);
	return s->holder != NULL && s->holder->seen == r->epoch;
}

/* ---- settling ---- */

static void
lock_pass_on(struct run *r, struct share *s)
{
	struct live_call *next = s->first;

	s->holder = NULL;
	if (next == NULL) {
		if (s->external && r->config.unlock != NULL)
			r->config.unlock(r->config.ctx, s->key);
		s->external = false;
		return;
	}
	/* What another run was kept out of stays ours for the next one. */
	share_unwait(next);
	share_hold(s, next);
	live_call_wake(next);
}

static void
execution_settled(struct share *s, enum outcome outcome,
    const struct err *inner)
{
	struct live_call *w, *next;

	s->is_settled = true;
	s->holder = NULL;
	s->outcome = outcome;
	if (err_is_set(inner))
		err_copy(&s->err, inner);
	for (w = s->first; w != NULL; w = next) {
		next = w->wait_next;
		w->waits_for = NULL;
		live_call_wake(w);
	}
	s->first = s->last = NULL;
}

void
share_settle(
    struct live_call *lc, enum outcome outcome, const struct err *inner)
{
	struct share *s, *next;

	for (s = lc->held; s != NULL; s = next) {
		next = s->next_held;
		s->next_held = NULL;
		if (s->is_lock)
			lock_pass_on(lc->r, s);
		else
			execution_settled(s, outcome, inner);
	}
	lc->held = NULL;
}

/* ---- locks ---- */

enum { LOCK_MUTEX, LOCK_FINGERPRINT, LOCKS };

/* NULL: this call needs no such lock. */
static const char *
lock_key(struct live_call *lc, int which)
{
	const struct ctask *t = lc->ctask;

	if (which == LOCK_MUTEX)
		return t->task->mutex && *t->task->mutex
			   ? arena_printf(lc->arena, "mutex:%s", t->task->mutex)
			   : NULL;
	/* D-4: a second call of the same work waits, then finds it done */
	if (lc->forced || lc->r->config.dry ||
	    (t->sources.n == 0 && t->status.n == 0))
		return NULL;
	return arena_printf(lc->arena, "work:%s:%016llx", t->full_name,
	    (unsigned long long)t->when_changed_key);
}

static bool
is_held_by(const struct live_call *lc, const struct share *s)
{
	for (const struct live_call *up = lc; up != NULL; up = up->parent)
		if (s->holder == up)
			return true;
	return false;
}

static void
on_share_poll(void *arg)
{
	struct live_call *lc = arg;

	lc->timer = NULL;
	live_call_wake(lc);
}

/* The part of a lock that other runs see; true when there is no need to wait. */
static bool
lock_outside(struct live_call *lc, struct share *s)
{
	const struct run_config *c = &lc->r->config;
	int got;

	if (s->external || c->lock == NULL || lc->locks != LOCK_MUTEX)
		return true;
	got = c->lock(c->ctx, s->key);
	s->external = got > 0;
	if (got == 0 && lc->timer == NULL)
		lc->timer = run_timer_start(
		    lc->r, POLL_MS * NS_PER_MS, on_share_poll, lc);
	return got != 0;
}

/* One lock: true when it is held or must not be waited for. */
static bool
lock_one(struct live_call *lc, const char *key, bool is_mutex, struct err *e)
{
	struct share *s = share_get(lc->r, key);

	s->is_lock = true;
	if (s->holder == lc)
		return lock_outside(lc, s);
	if (is_held_by(lc, s))
		return true;
	if (s->holder == NULL) {
		share_hold(s, lc);
		return lock_outside(lc, s);
	}
	if (lc->waits_for == s)
		return false;
	if (!share_would_deadlock(s, lc)) {
		share_wait(s, lc);
		return false;
	}
	/* where the wait would be for oneself, it runs (P-114) */
	return !is_mutex ||
	       err_set(e, ERR_CALL_LIMIT,
		   "task: mutex \"%s\" of task \"%s\" waits for itself",
		   lc->ctask->task->mutex, lc->record->name);
}

bool
lock_step(struct live_call *lc, struct err *e)
{
	while (lc->locks < LOCKS) {
		const char *key = lock_key(lc, lc->locks);

		if (key != NULL &&
		    !lock_one(lc, key, lc->locks == LOCK_MUTEX, e))
			return false;
		lc->locks++;
	}
	return true;
}
