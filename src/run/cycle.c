/* SPDX-License-Identifier: MIT */
/*
 * Calls that never end (L-185, D-9): a cycle in which nothing is conditional is
 * refused before anything runs; a call that has itself, with equal variables,
 * among its callers is refused at run time, unless an `if`, `status` or the like
 * on the way may end the recursion: then after a thousand of them.
 */
#include "base/hash.h"
#include "go/fmt.h"

#include "run/internal.h"

void
cycle_error(struct err *e, const char *task, int limit)
{
	err_set(e, ERR_CALL_LIMIT,
	    "task: Maximum task call exceeded (%d) for task \"%s\": probably "
	    "an cyclic dep or infinite loop",
	    limit, task);
}

/* ---- at run time ---- */

static uint64_t
call_key(const struct live_call *lc)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct map_entry *e;

	sb_adds(&b, lc->match.task->name);
	sb_addc(&b, '\0');
	sb_adds(&b, lc->match.full_name);
	map_each (lc->call.vars, e) {
		const struct var *v = e->value;

		sb_addc(&b, '\0');
		sb_addv(&b, e->key);
		sb_addc(&b, '=');
		if (v->has_value)
			fmt_value(&b, v->value);
		sb_adds(&b, v->sh ? v->sh : "");
		sb_adds(&b, v->ref ? v->ref : "");
	}
	return hash64(sb_sv(&b));
}

static void
table_grow(struct run *r)
{
	size_t size = r->keyed_size ? r->keyed_size * 2 : 64;
	struct live_call **table = xcalloc(size, sizeof(*table));

	for (size_t i = 0; i < r->keyed_size; i++)
		for (struct live_call *lc = r->keyed[i], *next; lc != NULL;
		     lc = next) {
			next = lc->key_next;
			lc->key_next = table[lc->key & (size - 1)];
			table[lc->key & (size - 1)] = lc;
		}
	free(r->keyed);
	r->keyed = table;
	r->keyed_size = size;
}

static void
table_add(struct live_call *lc)
{
	struct run *r = lc->r;
	struct live_call **slot;

	if (r->n_keyed++ >= r->keyed_size)
		table_grow(r);
	slot = &r->keyed[lc->key & (r->keyed_size - 1)];
	lc->key_next = *slot;
	*slot = lc;
	lc->is_keyed = true;
}

void
cycle_leave(struct live_call *lc)
{
	struct run *r = lc->r;
	struct live_call **at;

	if (!lc->is_keyed)
		return;
	at = &r->keyed[lc->key & (r->keyed_size - 1)];
	while (*at != lc)
		at = &(*at)->key_next;
	*at = lc->key_next;
	lc->is_keyed = false;
	r->n_keyed--;
}

static bool
is_running(const struct live_call *lc)
{
	const struct run *r = lc->r;
	const struct live_call *at =
	    r->keyed_size ? r->keyed[lc->key & (r->keyed_size - 1)] : NULL;

	while (at != NULL && at->key != lc->key)
		at = at->key_next;
	return at != NULL;
}

/* Has it itself as a caller, too often? */
static bool
calls_itself(const struct live_call *lc)
{
	bool conditional = lc->conditional;
	int depth = 0;

	if (!is_running(lc))
		return false;
	for (const struct live_call *up = lc->parent; up != NULL;
	     up = up->parent) {
		if (up->is_keyed && up->key == lc->key &&
		    (!conditional || ++depth >= SELF_DEPTH_MAX))
			return true;
		conditional = conditional || up->conditional;
	}
	return false;
}

bool
cycle_check(struct live_call *lc, struct err *e)
{
	struct run *r = lc->r;
	const char *name = lc->match.task->name;
	size_t *count;

	if (r->config.watch)
		return true;
	count = map_get(r->counts, sv_of(name));
	if (count == NULL) {
		count = arena_new_of(r->arena, size_t);
		map_put(r->counts, sv_of(name), count);
	}
	lc->key = call_key(lc);
	if (calls_itself(lc)) {
		cycle_error(e, name, CALLS_MAX_TEXT);
		return false;
	}
	if (++*count >= CALLS_MAX) {
		cycle_error(e, name, CALLS_MAX);
		return false;
	}
	table_add(lc);
	return true;
}

