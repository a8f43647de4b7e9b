/* SPDX-License-Identifier: MIT */
#include "plan/internal.h"

#include <string.h>

static bool
has_template(const char *text)
{
	return text != NULL && strstr(text, "{{") != NULL;
}

/* ---- without compiling ---- */

/* Texts and numbers, whatever stands in the variables of the caller. */
static bool
vars_are_final(const vars *all)
{
	const struct map_entry *m;

	map_each(all, m) {
		const struct var *v = m->value;

		if (!v->has_value || v->ref != NULL ||
		    v->value.kind == VALUE_LIST || v->value.kind == VALUE_MAP ||
		    (v->value.kind == VALUE_STRING &&
			has_template(v->value.u.s)))
			return false;
	}
	return true;
}

static bool
call_is_final(const char *task, const vars *all, const struct for_loop *loop)
{
	return loop->kind == FOR_NONE && !has_template(task) &&
	       vars_are_final(all);
}

static bool
cmd_is_final(const struct cmd *c)
{
	if (c == NULL)
		return true;
	if (c->rare->loop.kind != FOR_NONE)
		return false;
	if (c->kind == CMD_TASK)
		return call_is_final(c->task, c->vars, &c->rare->loop);
	return c->kind != CMD_SHELL || !c->plain || !has_template(c->cmd) ||
	       !task_words_possible(sv_of(c->cmd));
}

/* Does its order show in the Taskfile itself? */
static bool
task_is_final(const struct compiler *c, const struct task *t)
{
	const char *run =
	    *t->rare->run != '\0' ? t->rare->run : c->taskfile->run;

	if (has_template(t->rare->label) || has_template(t->rare->run) ||
	    (run != NULL && strcmp(run, "when_changed") == 0))
		return false;
	for (size_t i = 0; i < t->deps.n; i++)
		if (t->deps.v[i] != NULL &&
		    !call_is_final(t->deps.v[i]->task, t->deps.v[i]->vars,
			&t->deps.v[i]->rare->loop))
			return false;
	for (size_t i = 0; i < t->cmds.n; i++)
		if (!cmd_is_final(t->cmds.v[i]))
			return false;
	return true;
}

static void
add_final_cmd(struct arena *a, const struct compiler *c, const struct cmd *in,
    struct plan_body *out)
{
	struct plan_step s = { .kind = in->kind,
		.task = in->task,
		.vars = in->vars,
		.conditional = !is_blank(in->if_text) };
	struct task_words words;

	if (in->kind == CMD_SHELL && in->plain && !has_template(in->cmd)) {
		task_words_read(a, sv_of(in->cmd), &words);
		if (words.kind != CMD_TASK || task_is_known(a, c, words.task)) {
			s.kind = words.kind;
			s.task = words.task;
			s.vars = words.vars;
			s.background = words.background;
		}
	}
	if (s.kind == CMD_TASK && *s.task == '\0')
		s.kind = CMD_NOTHING;
	if (in->defer)
		vec_push(a, &out->defers, s);
	else
		vec_push(a, &out->cmds, s);
}

static bool
read_final(struct arena *a, struct compiler *c, const struct match *m,
    struct plan_body *out, struct err *e)
{
	const struct task *t = m->task;
	struct ctask quick = { .task = t, .run = t->rare->run };

	out->name = *t->rare->label != '\0' ? t->rare->label : m->full_name;
	quick.once_key = task_once_key(a, t, m->full_name);
	if (!ctask_share_key(a, c, &quick, &out->share, e))
		return false;
	for (size_t i = 0; i < t->deps.n; i++) {
		const struct dep *d = t->deps.v[i];

		if (d != NULL)
			vec_push(a, &out->deps,
			    ((struct plan_step){ .kind = CMD_TASK,
				.task = d->task,
				.vars = d->vars }));
	}
	for (size_t i = 0; i < t->cmds.n; i++)
		if (t->cmds.v[i] != NULL)
			add_final_cmd(a, c, t->cmds.v[i], out);
	return true;
}

/* ---- compiled ---- */

static void
add_compiled_cmd(struct arena *a, struct compiler *c, const struct ctask *t,
    const struct ccmd *in, struct plan_body *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct ccmd cmd = *in;
	struct plan_step s;

	/* a template error is the run's to tell */
	if (in->defer && !compile_defer(a, c, t, in, 0, &cmd, &ignored))
		cmd.kind = CMD_NOTHING;
	s = (struct plan_step){ .kind = cmd.kind,
		.task = cmd.task,
		.vars = cmd.vars,
		.background = cmd.background,
		.conditional = !is_blank(cmd.if_text),
		.unknown = cmd.unknown };
	if (in->defer)
		vec_push(a, &out->defers, s);
	else
		vec_push(a, &out->cmds, s);
}

static bool
read_compiled(struct arena *a, struct compiler *c, const struct call *call,
    const struct match *m, struct plan_body *out, struct err *e)
{
	struct cursor *cursor = compile_begin(a, c, call, m, COMPILE_PLAN);
	const struct ctask *t;

	if (compile_step(cursor, e) != COMPILE_DONE)
		return false;
	t = compile_result(cursor);
	out->name = t->name;
	if (!ctask_share_key(a, c, t, &out->share, e))
		return false;
	for (size_t i = 0; i < t->deps.n; i++)
		vec_push(a, &out->deps,
		    ((struct plan_step){ .kind = CMD_TASK,
			.task = t->deps.v[i].task,
			.vars = t->deps.v[i].vars,
			.unknown = t->deps.v[i].unknown }));
	for (size_t i = 0; i < t->cmds.n; i++)
		add_compiled_cmd(a, c, t, &t->cmds.v[i], out);
	return true;
}

bool
plan_body_read(struct arena *a, struct compiler *c, const struct call *call,
    const struct match *m, struct plan_body *out, struct err *e)
{
	*out = (struct plan_body){ 0 };
	if (!(task_is_final(c, m->task) ? read_final(a, c, m, out, e)
					: read_compiled(a, c, call, m, out, e)))
		return false;
	for (size_t i = 0, k = out->defers.n; i + 1 < k; i++) {
		struct plan_step s = out->defers.v[i];

		out->defers.v[i] = out->defers.v[--k];
		out->defers.v[k] = s;
	}
	return true;
}
