/* SPDX-License-Identifier: MIT */
/*
 * What is kept of a run: its journal, written as the events come, and how long
 * its calls took.
 */
#include "config.h"

#include "project/run_setup.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "exec/machine.h"
#include "project/history_record.h"
#include "taskfile/source.h"
#include "vcs/head.h"

const char *
record_host_name(struct arena *a)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) != 0)
		return "";
	return arena_strdup(a, name);
}

/* Neither secrets nor what opens the doors of remote Taskfiles is kept. */
static const char *
record_mask(void *ctx, struct arena *a, const char *text)
{
	return source_masked(a, secrets_masked(ctx, a, text));
}

struct journal *
record_journal_new(const struct project *p)
{
	struct journal *j = journal_new();

	journal_set_mask(
	    j, &(struct journal_mask){ record_mask, p->in->secrets });
	return j;
}

/* The user's own folder, where the hook's is gone in the end; "": they are the
 * same, or there is no hook. */
static const char *
home_of(const struct project *p)
{
	const char *of = p->in->outer.state_of;
	sv root = sv_of(p->root_dir), top = sv_of(p->repo_dir);

	if (of == NULL || strcmp(of, p->repo_dir) == 0 || !sv_starts(root, top))
		return "";
	root = sv_sub(root, top.n, SIZE_MAX);
	return arena_printf(p->a, "%s%.*s", of, SV_ARG(root));
}

void
record_trace(struct run_setup *w)
{
	struct project *p = w->p;
	const char *given = environment_get(p->in->env, "TRACEPARENT");
	struct trace_context outer;

	w->trace_outer = given != NULL ? given : "";
	if (p->s->is_compat)
		return;
	trace_context_begin(
	    sv_of(arena_printf(p->a, "%s %s %ld %" PRId64, w->dir.id,
		record_host_name(p->a), (long)getpid(), clock_real_ns())),
	    &w->trace);
	if (!trace_context_read(given, &outer))
		return;
	w->has_trace_outer = true;
	memcpy(w->trace.trace, outer.trace, sizeof(outer.trace));
	memcpy(w->trace.flags, outer.flags, sizeof(outer.flags));
}

void
record_head(struct run_setup *w)
{
	struct project *p = w->p;
	char trace[TRACE_TEXT];
	struct journal_run r = {
		.format = JOURNAL_FORMAT,
		.id = w->dir.id,
		.version = PACKAGE_VERSION,
		.root = p->root_dir,
		.cwd = p->in->cwd,
		.home = home_of(p),
		.parent = "",
		.host = record_host_name(p->a),
		.machine = history_machine(p->a),
		.head = git_head_read(p->a, p->root_dir),
		.pid = getpid(),
		.at_ns = clock_real_ns(),
		.slots = (unsigned)w->slot_bound,
		.serial = w->serial,
		.trace = *w->trace.trace != '\0' ? trace : "",
		.trace_outer = w->has_trace_outer ? w->trace_outer : "",
	};
	const string_vec *outer = &p->in->outer.runs;

	if (w->journal == NULL)
		return;
	trace_context_write(&w->trace, trace);
	if (outer->n > 0)
		r.parent = outer->v[outer->n - 1];
	for (size_t i = 1; i < p->in->argv.n; i++)
		vec_push(p->a, &r.argv, project_kept_word(p, p->in->argv.v[i]));
	for (size_t i = 0; i < w->q->calls.n; i++)
		vec_push(p->a, &r.tasks, w->q->calls.v[i].task);
	journal_add_run(w->journal, &r);
}

static int64_t
since_start(const struct run_setup *w, int64_t ns)
{
	return ns > 0 ? ns - w->start_ns : 0;
}

/* The name of a call's log, seen from the run's folder, whether it is there
 * already or will be; NULL: none is kept. */
static const char *
log_name(const struct run_setup *w, struct arena *a, const struct run_call *c,
    bool exists)
{
	if (w->dir.path[0] == '\0' || !CFG_B(&w->p->config, logs, capture) ||
	    (output_log_errno(w->output) != 0 && !exists) ||
	    (c->ctask != NULL && c->ctask->interactive))
		return NULL;
	return run_log_name(a, c->id, c->task_name);
}

