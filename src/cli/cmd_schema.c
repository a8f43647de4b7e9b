/* SPDX-License-Identifier: MIT */
/* --schema: what a Taskfile may have, for editors that check YAML. */
#include "cli/app.h"

#include <unistd.h>

/* schema.json as C text; made by the Makefile. */
#include "cli/schema.h"

int
cmd_schema(struct app *app)
{
	term_write(&app->term, STDOUT_FILENO, sv_of(schema_json));
	return app->term.stdout_failed;
}
