/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/tools.h"

#include <stdlib.h>

#include "base/clock.h"
#include "serve/answers.h"
#include "serve/names.h"
#include "serve/router.h"

enum {
	TOOLS_AT_ONCE = 4,
	TOOLS_WAITING = 64,
	TOOL_S = 60,
	TOOL_OUTPUT_MAX = 16 * 1024 * 1024,
	SAID_MAX = 2000, /* of what it said, in an answer */
};

struct job {
	struct tools *all;
	struct arena *a;   /* of the request, or its own */
	struct request *r; /* NULL: nobody waits */
	struct tool tool;
	struct errand *errand;
	struct job *next;
};

struct tools {
	struct server *s;
	struct job *running;
	struct job *waiting, **end;
	int n_running, n_waiting;
};

static void tools_next(struct tools *all);

struct tools *
tools_new(struct server *s)
{
	struct tools *all = xcalloc(1, sizeof(*all));

	all->s = s;
	all->end = &all->waiting;
	return all;
}

static void
job_free(struct job *job)
{
	if (job->r == NULL)
		arena_free(job->a);
	free(job);
}

void
tools_free(struct tools *all)
{
	struct job *job;

	if (all == NULL)
		return;
	while ((job = all->running) != NULL) {
		all->running = job->next;
		errand_stop(job->errand);
		job_free(job);
	}
	while ((job = all->waiting) != NULL) {
		all->waiting = job->next;
		job_free(job);
	}
	free(all);
}

bool
tools_are_idle(const struct tools *all)
{
	return all->running == NULL && all->waiting == NULL;
}

static void
on_tool_end(void *arg, const struct errand_end *end)
{
	struct job *job = arg, **at = &job->all->running;
	struct tools *all = job->all;

	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	all->n_running--;
	if (job->r != NULL)
		job->tool.fn(job->r, job->tool.ctx, end);
	job_free(job);
	tools_next(all);
}

static const char *const *
job_argv(const struct job *job)
{
	const struct server_options *o = &job->all->s->o;
	VEC(const char *) argv = { 0 };

	vec_push(job->a, &argv, o->program);
	for (size_t i = 0; i < o->flags.n; i++)
		vec_push(job->a, &argv, o->flags.v[i]);
	for (size_t i = 0; i < job->tool.words.n; i++)
		vec_push(job->a, &argv, job->tool.words.v[i]);
	vec_push(job->a, &argv, NULL);
	return argv.v;
}

static bool
job_start(struct job *job, struct err *e)
{
	struct server *s = job->all->s;
	struct errand_options o = { .argv = job_argv(job),
		.dir = s->o.cwd,
		.env = s->env,
		.input = job->tool.input,
		.most = TOOL_OUTPUT_MAX,
		.timeout_ns = TOOL_S * NS_PER_S,
		.outlives_us = job->tool.starts };

	job->errand = errand_start(s->l, &o, on_tool_end, job, e);
	return job->errand != NULL;
}

/* As if it had said so itself. */
static void
job_refused(struct job *job, const struct err *e)
{
	struct errand_end end = { .status = 126, .err = sv_of(e->message) };

	if (job->r != NULL)
		job->tool.fn(job->r, job->tool.ctx, &end);
	job_free(job);
}

static void
tools_next(struct tools *all)
{
	while (all->waiting != NULL && all->n_running < TOOLS_AT_ONCE) {
		struct err e cleanup_err = ERR_INIT;
		struct job *job = all->waiting;

		all->waiting = job->next;
		if (all->waiting == NULL)
			all->end = &all->waiting;
		all->n_waiting--;
		if (job_start(job, &e)) {
			job->next = all->running;
			all->running = job;
			all->n_running++;
			continue;
		}
		job_refused(job, &e);
	}
}

static void
job_queue(struct tools *all, struct job *job)
{
	*all->end = job;
	all->end = &job->next;
	all->n_waiting++;
	tools_next(all);
}

bool
tools_have_room(struct request *r)
{
	if (r->s->ends_ns == 0 && r->s->tools->n_waiting < TOOLS_WAITING)
		return true;
	reply_problem(r, 503,
	    "as many requests as there may be wait for an answer of prun");
	return false;
}

void
tool_run(struct request *r, const struct tool *t)
{
	struct job *job;

	if (!tools_have_room(r))
		return;
	job = xcalloc(1, sizeof(*job));
	*job =
	    (struct job){ .all = r->s->tools, .a = r->a, .r = r, .tool = *t };
	job_queue(r->s->tools, job);
}

void
tool_cancel(struct server *s, const char *id)
{
	struct job *job = xcalloc(1, sizeof(*job));

	*job = (struct job){ .all = s->tools, .a = arena_new() };
	vec_push(job->a, &job->tool.words, "--cancel");
	vec_push(job->a, &job->tool.words, arena_strdup(job->a, id));
	job_queue(s->tools, job);
}

/* ---- what went wrong ---- */

const char *
tool_words(struct arena *a, const struct errand_end *end)
{
	sv text = sv_trim(end->err), line, rest;
	struct sb out cleanup_sb = SB_INIT;

	if (end->too_late)
		return "prun took too long";
	if (end->too_much)
		return "prun said too much";
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &rest);
		text = rest;
		if (sv_starts(line, SV("prun: ")))
			line = sv_sub(line, 6, SIZE_MAX);
		if (line.n > 0 && out.n < SAID_MAX)
			sb_printf(&out, "%s%.*s", out.n > 0 ? "; " : "",
			    (int)(line.n < SAID_MAX ? line.n : SAID_MAX),
			    line.p);
	}
	if (out.n == 0)
		sb_printf(&out, "prun ended with %d", end->status);
	return sb_take(&out, a).p;
}

void
tool_failed(struct request *r, const struct errand_end *end)
{
	reply_problem(r, 500, "%s", tool_words(r->a, end));
}

/* ---- what is handed on as it is ---- */

static void
on_tool_json(struct request *r, void *ctx, const struct errand_end *end)
{
	struct answer an = ANSWER_INIT;

	(void)ctx;
	if (end->status != 0 || end->out.n == 0) {
		tool_failed(r, end);
		return;
	}
	an.type = "application/json";
	an.text = end->out;
	http_answer(r, &an);
}

void
tools_tasks(struct request *r)
{
	struct tool t = { .fn = on_tool_json };

	vec_push(r->a, &t.words, "--list-all");
	vec_push(r->a, &t.words, "--json");
	vec_push(r->a, &t.words, "--no-status");
	tool_run(r, &t);
}

/* Where it knows no such task, it says so with the status for that. */
static void
on_stats(struct request *r, void *ctx, const struct errand_end *end)
{
	if (end->status == err_exit_status(ERR_TASK_NOT_FOUND))
		reply_problem(r, 404, "%s", tool_words(r->a, end));
	else
		on_tool_json(r, ctx, end);
}

void
tools_stats(struct request *r)
{
	struct tool t = { .fn = on_stats };
	const struct http_pair *p;
	size_t n = 0;

	vec_push(r->a, &t.words, "--stats");
	vec_push(r->a, &t.words, "--json");
	vec_each(&r->query, p) {
		if (strcmp(p->name, "task") != 0)
			continue;
		if (!task_name_is_one(sv_of(p->value)) ||
		    n++ >= TOOL_NAMES_MAX) {
			reply_problem(r, 400, "task is no name of a task");
			return;
		}
		vec_push(r->a, &t.words, p->value);
	}
	tool_run(r, &t);
}
