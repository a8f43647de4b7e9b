/* SPDX-License-Identifier: MIT */
/* From the options to what every command on a Taskfile stands on. */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "cli/app.h"
#include "cli/phases.h"
#include "cli/remote.h"
#include "cli/run_setup.h"
#include "exec/capture.h"
#include "exec/shell.h"
#include "exec/slots.h"
#include "taskfile/source.h"
#include "vcs/git.h"

extern char **environ;

static const char *
find_repo(struct app *app)
{
	const char *dir = app->work_dir;

	while (strcmp(dir, "/") != 0 && strcmp(dir, ".") != 0) {
		if (path_exists(path_join(app->a, sv_of(dir), SV(".git"))))
			return dir;
		dir = path_dir(app->a, sv_of(dir));
	}
	return app->work_dir;
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
load_choose_style(struct app *app, struct err *e)
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
		    "task: output style %s not recognized",
		    quote_go(app->a, sv_of(app->style.name)));
	return true;
}

static struct map *
load_environment(struct arena *a)
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

/* P-703: the files by which --changed narrows the run. */
static bool
read_changed(struct app *app, struct err *e)
{
	string_vec *files = arena_new_of(app->a, string_vec);
	struct git git;

	if (!OPT_SET(&app->o, changed))
		return true;
	if (!git_open(app->a, app->work_dir, &git, e) ||
	    !git_changed_files(&git, OPT_S(&app->o, changed), files, e))
		return err_wrap(e, "prun: --changed: ");
	app->changed = files;
	return true;
}

static void
load_tell(struct app *app, const struct shell_need *need, sv out)
{
	if (OPT_B(&app->o, verbose))
		output_dynamic_var(&app->term, need->cmd, need->secret ?
			"*****" :
			sv_cstr(app->a, compile_trim_output(out)));
}

bool
app_shell(struct app *app, const char *cmd, struct capture *c, sv *text,
    int *status, struct err *e)
{
	struct shell shell = { 0 };
	struct shell_plan plan;

	*text = (sv){ "", 0 };
	*status = 0;
	if (!shell_find(app->a, getenv("PATH"), &shell, e))
		return false;
	shell.fast = false;
	shell_plan(app->a, &shell, cmd, NULL, NULL, c->dir, c->env, &plan, e);
	c->argv = plan.argv;
	if (plan.kind == SHELL_STATUS || plan.kind == SHELL_REFUSED)
		*status = plan.status;
	return !err_is_set(e) && (plan.kind != SHELL_SCRIPT ||
		capture_run(app->a, c, status, text, NULL, e));
}

/* The answer to one need of a cursor. */
static void
answer(struct app *app, struct cursor *cursor, size_t i,
    const struct shell_need *need)
{
	struct err failure cleanup_err = ERR_INIT;
	struct capture run = { .dir = need->dir,
		.env = need->env,
		.pass_stderr = true,
		.most = (size_t)CFG_I(&app->cfg, run, max_var) };
	int status;
	sv text;

	if (app_shell(app, need->cmd, &run, &text, &status, &failure)) {
		if (run.most != 0 && text.n > run.most)
			err_set(&failure, ERR_GENERIC,
			    "it prints more than "
			    "%zu bytes ([run] max_var)",
			    run.most);
		else if (status != 0)
			err_set_status(&failure, status);
	}
	if (!err_is_set(&failure))
		load_tell(app, need, text);
	compile_answer(cursor, i, text, err_is_set(&failure) ? &failure : NULL);
}

bool
app_compile(struct app *app, struct cursor *cursor, struct err *e)
{
	enum compile_status status;

	while ((status = compile_step(cursor, e)) == COMPILE_NEEDS_SHELL) {
		size_t n;
		const struct shell_need *needs = compile_needs(cursor, &n);

		for (size_t i = 0; i < n; i++)
			answer(app, cursor, i, &needs[i]);
	}
	return status == COMPILE_DONE;
}

