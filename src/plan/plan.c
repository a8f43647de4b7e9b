/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include "plan/internal.h"

enum {
	DEPTH_MAX = 1000
};

/* A call whose own calls are being looked for, below those that lead to it. */
struct chain {
	unsigned depth;
	unsigned conditionals; /* of the chain up to here */
	bool parallel;
};

/* What is under way with a key; NULL: nothing. */
struct open_call {
	const struct chain *chain;
};

/* The one node of calls that share an execution. */
struct shared {
	unsigned node;
	const struct chain *open; /* while its own calls are looked for */
};

struct builder {
	struct arena *a, *scratch;
	struct compiler *c;
	struct plan *plan;
	plan_seconds_fn seconds;
	void *ctx;
	struct err *e;
	struct map *shared; /* ctask_share_key() → struct shared * */
	struct map *open;   /* call_key() → struct open_call * */
	size_t edges;
	bool has_writers;
};

/* One call to be added. */
struct order {
	const struct plan_step *step;
	const struct chain *up;
	unsigned caller, point;
	bool is_dep;
	uint64_t key; /* call_key(); filled in by plan_add_call() */
};

static bool plan_add_call(struct builder *b, struct order *o, unsigned *out);

/* ---- points ---- */

static unsigned
point_add(struct builder *b, unsigned after)
{
	struct plan_point p = { 0 };

	if (after != PLAN_NONE)
		vec_push(b->a, &p.points, after);
	vec_push(b->a, &b->plan->points, p);
	return (unsigned)b->plan->points.n - 1;
}

/* The point behind *point at which calls have settled. */
static void
point_join(struct builder *b, unsigned *point, const plan_ids *calls)
{
	if (calls->n == 0)
		return;
	*point = point_add(b, *point);
	b->plan->points.v[*point].calls = *calls;
}

/* ---- circles (D-9) ---- */

static bool
is_conditional_circle(struct builder *b, const struct chain *here,
    const struct chain *top, const char *task)
{
	return here->conditionals > top->conditionals ||
	       plan_limit_error(b->e, task, DEPTH_MAX);
}

static struct open_call *
open_call_of(struct builder *b, uint64_t key)
{
	sv text = { (const char *)&key, sizeof(key) };
	struct open_call *o = map_get(b->open, text);

	if (o == NULL) {
		o = arena_new_of(b->a, struct open_call);
		map_put(b->open, text, o);
	}
	return o;
}

/* ---- the calls of a call ---- */

/* Side by side from *point on, which moves behind them; writers come first and
 * one at a time. */
static bool
plan_add_group(struct builder *b, const struct plan_step *v, size_t n,
    const struct chain *chain, unsigned self, bool is_dep, unsigned *point)
{
	struct arena *a = b->scratch;
	bool *writes = arena_alloc(a, (n + 1) * sizeof(*writes));
	unsigned from = *point, id;
	size_t *order = NULL;
	plan_ids all = { 0 };

	for (size_t i = 0; b->has_writers && i < n; i++)
		writes[i] = task_writes(a, b->c, v[i].task);
	if (b->has_writers)
		order = writers_first(a, writes, n);
	for (size_t i = 0; i < n; i++) {
		size_t k = order != NULL ? order[i] : i;
		struct order o = { &v[k], chain, self, from, is_dep, 0 };
		plan_ids one = { 0 };

		if (!plan_add_call(b, &o, &id))
			return false;
		if (id == PLAN_NONE)
			continue;
		vec_push(b->a, writes[k] ? &one : &all, id);
		point_join(b, &from, &one);
	}
	*point = from;
	point_join(b, point, &all);
	return true;
}

/* The end of the calls from `i` on that run side by side. */
static size_t
stretch_end(const struct plan_body *body, bool parallel, size_t i)
{
	size_t end = i + 1;

	while (parallel && end < body->cmds.n &&
	       body->cmds.v[end].kind == CMD_TASK &&
	       !body->cmds.v[end].background)
		end++;
	return end;
}

/* Commands in their order; calls in the background are joined by `wait`, and at
 * the end. */
static bool
plan_add_cmds(struct builder *b, const struct plan_body *body,
    const struct chain *chain, unsigned self, unsigned *point)
{
	plan_ids background = { 0 };
	size_t end;

	for (size_t i = 0; i < body->cmds.n; i = end) {
		const struct plan_step *s = &body->cmds.v[i];
		struct order o = { s, chain, self, *point, false, 0 };
		unsigned id;

		end = i + 1;
		if (s->kind == CMD_JOIN) {
			point_join(b, point, &background);
			background = (plan_ids){ 0 };
		} else if (s->kind != CMD_TASK) {
			continue;
		} else if (s->background) {
			if (!plan_add_call(b, &o, &id))
				return false;
			if (id != PLAN_NONE)
				vec_push(b->a, &background, id);
		} else {
			end = stretch_end(body, chain->parallel, i);
			if (!plan_add_group(
				b, s, end - i, chain, self, false, point))
				return false;
		}
	}
	point_join(b, point, &background);
	return true;
}

