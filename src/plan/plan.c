/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

enum { CALLS_MAX = 100000, DEPTH_MAX = 1000 };

struct builder {
	struct arena *a;
	struct compiler *c;
	struct plan *plan;
	plan_seconds_fn seconds;
	void *ctx;
	struct err *e;
};

/* The chain of callers, to see a call that has itself as an ancestor. */
struct chain {
	const struct chain *up;
	const char *name;
	const vars *vars;
	bool conditional;
};

static bool plan_add_call(struct builder *b, const struct call *call,
    const struct chain *up, bool conditional, unsigned parent, bool is_dep,
    const plan_ids *after, unsigned *out);

static bool
same_vars(const vars *x, const vars *y)
{
	const struct map_entry *m;

	if (map_count(x) != map_count(y))
		return false;
	map_each(x, m) {
		const struct var *v = m->value, *w = map_get(y, m->key);

		if (w == NULL || !value_equal(v->value, w->value) ||
		    (v->sh != NULL) != (w->sh != NULL) ||
		    (v->sh != NULL && strcmp(v->sh, w->sh) != 0))
			return false;
	}
	return true;
}

/* Calls whose variables only the run can tell may differ after all. */
static bool
any_unknown(const vars *vs)
{
	const struct map_entry *m;

	map_each (vs, m)
		if (((const struct var *)m->value)->unknown)
			return true;
	return false;
}

/* D-9: refused when all calls around the cycle are unconditional; a
 * conditional one is the run's to find, and ends the plan there. */
static bool
check_cycle(struct builder *b, const struct chain *here, bool *closed)
{
	bool conditional = here->conditional;

	*closed = false;
	for (const struct chain *c = here->up; c != NULL; c = c->up) {
		if (strcmp(c->name, here->name) == 0 &&
		    same_vars(c->vars, here->vars)) {
			*closed = true;
			if (conditional)
				return true;
			return err_set(b->e, ERR_CALL_LIMIT,
			    "task: Maximum task call exceeded (%d) for task "
			    "\"%s\": probably an cyclic dep or infinite loop",
			    CALLS_MAX, here->name);
		}
		conditional |= c->conditional;
	}
	return true;
}

static struct ctask *
compile_fast(struct builder *b, const struct call *call,
    const struct match *m)
{
	struct cursor *cursor =
	    compile_begin(b->a, b->c, call, m, COMPILE_PLAN);

	if (compile_step(cursor, b->e) != COMPILE_DONE)
		return NULL;
	return compile_result(cursor);
}

static void
add_ids(struct builder *b, plan_ids *to, const plan_ids *from)
{
	for (size_t i = 0; i < from->n; i++)
		vec_push(b->a, to, from->v[i]);
}

/* A call that only the run can tell: it is in the plan under the text that
 * stands for its name, and nothing below it is. */
static unsigned
plan_add_unknown(struct builder *b, const char *text, unsigned parent,
    bool is_dep, const plan_ids *after)
{
	struct plan_node node = { .id = (unsigned)b->plan->nodes.n,
		.parent = parent,
		.name = text,
		.task = text,
		.seconds = -1,
		.is_dep = is_dep,
		.is_unknown = true };

	add_ids(b, &node.before, after);
	vec_push(b->a, &b->plan->nodes, node);
	return node.id;
}

/* The task that a string command calls (P-103), or NULL; *background for a
 * trailing &. */
static const char *
shell_style_call(struct builder *b, const struct ccmd *cmd, bool *background)
{
	sv text = sv_trim(sv_of(cmd->text ? cmd->text : "")), name, rest;
	char *task;

	*background = false;
	if (cmd->kind != CMD_SHELL || !cmd->plain ||
	    !sv_starts(text, SV("task:")))
		return NULL;
	if (sv_ends(text, SV("&"))) {
		*background = true;
		text = sv_trim(sv_sub(text, 0, text.n - 1));
	}
	sv_cut(sv_sub(text, 5, SIZE_MAX), ' ', &name, &rest);
	task = sv_cstr(b->a, name);
	return map_get(b->c->taskfile->tasks, name) ? task : NULL;
}

struct steps {
	const struct chain *chain;
	unsigned parent;
	plan_ids open;   /* calls of the stretch or in the background */
	plan_ids done;   /* what the next step comes after */
};

static void
plan_join(struct steps *s)
{
	if (s->open.n == 0)
		return;
	s->done = s->open;
	s->open = (plan_ids){ 0 };
}

/* `wait` joins calls, `:` is the barrier of derived tasks. */
static bool
takes_time(const struct ccmd *cmd)
{
	return cmd->kind == CMD_SHELL && (cmd->text == NULL ||
		(strcmp(cmd->text, "wait") != 0 && strcmp(cmd->text, ":") != 0));
}

static bool
add_step(struct builder *b, const struct ctask *t, const struct ccmd *cmd,
    struct steps *s, struct plan_node *totals)
{
	bool background = false, conditional = cmd->if_text[0] != '\0';
	const char *name = cmd->kind == CMD_TASK
	    ? cmd->task : shell_style_call(b, cmd, &background);
	struct call call = { .task = name, .vars = cmd->vars,
		.indirect = true };
	unsigned id;

