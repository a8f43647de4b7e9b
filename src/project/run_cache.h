/* SPDX-License-Identifier: MIT */
/*
 * The cache of outputs (P-1001) between a run, its fingerprints and the store.
 * May include: base/ to vcs/.
 */
#ifndef PROJECT_RUN_CACHE_H
#define PROJECT_RUN_CACHE_H

#include "project/project.h"
#include "run/run.h"
#include "store/cache.h"

struct run_cache;
/* NULL: nothing is kept (off, compat, or a run that leaves nothing). */
struct run_cache *run_cache_new(struct project *p, struct fp *fp);
void run_cache_free(struct run_cache *k);
/* Its remote cache is asked as well, from this loop; `expected` is that of
 * run_config. */
void run_cache_use_remote(struct run_cache *k, struct loop *l,
    double (*expected)(void *ctx, const char *task_name), void *ctx);
/* What the calls will need is asked for from now on, while others run
 * ([features] prefetch). */
void run_cache_look_ahead(
    struct run_cache *k, struct loop *l, const struct call *calls, size_t n);
/* Calls that found what was asked for like that.  NULL is fine. */
size_t run_cache_taken_up(const struct run_cache *k);
/* As in run_config. */
enum cached_answer run_cache_get(struct run_cache *k, struct arena *a, struct run_call *call,
    struct fp_state *s, struct cached_call *c);
void run_cache_drop(struct run_cache *k, struct cached_call *c);
void run_cache_put(struct run_cache *k, struct arena *a, struct run_call *call,
    struct cached_call *c);
/* What would become of a task that is to run, for people: "its outputs are in
 * the cache", "not in the cache: source changed: a.c"; NULL: it has none. */
const char *run_cache_explain(struct run_cache *k, struct arena *a,
    const struct ctask *t, const struct fp_state *s);
/* `--cache warm`: brings what a run of these calls would need from the remote
 * cache into the store, as far as it can be known before the run, and says what
 * became of each.  Nothing else is changed; `sh:` variables are run. */
struct warm_sums {
	size_t here, brought, missing, keyless;
	bool has_failed; /* the remote was given up, which its end tells */
};
bool run_cache_warm(struct run_cache *k, struct loop *l,
    const struct call *calls, size_t n, struct warm_sums *sums, struct err *e);
/* The store itself, for --cache; with `fp`, files that it remembers are not
 * read again. */
struct cache *run_cache_store(struct project *p, struct fp *fp);

#endif
