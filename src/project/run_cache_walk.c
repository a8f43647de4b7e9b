/* SPDX-License-Identifier: MIT */
/*
 * The calls that a run will make, as far as they are known before it: deps and
 * calls of commands, loops unrolled, each once.
 */
#include "project/run_cache_internal.h"

#include "compile/task_words.h"

enum {
	DEPTH = 50, /* of calls that call each other */
	CALLS_MAX = 10000
};

void
cache_walk_begin(struct cache_walk *w, struct project *p, bool may_ask,
    const struct call *calls, size_t n)
{
	*w = (struct cache_walk){
		.p = p, .may_ask = may_ask, .seen = map_new(p->a)
	};
	for (size_t i = n; i-- > 0;)
		vec_push(p->a, &w->steps,
		    ((struct cache_walk_step){ calls[i], DEPTH }));
}

static void
walk_push(struct cache_walk *w, const char *task, vars *v, int depth)
{
	vec_push(w->p->a, &w->steps,
	    ((struct cache_walk_step){
		{ .task = task, .vars = v, .indirect = true }, depth }));
}

/* The last is the next. */
static void
walk_into(struct cache_walk *w, const struct ctask *t, int depth)
{
	if (depth == 0)
		return;
	for (size_t i = t->cmds.n; i-- > 0;)
		if (t->cmds.v[i].kind == CMD_TASK && !t->cmds.v[i].unknown)
			walk_push(
			    w, t->cmds.v[i].task, t->cmds.v[i].vars, depth - 1);
	for (size_t i = t->deps.n; i-- > 0;)
		if (!t->deps.v[i].unknown)
			walk_push(
			    w, t->deps.v[i].task, t->deps.v[i].vars, depth - 1);
}

static bool
is_walked(struct cache_walk *w, const struct call *call, const struct match *m)
{
	const char *key = arena_printf(w->p->a, "%s %llx", m->full_name,
	    (unsigned long long)call_key(m, call->vars));

	if (map_get(w->seen, sv_of(key)) != NULL)
		return true;
	map_put(w->seen, sv_of(key), w);
	return map_count(w->seen) > CALLS_MAX;
}

bool
cache_walk_next(struct cache_walk *w, const struct ctask **out, struct err *e)
{
	struct project *p = w->p;
	struct cache_walk_step step;
	struct ctask *t = NULL;
	struct match m;

	*out = NULL;
	step = w->steps.v[--w->steps.n];
	if (!task_find(p->a, &p->compiler, step.call.task, &m, e))
		return false;
	if (!platform_matches(&m.task->rare->platforms) ||
	    is_walked(w, &step.call, &m))
		return true;
	if (!project_compile_call(p, &step.call, &m, w->may_ask, &t, e))
		return false;
	if (t != NULL)
		walk_into(w, t, step.depth);
	*out = t;
	return true;
}
