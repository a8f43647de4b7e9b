/* SPDX-License-Identifier: MIT */
/* The one execution of a task with `run: once` or `when_changed`, which all its
 * calls share (L-188, L-190). */
#include "run/internal.h"

struct once *
once_get(struct run *r, const char *key)
{
	struct once *o = map_get(r->onces, sv_of(key));

	if (o != NULL)
		return o;
	o = arena_new_of(r->arena, struct once);
	map_put(r->onces, sv_of(key), o);
	o->key = map_key(r->onces, sv_of(key));
	o->err = (struct err)ERR_INIT;
	return o;
}

void
once_begin(struct once *o, struct live_call *lc)
{
	o->record = lc->record;
	hold_take(&o->hold, lc);
}

bool
once_is_begun(const struct once *o)
{
	return o->hold.holder != NULL || o->is_settled;
}

void
once_settle(struct once *o, enum outcome outcome, const struct err *inner)
{
	struct live_call *w, *next;

	o->is_settled = true;
	o->hold.holder = NULL;
	o->outcome = outcome;
	if (err_is_set(inner))
		err_copy(&o->err, inner);
	for (w = o->hold.first; w != NULL; w = next) {
		next = w->wait_next;
		w->waits_for = NULL;
		live_call_wake(w);
	}
	o->hold.first = o->hold.last = NULL;
}

void
onces_free(struct run *r)
{
	const struct map_entry *e;

	map_each(r->onces, e) {
		struct once *o = e->value;

		err_clear(&o->err);
	}
}
