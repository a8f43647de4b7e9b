/* SPDX-License-Identifier: MIT */
/*
 * What the Taskfile alone shows before anything runs: circles in which nothing
 * is conditional, and tasks that are called more often than any run could.
 */
#include "plan/plan.h"

#include <string.h>

#include "compile/task_words.h"

bool
plan_limit_error(struct err *e, const char *task, int limit)
{
	return err_set(e, ERR_CALL_LIMIT,
	    "task: Maximum task call exceeded (%d) for task \"%s\": probably "
	    "an cyclic dep or infinite loop",
	    limit, task);
}

enum {
	CYCLE_LIMIT = 1000
}; /* what go-task says of a circle */

enum mark {
	WHITE,
	OPEN,
	CLOSED
};

struct visit {
	const struct task *task;
	size_t next; /* dep or command to look at */
	enum mark mark;
	double times; /* how often it is called */
};

/* The i-th call of a task, if it is sure to be made. */
struct sure_call {
	const char *name; /* NULL: it is not */
	double times;
	bool plain; /* equal in variables whoever makes it, nothing is in the
		       way */
};

struct search {
	struct arena *a;
	struct compiler *c;
	bool circles;       /* looks for them, along plain calls alone */
	struct map *visits; /* task name → struct visit * */
	VEC(struct visit *) path, closed;
};

/* Platforms are known; what a call requires may be missing. */
static bool
is_begun_always(const struct task *t)
{
	return *t->rare->if_text == '\0' && t->rare->requires.n == 0 &&
	       platform_matches(&t->rare->platforms);
}

static void
sure_loop(const struct for_loop *l, struct sure_call *out)
{
	out->times = 1;
	if (l->kind == FOR_NONE)
		return;
	out->plain = false;
	if (l->kind != FOR_LIST || l->list.kind != VALUE_LIST)
		out->name = NULL;
	else
		out->times = (double)l->list.u.list->n;
}

static struct sure_call
sure_call_at(const struct task *t, size_t i)
{
	struct sure_call out = { .plain = !task_is_conditional(t) };

	if (i < t->deps.n) {
		const struct dep *d = t->deps.v[i];

		if (d == NULL)
			return out;
		out.name = d->task;
		out.plain &= map_count(d->vars) == 0;
		sure_loop(&d->rare->loop, &out);
	} else {
		const struct cmd *c = t->cmds.v[i - t->deps.n];

		if (c == NULL || c->kind != CMD_TASK || !out.plain ||
		    !is_blank(c->if_text))
			return out;
		out.name = c->task;
		out.plain =
		    map_count(c->vars) == 0 && !c->defer && !c->ignore_error;
		sure_loop(&c->rare->loop, &out);
	}
	if (out.name != NULL && strstr(out.name, "{{") != NULL)
		out.name = NULL;
	return out;
}

static struct visit *
visit_of(struct search *s, const char *name)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct compiler exact = *s->c;
	struct visit *v;
	struct match m;

	exact.disable_fuzzy = true;
	if (!task_find(s->a, &exact, name, &m, &ignored) || m.parts.n > 0)
		return NULL;
	v = map_get(s->visits, sv_of(m.task->name));
	if (v != NULL)
		return v;
	v = arena_new_of(s->a, struct visit);
	v->task = m.task;
	map_put(s->visits, sv_of(m.task->name), v);
	return v;
}

static void
check_enter(struct search *s, struct visit *v)
{
	v->mark = OPEN;
	vec_push(s->a, &s->path, v);
	if (!is_begun_always(v->task))
		v->next = v->task->deps.n + v->task->cmds.n;
}

/* The message as the calls would have nested it. */
static bool
refuse_circle(
    const struct search *s, const struct visit *closing, struct err *e)
{
	const struct task *t = closing->task;

	plan_limit_error(e, t->name, CYCLE_LIMIT);
	if (t->at.line > 0)
		err_place(e, "%s", location_text(s->a, &t->at));
	for (size_t i = s->path.n; i-- > 0;) {
		t = s->path.v[i]->task;
		err_wrap(e, "task: Failed to run task %s: ",
		    quote_go(s->a,
			sv_of(t->rare->label && *t->rare->label ? t->rare->label
								: t->name)));
	}
	return false;
}

/* Walks all that is sure to be called; tasks are closed before their callers.
 */
static bool
check_walk(struct search *s, struct err *e)
{
	while (s->path.n > 0) {
		struct visit *v = s->path.v[s->path.n - 1], *to;
		struct sure_call call;

		if (v->next >= v->task->deps.n + v->task->cmds.n) {
			v->mark = CLOSED;
			vec_push(s->a, &s->closed, v);
			s->path.n--;
			continue;
		}
		call = sure_call_at(v->task, v->next++);
		if (call.name == NULL || (s->circles && !call.plain))
			continue;
		to = visit_of(s, call.name);
		if (to == NULL)
			continue;
		if (to->mark == WHITE)
			check_enter(s, to);
		else if (s->circles && to->mark == OPEN)
			return refuse_circle(s, to, e);
	}
	return true;
}

/* A task whose calls the run shares makes its own calls once. */
static bool
makes_calls_once(const struct compiler *c, const struct task *t)
{
	const char *run =
	    *t->rare->run != '\0' ? t->rare->run : c->taskfile->run;

	return run != NULL && *run != '\0' && strcmp(run, "always") != 0;
}

static void
flood_count(struct search *s, const struct visit *v)
{
	double times = v->times;
	size_t n = v->task->deps.n + v->task->cmds.n;

	if (!is_begun_always(v->task))
		return;
	if (times > 1 && makes_calls_once(s->c, v->task))
		times = 1;
	for (size_t i = 0; i < n; i++) {
		struct sure_call call = sure_call_at(v->task, i);
		struct visit *to =
		    call.name != NULL ? visit_of(s, call.name) : NULL;

		if (to != NULL)
			to->times += times * call.times;
	}
}

/* Callers before what they call, so that each count stands when it is used; a
 * call that closes a circle comes too late to count. */
static bool
find_floods(struct search *s, struct err *e)
{
	for (size_t i = s->closed.n; i-- > 0;) {
		struct visit *v = s->closed.v[i];

		if (v->times >= PLAN_CALLS_MAX)
			return err_set(e, ERR_CALL_LIMIT,
			    "task: Maximum task call exceeded (%d) for task "
			    "\"%s\": it would be called %.0f times or more; "
			    "with `run: once` these are one call",
			    PLAN_CALLS_MAX, v->task->name, v->times);
		flood_count(s, v);
	}
	return true;
}

static bool
check_all(struct search *s, const struct call *calls, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		struct visit *v = visit_of(s, calls[i].task);

		if (v == NULL)
			continue;
		v->times++;
		if (v->mark == CLOSED)
			continue;
		check_enter(s, v);
		if (!check_walk(s, e))
			return false;
	}
	return true;
}

bool
plan_check(
    struct compiler *c, const struct call *calls, size_t n, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	struct search circles = {
		.a = a, .c = c, .circles = true, .visits = map_new(a)
	};
	struct search floods = { .a = a, .c = c, .visits = map_new(a) };

	return check_all(&circles, calls, n, e) &&
	       check_all(&floods, calls, n, e) && find_floods(&floods, e);
}
