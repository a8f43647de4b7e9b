/* SPDX-License-Identifier: MIT */
/*
 * Git hooks that call prun (P-701, P-707): written in the place of a hook that
 * was there before, which is kept and runs first; put back on removal.  One
 * hook runs the checks of any number of folders.
 * May include: base/ to run/.
 */
#ifndef VCS_HOOK_H
#define VCS_HOOK_H

#include "vcs/git.h"
#include "vcs/hook_script.h"

/* Is it the name of a client-side hook that can refuse something? */
bool hook_is_known(const char *name);
extern const char *const hook_names[]; /* NULL-ended */

struct hook_request {
	const char *name;
	const char *prun; /* where it lies when PATH has none */
	struct hook_check check;
	bool force; /* a tracked file, too; on removal: all checks */
};

/* Paths are as people read them: from the root where they lie below. */
struct hook_done {
	bool changed;
	const char *path; /* of the hook */
	const char *dir;  /* where git looks for it, absolute */
	bool is_shared;   /* that belongs to no repository alone */
	/* a hook of somebody else that runs the check: nothing is to be done */
	const char *caller;
	/* git's folder is written anew with each installation of packages, and
	 * its hooks run those of the folder above: where the line lasts */
	const char *above;
	hook_check_vec checks; /* that it runs now */
	const char *kept;      /* after a removal: one that had no way back */
};

/* Adds the check to the hook. */
bool hook_install(const struct git *g, const struct hook_request *r,
    struct hook_done *out, struct err *e);
/* Takes the check out of the hook; with the last one goes the hook, and what
 * was there comes back, also where another program has renamed prun's. */
bool hook_remove(const struct git *g, const struct hook_request *r,
    struct hook_done *out, struct err *e);

struct hook_info {
	const char *name; /* "pre-push" */
	const char *path; /* of the script */
	const char *dir;
	bool is_there, is_runnable;
	bool installed;          /* it is ours */
	hook_check_vec checks;   /* then */
	const char *kept;        /* one that was there before */
	const char *renamed;     /* prun's, by another program */
	const char *caller;      /* one of somebody else that runs a check */
	const char *passed_over; /* prun's, where git doesn't look */
};
/* Looks at one hook; starts gits for the folder (core.hooksPath). */
bool hook_look(const struct git *g, const char *name, struct hook_info *out,
    struct err *e);

/* One line of pre-push's standard input. */
struct push_ref {
	const char *local_ref, *local_id, *remote_ref, *remote_id;
	bool deletes;
};
typedef VEC(struct push_ref) push_ref_vec;
/* false for a line that is no ref update. */
bool push_refs_parse(struct arena *a, sv text, push_ref_vec *out,
    struct err *e);

#endif
