/* SPDX-License-Identifier: MIT */
/*
 * Who goes first (P-301): calls take their weights from the plan, the longest
 * expected path of all that waits for them.  The plan is built when there is
 * something to choose for the first time: a run in which slots never lack pays
 * nothing for it.
 */
#include "run/internal.h"

static double
expected_own(struct run *r, struct live_call *lc)
{
	const struct task *t = lc->match.task;
	double s = r->config.expected(r->config.ctx, t->name);

	if (s >= 0)
		return s;
	return task_has_commands(lc->arena, t) ? r->plan->mean_seconds : 0;
}

/* One whose caller has been weighed. */
static void
weigh_one(struct live_call *lc)
{
	struct run *r = lc->r;
	struct live_call *parent = lc->parent;
	bool named = parent == r->root;

	lc->weighed = true;
	lc->plan_node = PLAN_NONE;
	if (named || parent->plan_node != PLAN_NONE)
		lc->plan_node = plan_index_take(r->plan_index,
		    named ? PLAN_NONE : parent->plan_node,
		    call_key(&lc->match, lc->call.vars), lc->match.task->name);
	if (lc->plan_node != PLAN_NONE) {
		lc->own = r->plan->nodes.v[lc->plan_node].own;
		lc->path = r->plan->nodes.v[lc->plan_node].remaining;
		return;
	}
	/* not foreseen: its caller at least waits for it */
	lc->own = expected_own(r, lc);
	lc->path = lc->own + (named ? 0 : parent->path);
}

static void
weigh_with_callers(struct live_call *lc)
{
	VEC(struct live_call *) todo = { 0 };

	for (; lc != lc->r->root && !lc->weighed; lc = lc->parent)
		vec_push(NULL, &todo, lc);
	while (todo.n > 0)
		weigh_one(todo.v[--todo.n]);
	vec_free(&todo);
}

/* Without any time to go by (all calls count the same): what others wait for
 * goes before what nobody waits for, then what belongs to the longest chain. */
static double
guessed_weight(const struct live_call *lc)
{
	const struct plan *p = lc->r->plan;
	double before = 0;

	if (lc->plan_node != PLAN_NONE)
		before = p->nodes.v[lc->plan_node].ends - lc->own;
	return before + lc->path + (lc->path > lc->own ? PLAN_CALLS_MAX : 0);
}

double
live_call_weight(struct live_call *lc)
{
	const struct run *r = lc->r;

	if (r->plan == NULL)
		return 0;
	weigh_with_callers(lc);
	if (r->config.shortest_first)
		return -lc->own;
	return r->plan->has_times ? lc->path : guessed_weight(lc);
}

static double
weigh_request(void *ctx, struct slot_request *request)
{
	const struct slot_loan *l = request->arg;

	(void)ctx;
	return loan_weight(l);
}

/* What cannot be planned is weighed call by call. */
static void
order_plan(struct run *r)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct call *calls =
	    arena_alloc(r->arena, (r->roots.n + 1) * sizeof(*calls));

	for (size_t i = 0; i < r->roots.n; i++)
		calls[i] = r->roots.v[i].call;
	r->plan = arena_new_of(r->arena, struct plan);
	if (!plan_build(r->arena, r->compiler, calls, r->roots.n,
		!r->roots.in_order, r->config.expected, r->config.ctx, r->plan,
		&ignored))
		*r->plan = (struct plan){ .has_times = true };
	r->plan_index = plan_index_new(r->arena, r->plan);
}

void
run_put_in_order(struct run *r, bool any)
{
	if (r->config.expected == NULL || r->plan != NULL ||
	    !slots_have_choice(r->slots, any))
		return;
	order_plan(r);
	slots_weigh(r->slots, weigh_request, NULL);
}
