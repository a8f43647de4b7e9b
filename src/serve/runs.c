/* SPDX-License-Identifier: MIT */
/* What the server is; runs as a list, and one of them as a whole. */
#include "config.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/path.h"
#include "project/history_record.h"
#include "report/report.h"
#include "serve/answers.h"
#include "serve/pages.h"
#include "serve/router.h"
#include "serve/run_file.h"

void
server_get(struct request *r)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;
	const struct server_options *o = &r->s->o;

	jo_open(&j, '{');
	jo_key(&j, "version");
	jo_text(&j, PACKAGE_VERSION);
	jo_key(&j, "api");
	jo_int(&j, 1);
	jo_key(&j, "project");
	jo_text(&j, path_base(r->a, sv_of(o->root)));
	jo_key(&j, "root");
	jo_text(&j, o->root);
	jo_key(&j, "started_at");
	jo_time(&j, r->s->started_ns);
	jo_key(&j, "now");
	jo_time(&j, clock_real_ns());
	jo_key(&j, "plan_task");
	jo_text(&j, o->plan_task);
	jo_key(&j, "num_workers");
	jo_int(&j, o->workers);
	jo_close(&j, '}');
	reply_json(r, &j);
}

/* ---- the list ---- */

static bool
is_run_shown(const struct run_file *run, bool nested)
{
	return nested || *run_file_text(run, "parent") == '\0';
}

static void
runs_page(struct request *r, const struct page *page, bool nested)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;
	const char *last = NULL;
	bool more = false;
	state_names ids = { 0 };
	int n = 0;

	jo_open(&j, '{');
	jo_key(&j, "runs");
	jo_open(&j, '[');
	state_runs(r->a, &r->s->o.state, &ids);
	for (size_t i = 0; i < ids.n && !more; i++) {
		struct run_file run;

		if (*page->after != '\0' && strcmp(ids.v[i], page->after) >= 0)
			continue;
		if (!run_file_read(r->a, &r->s->o.state, ids.v[i], &run) ||
		    !is_run_shown(&run, nested))
			continue;
		more = n++ == page->limit;
		if (more)
			continue;
		jo_open(&j, '{');
		run_file_json(&run, &j);
		jo_close(&j, '}');
		last = ids.v[i];
	}
	jo_close(&j, ']');
	jo_close(&j, '}');
	reply_page(r, page, more ? last : NULL, &j);
}

void
runs_list(struct request *r)
{
	struct page page;
	bool nested;

	if (page_read(r, &page) && query_bool(r, "nested", &nested))
		runs_page(r, &page, nested);
}

/* ---- one ---- */

bool
request_run(struct request *r, struct run_file *run)
{
	const char *id = r->parts.v[3];

	if (run_file_read(r->a, &r->s->o.state, id, run))
		return true;
	reply_problem(r, 404, "there is no run %.80s", id);
	return false;
}

void
runs_get(struct request *r)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;
	struct sb text cleanup_sb = SB_INIT;
	struct err e cleanup_err = ERR_INIT;
	struct journal_log log;
	struct run_file run;
	struct report_run of = { .log = &log };

	if (!request_run(r, &run))
		return;
	of.id = run.id;
	of.dir = run.path;
	of.is_live = run.is_live;
	journal_log_init(&log);
	(void)journal_read_more(r->a, run.events, &log, &e);
	report_json_text(r->a, &of, &text);
	jo_open(&j, '{');
	run_file_json(&run, &j);
	jo_key(&j, "event_id");
	jo_int(&j, log.read_bytes);
	jo_key(&j, "report");
	jo_raw(&j, sb_sv(&text));
	jo_close(&j, '}');
	reply_json(r, &j);
}
