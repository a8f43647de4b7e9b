/* SPDX-License-Identifier: MIT */
/* --features: which optimisations there are, and what each spared in the last
 * run (P-904). */
#include "cli/cli.h"

#include <inttypes.h>
#include <unistd.h>

#include "go/json.h"
#include "output/columns.h"
#include "project/history.h"

/* ---- what each spared ---- */

static int64_t
saved_direct(const struct journal_log *l)
{
	return l->end.direct;
}

static int64_t
saved_shell(const struct journal_log *l)
{
	return (int64_t)l->end.known + l->end.stepped + l->end.by_dash;
}

static int64_t
saved_digests(const struct journal_log *l)
{
	return l->end.digests;
}

static int64_t
saved_cached(const struct journal_log *l)
{
	const struct journal_call *c;
	int64_t n = 0;

	vec_each(&l->calls, c)
		n += c->id != 0 && strcmp(c->status, "cached") == 0;
	return n;
}

static int64_t
saved_ahead(const struct journal_log *l)
{
	return l->end.ahead;
}

static int64_t
saved_waits(const struct journal_log *l)
{
	return (int64_t)l->end.light + l->end.admitted;
}

static int64_t
saved_batched(const struct journal_log *l)
{
	return l->end.batched;
}

/* When the first job of the call began; -1: none did. */
static int64_t
first_job_ns(const struct journal_log *l, unsigned call)
{
	for (size_t i = 0; i < l->jobs.n; i++)
		if (l->jobs.v[i].call == call)
			return l->jobs.v[i].start_ns;
	return -1;
}

/* Calls that began while one that was made before them waited for a slot. */
static int64_t
saved_order(const struct journal_log *l)
{
	const struct journal_call *c;
	int64_t waited_until = -1, n = 0;

	/* calls are in the order in which they were made */
	vec_each(&l->calls, c) {
		int64_t at = c->id == 0 ? -1 : first_job_ns(l, c->id);

		if (at < 0)
			continue;
		if (at < waited_until)
			n++;
		else if (c->slot_wait_ns > 0)
			waited_until = at;
	}
	return n;
}

static int64_t
saved_history(const struct journal_log *l)
{
	const struct journal_call *c;
	int64_t n = 0;

	vec_each(&l->calls, c)
		n += c->id != 0 && journal_call_has_ended(c);
	return n;
}

/* In the order of the manual.  saved NULL: nothing that is done twice is spared
 * by it. */
static const struct feature {
	const char *name;
	enum config_key key;
	int64_t (*saved)(const struct journal_log *l);
	const char *one, *many;
} features[] = {
	{ "fast_exec", CONFIG_features_fast_exec, saved_direct,
	    "shell not started", "shells not started" },
	{ "fast_shell", CONFIG_features_fast_shell, saved_shell,
	    "command that needed no bash", "commands that needed no bash" },
	{ "digest_cache", CONFIG_features_digest_cache, saved_digests,
	    "file not read again", "files not read again" },
	{ "hash_threads", CONFIG_features_hash_threads, NULL, "", "" },
	{ "output_cache", CONFIG_features_output_cache, saved_cached,
	    "call was put back from the cache",
	    "calls were put back from the cache" },
	{ "prefetch", CONFIG_features_prefetch, saved_ahead,
	    "call did not wait for the remote cache",
	    "calls did not wait for the remote cache" },
	{ "critical_path", CONFIG_features_critical_path, saved_order,
	    "call began before one that was made earlier and waited",
	    "calls began before one that was made earlier and waited" },
	{ "adaptive_slots", CONFIG_features_adaptive_slots, saved_waits,
	    "job did not wait for those that did not use the processor",
	    "jobs did not wait for those that did not use the processor" },
	{ "batching", CONFIG_features_batching, saved_batched,
	    "job shared a slot with others that were over at once",
	    "jobs shared a slot with others that were over at once" },
	{ "history", CONFIG_features_history, saved_history, "call remembered",
	    "calls remembered" },
	{ "derived_tasks", CONFIG_features_derived_tasks, NULL, "", "" },
};

/* ---- shown ---- */

static void
features_add_row(const struct cli *c, struct sb *rows, const struct feature *f,
    bool on, const struct journal_log *l)
{
	int64_t n = on && l != NULL && f->saved != NULL ? f->saved(l) : 0;

	columns_add_line(rows, f->name);
	sb_printf(rows, "\t%s\t", on ? "on" : "off");
	if (n > 0)
		sb_printf(rows, "%" PRId64 " %s", n, n == 1 ? f->one : f->many);
	else
		sb_addc(rows, '-');
	sb_addc(rows, '\n');
	(void)c;
}

static void
features_add_json(
    struct sb *b, const struct feature *f, bool on, const struct journal_log *l)
{
	sb_printf(
	    b, "{\"name\":\"%s\",\"on\":%s", f->name, on ? "true" : "false");
	if (f->saved != NULL && l != NULL)
		sb_printf(b, ",\"saved\":%" PRId64 ",\"what\":\"%s\"",
		    on ? f->saved(l) : 0, f->many);
	sb_addc(b, '}');
}

static void
features_json(
    const struct cli *c, struct project *p, const struct history_run *r)
{
	struct sb b cleanup_sb = SB_INIT;
	size_t n = sizeof(features) / sizeof(features[0]);

	sb_adds(&b, "{\"run\":");
	json_quote(&b, sv_of(r == NULL ? "" : r->id), false);
	sb_adds(&b, ",\"features\":[");
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			sb_addc(&b, ',');
		features_add_json(&b, &features[i],
		    p->config.v[features[i].key].number != 0,
		    r == NULL ? NULL : &r->log);
	}
	sb_adds(&b, "]}\n");
	term_write(c->term, STDOUT_FILENO, sb_sv(&b));
}

static void
features_table(
    const struct cli *c, struct project *p, const struct history_run *r)
{
	struct sb rows cleanup_sb = SB_INIT, out cleanup_sb = SB_INIT;
	size_t n = sizeof(features) / sizeof(features[0]);

	sb_printf(&rows, "FEATURE\tSTATE\t%s%s\n",
	    r == NULL ? "NO RUN IS KNOWN YET" : "IN RUN ",
	    r == NULL ? "" : r->id);
	for (size_t i = 0; i < n; i++)
		features_add_row(c, &rows, &features[i],
		    p->config.v[features[i].key].number != 0,
		    r == NULL ? NULL : &r->log);
	columns_align(&out, sb_sv(&rows), 2);
	term_say(c->term, STDOUT_FILENO, sb_sv(&out));
}

int
cmd_features(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	const char *id = OPT_S(&c->o, run);
	struct history_run run, *r = &run;

	if (!history_find(p, id, &run, &e)) {
		if (*id != '\0')
			return cli_fail(c, &e, NULL);
		r = NULL;
	}
	if (OPT_B(&c->o, json))
		features_json(c, p, r);
	else
		features_table(c, p, r);
	return c->term->stdout_failed;
}
