/* SPDX-License-Identifier: MIT */
/* The operations of the local executor; its other files do the work. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/members.h"
#include "exec/procs.h"

static struct job *
local_start(struct executor *ex, const struct job_spec *spec, struct err *e)
{
	return job_start((struct local *)ex, spec, e);
}

static void
local_end_tree(struct executor *ex, struct job *j, int sig, int64_t grace_ns)
{
	(void)ex;
	tree_end(j, sig, grace_ns);
}

static int64_t
local_cpu_used(struct executor *ex)
{
	(void)ex;
	return tree_cpu_ns();
}

static void
local_end_left(struct executor *ex, int sig, int64_t grace_ns)
{
	tree_end_left((struct local *)ex, sig, grace_ns);
}

static bool
local_owns(struct executor *ex, const struct job *j, pid_t pid,
    const char *mark)
{
	struct sb ours cleanup_sb = SB_INIT;

	(void)ex;
	if (j->pid == 0)
		return false;
	if (pid > 0 && !j->here && getpgid(pid) == j->pid)
		return true;
	if (*mark == '\0')
		return false;
	tree_mark(j->x, j->serial, getenv("PRUN_JOB"), &ours);
	return sv_is(
	    sv_sub(sb_sv(&ours), strlen("PRUN_JOB="), SIZE_MAX), mark);
}

static bool
local_exited(struct executor *ex, const struct job *j)
{
	(void)ex;
	return j->exited;
}

static long
local_group(struct executor *ex, const struct job *j)
{
	(void)ex;
	/* prun's own group tells nothing, nor does that of one process of
	 * several: the mark does */
	return j->here || j->steps != NULL ? -(long)j->serial : (long)j->pid;
}

static bool
local_group_has(struct executor *ex, long group, pid_t pid)
{
	if (group < 0)
		return members_marked(
		    (struct local *)ex, (unsigned)-group, pid);
	if (pid > 0)
		return getpgid(pid) == (pid_t)group;
	return kill(-(pid_t)group, 0) == 0;
}

static void
local_hold(struct executor *ex, struct job *j, bool held)
{
	(void)ex;
	for (int i = 0; i < STREAMS; i++)
		if (j->streams[i] != NULL)
			stream_hold(j->streams[i], held);
}

static bool
local_spawns(struct executor *ex, const struct job_spec *spec)
{
	struct local *x = (struct local *)ex;
	struct arena_mark mark = arena_mark(x->scratch);
	bool known = spec->script != NULL && shell_is_known(x->scratch,
	    &x->shell, spec->script, spec->set, spec->env);

	arena_release(x->scratch, mark);
	return !known;
}

/* Jobs that still run are ended: whoever frees the executor waits for none. */
static void
local_free(struct executor *ex)
{
	struct local *x = (struct local *)ex;

	while (x->jobs != NULL) {
		struct job *j = x->jobs;

		if (j->pid > 0 && !j->exited) {
			job_kill(j, SIGKILL);
			while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
				;
			j->exited = true;
			terminal_take_back(x, j);
		}
		job_free(j);
	}
	guard_end(x);
	loop_soon_stop(ex->loop, &x->soon);
	loop_timer_stop(ex->loop, &x->left_timer);
	signals_disown(loop_signals(ex->loop), &x->groups);
	while (x->streams != NULL)
		stream_close(x->streams);
	members_drop_left(x);
	if (x->null_fd >= 0)
		close(x->null_fd);
	if (x->terminal.looked && x->terminal.fd >= 0)
		close(x->terminal.fd);
	arena_free(x->keep);
	arena_free(x->scratch);
	free(x->buffer);
	free(x);
}

static void
local_runner(struct executor *ex, struct job *j, pid_t pid)
{
	(void)ex;
	members_runner(j, pid);
}

static int64_t
local_id(struct executor *ex, const struct job *j)
{
	(void)ex;
	return j->pid;
}

static const struct executor_ops local_ops = {
	.name = "local",
	.start = local_start,
	.end_tree = local_end_tree,
	.free = local_free,
	.cpu_used = local_cpu_used,
	.end_left = local_end_left,
	.owns = local_owns,
	.id = local_id,
	.exited = local_exited,
	.group = local_group,
	.group_has = local_group_has,
	.hold = local_hold,
	.spawns = local_spawns,
	.runner = local_runner,
};

struct executor *
executor_local_new(struct loop *loop)
{
	struct local *x = xcalloc(1, sizeof(*x));

	x->base.ops = &local_ops;
	x->base.loop = loop;
	x->soon = (struct soon){ .fn = jobs_run_ready, .arg = x };
	x->groups = (struct group_owner){
		.fn = jobs_told, .keeps_int = terminal_keeps_int, .arg = x
	};
	signals_own(loop_signals(loop), &x->groups);
	x->keep = arena_new();
	x->scratch = arena_new();
	x->null_fd = -1;
	x->terminal.fd = -1;
	x->since = procs_start_now();
	tree_name_run(x);
	x->ready_end = &x->ready;
	x->shell.fast = true;
	x->shell.steps = true;
	return &x->base;
}

void
executor_local_set_fast(struct executor *x, bool fast_exec, bool fast_shell)
{
	struct local *l = (struct local *)x;

	l->shell.fast = fast_exec;
	l->shell.asks = !fast_shell;
	l->shell.no_dash = !fast_shell;
}

const struct local_spared *
executor_local_spared(const struct executor *x)
{
	return &((const struct local *)x)->spared;
}

void
executor_local_guard(struct executor *ex, const char *program)
{
	struct guard *g = &((struct local *)ex)->guard;

	free(g->program);
	g->program = xstrdup(program);
}

void
executor_local_guard_now(struct executor *ex, const char *program)
{
	executor_local_guard(ex, program);
	guard_begin((struct local *)ex);
}
