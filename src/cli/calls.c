/* SPDX-License-Identifier: MIT */
/* Which tasks the words of the command line name. */
#include "config.h"

#include <unistd.h>

#include "cli/app.h"
#include "plan/plan.h"

void
app_read_words(struct app *app)
{
	const struct options *o = &app->o;
	struct cli_words w = {
		.words = o->words.v,
		.n_words = o->words.n,
		.rest = o->behind.v,
		/* they are git's, not the tasks' */
		.n_rest = OPT_B(o, push) || OPT_S(o, hook)[0] != '\0' ? 0
							  : o->behind.n,
		.force = OPT_B(o, force) || OPT_B(o, force_all),
		.silent = OPT_B(o, silent),
		.verbose = OPT_B(o, verbose),
		.offline = OPT_B(o, offline),
		.assume_yes = OPT_B(o, yes),
	};
	string_vec tasks = { 0 };
	const char **name;

	if (OPT_B(o, list) || OPT_B(o, list_all)) {
		/* C-108: the command line has no say in lists */
		app->compiler.globals_cli = map_new(app->a);
		app->compiler.specials_cli = map_new(app->a);
		return;
	}
	compiler_cli_vars(app->a, &app->compiler, &w, &tasks);
	vec_each(&tasks, name)
		vec_push(app->a, &app->named,
		    ((struct call){ .task = *name }));
}

/* A name that the Taskfile has not may stand for a task that can be made of
 * what is there; a Taskfile's own task always wins. */
static bool
find_or_derive(struct app *app, const char *name, struct match *m,
    struct err *e)
{
	struct err first cleanup_err = ERR_INIT;
	const struct task *t;

	if (task_find(app->a, &app->compiler, name, m, &first))
		return true;
	if (first.code == ERR_TASK_NOT_FOUND && !app->compat &&
	    CFG_B(&app->cfg, features, derived_tasks)) {
		t = derive_task(app->a, app->taskfile, name);
		if (t != NULL) {
			if (!OPT_B(&app->o, silent))
				term_print(&app->term, STDERR_FILENO,
				    COLOR_DEFAULT, "prun: %s is derived: %s\n",
				    name, derive_text(app->a, t));
			return task_find(app->a, &app->compiler, name, m, e);
		}
	}
	err_move(e, &first);
	return false;
}

bool
app_calls(struct app *app, call_vec *out, struct err *e)
{
	*out = app->named;
	if (out->n == 0)
		vec_push(app->a, out, ((struct call){ .task = "default" }));
	for (size_t i = 0; i < out->n; i++) {
		struct match m;

		if (!find_or_derive(app, out->v[i].task, &m, e)) {
			/* C-098: one after the other, each when it is
			 * reached */
			if (OPT_B(&app->o, status)) {
				err_clear(e);
				continue;
			}
			if (e->code == ERR_TASK_NOT_FOUND)
				app_list_hint(app);
			return false;
		}
		if (m.task->internal && !OPT_B(&app->o, status))
			return err_set(e, ERR_TASK_INTERNAL,
			    "task: Task \"%s\" is internal", out->v[i].task);
	}
	return true;
}
