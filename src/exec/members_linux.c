/* SPDX-License-Identifier: MIT */
/*
 * A descendant of prun belongs to a job by a live chain of parents up to the
 * job's process, or, where its parents are dead (it became prun's own child,
 * prun being a subreaper), by the mark in its environment.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/members.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec/local.h"
#include "exec/procs.h"

const int64_t members_look_ns = INT64_MAX;

/* Whether the mark names job j, at whatever depth prun itself is nested. */
static bool
is_marked(const struct job *j, const struct proc *p)
{
	struct sb mark cleanup_sb = SB_INIT;

	tree_mark(j->x, j->serial, getenv("PRUN_JOB"), &mark);
	return proc_has_mark(p, sb_sv(&mark));
}

/* Whether a child of prun belongs to the tree of j. */
static bool
is_root_of(const struct job *j, const struct proc *p)
{
	const struct child *other = loop_child_find(j->x->base.loop, p->pid);

	if (other != NULL)
		return other == &j->child;
	return (!j->here && p->pgid == j->pid) || is_marked(j, p);
}

/* A job of a run below this job, whose prun is alive and passes on what it gets
 * itself: told by both it would hear it twice (D-5). */
static bool
is_told_by_another(const struct job *j, const struct proc *p,
    const proc_vec *below)
{
	struct sb mark cleanup_sb = SB_INIT;
	pid_t runner;

	tree_mark(j->x, j->serial, getenv("PRUN_JOB"), &mark);
	runner = proc_runner_below(p, sb_sv(&mark));
	for (size_t i = 0; runner > 0 && i < below->n; i++)
		if (below->v[i].pid == runner)
			return !below->v[i].zombie && runner != p->pid;
	return false;
}

/* Signals the members of the tree that match, or tells those that ignore it by
 * TERM; returns how many live. */
static size_t
signal_members(struct job *j, pid_t spared, int sig, bool deaf_ones)
{
	struct arena *a cleanup_arena = arena_new();
	size_t n = 0;
	proc_vec below;
	bool *mine;

	procs_below(a, &below);
	mine = arena_alloc(a, below.n * sizeof(*mine) + 1);
	for (size_t i = 0; i < below.n; i++)
		mine[i] = below.v[i].root == (int)i ?
		    is_root_of(j, &below.v[i]) : mine[below.v[i].root];
	/* Children before their parents, so that no orphans come to be. */
	for (size_t i = below.n; i-- > 0;) {
		const struct proc *p = &below.v[i];

		if (!mine[i] || p->zombie)
			continue;
		n++;
		if (deaf_ones) {
			if (proc_ignores(p, sig))
				proc_signal(p, SIGTERM);
			continue;
		}
		if (sig == 0 || (spared != 0 && p->pgid == spared) ||
		    (sig != SIGKILL && is_told_by_another(j, p, &below)))
			continue;
		proc_signal(p, sig);
	}
	return n;
}

void
members_signal(struct job *j, pid_t spared, int sig)
{
	signal_members(j, spared, sig, false);
}

void
members_tell_deaf(struct job *j, int sig)
{
	signal_members(j, 0, sig, true);
}

bool
members_live(struct job *j)
{
	return signal_members(j, 0, 0, false) > 0;
}

bool
members_marked(const struct local *x, unsigned serial, pid_t pid)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb mark cleanup_sb = SB_INIT;
	proc_vec below;

	tree_mark(x, serial, getenv("PRUN_JOB"), &mark);
	procs_below(a, &below);
	for (size_t i = 0; i < below.n; i++)
		if ((pid == 0 || below.v[i].pid == pid) && !below.v[i].zombie &&
		    proc_has_mark(&below.v[i], sb_sv(&mark)))
			return true;
	return false;
}

/* Descendants below no running job, whichever executor's. */
size_t
members_signal_left(struct local *x, int sig)
{
	struct arena *a cleanup_arena = arena_new();
	size_t n = 0;
	proc_vec below;

	procs_below(a, &below);
	for (size_t i = below.n; i-- > 0;) {
		const struct proc *p = &below.v[i];
		const struct proc *root = &below.v[p->root];

		if (p->zombie ||
		    loop_child_find(x->base.loop, root->pid) != NULL)
			continue;
		n++;
		if (sig != 0)
			proc_signal(p, proc_ignores(p, sig) ? SIGTERM : sig);
	}
	return n;
}

/* Where parents do not name their children, children name their parents. */
static uint64_t
ticks_by_parents(void)
{
	struct arena *a cleanup_arena = arena_new();
	uint64_t ticks = 0;
	proc_vec below;

	procs_below(a, &below);
	for (size_t i = 0; i < below.n; i++)
		ticks += below.v[i].ticks;
	return ticks;
}

int64_t
members_cpu_ns(void)
{
	long hz = sysconf(_SC_CLK_TCK);
	uint64_t ticks;

	if (hz <= 0)
		return 0;
	if (!procs_ticks_below(&ticks))
		ticks = ticks_by_parents();
	return (int64_t)ticks * (NS_PER_S / hz);
}

/* Nothing has to be remembered here. */
void
members_look(struct job *j)
{
	(void)j;
}

void
members_leader_gone(struct job *j)
{
	(void)j;
}

void
members_runner(struct job *j, pid_t pid)
{
	(void)j;
	(void)pid;
}

void
members_drop(struct job *j)
{
	(void)j;
}

void
members_drop_left(struct local *x)
{
	(void)x;
}
