/* SPDX-License-Identifier: MIT */
/*
 * Whose a changed file is, where several runs that commit are at work in one
 * repository, or a user (P-605): what the called tasks declare, and what
 * another run may have changed.
 * May include: base/ to vcs/.
 */
#ifndef PROJECT_COMMIT_SHARE_H
#define PROJECT_COMMIT_SHARE_H

#include "project/project.h"
#include "run/run.h"
#include "vcs/commit.h"

/* ---- declared.c ---- */

/* What called tasks declare, noted while the run goes on: a call's own record of
 * it is gone before the end. */
struct declared_call {
	const char *dir; /* absolute */
	glob_vec generates;
};
struct declared_calls {
	struct arena *a;
	VEC(struct declared_call) v;
};
struct sink declared_sink(struct declared_calls *d);
/* Writes it into the folders of the runs around this one ("-": that one has
 * none), whose commit may have the files.  What has a secret in it is kept to
 * this run. */
void declared_report(const struct declared_calls *d, const string_vec *folders,
    struct secrets *secrets);
/* Adds what runs inside of this one have written there, and removes it. */
void declared_take(struct declared_calls *d, const char *folder);

/* The files that `generates` of called tasks name. */
struct declared {
	struct arena *a;
	const char *top;   /* of the repository */
	struct map *files; /* absolute path → any: those that are there */
	glob_vec patterns; /* from the top: for those that are not */
};
/* All is lent. */
void declared_read(struct arena *a, const char *top,
    const struct declared_calls *calls, struct declared *d);
/* `path` is from the top. */
bool declared_has(const struct declared *d, const char *path);

/* ---- commit_peers.c ---- */

/* A run that lives and may yet commit in the same work tree. */
struct commit_peer {
	const char *id;
	struct map *dirty; /* path → any: changed before it began */
};
typedef VEC(struct commit_peer) commit_peer_vec;

/* Says in the folder of this run that it may commit; for the others, as long as
 * it holds the folder's lock.  Where it cannot be said, others do not know. */
void commit_peers_join(
    struct arena *a, const char *folder, const struct commit_before *before);
void commit_peers_leave(struct arena *a, const char *folder);
/* Waits until no other run makes its commit in this repository; the descriptor
 * to close behind, -1: there is no state folder. */
int commit_peers_lock(struct arena *a, const struct state *s,
    void (*say)(void *ctx, const char *text), void *ctx);
/* The others, but `own`. */
void commit_peers_find(struct arena *a, const struct state *s, const char *top,
    const char *own, commit_peer_vec *out);

/* Whose the changes are. */
struct ownership {
	struct project *p;
	struct declared declared;
	commit_peer_vec peers;
	bool refuses_undeclared;
};
/* All is lent; `run_id` is that of this run. */
void ownership_read(struct project *p, const char *top, const char *run_id,
    const struct declared_calls *calls, struct ownership *w);
/* commit_request.keep_out */
const char *ownership_keep_out(void *whose, const char *path);
/* For the line of the commit: the files that nobody said a task would write,
 * the user's perhaps; "" without any. */
char *ownership_undeclared(
    const struct ownership *w, const struct commit_outcome *out);

/* What was dirty before a run, as text: the root, the head, the branch, the
 * paths, each ended by a NUL, and one more NUL at the end. */
void commit_before_text(const struct commit_before *b, struct sb *out);
/* The next of these; false: there is none.  *dirty is a new map. */
bool commit_before_next(struct arena *a, sv *text, const char **top,
    const char **head, const char **branch, struct map **dirty);

#endif
