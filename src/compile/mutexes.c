/* SPDX-License-Identifier: MIT */
/* Which locks a call may want while it has its own. */
#include <stdlib.h>
#include <string.h>

#include "compile/task_words.h"

struct lock_walk {
	struct arena *a;
	struct compiler exact; /* nothing is guessed */
	struct map *tasks;     /* that were looked at: name → true */
	struct map *names;     /* of mutexes */
};

bool
taskfile_has_locks(const struct taskfile *t)
{
	const struct map_entry *m;
	const char *first = NULL;

	map_each(t->tasks, m) {
		const char *name = ((const struct task *)m->value)->rare->mutex;

		if (*name == '\0')
			continue;
		if (first != NULL && strcmp(first, name) != 0)
			return true;
		first = name;
	}
	return false;
}

static void lock_walk_task(struct lock_walk *w, const struct task *t);

/* What has templates in it is not known here. */
static void
lock_walk_name(struct lock_walk *w, sv name)
{
	struct err ignored cleanup_err = ERR_INIT;
	const char *text = sv_cstr(w->a, name);
	struct match m;

	if (name.n == 0 || map_get(w->tasks, name) != NULL)
		return;
	map_put(w->tasks, sv_of(text), w);
	if (task_find(w->a, &w->exact, text, &m, &ignored))
		lock_walk_task(w, m.task);
}

/* `task:NAME` anywhere, and the words of a text that starts runs. */
static void
lock_walk_text(struct lock_walk *w, const char *text)
{
	static const char blanks[] = " \t\n;&|()";
	sv name;

	for (size_t at = 0; task_words_next(sv_of(text), &at, &name);)
		lock_walk_name(w, name);
	if (strstr(text, "task ") == NULL && strstr(text, "prun ") == NULL)
		return;
	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, blanks);

		lock_walk_name(w, (sv){ p, n });
		p += n;
		p += strspn(p, blanks);
	}
}

static void
lock_walk_task(struct lock_walk *w, const struct task *t)
{
	struct dep *const *d;
	struct cmd *const *c;

	if (*t->rare->mutex != '\0')
		map_put(w->names, sv_of(t->rare->mutex), w);
	vec_each(&t->deps, d)
		if (*d != NULL)
			lock_walk_name(w, sv_of((*d)->task));
	vec_each(&t->cmds, c) {
		if (*c == NULL)
			continue;
		if ((*c)->kind == CMD_TASK)
			lock_walk_name(w, sv_of((*c)->task));
		else if ((*c)->kind == CMD_SHELL)
			lock_walk_text(w, (*c)->cmd);
	}
}

static int
compare_mutexes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
ctask_mutexes(struct arena *a, const struct compiler *c, const struct ctask *t,
    string_vec *out)
{
	struct lock_walk w = { a, *c, map_new(a), map_new(a) };
	const struct map_entry *m;
	const struct ccmd *cmd;

	w.exact.disable_fuzzy = true;
	map_put(w.names, sv_of(t->task->rare->mutex), &w);
	vec_each(&t->cmds, cmd) {
		if (cmd->kind == CMD_TASK && cmd->task != NULL)
			lock_walk_name(&w, sv_of(cmd->task));
		else if (cmd->text != NULL)
			lock_walk_text(&w, cmd->text);
	}
	map_each(w.names, m)
		vec_push(a, out, sv_cstr(a, m->key));
	qsort(out->v, out->n, sizeof(*out->v), compare_mutexes);
}
