/* SPDX-License-Identifier: MIT */
/* Special variables (section 3.3) and the words of the command line. */
#include "base/path.h"
#include "compile/internal.h"
#include "go/shellword.h"

static const char task_version[] = "3.54.0";

const char *const special_names[] = { "TASK", "ALIAS", "TASK_EXE",
	"TASK_VERSION", "ROOT_TASKFILE", "ROOT_DIR", "TASKFILE", "TASKFILE_DIR",
	"TASK_DIR", "USER_WORKING_DIR", "PATH_LIST_SEPARATOR",
	"FILE_PATH_SEPARATOR", NULL };

bool
special_is_per_call(sv name)
{
	return sv_is(name, "TASK") || sv_is(name, "ALIAS") ||
	    sv_is(name, "TASKFILE") || sv_is(name, "TASKFILE_DIR") ||
	    sv_is(name, "TASK_DIR");
}

/* Files that were fetched: their location is a URL, which has no folder. */
static bool
is_special_remote(const char *location)
{
	return strstr(location, "://") != NULL ||
	    strncmp(location, "git@", 4) == 0;
}

static const char *
root_taskfile(struct cursor *cur)
{
	const char *location = cur->c->taskfile->location;

	if (is_special_remote(location))
		return location;
	return path_resolve(cur->a, sv_of(cur->c->root_dir), sv_of(location));
}

static const char *
task_dir(struct cursor *cur, struct place at)
{
	struct err e cleanup_err = ERR_INIT;
	const char *dir;

	if (cur->task == NULL)
		return "";
	/* a broken template in `dir` is an error of its own, where the
	 * directory is made */
	if (!task_dir_at(cur, at, &dir, &e))
		return path_resolve(cur->a, sv_of(cur->c->root_dir),
		    sv_of(cur->task->dir));
	return dir;
}

static const char *
taskfile_dir(struct cursor *cur)
{
	const char *file = cur->task ? cur->task->at.taskfile : NULL;

	if (file == NULL || is_special_remote(file))
		return "";
	return path_dir(cur->a, sv_of(file));
}

static const char *
or_empty(const char *s)
{
	return s ? s : "";
}

/* NULL: no special variable has this name. */
static const char *
special_text(struct cursor *cur, sv name, struct place at)
{
	const struct compiler *c = cur->c;
	const struct task *t = cur->task;

	if (sv_is(name, "TASK"))
		return t ? t->name : "";
	if (sv_is(name, "ALIAS"))
		return cur->call ? or_empty(cur->call->task) : "";
	if (sv_is(name, "TASK_EXE"))
		return or_empty(c->task_exe);
	if (sv_is(name, "TASK_VERSION"))
		return task_version;
	if (sv_is(name, "ROOT_TASKFILE"))
		return root_taskfile(cur);
	if (sv_is(name, "ROOT_DIR"))
		return is_special_remote(c->taskfile->location) ? ""
								: c->root_dir;
	if (sv_is(name, "TASKFILE"))
		return t ? or_empty(t->at.taskfile) : "";
	if (sv_is(name, "TASKFILE_DIR"))
		return taskfile_dir(cur);
	if (sv_is(name, "TASK_DIR"))
		return task_dir(cur, at);
	if (sv_is(name, "USER_WORKING_DIR"))
		return or_empty(c->cwd);
	if (sv_is(name, "PATH_LIST_SEPARATOR"))
		return ":";
	if (sv_is(name, "FILE_PATH_SEPARATOR"))
		return "/";
	return NULL;
}

value
base_value(struct cursor *cur, sv name, struct place at)
{
	const char *s = special_text(cur, name, at);

	if (s == NULL)
		s = map_get(cur->c->os_env, name);
	return s ? value_cstr(s) : VALUE_ABSENT;
}

/* ---- command line ---- */

static void
set_var(struct arena *a, vars *m, sv name, value v, bool final)
{
	struct var *var = arena_new_of(a, struct var);

	var->has_value = true;
	var->value = v;
	var->final = final;
	map_put(m, name, var);
}

static void
special_set_flag(struct arena *a, vars *m, const char *name, bool on)
{
	set_var(a, m, sv_of(name), value_bool(on), true);
}

/* What was typed behind the double dash is data and never a template. */
static void
set_rest(struct arena *a, vars *m, const struct cli_words *w)
{
	struct sb quoted cleanup_sb = SB_INIT;
	value list = value_list_new(a, GO_LIST_STRING);

	for (size_t i = 0; i < w->n_rest; i++) {
		if (i > 0)
			sb_addc(&quoted, ' ');
		sb_adds(&quoted, shell_quote(a, sv_of(w->rest[i])));
		value_list_add(a, list, value_cstr(w->rest[i]));
	}
	set_var(a, m, SV("CLI_ARGS"), value_sv(sb_take(&quoted, a)), true);
	set_var(a, m, SV("CLI_ARGS_LIST"), list, true);
}

void
compiler_cli_vars(struct arena *a, struct compiler *c,
    const struct cli_words *w, string_vec *tasks)
{
	c->globals_cli = map_new(a);
	for (size_t i = 0; i < w->n_words; i++) {
		sv name, text;

		if (sv_cut(sv_of(w->words[i]), '=', &name, &text))
			set_var(a, c->globals_cli, name, value_sv(text), false);
		else
			vec_push(a, tasks, w->words[i]);
	}
	c->specials_cli = map_new(a);
	set_rest(a, c->specials_cli, w);
	special_set_flag(a, c->specials_cli, "CLI_FORCE", w->force);
	special_set_flag(a, c->specials_cli, "CLI_SILENT", w->silent);
	special_set_flag(a, c->specials_cli, "CLI_VERBOSE", w->verbose);
	special_set_flag(a, c->specials_cli, "CLI_OFFLINE", w->offline);
	special_set_flag(a, c->specials_cli, "CLI_ASSUME_YES", w->assume_yes);
}
