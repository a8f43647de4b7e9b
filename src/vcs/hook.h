/* SPDX-License-Identifier: MIT */
/*
 * Git hooks that call prun (P-701, P-707): written beside a hook that was there
 * before, which is kept and runs first; put back on removal.
 * May include: base/ to run/.
 */
#ifndef VCS_HOOK_H
#define VCS_HOOK_H

#include "vcs/git.h"

struct hook_info {
	const char *name; /* "pre-push" */
	const char *path; /* of the script */
	bool installed;	  /* it is ours */
	bool kept;	  /* another hook is kept beside it */
};

/* Is it the name of a client-side hook that can refuse something? */
bool hook_is_known(const char *name);
extern const char *const hook_names[]; /* NULL-ended */

/* Writes the hook so that it runs `prun_path --hook run NAME TASK…`; *changed
 * is false when it was like that already. */
bool hook_install(const struct git *g, const char *name,
    const char *prun_path, const char *const *tasks, bool *changed,
    struct err *e);
/* Puts back what was there; *changed is false when none was ours. */
bool hook_remove(const struct git *g, const char *name, bool *changed,
    struct err *e);
/* Looks at one hook; starts one git for the folder (core.hooksPath). */
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
