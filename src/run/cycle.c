/* SPDX-License-Identifier: MIT */
/*
 * Calls that never end (L-185, D-9): a cycle in which nothing is conditional is
 * refused before anything runs; a call that has itself, with equal variables,
 * among its callers is refused at run time, unless an `if`, `status` or the
 * like on the way may end the recursion: then after a thousand of them.
 */
#include "run/internal.h"

/* ---- at run time ---- */

static void
table_grow(struct run *r)
{
	size_t size = r->keyed_size ? r->keyed_size * 2 : 64;
	struct live_call **table = xcalloc(size, sizeof(*table));

	for (size_t i = 0; i < r->keyed_size; i++)
		for (struct live_call *lc = r->keyed[i], *next; lc != NULL;
		     lc = next) {
			next = lc->key_next;
			lc->key_next = table[lc->key & (size - 1)];
			table[lc->key & (size - 1)] = lc;
		}
	free(r->keyed);
	r->keyed = table;
	r->keyed_size = size;
}

static void
table_add(struct live_call *lc)
{
	struct run *r = lc->r;
	struct live_call **slot;

	if (r->n_keyed++ >= r->keyed_size)
		table_grow(r);
	slot = &r->keyed[lc->key & (r->keyed_size - 1)];
	lc->key_next = *slot;
	*slot = lc;
	lc->is_keyed = true;
}

void
cycle_leave(struct live_call *lc)
{
	struct run *r = lc->r;
	struct live_call **at;

	if (!lc->is_keyed)
		return;
	at = &r->keyed[lc->key & (r->keyed_size - 1)];
	while (*at != lc)
		at = &(*at)->key_next;
	*at = lc->key_next;
	lc->is_keyed = false;
	r->n_keyed--;
}

static bool
is_running(const struct live_call *lc)
{
	const struct run *r = lc->r;
	const struct live_call *at =
	    r->keyed_size ? r->keyed[lc->key & (r->keyed_size - 1)] : NULL;

	while (at != NULL && at->key != lc->key)
		at = at->key_next;
	return at != NULL;
}

/* Has it itself as a caller, too often? */
static bool
calls_itself(const struct live_call *lc)
{
	bool conditional = lc->conditional;
	int depth = 0;

	if (!is_running(lc))
		return false;
	for (const struct live_call *up = lc->parent; up != NULL;
	     up = up->parent) {
		if (up->is_keyed && up->key == lc->key &&
		    (!conditional || ++depth >= SELF_DEPTH_MAX))
			return true;
		conditional = conditional || up->conditional;
	}
	return false;
}

bool
cycle_check(struct live_call *lc, struct err *e)
{
	struct run *r = lc->r;
	const char *name = lc->match.task->name;
	size_t *count;

	if (r->config.watch)
		return true;
	if (r->cancelled)
		return true;
	count = map_get(r->counts, sv_of(name));
	if (count == NULL) {
		count = arena_new_of(r->arena, size_t);
		map_put(r->counts, sv_of(name), count);
	}
	lc->key = call_key(&lc->match, lc->call.vars);
	if (calls_itself(lc)) {
		plan_limit_error(e, name, CALLS_MAX_TEXT);
		return false;
	}
	if (++*count >= PLAN_CALLS_MAX || r->n_keyed >= LIVE_MAX) {
		plan_limit_error(e, name,
		    r->n_keyed >= LIVE_MAX ? LIVE_MAX : PLAN_CALLS_MAX);
		/* what has so many has more: nothing further begins */
		err_copy(&r->limit, e);
		run_cancel(r);
		return false;
	}
	table_add(lc);
	return true;
}
