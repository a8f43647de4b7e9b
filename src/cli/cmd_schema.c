/* SPDX-License-Identifier: MIT */
/* --schema: what a Taskfile may have, for editors that check YAML; what a line
 * of --events and a report have, for who reads them. */
#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

/* schema.json as C text; made by the Makefile. */
#include "cli/schema.h"
#include "report/report.h"
#include "store/journal.h"

int
cmd_schema(const struct cli *c)
{
	const char *of = OPT_S(&c->o, schema);
	struct sb text cleanup_sb = SB_INIT;
	struct err e cleanup_err = ERR_INIT;

	if (strcmp(of, "events") == 0) {
		journal_schema(&text);
	} else if (strcmp(of, "report") == 0) {
		report_schema(&text);
	} else if (*of == '\0' || strcmp(of, "taskfile") == 0) {
		sb_adds(&text, schema_json);
	} else {
		err_set(&e, ERR_GENERIC,
		    "prun: --schema knows taskfile, events and report, not %s",
		    quote_go(c->a, sv_of(of)));
		return cli_fail(c, &e, NULL);
	}
	term_write(c->term, STDOUT_FILENO, sb_sv(&text));
	return c->term->stdout_failed;
}
