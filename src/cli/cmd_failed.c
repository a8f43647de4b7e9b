/* SPDX-License-Identifier: MIT */
/*
 * --failed: the last run once more, with its flags and variables, but only
 * what failed or was skipped in it (P-507).
 */
#include "config.h"

#include "cli/history.h"

#include <unistd.h>


/* A flag of the last run as a word of the new one, its value as it was given. */
static void
add_flag(struct app *app, string_vec *out, enum option_id id,
    const struct option_value *v)
{
	const char *name = option_flag(app->a, id), *const *item;

	switch (option_defs[id].kind) {
	case OPTION_OPTIONAL:
		if (*v->s == '\0') {
			vec_push(app->a, out, name);
			return;
		}
		break;
	case OPTION_LIST:
	case OPTION_REPEAT:
		vec_each(&v->list, item)
			vec_push(app->a, out,
			    arena_printf(app->a, "%s=%s", name, *item));
		return;
	case OPTION_BOOL:
	case OPTION_INT:
	case OPTION_STRING:
	case OPTION_DURATION:
	case OPTION_JOBS:
		break;
	}
	vec_push(app->a, out, arena_printf(app->a, "%s=%s", name, v->s));
}

static void
add_flags(struct app *app, string_vec *out, const struct options *o)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (o->v[i].by_flag && i != OPT_failed && i != OPT_events)
			add_flag(app, out, (enum option_id)i, &o->v[i]);
}

static bool
parse_old(struct app *app, const struct journal_run *r, struct options *old,
    struct err *e)
{
	string_vec argv = { 0 };
	const char *const *word;

	vec_push(app->a, &argv, app->argv[0]);
	vec_each(&r->argv, word)
		vec_push(app->a, &argv, *word);
	return options_parse(app->a, (int)argv.n, (char *const *)argv.v,
	    app->gentle_force, old, e);
}

/* What is to run: the tasks that failed or were skipped; all that was asked for
 * where the run was killed or failed after its tasks. */
static const journal_words *
tasks_of(const struct journal_log *log)
{
	return log->has_end && log->end.rerun.n > 0 ? &log->end.rerun
						    : &log->run.tasks;
}

static void
rerun_add_words(struct app *app, string_vec *out, const struct journal_log *log,
    const struct options *old)
{
	const char *const *word;

	vec_each(tasks_of(log), word)
		vec_push(app->a, out, *word);
	vec_each(&old->words, word)
		if (strchr(*word, '=') != NULL)
			vec_push(app->a, out, *word);
	vec_each(&app->o.words, word)
		vec_push(app->a, out, *word);
	if (old->behind.n > 0)
		vec_push(app->a, out, "--");
	vec_each(&old->behind, word)
		vec_push(app->a, out, *word);
}

static int
run_again(struct app *app, const struct history_run *last,
    const struct options *old)
{
	struct err e cleanup_err = ERR_INIT;
	struct app again = { .a = app->a, .events = app->events };
	string_vec argv = { 0 };

	vec_push(app->a, &argv, app->argv[0]);
	add_flags(app, &argv, old);
	add_flags(app, &argv, &app->o);
	rerun_add_words(app, &argv, &last->log, old);
	if (chdir(last->log.run.cwd) != 0)
		err_set(&e, ERR_GENERIC, "prun: the folder of the last run is "
		    "gone: %s", last->log.run.cwd);
	else if (app_init(&again, (int)argv.n, (char **)argv.v, &e) &&
	    app_load(&again, &e))
		return cmd_run(&again);
	return app_fail(app, &e, NULL);
}

int
cmd_failed(struct app *app)
{
	struct err e cleanup_err = ERR_INIT;
	struct history_run last;
	struct options old = { 0 };

	if (!history_find(app, "", &last, &e) ||
	    !parse_old(app, &last.log.run, &old, &e))
		return app_fail(app, &e, NULL);
	if (last.log.has_end && last.log.end.exit_status == 0) {
		term_print(&app->term, STDERR_FILENO, COLOR_DEFAULT,
		    "prun: nothing failed in the last run (%s)\n", last.id);
		return 0;
	}
	return run_again(app, &last, &old);
}
