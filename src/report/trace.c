/* SPDX-License-Identifier: MIT */
/*
 * The kind `trace`: what chrome://tracing and Perfetto load.  A thread is a
 * slot, whose slices never overlap: a job that would gets a thread of its own.
 * Times are microseconds since the start of the run.
 */
#include "report/kind.h"

#include <inttypes.h>
#include <stdlib.h>

#include "go/json.h"

/* A thread of the trace. */
struct lane {
	const char *pool;
	unsigned slot; /* 0: for what has none to itself */
	int64_t end_us;
};

struct trace {
	struct arena *a;
	const struct picture *p;
	struct sb *out;
	VEC(struct lane) lanes; /* thread 1 is the first */
	unsigned *tid;          /* by id of a job */
	unsigned flow;
};

/* A moment at which a counter changes. */
struct change {
	int64_t at_us;
	int running, waiting;
};

static int64_t
us(int64_t ns)
{
	return ns / 1000;
}

static int64_t
trace_end_us(const struct trace *t, const struct journal_job *j)
{
	return us(j->end_ns > 0 ? j->end_ns : t->p->wall_ns);
}

static void
trace_name(struct trace *t, const char *text)
{
	struct sb clean cleanup_sb = SB_INIT;

	text_clean(&clean, sv_of(text));
	json_quote(t->out, sb_sv(&clean), false);
}

/* ---- threads ---- */

static bool
suits(const struct lane *l, const struct journal_job *j, unsigned slot)
{
	return l->slot == slot && strcmp(l->pool, j->pool) == 0 &&
	       l->end_us <= us(j->start_ns);
}

static unsigned
lane_find(struct trace *t, const struct journal_job *j, unsigned slot)
{
	for (size_t i = 0; i < t->lanes.n; i++)
		if (suits(&t->lanes.v[i], j, slot))
			return (unsigned)i + 1;
	return 0;
}

/* The thread of its slot; where that is in use by then, one beside. */
static unsigned
lane_of(struct trace *t, const struct journal_job *j)
{
	struct lane fresh = { j->pool, j->slot, 0 };
	unsigned tid = lane_find(t, j, j->slot);

	if (tid != 0)
		return tid;
	for (size_t i = 0; i < t->lanes.n; i++)
		if (t->lanes.v[i].slot == j->slot &&
		    strcmp(t->lanes.v[i].pool, j->pool) == 0)
			fresh.slot = 0;
	if (fresh.slot == 0 && (tid = lane_find(t, j, 0)) != 0)
		return tid;
	vec_push(t->a, &t->lanes, fresh);
	return (unsigned)t->lanes.n;
}

static void
trace_thread(struct trace *t, unsigned tid)
{
	const struct lane *l = &t->lanes.v[tid - 1];
	const char *pool = *l->pool != '\0' ? l->pool : "cpu";
	const char *name = l->slot > 0
			       ? arena_printf(t->a, "%s %u", pool, l->slot)
			       : arena_printf(t->a, "%s, beside", pool);

	sb_printf(t->out,
	    ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":\"thread_name\","
	    "\"args\":{\"name\":",
	    tid);
	trace_name(t, name);
	sb_printf(t->out,
	    "}},\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,\"name\":"
	    "\"thread_sort_index\",\"args\":{\"sort_index\":%u}}",
	    tid, l->slot > 0 ? l->slot : 100000 + tid);
}

/* ---- slices ---- */

/* Of a job on a cluster. */
static void
trace_node(struct trace *t, const struct journal_job *j)
{
	if (*j->queue_name == '\0')
		return;
	sb_printf(t->out, ",\"queue_wait_us\":%" PRId64 ",\"queue_name\":",
	    us(j->queue_wait_ns));
	trace_name(t, j->queue_name);
	if (*j->node != '\0') {
		sb_adds(t->out, ",\"node\":");
		trace_name(t, j->node);
	}
}

