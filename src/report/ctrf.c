/* SPDX-License-Identifier: MIT */
/* The kind `ctrf`: Common Test Report Format, a test a call.  Its times are
 * milliseconds, those of the summary since the epoch. */
#include "report/kind.h"

#include <inttypes.h>

#include "base/clock.h"
#include "go/json.h"

enum {
	HEAD = 4096,
	TAIL = 12288
};

static const char *const words[VERDICT_COUNT] = {
	[VERDICT_PASSED] = "passed",
	[VERDICT_SKIPPED] = "skipped",
	[VERDICT_FAILED] = "failed",
	[VERDICT_ERROR] = "failed",
	[VERDICT_EXCUSED] = "other",
	[VERDICT_CANCELLED] = "other",
	[VERDICT_UNFINISHED] = "other",
};

static int64_t
epoch_ms(const struct picture *p, int64_t ns)
{
	return (p->log->run.at_ns + ns) / NS_PER_MS;
}

static void
ctrf_text(struct sb *out, const char *key, sv text)
{
	struct sb clean cleanup_sb = SB_INIT;

	if (text.n == 0)
		return;
	text_clean(&clean, text);
	sb_printf(out, ", \"%s\": ", key);
	json_quote(out, sb_sv(&clean), false);
}

static void
ctrf_trace(struct arena *a, const struct picture *p, const struct call_facts *f,
    struct sb *out)
{
	struct sb log cleanup_sb = SB_INIT;

	text_log(a, p, &(struct log_part){ f->log, 0, -1, HEAD, TAIL }, &log);
	ctrf_text(out, "trace", sb_sv(&log));
}

static void
ctrf_test(struct arena *a, const struct picture *p,
    const struct journal_call *c, struct sb *out)
{
	const struct call_facts *f = &p->facts[c->id - 1];

	sb_adds(out, "      {\"name\": ");
	json_quote(out, sv_of(c->name), false);
	sb_printf(out,
	    ", \"status\": \"%s\", \"duration\": %" PRId64
	    ", \"start\": %" PRId64 ", \"stop\": %" PRId64,
	    words[f->verdict], f->own_ns / NS_PER_MS, epoch_ms(p, f->start_ns),
	    epoch_ms(p, f->end_ns));
	ctrf_text(out, "rawStatus", sv_of(f->status));
	ctrf_text(out, "message", sv_of(f->why));
	if (f->verdict == VERDICT_FAILED || f->verdict == VERDICT_ERROR ||
	    f->verdict == VERDICT_EXCUSED)
		ctrf_trace(a, p, f, out);
	if (c->attempts > 1)
		sb_printf(out, ", \"retries\": %u", c->attempts - 1);
	sb_printf(out, ", \"flaky\": %s}", c->flaky ? "true" : "false");
}

static void
ctrf_summary(const struct picture *p, struct sb *out)
{
	sb_printf(out,
	    "    \"summary\": {\"tests\": %zu, \"passed\": %zu, "
	    "\"failed\": %zu, \"pending\": 0, \"skipped\": %zu, \"other\": "
	    "%zu, \"start\": %" PRId64 ", \"stop\": %" PRId64 "},\n",
	    p->n_calls, p->count[VERDICT_PASSED],
	    p->count[VERDICT_FAILED] + p->count[VERDICT_ERROR],
	    p->count[VERDICT_SKIPPED],
	    p->count[VERDICT_EXCUSED] + p->count[VERDICT_CANCELLED] +
		p->count[VERDICT_UNFINISHED],
	    epoch_ms(p, 0), epoch_ms(p, p->wall_ns));
}

bool
report_ctrf(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e)
{
	const struct journal_call *c;
	const char *between = "\n";

	(void)target, (void)e;
	sb_adds(out,
	    "{\n  \"reportFormat\": \"CTRF\",\n  \"specVersion\": \"0.0.0\",\n"
	    "  \"results\": {\n    \"tool\": {\"name\": \"prun\", "
	    "\"version\": ");
	json_quote(out, sv_of(p->log->run.version), false);
	sb_adds(out, "},\n");
	ctrf_summary(p, out);
	sb_adds(out, "    \"tests\": [");
	vec_each(&p->log->calls, c) {
		if (c->id == 0)
			continue;
		sb_adds(out, between);
		ctrf_test(a, p, c, out);
		between = ",\n";
	}
	sb_adds(out, "\n    ]\n  }\n}\n");
	return true;
}
