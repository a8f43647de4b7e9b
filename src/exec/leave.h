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

/* true in the process that goes on, whose output the caller prints; false in the
 * caller, when it was told something or the other one is gone: `told`
 * (LEAVE_TOLD_MAX bytes) is that line, or is without a line's end.
 * reads_stdin: the input stays, unless it is a terminal. */
bool leave_begin(bool reads_stdin, char *told, struct err *e);
/* Once, in the process that goes on: tells the caller a line; false where that
 * is gone. */
bool leave_tell(const char *line);
/* There is no input from now on. */
bool leave_input(void);

#endif
