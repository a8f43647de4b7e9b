/* SPDX-License-Identifier: MIT */
/*
 * The list that a derived task is made of.  Calls that only look run side by
 * side between what keeps its place.
 */
#include <string.h>

#include "base/map.h"
#include "derive/internal.h"

static const char barrier[] = ":";

struct task *
derive_find(const struct taskfile *t, const char *name, bool any)
{
	struct task *task, *found = NULL;
	const struct map_entry *m;

	if (*name == ':')
		name++;
	task = map_get(t->tasks, sv_of(name));
	if (task == NULL && t->has_aliases) {
		map_each(t->tasks, m) {
			struct task *of = m->value;

			for (size_t i = 0; i < of->aliases.n; i++)
				if (strcmp(of->aliases.v[i], name) == 0)
					found = of;
		}
		task = found;
	}
	if (task == NULL || strchr(task->name, '*') != NULL ||
	    task->is_derived || (task->internal && !any))
		return NULL;
	return task;
}

bool
is_harmless(struct arena *a, const struct taskfile *t, const struct task *task)
{
	return name_kind(task->name) == NAME_CHECKS &&
	       (reach_of(a, t, task) & ~REACH_CLUSTER) == 0;
}

/* ---- opening ---- */

/* A call by name and nothing else, so that another may make it. */
static bool
is_bare_call(const struct cmd *c)
{
	return c->kind == CMD_TASK && !c->defer && !c->ignore_error &&
	       c->rare->loop.kind == FOR_NONE && c->rare->timeout_ns == 0 &&
	       (c->if_text == NULL || *c->if_text == '\0') &&
	       c->rare->platforms.n == 0 && map_count(c->vars) == 0 &&
	       strstr(c->task, "{{") == NULL;
}

static bool
has_only_calls(const struct task *t)
{
	if (t->cmds.n == 0 ||
	    t->deps.n + t->rare->prompts.n + t->rare->dotenv.n +
		    t->rare->status.n + t->sources.n + t->generates.n +
		    t->rare->preconditions.n + t->rare->requires.n +
		    t->rare->platforms.n >
		0)
		return false;
	if (map_count(t->vars) + map_count(t->env) > 0)
		return false;
	if (*t->rare->if_text != '\0' || *t->rare->run != '\0' ||
	    *t->dir != '\0' || *t->rare->mutex != '\0' ||
	    *t->rare->pool != '\0' || t->ignore_error || t->interactive ||
	    t->watch || t->rare->commit.wanted || t->retries > 0 ||
	    t->slots > 1 || t->failfast)
		return false;
	for (size_t i = 0; i < t->cmds.n; i++)
		if (!is_bare_call(t->cmds.v[i]))
			return false;
	return true;
}

struct opening {
	struct arena *a;
	const struct taskfile *t;
	cmd_ptrs *out;
	struct map *open; /* tasks whose calls are being listed */
};

static enum call_stage
stage_of(struct opening *o, const struct cmd *c, const struct task *task)
{
	enum name_kind kind;

	if (c->defer || task == NULL)
		return STAGE_OTHER;
	kind = name_kind(task->name);
	if (kind == NAME_BUILDS)
		return STAGE_BUILDS;
	if (kind != NAME_CHECKS || (reach_of(o->a, o->t, task) & REACH_ASKS))
		return STAGE_OTHER;
	return is_harmless(o->a, o->t, task) ? STAGE_CHECKS : STAGE_ALONE_CHECK;
}

static void
add_step(struct opening *o, const struct cmd *c, const struct task *task)
{
	struct cmd *copy = arena_new_of(o->a, struct cmd);

	*copy = *c;
	if (copy->if_text == NULL)
		copy->if_text = "";
	copy->stage = c->kind == CMD_TASK ? stage_of(o, c, task) : STAGE_OTHER;
	vec_push(o->a, o->out, copy);
}

static void open_step(struct opening *o, const struct cmd *c);

/* Adds the calls of the task in place of a call of it, unless it is a check
 * that has in it what is none: such a one is whole what it promises, while in
 * pieces it would hold up the others. */
static bool
open_task(struct opening *o, const struct task *task)
{
	cmd_ptrs inner = { 0 }, *out = o->out;
	bool all_check = true;

	if (!has_only_calls(task) ||
	    map_get(o->open, sv_of(task->name)) != NULL)
		return false;
	map_put(o->open, sv_of(task->name), (void *)task);
	o->out = &inner;
	for (size_t i = 0; i < task->cmds.n; i++)
		open_step(o, task->cmds.v[i]);
	o->out = out;
	map_del(o->open, sv_of(task->name));
	for (size_t i = 0; i < inner.n; i++)
		all_check = all_check && inner.v[i]->stage == STAGE_CHECKS;
	if (!all_check && is_harmless(o->a, o->t, task))
		return false;
	for (size_t i = 0; i < inner.n; i++)
		vec_push(o->a, out, inner.v[i]);
	return true;
}

static void
open_step(struct opening *o, const struct cmd *c)
{
	const struct task *task = NULL;

	if (c->kind == CMD_TASK && strstr(c->task, "{{") == NULL)
		task = derive_find(o->t, c->task, true);
	if (task != NULL && is_bare_call(c) && open_task(o, task))
		return;
	add_step(o, c, task);
}

/* ---- what is there twice ---- */

/* A check of a stretch, and what it calls. */
struct beside {
	struct cmd *cmd;
	const struct task *task;
	struct map *reached; /* NULL: nothing */
};
typedef VEC(struct beside) stretch;

