/* SPDX-License-Identifier: MIT */
/*
 * The pool of a repository's test sessions (P-801 to P-805): trees wt-1, wt-2 …
 * that are leased to one test at a time, made ready for it and cleaned behind
 * it.  A tree is a worktree of the repository, on a branch worktree-wt-N, or a
 * clone that borrows the objects and has refs, config and hooks of its own.
 *
 * All that is known of the pool lies in prun/pool in git's common folder, so
 * that whoever starts from whichever work tree, state folder or container sees
 * the same leases.  A lease is a lock that the kernel frees when its holder,
 * and a git that it has started, are gone.  Git's bookkeeping of worktrees and
 * the making of branches happen under one lock; all else side by side.  Nothing
 * that is not the pool's own is changed: a branch or folder of that name that
 * prun has not made is an error by name.  Git's shared config is never written.
 *
 * Everything here blocks in git and is for a process that does nothing else.
 * May include: base/ to run/.
 */
#ifndef VCS_POOL_H
#define VCS_POOL_H

#include <stdint.h>

#include "vcs/foreign.h"
#include "vcs/git.h"

enum pool_kind {
	POOL_WORKTREE,
	POOL_CLONE
};

/* Content of large files: as the main tree has it; fetched; never. */
enum pool_lfs {
	POOL_LFS_AUTO,
	POOL_LFS_PULL,
	POOL_LFS_SKIP
};

/* What a session wants of the pool; all of it is lent. */
struct pool {
	const struct git *git; /* where the session was started; its arena is
				* used for all that is given back */
	const char *dir;       /* where the trees lie; absolute */
	const char *session;   /* id: "20261121-094617-123456" */
	const char *commit;    /* full id: what the trees hold */
	int size;              /* trees in use at once, 1 or more */
	enum pool_kind kind;
	enum pool_lfs lfs;
	string_vec keep; /* patterns, as in a .gitignore, of what git does not
			  * track and cleaning leaves where it is */
	/* a line each of what was repaired, kept or recovered; may be NULL */
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

/* A leased tree. */
struct pool_tree {
	int number;           /* 1, 2 … */
	const char *name;     /* "wt-1": WORKTREE_ID */
	const char *path;     /* of the tree, absolute */
	const char *branch;   /* "worktree-wt-1" */
	const char *lease_id; /* of this lease and no other */
	int lease_fd;         /* close-on-exec; a process that has it as well
			       * has the lease, too; -1: none */
	bool fresh;           /* was made just now */
};

/* The default of `dir`: beside the main work tree, whichever tree of the
 * repository the session starts from. */
const char *pool_default_dir(const struct git *g);
/* Of the tree's folder and branch, for variables and messages. */
const char *pool_tree_name(struct arena *a, int number);

/* A free tree, made where there is none yet.  false without an error and *busy
 * when all are leased: try again when one was released, or after
 * POOL_POLL_MS. */
enum {
	POOL_POLL_MS = 100
};
bool pool_lease(
    const struct pool *p, struct pool_tree *t, bool *busy, struct err *e);
/* The same, waiting; `deadline_ns` (monotonic; 0: none) passed is an error. */
bool pool_lease_wait(const struct pool *p, int64_t deadline_ns,
    struct pool_tree *t, struct err *e);
/* Looks whether the tree is sound, repairs it or makes it anew, and fills it
 * with the session's commit, its submodules and large files; `test` is what
 * `list` shows.  Commits that are found there are kept (see pool_release()). An
 * error leaves the tree leased, and in error for whoever lists the pool. */
bool pool_ready(
    const struct pool *p, struct pool_tree *t, const char *test, struct err *e);

/* Commits that only the tree had, and the ref that they are reachable from
 * now. */
struct pool_kept {
	const char *ref;    /* "refs/prun/kept/SESSION/wt-1"; NULL: none */
	string_vec commits; /* full ids of the last ones, their ancestors go
			     * along */
};
/* Keeps the commits that were made in the tree, cleans it and gives up the
 * lease, which it does in any case.  `kept` may be NULL. */
bool pool_release(const struct pool *p, struct pool_tree *t,
    struct pool_kept *kept, struct err *e);
/* Gives up the lease and leaves the tree as it is, out of the pool until it is
 * cleaned by hand; another number takes its place.  Of more than
 * POOL_PRESERVED_MOST the oldest goes back to the pool. */
enum {
	POOL_PRESERVED_MOST = 10
};
bool pool_preserve(
    const struct pool *p, struct pool_tree *t, const char *why, struct err *e);
/* Gives up the lease and nothing else: the next one who has it cleans. */
void pool_drop(struct pool_tree *t);

/* ---- the whole pool ---- */

/* At the start of a session: trees that a killed one left half made or in use
 * are repaired or removed, and named; kept refs beyond 20, or older than 30
 * days, go.  What is leased is left alone. */
bool pool_recover(const struct pool *p, struct err *e);
/* Removes the trees that nobody has leased, and all that prun noted of them;
 * `preserved`: those as well.  One that cannot be removed is named, and the
 * others are removed all the same. */
bool pool_remove(const struct pool *p, bool preserved, struct err *e);

enum pool_state {
	POOL_FREE,
	POOL_BUSY,
	POOL_ERROR,
	POOL_KEPT_FOR_PEOPLE
};
struct pool_entry {
	int number;
	const char *name, *path, *branch;
	enum pool_kind kind;
	enum pool_state state;
	const char *test; /* that runs there, or for which it was preserved */
	const char *session;      /* that had it last */
	const char *why;          /* of an error, or of being preserved */
	int64_t made_ns, used_ns; /* of the epoch */
};
typedef VEC(struct pool_entry) pool_entries;
/* All trees, by number; starts no git.  Of `p` the git and nothing else is
 * looked at. */
void pool_list(const struct pool *p, pool_entries *out);
/* A line each. */
void pool_list_print(const pool_entries *list, int64_t now_ns, struct sb *out);
/* What `--worktrees list` prints: these, and the refs of kept commits. */
void pool_show(const struct pool *p, int64_t now_ns, struct sb *out);
/* What `--worktrees clean` does: removes all that nobody uses, also what was
 * preserved; *out says what.  Kept commits stay. */
bool pool_clean(const struct pool *p, struct sb *out, struct err *e);
const char *pool_state_name(enum pool_state state);

/* ---- what a tree needs once ---- */

/* Was the tree prepared (`task`: by what) for the files that are in it now?
 * They are told by the content of what git tracks and the patterns (pathspecs)
 * match, and by what preparing has made still being there. */
bool pool_is_prepared(const struct pool *p, const struct pool_tree *t,
    const char *task, const string_vec *key);
/* It is now. */
bool pool_mark_prepared(const struct pool *p, const struct pool_tree *t,
    const char *task, const string_vec *key, struct err *e);

/* Links, environments and installed packages in the tree that lead into another
 * tree of the repository; *n of them, see foreign_find(). */
bool pool_foreign(const struct pool *p, const struct pool_tree *t,
    foreign_vec *out, size_t *n, struct err *e);

#endif
