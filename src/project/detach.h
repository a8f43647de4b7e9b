/* SPDX-License-Identifier: MIT */
/*
 * --detach: what was asked for goes on in a process of its own, without the
 * session, the terminal and the input of whoever asked, who gets its id and is
 * done.  This is that process's side, for runs and for sessions; how others
 * wait for it and end it is away.h.
 *
 * Whatever can be left has a folder of its own, made by run_dir_new(): below
 * state.runs for runs, below "sessions" of the state folder for sessions, with
 * the same ids and the same lock.  There lie then `output.log`, what it prints,
 * and `exit`, how it ended.
 * May include: base/, store/.
 */
#ifndef PROJECT_DETACH_H
#define PROJECT_DETACH_H

#include <stdbool.h>

#include "base/err.h"

/* Of the state folder: where sessions have their folders. */
#define SESSIONS_NAME "sessions"
/* Of such a folder: what it prints; its status and, behind a blank, where in
 * that the summary begins, or -1. */
#define DETACH_OUTPUT_NAME "output.log"
#define DETACH_EXIT_NAME "exit"

/* Before anything is loaded.  true: this is the process that goes on; whoever
 * asked sees what it prints until detach_ready(), when it loses its input as
 * well, and ends with its status when it ends before.  false: this is whoever
 * asked, *status is what to end with; the id has been printed, or an error is
 * in *e. */
bool detach_begin(int *status, struct err *e);

/* Is this a process that goes on by itself? */
bool detach_is_one(void);

/* What goes on has an id and a folder now, nothing has been started: the caller
 * is told the id, what is printed goes to the folder from now on.  Nothing
 * where nobody detached, and the second time.  false: it must not go on, since
 * there can be no such file, or nobody is there any more who would hear of it.
 */
bool detach_ready(const char *id, const char *folder, struct err *e);

/* What is printed from now on is the summary, which --wait shows. */
void detach_summary(void);

/* The very end of the program, and what it ends with. */
void detach_end(int status);

#endif
