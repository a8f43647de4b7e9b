/* SPDX-License-Identifier: MIT */
/* Outputs of a call that has passed, into the store (P-1001, P-1005). */
#include "project/run_cache_internal.h"

#include "base/mask.h"

void
run_cache_parts(
    struct arena *a, const struct cache_key *key, struct cache_entry *out)
{
	for (size_t i = 0; i < key->parts.n; i++) {
		const struct key_part *p = &key->parts.v[i];

		vec_push(a, &out->parts,
		    ((struct cache_part){ p->kind, p->name, p->high, p->low }));
	}
}

/* Secrets are masked as in logs, also where two writes have a part each. */
static void
mask_printed(struct run_cache *k, const struct printed *p, struct sb *bytes,
    struct cache_entry *out, struct arena *a)
{
	const struct secrets *secrets = k->p->in->secrets;
	size_t n = secrets_count(secrets);
	struct mask *masks[2] = { mask_new_empty(), mask_new_empty() };
	sv rest = p->bytes;

	for (int i = 0; i < 2; i++)
		mask_learn(masks[i], secrets_texts(secrets), n);
	for (size_t i = 0; i <= p->stretches.n + 1; i++) {
		bool at_end = i >= p->stretches.n;
		int stream = at_end ? (int)(i - p->stretches.n) + 1
				    : p->stretches.v[i].stream;
		size_t before = bytes->n;

		if (at_end) {
			mask_end(masks[stream - 1], bytes);
		} else {
			mask_add(masks[stream - 1],
			    sv_sub(rest, 0, p->stretches.v[i].n), bytes);
			rest = sv_sub(rest, p->stretches.v[i].n, SIZE_MAX);
		}
		if (bytes->n > before)
			vec_push(a, &out->stretches,
			    ((struct cache_stretch){
				stream, bytes->n - before }));
	}
	for (int i = 0; i < 2; i++)
		mask_free(masks[i]);
}

/* With the digests that fp_record() has just made of them. */
static void
add_own_digests(const cache_output_vec *v, struct cache_entry *x)
{
	for (size_t i = 0; i < x->files.n; i++) {
		if (x->files.v[i].link != NULL || v->v[i].is_strange)
			continue;
		x->files.v[i].own[0] = v->v[i].digest.high;
		x->files.v[i].own[1] = v->v[i].digest.low;
	}
}

static bool
take_outputs(struct run_cache *k, struct arena *a, const struct ctask *t,
    struct cache_entry *x, struct err *e)
{
	cache_output_vec all = { 0 };
	cache_paths paths = { 0 };
	const struct cache_output *o;

	fp_cache_outputs(k->fp, a, t, &all);
	vec_each(&all, o) {
		if (strcmp(secrets_masked(k->p->in->secrets, a, o->path),
			o->path) != 0)
			return err_set(e, ERR_GENERIC,
			    "a secret is in the name of an output");
		vec_push(a, &paths, o->path);
	}
	if (!cache_take(k->store, a, &k->tree, &paths, x, e))
		return false;
	add_own_digests(&all, x);
	return run_cache_may_write(k, a, t, x, e);
}

/* What decided may have changed while it ran, its programs too, and a source in
 * ways that its times do not show. */
static bool
is_still_so(struct run_cache *k, struct arena *a, const struct ctask *t,
    const struct wish *w, struct err *e)
{
	struct cache_key now;

	return run_cache_key(k, a, t, w->seen, &now) == NULL &&
		       strcmp(now.key, w->key.key) == 0
		   ? true
		   : err_set(e, ERR_GENERIC,
			 "what decides has changed while it ran");
}

static bool
keep_outputs(struct run_cache *k, struct arena *a, const struct run_call *call,
    const struct cached_call *c, struct cache_entry *x, struct err *e)
{
	const struct wish *w = c->wish;
	struct sb log cleanup_sb = SB_INIT;

	mask_printed(k, &c->printed, &log, x, a);
	run_cache_parts(a, &w->key, x);
	if (!take_outputs(k, a, call->ctask, x, e) ||
	    (log.n > 0 &&
		!cache_add_bytes(k->store, a, sb_sv(&log), &x->log, e)))
		return false;
	return is_still_so(k, a, call->ctask, w, e) &&
	       cache_add(k->store, w->key.key, x, e);
}

static bool
cache_keep(struct run_cache *k, struct arena *a, const struct run_call *call,
    const struct cached_call *c, struct err *e)
{
	struct cache_entry x = { .task = run_cache_name(k, a, call->ctask),
		.work_ns = call->job_ns,
		.log.digest = "" };
	const struct wish *w = c->wish;
	bool ok;

	if (w->is_mixed)
		return err_set(e, ERR_GENERIC,
		    "another call was at work on the same outputs");
	if (!fp_cache_complete(a, call->ctask, e) || !cache_begin(k->store, e))
		return false;
	ok = keep_outputs(k, a, call, c, &x, e);
	cache_end(k->store);
	return ok;
}

void
run_cache_put(struct run_cache *k, struct arena *a, struct run_call *call,
    struct cached_call *c)
{
	const struct wish *w = c->wish;
	struct err e cleanup_err = ERR_INIT;

	if (cache_keep(k, a, call, c, &e)) {
		if (k->remote != NULL)
			remote_cache_offer(k->remote, w->key.key);
	} else {
		run_cache_tell_miss(
		    k, call, "not cached", e.message, call->ctask->task->cache);
	}
	if (map_get(k->at_work, sv_of(w->outputs)) == w)
		map_del(k->at_work, sv_of(w->outputs));
}
