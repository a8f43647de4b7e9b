/* SPDX-License-Identifier: MIT */
/*
 * prun's side of its guardian (guardian.h): started when a job has been running
 * for 100 ms, so that a run of short jobs pays nothing, told what runs, and
 * sent away at the end.  Until then jobs are on leashes.  For exec/ only.
 * May include: base/, children.h, guardian.h, leash.h, local.h.
 */
#ifndef EXEC_GUARD_H
#define EXEC_GUARD_H

#include "exec/children.h"

struct job;
struct local;
struct guard_table;

enum {
	LEASHES_MAX = 16
};

struct guard {
	char *program;             /* a guardian's; NULL: none is wanted */
	struct uv_timer_s *timer;  /* or NULL; no reason for a turn to go on */
	struct guard_table *table; /* NULL: there is no guardian */
	int fd;                    /* of the pipe, while there is one */
	struct child child;
	unsigned started; /* so often; some may have been killed */
	struct {
		int fds[2];
		const struct job *job; /* or NULL */
	} leashes[LEASHES_MAX];        /* until there is a guardian */
	size_t n_leashes;
};

/* For a job that is about to be started; NULL: it needs none, or none is left.
 */
const int *guard_leash(struct local *x, const struct job *j);
/* It is there from now on, before any job. */
void guard_begin(struct local *x);
/* A job runs, or has ended (or could not be started). */
void guard_job_started(struct local *x, const struct job *j);
void guard_job_ended(struct local *x, const struct job *j);
/* The run has ended: what it left is nobody's any more. */
void guard_end(struct local *x);

#endif
