/* SPDX-License-Identifier: MIT */
/*
 * Directories under watch on the loop (C-403): by inotify, or where there is
 * none by libuv's file events.  Says that something happened to a name, and
 * what kind of thing; what it is now, the caller looks at.  Used by watch mode
 * and by those who follow the files of runs. May include: base/, loop.h; libuv.
 */
#ifndef EXEC_FSWATCH_H
#define EXEC_FSWATCH_H

#include "base/err.h"
#include "exec/loop.h"

struct fswatch;

enum fswatch_event {
	FSWATCH_ENTRY,   /* the name came, went or was renamed */
	FSWATCH_CHANGED, /* the file's content or attributes */
	/* Not told by libuv. */
	FSWATCH_CLOSED, /* by one who could write it */
	FSWATCH_PLACED, /* the name came with a whole file: a rename */
};
typedef void fswatch_fn(void *ctx, const char *path, enum fswatch_event what);

/* `l` is a loop_new(), lent until fswatch_free().  fn comes from inside
 * loop_turn(): `path` is the directory as it was added, a slash and the name.
 */
struct fswatch *fswatch_new(struct loop *l, fswatch_fn *fn, void *ctx);
/* Watches the entries of one directory, not what is below them.  Again for one
 * that is watched: harmless, and needed when it was removed and made anew. */
bool fswatch_add(struct fswatch *fw, const char *dir, bool *is_new,
    struct err *e);
/* Before the loop's end. */
void fswatch_free(struct fswatch *fw);

#endif
