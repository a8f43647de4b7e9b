/* SPDX-License-Identifier: MIT */
/*
 * A program of prun's own that lives beside a run and is talked to by lines,
 * both ways over one socket, so that what may take long is off the loop.  It
 * ends when its input does, however prun ended.
 * May include: base/, loop.h.
 */
#ifndef EXEC_COMPANION_H
#define EXEC_COMPANION_H

#include "base/err.h"
#include "exec/loop.h"

struct companion;

struct companion_options {
	const char *program;	 /* a path */
	const char *word;	 /* its only argument */
	char *const *env;
	int err_fd; /* its standard error; 0: /dev/null */
	/* A line came, without its end; from the loop, or companion_wait(). */
	void (*line)(void *arg, sv line);
	/* It is gone, or does not read what it is told; once, never from
	 * within companion_say(). */
	void (*gone)(void *arg);
	void *arg;
};

/* NULL: it could not be started. */
struct companion *companion_start(struct loop *l,
    const struct companion_options *o, struct err *e);
/* Lines are taken in by the loop, which has something to wait for meanwhile;
 * not from the start, and no more.  What comes while it does not is kept. */
void companion_listen(struct companion *c, bool on);
/* Never waits: one that does not read is a lost one. */
void companion_say(struct companion *c, sv text);
/* Takes in lines without the loop until done() or a moment of the monotonic
 * clock; false: that came first, or it is gone. */
bool companion_wait(struct companion *c, bool (*done)(void *arg), void *arg,
    int64_t until_ns);
/* NULL is fine. */
void companion_stop(struct companion *c);

#endif
