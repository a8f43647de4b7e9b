/* SPDX-License-Identifier: MIT */
/*
 * `git push --porcelain`, whose lines programs read, as git says the same to
 * people.
 * May include: base/.
 */
#ifndef VCS_PUSH_SHOWN_H
#define VCS_PUSH_SHOWN_H

#include "base/arena.h"
#include <stdbool.h>

#include "base/str.h"

/* A line for each ref that is not up to date, below that of the remote; "" when
 * there is none. */
const char *push_shown(struct arena *a, sv text);
/*
 * What stands on stdout of such a push besides: what hooks print there, and
 * what git says of branches.  It is passed on to `fd` as it comes.
 */
struct push_filter {
	int fd;
	struct sb line;   /* that may be git's */
	struct sb remote; /* a line that is git's if one of a ref follows */
	bool passes;      /* the rest of the line is not */
	bool had_refs;
};
/* `ctx` is the filter. */
void push_filter_take(void *ctx, sv bytes);
/* Passes on what is left, and frees. */
void push_filter_end(struct push_filter *f);
/* The name of a ref without what only git needs: "main", "v1", "origin/main".
 */
sv push_short_ref(sv ref);

#endif
