/* SPDX-License-Identifier: MIT */
#include "taskfile/model.h"

const struct cmd_rare cmd_rare_none = { .loop.kind = FOR_NONE };

const struct task_rare task_rare_none = {
	.label = "",
	.summary = "",
	.method = "",
	.prefix = "",
	.run = "",
	.if_text = "",
	.pool = "",
	.mutex = "",
	.executor = "",
};

struct task *
task_new(struct arena *a)
{
	struct task *t = arena_new_of(a, struct task);

	t->desc = t->dir = t->namespace_ = "";
	t->slots = 1;
	t->rare = &task_rare_none;
	return t;
}

struct task_rare *
task_rare_copy(struct arena *a, struct task *t)
{
	struct task_rare *rare = arena_new_of(a, struct task_rare);

	*rare = *t->rare;
	t->rare = rare;
	return rare;
}

struct task_rare *
task_rare_of(struct arena *a, struct task *t)
{
	return t->rare != &task_rare_none ? (struct task_rare *)t->rare
					  : task_rare_copy(a, t);
}

struct cmd *
cmd_new(struct arena *a)
{
	struct cmd *c = arena_new_of(a, struct cmd);

	c->if_text = "";
	c->rare = &cmd_rare_none;
	return c;
}
