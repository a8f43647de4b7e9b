/* SPDX-License-Identifier: MIT */
/*
 * Ending the whole tree of a job (D-5).  Its process group is one signal; what
 * left the group is found among prun's descendants: a live chain of parents up
 * to the job, or, for those whose parents are dead (they became prun's own
 * children, prun being a subreaper), the mark in their environment.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#ifdef PRUN_LINUX
#include <sys/prctl.h>
#endif

#include "exec/procs.h"

#define LOOK_AGAIN_NS (10 * NS_PER_MS)
/* After KILL: a process in the middle of a disk operation may take its time,
 * but not prun's for ever. */
#define GIVE_UP_NS (2 * NS_PER_S)

void
tree_adopt(void)
{
#ifdef PRUN_LINUX
	prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
#endif
}

/* PRUN_JOB=…/PID-N: of the outer prun's job, then of ours. */
void
tree_mark(const struct job *j, const char *outer, struct sb *out)
{
	sb_adds(out, "PRUN_JOB=");
	if (outer != NULL && *outer != '\0')
		sb_printf(out, "%s/", outer);
	sb_printf(out, "%d-%u", (int)getpid(), j->serial);
}

#ifdef PRUN_LINUX
/* Whether the mark names job j, at whatever depth prun itself is nested. */
static bool
is_marked(const struct job *j, const struct proc *p)
{
	struct sb mark cleanup_sb = SB_INIT;

	tree_mark(j, getenv("PRUN_JOB"), &mark);
	return proc_has_mark(p, sb_sv(&mark));
}

/* Whether a child of prun belongs to the tree of j. */
static bool
is_root_of(const struct job *j, const struct proc *p)
{
	struct job *other = local_job_of(j->x, p->pid);

	if (other != NULL)
		return other == j;
	return p->pgid == j->pid || is_marked(j, p);
}

/* A job of a run below this job, whose prun is alive and passes on what it gets
 * itself: told by both it would hear it twice (D-5). */
static bool
is_told_by_another(const struct job *j, const struct proc *p,
    const proc_vec *below)
{
	struct sb mark cleanup_sb = SB_INIT;
	pid_t runner;

	tree_mark(j, getenv("PRUN_JOB"), &mark);
	runner = proc_runner_below(p, sb_sv(&mark));
	for (size_t i = 0; runner > 0 && i < below->n; i++)
		if (below->v[i].pid == runner)
			return !below->v[i].zombie && runner != p->pid;
	return false;
}

/* Signals the members of the tree that match; returns how many live. */
static size_t
signal_members(struct job *j, bool group_too, int sig)
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
		if (sig == 0 || (!group_too && p->pgid == j->pid) ||
		    (sig != SIGKILL && is_told_by_another(j, p, &below)))
			continue;
		proc_signal(p, sig);
	}
	return n;
}

#else

static bool
group_lives(const struct job *j)
{
	return kill(-j->pid, 0) == 0 || errno == EPERM;
}
#endif

/* Anybody left, once the job's own process is reaped? */
static bool
tree_lives(struct job *j)
{
#ifdef PRUN_LINUX
	return signal_members(j, true, 0) > 0;
#else
	return group_lives(j);
#endif
}

static void
tree_signal(struct job *j, int sig)
{
#ifdef PRUN_LINUX
	/* Behind the exit of its leader a group's number may be another's. */
	if (!j->exited)
		kill(-j->pid, sig);
	signal_members(j, j->exited, sig);
#else
	if (!j->exited || group_lives(j))
		kill(-j->pid, sig);
#endif
}

static void look(void *arg);

static void
look_in(struct job *j, int64_t ns)
{
	j->ending_timer = loop_timer(j->x, ns, look, j);
}

static void
over(struct job *j)
{
	j->ending = ENDING_OVER;
	job_await_end_of_output(j);
	job_maybe_done(j);
}

static void
look(void *arg)
{
	struct job *j = arg;
	int64_t now = clock_mono_ns();

	j->ending_timer = NULL;
	if (j->exited && !tree_lives(j)) {
		over(j);
		return;
	}
	if (now >= j->kill_ns) {
		if (j->ending == ENDING_KILLED &&
		    now >= j->kill_ns + GIVE_UP_NS && j->exited) {
			over(j);
			return;
		}
		j->ending = ENDING_KILLED;
		tree_signal(j, SIGKILL);
	}
	look_in(j, j->exited || now >= j->kill_ns ? LOOK_AGAIN_NS :
	    j->kill_ns - now);
}

void
tree_end(struct job *j, int sig, int64_t grace_ns)
{
	int64_t kill_ns = clock_mono_ns() + grace_ns;

	if (j->pid == 0 || j->ending == ENDING_OVER)
		return;
	if (j->ending == ENDING_NOT || kill_ns < j->kill_ns)
		j->kill_ns = kill_ns;
	if (j->ending == ENDING_NOT)
		j->ending = ENDING_ASKED;
	tree_signal(j, sig);
	/* A stopped group takes the signal when it goes on. */
	if (!j->exited && sig != SIGKILL)
		kill(-j->pid, SIGCONT);
	loop_timer_stop(j->x, j->drain);
	j->drain = NULL;
	loop_timer_stop(j->x, j->ending_timer);
	look_in(j, j->exited ? 0 : grace_ns);
}

void
tree_root_exited(struct job *j)
{
	if (j->ending == ENDING_NOT || j->ending == ENDING_OVER)
		return;
	loop_timer_stop(j->x, j->ending_timer);
	j->ending_timer = NULL;
	if (tree_lives(j))
		look_in(j, LOOK_AGAIN_NS);
	else
		j->ending = ENDING_OVER;
}

/* What finished jobs left behind: descendants below no running job. */
static size_t
signal_left(struct local *x, int sig)
{
	struct arena *a cleanup_arena = arena_new();
	size_t n = 0;
	proc_vec below;

	procs_below(a, &below);
	for (size_t i = below.n; i-- > 0;) {
		const struct proc *p = &below.v[i];
		const struct proc *root = &below.v[p->root];

		if (p->zombie || local_job_of(x, root->pid) != NULL)
			continue;
		n++;
		if (sig != 0)
			proc_signal(p, sig);
	}
	return n;
}

static void
look_left(void *arg)
{
	struct local *x = arg;
	int64_t now = clock_mono_ns();

	x->left_timer = NULL;
	local_reap(x);
	if (signal_left(x, now >= x->left_kill_ns ? SIGKILL : 0) > 0 &&
	    now < x->left_kill_ns + GIVE_UP_NS)
		x->left_timer = loop_timer(x, LOOK_AGAIN_NS, look_left, x);
}

void
tree_end_left(struct local *x, int sig, int64_t grace_ns)
{
	if (!x->loop_up || signal_left(x, sig) == 0)
		return;
	x->left_kill_ns = clock_mono_ns() + grace_ns;
	loop_timer_stop(x, x->left_timer);
	x->left_timer = loop_timer(x, 0, look_left, x);
}

int64_t
tree_cpu_ns(struct local *x)
{
	struct arena *a cleanup_arena = arena_new();
	long hz = sysconf(_SC_CLK_TCK);
	struct rusage u;
	int64_t ns = 0;
	proc_vec below;

	(void)x;
	if (getrusage(RUSAGE_CHILDREN, &u) == 0)
		ns = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S +
		    (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
	procs_below(a, &below);
	for (size_t i = 0; i < below.n && hz > 0; i++)
		ns += (int64_t)below.v[i].ticks * (NS_PER_S / hz);
	return ns;
}
