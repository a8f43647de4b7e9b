/* SPDX-License-Identifier: MIT */
/*
 * What remote*.c read of a project.
 * May include: everything below cli/.
 */
#ifndef CLI_APP_H
#define CLI_APP_H

#include "cli/options.h"
#include "project/project.h"

struct app {
	struct arena *a;
	struct options o; /* their values as settings */
	struct taskrc rc;
	struct term term;
	bool compat, in_hook;
	const char *program, *path, *root_dir;
	struct templater *templater;
};

const char *app_program(struct app *app);

#endif
