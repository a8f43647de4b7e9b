/* SPDX-License-Identifier: MIT */
/*
 * What the files of exec/ need of the loop that loop_new() made, besides what
 * loop.h offers to all: libuv's own loop for handles of other kinds, children,
 * what comes at the next turn.  `l` is always one of loop_new().
 * May include: base/, children.h, loop.h; libuv.
 */
#ifndef EXEC_LOOP_UV_H
#define EXEC_LOOP_UV_H

#include <uv.h>

#include "base/err.h"
#include "exec/children.h"
#include "exec/loop.h"

/* Makes libuv's loop if nobody needed it yet; false: there are too few
 * descriptors for it. */
bool loop_up(struct loop *l, struct err *e);
/* It, made here as well; without descriptors for it the program ends. */
uv_loop_t *loop_uv(struct loop *l);
/* Said by the callback of a handle: the turn has something to show. */
void loop_happened(struct loop *l);
/* How often libuv was asked so far; what was seen in this turn need not be
 * looked up again. */
size_t loop_turns(const struct loop *l);

/* Where what watches files keeps what is one for the loop; NULL at first. */
void **loop_files(struct loop *l);

/* A child that somebody waits for: loop_turn() has reason to go on. */
void loop_child_add(struct loop *l, struct child *c);
void loop_child_remove(struct loop *l, struct child *c);
struct child *loop_child_find(const struct loop *l, pid_t pid);
/* Now, rather than with the next SIGCHLD. */
void loop_reap(struct loop *l);

/* Runs fn at the next turn, before anything is waited for. */
struct soon {
	void (*fn)(void *arg);
	void *arg;
	bool queued;
	struct soon *next;
};
void loop_soon(struct loop *l, struct soon *s);
void loop_soon_stop(struct loop *l, struct soon *s);

/* All timers fall due later by this; for the time that prun was stopped. */
void loop_shift_timers(struct loop *l, int64_t by_ns);
/* signals.h */
struct signals *loop_signals(struct loop *l);

#endif
