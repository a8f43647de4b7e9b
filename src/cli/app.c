/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/app.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "cli/phases.h"
#include "cli/remote.h"
#include "cli/work.h"
#include "exec/capture.h"
#include "exec/shell.h"
#include "exec/slots.h"
#include "plan/plan.h"
#include "taskfile/source.h"
#include "vcs/git.h"

extern char **environ;

static const char *
env_of(void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

static const char *
env_value(const char *name)
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
	term_init(app->a, &app->term, -1, env_value);
}

bool
app_init(struct app *app, int argc, char **argv, struct err *e)
{
	const char *dir;
	int color;

	app_start(app, argc, argv);
	dir = config_dir(app);
	load_experiment_env(app, dir);
	if (!taskrc_load(app->a, dir, env_of, NULL, &app->rc, e))
		return false;
	app->gentle_force = experiment_value(app, "GENTLE_FORCE") == 1;
	app->env_precedence = experiment_value(app, "ENV_PRECEDENCE") == 1;
	if (!options_parse(app->a, argc, argv, app->gentle_force, &app->o, e)) {
		options_defaults(app->a, &app->o, &app->rc);
		return false;
	}
	options_defaults(app->a, &app->o, &app->rc);
	color = OPT_SET(&app->o, color) ? OPT_B(&app->o, color) : -1;
	if (color < 0 && getenv("TASK_COLOR") != NULL &&
	    *getenv("TASK_COLOR") != '\0')
		color = 1;
	term_init(app->a, &app->term, color, env_value);
	app->in_hook = getenv("PRUN_HOOK") != NULL;
	app->state_of = getenv("PRUN_STATE_OF");
	/* said to this run alone, not to what its jobs start */
	unsetenv("PRUN_HOOK");
	unsetenv("PRUN_STATE_OF");
	app->compat = decide_compat(app);
	return options_check(&app->o, e);
}

static const char *
find_repo(struct app *app)
{
	/* a remote root has no directory of its own (C-617) */
	const char *start = *app->root_dir ? app->root_dir : app->cwd;
	const char *dir = start;

	while (strcmp(dir, "/") != 0 && strcmp(dir, ".") != 0) {
		if (path_exists(path_join(app->a, sv_of(dir), SV(".git"))))
			return dir;
		dir = path_dir(app->a, sv_of(dir));
	}
	return start;
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

/* P-703: the files by which --changed narrows the run. */
static bool
read_changed(struct app *app, struct err *e)
{
	string_vec *files = arena_new_of(app->a, string_vec);
	struct git git;

	if (!OPT_SET(&app->o, changed))
		return true;
	if (!git_open(app->a, app->root_dir, &git, e) ||
	    !git_changed_files(&git, OPT_S(&app->o, changed), files, e))
		return err_wrap(e, "prun: --changed: ");
	app->changed = files;
	return true;
}

static bool
load_config(struct app *app, struct err *e)
{
	const char *home = getenv("XDG_CONFIG_HOME");
	const char *paths[2];

	if (home == NULL || *home == '\0')
		home = path_join(app->a,
		    sv_of(getenv("HOME") ? getenv("HOME") : ""),
		    SV(".config"));
	paths[0] = path_join(app->a, sv_of(home), SV("prun/prun.ini"));
	paths[1] = path_join(app->a, sv_of(app->repo_dir), SV("prun.ini"));
	if (!config_load(app->a, paths, 2, &app->cfg, e))
		return false;
	app->compat |= CFG_B(&app->cfg, run, compat);
	return true;
}

/* P-502: what runs side by side and is not watched by a person comes in one
 * block per task. */
static const char *
default_style(const struct app *app)
{
	const char *const *word;

	if (app->compat || isatty(STDOUT_FILENO))
		return "interleaved";
	vec_each(&app->o.words, word)
		if (sv_ends(sv_of(*word), SV("-parallel")))
			return "group-task";
	return "interleaved";
}

/* C-151: a style of the command line replaces the Taskfile's entirely. */
static bool
choose_style(struct app *app, struct err *e)
{
	const struct options *o = &app->o;

	if (OPT_S(o, output)[0] != '\0')
		app->style = (struct output_style){
			.name = OPT_S(o, output),
			.group_begin = OPT_S(o, output_group_begin),
			.group_end = OPT_S(o, output_group_end),
			.group_error_only = OPT_B(o, output_group_error_only),
		};
	else
		app->style = app->taskfile->output;
	if (app->style.name == NULL || *app->style.name == '\0')
		app->style.name = CFG_S(&app->cfg, output, mode);
	if (*app->style.name == '\0')
		app->style.name = default_style(app);
	if (!output_mode_parse(app->style.name, &app->mode))
		return err_set(e, ERR_GENERIC,
		    "task: output style \"%s\" not recognized",
		    app->style.name);
	return true;
}

static struct map *
environment(struct arena *a)
{
	struct map *m = map_new(a);
	sv name, text;

	for (char **p = environ; *p != NULL; p++)
		if (sv_cut(sv_of(*p), '=', &name, &text))
			map_put(m, name, (void *)text.p);
	return m;
}

static bool
read_stdin(struct app *app, struct load_options *lo, struct err *e)
{
	if (strcmp(app->path, "__stdin__") != 0)
		return true;
	return read_fd(app->a, STDIN_FILENO, 64 << 20, &lo->stdin_text, e);
}

static void
read_words(struct app *app)
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

	compiler_cli_vars(app->a, &app->compiler, &w, &tasks);
	vec_each(&tasks, name)
		vec_push(app->a, &app->named,
		    ((struct call){ .task = *name }));
}

