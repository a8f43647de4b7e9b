/* SPDX-License-Identifier: MIT */
#include "output/estimate.h"

#include <string.h>

#include "base/clock.h"

enum { NONE = UINT32_MAX };

/* What is known of a node of the plan by now. */
struct state {
	unsigned child, sibling; /* first call that it makes, the next beside it */
	bool is_taken;		 /* a call of the run is this one */
	bool is_done, runs;
	double seconds;		 /* expected, of its own commands */
	int64_t spent_ns;	 /* by jobs that have ended */
	int64_t since_ns;	 /* start of the last one */
	double end;		 /* of its chain, from now */
};

struct estimate {
	struct arena *a;
	const struct plan *plan;
	int slots;
	struct state *nodes;
	unsigned *order; /* by level: what comes before is first */
	unsigned roots;
	VEC(unsigned) of_call; /* node by id of the call; NONE */
};

static void
fill_order(struct estimate *s)
{
	size_t n = s->plan->nodes.n;
	size_t *at = arena_alloc(s->a, (s->plan->levels + 2) * sizeof(*at));

	s->order = arena_alloc(s->a, (n + 1) * sizeof(*s->order));
	for (size_t i = 0; i < n; i++)
		at[s->plan->nodes.v[i].level + 1]++;
	for (size_t i = 1; i <= s->plan->levels; i++)
		at[i] += at[i - 1];
	for (size_t i = 0; i < n; i++)
		s->order[at[s->plan->nodes.v[i].level]++] = (unsigned)i;
}

struct estimate *
estimate_new(struct arena *a, const struct plan *p, int slots)
{
	struct estimate *s = arena_new_of(a, struct estimate);

	s->a = a;
	s->plan = p;
	s->slots = slots;
	s->roots = NONE;
	s->nodes = arena_alloc(a, (p->nodes.n + 1) * sizeof(*s->nodes));
	for (size_t i = 0; i < p->nodes.n; i++) {
		s->nodes[i].child = NONE;
		s->nodes[i].seconds = p->nodes.v[i].own;
	}
	/* backwards, so that the lists are in declared order */
	for (unsigned i = (unsigned)p->nodes.n; i-- > 0;) {
		unsigned up = p->nodes.v[i].parent;
		unsigned *list = up == i ? &s->roots : &s->nodes[up].child;

		s->nodes[i].sibling = *list;
		*list = i;
	}
	fill_order(s);
	return s;
}

/* The node of a call, NONE where the plan did not know of it. */
static unsigned
node_of(const struct estimate *s, const struct run_call *c)
{
	return c != NULL && c->id < s->of_call.n ? s->of_call.v[c->id] : NONE;
}

static void
estimate_take(struct estimate *s, const struct run_call *c)
{
	unsigned up = node_of(s, c->parent), at = s->roots;

	while (s->of_call.n <= c->id)
		vec_push(s->a, &s->of_call, NONE);
	if (c->parent != NULL && up == NONE)
		return;
	if (c->parent != NULL)
		at = s->nodes[up].child;
	while (at != NONE && (s->nodes[at].is_taken ||
		strcmp(s->plan->nodes.v[at].task, c->task_name) != 0))
		at = s->nodes[at].sibling;
	if (at == NONE)
		return;
	s->nodes[at].is_taken = true;
	s->of_call.v[c->id] = at;
}

/* With all that it would have called. */
static void
estimate_finish(struct estimate *s, unsigned at)
{
	if (s->nodes[at].is_done)
		return;
	s->nodes[at].is_done = true;
	for (unsigned k = s->nodes[at].child; k != NONE;
	    k = s->nodes[k].sibling)
		estimate_finish(s, k);
}

void
estimate_event(struct estimate *s, const struct event *ev)
{
	unsigned at;

	if (ev->kind == EVENT_CALL_CREATED)
		estimate_take(s, ev->call);
	at = node_of(s, ev->call);
	if (at == NONE)
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
own_time(const struct state *n, int64_t now_ns)
{
	int64_t spent = n->spent_ns;
	double left;

	if (n->is_done)
		return 0;
	if (n->runs)
		spent += now_ns - n->since_ns;
	left = n->seconds - (double)spent / (double)NS_PER_S;
	return left > 0 ? left : 0;
}

double
estimate_left(struct estimate *s, int64_t now_ns)
{
	double chain = 0, work = 0;

	if (!s->plan->has_times)
		return -1;
	for (size_t i = 0; i < s->plan->nodes.n; i++) {
		struct state *n = &s->nodes[s->order[i]];
		const plan_ids *before = &s->plan->nodes.v[s->order[i]].before;
		double own = own_time(n, now_ns);

		work += own;
		n->end = 0;
		for (size_t k = 0; k < before->n; k++)
			if (s->nodes[before->v[k]].end > n->end)
				n->end = s->nodes[before->v[k]].end;
		n->end += own;
		if (n->end > chain)
			chain = n->end;
	}
	if (s->slots > 0 && work / s->slots > chain)
		return work / s->slots;
	return chain;
}
