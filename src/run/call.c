/* SPDX-License-Identifier: MIT */
/*
 * The states of a call before its commands, in go-task's order (L-173): look-up,
 * platform, requires, compile, `if`, checks, `run:`, deps, locks; check.c goes
 * on.  A step returns true to go on at once with the
 * node's state, false to wait until the node is woken; a step is called again
 * after any wake, so it looks at what is there and not at who woke it.
 */
#include <string.h>

#include "run/internal.h"

bool
call_go(struct node *n, enum state s)
{
	n->state = s;
	n->i = 0;
	return true;
}

bool
call_end(struct node *n, enum outcome o)
{
	if (!n->has_failed)
		n->outcome = o;
	return call_go(n, STATE_DONE);
}

bool
call_end_failed(struct node *n, struct err *e, bool wrap)
{
	node_fail(n, e, wrap);
	return call_go(n, STATE_DONE);
}

bool
call_end_cancelled(struct node *n)
{
	node_fail_cancelled(n);
	return call_go(n, STATE_DONE);
}

bool
call_end_skipped(struct node *n, enum skip_reason reason, const char *text)
{
	n->skip = reason;
	node_emit(n,
	    &(struct event){ .kind = EVENT_TASK_SKIPPED,
		.reason = reason,
		.text = text });
	return call_end(n, OUTCOME_SKIPPED);
}

static bool
is_blank(const char *text)
{
	return text == NULL || sv_trim(sv_of(text)).n == 0;
}

bool
node_ask(struct node *n, const char *text)
{
	if (n->work.state == WORK_IDLE || n->work.state == WORK_DONE) {
		if (n->work.state == WORK_DONE && n->work.text == text)
			return true;
		work_init(&n->work, n->r, n, text, n->ctask->dir, n->env);
		work_start(&n->work);
	}
	return n->work.state == WORK_DONE;
}

/* The answer was used; the next question is a new one. */
bool
node_answered_yes(struct node *n)
{
	n->work.state = WORK_IDLE;
	return !err_is_set(&n->work.err);
}

/* ---- before compiling ---- */

static bool
requirements_met(struct node *n, struct err *e)
{
	struct run *r = n->r;

	if (n->is_status || requires_check(n->arena, r->compiler, &n->call,
	    &n->match, e))
		return true;
	if (e->code != ERR_MISSING_VARS || !ask_is_possible(r))
		return false;
	err_clear(e);
	return ask_missing(n, e) &&
	    requires_check(n->arena, r->compiler, &n->call, &n->match, e);
}

static void
wake(void *ctx)
{
	node_wake(ctx);
}

bool
step_new(struct node *n)
{
	struct err e = ERR_INIT;

	if (node_is_cancelled(n))
		return call_end_cancelled(n);
	if (err_is_set(&n->lookup))
		return call_end_failed(n, &n->lookup, false);
	if (!n->is_status && !platform_matches(&n->match.task->platforms))
		return call_end_skipped(n, SKIP_PLATFORM, NULL);
	if (!requirements_met(n, &e))
		return call_end_failed(n, &e, false);
	n->cursor = compile_begin(n->arena, n->r->compiler, &n->call, &n->match,
	    COMPILE_FULL);
	compile_on_wake(n->cursor, wake, n);
	return call_go(n, STATE_COMPILE);
}

/* ---- compiling ---- */

/* The jobs' environment: the task's, with what every job of the run gets. */
static char *const *
job_env(struct node *n)
{
	const char *const *extra = n->r->config.extra_env;
	char *const *env = n->ctask->env;
	size_t n_env = 0, n_extra = 0, k = 0;
	char **out;

	if (extra == NULL || *extra == NULL)
		return env;
	while (env != NULL && env[n_env] != NULL)
		n_env++;
	while (extra[n_extra] != NULL)
		n_extra++;
	out = arena_alloc(n->arena, (n_env + n_extra + 1) * sizeof(*out));
	for (size_t i = 0; i < n_env; i++) {
		bool replaced = false;

		for (size_t j = 0; j < n_extra && !replaced; j++) {
			size_t len = strcspn(extra[j], "=") + 1;

			replaced = strncmp(env[i], extra[j], len) == 0;
		}
		if (!replaced)
			out[k++] = env[i];
	}
	for (size_t j = 0; j < n_extra; j++)
		out[k++] = arena_strdup(n->arena, extra[j]);
	return out;
}

static bool
compiled(struct node *n)
{
	struct arena *a = n->r->arena;

	n->ctask = compile_result(n->cursor);
	n->pub->ctask = n->ctask;
	n->pub->name = arena_strdup(a, n->ctask->name);
	n->env = job_env(n);
	return call_go(n, STATE_IF);
}

bool
step_compile(struct node *n)
{
	struct err e = ERR_INIT;

	if (n->open_needs > 0)
		return false;
	if (node_is_cancelled(n)) {
		compile_cancel(n->cursor);
		return call_end_cancelled(n);
	}
	switch (compile_step(n->cursor, &e)) {
	case COMPILE_DONE:
		return compiled(n);
	case COMPILE_NEEDS_SHELL:
		needs_start(n);
		return n->open_needs == 0;
	case COMPILE_WAITS:
		return false;
	case COMPILE_FAILED:
		return call_end_failed(n, &e, false);
	}
	BUG("compile status");
}