/* All that a call's record says; the line takes what is its own. */
static void
record_add_call(
    struct run_setup *w, enum journal_line line, const struct run_call *c)
{
	struct arena *a cleanup_arena = arena_new();
	struct journal_call j = { .status = "" };

#define FROM_SAME(name)                       j.name = c->name
#define FROM_TIME(name)                       j.name = since_start(w, c->name)
#define FROM_CALL(name)                       j.name = c->name != NULL ? c->name->id : 0
#define FROM_HAND(name)                       (void)0
#define X(kind, name, key, from, lines, text) FROM_##from(name);
	JOURNAL_CALL_FIELDS(X)
#undef X
	j.task = c->task_name;
	j.key = c->called_name;
	if (c->vars_hash != 0)
		j.vars = arena_printf(a, "%016" PRIx64, c->vars_hash);
	if (line == JOURNAL_LINE_CALL_END) {
		j.status = outcome_name(c->outcome);
		j.reason = c->skip_detail;
		j.error = c->err.message;
		j.timed_out = c->err.code == ERR_TIMEOUT;
		j.log = output_log_of(w->output, c).path != NULL
			    ? log_name(w, a, c, true)
			    : NULL;
	}
	journal_add_call(w->journal, line, &j);
}

static void
record_add_job(
    struct run_setup *w, enum journal_line line, const struct event *ev)
{
	struct arena *a cleanup_arena = arena_new();
	struct output_log log = output_log_of(w->output, ev->call);
	const struct job_result *res = ev->result;
	struct journal_job j = {
		.id = ev->job->id,
		.call = ev->call->id,
		.attempt = ev->call->attempts,
		.pool = ev->job->pool,
		.slot = ev->job->slot,
		.slots = ev->job->slots,
		.executor = ev->job->executor,
		.job_id = ev->job->job_id,
		.start_ns = since_start(w, ev->at_ns),
		.exit_status = -1,
		.log = log_name(w, a, ev->call, log.path != NULL),
		.log_begin = log.size,
		.log_end = log.size,
	};

	if (res != NULL) {
		j.start_ns = since_start(w, res->start_ns);
		j.end_ns = since_start(w, res->end_ns);
		j.exit_status = res->status;
		j.signal = res->signal;
		j.queue_wait_ns = res->queued_ns;
		j.queue_name = res->queue_name;
		j.node = res->host;
		j.cpu_ns = res->user_ns + res->sys_ns;
		j.max_rss_bytes = res->max_rss_bytes;
		j.error = res->error.message;
	}
	journal_add_job(w->journal, line, &j);
}

/* Looking costs some 50 us, so neither short runs nor many short jobs do. */
#define LOOK_NS (250 * NS_PER_MS)

static void
record_machine(struct run_setup *w, int64_t now_ns)
{
	struct machine *m = &w->machine;
	struct journal_sample s;

	if (w->journal == NULL ||
	    now_ns - (w->looked_ns > 0 ? w->looked_ns : w->start_ns) < LOOK_NS)
		return;
	w->looked_ns = now_ns;
	machine_read(m);
	s = (struct journal_sample){ .at_ns = since_start(w, now_ns) };
	if (m->cpu_busy > 0)
		s.cpu = (int64_t)(m->cpu_busy * 1000 + 0.5);
	if (m->load_per_core > 0)
		s.load = (int64_t)(m->load_per_core * 1000 + 0.5);
	if (m->mem_available >= 0 && m->mem_total > m->mem_available)
		s.memory = m->mem_total - m->mem_available;
	journal_add_sample(w->journal, &s);
}

/* Lines are written when the run is about to wait: a reader is never behind by
 * more than what is going on in prun itself, and so is what is known when prun
 * is killed; and many small tasks cost one write each, not five. */
