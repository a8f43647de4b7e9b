/* SPDX-License-Identifier: MIT */
/*
 * What `git push` is about to push, as git itself tells its pre-push hook: once
 * before, to check it, and once when it is pushed, to hold it back where it is
 * something else by then (P-708).  git is given a folder of hooks for that
 * which leads on to the user's. May include: base/ to run/.
 */
#ifndef VCS_PUSH_GUARD_H
#define VCS_PUSH_GUARD_H

#include "vcs/hook.h"

struct push_guard {
	const struct git *git;
	const char *folder;       /* private, absolute; removed at the end */
	const string_vec *words;  /* for git push */
	const char *remote, *url; /* as the hook is told */
	push_ref_vec refs;
	const char
	    *shown; /* what git said to people of a push that would fail */
};

/* Asks git, by a rehearsal; `folder` must not exist.  A push that would fail
 * fails here, with git's reason. */
bool push_guard_open(struct push_guard *p, struct err *e);
/* From now on git pushes these refs and no others: *out is the git for it, and
 * *words what it is told. */
bool push_guard_close(
    struct push_guard *p, struct git *out, string_vec *words, struct err *e);
/* The ref that was another one when it was pushed; NULL: none. */
const char *push_guard_moved(const struct push_guard *p);
void push_guard_free(struct push_guard *p);

#endif