	if (name == NULL) {
		totals->commands += takes_time(cmd);
		plan_join(s);
		return true;
	}
	if (!t->task->parallel && !background)
		plan_join(s);
	if (cmd->kind == CMD_TASK && cmd->unknown)
		id = plan_add_unknown(b, name, s->parent, false, &s->done);
	else if (!plan_add_call(b, &call, s->chain, conditional, s->parent,
		     false, &s->done, &id))
		return false;
	vec_push(b->a, &s->open, id);
	if (!t->task->parallel && !background)
		plan_join(s);
	return true;
}

/* P-113: does a call of this task write the tree? */
static bool
is_plan_writer(struct builder *b, const char *task)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct match m;

	return task != NULL && task_find(b->a, b->c, task, &m, &ignored) &&
	    m.task->writes;
}

/* Deps side by side, but for writers, which come first and one at a time. */
static bool
plan_add_deps(struct builder *b, const struct ctask *t,
    const struct chain *chain, unsigned self, plan_ids *done)
{
	plan_ids after = *done, all = { 0 };
	unsigned id;

	for (int reads = 0; reads < 2; reads++)
		for (size_t i = 0; i < t->deps.n; i++) {
			struct call call = { .task = t->deps.v[i].task,
				.vars = t->deps.v[i].vars, .indirect = true };

			if (is_plan_writer(b, call.task) == reads)
				continue;
			if (t->deps.v[i].unknown)
				id = plan_add_unknown(
				    b, call.task, self, true, &after);
			else if (!plan_add_call(b, &call, chain, false, self,
				     true, &after, &id))
				return false;
			vec_push(b->a, &all, id);
			if (reads)
				continue;
			after = (plan_ids){ 0 };
			vec_push(b->a, &after, id);
		}
	if (all.n > 0)
		*done = all;
	return true;
}

static const char *
called_by(struct builder *b, const struct ccmd *cmd)
{
	bool background;

	return cmd->kind == CMD_TASK ? cmd->task
				     : shell_style_call(b, cmd, &background);
}

/* The end of the calls from `i` on that run side by side. */
static size_t
stretch_end(struct builder *b, const struct ctask *t, size_t i)
{
	size_t end = i + 1;

	if (!t->task->parallel || called_by(b, &t->cmds.v[i]) == NULL)
		return end;
	while (end < t->cmds.n && called_by(b, &t->cmds.v[end]) != NULL)
		end++;
	return end;
}

/* Deps, then the commands in order; in a stretch of parallel calls the writers
 * come first. */
static bool
add_body(struct builder *b, const struct ctask *t, const struct chain *chain,
    unsigned self, const plan_ids *after)
{
	struct steps s = { .chain = chain, .parent = self, .done = *after };
	struct plan_node totals = { 0 };
	size_t end;

	if (!plan_add_deps(b, t, chain, self, &s.done))
		return false;
	for (size_t i = 0; i < t->cmds.n; i = end) {
		end = stretch_end(b, t, i);
		for (size_t k = i; end > i + 1 && k < end; k++) {
			if (!is_plan_writer(b, called_by(b, &t->cmds.v[k])))
				continue;
			if (!add_step(b, t, &t->cmds.v[k], &s, &totals))
				return false;
			plan_join(&s);
		}
		for (size_t k = i; k < end; k++)
			if ((end == i + 1 ||
				!is_plan_writer(
				    b, called_by(b, &t->cmds.v[k]))) &&
			    !add_step(b, t, &t->cmds.v[k], &s, &totals))
				return false;
	}
	plan_join(&s);
	b->plan->nodes.v[self].commands = totals.commands;
	add_ids(b, &b->plan->nodes.v[self].before, &s.done);
	return true;
}

static bool
plan_add_call(struct builder *b, const struct call *call,
    const struct chain *up, bool conditional, unsigned parent, bool is_dep,
    const plan_ids *after, unsigned *out)
{
	struct chain here = { up, call->task, call->vars, conditional };
	struct plan_node node = { .is_dep = is_dep, .seconds = -1 };
	struct match m;
	struct ctask *t;
	unsigned depth = 0;
	bool closed;

	for (const struct chain *c = up; c != NULL; c = c->up)
		depth++;
	if (b->plan->nodes.n >= CALLS_MAX || depth > DEPTH_MAX)
		return err_set(b->e, ERR_CALL_LIMIT,
		    "task: Maximum task call exceeded (%d) for task \"%s\": "
		    "probably an cyclic dep or infinite loop", CALLS_MAX,
		    call->task);
	if (!task_find(b->a, b->c, call->task, &m, b->e))
		return false;
	t = compile_fast(b, call, &m);
	if (t == NULL)
		return false;
	here.conditional |= t->if_text[0] != '\0' || t->status.n > 0 ||
			    t->task->platforms.n > 0 ||
			    strcmp(t->run, "once") == 0 ||
			    any_unknown(call->vars);
	if (!check_cycle(b, &here, &closed))
		return false;
	node.id = (unsigned)b->plan->nodes.n;
	node.parent = parent == UINT32_MAX ? node.id : parent;
	node.name = t->name;
	node.task = t->task->name;
	if (b->seconds != NULL)
		node.seconds = b->seconds(b->ctx, node.task);
	vec_push(b->a, &b->plan->nodes, node);
	*out = node.id;
	if (closed)
		return true;
	return add_body(b, t, &here, node.id, after);
}

