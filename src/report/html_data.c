/* SPDX-License-Identifier: MIT */
/* The page's numbers for its script. */
#include "report/html_page.h"

#include <inttypes.h>
#include <string.h>

#include "go/json.h"

enum {
	PAST_END = 9 * MIB / 2, /* no history begins behind it */
	MOST_SAMPLES = 2000,
};

static void
page_call_data(struct page *g)
{
	sb_printf(g->out, "{\"all\":%zu,\"wall\":%" PRId64 ",\"calls\":[",
	    g->p->n_calls, g->p->wall_ns / 1000);
	for (size_t i = 0; i < g->shown; i++) {
		const struct journal_call *c =
		    &g->p->log->calls.v[g->ids[i] - 1];
		const struct call_facts *f = &g->p->facts[c->id - 1];

		sb_printf(g->out,
		    "%s[%u,%d,%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64
		    ",%u,%d,%u]",
		    i > 0 ? "," : "", c->id, (int)f->verdict,
		    f->start_ns / 1000, f->end_ns / 1000, f->own_ns / 1000,
		    f->wait_ns / 1000, c->parent, f->on_path, c->twin);
	}
	sb_adds(g->out, "],\"path\":[");
	for (size_t i = 0; i < g->p->path.n && i < 500; i++)
		sb_printf(g->out, "%s[%u,%" PRId64 "]", i > 0 ? "," : "",
		    g->p->path.v[i].call,
		    (g->p->path.v[i].to_ns - g->p->path.v[i].from_ns) / 1000);
}

static size_t
pool_number(struct page *g, journal_words *pools, const char *pool)
{
	for (size_t i = 0; i < pools->n; i++)
		if (strcmp(pools->v[i], pool) == 0)
			return i;
	vec_push(g->a, pools, pool);
	return pools->n - 1;
}

static void
page_job_data(struct page *g)
{
	const struct journal_job *j;
	journal_words pools = { 0 };
	size_t n = 0;

	sb_adds(g->out, "],\"jobs\":[");
	vec_each(&g->p->log->jobs, j) {
		if (j->id == 0 || j->call == 0 || n >= 2 * MOST_CALLS)
			continue;
		sb_printf(g->out, "%s[%u,%zu,%u,%" PRId64 ",%" PRId64 "]",
		    n++ > 0 ? "," : "", j->call,
		    pool_number(g, &pools, j->pool), j->slot,
		    j->start_ns / 1000,
		    (j->end_ns > 0 ? j->end_ns : g->p->wall_ns) / 1000);
	}
	sb_adds(g->out, "],\"pools\":[");
	for (size_t i = 0; i < pools.n && i < 100; i++) {
		sb_adds(g->out, i > 0 ? "," : "");
		json_quote(g->out,
		    sv_of(*pools.v[i] != '\0' ? pools.v[i] : "cpu"), true);
	}
	sb_addc(g->out, ']');
}

static void
page_machine_data(struct page *g)
{
	const struct journal_sample *s;
	size_t n = 0;

	sb_adds(g->out, ",\"machine\":[");
	vec_each(&g->p->log->samples, s) {
		if (n >= MOST_SAMPLES)
			break;
		sb_printf(g->out, "%s[%" PRId64 ",%" PRId64 ",%" PRId64 "]",
		    n++ > 0 ? "," : "", s->at_ns / 1000, s->cpu,
		    s->memory / MIB);
	}
	sb_addc(g->out, ']');
}

/* Each series once, the oldest run first: time and outcome. */
static void
page_past_data(struct page *g)
{
	unsigned done = 0;

	sb_adds(g->out, ",\"past\":{");
	for (size_t i = 0; i < g->p->log->calls.n; i++) {
		const struct past *past = g->past[i];

		if (past == NULL || past->number <= done ||
		    g->out->n > PAST_END)
			continue;
		sb_printf(
		    g->out, "%s\"%u\":[", done > 0 ? "," : "", past->number);
		done = past->number;
		for (size_t k = past->n; k > 0; k--)
			sb_printf(g->out, "%s[%" PRId64 ",%d]",
			    k < past->n ? "," : "",
			    past->calls[k - 1].busy_ns / 1000,
			    (int)past->calls[k - 1].outcome);
		sb_addc(g->out, ']');
	}
	sb_adds(g->out, "}}");
}

void
page_data(struct page *g)
{
	page_call_data(g);
	page_job_data(g);
	page_machine_data(g);
	page_past_data(g);
}
