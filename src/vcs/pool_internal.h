/* SPDX-License-Identifier: MIT */
/*
 * What the files of the pool share; for vcs/pool*.c only.
 * May include: base/ to run/.
 */
#ifndef VCS_POOL_INTERNAL_H
#define VCS_POOL_INTERNAL_H

#include "vcs/pool.h"
#include "vcs/submodules.h"

/* ---- pool_record.c: what is known of a tree ---- */

enum pool_mark {
	POOL_MADE,      /* free, or leased: the lock tells */
	POOL_MAKING,    /* half made or half removed by whoever had it */
	POOL_PRESERVED, /* for people, see pool_preserve() */
	POOL_BROKEN,    /* could not be made ready */
};
struct pool_record {
	enum pool_mark mark;
	enum pool_kind kind;
	const char *path, *session, *commit, *test, *why;
	const char *own;          /* digest of the tree's own config */
	const char *prepared;     /* see pool_mark_prepared() */
	int64_t made_ns, used_ns; /* of the epoch */
	int64_t inode;            /* of the tree's folder; 0: not known yet */
	bool is_clean;            /* nobody has used it since it was cleaned */
};

/* A file of the pool: "lock", "wt-1.tree" … */
const char *pool_file(const struct pool *p, const char *name);
/* The same of one tree: ".tree", ".lease", ".modules". */
const char *pool_tree_file(
    const struct pool *p, const char *tree, const char *suffix);
/* false: nothing is known of it. */
bool pool_record_read(
    const struct pool *p, const char *tree, struct pool_record *out);
bool pool_record_write(const struct pool *p, const char *tree,
    const struct pool_record *r, struct err *e);

/* The lock of git's bookkeeping, waited for.  A git that is started while it is
 * held holds it as well, and goes on doing so when this process is killed. */
bool pool_book_lock(const struct pool *p, int *fd, struct err *e);
/* The lease of one tree.  false and no error: somebody has it. */
bool pool_lease_take(const struct pool *p, const char *tree, int *fd,
    const char **id, struct err *e);
/* Who has it, as text; NULL: nobody. */
const char *pool_lease_holder(const struct pool *p, const char *tree);
/* All numbers of which something is known, ascending. */
typedef VEC(int) pool_numbers;
void pool_known(const struct pool *p, pool_numbers *out);
/* While a git works on the tree it has its lease, too. */
void pool_lease_share(const struct pool_tree *t, bool with_children);

/* ---- pool_git.c: git as the pool wants it ---- */

/* Without hooks, upkeep in the background, large files and whatever makes git
 * believe that a file has not changed; waits for locks of others. */
struct git pool_quiet(const struct git *g);
/* The same for a repository by its folder, whatever work tree it has. */
struct git pool_git_at(const struct git *g, const char *git_dir);
/* Git's folder of the worktree at `path`, NULL: it is not registered. */
const char *pool_admin_dir(const struct pool *p, const char *path);
/* The same in another repository, a submodule's. */
const char *pool_admin_in(
    struct arena *a, const char *common_dir, const char *path);
/* The roots of all trees of the repository, the user's and the pool's. */
void pool_all_trees(const struct pool *p, string_vec *out);
/* Folders in git's bookkeeping that a killed git has left of this tree. */
void pool_admin_sweep_dead(
    const struct pool *p, const char *tree, const char *path);
/* What stands in its file `locked`; empty: it is not. */
sv pool_admin_reason(const struct pool *p, const char *admin);
/* A text for `worktree add --reason`, and is one of this tree's? */
const char *pool_reason(const struct pool *p, const char *tree);
bool pool_reason_is_ours(sv reason, const char *tree);
/* The commit of the branch, "" : there is none; *where it is checked out, "" :
 * nowhere. */
bool pool_branch_look(const struct pool *p, const char *branch,
    const char **commit, const char **where, struct err *e);
void pool_say(const struct pool *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- pool.c ---- */

void pool_name_tree(const struct pool *p, int number, struct pool_tree *t);
/* Commits kept, tree clean; the lease stays. */
bool pool_give_back(const struct pool *p, struct pool_tree *t,
    struct pool_kept *kept, struct err *e);

/* ---- pool_make.c ---- */

/* May the branch be used, or removed?  *commit: its tip, "" : there is none. */
bool pool_branch_is_free(const struct pool *p, const struct pool_tree *t,
    bool known, const char **commit, struct err *e);

/* Makes what `t` names where it is not there; an error names what is somebody
 * else's.  The lease is held. */
bool pool_make(const struct pool *p, struct pool_tree *t, struct pool_record *r,
    struct err *e);
/* Removes tree and registration, not the branch; commits are kept before. */
bool pool_unmake(const struct pool *p, const struct pool_tree *t,
    struct pool_record *r, struct err *e);
/* The lock of a git that was killed over our branch: whoever has the lease is
 * the only one to change it. */
void pool_unlock_branch(const struct pool *p, const struct pool_tree *t);
/* Removes a folder, also what its maker has made read-only. */
bool pool_remove_folder(const char *path, struct err *e);
void pool_make_writable(const char *path);

/* ---- pool_clone.c ---- */

bool pool_clone_make(
    const struct pool *p, const struct pool_tree *t, struct err *e);
/* Gives a clone a git folder that is as new, but the index. */
bool pool_clone_renew(
    const struct pool *p, const struct pool_tree *t, struct err *e);

/* ---- pool_clean.c ---- */

/* Is it what was made, so that it can be cleaned?  Else *why. */
bool pool_is_sound(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, struct git *tree, const char **why);
/* A sound tree, from any state to that of the session's commit. */
bool pool_clean_tree(const struct pool *p, const struct pool_tree *t,
    const struct git *tree, struct err *e);
/* Digest of config that belongs to this tree alone. */
const char *pool_own_config(const struct git *tree);

/* ---- pool_kept.c ---- */

/* Keeps the commits that nothing but this tree's refs and reflogs reach, those
 * of its submodules in the repositories that they are work trees of. */
bool pool_keep(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, struct pool_kept *kept, struct err *e);

/* Refs that are too many or too old. */
void pool_kept_expire(const struct pool *p);

/* ---- pool_fill.c ---- */

/* Submodules and large files; the tree holds the commit. */
bool pool_fill(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, const struct git *tree, struct err *e);

#endif