static size_t
count_commands(const struct plan_body *body)
{
	size_t n = 0;

	for (size_t i = 0; i < body->cmds.n; i++)
		n += body->cmds.v[i].kind == CMD_SHELL;
	for (size_t i = 0; i < body->defers.n; i++)
		n += body->defers.v[i].kind == CMD_SHELL;
	return n;
}

/* Deps, then the commands, then what was deferred. */
static bool
add_body(struct builder *b, const struct plan_body *body,
    const struct chain *chain, unsigned self)
{
	unsigned point = b->plan->nodes.v[self].start;

	b->plan->nodes.v[self].commands = count_commands(body);
	if (!plan_add_group(
		b, body->deps.v, body->deps.n, chain, self, true, &point) ||
	    !plan_add_cmds(b, body, chain, self, &point))
		return false;
	for (size_t i = 0; i < body->defers.n; i++)
		if (body->defers.v[i].kind == CMD_TASK &&
		    !plan_add_group(
			b, &body->defers.v[i], 1, chain, self, false, &point))
			return false;
	b->plan->nodes.v[self].end = point;
	return true;
}

/* ---- a call ---- */

static bool
plan_add_edge(struct builder *b, const struct order *o, unsigned callee)
{
	const struct plan_call call = { .node = callee, .key = o->key };

	if (o->caller == PLAN_NONE) {
		vec_push(b->a, &b->plan->requested, call);
		return true;
	}
	if (++b->edges > PLAN_EDGES_MAX)
		return err_set(b->e, ERR_CALL_LIMIT,
		    "prun: the plan has more than %d edges", PLAN_EDGES_MAX);
	vec_push(b->a, &b->plan->nodes.v[o->caller].calls, call);
	vec_push(b->a, &b->plan->nodes.v[callee].callers, o->caller);
	return true;
}

/* `task` and `name` live as long as the plan. */
static bool
plan_add_node(struct builder *b, const struct order *o, const char *task,
    const char *name, unsigned *out)
{
	struct plan_node node = { .id = (unsigned)b->plan->nodes.n,
		.task = task,
		.name = name,
		.is_unknown = o->step->unknown,
		.start = o->point,
		.end = o->point,
		.seconds = -1,
		.is_dep = o->is_dep };

	if (node.id >= PLAN_CALLS_MAX)
		return err_set(b->e, ERR_CALL_LIMIT,
		    "prun: the plan has more than %d calls; task \"%s\" makes "
		    "more of them",
		    PLAN_CALLS_MAX,
		    o->caller != PLAN_NONE ? b->plan->nodes.v[o->caller].task
					   : node.task);
	if (b->seconds != NULL && !node.is_unknown)
		node.seconds = b->seconds(b->ctx, node.task);
	vec_push(b->a, &b->plan->nodes, node);
	*out = node.id;
	return true;
}

/* Another caller of an execution that is known; *out is PLAN_NONE where it
 * would wait for itself. */
static bool
add_caller(struct builder *b, const struct order *o, const struct shared *s,
    const struct chain *here, unsigned *out)
{
	struct plan_node *n = &b->plan->nodes.v[s->node];

	*out = PLAN_NONE;
	if (s->open != NULL)
		return is_conditional_circle(b, here, s->open, n->task);
	*out = s->node;
	vec_push(b->a, &b->plan->points.v[n->start].points, o->point);
	return plan_add_edge(b, o, *out);
}

/* Calls that share an execution meet at a point of their own. */
static struct shared *
add_shared(struct builder *b, const char *key, unsigned node)
{
	struct shared *s = arena_new_of(b->a, struct shared);
	struct plan_node *n = &b->plan->nodes.v[node];

	s->node = node;
	map_put(b->shared, sv_of(key), s);
	n->is_shared = true;
	n->start = n->end = point_add(b, n->start);
	b->plan->points.v[n->start].any = true;
	return s;
}

