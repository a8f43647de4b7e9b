/* SPDX-License-Identifier: MIT */
/* Which node of the plan is a call of the run? */
#include "plan/plan.h"

#include <string.h>

/* Calls that one caller makes with one key, or of one task. */
struct bucket {
	plan_ids nodes;
	size_t next;
};

struct plan_index {
	struct arena *a;
	const struct plan *plan;
	struct map *by_key, *by_task;
	bool *taken; /* by node; never of shared ones */
};

struct by_key {
	uint64_t key;
	unsigned caller, zero;
};

static void
bucket_add(struct plan_index *x, struct map *m, sv name, unsigned node)
{
	struct bucket *b = map_get(m, name);

	if (b == NULL) {
		b = arena_new_of(x->a, struct bucket);
		map_put(m, name, b);
	}
	vec_push(x->a, &b->nodes, node);
}

static sv
key_name(struct by_key *k, unsigned caller, uint64_t key)
{
	*k = (struct by_key){ .key = key, .caller = caller };
	return (sv){ (const char *)k, sizeof(*k) };
}

static sv
task_name(struct arena *a, unsigned caller, const char *task)
{
	return sv_of(arena_printf(a, "%u %s", caller, task));
}

static void
add_calls(struct plan_index *x, bool by_task, unsigned caller,
    const plan_calls *calls)
{
	const struct plan_call *c;
	struct by_key k;

	vec_each(calls, c) {
		if (by_task)
			bucket_add(x, x->by_task,
			    task_name(
				x->a, caller, x->plan->nodes.v[c->node].task),
			    c->node);
		else
			bucket_add(x, x->by_key, key_name(&k, caller, c->key),
			    c->node);
	}
}

static void
add_all(struct plan_index *x, bool by_task)
{
	add_calls(x, by_task, PLAN_NONE, &x->plan->requested);
	for (unsigned i = 0; i < x->plan->nodes.n; i++)
		add_calls(x, by_task, i, &x->plan->nodes.v[i].calls);
}

struct plan_index *
plan_index_new(struct arena *a, const struct plan *p)
{
	struct plan_index *x = arena_new_of(a, struct plan_index);

	x->a = a;
	x->plan = p;
	x->by_key = map_new(a);
	x->taken = arena_alloc(a, (p->nodes.n + 1) * sizeof(*x->taken));
	add_all(x, false);
	return x;
}

/* In order; the last one stays, for what calls again (a retry). */
static unsigned
bucket_take(struct plan_index *x, struct bucket *b)
{
	unsigned id;

	while (b->next + 1 < b->nodes.n && x->taken[b->nodes.v[b->next]])
		b->next++;
	id = b->nodes.v[b->next];
	x->taken[id] = !x->plan->nodes.v[id].is_shared;
	return id;
}

unsigned
plan_index_take(
    struct plan_index *x, unsigned caller, uint64_t key, const char *task)
{
	struct by_key k;
	struct bucket *b = map_get(x->by_key, key_name(&k, caller, key));

	if (b != NULL)
		return bucket_take(x, b);
	if (x->by_task == NULL) {
		x->by_task = map_new(x->a);
		add_all(x, true);
	}
	b = map_get(x->by_task, task_name(x->a, caller, task));
	return b != NULL ? bucket_take(x, b) : PLAN_NONE;
}