static void
trace_job(struct trace *t, const struct journal_job *j)
{
	const struct journal_call *c = &t->p->log->calls.v[j->call - 1];
	const struct call_facts *f = &t->p->facts[j->call - 1];
	int64_t from = us(j->start_ns), to = trace_end_us(t, j);
	unsigned tid = lane_of(t, j);

	t->tid[j->id] = tid;
	t->lanes.v[tid - 1].end_us = to;
	sb_adds(t->out, ",\n{\"ph\":\"X\",\"pid\":1,\"cat\":\"job\",\"name\":");
	trace_name(t, c->name);
	sb_printf(t->out,
	    ",\"tid\":%u,\"ts\":%" PRId64 ",\"dur\":%" PRId64
	    ",\"args\":{\"job\":%u,\"call\":%u,\"attempt\":%u,\"exit\":%d,"
	    "\"cpu_us\":%" PRId64 ",\"max_rss\":%" PRId64
	    ",\"critical\":%s,\"outcome\":\"%s\"",
	    tid, from, to - from, j->id, j->call, j->attempt, j->exit_status,
	    us(j->cpu_ns), j->max_rss_bytes, f->on_path ? "true" : "false",
	    f->status);
	trace_node(t, j);
	sb_adds(t->out, "}}");
}

static void
trace_instant(
    struct trace *t, const char *what, const char *name, int64_t at_us)
{
	sb_printf(t->out,
	    ",\n{\"ph\":\"i\",\"s\":\"p\",\"pid\":1,\"tid\":0,\"ts\":%" PRId64
	    ",\"name\":",
	    at_us);
	trace_name(t, arena_printf(t->a, "%s: %s", what, name));
	sb_addc(t->out, '}');
}

static void
trace_instants(struct trace *t)
{
	const struct journal_call *c;
	const struct journal_job *j;
	unsigned *seen =
	    arena_alloc(t->a, (t->p->log->calls.n + 1) * sizeof(*seen));

	vec_each(&t->p->log->calls, c)
		if (strcmp(c->status, "cached") == 0 ||
		    strcmp(c->status, "up to date") == 0)
			trace_instant(t, c->status, c->name, us(c->end_ns));
	vec_each(&t->p->log->jobs, j) {
		if (t->tid[j->id] == 0 || j->id == 0)
			continue;
		c = &t->p->log->calls.v[j->call - 1];
		if (j->attempt > 1 && seen[j->call] < j->attempt)
			trace_instant(t, "retry", c->name, us(j->start_ns));
		if (j->signal > 0)
			trace_instant(t, "killed", c->name, us(j->end_ns));
		seen[j->call] = j->attempt;
	}
}

/* An arrow from the last job of a call to the first one of its caller after
 * that. */
static void
trace_flow(struct trace *t, const struct journal_call *c)
{
	const struct journal_log *log = t->p->log;
	const struct call_facts *f = &t->p->facts[c->id - 1], *up;
	const struct journal_job *from, *to;
	unsigned id;

	if (c->parent == 0 || c->parent >= c->id || f->last_job == 0)
		return;
	up = &t->p->facts[c->parent - 1];
	from = &log->jobs.v[f->last_job - 1];
	for (id = f->last_job + 1; id <= up->last_job; id++)
		if (log->jobs.v[id - 1].call == c->parent &&
		    us(log->jobs.v[id - 1].start_ns) >= trace_end_us(t, from))
			break;
	if (id > up->last_job)
		return;
	to = &log->jobs.v[id - 1];
	t->flow++;
	sb_printf(t->out,
	    ",\n{\"ph\":\"s\",\"pid\":1,\"cat\":\"edge\",\"name\":\"needs\","
	    "\"id\":%u,\"tid\":%u,\"ts\":%" PRId64 "}",
	    t->flow, t->tid[from->id], us(from->start_ns));
	sb_printf(t->out,
	    ",\n{\"ph\":\"f\",\"bp\":\"e\",\"pid\":1,\"cat\":\"edge\","
	    "\"name\":\"needs\",\"id\":%u,\"tid\":%u,\"ts\":%" PRId64 "}",
	    t->flow, t->tid[to->id], us(to->start_ns));
}

/* ---- counters ---- */

static int
by_moment(const void *x, const void *y)
{
	const struct change *a = x, *b = y;

	return a->at_us < b->at_us ? -1 : a->at_us > b->at_us;
}

static size_t
trace_changes(struct trace *t, struct change *out)
{
	const struct journal_log *log = t->p->log;
	const struct journal_job *j;
	size_t n = 0;

	vec_each(&log->jobs, j) {
		const struct call_facts *f;

		if (j->id == 0 || t->tid[j->id] == 0)
			continue;
		f = &t->p->facts[j->call - 1];
		out[n++] = (struct change){ us(j->start_ns), 1, 0 };
		out[n++] = (struct change){ trace_end_us(t, j), -1, 0 };
		if (f->first_job != j->id || f->wait_ns <= 0 ||
		    f->wait_ns > j->start_ns)
			continue;
		out[n++] =
		    (struct change){ us(j->start_ns - f->wait_ns), 0, 1 };
		out[n++] = (struct change){ us(j->start_ns), 0, -1 };
	}
	qsort(out, n, sizeof(*out), by_moment);
	return n;
}

