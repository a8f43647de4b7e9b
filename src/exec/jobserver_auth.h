/* SPDX-License-Identifier: MIT */
/*
 * How GNU make's jobserver is named in MAKEFLAGS (P-206): reading it, writing
 * it, taking it out.
 * May include: base/.
 */
#ifndef EXEC_JOBSERVER_AUTH_H
#define EXEC_JOBSERVER_AUTH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

enum jobserver_kind {
	JOBSERVER_NONE, /* nothing is said */
	JOBSERVER_OFF,  /* it is said that there is none */
	JOBSERVER_PIPE,
	JOBSERVER_FIFO,
};

struct jobserver_auth {
	enum jobserver_kind kind;
	const char *text; /* "3,4", "fifo:PATH"; NULL: nothing is said */
	const char *path; /* of a fifo */
	int fds[2];       /* of a pipe: to read, to write */
	/* What is wrong with it, for people; NULL: it can be used. */
	const char *fault;
};

/* The last one that a text in the form of MAKEFLAGS has; NULL is fine. */
void jobserver_auth_read(
    struct arena *a, const char *makeflags, struct jobserver_auth *out);

/* What this process was started with, by MAKEFLAGS, or by cargo's variable
 * where that says nothing.  Looks whether the descriptors are what they are
 * said to be: to be called before the process opens any of its own, which could
 * get their numbers.  The texts are kept, not copied. */
void jobserver_note(
    struct arena *a, const char *makeflags, const char *cargo_makeflags);
/* What was noted; of kind NONE before that. */
const struct jobserver_auth *jobserver_noted(void);

/* A text for MAKEFLAGS: what the user had there (NULL: nothing), a jobserver
 * that it names taken out, and `auth` added where that is not NULL, with as
 * many jobs as `n`. */
const char *jobserver_flags(
    struct arena *a, const char *makeflags, int n, const char *auth);

#endif
