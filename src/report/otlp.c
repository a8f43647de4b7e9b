/* SPDX-License-Identifier: MIT */
/*
 * The kind `otlp`: spans of OpenTelemetry, one for the run, for each call and
 * for each job, as JSON.  They are in the trace that the run was in, and a job
 * has the span that its TRACEPARENT named, so that what it recorded itself lies
 * below.  Posted to an address, or written to a file as a collector reads it.
 */
#include "report/kind.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/trace_context.h"
#include "exec/capture.h"
#include "go/json.h"

enum {
	MOST_TEXT = 1000,
	SEND_MS = 10000,
	MOST_ANSWER = 64 * 1024,
};

struct otlp {
	struct arena *a;
	const struct picture *p;
	struct sb *out;
	struct trace_context run;
	bool some; /* attributes have been written */
};

/* ---- attributes ---- */

static void
otlp_key(struct otlp *o, const char *key)
{
	sb_printf(
	    o->out, "%s{\"key\":\"%s\",\"value\":{", o->some ? "," : "", key);
	o->some = true;
}

static void
otlp_text(struct otlp *o, const char *key, const char *text)
{
	if (*text == '\0')
		return;
	otlp_key(o, key);
	sb_adds(o->out, "\"stringValue\":");
	json_quote(o->out, sv_of(text_line(o->a, text, MOST_TEXT)), false);
	sb_adds(o->out, "}}");
}

static void
otlp_int(struct otlp *o, const char *key, int64_t n)
{
	otlp_key(o, key);
	sb_printf(o->out, "\"intValue\":\"%" PRId64 "\"}}", n);
}

static void
otlp_bool(struct otlp *o, const char *key, bool is)
{
	if (!is)
		return;
	otlp_key(o, key);
	sb_adds(o->out, "\"boolValue\":true}}");
}

/* ---- spans ---- */

/* Up to its attributes; `parent` is "" where nothing is above. */
static void
otlp_open(struct otlp *o, const struct trace_context *t, const char *parent,
    const char *name, const int64_t span[2])
{
	int64_t at = o->p->log->run.at_ns;

	sb_printf(o->out, "{\"traceId\":\"%s\",\"spanId\":\"%s\",", t->trace,
	    t->span);
	if (*parent != '\0')
		sb_printf(o->out, "\"parentSpanId\":\"%s\",", parent);
	sb_adds(o->out, "\"name\":");
	json_quote(o->out, sv_of(text_line(o->a, name, MOST_TEXT)), false);
	sb_printf(o->out,
	    ",\"kind\":1,\"startTimeUnixNano\":\"%" PRId64
	    "\",\"endTimeUnixNano\":\"%" PRId64 "\",\"attributes\":[",
	    at + span[0], at + span[1]);
	o->some = false;
}

enum otlp_status {
	OTLP_UNSET,
	OTLP_OK,
	OTLP_ERROR,
};

static void
otlp_close(struct otlp *o, enum otlp_status status, const char *why)
{
	sb_printf(o->out, "],\"status\":{\"code\":%d", status);
	if (status == OTLP_ERROR && *why != '\0') {
		sb_adds(o->out, ",\"message\":");
		json_quote(
		    o->out, sv_of(text_line(o->a, why, MOST_TEXT)), false);
	}
	sb_adds(o->out, "}}");
}

/* As conventions for pipelines name results. */
static const char *const otlp_results[VERDICT_COUNT] = {
	[VERDICT_PASSED] = "success",
	[VERDICT_SKIPPED] = "skip",
	[VERDICT_FAILED] = "failure",
	[VERDICT_ERROR] = "error",
	[VERDICT_EXCUSED] = "failure",
	[VERDICT_CANCELLED] = "cancellation",
	[VERDICT_UNFINISHED] = "error",
};

static bool
is_error(enum verdict v)
{
	return v != VERDICT_PASSED && v != VERDICT_SKIPPED &&
	       v != VERDICT_EXCUSED;
}

static void
otlp_run(struct otlp *o)
{
	const struct journal_run *run = &o->p->log->run;
	const struct journal_end *end = &o->p->log->end;
	bool passed = strcmp(o->p->verdict, "passed") == 0;
	struct trace_context outer;

	trace_context_read(run->trace_outer, &outer);
	otlp_open(o, &o->run, outer.span, o->p->title,
	    (int64_t[]){ 0, o->p->wall_ns });
	otlp_text(o, "cicd.pipeline.name", o->p->title);
	otlp_text(o, "cicd.pipeline.run.id", o->p->run->id);
	otlp_text(o, "cicd.pipeline.result", passed ? "success" : "failure");
	otlp_text(o, "prun.verdict", o->p->verdict);
	otlp_text(o, "vcs.ref.head.revision", run->head);
	if (o->p->log->has_end)
		otlp_int(o, "process.exit.code", end->exit_status);
	otlp_close(o, passed ? OTLP_OK : OTLP_ERROR, end->error);
}