static void
on_record_event(void *ctx, const struct event *ev)
{
	struct run_setup *w = ctx;

	switch (ev->kind) {
	case EVENT_RUN_STARTED:
		w->start_ns = ev->at_ns;
		break;
	case EVENT_CALL_CREATED:
		record_add_call(w, JOURNAL_LINE_CALL, ev->call);
		break;
	case EVENT_CALL_STARTED:
		record_add_call(w, JOURNAL_LINE_START, ev->call);
		break;
	case EVENT_JOB_RUNNING:
		record_add_job(w, JOURNAL_LINE_JOB, ev);
		record_machine(w, ev->at_ns);
		break;
	case EVENT_JOB_DONE:
		record_add_job(w, JOURNAL_LINE_JOB_END, ev);
		record_machine(w, ev->at_ns);
		break;
	case EVENT_CALL_DONE:
		record_add_call(w, JOURNAL_LINE_CALL_END, ev->call);
		break;
	case EVENT_PROMPT: /* the user may think for long */
	case EVENT_PAUSE:
	case EVENT_RUN_DONE:
		journal_flush(w->journal);
		break;
	default:
		break;
	}
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
		durations_add(d, c->task_name,
		    (double)c->job_ns / (double)NS_PER_S,
		    (double)c->cpu_ns / (double)NS_PER_S);
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

/* Only the end of a run tells whose failure it got over. */
static void
record_add_excused(
    struct arena *a, const struct run_result *r, struct journal_end *end)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];
		const char *id;

		if (!c->excused)
			continue;
		id = arena_printf(a, "%u", c->id);
		vec_push(a, &end->excused, id);
		if (c->quarantined)
			vec_push(a, &end->quarantined, id);
	}
}

static int64_t
thousandths(double share)
{
	return share > 0 ? (int64_t)(1000 * share) : 0;
}

/* How busy the machine is, so that a slow run can be understood later. */
static void
record_add_machine(struct journal_end *end)
{
	struct machine m = MACHINE_INIT;

	machine_read_shortage(&m);
	end->load = thousandths(m.load_per_core);
	end->mem_wait = thousandths(m.mem_pressure);
}

/* What the optimisations came to, for --features. */
static void
record_add_spared(const struct run_setup *w, struct journal_end *end)
{
	const struct slots_beyond *beyond = slots_get_beyond(w->slots);
	const struct local_spared *spared = executor_local_spared(w->executor);

	end->batched = beyond->batched;
	end->light = beyond->light;
	end->admitted = beyond->admitted;
	end->direct = spared->direct - w->spared.direct;
	end->known = spared->known - w->spared.known;
	end->stepped = spared->stepped - w->spared.stepped;
	end->by_dash = spared->by_dash - w->spared.by_dash;
	end->ahead = (unsigned)run_cache_taken_up(w->cache);
	end->digests = w->fp == NULL ? 0 : fp_digests_kept(w->fp);
}

/* Was there nothing to do? */
static bool
record_is_idle(const struct run_result *r, const struct journal_end *end)
{
	if (end->exit_status != 0 || end->signal != 0 || end->known > 0)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		if (c->jobs > 0 ||
		    (c->outcome != OUTCOME_UP_TO_DATE &&
			c->outcome != OUTCOME_SKIPPED &&
			c->outcome != OUTCOME_PASSED))
			return false;
	}
	return true;
}

void
record_end(struct run_setup *w, const struct run_result *r, int status,
    const char *verdict, const char *commit)
{
	struct journal_end end = {
		.end_ns = r->end_ns - r->start_ns,
		.exit_status = status,
		.signal = r->signal,
		.error = r->err.message,
		.verdict = verdict,
		.commit = commit,
		.disturbed = r->disturbed,
		.narrowed = r->narrowed,
		.tree = r->disturbed ? "" : w->tree,
	};

	if (w->journal == NULL)
		return;
	record_add_machine(&end);
	record_add_spared(w, &end);
	record_add_rerun(w, r, &end.rerun);
	record_add_excused(w->p->a, r, &end);
	end.idle = record_is_idle(r, &end);
	journal_add_end(w->journal, &end);
	if (w->dir.path[0] != '\0')
		remember_durations(w, r);
}
