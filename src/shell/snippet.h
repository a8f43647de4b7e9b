/* SPDX-License-Identifier: MIT */
/*
 * Snippets of shell that need no shell: lists of simple commands.  The text is
 * read as a whole, and what is not known exactly, or where bash might come to
 * something else, makes it bash's as a whole.  What is read runs step by step:
 * builtins here, and whoever drives it prints what they print and starts the
 * programs.  Where bash would have something to say (a program that is not
 * found, a directory that is not there), bash is asked to run that one command,
 * and says it.
 * May include: base/, names.h.
 */
#ifndef SHELL_SNIPPET_H
#define SHELL_SNIPPET_H

#include "base/str.h"

/* Options that are on at its start. */
struct snippet_options {
	bool errexit, nounset, pipefail;
};

/* Where it runs.  All is lent as long as the run is used, unless it is moved
 * with snippet_run_keep(). */
struct snippet_place {
	char *const *env; /* NULL-ended */
	const char *dir;  /* absolute and clean; PWD in the end */
	struct snippet_options options;
};

/* The text as a program, in the arena; NULL: it is bash's. */
struct snippet;
struct snippet *snippet_read(struct arena *a, sv text);
/* Is it so in that place as well?  Looks at the environment and whether the
 * folder is there. */
bool snippet_suits(const struct snippet *s, const struct snippet_place *place);

enum snippet_want_kind {
	SNIPPET_DONE,  /* it is over, with `status` */
	SNIPPET_PRINT, /* `text` is to go to the job's stream `slot` */
	SNIPPET_SPAWN, /* the program `path` is to run */
	SNIPPET_BASH,  /* bash is to run `script` */
};

/* A descriptor of a process that is to start: one of the job's (0, 1, 2),
 * nothing, or an open file. */
enum {
	SNIPPET_NULL = -1,
	SNIPPET_FILE = -2
};
struct snippet_sink {
	int slot;
	int fd; /* FILE; close-on-exec, the run's own */
};

/* Valid until the next step. */
struct snippet_want {
	enum snippet_want_kind kind;
	int status;
	int signal; /* DONE: of which bash itself would have died; or 0 */
	int slot;
	sv text;
	const char *path; /* SPAWN: relative to `dir`, or absolute */
	const char *const *argv;
	const char *script; /* BASH: it prints in place of a shell */
	struct snippet_options options; /* BASH: with these */
	char *const *env; /* SPAWN, BASH: without the job's own mark */
	const char *dir;  /* likewise */
	struct snippet_sink sink[3];
};

/* Begins it, in the arena.  Nothing runs yet. */
struct snippet_run;
struct snippet_run *snippet_begin(struct arena *a, const struct snippet *s,
    const struct snippet_place *place);
/* Copies what the place lent. */
void snippet_run_keep(struct snippet_run *r);
/* Goes on up to the next thing that somebody else has to do. */
const struct snippet_want *snippet_step(struct snippet_run *r);
/* What came of it.  PRINT: `error` is an errno, or 0; EAGAIN: nothing was
 * printed, and it would have to wait.  Then bash is asked to. */
void snippet_printed(struct snippet_run *r, int error);
/* The process ended so, as a shell says it; `signal`: of which, or 0. */
void snippet_ended(struct snippet_run *r, long pid, int status, int signal);
/* The program could not be executed: bash is asked to. */
void snippet_not_started(struct snippet_run *r);
/* Is there anything behind the command that runs? */
bool snippet_has_more(const struct snippet_run *r);
/* Closes what is open; the memory is the arena's. */
void snippet_end(struct snippet_run *r);

/* Does it start programs, as far as can be known before? */
bool snippet_has_programs(const struct snippet *s);

#endif
