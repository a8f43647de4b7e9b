/* SPDX-License-Identifier: MIT */
#include "output/estimate.h"

#include "base/clock.h"

/* What is known of a node of the plan by now. */
struct state {
	bool is_done, runs;
	size_t callers;   /* that may still call it */
	int64_t spent_ns; /* by jobs that have ended */
	int64_t since_ns; /* start of the last one */
};

struct estimate {
	struct arena *a;
	const struct plan *plan;
	int slots;
	struct state *nodes;
	double *end; /* of a call's chain, or till a point; from now */
	struct plan_index *index;
	VEC(unsigned) of_call; /* node by id of the call; PLAN_NONE */
};

struct estimate *
estimate_new(struct arena *a, const struct plan *p, int slots)
{
	struct estimate *s = arena_new_of(a, struct estimate);
	size_t vertices = p->nodes.n + p->points.n;

	s->a = a;
	s->plan = p;
	s->slots = slots;
	s->nodes = arena_alloc(a, (p->nodes.n + 1) * sizeof(*s->nodes));
	for (size_t i = 0; i < p->nodes.n; i++)
		s->nodes[i].callers = p->nodes.v[i].callers.n;
	for (size_t i = 0; i < p->requested.n; i++)
		s->nodes[p->requested.v[i].node].callers++;
	s->end = arena_alloc(a, (vertices + 1) * sizeof(*s->end));
	s->index = plan_index_new(a, p);
	return s;
}

/* The node of a call, PLAN_NONE where the plan did not know of it. */
static unsigned
node_of(const struct estimate *s, const struct run_call *c)
{
	return c != NULL && c->id < s->of_call.n ? s->of_call.v[c->id]
						 : PLAN_NONE;
}

static void
estimate_take(struct estimate *s, const struct run_call *c)
{
	unsigned up = node_of(s, c->parent);

	while (s->of_call.n <= c->id)
		vec_push(s->a, &s->of_call, PLAN_NONE);
	if (c->parent == NULL || up != PLAN_NONE)
		s->of_call.v[c->id] =
		    plan_index_take(s->index, up, 0, c->task_name);
}

/* With all that only it would have called. */
static void
estimate_finish(struct estimate *s, unsigned at)
{
	plan_ids todo = { 0 };

	vec_push(NULL, &todo, at);
	while (todo.n > 0) {
		const plan_calls *calls;

		at = todo.v[--todo.n];
		if (s->nodes[at].is_done)
			continue;
		s->nodes[at].is_done = true;
		calls = &s->plan->nodes.v[at].calls;
		for (size_t i = 0; i < calls->n; i++)
			if (--s->nodes[calls->v[i].node].callers == 0)
				vec_push(NULL, &todo, calls->v[i].node);
	}
	vec_free(&todo);
}

void
estimate_event(struct estimate *s, const struct event *ev)
{
	unsigned at;

	if (ev->kind == EVENT_CALL_CREATED)
		estimate_take(s, ev->call);
	at = node_of(s, ev->call);
	if (at == PLAN_NONE)
		return;
	if (ev->kind == EVENT_JOB_STARTED) {
		s->nodes[at].since_ns = ev->at_ns;
		s->nodes[at].runs = true;
	} else if (ev->kind == EVENT_JOB_DONE) {
		s->nodes[at].spent_ns += ev->at_ns - s->nodes[at].since_ns;
		s->nodes[at].runs = false;
	} else if (ev->kind == EVENT_CALL_DONE) {
		estimate_finish(s, at);
	}
}

static double
own_time(const struct estimate *s, unsigned at, int64_t now_ns)
{
	const struct state *n = &s->nodes[at];
	int64_t spent = n->spent_ns;
	double left;

	if (n->is_done)
		return 0;
	if (n->runs)
		spent += now_ns - n->since_ns;
	left = s->plan->nodes.v[at].own - (double)spent / (double)NS_PER_S;
	return left > 0 ? left : 0;
}

static void
raise_end(double *end, double to)
{
	if (to > *end)
		*end = to;
}

static double
time_till(const struct estimate *s, const struct plan_point *q)
{
	const double *points = s->end + s->plan->nodes.n;
	double end = 0;

	if (q->any)
		return points[q->first];
	for (size_t k = 0; k < q->points.n; k++)
		raise_end(&end, points[q->points.v[k]]);
	for (size_t k = 0; k < q->calls.n; k++)
		raise_end(&end, s->end[q->calls.v[k]]);
	return end;
}

double
estimate_left(struct estimate *s, int64_t now_ns)
{
	const struct plan *p = s->plan;
	double chain = 0, work = 0, own;

	if (!p->has_times)
		return -1;
	for (size_t i = 0; i < p->order.n; i++) {
		unsigned v = p->order.v[i];

		if (v >= p->nodes.n) {
			s->end[v] = time_till(s, &p->points.v[v - p->nodes.n]);
			continue;
		}
		own = own_time(s, v, now_ns);
		work += own;
		s->end[v] = own + s->end[p->nodes.n + p->nodes.v[v].end];
		raise_end(&chain, s->end[v]);
	}
	if (s->slots > 0 && work / s->slots > chain)
		return work / s->slots;
	return chain;
}