static void
otlp_call(struct otlp *o, const struct journal_call *c)
{
	const struct call_facts *f = &o->p->facts[c->id - 1];
	const char *parent = o->run.span, *why = *f->why ? f->why : f->status;
	struct trace_context t, up;

	if (c->parent > 0 && c->parent < c->id &&
	    o->p->log->calls.v[c->parent - 1].id != 0) {
		trace_context_below(&o->run, 'c', c->parent, &up);
		parent = up.span;
	}
	trace_context_below(&o->run, 'c', c->id, &t);
	sb_addc(o->out, ',');
	otlp_open(
	    o, &t, parent, c->name, (int64_t[]){ f->start_ns, f->end_ns });
	otlp_text(o, "cicd.pipeline.task.name", c->task);
	otlp_int(o, "cicd.pipeline.task.run.id", c->id);
	otlp_text(o, "cicd.pipeline.task.run.result",
	    strcmp(f->type, "timeout") == 0 ? "timeout"
					    : otlp_results[f->verdict]);
	otlp_text(o, "prun.status", f->status);
	otlp_int(o, "prun.slot_wait_ns", f->wait_ns);
	otlp_bool(o, "prun.critical", f->on_path);
	otlp_bool(o, "prun.flaky", c->flaky);
	otlp_close(o,
	    is_error(f->verdict)           ? OTLP_ERROR
	    : f->verdict == VERDICT_PASSED ? OTLP_OK
					   : OTLP_UNSET,
	    why);
}

static void
otlp_job(struct otlp *o, const struct journal_job *j)
{
	const struct journal_call *c = &o->p->log->calls.v[j->call - 1];
	struct trace_context t, up;
	int64_t end = j->end_ns > 0 ? j->end_ns : o->p->wall_ns;

	trace_context_below(&o->run, 'j', j->id, &t);
	trace_context_below(&o->run, 'c', j->call, &up);
	sb_addc(o->out, ',');
	otlp_open(o, &t, up.span, c->name, (int64_t[]){ j->start_ns, end });
	otlp_int(o, "prun.job", j->id);
	otlp_int(o, "prun.attempt", j->attempt);
	otlp_text(o, "prun.pool", *j->pool != '\0' ? j->pool : "cpu");
	otlp_int(o, "prun.slot", j->slot);
	otlp_text(o, "prun.executor", j->executor);
	otlp_int(o, "prun.cpu_ns", j->cpu_ns);
	otlp_int(o, "prun.max_rss", j->max_rss_bytes);
	if (j->exit_status >= 0)
		otlp_int(o, "process.exit.code", j->exit_status);
	otlp_close(o,
	    j->end_ns > 0 && j->exit_status == 0 && *j->error == '\0'
		? OTLP_OK
		: OTLP_ERROR,
	    j->error);
}

static void
otlp_resource(struct otlp *o)
{
	const struct journal_run *run = &o->p->log->run;

	sb_adds(o->out, "{\"resourceSpans\":[{\"resource\":{\"attributes\":[");
	o->some = false;
	otlp_text(o, "service.name", "prun");
	otlp_text(o, "service.version", run->version);
	otlp_text(o, "host.name", run->host);
	otlp_int(o, "process.pid", run->pid);
	otlp_text(o, "process.working_directory", run->root);
	sb_adds(o->out, "]},\"scopeSpans\":[{\"scope\":{\"name\":\"prun\","
			"\"version\":");
	json_quote(
	    o->out, sv_of(text_line(o->a, run->version, MOST_TEXT)), false);
	sb_adds(o->out, "},\"spans\":[");
}

bool
report_otlp(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e)
{
	struct otlp o = { .a = a, .p = p, .out = out };
	const struct journal_call *c;
	const struct journal_job *j;

	(void)target, (void)e;
	/* older journals do not say */
	if (!trace_context_read(p->log->run.trace, &o.run))
		trace_context_begin(
		    sv_of(arena_printf(a, "%s %s %" PRId64, p->run->id,
			p->log->run.host, p->log->run.at_ns)),
		    &o.run);
	otlp_resource(&o);
	otlp_run(&o);
	vec_each(&p->log->calls, c)
		if (c->id != 0)
			otlp_call(&o, c);
	vec_each(&p->log->jobs, j)
		if (j->id != 0 && j->call > 0 && j->call <= p->log->calls.n &&
		    p->log->calls.v[j->call - 1].id != 0)
			otlp_job(&o, j);
	sb_adds(out, "]}]}]}\n");
	return true;
}

