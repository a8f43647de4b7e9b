/* SPDX-License-Identifier: MIT */
#include "compile/compile_fixture.h"

#include <ctype.h>

#include "taskfile/taskfile.h"

/* ---- the pure shell ---- */

static sv
env_value(char *const *env, sv name)
{
	sv found = { 0 };

	for (size_t i = 0; env[i] != NULL; i++) {
		sv key, rest;

		/* as in a shell, the last of several counts */
		if (sv_cut(sv_of(env[i]), '=', &key, &rest) &&
		    sv_eq(key, name))
			found = rest;
	}
	return found;
}

static size_t
add_variable(struct sb *out, const char *p, char *const *env)
{
	bool braces = p[1] == '{';
	size_t start = braces ? 2 : 1, n = 0;

	while (isalnum((unsigned char)p[start + n]) || p[start + n] == '_')
		n++;
	sb_addv(out, env_value(env, (sv){ p + start, n }));
	return start + n + braces;
}

static void
do_echo(const char *p, char *const *env, struct sb *out)
{
	char quote = '\0';

	while (*p == ' ')
		p++;
	while (*p != '\0') {
		if ((*p == '"' || *p == '\'') &&
		    (quote == '\0' || quote == *p)) {
			quote = quote ? '\0' : *p;
			p++;
		} else if (*p == '$' && quote != '\'') {
			p += add_variable(out, p, env);
		} else {
			sb_addc(out, *p++);
		}
	}
	sb_addc(out, '\n');
}

static int
do_one(const char *cmd, const char *dir, char *const *env, struct sb *out)
{
	if (strcmp(cmd, "true") == 0 || strcmp(cmd, "") == 0)
		return 0;
	if (strcmp(cmd, "false") == 0)
		return 1;
	if (strcmp(cmd, "pwd") == 0) {
		sb_adds(out, dir);
		sb_addc(out, '\n');
		return 0;
	}
	if (strncmp(cmd, "exit ", 5) == 0)
		return (int)strtol(cmd + 5, NULL, 10);
	if (strncmp(cmd, "echo", 4) == 0) {
		do_echo(cmd + 4, env, out);
		return 0;
	}
	return 127;
}

int
fix_shell(struct fixture *f, const char *cmd, const char *dir,
    char *const *env, struct sb *out)
{
	sv rest = sv_of(cmd), one;
	bool more;
	int status;

	do {
		more = sv_cut(rest, ';', &one, &rest);
		status = do_one(sv_cstr(f->a, sv_trim(one)), dir, env, out);
	} while (more && status == 0);
	return status;
}

/* ---- compiling ---- */

bool
fix_load(struct fixture *f, struct tree *tree, const char *const *os_env,
    struct err *e)
{
	struct load_options o = { 0 };

	*f = (struct fixture){ .tree = tree, .a = arena_new() };
	f->c.templater = templater_new(f->a, tmpl_env_system());
	o.path = tree_path(tree, "Taskfile.yml");
	o.root_dir = o.cwd = tree->dir;
	o.templater = f->c.templater;
	if (!taskfile_load(f->a, &o, &f->file, e))
		return false;
	f->c.taskfile = f->file;
	f->c.root_dir = f->c.cwd = tree->dir;
	f->c.task_exe = "task";
	f->c.os_env = map_new(f->a);
	for (size_t i = 0; os_env[i] != NULL; i++) {
		sv name, text;

		sv_cut(sv_of(os_env[i]), '=', &name, &text);
		map_put(f->c.os_env, name, sv_cstr(f->a, text));
	}
	compiler_init(f->a, &f->c);
	return true;
}

void
fix_free(struct fixture *f)
{
	sb_free(&f->out);
	arena_free(f->a);
}

string_vec
fix_words(struct fixture *f, const struct cli_words *w)
{
	string_vec tasks = { 0 };

	compiler_cli_vars(f->a, &f->c, w, &tasks);
	if (tasks.n == 0)
		vec_push(f->a, &tasks, "default");
	return tasks;
}

