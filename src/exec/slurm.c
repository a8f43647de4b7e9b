/* SPDX-License-Identifier: MIT */
/* The operations of the Slurm executor, and the life of a job. */
#include "exec/slurm_job.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/capture.h"

extern char **environ;

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

const char *
slurm_id_text(const struct slurm_job *j, struct sb *out)
{
	if (j->id == 0)
		sb_adds(out, "?");
	else
		sb_printf(out, "%" PRId64, j->id);
	if (j->element >= 0)
		sb_printf(out, "_%d", j->element);
	return sb_cstr(out);
}

void
slurm_note(struct slurm_job *j, const char *fmt, ...)
{
	struct sb text cleanup_sb = SB_INIT, id cleanup_sb = SB_INIT;
	bool to_out = j->spec.err.kind == STDIO_STDOUT;
	const struct job_stdio *to = to_out ? &j->spec.out : &j->spec.err;
	int stream = to_out ? 1 : 2;
	va_list ap;

	sb_printf(&text, "prun: Slurm job %s", slurm_id_text(j, &id));
	if (j->end.node[0] != '\0')
		sb_printf(&text, " on %s", j->end.node);
	sb_adds(&text, ": ");
	va_start(ap, fmt);
	sb_vprintf(&text, fmt, ap);
	va_end(ap);
	sb_addc(&text, '\n');
	if (to->kind == STDIO_INHERIT)
		write_all(stream, text.p, text.n);
	else if (to->kind == STDIO_FD)
		write_all(j->fds[stream], text.p, text.n);
	else if (to->kind != STDIO_NULL)
		j->spec.output(j->spec.arg, stream, sb_sv(&text));
}

/* Life --------------------------------------------------------------------- */

static char *const *
copy_words(struct arena *a, const char *const *words)
{
	size_t n = 0;
	char **out;

	if (words == NULL)
		return NULL;
	while (words[n] != NULL)
		n++;
	out = arena_alloc(a, (n + 1) * sizeof(*out));
	for (size_t i = 0; i < n; i++)
		out[i] = arena_strdup(a, words[i]);
	out[n] = NULL;
	return out;
}

/* What a spec lends is needed as long as the job may still be handed on. */
static void
keep_spec(struct slurm_job *j, const struct job_spec *spec)
{
	const struct job_stdio *io[3] = { &spec->in, &spec->out, &spec->err };
	char *const *env = spec->env != NULL ? spec->env : environ;
	struct job_stdio *own[3];

	j->spec = *spec;
	j->spec.script = arena_strdup(j->a, spec->script);
	j->spec.set = (const char *const *)copy_words(j->a, spec->set);
	j->spec.shopt = (const char *const *)copy_words(j->a, spec->shopt);
	j->spec.env = copy_words(j->a, (const char *const *)env);
	if (spec->dir != NULL)
		j->spec.dir = arena_strdup(j->a, spec->dir);
	own[0] = &j->spec.in;
	own[1] = &j->spec.out;
	own[2] = &j->spec.err;
	for (int i = 0; i < 3; i++) {
		j->fds[i] = io[i]->kind == STDIO_FD
				? fcntl(io[i]->fd, F_DUPFD_CLOEXEC, 10)
				: -1;
		if (io[i]->kind == STDIO_FD)
			own[i]->fd = j->fds[i];
	}
}

static struct slurm_job *
slurm_job_new(struct slurm *x, const struct job_spec *spec)
{
	struct slurm_job *j = xcalloc(1, sizeof(*j));

	j->x = x;
	j->a = arena_new();
	j->number = ++x->jobs_made;
	j->attempt = 1;
	j->element = -1;
	j->queued_ns = loop_now(x->base.loop);
	keep_spec(j, spec);
	j->next = x->jobs;
	if (x->jobs != NULL)
		x->jobs->prev = j;
	x->jobs = j;
	return j;
}

static void
slurm_job_free(struct slurm_job *j)
{
	if (j->prev != NULL)
		j->prev->next = j->next;
	else
		j->x->jobs = j->next;
	if (j->next != NULL)
		j->next->prev = j->prev;
	for (int i = 0; i < 3; i++)
		if (j->fds[i] >= 0)
			close(j->fds[i]);
	arena_free(j->a);
	free(j);
}

/* By this machine's clock, since a node's may be another; how long it ran by
 * the node's. */
static void
set_times(const struct slurm_job *j, struct job_result *r)
{
	r->end_ns = loop_now(j->x->base.loop);
	r->start_ns = j->running_ns != 0 ? j->running_ns : r->end_ns;
	if (j->has_result && r->end_ns - j->queued_ns >
		(j->result.end_s - j->result.start_s) * NS_PER_S &&
	    j->result.end_s - j->result.start_s > 1)
		r->start_ns = r->end_ns -
			      (j->result.end_s - j->result.start_s) * NS_PER_S;
	r->queued_ns = r->start_ns - j->queued_ns;
}

void
slurm_finish(struct slurm_job *j, int status, int sig)
{
	struct job_result r = { .status = status, .signal = sig,
		.queue_id = j->id };

	if (j->has_result)
		r.host = j->result.node;
	else if (j->end.node[0] != '\0')
		r.host = j->end.node;
	set_times(j, &r);
	slurm_files_drop(j);
	j->spec.done(j->spec.arg, &r);
	slurm_job_free(j);
}

void
slurm_refused(struct slurm_job *j, const char *why)
{
	struct job_result r = { .status = 127, .not_started = true,
		.error = ERR_INIT };

	err_set(&r.error, ERR_GENERIC, "%s", why);
	r.start_ns = r.end_ns = loop_now(j->x->base.loop);
	slurm_files_drop(j);
	j->spec.done(j->spec.arg, &r);
	err_clear(&r.error);
	slurm_job_free(j);
}

