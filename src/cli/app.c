/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/app.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "taskfile/source.h"

static const char *
env_of(void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

static const char *
app_env_value(const char *name)
{
	return getenv(name);
}

/* C-505: TASK_X_* of a .env file in the config folder beat the environment. */
static void
load_experiment_env(struct app *app, const char *dir)
{
	const char *path = path_join(app->a, sv_of(dir), SV(".env"));
	struct err ignored cleanup_err = ERR_INIT;
	struct map *names = map_new(app->a);
	const struct map_entry *m;
	sv text;

	if (!path_exists(path) || !read_file(app->a, path, &text, &ignored) ||
	    !dotenv_parse(app->a, text, names, &ignored))
		return;
	map_each(names, m)
		if (sv_starts(m->key, SV("TASK_X_")))
			setenv(m->key.p, m->value, 1);
}

/* A number that is none counts as not said, as does 0. */
static long
experiment_number(const char *text)
{
	char *end;
	long n;

	if (text == NULL || *text == '\0')
		return 0;
	n = strtol(text, &end, 10);
	return *end == '\0' ? n : 0;
}

static long
experiment_value(const struct app *app, const char *name)
{
	long n = experiment_number(
	    map_get(app->rc.experiments, sv_of(name)));

	return n != 0 ? n
		      : experiment_number(getenv(
			    arena_printf(app->a, "TASK_X_%s", name)));
}

void
app_warn_experiments(struct app *app)
{
	static const struct {
		const char *name;
		bool released;
	} known[] = {
		{ "GENTLE_FORCE", false },
		{ "ENV_PRECEDENCE", false },
		{ "ANY_VARIABLES", true },
		{ "MAP_VARIABLES", true },
		{ "REMOTE_TASKFILES", true },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		long n = experiment_value(app, known[i].name);

		if (n == 0 || (n == 1 && !known[i].released))
			continue;
		if (known[i].released)
			term_print(&app->term, STDERR_FILENO, COLOR_YELLOW,
			    "task: Experiment \"%s\" is released and no "
			    "longer needs to be enabled\n", known[i].name);
		else
			term_print(&app->term, STDERR_FILENO, COLOR_YELLOW,
			    "task: Experiment \"%s\" has an invalid value "
			    "%ld (allowed values: 1)\n", known[i].name, n);
		return;
	}
}

/* -d, the folder of -t, or the working directory (C-501). */
static const char *
config_dir(struct app *app)
{
	struct options o = { 0 };
	struct err ignored cleanup_err = ERR_INIT;
	const char *t;

	options_parse(app->a, app->argc, app->argv, true, &o, &ignored);
	if (OPT_SET(&o, dir) && OPT_S(&o, dir)[0] != '\0')
		return path_abs(app->a, sv_of(OPT_S(&o, dir)));
	t = OPT_SET(&o, taskfile) ? OPT_S(&o, taskfile) : "";
	if (*t == '\0' || strcmp(t, "-") == 0 || strstr(t, "://") != NULL)
		return app->cwd;
	t = path_abs(app->a, sv_of(t));
	return path_is_dir(t) ? t : path_dir(app->a, sv_of(t));
}

static bool
started_as_task(const char *argv0)
{
	struct arena *a cleanup_arena = arena_new();

	return strcmp(path_base(a, sv_of(argv0)), "task") == 0;
}

/* The outer run's folder of links is on the PATH of its jobs alone: what a run
 * inside of one sees, and what its tasks are remembered by, is the PATH that
 * the user has. */
static void
leave_outer_path(struct app *app)
{
	const char *control = getenv("PRUN_CONTROL"), *path = getenv("PATH");
	const char *bin;

	if (control == NULL || path == NULL)
		return;
	bin = arena_printf(app->a, "%s/bin:",
	    path_dir(app->a, sv_of(control)));
	if (sv_starts(sv_of(path), sv_of(bin)))
		setenv("PATH", arena_strdup(app->a, path + strlen(bin)), 1);
}

/* P-108: inside of a run, the outermost one has decided. */
static bool
decide_compat(const struct app *app)
{
	const char *outer = getenv("PRUN_COMPAT");

	if (OPT_B(&app->o, compat) ||
	    (outer != NULL && strcmp(outer, "1") == 0))
		return true;
	return app->is_task && getenv("PRUN_LEVEL") == NULL;
}

void
app_start(struct app *app, int argc, char **argv)
{
	app->argc = argc;
	app->argv = argv;
	app->is_task = started_as_task(argv[0]);
	app->cwd = path_cwd(app->a);
	leave_outer_path(app);
	term_init(app->a, &app->term, -1, app_env_value);
}

bool
app_init(struct app *app, int argc, char **argv, struct err *e)
{
	struct err broken = ERR_INIT;
	const char *dir;
	int color;

	app_start(app, argc, argv);
	dir = config_dir(app);
	load_experiment_env(app, dir);
	/* told below: mistakes of the command line come first */
	(void)taskrc_load(app->a, dir, env_of, NULL, &app->rc, &broken);
	app->gentle_force = experiment_value(app, "GENTLE_FORCE") == 1;
	app->env_precedence = experiment_value(app, "ENV_PRECEDENCE") == 1;
	if (!options_parse(app->a, argc, argv, app->gentle_force, &app->o, e)) {
		options_defaults(app->a, &app->o, &app->rc);
		err_clear(&broken);
		return false;
	}
	options_defaults(app->a, &app->o, &app->rc);
	color = OPT_SET(&app->o, color) ? OPT_B(&app->o, color) : -1;
	if (color < 0 && getenv("TASK_COLOR") != NULL &&
	    *getenv("TASK_COLOR") != '\0')
		color = 1;
	term_init(app->a, &app->term, color, app_env_value);
	app->in_hook = getenv("PRUN_HOOK") != NULL;
	app->state_of = getenv("PRUN_STATE_OF");
	/* said to this run alone, not to what its jobs start */
	unsetenv("PRUN_HOOK");
	unsetenv("PRUN_STATE_OF");
	app->compat = decide_compat(app);
	/* an editor asks for the version whatever the file is like */
	if (err_is_set(&broken) && !OPT_B(&app->o, version) &&
	    !OPT_B(&app->o, help)) {
		err_move(e, &broken);
		return false;
	}
	err_clear(&broken);
	return options_check(&app->o, e);
}

const char *
app_program(struct app *app)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n > 0)
		return arena_strndup(app->a, path, (size_t)n);
	return app->argv[0][0] == '/' || strchr(app->argv[0], '/') == NULL
	    ? app->argv[0] : path_abs(app->a, sv_of(app->argv[0]));
}