/* ---- sending ---- */

/* Of "%2C" a comma. */
static const char *
otlp_unescape(struct arena *a, sv s)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < s.n; i++) {
		char hex[3] = "", *end;
		long byte = 0;

		if (s.p[i] == '%' && i + 2 < s.n) {
			memcpy(hex, s.p + i + 1, 2);
			byte = strtol(hex, &end, 16);
			if (*end == '\0' && byte >= ' ') {
				sb_addc(&b, (char)byte);
				i += 2;
				continue;
			}
		}
		sb_addc(&b, s.p[i]);
	}
	return sb_take(&b, a).p;
}

static void
otlp_headers(struct arena *a, const char *headers, struct sb *request)
{
	sv rest = sv_of(headers != NULL ? headers : ""), one, name, text;

	while (rest.n > 0) {
		sv_cut(rest, ',', &one, &rest);
		if (!sv_cut(one, '=', &name, &text))
			continue;
		name = sv_trim(name);
		if (name.n > 0 && memchr(one.p, '\n', one.n) == NULL)
			sb_printf(request, "header %.*s: %s\n", SV_ARG(name),
			    otlp_unescape(a, sv_trim(text)));
	}
}

/* Whoever names a server alone means the place that the protocol has for
 * traces. */
static const char *
otlp_url(struct arena *a, const char *target)
{
	const char *host = strstr(target, "://") + 3;
	const char *path = host + strcspn(host, "/?#");

	if (*path == '\0' || strcmp(path, "/") == 0)
		return arena_printf(
		    a, "%.*s/v1/traces", (int)(path - target), target);
	return target;
}

/* The address without what opens its door. */
static const char *
otlp_shown(struct arena *a, const char *target)
{
	const char *host = strstr(target, "://") + 3;
	const char *path = host + strcspn(host, "/?#"), *at = NULL;

	for (const char *p = host; p < path; p++)
		if (*p == '@')
			at = p;
	path += strcspn(path, "?#");
	if (at == NULL)
		return arena_printf(a, "%.*s", (int)(path - target), target);
	return arena_printf(a, "%.*s%.*s", (int)(host - target), target,
	    (int)(path - at - 1), at + 1);
}

static bool
otlp_answer(struct arena *a, const char *shown, int status, sv out, sv why,
    struct err *e)
{
	sv line, word, number;
	long code;

	if (status != 0)
		return err_set(
		    e, ERR_GENERIC, "%s: %.*s", shown, SV_ARG(sv_trim(why)));
	sv_cut(out, '\n', &line, &out);
	sv_cut(line, ' ', &word, &number);
	code = strtol(sv_cstr(a, number), NULL, 10);
	if (code >= 200 && code < 300)
		return true;
	return err_set(e, ERR_GENERIC, "%s answers with %ld", shown, code);
}

bool
report_otlp_deliver(struct arena *a, const struct picture *p,
    const char *target, sv text, struct err *e)
{
	struct sb request cleanup_sb = SB_INIT;
	const char *argv[] = { p->run->fetch, NULL };
	struct capture c = { .argv = argv,
		.own_group = true,
		.deadline_ns = clock_mono_ns() + 2 * SEND_MS * NS_PER_MS,
		.most = MOST_ANSWER };
	int status;
	sv out, why;

	if (!report_is_address(target))
		return report_put(a, target, text, e);
	if (p->run->fetch == NULL)
		return err_set(
		    e, ERR_GENERIC, "there is no program prun-fetch");
	if (strchr(target, '\n') != NULL)
		return err_set(e, ERR_GENERIC, "no address has two lines");
	sb_printf(&request,
	    "method POST\nurl %s\nplain\ntimeout-ms %d\n"
	    "header Content-Type: application/json\n",
	    otlp_url(a, target), SEND_MS);
	otlp_headers(a, p->run->otlp_headers, &request);
	sb_adds(&request, "body\n");
	sb_addv(&request, text);
	c.input = sb_sv(&request);
	return capture_run(a, &c, &status, &out, &why, e) &&
	       otlp_answer(a, otlp_shown(a, target), status, out, why, e);
}
