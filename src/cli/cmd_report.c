/* SPDX-License-Identifier: MIT */
/* --report: of the run that ends, or with --run of an older one (P-503). */
#include "cli/cli.h"

#include <unistd.h>

#include "base/path.h"
#include "project/history.h"
#include "project/history_record.h"
#include "remote/remote.h"

/* What prun.ini asks for; the run inside of another one is part of that one's
 * reports. */
static void
add_configured(const struct cli *c, struct project *p, report_wishes *out)
{
	static const struct {
		enum config_key key;
		const char *kind;
	} keys[] = {
		{ CONFIG_report_ctrf, "ctrf" },
		{ CONFIG_report_html, "html" },
		{ CONFIG_report_json, "json" },
		{ CONFIG_report_junit, "junit" },
		{ CONFIG_report_markdown, "markdown" },
		{ CONFIG_report_otlp, "otlp" },
		{ CONFIG_report_trace, "trace" },
	};

	if (c->in.outer.runs.n > 0 || p->s->is_compat)
		return;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *file = p->config.v[keys[i].key].text;

		if (*file != '\0')
			report_wish_add(
			    p->a, keys[i].kind, file, p->root_dir, out);
	}
}

static bool
add_asked(
    const struct cli *c, struct project *p, report_wishes *out, struct err *e)
{
	const string_vec *asked = &c->o.v[OPT_report].list;

	for (size_t i = 0; i < asked->n; i++)
		if (!report_wish_parse(p->a, asked->v[i], c->in.cwd, out, e))
			return false;
	return true;
}

bool
cli_reports(
    const struct cli *c, struct project *p, report_wishes *out, struct err *e)
{
	if (!add_asked(c, p, out, e))
		return false;
	add_configured(c, p, out);
	return true;
}

static int
make_reports(
    const struct cli *c, const struct report_run *run, report_wishes *wishes)
{
	struct report_wish *w;

	if (report_make(run, wishes))
		return 0;
	vec_each(wishes, w) {
		if (err_is_set(&w->err))
			term_print(c->term, STDERR_FILENO, COLOR_RED, "%s\n",
			    w->err.message);
		err_clear(&w->err);
	}
	return 1;
}

/* What the environment says of where reports go. */
static void
add_environment(const struct cli *c, struct project *p, struct report_run *run)
{
	const struct environment *env = c->in.env;

	run->step_summary = environment_get(env, "GITHUB_STEP_SUMMARY");
	run->fetch = remote_program(
	    p->a, p->program, environment_get(env, "PRUN_FETCH"));
	run->history = history_db_path(p);
	run->otlp_headers =
	    environment_get(env, "OTEL_EXPORTER_OTLP_TRACES_HEADERS");
	if (run->otlp_headers == NULL)
		run->otlp_headers =
		    environment_get(env, "OTEL_EXPORTER_OTLP_HEADERS");
}

int
cli_make_reports(const struct cli *c, struct project *p, const char *id,
    const char *dir, report_wishes *wishes)
{
	struct err e cleanup_err = ERR_INIT;
	struct journal_log log;
	struct report_run run = { .id = id, .dir = dir, .log = &log };

	if (wishes->n == 0)
		return 0;
	add_environment(c, p, &run);
	if (*dir != '\0' &&
	    journal_read(p->a, path_join(p->a, sv_of(dir), SV("events.jsonl")),
		&log, &e))
		return make_reports(c, &run, wishes);
	term_print(c->term, STDERR_FILENO, COLOR_RED,
	    "prun: no reports: the run left no record%s%s\n",
	    err_is_set(&e) ? ": " : "", err_is_set(&e) ? e.message : "");
	return 1;
}

int
cmd_report(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	report_wishes wishes = { 0 };
	struct history_run r;
	struct report_run run;

	if (!add_asked(c, p, &wishes, &e) ||
	    !history_find(p, OPT_S(&c->o, run), &r, &e))
		return cli_fail(c, &e, NULL);
	run = (struct report_run){ .id = r.id,
		.dir = r.path,
		.log = &r.log,
		.is_live = history_is_live(p, &r) };
	add_environment(c, p, &run);
	return make_reports(c, &run, &wishes);
}
