/* SPDX-License-Identifier: MIT */
/* What is kept of a run: its journal, and how long its calls took. */
#include "config.h"

#include "project/run_setup.h"

#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "taskfile/source.h"

void
record_head(struct run_setup *w)
{
	struct project *p = w->p;
	struct journal_run r = {
		.id = w->dir.id,
		.root = p->root_dir,
		.cwd = p->in->cwd,
		.version = PACKAGE_VERSION,
		.parent = "",
		.at_ns = clock_real_ns(),
		.slots = (unsigned)w->slot_bound,
		.serial = p->s->serial,
	};
	const string_vec *outer = &p->in->outer.runs;

	if (w->journal == NULL)
		return;
	if (outer->n > 0)
		r.parent = outer->v[outer->n - 1];
	for (size_t i = 1; i < p->in->argv.n; i++)
		vec_push(p->a, &r.argv,
		    project_kept_word(p, p->in->argv.v[i]));
	for (size_t i = 0; i < w->q->calls.n; i++)
		vec_push(p->a, &r.tasks, w->q->calls.v[i].task);
	journal_add_run(w->journal, &r);
}

/* Neither secrets nor what opens the doors of remote Taskfiles is kept. */
static const char *
kept(const struct run_setup *w, struct arena *a, const char *text)
{
	text = output_masked(w->output, a, text);
	return text ? source_masked(a, text) : NULL;
}

/* Path of the log as seen from the run's folder. */
static const char *
relative_log(const struct run_setup *w, const struct run_call *c)
{
	const char *path = output_log_of(w->output, c).path;
	size_t n = strlen(w->dir.path);

	if (path == NULL || strncmp(path, w->dir.path, n) != 0)
		return "";
	return path + n + 1;
}

static int64_t
since_start(const struct run_setup *w, int64_t ns)
{
	return ns > 0 ? ns - w->start_ns : 0;
}

static void
record_add_call(struct run_setup *w, const struct run_call *c)
{
	struct arena *a cleanup_arena = arena_new();
	struct journal_call j = {
		.id = c->id,
		.parent = c->parent ? c->parent->id : 0,
		.name = kept(w, a, c->name),
		.task = c->task_name,
		.key = c->called_name,
		.status = outcome_name(c->outcome),
		.reason = kept(w, a, c->skip_detail),
		.error = kept(w, a, c->err.message),
		.log = relative_log(w, c),
		.twin = c->twin ? c->twin->id : 0,
		.cause = c->cause ? c->cause->id : 0,
		.created_ns = since_start(w, c->created_ns),
		.start_ns = since_start(w, c->start_ns),
		.end_ns = since_start(w, c->end_ns),
		.slot_wait_ns = c->slot_wait_ns,
		.job_ns = c->job_ns,
		.cpu_ns = c->cpu_ns,
		.max_rss_bytes = c->max_rss_bytes,
		.exit_status = c->exit_status,
		.signal = c->signal,
		.jobs = c->jobs,
		.attempts = c->attempts,
		.flaky = c->flaky,
		.is_dep = c->is_dep,
		.is_background = c->is_background,
		.is_phase = c->is_phase,
	};

	journal_add_call(w->journal, &j);
}

static void
on_record_event(void *ctx, const struct event *ev)
{
	struct run_setup *w = ctx;

	if (ev->kind == EVENT_RUN_STARTED)
		w->start_ns = ev->at_ns;
	else if (ev->kind == EVENT_CALL_DONE)
		record_add_call(w, ev->call);
}

struct sink
record_sink(struct run_setup *w)
{
	return (struct sink){ on_record_event, w };
}

/* The single call of a run orders nothing in that run, but maybe in others: not
 * worth a file where it was short. */
#define WORTH_NS (100 * NS_PER_MS)

/* Does it say how long the next one may take?  It passed, at once, and did
 * something. */
static bool
has_duration(const struct run_result *r, const struct run_call *c)
{
	return c->outcome == OUTCOME_PASSED && c->jobs > 0 &&
	       c->attempts <= 1 && (r->n > 1 || c->job_ns >= WORTH_NS);
}

/* Expected times come from all runs, those that failed too. */
static void
remember_durations(struct run_setup *w, const struct run_result *r)
{
	struct project *p = w->p;
	struct err ignored cleanup_err = ERR_INIT;
	struct durations *d = NULL;
	const char *path;

	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		if (!has_duration(r, c))
			continue;
		if (d == NULL) {
			path = path_join(
			    p->a, sv_of(p->state.dir), SV("durations"));
			d = durations_read(p->a, path);
		}
		durations_add(
		    d, c->task_name, (double)c->job_ns / (double)NS_PER_S);
	}
	if (d != NULL)
		durations_write(d, path, &ignored);
}

/* For --failed. */
static void
record_add_rerun(
    struct run_setup *w, const struct run_result *r, journal_words *out)
{
	struct arena *a = w->p->a;
	string_vec names = { 0 };

	output_rerun(a, r, &names);
	for (size_t i = 0; i < names.n; i++)
		vec_push(a, out, names.v[i]);
}

void
record_end(struct run_setup *w, const struct run_result *r, int status,
    const char *commit)
{
	struct journal_end end = {
		.end_ns = r->end_ns - r->start_ns,
		.exit_status = status,
		.signal = r->signal,
		.error = kept(w, w->p->a, r->err.message),
		.commit = commit,
		.disturbed = r->disturbed,
		.narrowed = r->narrowed,
	};

	if (w->journal == NULL)
		return;
	record_add_rerun(w, r, &end.rerun);
	journal_add_end(w->journal, &end);
	remember_durations(w, r);
}
