/* SPDX-License-Identifier: MIT */
#include "advice/stats.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "go/json.h"

static void
stats_json_text(struct sb *b, const char *key, const char *text)
{
	sb_printf(b, "\"%s\":", key);
	json_quote(b, sv_of(text), false);
	sb_addc(b, ',');
}

static void
add_passes(struct sb *b, const char *key, const struct pass_count *p)
{
	sb_printf(
	    b, "\"%s\":{\"passed\":%zu,\"of\":%zu},", key, p->passed, p->of);
}

static void
stats_json_times(struct sb *b, const struct call_stats *s)
{
	size_t from = s->timed > SERIES_WINDOW ? s->timed - SERIES_WINDOW : 0;

	sb_printf(b,
	    "\"timed\":%zu,\"mean\":%.6f,\"p50\":%.6f,\"p95\":%.6f,"
	    "\"trend\":%.4f,\"cpu\":%.6f,\"slot_wait\":%.6f,"
	    "\"blocks_read\":%.1f,\"blocks_written\":%.1f,\"times\":[",
	    s->timed, s->mean, s->p50, s->p95, s->trend, s->cpu, s->wait,
	    s->blocks_read, s->blocks_written);
	for (size_t i = from; i < s->timed; i++)
		sb_printf(b, "%s%.6f", i > from ? "," : "", s->times[i]);
	sb_addc(b, ']');
}

static void
stats_json_call(struct sb *b, const struct stats_call *c)
{
	const struct call_stats *s = &c->stats;

	sb_addc(b, '{');
	stats_json_text(b, "name", c->series->name);
	stats_json_text(b, "task", c->series->task);
	stats_json_text(b, "vars", c->series->vars);
	sb_printf(b,
	    "\"runs\":%" PRId64
	    ",\"recent\":%zu,\"up_to_date\":%zu,\"cached\":%zu,",
	    s->runs, s->recent, s->up_to_date, s->cached);
	add_passes(b, "verdicts", &s->all);
	add_passes(b, "parallel", &s->parallel);
	add_passes(b, "serial", &s->serial);
	sb_printf(b,
	    "\"critical\":%zu,\"flaky\":%zu,\"retried\":%zu,"
	    "\"flaky_of\":%zu,"
	    "\"max_rss\":%" PRId64 ",",
	    s->critical, s->flaky, s->retried, s->flaky_of, s->max_rss_bytes);
	stats_json_times(b, s);
	if (s->has_change) {
		sb_printf(b, ",\"change\":{\"before\":%.6f,\"after\":%.6f,",
		    s->change.before, s->change.after);
		stats_json_text(b, "commit", c->change.head);
		stats_json_text(b, "commit_before", c->before.head);
		sb_adds(b, "\"run\":");
		json_quote(b, sv_of(c->change.name), false);
		sb_addc(b, '}');
	}
	if (s->has_anomaly) {
		sb_printf(b,
		    ",\"anomaly\":{\"median\":%.6f,\"over\":%.6f,"
		    "\"load\":%.3f,\"mem_wait\":%.3f,\"slot_wait\":%.6f,",
		    s->anomaly.median, s->anomaly.over,
		    (double)c->anomaly.load / 1000,
		    (double)c->anomaly.mem_wait / 1000,
		    (double)s->anomaly_wait_ns / (double)NS_PER_S);
		sb_adds(b, "\"run\":");
		json_quote(b, sv_of(c->anomaly.name), false);
		sb_addc(b, '}');
	}
	sb_addc(b, '}');
}

/* What stands out and the hints, each line one. */
static void
stats_json_notes(struct sb *b, struct arena *a, struct stats_all *all)
{
	struct sb notes cleanup_sb = SB_INIT;
	size_t first = b->n;
	sv rest, line;

	stats_add_notes(a, &notes, all);
	rest = sb_sv(&notes);
	while (sv_cut(rest, '\n', &line, &rest)) {
		if (b->n > first)
			sb_addc(b, ',');
		json_quote(b, line, false);
	}
}

void
stats_print_json(struct project *p, struct stats_all *all)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_printf(&b, "{\"runs\":%" PRId64 ",\"calls\":[", all->runs);
	for (size_t i = 0; i < all->calls.n; i++) {
		if (i > 0)
			sb_addc(&b, ',');
		stats_json_call(&b, &all->calls.v[i]);
	}
	sb_adds(&b, "],\"notes\":[");
	stats_json_notes(&b, p->a, all);
	sb_adds(&b, "]}\n");
	term_write(p->term, STDOUT_FILENO, sb_sv(&b));
}
