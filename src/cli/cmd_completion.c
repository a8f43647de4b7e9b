/* SPDX-License-Identifier: MIT */
/* --completion: the script for a shell (C-710, C-084). */
#include "cli/cli.h"

#include <unistd.h>

/* Made of completions/ by the Makefile: one array of text per file. */
#include "cli/completions.h"

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
