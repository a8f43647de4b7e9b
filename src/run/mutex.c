/* SPDX-License-Identifier: MIT */
/* The locks of a call: its `mutex` (P-112), of which other runs know as well,
 * and the work that its fingerprint stands for (D-4). */
#include "run/internal.h"

static struct mutex *
mutex_get(struct run *r, const char *key)
{
	struct mutex *m = map_get(r->mutexes, sv_of(key));

	if (m != NULL)
		return m;
	m = arena_new_of(r->arena, struct mutex);
	map_put(r->mutexes, sv_of(key), m);
	m->key = map_key(r->mutexes, sv_of(key));
	m->hold.is_mutex = true;
	return m;
}

void
mutex_pass_on(struct run *r, struct mutex *m)
{
	struct live_call *next = m->hold.first;

	m->hold.holder = NULL;
	if (next == NULL) {
		if (m->external && r->config.unlock != NULL)
			r->config.unlock(r->config.ctx, m->key);
		m->external = false;
		return;
	}
	/* What another run was kept out of stays ours for the next one. */
	hold_unwait(next);
	hold_take(&m->hold, next);
	live_call_wake(next);
}

enum {
	MUTEX_NAMED,
	MUTEX_FINGERPRINT,
	MUTEXES
};

/* NULL: this call needs no such lock. */
static const char *
mutex_key(struct live_call *lc, int which)
{
	const struct ctask *t = lc->ctask;

	if (which == MUTEX_NAMED)
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
is_held_above(const struct live_call *lc, const struct mutex *m)
{
	for (const struct live_call *up = lc; up != NULL; up = up->parent)
		if (m->hold.holder == up)
			return true;
	return false;
}

/* The part of a lock that other runs see; true when there is no need to wait.
 */
static bool
mutex_outside(struct live_call *lc, struct mutex *m)
{
	const struct run_config *c = &lc->r->config;
	int got;

	if (m->external || c->lock == NULL || lc->mutexes != MUTEX_NAMED)
		return true;
	got = c->lock(c->ctx, m->key);
	m->external = got > 0;
	if (got == 0 && lc->timer == NULL)
		live_call_wake_in(lc, POLL_MS * NS_PER_MS);
	return got != 0;
}

/* One lock: true when it is held or must not be waited for. */
static bool
mutex_take(struct live_call *lc, const char *key, bool is_named, struct err *e)
{
	struct mutex *m = mutex_get(lc->r, key);

	if (m->hold.holder == lc)
		return mutex_outside(lc, m);
	if (is_held_above(lc, m))
		return true;
	if (m->hold.holder == NULL) {
		hold_take(&m->hold, lc);
		return mutex_outside(lc, m);
	}
	if (lc->waits_for == &m->hold)
		return false;
	if (!hold_would_deadlock(&m->hold, lc)) {
		hold_wait(&m->hold, lc);
		return false;
	}
	/* where the wait would be for oneself, it runs (P-114) */
	return !is_named ||
	       err_set(e, ERR_CALL_LIMIT,
		   "task: mutex \"%s\" of task \"%s\" waits for itself",
		   lc->ctask->task->mutex, lc->record->name);
}

bool
mutexes_take(struct live_call *lc, struct err *e)
{
	while (lc->mutexes < MUTEXES) {
		const char *key = mutex_key(lc, lc->mutexes);

		if (key != NULL &&
		    !mutex_take(lc, key, lc->mutexes == MUTEX_NAMED, e))
			return false;
		lc->mutexes++;
	}
	return true;
}
