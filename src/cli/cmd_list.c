/* SPDX-License-Identifier: MIT */
/* --list, --list-all, --json, --summary. */
#include "cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

#include "output/list.h"

int
cmd_list(const struct cli *c, struct project *p)
{
	const struct options *o = &c->o;
	struct list_options lo = {
		.all = OPT_B(o, list_all),
		.silent = c->s->silent,
		.json = OPT_B(o, json),
		.nested = OPT_B(o, nested),
		.no_status = OPT_B(o, no_status),
		.sort = OPT_S(o, sort),
	};
	struct err e cleanup_err = ERR_INIT;
	/* a listing changes no state (decisions: C-174) */
	struct fp *fp = project_fp(p, "", true);
	bool empty = false, ok;

	ok = list_tasks(c->a, &p->compiler, fp, &lo, c->term, &empty,
	    &e);
	fp_free(fp);
	return ok ? empty : cli_fail(c, &e, NULL);
}

int
cmd_summary(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct fp *fp = project_fp(p, "", true);
	call_vec calls;
	bool ok;

	/* commands may show a checksum (C-184) */
	project_use_fp(p, fp);
	ok = cli_calls(c, p, &calls, &e) &&
	    summary_tasks(c->a, &p->compiler, calls.v, calls.n,
		c->term, &e);
	project_use_fp(p, NULL);
	fp_free(fp);
	return ok ? c->term->stdout_failed : cli_fail(c, &e, NULL);
}
