/* SPDX-License-Identifier: MIT */
/* The locks of a call: its `mutex` (P-112), of which other runs know as well,
 * and the work that its fingerprint stands for (D-4); internal.h says who is
 * kept out. */
#include "run/internal.h"

struct mutex *
mutex_get(struct run *r, const char *key)
{
	struct mutex *m = map_get(r->mutexes, sv_of(key));

	if (m != NULL)
		return m;
	m = arena_new_of(r->arena, struct mutex);
	map_put(r->mutexes, sv_of(key), m);
	m->key = map_key(r->mutexes, sv_of(key));
	m->hold.is_mutex = true;
	m->is_named = sv_starts(sv_of(key), SV("mutex:"));
	return m;
}

/* ---- who may have it ---- */

enum lock_state {
	LOCK_FREE,
	LOCK_OURS,
	LOCK_ENTERED, /* its holder has called us */
	LOCK_WAITS,
};

static enum lock_state
lock_state(struct live_call *lc, const struct lock_wish *wish)
{
	const struct mutex *m = wish->m;
	const struct live_call *keeper = m->kept ? m->kept->by : NULL;

	if (m->hold.holder == lc || (wish->to_keep && keeper == lc))
		return LOCK_OURS;
	if (m->hold.holder != NULL)
		return call_waits_for(m->hold.holder, lc, false) ? LOCK_ENTERED
								 : LOCK_WAITS;
	if (keeper == NULL || keeper == lc || call_waits_for(keeper, lc, true))
		return LOCK_FREE;
	return LOCK_WAITS;
}

static void
lock_give(struct live_call *lc, const struct lock_wish *wish)
{
	struct mutex *m = wish->m;
	struct keeping *k;

	if (!wish->to_keep) {
		hold_take(&m->hold, lc);
		return;
	}
	k = arena_new_of(lc->arena, struct keeping);
	*k = (struct keeping){ m, lc, m->kept, lc->keeps };
	m->kept = lc->keeps = k;
}

void
keepings_end(struct live_call *lc)
{
	for (struct keeping *k = lc->keeps; k != NULL; k = k->next) {
		struct keeping **at = &k->m->kept;

		while (*at != k)
			at = &(*at)->outer;
		*at = k->outer;
		mutex_pass_on(lc->r, k->m);
	}
	lc->keeps = NULL;
}

static const struct lock_wish *
next_wish(const struct live_call *lc)
{
	return &lc->locks.v[lc->next_lock];
}

/* The first that may have it has it before it even looks, so that nobody gets
 * in between.  What another run was kept out of stays ours for that one. */
void
mutex_pass_on(struct run *r, struct mutex *m)
{
	if (m->hold.holder != NULL)
		return;
	for (struct live_call *w = m->hold.first; w != NULL; w = w->wait_next)
		if (lock_state(w, next_wish(w)) == LOCK_FREE) {
			hold_unwait(w);
			lock_give(w, next_wish(w));
			live_call_wake(w);
			return;
		}
	if (m->hold.first != NULL)
		r->locks_look = true;
	if (m->hold.first != NULL || m->kept != NULL)
		return;
	if ((m->external || m->is_asked) && r->config.unlock != NULL)
		r->config.unlock(r->config.ctx, m->key);
	m->external = m->is_asked = false;
}

/* ---- taking ---- */

/* Where the wait would be for oneself, it runs (P-114); not without a mutex. */
static bool
lock_fail(
    const struct live_call *lc, const struct lock_wish *wish, struct err *e)
{
	const struct mutex *m = wish->m;

	return !m->is_named || wish->to_keep ||
	       err_set(e, ERR_CALL_LIMIT,
		   "task: mutex \"%s\" of task \"%s\" waits for itself",
		   m->key + strlen("mutex:"),
		   lc->record != NULL ? lc->record->name : "");
}

/* The part of a lock that other runs see; true when there is no need to wait.
 */
static bool
mutex_outside(struct live_call *lc, const struct lock_wish *wish, struct err *e)
{
	const struct run_config *c = &lc->r->config;
	struct mutex *m = wish->m;
	int got;

	if (m->external || c->lock == NULL || !m->is_named)
		return true;
	got = c->lock(c->ctx, m->key);
	m->external = got > 0;
	m->is_asked = got == 0;
	if (got == 0 && lc->timer == NULL)
		live_call_wake_in(lc, POLL_MS * NS_PER_MS);
	return got < -1 ? lock_fail(lc, wish, e) : got != 0;
}