/* ---- before anything runs ---- */

enum mark { WHITE, OPEN, CLOSED };

struct visit {
	const struct task *task;
	size_t next; /* dep or command to look at */
	enum mark mark;
};

/* Does nothing stand between a call of it and its own calls? */
static bool
is_unconditional(const struct task *t)
{
	return *t->if_text == '\0' && t->status.n == 0 && t->sources.n == 0 &&
	    t->preconditions.n == 0 && t->platforms.n == 0 &&
	    t->prompts.n == 0 && t->requires.n == 0;
}

/* The i-th unconditional call of a task without variables; NULL: the i-th is
 * something else. */
static const char *
plain_call(const struct task *t, size_t i)
{
	const char *name = NULL;

	if (i < t->deps.n) {
		const struct dep *d = t->deps.v[i];

		if (d->loop.kind == FOR_NONE && map_count(d->vars) == 0)
			name = d->task;
	} else {
		const struct cmd *c = t->cmds.v[i - t->deps.n];

		if (c->kind == CMD_TASK && c->loop.kind == FOR_NONE &&
		    map_count(c->vars) == 0 && !c->defer && !c->ignore_error &&
		    (c->if_text == NULL || *c->if_text == '\0'))
			name = c->task;
	}
	if (name == NULL || sv_find(sv_of(name), SV("{{"), 0) >= 0)
		return NULL;
	return name;
}

struct search {
	struct arena *a;
	struct run *r;
	struct map *visits; /* task name → struct visit * */
	VEC(struct visit *) path;
};

/* Goes into a task; true when that closes a circle. */
static bool
cycle_enter(struct search *s, const char *name)
{
	struct err e cleanup_err = ERR_INIT;
	struct visit *v;
	struct match m;

	if (!task_find(s->a, s->r->compiler, name, &m, &e) ||
	    m.parts.n > 0 || !is_unconditional(m.task))
		return false;
	v = map_get(s->visits, sv_of(m.task->name));
	if (v != NULL)
		return v->mark == OPEN;
	v = arena_new_of(s->a, struct visit);
	v->task = m.task;
	v->mark = OPEN;
	map_put(s->visits, sv_of(m.task->name), v);
	vec_push(s->a, &s->path, v);
	return false;
}

/* The message as the calls would have nested it. */
static void
cycle_refuse(const struct search *s, const char *closing, struct err *e)
{
	struct match m;
	struct err none cleanup_err = ERR_INIT;

	task_find(s->a, s->r->compiler, closing, &m, &none);
	cycle_error(e, m.task->name, CALLS_MAX_TEXT);
	if (m.task->at.line > 0)
		err_place(e, "%s:%d:%d", m.task->at.taskfile, m.task->at.line,
		    m.task->at.column);
	for (size_t i = s->path.n; i-- > 0;) {
		const struct task *t = s->path.v[i]->task;

		err_wrap(e, "task: Failed to run task %s: ",
		    quote_go(s->a,
			sv_of(t->label && *t->label ? t->label : t->name)));
	}
}

bool
cycle_static(struct run *r, const char *task, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	struct search s = { .a = a, .r = r, .visits = map_new(a) };

	if (r->config.watch)
		return true;
	cycle_enter(&s, task);
	while (s.path.n > 0) {
		struct visit *v = s.path.v[s.path.n - 1];
		const char *name;

		if (v->next >= v->task->deps.n + v->task->cmds.n) {
			v->mark = CLOSED;
			s.path.n--;
			continue;
		}
		name = plain_call(v->task, v->next++);
		if (name != NULL && cycle_enter(&s, name)) {
			cycle_refuse(&s, name, e);
			return false;
		}
	}
	return true;
}
