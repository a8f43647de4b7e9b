/* SPDX-License-Identifier: MIT */
/*
 * Which variables texts read.  Lazy variables rest on it: only what is read is
 * resolved, so a text that may read anything must say so.
 */
#include <ctype.h>

#include "compile/internal.h"

/* The next identifier of *rest; false at the end. */
static bool
refs_next_word(sv *rest, sv *word)
{
	size_t i = 0, end;

	while (i < rest->n && !is_name_byte(rest->p[i]))
		i++;
	for (end = i; end < rest->n && is_name_byte(rest->p[end]); end++)
		;
	*word = sv_sub(*rest, i, end - i);
	*rest = sv_sub(*rest, end, SIZE_MAX);
	return word->n > 0;
}

static struct map *
refs_names_of(struct arena *a, struct map **m)
{
	if (*m == NULL)
		*m = map_new(a);
	return *m;
}

void
refs_add_name(struct arena *a, struct refs *r, const char *name)
{
	map_put(refs_names_of(a, &r->names), sv_of(name), r);
}

static void
refs_add_template(
    struct arena *a, struct templater *t, struct refs *r, sv text, bool is_ref)
{
	struct templater_needs needs = { r->names, r->all, r->impure };

	templater_names(t, a, text, is_ref, &needs);
	r->names = needs.names;
	r->all = needs.all;
	r->impure = needs.impure;
}

void
refs_add_text(struct arena *a, struct templater *t, struct refs *r,
    const char *text)
{
	if (text != NULL)
		refs_add_template(a, t, r, sv_of(text), false);
}

void
refs_add_ref(struct arena *a, struct templater *t, struct refs *r,
    const char *expr)
{
	refs_add_template(a, t, r, sv_of(expr), true);
}

void
refs_add_value(struct arena *a, struct templater *t, struct refs *r, value v)
{
	const struct map_entry *e;

	switch ((enum value_kind)v.kind) {
	case VALUE_STRING:
		refs_add_template(a, t, r, value_text(v), false);
		break;
	case VALUE_LIST:
		for (size_t i = 0; i < v.u.list->n; i++)
			refs_add_value(a, t, r, v.u.list->v[i]);
		break;
	case VALUE_MAP:
		map_each(v.u.map->entries, e)
			refs_add_value(a, t, r, *(const value *)e->value);
		break;
	case VALUE_INVALID:
	case VALUE_NIL:
	case VALUE_BOOL:
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_FLOAT:
	case VALUE_TIME:
	case VALUE_DURATION:
		break;
	}
}

void
refs_add_mentions(struct arena *a, struct refs *r, const char *text)
{
	sv rest = sv_of(text), word;

	while (refs_next_word(&rest, &word))
		if (!isdigit((unsigned char)word.p[0]))
			map_put(refs_names_of(a, &r->mentions), word, r);
}

void
refs_add_var(struct arena *a, struct templater *t, struct refs *r,
    const struct var *v)
{
	if (v->ref != NULL) {
		refs_add_ref(a, t, r, v->ref);
		return;
	}
	if (v->has_value && !value_is_nil(v->value)) {
		if (!v->final)
			refs_add_value(a, t, r, v->value);
		return;
	}
	if (v->sh == NULL)
		return;
	if (!v->final)
		refs_add_text(a, t, r, v->sh);
	refs_add_mentions(a, r, v->sh);
}

void
refs_add_vars(struct arena *a, struct templater *t, struct refs *r,
    const vars *v)
{
	const struct map_entry *e;

	map_each(v, e)
		refs_add_var(a, t, r, e->value);
}

/* ---- a task's texts ---- */

struct walk {
	struct arena *a;
	struct templater *t;
	struct refs *r;
};

/* Most texts are not templates. */
static void
text(const struct walk *w, const char *s)
{
	if (s != NULL && strchr(s, '{') != NULL)
		refs_add_text(w->a, w->t, w->r, s);
}

static void
refs_texts(const struct walk *w, const string_vec *v)
{
	for (size_t i = 0; i < v->n; i++)
		text(w, v->v[i]);
}

static void
globs(const struct walk *w, const glob_vec *v)
{
	for (size_t i = 0; i < v->n; i++)
		text(w, v->v[i].pattern);
}

void
refs_add_loop(struct arena *a, struct templater *t, struct refs *r,
    const struct for_loop *l)
{
	if (l->kind == FOR_VAR)
		refs_add_name(a, r, l->var);
	if (l->kind == FOR_MATRIX)
		for (size_t i = 0; i < l->matrix.n; i++)
			if (l->matrix.v[i].ref != NULL)
				refs_add_ref(a, t, r, l->matrix.v[i].ref);
}

static void
refs_commands(const struct walk *w, const struct task *task)
{
	for (size_t i = 0; i < task->cmds.n; i++) {
		const struct cmd *cmd = task->cmds.v[i];

		if (cmd == NULL)
			continue;
		text(w, cmd->cmd);
		text(w, cmd->task);
		text(w, cmd->if_text);
		refs_add_vars(w->a, w->t, w->r, cmd->vars);
		refs_add_loop(w->a, w->t, w->r, &cmd->rare->loop);
	}
	for (size_t i = 0; i < task->deps.n; i++) {
		const struct dep *dep = task->deps.v[i];

		if (dep == NULL)
			continue;
		text(w, dep->task);
		refs_add_vars(w->a, w->t, w->r, dep->vars);
		refs_add_loop(w->a, w->t, w->r, &dep->rare->loop);
	}
}

static void
refs_requires(const struct walk *w, const struct task *task)
{
	for (size_t i = 0; i < task->rare->requires.n; i++) {
		const struct required_var *v = &task->rare->requires.v[i];

		if (v->enum_ref != NULL)
			refs_add_ref(w->a, w->t, w->r, v->enum_ref);
		if (v->has_enum || v->enum_ref != NULL)
			refs_add_name(w->a, w->r, v->name);
	}
}

void
refs_add_task(struct arena *a, struct templater *t, struct refs *r,
    const struct taskfile *file, const struct task *task,
    enum compile_mode mode)
{
	struct walk w = { a, t, r };

	text(&w, task->rare->label);
	text(&w, task->desc);
	text(&w, task->rare->summary);
	refs_texts(&w, &task->rare->prompts);
	text(&w, task->rare->method);
	if (mode != COMPILE_LIST || task->sources.n > 0) {
		globs(&w, &task->sources);
		globs(&w, &task->generates);
		text(&w, task->dir);
	}
	if (mode == COMPILE_LIST)
		return;
	text(&w, task->rare->prefix);
	text(&w, task->rare->run);
	text(&w, task->rare->if_text);
	refs_texts(&w, &task->rare->dotenv);
	refs_texts(&w, &task->rare->status);
	for (size_t i = 0; i < task->rare->preconditions.n; i++) {
		text(&w, task->rare->preconditions.v[i].sh);
		text(&w, task->rare->preconditions.v[i].msg);
	}
	text(&w, task->rare->commit.message);
	text(&w, file->output.group_begin);
	text(&w, file->output.group_end);
	refs_requires(&w, task);
	refs_commands(&w, task);
}