bool
mutex_take(struct live_call *lc, const struct lock_wish *wish, struct err *e)
{
	struct mutex *m = wish->m;

	if (lc->waits_for == &m->hold)
		return false;
	if (lc->lock_refused) {
		lc->lock_refused = false;
		return lock_fail(lc, wish, e);
	}
	switch (lock_state(lc, wish)) {
	case LOCK_ENTERED:
		return true;
	case LOCK_WAITS:
		hold_wait(&m->hold, lc);
		return false;
	case LOCK_FREE:
		lock_give(lc, wish);
		break;
	case LOCK_OURS:
		break;
	}
	return mutex_outside(lc, wish, e);
}

void
run_lock_answered(struct run *r, const char *key)
{
	struct mutex *m = map_get(r->mutexes, sv_of(key));

	if (m == NULL)
		return;
	if (m->hold.holder != NULL)
		live_call_wake(m->hold.holder);
	if (m->kept != NULL)
		live_call_wake(m->kept->by);
}

/* ---- a call's ---- */

static void
wish_named(struct live_call *lc)
{
	struct run *r = lc->r;
	const char *own = lc->ctask->task->rare->mutex;
	string_vec names = { 0 };
	const char *const *name;

	if (r->has_locks)
		ctask_mutexes(lc->arena, r->compiler, lc->ctask, &names);
	else
		vec_push(lc->arena, &names, own);
	vec_each(&names, name) {
		const char *key = arena_printf(lc->arena, "mutex:%s", *name);
		struct lock_wish wish = { mutex_get(r, key),
			strcmp(*name, own) != 0 };

		vec_push(lc->arena, &lc->locks, wish);
	}
}

/* D-4: a second call of the same work waits, then finds it done. */
static void
wish_work(struct live_call *lc)
{
	const struct ctask *t = lc->ctask;
	struct lock_wish wish = { 0 };
	char digest[17];

	if (lc->forced || lc->r->config.dry ||
	    (t->sources.n == 0 && t->status.n == 0))
		return;
	hex16(digest, t->when_changed_key);
	wish.m = mutex_get(lc->r,
	    arena_concat(lc->arena, "work:", t->full_name, ":", digest, NULL));
	vec_push(lc->arena, &lc->locks, wish);
}

bool
mutexes_take(struct live_call *lc, struct err *e)
{
	if (lc->locks.n == 0) {
		if (*lc->ctask->task->rare->mutex != '\0')
			wish_named(lc);
		wish_work(lc);
	}
	while (lc->next_lock < lc->locks.n) {
		if (!mutex_take(lc, next_wish(lc), e))
			return false;
		lc->next_lock++;
	}
	return true;
}

/* ---- when nobody can go on ---- */

/* Who waits for a lock may have it since somebody waits for him. */
static void
look_who_may(struct mutex *m)
{
	struct live_call *next;

	for (struct live_call *w = m->hold.first; w != NULL; w = next) {
		enum lock_state now = lock_state(w, next_wish(w));

		next = w->wait_next;
		if (now == LOCK_WAITS)
			continue;
		hold_unwait(w);
		if (now == LOCK_FREE)
			lock_give(w, next_wish(w));
		live_call_wake(w);
	}
}

static void
look_who_never_will(struct mutex *m)
{
	struct live_call *next;

	for (struct live_call *w = m->hold.first; w != NULL; w = next) {
		next = w->wait_next;
		if (!call_waits_for(m->hold.holder, w, true))
			continue;
		hold_unwait(w);
		w->lock_refused = true;
		live_call_wake(w);
	}
}

void
mutexes_look(struct run *r)
{
	const struct map_entry *e;

	if (!r->locks_look)
		return;
	r->locks_look = false;
	map_each(r->mutexes, e)
		look_who_may(e->value);
	/* what needs no lock gives way first */
	for (int named = 0; named < 2; named++)
		map_each(r->mutexes, e) {
			struct mutex *m = e->value;

			if (m->is_named == (named == 1))
				look_who_never_will(m);
		}
}