/* L-116 to L-118: the root's dotenv files, before anything is listed or run. */
static bool
read_dotenv(struct app *app, struct err *e)
{
	return app->taskfile->dotenv.n == 0 || app_compile(app,
		compile_globals(app->a, &app->compiler), e);
}

/* ---- fingerprints for the compiler ---- */

static void
free_idle_fp(void *fp)
{
	fp_free(fp);
}

/* Much is compiled where nothing runs (--plan, the look before --push).  It
 * gets fingerprints that read only, made when a text asks for a value. */
static struct fp *
idle_fp(void *ctx)
{
	struct app *app = ctx;

	if (app->idle_fp == NULL) {
		app->idle_fp = app_fp(app, "", true);
		arena_defer(app->a, free_idle_fp, app->idle_fp);
	}
	return app->idle_fp;
}

static bool
idle_checksum(void *ctx, struct arena *a, const struct ctask *t, value *out,
    struct err *e)
{
	return fp_checksum_value(idle_fp(ctx), a, t, out, e);
}

static bool
idle_timestamp(void *ctx, struct arena *a, const struct ctask *t, value *out,
    struct err *e)
{
	return fp_timestamp_value(idle_fp(ctx), a, t, out, e);
}

void
app_use_fp(struct app *app, struct fp *fp)
{
	struct compiler *c = &app->compiler;

	c->ctx = fp != NULL ? (void *)fp : app;
	c->checksum = fp != NULL ? fp_checksum_value : idle_checksum;
	c->timestamp = fp != NULL ? fp_timestamp_value : idle_timestamp;
}

static void
init_compiler(struct app *app)
{
	app->compiler = (struct compiler){
		.taskfile = app->taskfile,
		.templater = app->templater,
		.root_dir = app->root_dir,
		.cwd = app->cwd,
		.task_exe = app->argv[0],
		.os_env = load_environment(app->a),
		.env_precedence = app->env_precedence,
		.eager = app->compat,
		.disable_fuzzy = OPT_B(&app->o, disable_fuzzy),
		.files = fp_files_for,
	};
	app_use_fp(app, NULL);
	vec_push(app->a, &app->compiler.extra_texts, app->style.group_begin);
	vec_push(app->a, &app->compiler.extra_texts, app->style.group_end);
	vec_push(app->a, &app->compiler.extra_texts,
	    CFG_S(&app->cfg, commit, message));
	compiler_init(app->a, &app->compiler);
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
	/* a remote root has no directory of its own (C-617), nor has stdin */
	app->work_dir = *app->root_dir != '\0' ? app->root_dir : app->cwd;
	app->repo_dir = find_repo(app);
	if (!load_config(app, e))
		return false;
	app->templater = templater_new(app->a, tmpl_env_system());
	lo.path = app->path;
	lo.root_dir = app->root_dir;
	lo.templater = app->templater;
	lo.compat = app->compat;
	lo.phases_dir = phases_dir(app->a, app->argv[0]);
	if (!read_stdin(app, &lo, e) || !load_taskfile(app, &lo, e) ||
	    !load_choose_style(app, e))
		return false;
	init_compiler(app);
	app_read_words(app);
	return read_changed(app, e) && read_dotenv(app, e);
}

int
app_slots(struct app *app, bool *by_user)
{
	const struct options *o = &app->o;
	int64_t in_ini = CFG_I(&app->cfg, run, jobs);

	*by_user = true;
	if (o->v[OPT_concurrency].by_flag || (OPT_SET(o, concurrency) &&
		!OPT_SET(o, jobs)))
		return OPT_I(o, concurrency) > 0 ? (int)OPT_I(o, concurrency)
						 : SLOTS_UNLIMITED;
	if (OPT_SET(o, jobs))
		return OPT_I(o, jobs) < 0 ? cores_usable()
					  : (int)OPT_I(o, jobs);
	if (*CFG_S(&app->cfg, run, jobs) != '\0')
		return in_ini < 0 ? cores_usable() : (int)in_ini;
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
	setup_state(app, &st);
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
