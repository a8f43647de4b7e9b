/* SPDX-License-Identifier: MIT */
/* --summary: what a task is, without running it (C-180 to C-185). */
#include "output/list.h"

#include <unistd.h>

#include "go/fmt.h"

struct page {
	struct arena *a;
	const struct term *t;
	struct sb *out;
};

static void
tsum_put(struct page *p, enum color c, const char *text)
{
	struct sb said cleanup_sb = SB_INIT;

	term_add_said(p->t, &said, sv_of(text));
	term_add(p->t, p->out, c, sb_sv(&said));
}

static void
line(struct page *p, enum color c, const char *text)
{
	tsum_put(p, c, arena_printf(p->a, "%s\n", text));
}

static void
heading(struct page *p, const char *text)
{
	line(p, COLOR_DEFAULT, "");
	line(p, COLOR_DEFAULT, text);
}

static void
about(struct page *p, const struct ctask *t)
{
	const char *text = *t->summary ? t->summary : t->desc;
	sv rest = sv_of(text), part;

	tsum_put(p, COLOR_DEFAULT, "task: ");
	line(p, COLOR_GREEN, t->name);
	line(p, COLOR_DEFAULT, "");
	if (rest.n == 0) {
		line(p, COLOR_DEFAULT,
		    "(task does not have description or summary)");
		return;
	}
	if (text == t->desc) {
		line(p, COLOR_DEFAULT, text);
		return;
	}
	/* a final empty line is dropped, inner ones stay */
	for (bool more = true; more;) {
		more = sv_cut(rest, '\n', &part, &rest);
		if (more || part.n > 0)
			line(p, COLOR_DEFAULT, sv_cstr(p->a, part));
	}
}

static char *
value_line(struct page *p, const struct visible_var *v)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct map_entry **sorted;

	if (v->secret)
		return arena_strdup(p->a, "*****");
	if (v->sh != NULL)
		return arena_printf(p->a, "sh: %s", v->sh);
	if (v->value.kind != VALUE_MAP || v->value.type != GO_MAP)
		return arena_printf(p->a, "\"%s\"",
		    fmt_text(p->a, v->value).p);
	if (value_map_count(v->value) == 0)
		return arena_strdup(p->a, "{}");
	sb_addc(&b, '\n');
	sorted = value_map_sorted(p->a, v->value);
	for (size_t i = 0; i < value_map_count(v->value); i++) {
		sb_printf(&b, "    %s: ", sorted[i]->key.p);
		fmt_value(&b, *(const value *)sorted[i]->value);
		sb_addc(&b, '\n');
	}
	return (char *)sb_take(&b, p->a).p;
}

static void
variables(struct page *p, const char *title, const visible_vec *list)
{
	const struct visible_var *v;

	if (list->n == 0)
		return;
	heading(p, title);
	vec_each(list, v)
		line(p, COLOR_YELLOW, arena_printf(p->a, "  %s: %s", v->name,
		    value_line(p, v)));
}

static void
tsum_requires(struct page *p, const struct ctask *t)
{
	if (t->task->rare->requires.n == 0)
		return;
	heading(p, "requires:");
	line(p, COLOR_DEFAULT, "  vars:");
	for (size_t i = 0; i < t->task->rare->requires.n; i++) {
		const struct required_var *r = &t->task->rare->requires.v[i];

		tsum_put(p, COLOR_DEFAULT, "    - ");
		if (!r->has_enum) {
			line(p, COLOR_YELLOW, r->name);
			continue;
		}
		line(p, COLOR_YELLOW, arena_printf(p->a, "%s:", r->name));
		line(p, COLOR_YELLOW, "        enum:");
		if (r->enum_ref != NULL)
			line(p, COLOR_YELLOW, arena_printf(p->a,
			    "          ref: %s", r->enum_ref));
		for (size_t k = 0; k < r->enum_values.n; k++)
			line(p, COLOR_YELLOW, arena_printf(p->a,
			    "          - %s", r->enum_values.v[k]));
	}
}

static void
tsum_commands(struct page *p, const struct ctask *t)
{
	if (t->cmds.n == 0)
		return;
	heading(p, "commands:");
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct ccmd *c = &t->cmds.v[i];

		tsum_put(p, COLOR_DEFAULT, " - ");
		/* an empty command is shown as a call without a name */
		if (c->text[0] == '\0')
			line(p, COLOR_GREEN, arena_printf(p->a, "Task: %s",
			    c->task ? c->task : ""));
		else
			line(p, COLOR_YELLOW, c->log_text);
	}
}

static void
one_page(struct page *p, const struct ctask *t, const visible_vec *vars_,
    const visible_vec *env)
{
	about(p, t);
	variables(p, "vars:", vars_);
	variables(p, "env:", env);
	tsum_requires(p, t);
	if (t->deps.n > 0)
		heading(p, "dependencies:");
	for (size_t i = 0; i < t->deps.n; i++)
		line(p, COLOR_DEFAULT, arena_printf(p->a, " - %s",
		    t->deps.v[i].task));
	if (t->task->aliases.n > 0)
		heading(p, "aliases:");
	for (size_t i = 0; i < t->task->aliases.n; i++) {
		tsum_put(p, COLOR_DEFAULT, " - ");
		line(p, COLOR_CYAN, t->task->aliases.v[i]);
	}
	tsum_commands(p, t);
}

bool
summary_tasks(struct arena *a, struct compiler *c, const struct call *calls,
    size_t n, struct term *t, struct err *e)
{
	struct sb out cleanup_sb = SB_INIT;
	struct page p = { a, t, &out };

	for (size_t i = 0; i < n; i++) {
		visible_vec variables_ = { 0 }, env = { 0 };
		struct cursor *cursor;
		struct match m;

		if (!task_find(a, c, calls[i].task, &m, e))
			return false;
		if (m.task->internal)
			return err_set(e, ERR_TASK_INTERNAL,
			    "task: Task \"%s\" is internal", calls[i].task);
		cursor = compile_begin(a, c, &calls[i], &m, COMPILE_FAST);
		if (compile_step(cursor, e) != COMPILE_DONE)
			return false;
		compile_visible_vars(a, c, &calls[i], &m, &variables_, &env);
		if (i > 0) {
			line(&p, COLOR_DEFAULT, "");
			line(&p, COLOR_DEFAULT, "");
		}
		one_page(&p, compile_result(cursor), &variables_, &env);
	}
	term_write(t, STDOUT_FILENO, sb_sv(&out));
	return true;
}
