/* SPDX-License-Identifier: MIT */
/*
 * The processes of a job that is being ended, those that left its group
 * included (D-5).  members_linux.c reads them off /proc at any time, prun being
 * the parent of all orphans; members_ps.c has to look in time and to remember.
 * For tree.c and local.c.
 * May include: base/, executor.h, local.h, procs.h.
 */
#ifndef EXEC_MEMBERS_H
#define EXEC_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct job;
struct local;

/* While a tree is being ended members_look() wants to be called so often. */
extern const int64_t members_look_ns;

/* Who is there?  To be called before the first signal is sent. */
void members_look(struct job *j);
/* Signals each of them that hears it from nobody else; KILL goes to all.  Those
 * of the group `spared` have it already; 0: nobody has. */
void members_signal(struct job *j, pid_t spared, int sig);
/* TERM to those that ignore the signal, where that can be told. */
void members_tell_deaf(struct job *j, int sig);
/* Anybody left, the job's own process aside? */
bool members_live(struct job *j);
/* The job's own process is reaped. */
void members_leader_gone(struct job *j);
/* Has the process the mark of that job, which may be over?  0: has any? */
bool members_marked(const struct local *x, unsigned serial, pid_t pid);
/* A process of the job's is a run of its own. */
void members_runner(struct job *j, pid_t pid);
void members_drop(struct job *j);

/* What finished jobs left behind; returns how many were there. */
size_t members_signal_left(struct local *x, int sig);
void members_drop_left(struct local *x);
/* Cpu time of those that run, as far as it can be told. */
int64_t members_cpu_ns(void);

#endif
