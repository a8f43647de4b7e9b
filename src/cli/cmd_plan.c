/* SPDX-License-Identifier: MIT */
/* --plan, --graph and --eject: what a run would do, without doing it. */
#include "cli/cli.h"

#include <unistd.h>

#include "derive/derive.h"
#include "plan/plan.h"
#include "project/history.h"
#include "project/run_setup.h"

/* JSON has escapes of its own. */
static int
cmd_plan_show(const struct cli *c, const struct sb *text, bool is_json)
{
	struct sb said cleanup_sb = SB_INIT;

	if (!is_json)
		term_add_said(c->term, &said, sb_sv(text));
	term_write(
	    c->term, STDOUT_FILENO, sb_sv(is_json ? text : &said));
	return c->term->stdout_failed;
}

int
cmd_plan(const struct cli *c, struct project *p)
{
	struct sb text cleanup_sb = SB_INIT;
	struct err e cleanup_err = ERR_INIT;
	const char *format = OPT_S(&c->o, graph);
	enum plan_format f = PLAN_DOT;
	struct plan plan;
	call_vec calls;

	if (*format != '\0' && !plan_format_parse(format, &f)) {
		err_set(&e, ERR_GENERIC, "prun: unknown graph format %s; known "
		    "are dot, json and mermaid", quote_go(c->a,
			sv_of(format)));
		return cli_fail(c, &e, NULL);
	}
	if (!cli_calls(c, p, &calls, &e) ||
	    !plan_build(c->a, &p->compiler, calls.v, calls.n,
		c->s->parallel, history_expected,
		history_times(p), &plan, &e))
		return cli_fail(c, &e, NULL);
	plan.where = cluster_plan;
	plan.where_ctx = p;
	if (*format != '\0')
		plan_graph(&text, &plan, f);
	else
		plan_print(&text, &plan, settings_slots(p->s));
	return cmd_plan_show(c, &text, *format != '\0' && f == PLAN_JSON);
}

int
cmd_eject(const struct cli *c, struct project *p)
{
	struct sb text cleanup_sb = SB_INIT;
	struct err e cleanup_err = ERR_INIT;
	const char *name = OPT_S(&c->o, eject), *why;

	if (derive_yaml(c->a, p->taskfile, name, &text, &why, &e))
		return cmd_plan_show(c, &text, false);
	if (err_is_set(&e))
		err_wrap(&e, "prun: --eject: ");
	else if (map_get(p->taskfile->tasks, sv_of(name)) != NULL)
		err_set(&e, ERR_TASK_NOT_FOUND,
		    "prun: task %s is in the Taskfile already",
		    quote_go(c->a, sv_of(name)));
	else
		err_set(&e, ERR_TASK_NOT_FOUND,
		    "prun: nothing to derive %s from%s%s",
		    quote_go(c->a, sv_of(name)), why ? ": " : "",
		    why ? why : "");
	return cli_fail(c, &e, NULL);
}