void
slurm_lost(struct slurm_job *j, const char *why)
{
	slurm_files_revoke(j);
	if (j->attempt == SLURM_ATTEMPTS || j->end_sig != 0) {
		slurm_note(j, "lost: %s", why);
		slurm_finish(j, j->end_sig != 0 ? 128 + j->end_sig : 1, 0);
		return;
	}
	slurm_note(j, "lost: %s; it is run once more", why);
	j->attempt++;
	j->state = SLURM_QUEUED;
	j->id = 0;
	j->element = -1;
	j->running = j->asked = j->told = j->has_result = false;
	j->end = (struct slurm_end){ .state = "" };
	j->read_to[1] = j->read_to[2] = 0;
	slurm_stir(j->x);
}

/* Handed on ---------------------------------------------------------------- */

static void local_next(struct slurm *x);

static void
on_local_output(void *arg, int stream, sv bytes)
{
	struct slurm_job *j = arg;

	j->spec.output(j->spec.arg, stream, bytes);
}

static void
on_local_done(void *arg, const struct job_result *r)
{
	struct slurm_job *j = arg;
	struct slurm *x = j->x;

	x->n_local--;
	slurm_files_drop(j);
	j->spec.done(j->spec.arg, r);
	slurm_job_free(j);
	local_next(x);
}

static bool
local_begin(struct slurm_job *j)
{
	struct slurm *x = j->x;
	struct job_spec spec = j->spec;
	struct err e cleanup_err = ERR_INIT;

	spec.output = on_local_output;
	spec.done = on_local_done;
	spec.arg = j;
	j->local = x->local->ops->start(x->local, &spec, &e);
	if (j->local != NULL) {
		x->n_local++;
		if (j->spec.running != NULL)
			j->spec.running(j->spec.arg);
		return true;
	}
	slurm_refused(j, e.message);
	return false;
}

/* In the order in which they came; the newest is first in the list. */
static void
local_next(struct slurm *x)
{
	struct slurm_job *j, *oldest;

	while (x->o.local_jobs == 0 || x->n_local < (unsigned)x->o.local_jobs) {
		oldest = NULL;
		for (j = x->jobs; j != NULL; j = j->next)
			if (j->state == SLURM_LOCAL && j->local == NULL)
				oldest = j;
		if (oldest == NULL)
			return;
		local_begin(oldest);
	}
}

/* Where the cluster is closed, what waits to be handed in has nothing to wait
 * for. */
static void
hand_on(struct slurm *x)
{
	for (struct slurm_job *j = x->jobs; x->closed && j != NULL; j = j->next)
		if (j->state == SLURM_QUEUED)
			j->state = SLURM_LOCAL;
	local_next(x);
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
	shell_plan(j->a, &x->shell, s->script, s->set, s->shopt, s->dir, s->env,
	    &j->plan, e);
	if (j->plan.kind == SHELL_SCRIPT)
		j->spec.env = shell_plan_hush(
		    j->a, &x->shell, j->spec.env, &j->plan);
	return j->plan.kind == SHELL_SCRIPT || j->plan.kind == SHELL_DIRECT;
}

/* What needs no process, or cannot be run, this machine knows best. */
static struct job *
slurm_start(struct executor *ex, const struct job_spec *spec, struct err *e)
{
	struct slurm *x = slurm_of(ex);
	struct err ignored cleanup_err = ERR_INIT;
	struct slurm_job *j;

	if (spec->script == NULL)
		BUG("a program of prun's own for a cluster");
	j = slurm_job_new(x, spec);
	if (x->closed || !plan_of(j, &ignored)) {
		j->state = SLURM_LOCAL;
		slurm_stir(x);
		j->plan.kind = SHELL_NOTHING;
	} else if (!slurm_files_of_job(j, e)) {
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
	struct err ignored cleanup_err = ERR_INIT;
	bool is_left = x->may_be_left;

	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		is_left = is_left ||
			  (j->state != SLURM_QUEUED && j->state != SLURM_LOCAL);
	if (is_left)
		executor_slurm_end_run(x->o.run_id);
	loop_soon_stop(ex->loop, &x->soon);
	loop_timer_stop(ex->loop, &x->tick);
	loop_timer_stop(ex->loop, &x->poll);
	slurm_asks_free(x);
	while (x->jobs != NULL)
		slurm_job_free(x->jobs);
	/* without it a script that is late ends at once */
	remove_all(x->dir, &ignored);
	free(x->name);
	free(x->dir);
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
	x->dir = xasprintf("%s/slurm", options->dir);
	x->name = xasprintf("prun-%s", options->run_id);
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

/* Without the loop, which may be gone. */
static bool
ask_now(struct arena *a, const char *const *argv, sv *out)
{
	struct err e cleanup_err = ERR_INIT;
	struct capture c = { .argv = argv,
		.own_group = true,
		.deadline_ns = clock_mono_ns() + 15 * NS_PER_S };
	int status = 0;
	sv said;

	return capture_run(a, &c, &status, out, &said, &e) && status == 0;
}

bool
executor_slurm_end_run(const char *run_id)
{
	struct arena *a cleanup_arena = arena_new();
	const char *name = arena_printf(a, "prun-%s", run_id);
	const char *const list[] = { "squeue", "--me", "-h", "-n", name, "-o",
		"%i", NULL };
	const char *const end[] = { "scancel", "--me", "-n", name, NULL };
	sv out = { 0 };

	if (!ask_now(a, list, &out))
		return false;
	return sv_trim(out).n == 0 || ask_now(a, end, &out);
}
