/* SPDX-License-Identifier: MIT */
/* Which variables of the command line the tasks of a run can see at all: by
 * what the Taskfile says, before anything is compiled. */
#include "compile/internal.h"
#include "compile/task_words.h"

struct reader {
	struct arena *a;
	const struct compiler *c;
	struct refs refs;
	struct map *seen; /* tasks, by their address as text */
	VEC(const struct task *) queue;
};

/* false: which task that is can't be told. */
static bool
reader_add(struct reader *r, const char *name)
{
	struct err none cleanup_err = ERR_INIT;
	const char *key;
	struct match m;

	if (strstr(name, "{{") != NULL ||
	    !task_find(r->a, r->c, name, &m, &none))
		return false;
	key = arena_printf(r->a, "%p", (const void *)m.task);
	if (map_get(r->seen, sv_of(key)) != NULL)
		return true;
	map_put(r->seen, sv_of(key), r);
	vec_push(r->a, &r->queue, m.task);
	return true;
}

/* A script may call tasks, too. */
static bool
reader_add_script(struct reader *r, const char *script)
{
	size_t at = 0;
	sv name;

	if (script == NULL)
		return true;
	while (task_words_next(sv_of(script), &at, &name))
		reader_add(r, sv_cstr(r->a, name));
	return strstr(script, "task:{{") == NULL;
}

static bool
reader_add_calls(struct reader *r, const struct task *t)
{
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *cmd = t->cmds.v[i];

		if (cmd == NULL)
			continue;
		if (cmd->kind == CMD_TASK ? !reader_add(r, cmd->task)
					  : !reader_add_script(r, cmd->cmd))
			return false;
	}
	for (size_t i = 0; i < t->deps.n; i++)
		if (t->deps.v[i] != NULL && !reader_add(r, t->deps.v[i]->task))
			return false;
	return true;
}

static void
reader_add_texts(struct reader *r, const struct task *t)
{
	struct templater *templater = r->c->templater;

	refs_add_task(
	    r->a, templater, &r->refs, r->c->taskfile, t, COMPILE_FULL);
	refs_add_vars(r->a, templater, &r->refs, t->vars);
	refs_add_vars(r->a, templater, &r->refs, t->env);
	refs_add_vars(r->a, templater, &r->refs, t->include_vars);
	refs_add_vars(r->a, templater, &r->refs, t->included_vars);
	for (size_t i = 0; i < t->rare->requires.n; i++)
		refs_add_name(r->a, &r->refs, t->rare->requires.v[i].name);
}

bool
tasks_read(struct arena *a, const struct compiler *c, const string_vec *tasks,
    struct map **names)
{
	struct reader r = { .a = a, .c = c, .seen = map_new(a) };

	for (size_t i = 0; i < tasks->n; i++)
		if (!reader_add(&r, tasks->v[i]))
			return false;
	refs_add_vars(a, c->templater, &r.refs, c->taskfile->vars);
	refs_add_vars(a, c->templater, &r.refs, c->taskfile->env);
	for (size_t i = 0; i < r.queue.n; i++) {
		reader_add_texts(&r, r.queue.v[i]);
		if (!reader_add_calls(&r, r.queue.v[i]))
			return false;
	}
	*names = map_new(a);
	for (size_t i = 0; r.refs.names && i < r.refs.names->n; i++)
		map_put(*names, r.refs.names->entries[i].key, &r);
	for (size_t i = 0; r.refs.mentions && i < r.refs.mentions->n; i++)
		map_put(*names, r.refs.mentions->entries[i].key, &r);
	return !r.refs.all;
}
