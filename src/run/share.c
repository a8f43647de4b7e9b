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
share_hold(struct share *s, struct node *n)
{
	s->holder = n;
	s->pub = n->pub;
	s->next_held = n->held;
	n->held = s;
}

void
share_wait(struct share *s, struct node *n)
{
	n->waits_for = s;
	n->wait_next = NULL;
	if (s->last != NULL)
		s->last->wait_next = n;
	else
		s->first = n;
	s->last = n;
}

void
share_unwait(struct node *n)
{
	struct share *s = n->waits_for;
	struct node *prev = NULL, *at = s->first;

	n->waits_for = NULL;
	while (at != n) {
		prev = at;
		at = at->wait_next;
	}
	if (prev != NULL)
		prev->wait_next = n->wait_next;
	else
		s->first = n->wait_next;
	if (s->last == n)
		s->last = prev;
}

/* ---- would it wait for itself? ---- */

typedef VEC(struct node *) node_vec;

/* A node and all that wait for it to settle because they called it. */
static void
mark_up(struct run *r, node_vec *todo, struct node *n)
{
	for (; n != NULL && n->seen != r->epoch; n = n->parent) {
		n->seen = r->epoch;
		vec_push(NULL, todo, n);
	}
}

/* Everything that cannot settle before n does: its callers, who waits for what
 * these hold, and so on.  n must not wait for one of them. */
bool
share_would_deadlock(const struct share *s, struct node *n)
{
	struct run *r = n->r;
	node_vec todo = { 0 };

	r->epoch++;
	mark_up(r, &todo, n);
	for (size_t i = 0; i < todo.n; i++)
		for (struct share *h = todo.v[i]->held; h; h = h->next_held)
			for (struct node *w = h->first; w; w = w->wait_next)
				mark_up(r, &todo, w);
	vec_free(&todo);
	return s->holder != NULL && s->holder->seen == r->epoch;
}

/* ---- settling ---- */

static void
lock_pass_on(struct run *r, struct share *s)
{
	struct node *next = s->first;

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
	node_wake(next);
}

static void
execution_settled(struct share *s, enum outcome outcome,
    const struct err *inner)
{
	struct node *w, *next;

	s->is_settled = true;
	s->holder = NULL;
	s->outcome = outcome;
	if (err_is_set(inner))
		err_copy(&s->err, inner);
	for (w = s->first; w != NULL; w = next) {
		next = w->wait_next;
		w->waits_for = NULL;
		node_wake(w);
	}
	s->first = s->last = NULL;
}

void
share_settle(struct node *n, enum outcome outcome, const struct err *inner)
{
	struct share *s, *next;

	for (s = n->held; s != NULL; s = next) {
		next = s->next_held;
		s->next_held = NULL;
		if (s->is_lock)
			lock_pass_on(n->r, s);
		else
			execution_settled(s, outcome, inner);
	}
	n->held = NULL;
}

/* ---- identity (L-188, C-213) ---- */

bool
share_key(struct node *n, const char **key, struct err *e)
{
	const struct ctask *t = n->ctask;
	const char *run = t->run;

	*key = NULL;
	if (run == NULL || *run == '\0')
		run = n->r->compiler->taskfile->run;
	if (run == NULL || *run == '\0' || sv_is(sv_of(run), "always"))
		return true;
	if (sv_is(sv_of(run), "once"))
		*key = t->once_key;
	else if (sv_is(sv_of(run), "when_changed"))
		*key = arena_printf(n->arena, "%s:%llu", t->once_key,
		    (unsigned long long)t->when_changed_key);
	else
		return err_set(e, ERR_TASK_FAILED, "task: invalid run \"%s\"",
		    run);
	if (t->task->watch)
		*key = NULL;
	return true;
}

/* ---- locks ---- */

enum { LOCK_MUTEX, LOCK_FINGERPRINT, LOCKS };

/* NULL: this call needs no such lock. */
static const char *
lock_key(struct node *n, int which)
{
	const struct ctask *t = n->ctask;

	if (which == LOCK_MUTEX)
		return t->task->mutex && *t->task->mutex ?
		    arena_printf(n->arena, "mutex:%s", t->task->mutex) :
		    NULL;
	/* D-4: a second call of the same work waits, then finds it done */
	if (n->forced || n->r->config.dry ||
	    (t->sources.n == 0 && t->status.n == 0))
		return NULL;
	return arena_printf(n->arena, "work:%s:%016llx", t->full_name,
	    (unsigned long long)t->when_changed_key);
}

static bool
is_held_by(const struct node *n, const struct share *s)
{
	for (const struct node *up = n; up != NULL; up = up->parent)
		if (s->holder == up)
			return true;
	return false;
}

static void
on_poll(void *arg)
{
	struct node *n = arg;

	n->timer = NULL;
	node_wake(n);
}

/* The part of a lock that other runs see; true when there is no need to wait. */
static bool
lock_outside(struct node *n, struct share *s)
{
	const struct run_config *c = &n->r->config;
	int got;

	if (s->external || c->lock == NULL || n->locks != LOCK_MUTEX)
		return true;
	got = c->lock(c->ctx, s->key);
	s->external = got > 0;
	if (got == 0 && n->timer == NULL)
		n->timer = run_timer_start(n->r, POLL_MS * NS_PER_MS, on_poll,
		    n);
	return got != 0;
}

/* One lock: true when it is held or must not be waited for. */
static bool
lock_one(struct node *n, const char *key, bool is_mutex, struct err *e)
{
	struct share *s = share_get(n->r, key);

	s->is_lock = true;
	if (s->holder == n)
		return lock_outside(n, s);
	if (is_held_by(n, s))
		return true;
	if (s->holder == NULL) {
		share_hold(s, n);
		return lock_outside(n, s);
	}
	if (n->waits_for == s)
		return false;
	if (!share_would_deadlock(s, n)) {
		share_wait(s, n);
		return false;
	}
	/* where the wait would be for oneself, it runs (P-114) */
	return !is_mutex ||
	    err_set(e, ERR_CALL_LIMIT,
		"task: mutex \"%s\" of task \"%s\" waits for itself",
		n->ctask->task->mutex, n->pub->name);
}

bool
lock_step(struct node *n, struct err *e)
{
	while (n->locks < LOCKS) {
		const char *key = lock_key(n, n->locks);

		if (key != NULL &&
		    !lock_one(n, key, n->locks == LOCK_MUTEX, e))
			return false;
		n->locks++;
	}
	return true;
}
