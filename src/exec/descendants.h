/* SPDX-License-Identifier: MIT */
/*
 * Who belongs to a job where nobody keeps the orphans for us: found in a list
 * of all processes, remembered, and found again in the next.  In doubt a
 * process is a stranger.  Pure; for members_ps.c. May include: base/, procs.h.
 */
#ifndef EXEC_DESCENDANTS_H
#define EXEC_DESCENDANTS_H

#include "exec/procs.h"

/* A process group that the job has made its own. */
struct descendant_group {
	pid_t id;
	uint64_t until; /* 0: its leader holds the number.  Else who started
			 * later is no proof that it still is that group */
};

struct descendants {
	proc_vec members; /* of the last list, parents mostly first */
	VEC(struct descendant_group) groups;
	pid_t root;	    /* of a job in a group of others; 0: none, or gone */
	VEC(pid_t) led;     /* groups whose leader was a member */
	VEC(pid_t) runners; /* nested runs, which pass on what they get */
};

void descendants_add_group(struct descendants *k, pid_t group, uint64_t until);
/* The leader is gone, at that time (`start` of a process). */
void descendants_leader_gone(struct descendants *k, pid_t group, uint64_t when);
/* Forgets the groups for which `lives` is false. */
void descendants_prune_groups(
    struct descendants *k, bool (*lives)(pid_t group));
/* A job without a group of its own; its process is there. */
void descendants_add_root(struct descendants *k, pid_t pid);
void descendants_add_runner(struct descendants *k, pid_t pid);

/* Members from now on: who is marked, processes of the groups, those of before
 * that are still there, their descendants, and who is in a group that one of
 * these led. */
void descendants_update(struct descendants *k, const proc_vec *all);
/* Whether a nested run that lives passes signals on to the member. */
bool descendants_is_told_by_another(
    const struct descendants *k, const struct proc *p);
void descendants_free(struct descendants *k);

#endif
