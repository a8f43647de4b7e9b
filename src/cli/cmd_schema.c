/* SPDX-License-Identifier: MIT */
/* --schema: what a Taskfile may have, for editors that check YAML. */
#include "cli/cli.h"

#include <unistd.h>

/* schema.json as C text; made by the Makefile. */
#include "cli/schema.h"

int
cmd_schema(const struct cli *c)
{
	term_write(c->term, STDOUT_FILENO, sv_of(schema_json));
	return c->term->stdout_failed;
}
