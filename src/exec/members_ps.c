/* SPDX-License-Identifier: MIT */
/*
 * Without a subreaper an orphan becomes init's child, and nothing tells any more
 * whose it was.  So who belongs to a job is looked up before the first signal
 * kills its parents, and remembered from then on.  Where there is no ps, a job
 * is its process group.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/members.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec/descendants.h"
#include "exec/local.h"
#include "exec/ps.h"

/* New descendants have to be seen before their parents die. */
const int64_t members_look_ns = 200 * NS_PER_MS;
#define STALE_NS (100 * NS_PER_MS)
enum { PRUNE_AT = 64 };

struct members {
	struct descendants kin;
	int64_t looked_ns; /* 0: never */
	bool sure;	   /* the last look has seen all */
};

/* The last list, for all jobs that are ended in one turn of the loop. */
struct roster {
	struct arena *a;
	proc_vec all;
	size_t turn;
	bool asked, ok;
	struct descendants left;
	int64_t left_ns; /* when it was last looked at */
};

static bool
is_members_there(pid_t pid)
{
	return kill(pid, 0) == 0 || errno == EPERM;
}

static bool
group_lives(pid_t group)
{
	return is_members_there(-group);
}

/* Where there is no ps, a job is its group, or its process. */
static bool
job_lives(const struct job *j)
{
	if (j->here)
		return !j->exited && is_members_there(j->pid);
	return group_lives(j->pid);
}

static struct roster *
roster_of(struct local *x)
{
	if (x->roster == NULL) {
		x->roster = xcalloc(1, sizeof(*x->roster));
		x->roster->a = arena_new();
	}
	return x->roster;
}

/* All processes as they are, or were in this turn of the loop. */
static const struct roster *
list(struct local *x)
{
	struct roster *r = roster_of(x);

	if (r->asked && r->turn == loop_turns(x->base.loop))
		return r;
	arena_free(r->a);
	r->a = arena_new();
	r->turn = loop_turns(x->base.loop);
	r->asked = true;
	r->ok = ps_list(r->a, &r->all);
	return r;
}

static struct members *
members_of(struct job *j)
{
	if (j->members == NULL) {
		j->members = xcalloc(1, sizeof(*j->members));
		if (j->here)
			descendants_add_root(&j->members->kin, j->pid);
		else
			descendants_add_group(&j->members->kin, j->pid, 0);
	}
	return j->members;
}

void
members_look(struct job *j)
{
	struct members *m = members_of(j);
	const struct roster *r = list(j->x);

	m->looked_ns = clock_mono_ns();
	m->sure = r->ok;
	if (r->ok)
		descendants_update(&m->kin, &r->all);
}

void
members_signal(struct job *j, pid_t spared, int sig)
{
	struct members *m = members_of(j);

	/* The group had its number from the job's process, and has been seen
	 * alive ever since. */
	if (!m->sure && spared != (j->here ? getpgrp() : j->pid) &&
	    job_lives(j))
		job_kill(j, sig);
	for (size_t i = m->kin.members.n; m->sure && i-- > 0;) {
		const struct proc *p = &m->kin.members.v[i];

		if ((spared == 0 || p->pgid != spared) &&
		    (sig == SIGKILL ||
			!descendants_is_told_by_another(&m->kin, p)))
			kill(p->pid, sig);
	}
}

/* ps does not tell. */
void
members_tell_deaf(struct job *j, int sig)
{
	(void)j;
	(void)sig;
}

/* Cheap where the answer is no, which it mostly is. */
bool
members_live(struct job *j)
{
	struct members *m = members_of(j);
	bool lives = job_lives(j);

	for (size_t i = 0; i < m->kin.members.n && !lives; i++)
		lives = is_members_there(m->kin.members.v[i].pid);
	if (!lives || (m->looked_ns != 0 &&
	    clock_mono_ns() - m->looked_ns < STALE_NS))
		return lives;
	members_look(j);
	return !m->sure || m->kin.members.n > 0;
}

/* `start` of a process that was there at that time is not greater. */
static uint64_t
start_before(const struct job *j)
{
	int64_t ago_ns = clock_mono_ns() - j->result.end_ns;

	return ps_start_of(clock_real_ns() - ago_ns + NS_PER_S);
}

void
members_leader_gone(struct job *j)
{
	struct descendants *left;

	if (j->members != NULL)
		descendants_leader_gone(
		    &j->members->kin, j->pid, start_before(j));
	if (j->ending != ENDING_NOT || j->here || !group_lives(j->pid))
		return;
	left = &roster_of(j->x)->left;
	if (left->groups.n >= PRUNE_AT)
		descendants_prune_groups(left, group_lives);
	descendants_add_group(left, j->pid, start_before(j));
}

/* Nobody's environment can be read. */
bool
members_marked(const struct local *x, unsigned serial, pid_t pid)
{
	(void)x;
	(void)serial;
	(void)pid;
	return false;
}

void
members_runner(struct job *j, pid_t pid)
{
	descendants_add_runner(&members_of(j)->kin, pid);
}

void
members_drop(struct job *j)
{
	if (j->members == NULL)
		return;
	descendants_free(&j->members->kin);
	free(j->members);
}

/* Those that stayed in the groups of finished jobs, and their descendants. */
size_t
members_signal_left(struct local *x, int sig)
{
	struct roster *r = x->roster;
	struct descendants *left;
	size_t n = 0;

	if (r == NULL)
		return 0;
	left = &r->left;
	descendants_prune_groups(left, group_lives);
	for (size_t i = 0; i < left->members.n; i++)
		n += is_members_there(left->members.v[i].pid);
	if (n == 0 && left->groups.n == 0)
		return 0;
	if (sig == 0 && clock_mono_ns() - r->left_ns < STALE_NS)
		return n;
	list(x);
	if (!r->ok)
		return 0;
	r->left_ns = clock_mono_ns();
	descendants_update(left, &r->all);
	for (size_t i = left->members.n; sig != 0 && i-- > 0;)
		kill(left->members.v[i].pid, sig);
	return left->members.n;
}

void
members_drop_left(struct local *x)
{
	if (x->roster == NULL)
		return;
	arena_free(x->roster->a);
	descendants_free(&x->roster->left);
	free(x->roster);
}

/* Nothing tells what is in an environment. */
bool
procs_list(struct arena *a, const char *run, uint64_t since, proc_vec *out)
{
	(void)run;
	(void)since;
	return ps_list(a, out);
}

uint64_t
procs_start_now(void)
{
	return ps_start_of(clock_real_ns() + NS_PER_S);
}

void
proc_signal(const struct proc *p, int sig)
{
	kill(p->pid, sig);
}

int64_t
members_cpu_ns(void)
{
	return 0;
}
