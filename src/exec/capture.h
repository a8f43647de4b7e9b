/* SPDX-License-Identifier: MIT */
/*
 * Running one program to its end and taking its output, for git and for asking
 * tools their version.  Blocking; not for tasks.
 * May include: base/, executor.h.
 */
#ifndef EXEC_CAPTURE_H
#define EXEC_CAPTURE_H

#include <stdint.h>

#include "base/err.h"

struct capture {
	const char *const *argv; /* NULL-ended; argv[0] is looked up on PATH */
	const char *dir;	 /* NULL: here */
	char *const *env;	 /* NULL: the process's own */
	sv input;		 /* stdin; empty: /dev/null */
	bool pass_stderr;	 /* to prun's stderr instead of *err */
	bool pass_stdout;
	bool own_group;		 /* signals of the terminal do not reach it */
	bool own_session;	 /* nor has it a terminal to ask on */
	bool copy_to_stderr;	 /* what is taken is shown there, too, at once */
	/* Not NULL: the program has a group of its own, to which INT, TERM, HUP
	 * and QUIT are sent on while prun waits for it, instead of ending prun;
	 * the first of them is stored, 0 when none came. */
	int *caught;
	int64_t deadline_ns;	 /* monotonic; 0: none.  Then it gets TERM,
				  * and KILL where that does not help */
};

/* true when the program ran and was reaped, whatever its status; *status as a
 * shell gives it.  `out` and `err` may be NULL.  One that was ended at its
 * deadline is ERR_FETCH_TIMEOUT. */
bool capture_run(struct arena *a, const struct capture *c, int *status,
    sv *out, sv *err, struct err *e);

#endif
