/* SPDX-License-Identifier: MIT */
/* The life of a job, from the wish to run it to what became of it. */
#include "exec/slurm_job.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

extern char **environ;

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

struct slurm_job *
slurm_job_new(struct slurm *x, const struct job_spec *spec)
{
	struct slurm_job *j = xcalloc(1, sizeof(*j));

	j->x = x;
	j->place = x->own;
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

void
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
	int64_t ran_ns = j->result.end_ns - j->result.start_ns;

	r->end_ns = loop_now(j->x->base.loop);
	r->start_ns = j->running_ns != 0 ? j->running_ns : r->end_ns;
	if (j->has_result && ran_ns >= 0)
		r->start_ns = r->end_ns - ran_ns;
	if (r->start_ns < j->queued_ns)
		r->start_ns = j->queued_ns;
	r->queued_ns = r->start_ns - j->queued_ns;
}

void
slurm_finish(struct slurm_job *j, int status, int sig)
{
	struct sb name cleanup_sb = SB_INIT;
	struct job_result r = { .status = status,
		.signal = sig,
		.queue_id = j->id,
		.queue_name = slurm_id_text(j, &name) };

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
	struct job_result r = {
		.status = 127, .not_started = true, .error = ERR_INIT
	};

	err_set(&r.error, ERR_GENERIC, "%s", why);
	r.start_ns = r.end_ns = loop_now(j->x->base.loop);
	slurm_files_drop(j);
	j->spec.done(j->spec.arg, &r);
	err_clear(&r.error);
	slurm_job_free(j);
}

/* One that a killed run has handed in has its files elsewhere. */
static bool
make_own(struct slurm_job *j, struct err *e)
{
	struct slurm *x = j->x;

	if (j->place == x->own)
		return true;
	slurm_files_drop(j);
	j->place = x->own;
	j->number = ++x->jobs_made;
	return slurm_files_of_job(j, e);
}

void
slurm_again(struct slurm_job *j)
{
	struct err e cleanup_err = ERR_INIT;

	if (!make_own(j, &e)) {
		slurm_refused(j, e.message);
		return;
	}
	j->attempt++;
	j->state = SLURM_QUEUED;
	j->id = 0;
	j->element = -1;
	j->running = j->asked = j->told = j->has_result = false;
	j->questions = 0;
	j->end = (struct slurm_end){ .state = "" };
	j->read_to[1] = j->read_to[2] = 0;
	slurm_stir(j->x);
}

/* Did it begin after all, where it was thought that it never would? */
static bool
has_begun_late(struct slurm_job *j)
{
	if (j->running)
		return false;
	slurm_files_revoke(j);
	slurm_marks_look(j->x);
	if (!j->running && !j->has_result)
		return false;
	j->left_ns = loop_now(j->x->base.loop);
	j->asked = j->told = false;
	return true;
}

void
slurm_lost(struct slurm_job *j, const char *why)
{
	if (has_begun_late(j))
		return;
	slurm_files_revoke(j);
	if (++j->lost == SLURM_ATTEMPTS || j->end_sig != 0) {
		slurm_note(j, "lost: %s", why);
		slurm_finish(j, j->end_sig != 0 ? 128 + j->end_sig : 1, 0);
		return;
	}
	slurm_note(j, "lost: %s; it is run once more", why);
	slurm_again(j);
}
