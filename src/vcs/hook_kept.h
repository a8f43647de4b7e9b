/* SPDX-License-Identifier: MIT */
/*
 * Hooks that were there before prun's.  Each is kept by its own name in a
 * folder beside the folder of hooks (`.git/hooks.before-prun/pre-push`), with
 * links to what lay beside it, so that it finds everything as before.  Where
 * another program has taken prun's place, and prun is installed again, that
 * program's hook is kept as well, a level higher (`.git/hooks.before-prun-2`).
 * May include: base/ to run/.
 */
#ifndef VCS_HOOK_KEPT_H
#define VCS_HOOK_KEPT_H

#include "vcs/git.h"
#include "vcs/hook_script.h"

struct hook_place {
	struct arena *a;
	const char *dir;  /* where git looks for hooks, as git names it */
	const char *real; /* the same without links */
	const char *name; /* "pre-push" */
	const char *path; /* of the hook in `dir` */
	const char *top, *common_dir; /* of the repository, without links */
	bool is_tracked;              /* a file of a repository */
};
/* Starts one git, one more where a hook is there. */
bool hook_place_find(const struct git *g, const char *name,
    struct hook_place *out, struct err *e);
/* Does the folder belong to this repository alone? */
bool hook_place_is_own(const struct hook_place *p);
/* The path as people read it: from the root where it lies below. */
const char *hook_place_shown(const struct hook_place *p, const char *path);

/* A link to nowhere is there, too: it is the user's. */
bool hook_is_there(const char *path);

const char *hook_kept_path(const struct hook_place *p, int level);
/* All levels at which one is kept. */
void hook_kept_levels(const struct hook_place *p, level_vec *out);
/* Where versions before this one kept it. */
const char *hook_kept_old_path(const struct hook_place *p);

/* The hook at `from` at this level as well, the same file; *from itself stays,
 * so that there is one at every moment. */
bool hook_keep(
    const struct hook_place *p, const char *from, int level, struct err *e);
/* Links to what lies beside the hooks, at every level; prun's own are left out.
 */
bool hook_kept_link(const struct hook_place *p, struct err *e);
/* Removes the folders that keep nothing any more. */
void hook_kept_tidy(const struct hook_place *p);

/* Are they hooks of one program, which has written its own anew? */
bool hook_is_same_program(struct arena *a, const char *x, const char *y);
/* Is the file one of prun's hooks of this name (NULL: any)? *text (may be
 * NULL): what it holds. */
bool hook_is_ours(
    struct arena *a, const char *path, const char *name, sv *text);

#endif