static bool
on_github(void)
{
	bool on = false;

	return go_bool_parse(getenv("GITHUB_ACTIONS"), &on) && on;
}

/* C-195: never in colour, so that it starts its line. */
static void
annotate(struct app *app, const char *message, const char *task)
{
	struct sb line cleanup_sb = SB_INIT;
	const char *inner = task ? strstr(message, "\": ") : NULL;

	if (task != NULL)
		sb_printf(&line, "::error title=Task '%s' failed::%s\n", task,
		    inner ? inner + 3 : message);
	else
		sb_printf(&line, "::error title=Task failed::%s\n", message);
	term_write(&app->term, STDOUT_FILENO, sb_sv(&line));
}

int
app_fail(struct app *app, struct err *e, const char *task)
{
	const char *message = source_masked(app->a, e->message);

	if (on_github())
		annotate(app, message, task);
	term_print(&app->term, STDERR_FILENO, COLOR_RED, "%s\n", message);
	if (e->place != NULL && !app->compat)
		term_print(&app->term, STDERR_FILENO, COLOR_RED,
		    "prun: at %s\n", source_masked(app->a, e->place));
	if (OPT_B(&app->o, exit_code)) {
		if (e->status >= 0)
			return e->status;
		if (e->code == ERR_TIMEOUT)
			return 124;
	}
	return err_exit_status(e->code);
}
