/* SPDX-License-Identifier: MIT */
/* --list, --list-all, --json, --summary. */
#include "cli/cli.h"

#include <stdlib.h>
#include <unistd.h>

#include "derive/derive.h"
#include "output/list.h"

enum {
	NAMES_SHOWN = 6
};

/* What could be called and stands in no file, for people: beside the list, not
 * in it (P-1404). */
static void
tell_derived_names(const struct cli *c, struct project *p)
{
	struct sb b cleanup_sb = SB_INIT;
	string_vec names = { 0 };

	if (!project_derives(p))
		return;
	derive_names(c->a, p->taskfile, NAMES_SHOWN + 1, &names);
	for (size_t i = 0; i < names.n && i < NAMES_SHOWN; i++)
		sb_printf(&b, "%s%s", i > 0 ? ", " : "", names.v[i]);
	if (names.n > NAMES_SHOWN)
		sb_adds(&b, " and more");
	if (names.n > 0)
		term_print(c->term, STDERR_FILENO, COLOR_DEFAULT,
		    "prun: derived: %s\n", sb_cstr(&b));
}

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
	if (ok && !lo.json && !lo.silent)
		tell_derived_names(c, p);
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
