/* SPDX-License-Identifier: MIT */
/* The operations of the Slurm executor, and the life of a job. */
#include "exec/slurm_job.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

static struct slurm *
slurm_of(struct executor *x)
{
	return (struct slurm *)x;
}

static struct slurm_job *
slurm_job_of(const struct job *j)
{
	return (struct slurm_job *)(uintptr_t)j;
}

void
slurm_say(const struct slurm *x, const char *fmt, ...)
{
	struct sb text cleanup_sb = SB_INIT;
	va_list ap;

	va_start(ap, fmt);
	sb_vprintf(&text, fmt, ap);
	va_end(ap);
	if (x->o.say != NULL)
		x->o.say(x->o.ctx, sb_cstr(&text));
}

/* Where the cluster is closed, what waits to be handed in has nothing to wait
 * for. */
static void
hand_on(struct slurm *x)
{
	for (struct slurm_job *j = x->jobs; x->closed && j != NULL; j = j->next)
		if (j->state == SLURM_QUEUED)
			j->state = SLURM_LOCAL;
	slurm_here_next(x);
}

void
slurm_close(struct slurm *x, const char *why)
{
	if (!x->closed)
		slurm_say(x, "%s: what is left runs on this machine", why);
	x->closed = true;
	slurm_stir(x);
}

/* The operations ----------------------------------------------------------- */

static void
on_soon(void *arg)
{
	struct slurm *x = arg;

	slurm_cancel(x);
	hand_on(x);
	if (!x->closed)
		slurm_submit(x);
	slurm_watch(x);
}

void
slurm_stir(struct slurm *x)
{
	loop_soon(x->base.loop, &x->soon);
}

static bool
plan_of(struct slurm_job *j, struct err *e)
{
	struct slurm *x = j->x;
	const struct job_spec *s = &j->spec;

	if (!x->shell_found &&
	    !shell_find(x->keep, getenv("PATH"), &x->shell, e))
		return false;
	x->shell_found = true;
	/* what is not here may be there: the node's shell tells */
	shell_plan(j->a, &x->shell, s->script, s->set, s->shopt, s->dir, s->env,
	    &j->plan, e);
	if (j->plan.kind == SHELL_REFUSED)
		shell_plan(j->a,
		    &(struct shell){ .path = x->shell.path,
			.is_bash = x->shell.is_bash,
			.bash_major = x->shell.bash_major,
			.bash_minor = x->shell.bash_minor },
		    s->script, s->set, s->shopt, s->dir, s->env, &j->plan, e);
	if (j->plan.kind == SHELL_SCRIPT)
		j->spec.env =
		    shell_plan_hush(j->a, &x->shell, j->spec.env, &j->plan);
	if (shell_plan_is_long(&j->plan) ||
	    (s->hidden && j->plan.kind == SHELL_SCRIPT))
		shell_plan_hide(j->a, &x->shell, &j->plan);
	return j->plan.kind == SHELL_SCRIPT || j->plan.kind == SHELL_DIRECT;
}

/* It reads what a script, or a file that the user named, has for it. */
static bool
has_input(const struct job_spec *spec)
{
	struct stat in, own;

	if (spec->in.kind != STDIO_FD || fstat(spec->in.fd, &in) != 0 ||
	    S_ISCHR(in.st_mode))
		return false;
	return fstat(STDIN_FILENO, &own) != 0 || own.st_dev != in.st_dev ||
	       own.st_ino != in.st_ino;
}

/* What needs no process, or has input that no node can read, is this machine's.
 */
static struct job *
slurm_start(struct executor *ex, const struct job_spec *spec, struct err *e)
{
	struct slurm *x = slurm_of(ex);
	struct err ignored cleanup_err = ERR_INIT;
	struct slurm_job *j;

	if (spec->script == NULL)
		BUG("a program of prun's own for a cluster");
	j = slurm_job_new(x, spec);
	if (x->closed || has_input(spec) || !plan_of(j, &ignored)) {
		j->state = SLURM_LOCAL;
		slurm_stir(x);
		return (struct job *)j;
	}
	j->key = slurm_key(j);
	if (!slurm_orphan_take(j) && !slurm_files_of_job(j, e)) {
		slurm_files_drop(j);
		slurm_job_free(j);
		return NULL;
	}
	slurm_stir(x);
	return (struct job *)j;
}