void
app_answer(struct app *app, struct cursor *cursor, size_t i,
    const struct shell_need *need)
{
	struct err failure cleanup_err = ERR_INIT;
	struct shell shell = { 0 };
	struct shell_plan plan;
	struct capture run = { .dir = need->dir, .env = need->env,
		.pass_stderr = true };
	sv text = { "", 0 };
	int status = 0;

	if (!shell_find(app->a, getenv("PATH"), &shell, &failure)) {
		compile_answer(cursor, i, text, &failure);
		return;
	}
	shell.fast = false;
	shell_plan(app->a, &shell, need->cmd, NULL, NULL, need->dir, need->env,
	    &plan, &failure);
	run.argv = plan.argv;
	if (plan.kind == SHELL_SCRIPT &&
	    capture_run(app->a, &run, &status, &text, NULL, &failure) &&
	    status != 0)
		err_set_status(&failure, status);
	else if (plan.kind == SHELL_STATUS && plan.status != 0)
		err_set_status(&failure, plan.status);
	compile_answer(cursor, i, text, err_is_set(&failure) ? &failure : NULL);
}

/* L-116 to L-118: the root's dotenv files, before anything is listed or run. */
static bool
read_dotenv(struct app *app, struct err *e)
{
	struct cursor *cursor;
	enum compile_status status;

	if (app->taskfile->dotenv.n == 0)
		return true;
	cursor = compile_globals(app->a, &app->compiler);
	while ((status = compile_step(cursor, e)) == COMPILE_NEEDS_SHELL) {
		size_t n;
		const struct shell_need *needs = compile_needs(cursor, &n);

		for (size_t i = 0; i < n; i++)
			app_answer(app, cursor, i, &needs[i]);
	}
	return status == COMPILE_DONE;
}

static bool
load_taskfile(struct app *app, struct load_options *lo, struct err *e)
{
	struct remote *remote = remote_open(app);
	bool good;

	lo->remote = remote_ops(remote);
	good = taskfile_load(app->a, lo, &app->taskfile, e);
	remote_close(remote);
	/* C-617: a remote root has no directory, its tasks run here */
	if (*app->root_dir == '\0' &&
	    source_kind_of(sv_of(app->path)) != SOURCE_FILE)
		app->root_dir = app->cwd;
	return good;
}

