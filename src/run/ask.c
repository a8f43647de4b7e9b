/* SPDX-License-Identifier: MIT */
/*
 * --interactive: missing required variables are asked for (L-077, C-202).  Those
 * of the named tasks and their deps before anything runs, since deps run side by
 * side; those of tasks called from commands when they are reached.  An answer
 * counts for the whole run.
 */
#include "run/internal.h"

bool
ask_is_possible(const struct run *r)
{
	return r->config.interactive && r->config.ask_var != NULL &&
	    r->config.stdin_is_tty && !r->config.status_only;
}

/* The answer to one variable, asked for at most once. */
static struct var *
answer_for(struct run *r, const struct required_var *v, const char *who,
    struct err *e)
{
	struct var *var = map_get(r->answers, sv_of(v->name));
	const char *text;

	if (var != NULL)
		return var;
	text = r->config.ask_var(r->config.ctx, r->arena, v->name,
	    &v->enum_values);
	if (text == NULL) {
		err_set(e, ERR_CANCELLED, "task: Task %s cancelled by user",
		    quote_go(r->arena, sv_of(who)));
		return NULL;
	}
	var = arena_new_of(r->arena, struct var);
	var->has_value = true;
	var->value = value_cstr(text);
	map_put(r->answers, sv_of(v->name), var);
	return var;
}

bool
ask_missing(struct live_call *lc, struct err *e)
{
	struct run *r = lc->r;
	vars *all = lc->call.vars ? map_copy(lc->arena, lc->call.vars)
				  : map_new(lc->arena);
	required_vec missing = { 0 };

	requires_missing(
	    lc->arena, r->compiler, &lc->call, &lc->match, &missing);
	requires_offer_enums(
	    lc->arena, r->compiler, &lc->call, &lc->match, &missing);
	for (size_t i = 0; i < missing.n; i++) {
		struct var *var =
		    answer_for(r, &missing.v[i], lc->match.full_name, e);

		if (var == NULL)
			return false;
		map_put(all, sv_of(missing.v[i].name), var);
	}
	lc->call.vars = all;
	return true;
}

/* ---- ahead ---- */

struct ahead {
	struct run *r;
	struct arena *a;
	struct map *seen; /* tasks by name as called */
	VEC(struct call) todo;
};

/* The deps of a call as far as they are known without a shell. */
static void
ask_add_deps(struct ahead *s, const struct call *call, const struct match *m)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct cursor *c = compile_begin(s->a, s->r->compiler, call, m,
	    COMPILE_FAST);
	const struct ctask *t;

	if (compile_step(c, &ignored) != COMPILE_DONE)
		return;
	t = compile_result(c);
	for (size_t i = 0; i < t->deps.n; i++) {
		struct call dep = { .task = t->deps.v[i].task,
			.vars = t->deps.v[i].vars,
			.indirect = true };

		vec_push(s->a, &s->todo, dep);
	}
}

static bool
ask_for_call(struct ahead *s, const struct call *call, struct err *e)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct match *m = arena_new_of(s->a, struct match);
	required_vec missing = { 0 };

	if (!task_find(s->a, s->r->compiler, call->task, m, &ignored))
		return true; /* said when it is called */
	requires_missing(s->a, s->r->compiler, call, m, &missing);
	requires_offer_enums(s->a, s->r->compiler, call, m, &missing);
	for (size_t i = 0; i < missing.n; i++)
		if (answer_for(s->r, &missing.v[i], "interactive prompt", e) ==
		    NULL)
			return false;
	if (map_get(s->seen, sv_of(call->task)) == NULL) {
		map_put(s->seen, sv_of(call->task), m);
		ask_add_deps(s, call, m);
	}
	return true;
}

bool
ask_ahead(struct run *r, const struct call *calls, size_t n, struct err *e)
{
	struct arena *a cleanup_arena = NULL;
	struct ahead s = { .r = r };

	if (!ask_is_possible(r))
		return true;
	s.a = a = arena_new();
	s.seen = map_new(a);
	for (size_t i = 0; i < n; i++)
		vec_push(a, &s.todo, calls[i]);
	for (size_t i = 0; i < s.todo.n; i++) {
		struct call call = s.todo.v[i];

		if (!ask_for_call(&s, &call, e))
			return false;
	}
	return true;
}
