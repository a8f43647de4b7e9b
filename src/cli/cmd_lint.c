/* SPDX-License-Identifier: MIT */
/*
 * --lint: what a run is silent about (D-8).  Keys that nobody knows, calls of
 * tasks that are not there, tasks that nothing can reach or that lists do not
 * show, and what go-task would understand in another way.
 */
#include "cli/cli.h"
#include "advice/keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/match.h"
#include "base/path.h"
#include "compile/task_words.h"

struct finding {
	struct location at;
	size_t file, order;
	const char *text;
	bool is_remark; /* worth knowing, no mistake */
};

struct lint {
	struct project *p;
	struct arena *a;
	const struct taskfile *tf;
	VEC(struct finding) found;
	bool remarks; /* what is found now is no more than that */
	struct map *reached; /* task name → task */
};

static size_t
file_index(const struct lint *l, const char *path)
{
	size_t i = 0;

	while (i < l->tf->files.n && strcmp(l->tf->files.v[i], path) != 0)
		i++;
	return i;
}

static void
lint_add(struct lint *l, const struct location *at, const char *text)
{
	struct finding f = { *at, file_index(l, at->taskfile), l->found.n,
		text, l->remarks };

	/* what an anchor or an include brings twice is said once */
	for (size_t i = 0; i < l->found.n; i++) {
		const struct finding *g = &l->found.v[i];

		if (g->at.line == at->line && g->at.column == at->column &&
		    strcmp(g->at.taskfile, at->taskfile) == 0 &&
		    strcmp(g->text, text) == 0)
			return;
	}
	vec_push(l->a, &l->found, f);
}

/* ---- keys ---- */

static void
lint_check_keys(struct lint *l)
{
	const struct unknown_key *u;

	vec_each(&l->tf->unknown, u) {
		const char *near;

		if (!key_is_mistake(l->tf, u))
			continue;
		near = key_nearest(l->a, u);
		if (near != NULL && strcmp(near, u->key) == 0)
			lint_add(l, &u->at,
			    arena_printf(l->a,
				"the key %s counts for nothing here (%s)",
				quote_go(l->a, sv_of(u->key)), u->where));
		else
			lint_add(l, &u->at,
			    arena_printf(l->a, "unknown key %s (%s)%s%s%s",
				quote_go(l->a, sv_of(u->key)), u->where,
				near ? "; did you mean " : "",
				near ? quote_go(l->a, sv_of(near)) : "",
				near ? "?" : ""));
	}
}

/* ---- calls ---- */

static void reach(struct lint *l, const struct task *t);

/* "ns:{{.OS}}-x" as the pattern "ns:*-x". */
static char *
name_pattern(struct arena *a, const char *name)
{
	struct sb out cleanup_sb = SB_INIT;
	sv rest = sv_of(name);

	while (rest.n > 0) {
		ptrdiff_t open = sv_find(rest, SV("{{"), 0), close;

		if (open < 0)
			break;
		close = sv_find(rest, SV("}}"), (size_t)open);
		if (close < 0)
			break;
		sb_addv(&out, sv_sub(rest, 0, (size_t)open));
		sb_addc(&out, '*');
		rest = sv_sub(rest, (size_t)close + 2, SIZE_MAX);
	}
	sb_addv(&out, rest);
	return arena_strdup(a, sb_cstr(&out));
}

/* All tasks that a name with a template may mean. */
static void
reach_pattern(struct lint *l, const char *name)
{
	sv pattern = sv_of(name_pattern(l->a, name));
	const struct map_entry *m;

	map_each(l->tf->tasks, m) {
		const struct task *t = m->value;
		bool fits = match_name(pattern, m->key, MATCH_DOTS);

		for (size_t i = 0; i < t->aliases.n; i++)
			fits |= match_name(pattern, sv_of(t->aliases.v[i]),
			    MATCH_DOTS);
		if (fits)
			reach(l, t);
	}
}

static void
reach_name(struct lint *l, const char *name, const struct location *at)
{
	struct err e cleanup_err = ERR_INIT;
	struct match m;
	char *text;

	if (strstr(name, "{{") != NULL) {
		reach_pattern(l, name);
		return;
	}
	if (task_find(l->a, &l->p->compiler, name, &m, &e)) {
		reach(l, m.task);
		return;
	}
	text = arena_strdup(l->a, e.message);
	if (strncmp(text, "task: ", 6) == 0)
		text += 6;
	*text = (char)tolower((unsigned char)*text);
	lint_add(l, at, text);
}

