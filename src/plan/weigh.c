/* SPDX-License-Identifier: MIT */
/*
 * Times over the plan.  Playing it, on no bound or on some slots, is a walk
 * over the graph in which vertices are calls (they settle) and points (they are
 * reached): each is counted down by what it waits for, a shared start by the
 * first.  So a walk is linear, but for the heaps that order calls by time.
 */
#include "plan/internal.h"

#include <string.h>

/* ---- edges by vertex ---- */

struct graph {
	const struct plan *p;
	size_t n;       /* vertices: calls, then points */
	size_t *first;  /* of the list of what waits for a vertex */
	unsigned *next; /* all these lists */
};

static unsigned
vertex_of(const struct plan *p, unsigned point)
{
	return (unsigned)p->nodes.n + point;
}

/* Says fn(from, to) for each edge. */
static void
each_edge(struct graph *g, void (*fn)(struct graph *, unsigned, unsigned))
{
	const struct plan *p = g->p;

	for (unsigned i = 0; i < p->points.n; i++) {
		const struct plan_point *q = &p->points.v[i];

		for (size_t k = 0; k < q->points.n; k++)
			fn(g, vertex_of(p, q->points.v[k]), vertex_of(p, i));
		for (size_t k = 0; k < q->calls.n; k++)
			fn(g, q->calls.v[k], vertex_of(p, i));
	}
	for (unsigned i = 0; i < p->nodes.n; i++)
		fn(g, vertex_of(p, p->nodes.v[i].end), i);
}

static void
count_edge(struct graph *g, unsigned from, unsigned to)
{
	(void)to;
	g->first[from + 2]++;
}

static void
put_edge(struct graph *g, unsigned from, unsigned to)
{
	g->next[g->first[from + 1]++] = to;
}

static void
graph_init(struct arena *a, struct graph *g, const struct plan *p)
{
	*g = (struct graph){ .p = p, .n = p->nodes.n + p->points.n };
	g->first = arena_alloc(a, (g->n + 2) * sizeof(*g->first));
	each_edge(g, count_edge);
	for (size_t i = 2; i < g->n + 2; i++)
		g->first[i] += g->first[i - 1];
	g->next = arena_alloc(a, (g->first[g->n + 1] + 1) * sizeof(*g->next));
	each_edge(g, put_edge);
}

/* ---- heaps of calls ---- */

struct heap {
	unsigned *v;
	size_t n;
	const double *key; /* by call; the greatest is first */
};

static bool
is_greater(const struct heap *h, unsigned x, unsigned y)
{
	if (h->key[x] > h->key[y] || h->key[x] < h->key[y])
		return h->key[x] > h->key[y];
	return x < y;
}

static void
plan_heap_push(struct heap *h, unsigned id)
{
	size_t at = h->n++;

	for (; at > 0 && is_greater(h, id, h->v[(at - 1) / 2]);
	     at = (at - 1) / 2)
		h->v[at] = h->v[(at - 1) / 2];
	h->v[at] = id;
}

static unsigned
plan_heap_pop(struct heap *h)
{
	unsigned top = h->v[0], last = h->v[--h->n];
	size_t at = 0, child;

	for (; (child = at * 2 + 1) < h->n; at = child) {
		if (child + 1 < h->n &&
		    is_greater(h, h->v[child + 1], h->v[child]))
			child++;
		if (!is_greater(h, h->v[child], last))
			break;
		h->v[at] = h->v[child];
	}
	h->v[at] = last;
	return top;
}

/* ---- the play ---- */

struct play {
	struct graph g;
	size_t slots;     /* 0: no bound */
	size_t *left;     /* what a vertex waits for */
	double now, *end; /* negative, so that the first is the greatest */
	struct heap ready, running;
	unsigned *order; /* vertices that were reached */
	size_t n_order, n_looked;
	unsigned *first; /* by point: what reached it */
};