bool
app_load(struct app *app, struct err *e)
{
	struct load_options lo = { .cwd = app->cwd };
	const char *dir = OPT_S(&app->o, dir);

	if (OPT_B(&app->o, global))
		dir = getenv("HOME") ? getenv("HOME") : "/";
	if (*dir != '\0')
		dir = path_abs(app->a, sv_of(dir));
	if (!taskfile_find(app->a, OPT_S(&app->o, taskfile), dir, app->cwd,
		&app->path, &app->root_dir, e))
		return false;
	app->repo_dir = find_repo(app);
	if (!load_config(app, e))
		return false;
	app->templater = templater_new(app->a, tmpl_env_system());
	lo.path = app->path;
	lo.root_dir = app->root_dir;
	lo.templater = app->templater;
	lo.compat = app->compat;
	lo.phases_dir = phases_dir(app->a, app->argv[0]);
	if (!read_stdin(app, &lo, e) ||
	    !load_taskfile(app, &lo, e) ||
	    !choose_style(app, e))
		return false;
	app->compiler = (struct compiler){
		.taskfile = app->taskfile,
		.templater = app->templater,
		.root_dir = app->root_dir,
		.cwd = app->cwd,
		.task_exe = app->argv[0],
		.os_env = environment(app->a),
		.env_precedence = app->env_precedence,
		.eager = app->compat,
		.disable_fuzzy = OPT_B(&app->o, disable_fuzzy),
		.files = fp_files_for,
		.checksum = fp_checksum_value,
		.timestamp = fp_timestamp_value,
	};
	vec_push(app->a, &app->compiler.extra_texts, app->style.group_begin);
	vec_push(app->a, &app->compiler.extra_texts, app->style.group_end);
	vec_push(app->a, &app->compiler.extra_texts,
	    CFG_S(&app->cfg, commit, message));
	compiler_init(app->a, &app->compiler);
	read_words(app);
	return read_changed(app, e) && read_dotenv(app, e);
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
			if (e->code == ERR_TASK_NOT_FOUND &&
			    !OPT_B(&app->o, status))
				app_list_hint(app);
			return false;
		}
		if (m.task->internal && !OPT_B(&app->o, status))
			return err_set(e, ERR_TASK_INTERNAL,
			    "task: Task \"%s\" is internal", out->v[i].task);
	}
	return true;
}

int
app_slots(struct app *app, bool *by_user)
{
	const struct options *o = &app->o;
	const char *ini = CFG_S(&app->cfg, run, jobs);

	*by_user = true;
	if (o->v[OPT_concurrency].by_flag || (OPT_SET(o, concurrency) &&
		!OPT_SET(o, jobs)))
		return OPT_I(o, concurrency) > 0 ? (int)OPT_I(o, concurrency)
						 : SLOTS_UNLIMITED;
	if (OPT_SET(o, jobs))
		return OPT_I(o, jobs) < 0 ? cores_usable()
					  : (int)OPT_I(o, jobs);
	if (strcmp(ini, "max") == 0)
		return cores_usable();
	if (*ini != '\0')
		return (int)strtol(ini, NULL, 10);
	*by_user = false;
	return slots_default();
}

static const char *
temp_dir(struct app *app)
{
	const char *dir = OPT_S(&app->o, temp_dir);

	if (*dir == '\0')
		dir = ".task";
	if (*dir != '/' && *dir != '~')
		return path_join(app->a, sv_of(app->root_dir), sv_of(dir));
	if (*dir == '~')
		dir = path_join(app->a,
		    sv_of(getenv("HOME") ? getenv("HOME") : ""),
		    sv_of(dir + 1));
	return path_join(app->a, sv_of(dir),
	    sv_of(path_base(app->a, sv_of(app->root_dir))));
}

/* Digests may go at any time, so they lie with the caches (P-1003). */
static const char *
memo_path(struct app *app)
{
	struct state st;

	if (!CFG_B(&app->cfg, features, digest_cache))
		return NULL;
	work_state(app, &st);
	return arena_printf(app->a, "%s/digests", st.cache);
}

struct fp *
app_fp(struct app *app, const char *run_id, bool read_only)
{
	struct fp_options o = {
		.temp_dir = temp_dir(app),
		.root_dir = app->root_dir,
		.default_method = app->taskfile->method,
		.dry = read_only,
		.memo_path = memo_path(app),
		.run_id = run_id,
		.compat = app->compat,
		.cli_vars = app->compiler.globals_cli,
		.file_vars = app->taskfile->vars,
	};

	return fp_new(&o);
}

static bool
on_github(void)
{
	bool on = false;

	return go_bool_parse(getenv("GITHUB_ACTIONS"), &on) && on;
}

int
app_fail(struct app *app, struct err *e, const char *task)
{
	if (on_github() && task != NULL) {
		const char *inner = strstr(e->message, "\": ");

		term_print(&app->term, STDOUT_FILENO, COLOR_DEFAULT,
		    "::error title=Task '%s' failed::%s\n", task,
		    inner ? inner + 3 : e->message);
	} else if (on_github()) {
		term_print(&app->term, STDOUT_FILENO, COLOR_DEFAULT,
		    "::error title=Task failed::%s\n", e->message);
	}
	term_print(&app->term, STDERR_FILENO, COLOR_RED, "%s\n", e->message);
	if (e->place != NULL && !app->compat)
		term_print(&app->term, STDERR_FILENO, COLOR_RED, "prun: at %s\n",
		    e->place);
	if (OPT_B(&app->o, exit_code)) {
		if (e->status >= 0)
			return e->status;
		if (e->code == ERR_TIMEOUT)
			return 124;
	}
	return err_exit_status(e->code);
}
