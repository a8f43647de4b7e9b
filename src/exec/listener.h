/* SPDX-License-Identifier: MIT */
/*
 * A process of prun's own in the group of a job that has the terminal.  The
 * terminal tells its keys to that group alone; the listener ends with ^C, and
 * prun is told of that.  For exec/ only.
 * May include: base/, loop_uv.h, children.h, signals.h.
 */
#ifndef EXEC_LISTENER_H
#define EXEC_LISTENER_H

#include <sys/types.h>

#include "exec/children.h"
#include "exec/loop_uv.h"

struct listener {
	struct loop *l; /* NULL: there is none */
	struct child child;
	void (*heard)(void *arg, bool was_key);
	void *arg;
};

/* Calls heard(arg, was_key) once when the group gets SIGINT; then it has to be
 * started again.  was_key: keys were read one by one on that terminal then (a
 * descriptor of the caller's).  Nobody listens where no process can be made. */
void listener_start(struct listener *li, struct loop *l, pid_t group,
    int terminal, void (*heard)(void *arg, bool was_key), void *arg);
void listener_stop(struct listener *li);

#endif
