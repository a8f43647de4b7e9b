/* SPDX-License-Identifier: MIT */
/* --list, --list-all, --json, --summary and the hint for an unknown task. */
#include "cli/app.h"

#include <stdlib.h>
#include <unistd.h>

#include "output/list.h"

int
cmd_list(struct app *app)
{
	const struct options *o = &app->o;
	struct list_options lo = {
		.all = OPT_B(o, list_all),
		.silent = OPT_B(o, silent),
		.json = OPT_B(o, json),
		.nested = OPT_B(o, nested),
		.no_status = OPT_B(o, no_status),
		.sort = OPT_S(o, sort),
	};
	struct err e cleanup_err = ERR_INIT;
	/* a listing changes no state (decisions: C-174) */
	struct fp *fp = app_fp(app, "", true);
	bool empty = false, ok;

	ok = list_tasks(app->a, &app->compiler, fp, &lo, &app->term, &empty,
	    &e);
	fp_free(fp);
	return ok ? empty : app_fail(app, &e, NULL);
}

void
app_list_hint(struct app *app)
{
	/* even with -s the list is a full one (C-169) */
	struct list_options lo = { .sort = OPT_S(&app->o, sort) };
	struct err ignored cleanup_err = ERR_INIT;
	bool empty;

	list_tasks(app->a, &app->compiler, NULL, &lo, &app->term, &empty,
	    &ignored);
}

int
cmd_summary(struct app *app)
{
	struct err e cleanup_err = ERR_INIT;
	struct fp *fp = app_fp(app, "", true);
	call_vec calls;
	bool ok;

	/* commands may show a checksum (C-184) */
	app_use_fp(app, fp);
	ok = app_calls(app, &calls, &e) &&
	    summary_tasks(app->a, &app->compiler, calls.v, calls.n,
		&app->term, &e);
	app_use_fp(app, NULL);
	fp_free(fp);
	return ok ? app->term.stdout_failed : app_fail(app, &e, NULL);
}