static void
play_init(struct arena *a, struct play *y, const struct plan *p, int slots)
{
	size_t n = p->nodes.n;
	double *weight = arena_alloc(a, (n + 1) * sizeof(*weight));

	*y = (struct play){ .slots = slots > 0 ? (size_t)slots : 0 };
	graph_init(a, &y->g, p);
	y->left = arena_alloc(a, (y->g.n + 1) * sizeof(*y->left));
	y->order = arena_alloc(a, (y->g.n + 1) * sizeof(*y->order));
	y->first = arena_alloc(a, (p->points.n + 1) * sizeof(*y->first));
	y->end = arena_alloc(a, (n + 1) * sizeof(*y->end));
	y->ready.v = arena_alloc(a, (n + 1) * sizeof(*y->ready.v));
	y->running.v = arena_alloc(a, (n + 1) * sizeof(*y->running.v));
	y->ready.key = weight;
	y->running.key = y->end;
	for (size_t i = 0; i < n; i++) {
		weight[i] = p->nodes.v[i].remaining;
		y->left[i] = 1;
	}
	for (size_t i = 0; i < p->points.n; i++) {
		const struct plan_point *q = &p->points.v[i];

		y->left[n + i] = q->any ? 1 : q->points.n + q->calls.n;
	}
}

static void
play_reach(struct play *y, unsigned v)
{
	if (v < y->g.p->nodes.n)
		y->end[v] = -y->now;
	y->order[y->n_order++] = v;
}

/* Something that v waits for is there. */
static void
play_count_down(struct play *y, unsigned v, unsigned by)
{
	const struct plan *p = y->g.p;

	if (y->left[v] == 0 || --y->left[v] > 0)
		return;
	if (v >= p->nodes.n) {
		y->first[v - p->nodes.n] = by;
		play_reach(y, v);
	} else if (p->nodes.v[v].own > 0) {
		plan_heap_push(&y->ready, v);
	} else {
		play_reach(y, v);
	}
}

static void
play_look(struct play *y)
{
	while (y->n_looked < y->n_order) {
		unsigned v = y->order[y->n_looked++];

		for (size_t i = y->g.first[v]; i < y->g.first[v + 1]; i++)
			play_count_down(y, y->g.next[i], v);
	}
	while (y->ready.n > 0 && (y->slots == 0 || y->running.n < y->slots)) {
		unsigned id = plan_heap_pop(&y->ready);

		y->end[id] = -(y->now + y->g.p->nodes.v[id].own);
		plan_heap_push(&y->running, id);
	}
}

static void
play_run(struct play *y)
{
	const struct plan *p = y->g.p;

	if (p->points.n > 0)
		play_reach(y, vertex_of(p, 0));
	play_look(y);
	while (y->running.n > 0) {
		y->now = -y->end[y->running.v[0]];
		while (y->running.n > 0 && -y->end[y->running.v[0]] <= y->now)
			play_reach(y, plan_heap_pop(&y->running));
		play_look(y);
	}
}

double
plan_wall(struct arena *a, const struct plan *p, int slots)
{
	struct play y;

	play_init(a, &y, p, slots);
	play_run(&y);
	return y.now;
}

/* ---- what is derived ---- */

/* A call without a history is taken as the mean of the known; one that has no
 * commands only waits for others (P-301). */
static void
fill_own(struct plan *p)
{
	double sum = 0;
	size_t known = 0;
	struct plan_node *n;

	vec_each(&p->nodes, n) {
		if (n->seconds < 0)
			continue;
		sum += n->seconds;
		known++;
	}
	p->has_times = known > 0;
	p->mean_seconds = known > 0 ? sum / (double)known : 1;
	vec_each(&p->nodes, n) {
		n->own = n->seconds >= 0   ? n->seconds
			 : n->commands > 0 ? p->mean_seconds
					   : 0;
		p->work_seconds += n->own;
	}
}

static void
fill_order(struct arena *a, struct plan *p, const struct play *y)
{
	for (size_t i = 0; i < y->n_order; i++)
		vec_push(a, &p->order, y->order[i]);
	for (size_t i = 0; i < p->nodes.n; i++)
		p->nodes.v[i].ends = -y->end[i];
	for (size_t i = 0; i < p->points.n; i++)
		if (p->points.v[i].any)
			p->points.v[i].first =
			    y->first[i] - (unsigned)p->nodes.n;
}

static void
raise_to(unsigned *level, unsigned to)
{
	if (to > *level)
		*level = to;
}

