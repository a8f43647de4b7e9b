/* SPDX-License-Identifier: MIT */
/*
 * Ending the whole tree of a job (D-5): its process group, which is one signal,
 * and what left the group (members.h); KILL after the grace.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec/members.h"

#define LOOK_AGAIN_NS (10 * NS_PER_MS)
/* After KILL: a process in the middle of a disk operation may take its time,
 * but not prun's for ever. */
#define GIVE_UP_NS (2 * NS_PER_S)

/* No other run's, in whatever namespace its pid was the same. */
void
tree_name_run(struct local *x)
{
	snprintf(x->run, sizeof(x->run), "%d.%llx-", (int)getpid(),
	    (unsigned long long)clock_real_ns());
}

/* PRUN_JOB=…/RUN-N: of the outer prun's job, then of ours. */
void
tree_mark(
    const struct local *x, unsigned serial, const char *outer, struct sb *out)
{
	sb_adds(out, "PRUN_JOB=");
	if (outer != NULL && *outer != '\0') {
		sb_adds(out, outer);
		sb_addc(out, '/');
	}
	sb_adds(out, x->run);
	sb_uint(out, serial);
}

static void
tree_signal(struct job *j, int sig)
{
	bool heard = signals_from_terminal(loop_signals(j->x->base.loop), sig);

	if (sig == 0)
		return;
	members_look(j);
	/* Behind the exit of its leader a group's number may be another's. */
	if (!j->exited && !j->here)
		kill(-j->pid, sig);
	if (j->here)
		members_signal(j, heard ? getpgrp() : 0, sig);
	else
		members_signal(j, j->exited ? 0 : j->pid, sig);
}

static void tree_look(void *arg);

static void
look_in(struct job *j, int64_t ns)
{
	j->ending_timer = loop_timer(j->x->base.loop,
	    ns < members_look_ns ? ns : members_look_ns, tree_look, j);
}

static void
over(struct job *j)
{
	j->ending = ENDING_OVER;
	job_await_end_of_output(j);
	job_maybe_done(j);
}

static void
tree_look(void *arg)
{
	struct job *j = arg;
	int64_t now = clock_mono_ns();

	j->ending_timer = NULL;
	if (!j->exited)
		members_look(j);
	if (j->exited && !members_live(j)) {
		over(j);
		return;
	}
	if (now >= j->kill_ns) {
		if (j->ending == ENDING_KILLED &&
		    now >= ns_add(j->kill_ns, GIVE_UP_NS) && j->exited) {
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
	int64_t kill_ns = ns_add(clock_mono_ns(), grace_ns);

	if (j->pid == 0 || j->ending == ENDING_OVER)
		return;
	if (j->ending == ENDING_NOT || kill_ns < j->kill_ns)
		j->kill_ns = kill_ns;
	if (j->ending == ENDING_NOT) {
		j->ending = ENDING_ASKED;
		j->end_sig = sig;
	}
	tree_signal(j, sig);
	/* A stopped group takes the signal when it goes on. */
	if (sig != SIGKILL && sig != 0 && j->here)
		members_signal(j, 0, SIGCONT);
	else if (sig != SIGKILL && sig != 0 && !j->exited)
		kill(-j->pid, SIGCONT);
	loop_timer_stop(j->x->base.loop, &j->drain);
	loop_timer_stop(j->x->base.loop, &j->ending_timer);
	look_in(j, j->exited ? 0 : grace_ns);
}

void
tree_root_exited(struct job *j)
{
	members_leader_gone(j);
	if (j->ending == ENDING_NOT || j->ending == ENDING_OVER)
		return;
	loop_timer_stop(j->x->base.loop, &j->ending_timer);
	if (!members_live(j)) {
		j->ending = ENDING_OVER;
		return;
	}
	/* What a shell starts with `&` cannot hear ^C: it need not wait for
	 * KILL. */
	if (j->end_sig == SIGINT)
		members_tell_deaf(j, j->end_sig);
	look_in(j, LOOK_AGAIN_NS);
}

static void
look_left(void *arg)
{
	struct local *x = arg;
	int64_t now = clock_mono_ns();

	x->left_timer = NULL;
	loop_reap(x->base.loop);
	if (members_signal_left(x, now >= x->left_kill_ns ? SIGKILL : 0) > 0 &&
	    now < ns_add(x->left_kill_ns, GIVE_UP_NS))
		x->left_timer =
		    loop_timer(x->base.loop, LOOK_AGAIN_NS, look_left, x);
}

void
tree_end_left(struct local *x, int sig, int64_t grace_ns)
{
	if (!x->spawned || members_signal_left(x, sig) == 0)
		return;
	x->left_kill_ns = ns_add(clock_mono_ns(), grace_ns);
	loop_timer_stop(x->base.loop, &x->left_timer);
	x->left_timer = loop_timer(x->base.loop, 0, look_left, x);
}

int64_t
tree_cpu_ns(void)
{
	struct rusage u;
	int64_t ns = 0;

	if (getrusage(RUSAGE_CHILDREN, &u) == 0)
		ns = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS_PER_S +
		    (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000;
	return ns + members_cpu_ns();
}