static void
lint_words_call(struct lint *l, const char *name, const struct location *at)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct match m;

	if (!task_is_known(l->a, &l->p->compiler, name) ||
	    !task_find(l->a, &l->p->compiler, name, &m, &ignored))
		return;
	reach(l, m.task);
	lint_add(l, at,
	    arena_printf(l->a,
		"only prun calls a task here; go-task runs a program named "
		"task:%s",
		name));
}

/* The words task:NAME of a text (P-103, P-104). */
static void
check_text(struct lint *l, const struct cmd *cmd)
{
	struct map *seen = map_new(l->a);
	struct task_words words;
	size_t at = 0;
	sv name;

	task_words_read(l->a, sv_of(cmd->cmd), &words);
	if (cmd->plain && words.kind == CMD_TASK) {
		lint_words_call(l, words.task, &cmd->at);
		return;
	}
	while (task_words_next(sv_of(cmd->cmd), &at, &name)) {
		if (map_get(seen, name) == NULL)
			lint_words_call(l, sv_cstr(l->a, name), &cmd->at);
		map_put(seen, name, l);
	}
}

static void
reach(struct lint *l, const struct task *t)
{
	if (map_get(l->reached, sv_of(t->name)) != NULL)
		return;
	map_put(l->reached, sv_of(t->name), (void *)t);
	for (size_t i = 0; i < t->deps.n; i++)
		reach_name(l, t->deps.v[i]->task, &t->deps.v[i]->at);
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *cmd = t->cmds.v[i];

		if (cmd->kind == CMD_TASK)
			reach_name(l, cmd->task, &cmd->at);
		else if (cmd->kind == CMD_SHELL)
			check_text(l, cmd);
	}
}

static void
check_tasks(struct lint *l)
{
	const struct map_entry *m;

	map_each(l->tf->tasks, m)
		if (!((const struct task *)m->value)->internal)
			reach(l, m->value);
	map_each(l->tf->tasks, m) {
		const struct task *t = m->value;

		l->remarks = true;
		if (!t->internal && t->desc[0] == '\0')
			lint_add(l, &t->at,
			    arena_printf(l->a,
				"remark: task %s has no desc, so --list does "
				"not show it",
				quote_go(l->a, sv_of(t->name))));
		l->remarks = false;
		if (!t->internal || t->in_library ||
		    map_get(l->reached, m->key) != NULL)
			continue;
		lint_add(l, &t->at,
		    arena_printf(l->a,
			"task %s is internal, and nothing calls it",
			quote_go(l->a, sv_of(t->name))));
		/* what it calls is checked all the same */
		reach(l, t);
	}
}

static void
check_includes(struct lint *l)
{
	const struct include *const *p;

	vec_each(&l->tf->all_includes, p)
		if (sv_starts(sv_of((*p)->taskfile), SV("prun:")))
			lint_add(l, &(*p)->at,
			    arena_printf(l->a,
				"only prun has %s; go-task looks for a file of "
				"that name",
				quote_go(l->a, sv_of((*p)->taskfile))));
}

/* ---- the list ---- */

static int
lint_compare(const void *x, const void *y)
{
	const struct finding *a = x, *b = y;

	/* remote files have no number */
	int name = strcmp(a->at.taskfile, b->at.taskfile);

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (name != 0)
		return name;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	if (a->at.column != b->at.column)
		return a->at.column < b->at.column ? -1 : 1;
	return a->order < b->order ? -1 : 1;
}

static const char *
shown_path(struct lint *l, const char *path)
{
	struct err ignored cleanup_err = ERR_INIT;
	char *rel;

	if (!path_is_abs(sv_of(path)) ||
	    !path_rel(l->a, sv_of(l->p->in->cwd), sv_of(path), &rel, &ignored))
		return path;
	return rel;
}

int
cmd_lint(const struct cli *c, struct project *p)
{
	struct lint l = { .p = p, .a = p->a, .tf = p->taskfile,
		.reached = map_new(c->a) };
	bool failed = false;

	lint_check_keys(&l);
	check_tasks(&l);
	check_includes(&l);
	if (l.found.n > 0)
		qsort(l.found.v, l.found.n, sizeof(l.found.v[0]), lint_compare);
	for (size_t i = 0; i < l.found.n; i++) {
		const struct finding *f = &l.found.v[i];

		term_print(c->term, STDERR_FILENO, COLOR_DEFAULT,
		    "%s:%d:%d: %s\n", shown_path(&l, f->at.taskfile),
		    f->at.line, f->at.column, f->text);
		failed = failed || !f->is_remark;
	}
	return failed;
}