static void
fill_levels(struct arena *a, struct plan *p)
{
	unsigned *at = arena_alloc(a, (p->points.n + 1) * sizeof(*at));

	for (size_t i = 0; i < p->order.n; i++) {
		unsigned v = p->order.v[i];
		const struct plan_point *q;

		if (v < p->nodes.n) {
			p->nodes.v[v].level = at[p->nodes.v[v].end];
			raise_to(&p->levels, p->nodes.v[v].level + 1);
			continue;
		}
		v -= (unsigned)p->nodes.n;
		q = &p->points.v[v];
		if (q->any)
			at[v] = at[q->first];
		for (size_t k = 0; !q->any && k < q->points.n; k++)
			raise_to(&at[v], at[q->points.v[k]]);
		for (size_t k = 0; k < q->calls.n; k++)
			raise_to(&at[v], p->nodes.v[q->calls.v[k]].level + 1);
	}
}

/* Backwards: own time plus the longest of all that waits for it.  What a shared
 * call would have waited for had it not been called before counts not. */
static void
fill_remaining(struct arena *a, struct plan *p, const struct graph *g)
{
	double *longest = arena_alloc(a, (g->n + 1) * sizeof(*longest));
	unsigned *on_path = arena_alloc(a, (g->n + 1) * sizeof(*on_path));
	unsigned n = (unsigned)p->nodes.n;

	for (size_t i = p->order.n; i-- > 0;) {
		unsigned v = p->order.v[i];

		on_path[v] = PLAN_NONE;
		for (size_t k = g->first[v]; k < g->first[v + 1]; k++) {
			unsigned to = g->next[k];

			if (to >= n && p->points.v[to - n].any &&
			    vertex_of(p, p->points.v[to - n].first) != v)
				continue;
			if (on_path[v] != PLAN_NONE &&
			    longest[to] <= longest[v])
				continue;
			longest[v] = longest[to];
			on_path[v] = to;
		}
		if (v < n)
			longest[v] = p->nodes.v[v].remaining =
			    longest[v] + p->nodes.v[v].own;
	}
	if (p->order.n == 0)
		return;
	p->critical_seconds = longest[n];
	for (unsigned v = n; v != PLAN_NONE; v = on_path[v])
		if (v < n)
			p->nodes.v[v].on_critical_path = true;
}

void
plan_weigh(struct arena *a, struct plan *p)
{
	struct play y;

	fill_own(p);
	play_init(a, &y, p, 0);
	play_run(&y);
	fill_order(a, p, &y);
	fill_levels(a, p);
	fill_remaining(a, p, &y.g);
}

/* ---- edges between calls ---- */

/* Do its calls say that the point before them was reached? */
static bool
is_implied(const struct plan *p, const struct plan_point *q)
{
	for (size_t i = 0; i < q->calls.n; i++) {
		unsigned start = p->nodes.v[q->calls.v[i]].start;
		const struct plan_point *s = &p->points.v[start];

		if (start == q->points.v[0] ||
		    (s->any && s->points.n == 1 &&
			s->points.v[0] == q->points.v[0]))
			return true;
	}
	return false;
}

plan_ids *
plan_edges(struct arena *a, const struct plan *p)
{
	plan_ids *out = arena_alloc(a, (p->nodes.n + 1) * sizeof(*out));
	plan_ids *at = arena_alloc(a, (p->points.n + 1) * sizeof(*at));

	for (size_t i = 0; i < p->order.n; i++) {
		unsigned v = p->order.v[i];
		const struct plan_point *q;
		plan_ids *before;

		if (v < p->nodes.n) {
			out[v] = at[p->nodes.v[v].end];
			continue;
		}
		v -= (unsigned)p->nodes.n;
		q = &p->points.v[v];
		at[v] = q->calls;
		if (q->points.n == 0)
			continue;
		before = &at[q->any ? q->first : q->points.v[0]];
		if (q->calls.n == 0) {
			at[v] = *before;
		} else if (!is_implied(p, q) && before->n > 0) {
			at[v] = (plan_ids){ 0 };
			for (size_t k = 0; k < before->n; k++)
				vec_push(a, &at[v], before->v[k]);
			for (size_t k = 0; k < q->calls.n; k++)
				vec_push(a, &at[v], q->calls.v[k]);
		}
	}
	return out;
}
