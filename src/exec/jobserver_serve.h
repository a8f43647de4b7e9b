/* SPDX-License-Identifier: MIT */
/*
 * A jobserver for what jobs start themselves (P-206): make, ninja, cargo, a
 * compiler.  Each job has a pipe of its own, so that nothing that a job does,
 * or how it ends, costs another one a token.  Slots that nobody waits for are
 * in these pipes as tokens, and are taken out again when somebody does.
 * May include: base/, jobserver_auth.h, loop.h, slots.h.
 */
#ifndef EXEC_JOBSERVER_SERVE_H
#define EXEC_JOBSERVER_SERVE_H

#include "base/err.h"
#include "exec/jobserver_auth.h"
#include "exec/loop.h"
#include "exec/slots.h"

struct jobserver;
struct jobserver_job;

struct jobserver_options {
	struct loop *loop;   /* both are lent until jobserver_free() */
	struct slots *slots;
	/* Asked once, with the first job: JOBSERVER_PIPE or JOBSERVER_FIFO. */
	enum jobserver_kind (*kind)(void *arg);
	/* A new private folder, as runtime_dir_new() has it, likewise; NULL:
	 * there is none. */
	const char *(*runtime_dir)(struct arena *a, int *lock_fd);
	void *arg;
};

struct jobserver *jobserver_new(const struct jobserver_options *o);
/* All jobs have left; NULL is fine. */
void jobserver_free(struct jobserver *js);

/* A job is about to start, with so many tokens that are its own.  NULL with *e
 * set: it has no jobserver. */
struct jobserver_job *jobserver_enter(
    struct jobserver *js, int own, struct err *e);
/* How MAKEFLAGS names it: "10,11", "fifo:PATH". */
const char *jobserver_job_auth(const struct jobserver_job *j);
/* What the process is to inherit, two descriptors of 10 and above; NULL:
 * nothing. */
const int *jobserver_job_fds(const struct jobserver_job *j);
/* It has them. */
void jobserver_job_started(struct jobserver_job *j);
/* The job is over: all that was lent to it is back.  Returns how many tokens it
 * left that were never given. */
unsigned jobserver_leave(struct jobserver_job *j);

/* Before slots are granted: takes out what is wanted back.  Never waits. */
void jobserver_take_back(struct jobserver *js);
/* Behind that, when all who can go on have gone on: puts in what is left over,
 * or waits for what is still wanted. */
void jobserver_settle(struct jobserver *js);

#endif
