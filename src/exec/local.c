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

static struct job *
local_start(struct executor *ex, const struct job_spec *spec, struct err *e)
{
	return job_start((struct local *)ex, spec, e);
}

static void
local_kill(struct executor *ex, struct job *j, int sig)
{
	(void)ex;
	if (j->pid > 0 && !j->exited)
		kill(-j->pid, sig);
}

static void
local_end_tree(struct executor *ex, struct job *j, int sig, int64_t grace_ns)
{
	(void)ex;
	tree_end(j, sig, grace_ns);
}

static int64_t
local_now(struct executor *ex)
{
	(void)ex;
	return clock_mono_ns();
}

static struct timer *
local_timer(struct executor *ex, int64_t after_ns, void (*fn)(void *),
    void *arg)
{
	return loop_timer((struct local *)ex, after_ns, fn, arg);
}

static void
local_timer_stop(struct executor *ex, struct timer *t)
{
	loop_timer_stop((struct local *)ex, t);
}

static void
local_watch(struct executor *ex, int fd, void (*fn)(void *, int fd), void *arg)
{
	loop_watch((struct local *)ex, fd, fn, arg);
}

static void
local_unwatch(struct executor *ex, int fd)
{
	loop_unwatch((struct local *)ex, fd);
}

static void
local_on_signal(struct executor *ex, void (*fn)(void *, int sig), void *arg)
{
	loop_on_signal((struct local *)ex, fn, arg);
}

static bool
has_to_wait(const struct local *x)
{
	return x->n_running > 0 || x->n_timers > 0 || x->watches != NULL;
}

static bool
local_turn(struct executor *ex)
{
	struct local *x = (struct local *)ex;

	x->turns++;
	if (job_run_ready(x)) {
		if (x->loop_up)
			uv_run(&x->loop, UV_RUN_NOWAIT);
		return true;
	}
	if (!x->loop_up || !has_to_wait(x))
		return false;
	x->happened = false;
	while (!x->happened && x->ready == NULL && has_to_wait(x)) {
		uv_run(&x->loop, UV_RUN_ONCE);
		x->turns++;
	}
	return true;
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
	if (pid > 0 && getpgid(pid) == j->pid)
		return true;
	if (*mark == '\0')
		return false;
	tree_mark(j, getenv("PRUN_JOB"), &ours);
	return sv_is(sb_sv(&ours), mark);
}

static bool
local_exited(struct executor *ex, const struct job *j)
{
	(void)ex;
	return j->exited;
}

static pid_t
local_group(struct executor *ex, const struct job *j)
{
	(void)ex;
	return j->pid;
}

static void
local_hold(struct executor *ex, struct job *j, bool held)
{
	(void)ex;
	for (int i = 0; i < SLOTS; i++)
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
			kill(-j->pid, SIGKILL);
			while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
				;
			j->exited = true;
			terminal_take_back(x, j);
		}
		job_free(j);
	}
	loop_free(x);
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
	.kill = local_kill,
	.end_tree = local_end_tree,
	.now = local_now,
	.timer = local_timer,
	.timer_stop = local_timer_stop,
	.watch = local_watch,
	.unwatch = local_unwatch,
	.turn = local_turn,
	.on_signal = local_on_signal,
	.free = local_free,
	.cpu_used = local_cpu_used,
	.end_left = local_end_left,
	.owns = local_owns,
	.id = local_id,
	.exited = local_exited,
	.group = local_group,
	.hold = local_hold,
	.spawns = local_spawns,
	.runner = local_runner,
};

struct executor *
executor_local_new(void)
{
	struct local *x = xcalloc(1, sizeof(*x));

	x->base.ops = &local_ops;
	x->keep = arena_new();
	x->scratch = arena_new();
	x->null_fd = -1;
	x->terminal.fd = -1;
	x->ready_end = &x->ready;
	x->shell.fast = true;
	return &x->base;
}

void
executor_local_set_fast(struct executor *x, bool fast_exec)
{
	((struct local *)x)->shell.fast = fast_exec;
}
