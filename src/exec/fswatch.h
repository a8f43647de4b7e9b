/* SPDX-License-Identifier: MIT */
/*
 * Directories under watch, by libuv's file events on the loop (C-403).
 * Says that something happened to a name, never what: the caller
 * looks at the file.  Used by watch mode.
 * May include: base/, loop.h; libuv.
 */
#ifndef EXEC_FSWATCH_H
#define EXEC_FSWATCH_H

#include "base/err.h"
#include "exec/loop.h"

struct fswatch;

/* `l` is a loop_new(), lent until fswatch_free().  fn comes from inside
 * loop_turn(): `path` is the directory as it was added, a slash and
 * the name; `entry` says that the name came, went or was renamed, else the
 * file's content or attributes changed. */
struct fswatch *fswatch_new(struct loop *l,
    void (*fn)(void *ctx, const char *path, bool entry), void *ctx);
/* Watches the entries of one directory, not what is below them.  Again for one
 * that is watched: harmless, and needed when it was removed and made anew. */
bool fswatch_add(struct fswatch *fw, const char *dir, bool *is_new,
    struct err *e);
/* Before the loop's end. */
void fswatch_free(struct fswatch *fw);

#endif