/* Levels and remaining paths in one sweep each: an id is larger than those of
 * its callers, but not than those it waits for, so the sweeps follow the order
 * in which calls can end. */
static void
order_by_end(struct arena *a, const struct plan *p, unsigned *order)
{
	size_t n = p->nodes.n, out = 0, top = 0;
	unsigned *stack = arena_alloc(a, (n + 1) * sizeof(*stack));
	size_t *next = arena_alloc(a, (n + 1) * sizeof(*next));
	bool *seen = arena_alloc(a, n + 1);

	for (unsigned root = 0; root < n; root++) {
		if (seen[root])
			continue;
		seen[root] = true;
		stack[top++] = root;
		while (top > 0) {
			unsigned id = stack[top - 1];
			const plan_ids *before = &p->nodes.v[id].before;

			if (next[id] == before->n) {
				order[out++] = id;
				top--;
				continue;
			}
			id = before->v[next[id]++];
			if (!seen[id]) {
				seen[id] = true;
				stack[top++] = id;
			}
		}
	}
}

/* A call without a history is taken as the mean of the known; one that has no
 * commands only waits for others (P-301). */
static void
fill_own(struct plan *p)
{
	double sum = 0, mean;
	size_t known = 0;
	struct plan_node *n;

	vec_each(&p->nodes, n) {
		if (n->seconds < 0)
			continue;
		sum += n->seconds;
		known++;
	}
	p->has_times = known > 0;
	mean = known > 0 ? sum / (double)known : 1;
	vec_each(&p->nodes, n) {
		n->own = n->seconds >= 0 ? n->seconds : n->commands ? mean : 0;
		n->remaining = n->own;
		p->work_seconds += n->own;
	}
}

static void
fill_levels(struct plan *p, const unsigned *order)
{
	for (size_t i = 0; i < p->nodes.n; i++) {
		struct plan_node *node = &p->nodes.v[order[i]];

		for (size_t k = 0; k < node->before.n; k++) {
			unsigned up = p->nodes.v[node->before.v[k]].level + 1;

			if (up > node->level)
				node->level = up;
		}
		if (node->level + 1 > p->levels)
			p->levels = node->level + 1;
	}
}

static void
mark_critical(struct plan *p, const unsigned *on_path)
{
	size_t first = 0;

	if (p->nodes.n == 0)
		return;
	for (size_t i = 1; i < p->nodes.n; i++)
		if (p->nodes.v[i].remaining > p->nodes.v[first].remaining)
			first = i;
	p->critical_seconds = p->nodes.v[first].remaining;
	for (unsigned id = (unsigned)first;; id = on_path[id] - 1) {
		p->nodes.v[id].on_critical_path = true;
		if (on_path[id] == 0)
			break;
	}
}

static void
weigh(struct arena *a, struct plan *p)
{
	size_t n = p->nodes.n;
	unsigned *order = arena_alloc(a, (n + 1) * sizeof(*order));
	unsigned *on_path = arena_alloc(a, (n + 1) * sizeof(*on_path));

	fill_own(p);
	order_by_end(a, p, order);
	fill_levels(p, order);
	/* backwards: own time plus the longest of what waits for this one */
	for (size_t i = n; i-- > 0;) {
		const struct plan_node *node = &p->nodes.v[order[i]];

		for (size_t k = 0; k < node->before.n; k++) {
			struct plan_node *b = &p->nodes.v[node->before.v[k]];

			if (on_path[b->id] == 0 ||
			    b->own + node->remaining > b->remaining) {
				b->remaining = b->own + node->remaining;
				on_path[b->id] = node->id + 1;
			}
		}
	}
	mark_critical(p, on_path);
}

bool
plan_build(struct arena *a, struct compiler *c, const struct call *calls,
    size_t n, bool parallel, plan_seconds_fn seconds, void *ctx,
    struct plan *out, struct err *e)
{
	struct builder b = { a, c, out, seconds, ctx, e };
	plan_ids after = { 0 };
	unsigned id;

	*out = (struct plan){ 0 };
	for (size_t i = 0; i < n; i++) {
		if (!plan_add_call(&b, &calls[i], NULL, false, UINT32_MAX,
			false, &after, &id))
			return false;
		if (parallel)
			continue;
		after = (plan_ids){ 0 };
		vec_push(a, &after, id);
	}
	weigh(a, out);
	return true;
}
