/* SPDX-License-Identifier: MIT */
/* --plan, --graph and --eject: what a run would do, without doing it. */
#include "cli/history.h"

#include <unistd.h>

#include "plan/plan.h"

static int
cmd_plan_show(struct app *app, struct sb *text)
{
	term_write(&app->term, STDOUT_FILENO, sb_sv(text));
	return app->term.stdout_failed;
}

int
cmd_plan(struct app *app)
{
	struct sb text cleanup_sb = SB_INIT;
	struct err e cleanup_err = ERR_INIT;
	const char *format = OPT_S(&app->o, graph);
	enum plan_format f = PLAN_DOT;
	struct plan plan;
	call_vec calls;
	bool by_user;

	if (*format != '\0' && !plan_format_parse(format, &f)) {
		err_set(&e, ERR_GENERIC, "prun: unknown graph format %s; known "
		    "are dot, json and mermaid", quote_go(app->a,
			sv_of(format)));
		return app_fail(app, &e, NULL);
	}
	if (!app_calls(app, &calls, &e) ||
	    !plan_build(app->a, &app->compiler, calls.v, calls.n,
		OPT_B(&app->o, parallel), history_expected,
		history_times(app), &plan, &e))
		return app_fail(app, &e, NULL);
	if (*format != '\0')
		plan_graph(&text, &plan, f);
	else
		plan_print(&text, &plan, app_slots(app, &by_user));
	return cmd_plan_show(app, &text);
}

int
cmd_eject(struct app *app)
{
	struct sb text cleanup_sb = SB_INIT;
	struct err e cleanup_err = ERR_INIT;
	const char *name = OPT_S(&app->o, eject);
	const struct task *t = derive_task(app->a, app->taskfile, name);

	if (t == NULL) {
		err_set(&e, ERR_TASK_NOT_FOUND, map_get(app->taskfile->tasks,
			sv_of(name)) != NULL
			? "prun: task %s is in the Taskfile already"
			: "prun: nothing to derive %s from",
		    quote_go(app->a, sv_of(name)));
		return app_fail(app, &e, NULL);
	}
	if (!derive_yaml(app->a, &text, t, &e)) {
		err_wrap(&e, "prun: --eject: ");
		return app_fail(app, &e, NULL);
	}
	return cmd_plan_show(app, &text);
}
