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
	struct map *at_work; /* wish.outputs → struct wish * */
	bool is_told;        /* that nothing can be added */
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
void run_cache_tell_miss(struct run_cache *k, struct run_call *call,
    const char *what, const char *why, bool always);

#endif
