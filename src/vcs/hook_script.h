/* SPDX-License-Identifier: MIT */
/*
 * The text of a hook that prun writes: made, known again, and read back.
 * May include: base/ to run/.
 */
#ifndef VCS_HOOK_SCRIPT_H
#define VCS_HOOK_SCRIPT_H

#include "base/err.h"
#include "base/vec.h"
#include "taskfile/model.h"

/* One of the checks of a hook: the tasks of one folder, or of one Taskfile. */
struct hook_check {
	string_vec tasks;  /* none: what the hook runs where none is named */
	const char *flag;  /* "-d" or "-t"; NULL: the root of the tree */
	const char *place; /* as seen from the root */
	/* the folder of the one repository that it is for, where the folder of
	 * hooks is shared by several; NULL: any */
	const char *repo;
};
typedef VEC(struct hook_check) hook_check_vec;

/* Are they for the same folder? */
bool hook_check_same(const struct hook_check *x, const struct hook_check *y);

typedef VEC(int) level_vec;

struct hook_script {
	const char *name; /* "pre-push" */
	const char *prun; /* where it lies when PATH has none */
	level_vec levels; /* of the hooks that run first (hook_kept.h) */
	hook_check_vec checks;
};

sv hook_script_text(struct arena *a, const struct hook_script *s);
/* Is it one of prun's, of this hook (NULL: any)? */
bool hook_script_is_ours(struct arena *a, sv text, const char *name);
/* Levels and checks of a text that is; also of the form before there were
 * several checks, which names one. */
bool hook_script_read(struct arena *a, sv text, const char *name,
    struct hook_script *out, struct err *e);
/* The line that runs a check from a hook that somebody else has written. */
const char *hook_script_line(
    struct arena *a, const char *name, const struct hook_check *c);
/* Does a hook of somebody else run one of prun's checks (`c`: just this one)?
 */
bool hook_script_calls(
    struct arena *a, sv text, const char *name, const struct hook_check *c);

#endif
