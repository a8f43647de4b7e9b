/* SPDX-License-Identifier: MIT */
/*
 * What is printed as it was built in: the completion script for a shell (C-710,
 * C-084), and schemas of what a Taskfile may have, for editors that check YAML,
 * and of what a line of --events and a report have, for who reads them.
 */
#include "cli/cli.h"

#include <string.h>
#include <unistd.h>

/* Made of completions/ and schema.json by the Makefile. */
#include "cli/completions.h"
#include "cli/schema.h"
#include "report/report.h"
#include "store/journal.h"

static const struct {
	const char *shell, *text;
} scripts[] = {
	{ "bash", completion_prun_bash },
	{ "fish", completion_prun_fish },
	{ "nu", completion_prun_nu },
	{ "nushell", completion_prun_nu },
	{ "powershell", completion_prun_ps1 },
	{ "zsh", completion__prun },
};

int
cmd_completion(const struct cli *c)
{
	const char *shell = OPT_S(&c->o, completion);
	struct err e cleanup_err = ERR_INIT;

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		if (strcmp(scripts[i].shell, shell) != 0)
			continue;
		term_write(c->term, STDOUT_FILENO, sv_of(scripts[i].text));
		term_write(c->term, STDOUT_FILENO, SV("\n"));
		return c->term->stdout_failed;
	}
	err_set(&e, ERR_GENERIC, "unknown shell: %s", shell);
	return cli_fail(c, &e, NULL);
}

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
