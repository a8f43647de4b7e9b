/* SPDX-License-Identifier: MIT */
/*
 * What the files of the cache of a run share.  For run_cache*.c alone.
 * May include: base/ to remote/.
 */
#ifndef PROJECT_RUN_CACHE_INTERNAL_H
#define PROJECT_RUN_CACHE_INTERNAL_H

#include "fingerprint/cache_key.h"
#include "project/remote_cache.h"
#include "project/run_cache.h"
#include "store/cache_tree.h"

/* A call whose outputs are to be kept. */
struct wish {
	struct cache_key key;
	const struct fp_state *seen;
	const char *outputs; /* what it generates, as text */
	bool is_mixed; /* another call that generates the same was at work */
};

struct run_cache {
	struct project *p;
	struct fp *fp;
	struct cache *store;
	struct cache_tree tree;
	struct remote_cache *remote; /* NULL: there is none */
	double (*expected)(void *ctx, const char *task_name);
	void *ctx;           /* of that */
	const char *around;  /* NULL: not asked yet */
	struct prefetch *prefetch; /* NULL: nothing is asked for before its time */
	struct map *at_work; /* wish.outputs → struct wish * */
};

/* What decides for all tasks: the machine, shells, the programs that the
 * settings name.  Asked for once. */
const char *run_cache_around(struct run_cache *k);
/* The local cache's folder. */
const char *run_cache_dir(struct project *p);
/* The key, or why there is none. */
const char *run_cache_key(struct run_cache *k, struct arena *a,
    const struct ctask *t, const struct fp_state *s, struct cache_key *key);
void run_cache_parts(
    struct arena *a, const struct cache_key *key, struct cache_entry *out);
/* Only what the task may write is kept, and put back. */
bool run_cache_may_write(struct run_cache *k, struct arena *a,
    const struct ctask *t, const struct cache_entry *x, struct err *e);
/* A name as the cache may have it. */
const char *run_cache_name(
    const struct run_cache *k, struct arena *a, const struct ctask *t);
bool run_cache_wants(const struct run_cache *k, const struct ctask *t);
/* What differs from the task's last entry. */
const char *run_cache_differs(struct run_cache *k, struct arena *a,
    const struct ctask *t, const struct cache_key *key);
/* An entry that has come from elsewhere knows of its task what everybody may
 * know; here more is known. */
void run_cache_complete(struct run_cache *k, struct arena *a,
    const struct ctask *t, const struct cache_key *key);
/* ---- run_cache_walk.c ---- */

struct cache_walk_step {
	struct call call;
	int depth; /* that calls of it may have */
};
struct cache_walk {
	struct project *p;
	bool may_ask; /* the shell, for `sh:` variables */
	struct map *seen;
	VEC(struct cache_walk_step) steps; /* none: it is at its end */
};
void cache_walk_begin(struct cache_walk *w, struct project *p, bool may_ask,
    const struct call *calls, size_t n);
/* The next call that is new, compiled; *out is NULL where there is nothing to
 * it.  Not at the end. */
bool cache_walk_next(
    struct cache_walk *w, const struct ctask **out, struct err *e);

/* ---- run_cache_prefetch.c: what comes later, asked for now ---- */

struct prefetch;
/* NULL is fine in all of them. */
void prefetch_free(struct prefetch *h);
/* The run has come to a call, so all that calls are made of is known. */
void prefetch_begin(struct prefetch *h);
/* Has it brought the entry of that key? */
bool prefetch_has_brought(struct prefetch *h, const char *key);
/* The question for that key, if it was asked: still on its way, to whoever
 * needs it now (wake, arg; NULL: that would take longer than the work, or it is
 * answered, and *why says what there was).  false: it was not asked. */
bool prefetch_take(struct prefetch *h, const char *key, double expected_s,
    void (*wake)(void *arg), void *arg, struct remote_ask **q,
    const char **why);

/* ---- run_cache.c ---- */

void run_cache_tell_miss(struct run_cache *k, struct run_call *call,
    const char *what, const char *why, bool always);

#endif