static void
slurm_end_tree(struct executor *ex, struct job *job, int sig, int64_t grace_ns)
{
	struct slurm *x = slurm_of(ex);
	struct slurm_job *j = slurm_job_of(job);
	int64_t kill_ns = loop_now(ex->loop) + grace_ns;

	if (j->local != NULL) {
		x->local->ops->end_tree(x->local, j->local, sig, grace_ns);
		return;
	}
	if (j->end_sig == 0 || kill_ns < j->kill_ns)
		j->kill_ns = kill_ns;
	if (j->end_sig == 0)
		j->end_sig = sig != 0 ? sig : SIGTERM;
	if (sig == SIGKILL)
		j->kill_ns = loop_now(ex->loop);
	slurm_stir(x);
}

static void
slurm_hold(struct executor *ex, struct job *job, bool held)
{
	struct slurm_job *j = slurm_job_of(job);

	j->held = held;
	if (j->local != NULL)
		executor_hold(slurm_of(ex)->local, j->local, held);
}

static int64_t
slurm_job_id(struct executor *ex, const struct job *job)
{
	const struct slurm_job *j = slurm_job_of(job);

	return j->local != NULL ? executor_job_id(slurm_of(ex)->local, j->local)
				: j->id;
}

static bool
slurm_spawns(struct executor *ex, const struct job_spec *spec)
{
	(void)ex;
	(void)spec;
	return false; /* no process of a node reaches this one */
}

/* What still runs is nobody's any more. */
static void
slurm_free(struct executor *ex)
{
	struct slurm *x = slurm_of(ex);
	bool is_left = x->may_be_left;

	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		is_left = is_left ||
			  (j->state != SLURM_QUEUED && j->state != SLURM_LOCAL);
	if (is_left)
		for (struct slurm_place *p = x->places; p != NULL; p = p->next)
			slurm_end_by_name(p->name);
	loop_soon_stop(ex->loop, &x->soon);
	loop_timer_stop(ex->loop, &x->tick);
	loop_timer_stop(ex->loop, &x->poll);
	loop_timer_stop(ex->loop, &x->pause);
	slurm_asks_free(x);
	while (x->jobs != NULL)
		slurm_job_free(x->jobs);
	/* without its folder a script that is late ends at once */
	slurm_orphans_free(x);
	arena_free(x->keep);
	arena_free(x->scratch);
	free(x);
}

static const struct executor_ops slurm_ops = {
	.name = "slurm",
	.queues = true,
	.start = slurm_start,
	.end_tree = slurm_end_tree,
	.free = slurm_free,
	.hold = slurm_hold,
	.id = slurm_job_id,
	.spawns = slurm_spawns,
};

struct executor *
executor_slurm_new(struct executor *local, const struct slurm_options *options)
{
	struct slurm *x = xcalloc(1, sizeof(*x));

	x->base.ops = &slurm_ops;
	x->base.loop = local->loop;
	x->local = local;
	x->o = *options;
	x->keep = arena_new();
	x->scratch = arena_new();
	x->shell.fast = true;
	x->soon = (struct soon){ .fn = on_soon, .arg = x };
	x->own = x->places = slurm_place_new(
	    arena_printf(x->keep, "%s/slurm", options->dir), options->run_id);
	return &x->base;
}

bool
executor_slurm_is_closed(const struct executor *ex)
{
	const struct slurm *x = (const struct slurm *)ex;

	return x->closed || x->is_away;
}

bool
executor_slurm_is_there(void)
{
	struct arena *a cleanup_arena = arena_new();
	const char *why;

	return shell_look_up(a, "sbatch", NULL, NULL, &why) != NULL;
}