/* ---- checks ---- */

bool
step_if(struct node *n)
{
	if (node_is_cancelled(n) && !work_is_active(&n->work))
		return call_end_cancelled(n);
	if (n->is_status || is_blank(n->ctask->if_text))
		return call_go(n, STATE_CHECKS);
	if (!node_ask(n, n->ctask->if_text))
		return false;
	if (node_is_cancelled(n))
		return call_end_cancelled(n);
	if (!node_answered_yes(n))
		return call_end_skipped(n, SKIP_IF, NULL);
	return call_go(n, STATE_CHECKS);
}

bool
step_checks(struct node *n)
{
	struct err e = ERR_INIT;

	if (n->is_status)
		return call_go(n, STATE_STATUS);
	if (!requires_check_enums(n->arena, n->r->compiler, n->ctask, &e) ||
	    !cycle_check(n, &e))
		return call_end_failed(n, &e, false);
	return call_go(n, STATE_SHARE);
}

/* ---- run: once, when_changed ---- */

/* L-190: the result of the one execution is ours, failure included. */
static bool
end_as_twin(struct node *n, const struct share *s)
{
	struct err e = ERR_INIT;

	n->pub->twin = s->pub;
	n->skip = SKIP_TWIN;
	if (!err_is_set(&s->err))
		return call_end(n, OUTCOME_SKIPPED);
	err_copy(&e, &s->err);
	n->cause = s->pub;
	node_fail(n, &e, true);
	n->outcome = s->outcome;
	return call_go(n, STATE_DONE);
}

static bool
join(struct node *n, struct share *s)
{
	struct err e = ERR_INIT;

	node_emit(n,
	    &(struct event){ .kind = EVENT_TASK_SKIPPED,
		.reason = SKIP_TWIN,
		.text = s->key });
	if (s->is_settled)
		return end_as_twin(n, s);
	if (share_would_deadlock(s, n)) {
		cycle_error(&e, n->match.task->name, CALLS_MAX_TEXT);
		return call_end_failed(n, &e, true);
	}
	share_wait(s, n);
	return false;
}

bool
step_share(struct node *n)
{
	struct err e = ERR_INIT;
	struct share *s;
	const char *key;

	if (n->joined != NULL && n->joined->is_settled)
		return end_as_twin(n, n->joined);
	if (node_is_cancelled(n))
		return call_end_cancelled(n);
	if (n->joined != NULL)
		return false;
	if (!share_key(n, &key, &e))
		return call_end_failed(n, &e, true);
	if (key != NULL) {
		s = share_get(n->r, key);
		if (s->holder != NULL || s->is_settled) {
			n->joined = s;
			return join(n, s);
		}
		share_hold(s, n);
	}
	n->pub->start_ns = run_now(n->r);
	node_emit(n, &(struct event){ .kind = EVENT_CALL_STARTED });
	return call_go(n, STATE_DEPS);
}

/* ---- deps ---- */

static void
deps_start(struct node *n)
{
	const struct ctask *t = n->ctask;
	struct entry *v = arena_alloc(n->arena, t->deps.n * sizeof(*v));

	for (size_t i = 0; i < t->deps.n; i++) {
		const struct cdep *d = &t->deps.v[i];

		v[i].is_dep = true;
		v[i].call = (struct call){ .task = d->task,
			.vars = d->vars,
			.silent = d->silent,
			.indirect = true };
		v[i].timeout_ns = d->timeout_ns;
		v[i].timeout_name = d->task;
	}
	group_init(&n->group, n, v, t->deps.n);
	group_start(&n->group);
}

bool
step_deps(struct node *n)
{
	if (n->ctask->deps.n == 0)
		return call_go(n, STATE_LOCK);
	if (n->i == 0) {
		n->i = 1;
		deps_start(n);
	}
	if (!group_is_settled(&n->group)) {
		if (node_is_cancelled(n))
			group_stop(&n->group);
		if (!group_is_settled(&n->group))
			return false;
	}
	if (!err_is_set(&n->group.err))
		return call_go(n, STATE_LOCK);
	n->cause = n->group.err_pub;
	node_fail(n, &n->group.err, true);
	if (n->outcome == OUTCOME_FAILED) {
		n->outcome = OUTCOME_NOT_RUN;
		n->skip = SKIP_DEP_FAILED;
		n->pub->skip_detail = n->cause ? n->cause->name : NULL;
	}
	return call_go(n, STATE_DONE);
}

bool
step_lock(struct node *n)
{
	struct err e = ERR_INIT;

	if (node_is_cancelled(n))
		return call_end_cancelled(n);
	if (!lock_step(n, &e)) {
		if (!err_is_set(&e))
			return false;
		return call_end_failed(n, &e, true);
	}
	n->pub->attempts = 1;
	return call_go(n, n->forced ? STATE_PROMPT : STATE_PRECONDITIONS);
}