static void
trace_counters(struct trace *t)
{
	struct change *all =
	    arena_alloc(t->a, (4 * t->p->log->jobs.n + 1) * sizeof(*all));
	size_t n = trace_changes(t, all);
	int running = 0, waiting = 0;

	for (size_t i = 0; i < n; i++) {
		running += all[i].running;
		waiting += all[i].waiting;
		if (i + 1 < n && all[i + 1].at_us == all[i].at_us)
			continue;
		sb_printf(t->out,
		    ",\n{\"ph\":\"C\",\"pid\":1,\"name\":\"jobs\",\"ts\":"
		    "%" PRId64 ",\"args\":{\"running\":%d,\"waiting\":%d}}",
		    all[i].at_us, running, waiting);
	}
}

static void
trace_counter(struct trace *t, const char *name, int64_t at_ns, double n)
{
	sb_printf(t->out,
	    ",\n{\"ph\":\"C\",\"pid\":2,\"name\":\"%s\",\"ts\":%" PRId64
	    ",\"args\":{\"%s\":%lld.%02d}}",
	    name, us(at_ns), name, (long long)n, (int)(n * 100) % 100);
}

/* A process of its own: what the machine did, be it for this run or not. */
static void
trace_machine(struct trace *t)
{
	const struct journal_sample *s;

	if (t->p->log->samples.n == 0)
		return;
	sb_adds(t->out, ",\n{\"ph\":\"M\",\"pid\":2,\"name\":"
			"\"process_name\",\"args\":{\"name\":");
	trace_name(t, t->p->log->run.host);
	sb_adds(t->out, "}}");
	vec_each(&t->p->log->samples, s) {
		/* the first look has nothing to compare with */
		if (s != t->p->log->samples.v)
			trace_counter(
			    t, "cpu %", s->at_ns, (double)s->cpu / 10);
		trace_counter(
		    t, "load per core", s->at_ns, (double)s->load / 1000);
		trace_counter(t, "memory MiB", s->at_ns,
		    (double)s->memory / (1024 * 1024));
	}
}

/* ---- the whole ---- */

static int
by_start(const void *x, const void *y)
{
	const struct journal_job *a = *(const struct journal_job *const *)x;
	const struct journal_job *b = *(const struct journal_job *const *)y;

	if (a->start_ns != b->start_ns)
		return a->start_ns < b->start_ns ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static void
trace_jobs(struct trace *t)
{
	const struct journal_log *log = t->p->log;
	const struct journal_job **jobs =
	    arena_alloc(t->a, (log->jobs.n + 1) * sizeof(*jobs));
	const struct journal_job *j;
	size_t n = 0;

	vec_each(&log->jobs, j)
		if (j->id > 0 && j->call > 0 && j->call <= log->calls.n &&
		    log->calls.v[j->call - 1].id != 0)
			jobs[n++] = j;
	qsort(jobs, n, sizeof(jobs[0]), by_start);
	for (size_t i = 0; i < n; i++)
		trace_job(t, jobs[i]);
}

bool
report_trace(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e)
{
	struct trace t = { .a = a, .p = p, .out = out };
	const struct journal_call *c;

	(void)target, (void)e;
	t.tid = arena_alloc(a, (p->log->jobs.n + 1) * sizeof(*t.tid));
	sb_adds(out, "{\"displayTimeUnit\":\"ms\",\"otherData\":{\"run\":");
	json_quote(out, sv_of(p->run->id), false);
	sb_adds(out, ",\"version\":");
	json_quote(out, sv_of(p->log->run.version), false);
	sb_adds(out, "},\"traceEvents\":[\n{\"ph\":\"M\",\"pid\":1,\"name\":"
		     "\"process_name\",\"args\":{\"name\":");
	trace_name(&t, arena_printf(a, "prun %s", p->title));
	sb_adds(out, "}}");
	trace_jobs(&t);
	for (unsigned i = 1; i <= t.lanes.n; i++)
		trace_thread(&t, i);
	vec_each(&p->log->calls, c)
		if (c->id != 0)
			trace_flow(&t, c);
	trace_counters(&t);
	trace_machine(&t);
	trace_instants(&t);
	sb_adds(out, "\n]}\n");
	return true;
}
