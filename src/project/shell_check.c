/* SPDX-License-Identifier: MIT */
#include "project/shell_check.h"

#include "compile/task_words.h"
#include "exec/shell_dialect.h"

enum {
	LINES_MAX = 20
};

struct checking {
	struct arena *a;
	const struct project *p;
	struct compiler exact; /* nothing is guessed */
	struct shell shell;
	struct map *seen; /* tasks, by name */
	VEC(const struct task *) todo;
	struct sb lines;
	size_t n_lines;
};

static void
shell_check_call(struct checking *k, const char *name)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct match m;

	if (name == NULL || strstr(name, "{{") != NULL ||
	    !task_find(k->a, &k->exact, name, &m, &ignored) ||
	    map_get(k->seen, sv_of(m.task->name)) != NULL)
		return;
	map_put(k->seen, sv_of(m.task->name), k->seen);
	vec_push(k->a, &k->todo, m.task);
}

/* The line of a place in a text: a text of several lines begins below its key.
 */
static int
line_of_text(const struct cmd *c, size_t at)
{
	int line = c->at.line;

	if (strchr(c->cmd, '\n') == NULL)
		return line;
	for (size_t i = 0; i < at; i++)
		line += c->cmd[i] == '\n';
	return line + 1;
}

static void
say_lack(struct checking *k, const struct task *t, const struct cmd *c,
    const struct dialect_find *f)
{
	if (f == NULL || k->n_lines++ >= LINES_MAX)
		return;
	sb_printf(&k->lines, "\n  %s:%d: task %s: %s needs bash",
	    c->at.taskfile, line_of_text(c, f->at), t->name, f->name);
}

static const char *const *
ended(struct arena *a, const string_vec *list)
{
	string_vec out = { 0 };

	for (size_t i = 0; i < list->n; i++)
		vec_push(a, &out, list->v[i]);
	vec_push(a, &out, NULL);
	return out.v;
}

static void
shell_check_text(struct checking *k, const struct task *t, const struct cmd *c)
{
	const struct taskfile *file = k->p->taskfile;
	const string_vec *set[] = { &file->set, &t->rare->set, &c->rare->set };
	const string_vec *shopt[] = { &file->shopt, &t->rare->shopt,
		&c->rare->shopt };
	dialect_finds finds = { 0 };

	for (int i = 0; i < 3; i++)
		dialect_read_options(
		    k->a, ended(k->a, set[i]), ended(k->a, shopt[i]), &finds);
	dialect_read(k->a, sv_of(c->cmd), &finds);
	say_lack(k, t, c, shell_lacks(k->a, &k->shell, &finds));
}

/* A command that runs wherever its task does, once at least. */
static bool
is_sure(const struct for_loop *loop, const char *if_text)
{
	return is_blank(if_text) && loop->kind == FOR_NONE;
}

static void
check_command(struct checking *k, const struct task *t, const struct cmd *c)
{
	struct task_words words = { .kind = CMD_SHELL };

	if (!is_sure(&c->rare->loop, c->if_text) ||
	    !platform_matches(&c->rare->platforms))
		return;
	if (c->kind == CMD_TASK) {
		shell_check_call(k, c->task);
		return;
	}
	if (c->kind != CMD_SHELL)
		return;
	if (c->plain)
		task_words_read(k->a, sv_of(c->cmd), &words);
	if (words.kind == CMD_TASK)
		shell_check_call(k, words.task);
	else
		shell_check_text(k, t, c);
}

static void
check_task(struct checking *k, const struct task *t)
{
	if (*t->rare->if_text != '\0' || !platform_matches(&t->rare->platforms))
		return;
	for (size_t i = 0; i < t->deps.n; i++)
		if (t->deps.v[i] != NULL &&
		    t->deps.v[i]->rare->loop.kind == FOR_NONE)
			shell_check_call(k, t->deps.v[i]->task);
	if (task_is_conditional(t))
		return;
	for (size_t i = 0; i < t->cmds.n; i++)
		if (t->cmds.v[i] != NULL)
			check_command(k, t, t->cmds.v[i]);
}

bool
shell_check(struct project *p, const call_vec *calls, struct err *e)
{
	const char *path = environment_get(p->in->env, "PATH");
	struct arena *a cleanup_arena = arena_new();
	struct checking k = {
		.a = a, .p = p, .exact = p->compiler, .seen = map_new(a)
	};
	struct err ignored cleanup_err = ERR_INIT;

	if (shell_has_bash(a, path) || !shell_find(a, path, &k.shell, &ignored))
		return true;
	k.shell.answers = map_new(a);
	k.exact.disable_fuzzy = true;
	for (size_t i = 0; i < calls->n; i++)
		shell_check_call(&k, calls->v[i].task);
	for (size_t i = 0; i < k.todo.n; i++)
		check_task(&k, k.todo.v[i]);
	if (k.n_lines > LINES_MAX)
		sb_printf(&k.lines, "\n  and %zu more", k.n_lines - LINES_MAX);
	if (k.n_lines > 0)
		err_set(e, ERR_TASK_FAILED,
		    "prun: bash is not on PATH, and %s cannot do all that "
		    "would run; nothing was run:%s",
		    k.shell.path, sb_cstr(&k.lines));
	sb_free(&k.lines);
	return k.n_lines == 0;
}
