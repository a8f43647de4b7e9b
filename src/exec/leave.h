/* SPDX-License-Identifier: MIT */
/*
 * A process that leaves whoever started it: two forks, so that it is no child of
 * the caller and leads no session that could get a terminal again.  The caller
 * stays until it is told something, and hands on what is printed until then; so
 * what goes on never has a descriptor of the caller's, whose reader may wait for
 * its end.
 * May include: base/, spawn.h.
 */
#ifndef EXEC_LEAVE_H
#define EXEC_LEAVE_H

#include <stdbool.h>

#include "base/err.h"

enum {
	LEAVE_TOLD_MAX = 256 /* bytes of what the caller is told, with NUL */
};

/* true in the process that goes on, whose output the caller prints, and which
 * has the caller's input until leave_input(), unless that is a terminal; false
 * in the caller, when it was told something or the other one is gone: `told`
 * (LEAVE_TOLD_MAX bytes) is that line, or is without a line's end. */
bool leave_begin(char *told, struct err *e);
/* Once, in the process that goes on: tells the caller a line; false where that
 * is gone. */
bool leave_tell(const char *line);
/* There is no input from now on. */
bool leave_input(void);
/* Whoever knows of this process may end it: SIGTERM waits until somebody listens
 * to signals, who lets it come. */
void leave_hold_term(void);
void leave_let_term(void);

#endif
