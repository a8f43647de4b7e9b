/* SPDX-License-Identifier: MIT */
/*
 * The remote cache of a run (P-1004): questions that are answered later, off the
 * loop, by prun-fetch, which brings what it finds into the local cache.  Nothing
 * that the remote does or leaves undone costs a run more than the time that the
 * settings give it, or anything else.
 * May include: base/ to remote/.
 */
#ifndef PROJECT_REMOTE_CACHE_H
#define PROJECT_REMOTE_CACHE_H

#include "exec/loop.h"
#include "project/project.h"

struct remote_cache;
/* NULL: there is none, or nothing may be asked of the network.  `dir` is the
 * local cache. */
struct remote_cache *remote_cache_new(
    struct project *p, struct loop *l, const char *dir);
/* Waits for uploads as long as the settings say, tells of what went wrong in
 * one line, and ends.  NULL is fine. */
void remote_cache_free(struct remote_cache *r);

/* Nobody waits for the answers: each may take ten minutes. */
void remote_cache_be_patient(struct remote_cache *r);
/* Has it answered a question as it should? */
bool remote_cache_is_proven(const struct remote_cache *r);
/* Was it given up, so that no more is asked? */
bool remote_cache_has_failed(const struct remote_cache *r);

struct remote_ask;
/* Asks for the entry of a key; `expected_s` is what the work is expected to take,
 * < 0: unknown.  wake(arg) is called once there is an answer.  NULL with *why
 * ("": there is nothing to say): it is not asked. */
struct remote_ask *remote_cache_ask(struct remote_cache *r, const char *key,
    double expected_s, void (*wake)(void *arg), void *arg, const char **why);
/* The same, while nobody waits for it: it costs the run no time. */
struct remote_ask *remote_cache_ask_ahead(struct remote_cache *r,
    const char *key, void (*wake)(void *arg), void *arg, const char **why);
/* From now on somebody waits for it, as if it had been asked just now.  false:
 * there would be no time to; it is dropped. */
bool remote_ask_adopt(struct remote_ask *q, double expected_s,
    void (*wake)(void *arg), void *arg);
enum remote_answer { REMOTE_WAITS, REMOTE_HIT, REMOTE_MISS };
/* *why of a miss says in words what there was. */
enum remote_answer remote_ask_answer(
    const struct remote_ask *q, const char **why);
/* The answer is not wanted any more; also of one that is answered. */
void remote_ask_drop(struct remote_ask *q);

/* An entry that has come into the local cache, for the remote; off the path of
 * the call. */
void remote_cache_offer(struct remote_cache *r, const char *key);

/* ---- cache_scope.c ---- */

struct cache_scope {
	const char *repository; /* "": it has no name outside */
	const char *ref;	/* "branch", "tag", "pull 17" */
	const char *taskfiles;	/* digest of all that were read */
};
void cache_scope_of(struct project *p, struct cache_scope *out);
/* The kind of ref that variables of CI systems tell of. */
const char *cache_scope_ref(
    struct arena *a, const char *(*get)(void *env, const char *name), void *env);
/* Of a git address what all forms of it have in common: host/path. */
const char *cache_scope_repository(struct arena *a, const char *address);

#endif
