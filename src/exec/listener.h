/* SPDX-License-Identifier: MIT */
/*
 * A process of prun's own in the group of a job that has the terminal.  The
 * terminal tells its keys to that group alone; the listener dies of ^C, and prun
 * is told of that.  For exec/ only.
 * May include: base/, loop_uv.h, children.h.
 */
#ifndef EXEC_LISTENER_H
#define EXEC_LISTENER_H

#include <sys/types.h>

#include "exec/children.h"
#include "exec/loop_uv.h"

struct listener {
	struct loop *l; /* NULL: there is none */
	struct child child;
	void (*heard)(void *arg);
	void *arg;
};

/* Calls heard(arg) once when the group gets SIGINT; then it has to be started
 * again.  Nobody listens where no process can be made. */
void listener_start(struct listener *li, struct loop *l, pid_t group,
    void (*heard)(void *arg), void *arg);
void listener_stop(struct listener *li);

#endif
