/* SPDX-License-Identifier: MIT */
/*
 * Running one program to its end and taking its output, for git and for asking
 * tools their version.  Blocking; not for tasks.
 * May include: base/, executor.h.
 */
#ifndef EXEC_CAPTURE_H
#define EXEC_CAPTURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Can a program in prun's own group ask somebody?  There is a terminal, and prun
 * is in its foreground. */
bool capture_has_terminal(void);

struct capture {
	const char *const *argv; /* NULL-ended; argv[0] is looked up on PATH */
	const char *dir;	 /* NULL: here */
	char *const *env;	 /* NULL: the process's own */
	sv input;		 /* stdin; empty: /dev/null */
	const char *script;	 /* what the program reads at SHELL_FD (see
				  * shell_plan_hide()); NULL: nothing */
	bool pass_stderr;	 /* to prun's stderr instead of *err */
	bool pass_stdout;
	bool own_group;		 /* signals of the terminal do not reach it */
	bool own_session;	 /* nor has it a terminal to ask on */
	bool copy_stderr; /* what is taken is shown there, too, at once */
	/* is given what comes on stdout at once, as well; NULL: nobody */
	void (*on_stdout)(void *ctx, sv bytes);
	void *ctx; /* of that */
	/* Not NULL: the program has a group of its own, to which INT, TERM, HUP
	 * and QUIT are sent on while prun waits for it, instead of ending prun;
	 * the first of them is stored, 0 when none came. */
	int *caught;
	int64_t deadline_ns;	 /* monotonic; 0: none.  Then it gets TERM,
				  * and KILL where that does not help */
	size_t most;		 /* of each stream; 0: no bound.  Whoever
				  * writes more writes to a closed pipe */
};

/* true when the program ran and was reaped, whatever its status; *status as a
 * shell gives it.  `out` and `err` may be NULL.  One that was ended at its
 * deadline is ERR_FETCH_TIMEOUT. */
bool capture_run(struct arena *a, const struct capture *c, int *status,
    sv *out, sv *err, struct err *e);

/*
 * The same for several programs side by side, without `caught`.  A started one
 * is waited for with capture_wait() until it is done, and always ended with
 * capture_finish(), which waits, too, and gives back what capture_run() does.
 * What `c` points to stays the caller's, and is used up to then.  NULL: it
 * could not be started.
 */
struct capture_job;
struct capture_job *capture_start(struct arena *a, const struct capture *c,
    struct err *e);
/* Until one of them is done, or a signal came that has a handler; at once when
 * one is. */
void capture_wait(struct capture_job *const *jobs, size_t n);
bool capture_is_done(const struct capture_job *job);
bool capture_finish(struct capture_job *job, int *status, sv *out, sv *err,
    struct err *e);
/* Ends it as at its deadline; capture_finish() is still to be called. */
void capture_stop(struct capture_job *job);
/* Its deadline is so much later. */
void capture_give_time(struct capture_job *job, int64_t ns);

#endif