/* The checks that would run beside each other from `at` on. */
static void
stretch_at(
    const struct opening *o, const cmd_ptrs *all, size_t at, stretch *out)
{
	out->n = 0;
	for (; at < all->n && all->v[at]->stage == STAGE_CHECKS; at++) {
		struct beside x = { .cmd = all->v[at] };

		x.task = derive_find(o->t, x.cmd->task, true);
		x.reached = reach_tasks(o->a, o->t, x.task);
		if (map_count(x.reached) == 0)
			x.reached = NULL;
		vec_push(o->a, out, x);
	}
}

static bool
calls_other(const struct beside *x, const struct beside *other)
{
	return x->reached != NULL &&
	       map_get(x->reached, sv_of(other->task->name)) != NULL;
}

/* Is it there already, or made by another one anyway? */
static bool
is_made_by_another(const stretch *s, size_t at, struct map *seen)
{
	const struct beside *x = &s->v[at];

	if (!is_bare_call(x->cmd))
		return false;
	if (map_get(seen, sv_of(x->task->name)) != NULL)
		return true;
	map_put(seen, sv_of(x->task->name), (void *)x->task);
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].task != x->task && calls_other(&s->v[i], x) &&
		    !calls_other(x, &s->v[i]))
			return true;
	return false;
}

static void
add_stretch(struct arena *a, const stretch *s, cmd_ptrs *out)
{
	struct map *seen = map_new(a);

	for (size_t i = 0; i < s->n; i++)
		if (!is_made_by_another(s, i, seen))
			vec_push(a, out, s->v[i].cmd);
}

void
steps_of(struct arena *a, const struct taskfile *t, const cmd_ptrs *from,
    cmd_ptrs *out)
{
	cmd_ptrs all = { 0 };
	struct opening o = { .a = a, .t = t, .out = &all, .open = map_new(a) };
	stretch beside = { 0 };

	for (size_t i = 0; i < from->n; i++)
		open_step(&o, from->v[i]);
	for (size_t i = 0; i < all.n;) {
		stretch_at(&o, &all, i, &beside);
		add_stretch(a, &beside, out);
		i += beside.n;
		if (beside.n == 0)
			vec_push(a, out, all.v[i++]);
	}
}

/* ---- the commands ---- */

bool
step_is_barrier(const struct cmd *c)
{
	return c->kind == CMD_SHELL && c->cmd == barrier;
}

static void
add_barrier(struct arena *a, struct task *t)
{
	const struct cmd *last = t->cmds.n ? t->cmds.v[t->cmds.n - 1] : NULL;
	struct cmd *c;

	if (last == NULL || last->kind != CMD_TASK || last->defer)
		return;
	c = cmd_new(a);
	c->kind = CMD_SHELL;
	c->cmd = barrier;
	c->stage = STAGE_CHECKS;
	c->silent = true;
	c->plain = true;
	vec_push(a, &t->cmds, c);
}

void
steps_into(struct arena *a, const cmd_ptrs *steps, struct task *to)
{
	bool was_alone = false;

	for (size_t i = 0; i < steps->n; i++) {
		struct cmd *c = steps->v[i];
		bool is_call = c->kind == CMD_TASK && !c->defer;
		bool alone = is_call && c->stage != STAGE_CHECKS;

		if (is_call && (alone || was_alone))
			add_barrier(a, to);
		if (!c->defer)
			was_alone = alone;
		vec_push(a, &to->cmds, c);
	}
}

bool
derive_is_parallel(const struct task *t)
{
	size_t beside = 0;

	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *c = t->cmds.v[i];

		if (c->defer)
			continue;
		if (c->kind != CMD_TASK)
			beside = 0;
		else if (++beside > 1)
			return true;
	}
	return false;
}

/* ---- what is shared ---- */

struct need {
	struct task *task;
	size_t by; /* calls that need it */
};

/* Of one call: the task itself, where the call says nothing else, and all that
 * it reaches. */
static void
count_needs(
    struct arena *a, struct taskfile *t, const char *name, struct map *needs)
{
	struct task *task = derive_find(t, name, true);
	const struct map_entry *m;
	struct map *reached;

	if (task == NULL)
		return;
	reached = reach_tasks(a, t, task);
	map_put(reached, sv_of(task->name), task);
	map_each(reached, m) {
		struct need *n = map_get(needs, m->key);

		if (n == NULL) {
			n = arena_new_of(a, struct need);
			n->task = m->value;
			map_put(needs, m->key, n);
		}
		n->by++;
	}
}

void
steps_share(struct arena *a, struct taskfile *t, const struct task *to,
    bool set, string_vec *names)
{
	struct map *needs = map_new(a);
	const struct map_entry *m;

	for (size_t i = 0; i < to->deps.n; i++)
		count_needs(a, t, to->deps.v[i]->task, needs);
	for (size_t i = 0; i < to->cmds.n; i++) {
		const struct cmd *c = to->cmds.v[i];

		if (c->kind == CMD_TASK && !c->defer &&
		    c->stage != STAGE_OTHER && c->rare->loop.kind == FOR_NONE)
			count_needs(a, t, c->task, needs);
	}
	map_each(needs, m) {
		const struct need *n = m->value;
		const char *run =
		    *n->task->rare->run != '\0' ? n->task->rare->run : t->run;

		if (n->by < 2 || (*run != '\0' && strcmp(run, "always") != 0))
			continue;
		vec_push(a, names, n->task->name);
		if (set)
			task_rare_copy(a, n->task)->run = "when_changed";
	}
}