static void
answer(struct fixture *f, struct cursor *cur, size_t i,
    const struct shell_need *need)
{
	struct sb out cleanup_sb = SB_INIT;
	struct err failure cleanup_err = ERR_INIT;
	int status = fix_shell(f, need->cmd, need->dir, need->env, &out);

	vec_push(f->a, &f->shells, arena_strdup(f->a, need->cmd));
	if (status != 0)
		err_set_status(&failure, status);
	compile_answer(cur, i, sb_sv(&out), status ? &failure : NULL);
}

static bool
drive(struct fixture *f, struct cursor *cur, struct err *e)
{
	enum compile_status status;

	while ((status = compile_step(cur, e)) == COMPILE_NEEDS_SHELL) {
		size_t n;
		const struct shell_need *needs = compile_needs(cur, &n);

		if ((int)n > f->side_by_side)
			f->side_by_side = (int)n;
		for (size_t i = 0; i < n; i++)
			answer(f, cur, i, &needs[i]);
	}
	return status == COMPILE_DONE;
}

bool
fix_globals(struct fixture *f, struct err *e)
{
	return drive(f, compile_globals(f->a, &f->c), e);
}

struct ctask *
fix_compile(struct fixture *f, const struct call *call, enum compile_mode mode,
    struct err *e)
{
	struct match *m = arena_new_of(f->a, struct match);
	struct cursor *cur;

	if (!task_find(f->a, &f->c, call->task, m, e) ||
	    (mode == COMPILE_FULL && !requires_check(f->a, &f->c, call, m, e)))
		return NULL;
	cur = compile_begin(f->a, &f->c, call, m, mode);
	return drive(f, cur, e) ? compile_result(cur) : NULL;
}

/* ---- running ---- */

static bool
run_failed(struct fixture *f, const struct ctask *t, struct err *e)
{
	if (e->code == ERR_GENERIC)
		e->code = ERR_TASK_FAILED;
	return err_wrap(e, "task: Failed to run task %s: ",
	    quote_go(f->a, sv_of(t->name)));
}

static bool
run_command(struct fixture *f, const struct ctask *t, const struct ccmd *cmd,
    struct err *e)
{
	struct sb ignored cleanup_sb = SB_INIT;
	int status;

	if (cmd->if_text[0] != '\0' &&
	    fix_shell(f, cmd->if_text, t->dir, t->env, &ignored) != 0)
		return true;
	if (cmd->kind == CMD_TASK) {
		struct call call = { .task = cmd->task, .vars = cmd->vars,
			.silent = cmd->silent, .indirect = true };

		return fix_run(f, &call, e);
	}
	if (cmd->text[0] == '\0')
		return true;
	if (f->echo && !t->silent && !cmd->silent)
		sb_printf(&f->out, "task: [%s] %s\n", t->name, cmd->log_text);
	status = fix_shell(f, cmd->text, t->dir, t->env, &f->out);
	return status == 0 || cmd->ignore_error || err_set_status(e, status);
}

static bool
run_commands(struct fixture *f, const struct ctask *t, struct err *e)
{
	VEC(const struct ccmd *) deferred = { 0 };
	struct err ignored cleanup_err = ERR_INIT;
	bool ok = true;

	for (size_t i = 0; i < t->cmds.n && ok; i++) {
		if (t->cmds.v[i].defer)
			vec_push(f->a, &deferred, &t->cmds.v[i]);
		else
			ok = run_command(f, t, &t->cmds.v[i], e);
	}
	for (size_t i = deferred.n; i > 0; i--) {
		struct ccmd now;

		if (compile_defer(f->a, &f->c, t, deferred.v[i - 1],
			ok ? 0 : e->status, &now, &ignored))
			run_command(f, t, &now, &ignored);
	}
	return ok;
}

bool
fix_run(struct fixture *f, const struct call *call, struct err *e)
{
	struct ctask *t = fix_compile(f, call, COMPILE_FULL, e);

	if (t == NULL || !requires_check_enums(f->a, &f->c, t, e))
		return false;
	for (size_t i = 0; i < t->deps.n; i++) {
		struct call dep = { .task = t->deps.v[i].task,
			.vars = t->deps.v[i].vars, .indirect = true };

		if (!fix_run(f, &dep, e))
			return run_failed(f, t, e);
	}
	return run_commands(f, t, e) || run_failed(f, t, e);
}
