/* SPDX-License-Identifier: MIT */
/*
 * One process as the system tells of it, in lists ordered by pid.  The list
 * comes from /proc on Linux (procs_linux.c, which also knows which job a
 * process that lost its parents came from) and from ps elsewhere (ps.h).  For
 * exec/ only.
 * May include: base/.
 */
#ifndef EXEC_PROCS_H
#define EXEC_PROCS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "base/vec.h"

struct proc {
	pid_t pid, ppid, pgid;
	uint64_t start; /* grows with time: tells a reused pid */
	uint64_t ticks; /* cpu time, that of reaped children included */
	unsigned threads; /* 0: not known */
	bool zombie;
	int depth;      /* below this process; 0: not below it */
	int root;       /* index of the child of ours above it, or of itself */
	pid_t runner;   /* a nested run above it, in a list of descendants.h;
			 * 0: none */
	bool is_marked; /* of the run that was asked for, by its environment */
};
typedef VEC(struct proc) proc_vec;

/* All processes.  Those that are not older than `since` are marked if PRUN_JOB
 * in their environment has a job of `run` ("PID.TIME-"), where the system
 * tells; false: there is no list. */
bool procs_list(
    struct arena *a, const char *run, uint64_t since, proc_vec *out);
/* What `start` of a process that is there now is at most. */
uint64_t procs_start_now(void);
/* All descendants of this process; parents before their children. */
void procs_below(struct arena *a, proc_vec *out);
/* The `ticks` of all of them alone, without a look at any other process; false:
 * the system does not tell who is whose child. */
bool procs_ticks_below(uint64_t *ticks);
/* Whether the process was started with NAME=value or NAME=value/… in its
 * environment. */
bool proc_has_mark(const struct proc *p, sv mark);
/* The pid P of the prun that started the process, where its environment has
 * NAME=value/P-…, the mark of a run below that one's job; 0: it has not. */
pid_t proc_runner_below(const struct proc *p, sv mark);
/* Does it ignore the signal? */
bool proc_ignores(const struct proc *p, int sig);
/* Sends it, if the pid still is that process. */
void proc_signal(const struct proc *p, int sig);

#endif
