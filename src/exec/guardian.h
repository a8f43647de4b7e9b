/* SPDX-License-Identifier: MIT */
/*
 * The guardian (P-116): a process of its own that waits for the end of a pipe
 * whose other end a prun holds.  That end comes when prun dies without a word;
 * then the guardian ends the trees of its jobs.  prun's side is guard.h; what
 * both know lies in memory that they share, so that a job costs no message.
 * May include: base/, descendants.h, procs.h.
 */
#ifndef EXEC_GUARDIAN_H
#define EXEC_GUARDIAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What a guardian is called: its argv[0]. */
#define GUARDIAN_NAME "prun: guardian"
/* Its descriptors: the pipe, and the file of the table. */
enum {
	GUARDIAN_PIPE_FD = 0,
	GUARDIAN_TABLE_FD = 1
};

/* A job that runs, or what one left in its group. */
struct guarded {
	uint64_t until; /* 0: the job's process lives.  Else who started later
			 * (`start` in procs.h) is not of that group */
	int32_t pid;
	int32_t has_group; /* the pid is also a process group of the job's */
};

enum {
	GUARDED_MAX = 65536
};

/* A hole in a file takes no room: most of it is never touched. */
struct guard_table {
	char run[40];       /* what the marks of the run's jobs begin with */
	uint64_t since;     /* no job is older than that `start` */
	_Atomic uint32_t n; /* of jobs */
	struct guarded jobs[GUARDED_MAX];
};

bool guardian_is_one(const char *argv0);
/* Returns the exit status. */
int guardian_main(void);

#endif
