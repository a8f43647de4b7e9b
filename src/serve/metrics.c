/* SPDX-License-Identifier: MIT */
/*
 * /metrics: the figures of `prun --stats --json` for Prometheus, a series for
 * each call, and those of the server.
 */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "go/json.h"
#include "serve/answers.h"
#include "serve/router.h"
#include "serve/tools.h"

struct metric {
	const char *name, *type, *help;
	const char *key, *inner; /* member of a call; and of that */
	bool is_timed;           /* says nothing where no run was timed */
};

static const struct metric metrics[] = {
	{ "prun_call_runs_total", "counter", "Runs of the call on record.",
	    "runs", NULL, false },
	{ "prun_call_verdicts", "gauge",
	    "Of its last runs, those that passed or failed.", "verdicts", "of",
	    false },
	{ "prun_call_passed", "gauge", "Of those, the ones that passed.",
	    "verdicts", "passed", false },
	{ "prun_call_up_to_date", "gauge",
	    "Of its last runs, those that were up to date.", "up_to_date", NULL,
	    false },
	{ "prun_call_cached", "gauge",
	    "Of its last runs, those whose outputs were put back.", "cached",
	    NULL, false },
	{ "prun_call_flaky", "gauge",
	    "Times that it failed and passed on the same tree.", "flaky", NULL,
	    false },
	{ "prun_call_retried", "gauge", "Runs that passed on a retry.",
	    "retried", NULL, false },
	{ "prun_call_critical", "gauge",
	    "Runs in which it was on the critical path.", "critical", NULL,
	    false },
	{ "prun_call_duration_mean_seconds", "gauge",
	    "Mean of the times of its last runs.", "mean", NULL, true },
	{ "prun_call_duration_p50_seconds", "gauge",
	    "Median of the times of its last runs.", "p50", NULL, true },
	{ "prun_call_duration_p95_seconds", "gauge",
	    "95th percentile of the times of its last runs.", "p95", NULL,
	    true },
	{ "prun_call_cpu_seconds", "gauge", "Processor time of a run, mean.",
	    "cpu", NULL, true },
	{ "prun_call_slot_wait_seconds", "gauge",
	    "Time that it waited for slots, mean.", "slot_wait", NULL, true },
	{ "prun_call_max_rss_bytes", "gauge",
	    "The most memory that one of its processes had.", "max_rss", NULL,
	    false },
};

/* As a label has it. */
static void
label_add(struct sb *out, const char *name, value v)
{
	sv text = v.kind == VALUE_STRING ? value_text(v) : SV("");

	sb_printf(out, "%s=\"", name);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == '\n')
			sb_adds(out, "\\n");
		else if (c == '"' || c == '\\')
			sb_printf(out, "\\%c", c);
		else
			sb_addc(out, c);
	}
	sb_addc(out, '"');
}

static void
head_add(struct sb *out, const char *name, const char *type, const char *help)
{
	sb_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static value
member(value object, const char *key)
{
	return object.kind == VALUE_MAP ? value_map_get(object, sv_of(key))
					: VALUE_ABSENT;
}

static void
metric_add(struct sb *out, const struct metric *m, value call)
{
	value v = member(call, m->key), timed = member(call, "timed");

	if (m->inner != NULL)
		v = member(v, m->inner);
	if (v.kind != VALUE_FLOAT ||
	    (m->is_timed && timed.kind == VALUE_FLOAT && timed.u.f == 0))
		return;
	sb_printf(out, "%s{", m->name);
	label_add(out, "task", member(call, "task"));
	sb_addc(out, ',');
	label_add(out, "call", member(call, "name"));
	sb_addc(out, ',');
	label_add(out, "vars", member(call, "vars"));
	sb_printf(out, "} %.10g\n", v.u.f);
}

static void
calls_add(struct sb *out, value calls)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		const struct metric *m = &metrics[i];

		head_add(out, m->name, m->type, m->help);
		for (size_t c = 0; c < calls.u.list->n; c++)
			metric_add(out, m, calls.u.list->v[c]);
	}
}

static unsigned
runs_that_live(struct request *r)
{
	state_names ids = { 0 };
	unsigned n = 0;

	state_runs(r->a, &r->s->o.state, &ids);
	for (size_t i = 0; i < ids.n; i++)
		n += state_run_is_live(r->a, &r->s->o.state, ids.v[i]);
	return n;
}

static void
server_add(struct sb *out, struct request *r)
{
	struct http_counts n = http_counts(r->s->http);

	head_add(out, "prun_runs_live", "gauge", "Runs that go on.");
	sb_printf(out, "prun_runs_live %u\n", runs_that_live(r));
	head_add(out, "prun_server_start_time_seconds", "gauge",
	    "When the server began, seconds of the epoch.");
	sb_printf(out, "prun_server_start_time_seconds %.3f\n",
	    (double)r->s->started_ns / 1e9);
	head_add(out, "prun_server_connections", "gauge", "Connections now.");
	sb_printf(out, "prun_server_connections %u\n", n.connections);
	head_add(out, "prun_server_streams", "gauge", "Event streams now.");
	sb_printf(out, "prun_server_streams %u\n", n.streams);
	head_add(out, "prun_server_answers_total", "counter",
	    "Answers by the hundred of their status.");
	for (int i = 2; i < 6; i++)
		sb_printf(out,
		    "prun_server_answers_total{status=\"%dxx\"} %" PRIu64 "\n",
		    i, r->s->answers[i]);
}

static void
on_metrics(struct request *r, void *ctx, const struct errand_end *end)
{
	struct err e cleanup_err = ERR_INIT;
	struct sb out cleanup_sb = SB_INIT;
	struct answer an = ANSWER_INIT;
	value all, runs, calls;

	(void)ctx;
	if (end->status != 0 || !json_read(r->a, end->out, &all, &e)) {
		tool_failed(r, end);
		return;
	}
	runs = member(all, "runs");
	calls = member(all, "calls");
	head_add(&out, "prun_runs_total", "counter", "Runs on record.");
	if (runs.kind == VALUE_FLOAT)
		sb_printf(&out, "prun_runs_total %.0f\n", runs.u.f);
	if (calls.kind == VALUE_LIST)
		calls_add(&out, calls);
	server_add(&out, r);
	an.type = "text/plain; version=0.0.4; charset=utf-8";
	an.text = sb_sv(&out);
	http_answer(r, &an);
}

void
metrics_get(struct request *r)
{
	struct tool t = { .fn = on_metrics };

	vec_push(r->a, &t.words, "--stats");
	vec_push(r->a, &t.words, "--json");
	tool_run(r, &t);
}
