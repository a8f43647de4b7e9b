/* SPDX-License-Identifier: MIT */
#include "taskfile/model.h"

const struct cmd_rare cmd_rare_none = { .loop.kind = FOR_NONE };

const struct task_rare task_rare_none = {
	.pool = "", .mutex = "", .executor = ""
};

struct task *
task_new(struct arena *a)
{
	struct task *t = arena_new_of(a, struct task);

	t->label = t->desc = t->summary = t->dir = t->method = t->prefix =
	    t->run = t->if_text = t->namespace_ = "";
	t->slots = 1;
	t->rare = &task_rare_none;
	return t;
}

struct task_rare *
task_rare_of(struct arena *a, struct task *t)
{
	struct task_rare *rare;

	if (t->rare != &task_rare_none)
		return (struct task_rare *)t->rare;
	rare = arena_new_of(a, struct task_rare);
	*rare = task_rare_none;
	t->rare = rare;
	return rare;
}

struct cmd *
cmd_new(struct arena *a)
{
	struct cmd *c = arena_new_of(a, struct cmd);

	c->if_text = "";
	c->rare = &cmd_rare_none;
	return c;
}