static bool
open_node(struct builder *b, const struct order *o, const struct match *m,
    const struct plan_body *body, struct chain *here, unsigned *out)
{
	struct open_call *open = open_call_of(b, o->key);
	struct shared *shared = NULL;
	bool ok;

	if (open->chain != NULL &&
	    !is_conditional_circle(b, here, open->chain, m->task->name))
		return false;
	if (!plan_add_node(b, o, m->task->name,
		body->name == m->task->name ? body->name
					    : arena_strdup(b->a, body->name),
		out) ||
	    !plan_add_edge(b, o, *out))
		return false;
	if (open->chain != NULL) /* the recursion is the run's */
		return true;
	if (body->share != NULL) {
		shared = add_shared(b, body->share, *out);
		shared->open = here;
	}
	open->chain = here;
	ok = add_body(b, body, here, *out);
	open->chain = NULL;
	if (shared != NULL)
		shared->open = NULL;
	return ok;
}

/* A call that only the run can tell is in the plan under the text that stands
 * for its name; nothing below it is. */
static bool
add_unknown(struct builder *b, const struct order *o, unsigned *out)
{
	const char *text = arena_strdup(b->a, o->step->task);

	return plan_add_node(b, o, text, text, out) &&
	       plan_add_edge(b, o, *out);
}

/* Calls whose variables only the run can tell may differ after all. */
static bool
any_unknown(const vars *all)
{
	const struct map_entry *m;

	map_each(all, m)
		if (((const struct var *)m->value)->unknown)
			return true;
	return false;
}

static bool
plan_add_call(struct builder *b, struct order *o, unsigned *out)
{
	const struct call call = { .task = o->step->task,
		.vars = o->step->vars,
		.indirect = o->caller != PLAN_NONE };
	struct chain here = { 0 };
	const struct shared *shared = NULL;
	struct arena_mark mark = arena_mark(b->scratch);
	struct plan_body body;
	struct match m;
	bool ok;

	if (o->step->unknown)
		return add_unknown(b, o, out);
	if (!task_find(b->scratch, b->c, call.task, &m, b->e) ||
	    !plan_body_read(b->scratch, b->c, &call, &m, &body, b->e))
		return false;
	o->key = call_key(&m, call.vars);
	here.depth = o->up != NULL ? o->up->depth + 1 : 1;
	if (here.depth > DEPTH_MAX)
		return plan_limit_error(b->e, call.task, DEPTH_MAX);
	here.parallel = m.task->parallel;
	here.conditionals =
	    (o->up != NULL ? o->up->conditionals : 0) +
	    (task_is_conditional(m.task) || o->step->conditional ||
		any_unknown(call.vars));
	if (body.share != NULL)
		shared = map_get(b->shared, sv_of(body.share));
	ok = shared != NULL ? add_caller(b, o, shared, &here, out)
			    : open_node(b, o, &m, &body, &here, out);
	arena_release(b->scratch, mark);
	return ok;
}

/* ---- all ---- */

static bool
add_named(struct builder *b, const struct call *calls, size_t n, bool parallel)
{
	struct plan_step *v = arena_alloc(b->a, (n + 1) * sizeof(*v));
	unsigned point = point_add(b, PLAN_NONE);

	for (size_t i = 0; i < n; i++)
		v[i] = (struct plan_step){ .kind = CMD_TASK,
			.task = calls[i].task,
			.vars = calls[i].vars };
	if (parallel)
		return plan_add_group(b, v, n, NULL, PLAN_NONE, false, &point);
	for (size_t i = 0; i < n; i++)
		if (!plan_add_group(
			b, &v[i], 1, NULL, PLAN_NONE, false, &point))
			return false;
	return true;
}

/* What is shown of a plan has no secrets, whatever its form (P-406). */
static void
mask_names(struct arena *a, struct secrets *known, struct plan *p)
{
	for (size_t i = 0; i < p->nodes.n; i++) {
		struct plan_node *n = &p->nodes.v[i];

		n->name = secrets_masked(known, a, n->name);
		n->task = secrets_masked(known, a, n->task);
	}
}

bool
plan_build(struct arena *a, struct compiler *c, const struct call *calls,
    size_t n, bool parallel, plan_seconds_fn seconds, void *ctx,
    struct plan *out, struct err *e)
{
	struct arena *scratch cleanup_arena = arena_new();
	struct builder b = { .a = a,
		.scratch = scratch,
		.c = c,
		.plan = out,
		.seconds = seconds,
		.ctx = ctx,
		.e = e,
		.shared = map_new(a),
		.open = map_new(a),
		.has_writers = taskfile_has_writers(c->taskfile) };
	bool ok;

	*out = (struct plan){ 0 };
	ok = plan_check(c, calls, n, e) && add_named(&b, calls, n, parallel);
	mask_names(a, c->secrets, out);
	plan_weigh(a, out);
	return ok;
}
