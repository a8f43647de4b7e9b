/* SPDX-License-Identifier: MIT */
/*
 * The states of a call before its commands, in go-task's order (L-173):
 * look-up, platform, requires, compile, `if`, checks, `run:`, deps, locks;
 * check.c goes on.  A step returns true to go on at once with the node's state,
 * false to wait until the node is woken; a step is called again after any
 * call_wake, so it looks at what is there and not at who woke it.
 */
#include <string.h>

#include "run/internal.h"

bool
call_go(struct live_call *lc, enum state s)
{
	call_enter(lc, s);
	return true;
}

bool
call_end(struct live_call *lc, enum outcome o)
{
	if (!lc->has_failed)
		lc->outcome = o;
	return call_go(lc, STATE_DONE);
}

bool
call_end_failed(struct live_call *lc, struct err *e, bool wrap)
{
	live_call_fail(lc, e, wrap);
	return call_go(lc, STATE_DONE);
}

bool
call_end_cancelled(struct live_call *lc)
{
	live_call_fail_cancelled(lc);
	return call_go(lc, STATE_DONE);
}

bool
call_end_skipped(
    struct live_call *lc, enum skip_reason reason, const char *text)
{
	lc->skip = reason;
	live_call_emit(lc,
	    &(struct event){
		.kind = EVENT_TASK_SKIPPED, .reason = reason, .text = text });
	return call_end(lc, OUTCOME_SKIPPED);
}

bool
live_call_ask(struct live_call *lc, const char *text)
{
	if (lc->command.state == COMMAND_IDLE ||
	    lc->command.state == COMMAND_DONE) {
		if (lc->command.state == COMMAND_DONE &&
		    lc->command.text == text)
			return true;
		command_init(&lc->command, lc->r, lc, text, lc->ctask->dir,
		    live_call_env(lc));
		command_start(&lc->command);
	}
	return lc->command.state == COMMAND_DONE;
}

bool
live_call_unanswered(struct live_call *lc, struct err *e)
{
	struct command *cm = &lc->command;

	if (!cm->unanswered)
		return false;
	cm->state = COMMAND_IDLE;
	command_unanswered(cm, e);
	return true;
}

/* The answer was used; the next question is a new one. */
bool
live_call_answered_yes(struct live_call *lc)
{
	lc->command.state = COMMAND_IDLE;
	return !err_is_set(&lc->command.err);
}

/* ---- the environment of its jobs ---- */

/* Do "NAME=…" and "NAME=…" set the same variable? */
static bool
sets_the_same(const char *x, const char *y)
{
	for (; *x == *y && *x != '=' && *x != '\0'; x++)
		y++;
	return *x == '=' && *y == '=';
}

static bool
sets_one_of(const char *entry, const char *const *more)
{
	for (; *more != NULL; more++)
		if (sets_the_same(entry, *more))
			return true;
	return false;
}

/* The task's, with what every job of the run gets.  Most tasks add nothing to
 * what there is, and share one. */
static char *const *
call_job_env(struct live_call *lc)
{
	struct run *r = lc->r;
	const char *const *extra = r->config.extra_env;
	char *const *env = lc->ctask->env;
	bool is_shared = env != NULL && lc->ctask->env_is_shared;
	size_t n = 0, k = 0;
	char **out;

	if (extra == NULL || *extra == NULL)
		return env;
	if (is_shared && env == r->shared_env)
		return r->shared_job_env;
	while (env != NULL && env[n] != NULL)
		n++;
	for (size_t j = 0; extra[j] != NULL; j++)
		n++;
	out = arena_alloc(
	    is_shared ? r->arena : lc->arena, (n + 1) * sizeof(*out));
	for (size_t i = 0; env != NULL && env[i] != NULL; i++)
		if (!sets_one_of(env[i], extra))
			out[k++] = env[i];
	for (; *extra != NULL; extra++)
		out[k++] = (char *)*extra;
	if (is_shared) {
		r->shared_env = env;
		r->shared_job_env = out;
	}
	return out;
}

char *const *
live_call_env(struct live_call *lc)
{
	if (lc->env == NULL)
		lc->env = call_job_env(lc);
	return lc->env;
}

/* ---- before compiling ---- */

static bool
requirements_met(struct live_call *lc, struct err *e)
{
	struct run *r = lc->r;

	if (lc->is_status ||
	    requires_check(lc->arena, r->compiler, &lc->call, &lc->match, e))
		return true;
	if (e->code != ERR_MISSING_VARS || !ask_is_possible(r))
		return false;
	err_clear(e);
	return ask_missing(lc, e) &&
	       requires_check(lc->arena, r->compiler, &lc->call, &lc->match, e);
}

static void
call_wake(void *ctx)
{
	live_call_wake(ctx);
}

static bool
is_left_out(struct live_call *lc)
{
	const struct run_config *config = &lc->r->config;

	return config->passed_before != NULL &&
	       config->passed_before(config->ctx, lc->record);
}

bool
step_new(struct live_call *lc)
{
	struct err e = ERR_INIT;

	if (live_call_is_cancelled(lc))
		return call_end_cancelled(lc);
	if (err_is_set(&lc->lookup))
		return call_end_failed(lc, &lc->lookup, false);
	if (is_left_out(lc)) {
		lc->record->is_earlier = true;
		lc->r->result.narrowed = true;
		return call_end_skipped(lc, SKIP_EARLIER, NULL);
	}
	if (!lc->is_status &&
	    !platform_matches(&lc->match.task->rare->platforms))
		return call_end_skipped(lc, SKIP_PLATFORM, NULL);
	if (!requirements_met(lc, &e))
		return call_end_failed(lc, &e, false);
	lc->cursor = compile_begin(
	    lc->arena, lc->r->compiler, &lc->call, &lc->match, COMPILE_FULL);
	compile_on_wake(lc->cursor, call_wake, lc);
	return call_go(lc, STATE_COMPILE);
}

/* ---- compiling ---- */

static bool
compiled(struct live_call *lc)
{
	struct arena *a = lc->r->arena;

	lc->ctask = compile_result(lc->cursor);
	lc->env = NULL;
	lc->record->ctask = lc->ctask;
	lc->record->name = arena_strdup(a, lc->ctask->name);
	return call_go(lc, STATE_IF);
}

bool
step_compile(struct live_call *lc)
{
	struct err e = ERR_INIT;

	if (lc->open_sh_vars > 0)
		return false;
	if (live_call_is_cancelled(lc)) {
		compile_cancel(lc->cursor);
		return call_end_cancelled(lc);
	}
	switch (compile_step(lc->cursor, &e)) {
	case COMPILE_DONE:
		return compiled(lc);
	case COMPILE_NEEDS_SHELL:
		sh_vars_start(lc);
		return lc->open_sh_vars == 0;
	case COMPILE_WAITS:
		return false;
	case COMPILE_FAILED:
		return call_end_failed(lc, &e, false);
	}
	BUG("compile status");
}

/* ---- checks ---- */

bool
step_if(struct live_call *lc)
{
	struct err e = ERR_INIT;

	if (live_call_is_cancelled(lc) && !command_is_active(&lc->command))
		return call_end_cancelled(lc);
	if (lc->is_status || is_blank(lc->ctask->if_text))
		return call_go(lc, STATE_CHECKS);
	if (!live_call_ask(lc, lc->ctask->if_text))
		return false;
	if (live_call_is_cancelled(lc))
		return call_end_cancelled(lc);
	if (live_call_unanswered(lc, &e))
		return call_end_failed(lc, &e, true);
	if (!live_call_answered_yes(lc))
		return call_end_skipped(lc, SKIP_IF, NULL);
	return call_go(lc, STATE_CHECKS);
}

bool
step_checks(struct live_call *lc)
{
	struct err e = ERR_INIT;

	if (lc->is_status)
		return call_go(lc, STATE_STATUS);
	if (!requires_check_enums(lc->arena, lc->r->compiler, lc->ctask, &e) ||
	    !cycle_check(lc, &e))
		return call_end_failed(lc, &e, false);
	return call_go(lc, STATE_ONCE);
}

/* ---- run: once, when_changed ---- */

/* L-190: the result of the one execution is ours, failure included. */
static bool
end_as_twin(struct live_call *lc, const struct once *o)
{
	struct err e = ERR_INIT;

	lc->record->twin = o->record;
	lc->skip = SKIP_TWIN;
	if (!err_is_set(&o->err))
		return call_end(lc, OUTCOME_SKIPPED);
	err_copy(&e, &o->err);
	lc->cause = o->record;
	live_call_fail(lc, &e, true);
	lc->outcome = o->outcome;
	return call_go(lc, STATE_DONE);
}

static bool
await_twin(struct live_call *lc, struct once *o)
{
	struct err e = ERR_INIT;

	live_call_emit(lc, &(struct event){ .kind = EVENT_TASK_SKIPPED,
			       .reason = SKIP_TWIN,
			       .text = o->key });
	if (o->is_settled)
		return end_as_twin(lc, o);
	if (call_waits_for(o->hold.holder, lc, false)) {
		plan_limit_error(&e, lc->match.task->name, CALLS_MAX_TEXT);
		return call_end_failed(lc, &e, true);
	}
	hold_wait(&o->hold, lc);
	return false;
}

bool
step_once(struct live_call *lc)
{
	struct err e = ERR_INIT;
	struct once *o;
	const char *key;

	if (lc->twin != NULL && lc->twin->is_settled)
		return end_as_twin(lc, lc->twin);
	if (live_call_is_cancelled(lc))
		return call_end_cancelled(lc);
	if (lc->twin != NULL)
		return false;
	if (!ctask_share_key(lc->arena, lc->r->compiler, lc->ctask, &key, &e))
		return call_end_failed(lc, &e, true);
	if (key != NULL) {
		o = once_get(lc->r, key);
		if (once_is_begun(o)) {
			lc->twin = o;
			return await_twin(lc, o);
		}
		once_begin(o, lc);
	}
	lc->record->start_ns = run_now(lc->r);
	live_call_emit(lc, &(struct event){ .kind = EVENT_CALL_STARTED });
	return call_go(lc, STATE_DEPS);
}

/* ---- deps ---- */

static void
deps_start(struct live_call *lc)
{
	const struct ctask *t = lc->ctask;
	struct entry *v = arena_alloc(lc->arena, t->deps.n * sizeof(*v));

	for (size_t i = 0; i < t->deps.n; i++) {
		const struct cdep *d = &t->deps.v[i];

		v[i].is_dep = true;
		v[i].call = (struct call){ .task = d->task,
			.vars = d->vars,
			.silent = d->silent,
			.indirect = true,
			.at = d->at };
		v[i].timeout_ns = d->timeout_ns;
		v[i].timeout_name = d->task;
	}
	group_init(&lc->group, lc, v, t->deps.n);
	group_start(&lc->group);
}

bool
step_deps(struct live_call *lc)
{
	if (lc->ctask->deps.n == 0)
		return call_go(lc, STATE_LOCK);
	if (!lc->deps_started) {
		lc->deps_started = true;
		deps_start(lc);
	}
	if (!group_is_settled(&lc->group)) {
		if (live_call_is_cancelled(lc))
			group_stop(&lc->group);
		if (!group_is_settled(&lc->group))
			return false;
	}
	if (!err_is_set(&lc->group.err))
		return call_go(lc, STATE_LOCK);
	lc->cause = lc->group.err_record;
	live_call_fail(lc, &lc->group.err, true);
	if (lc->outcome == OUTCOME_FAILED) {
		lc->outcome = OUTCOME_NOT_RUN;
		lc->skip = SKIP_DEP_FAILED;
		lc->record->skip_detail = lc->cause ? lc->cause->name : NULL;
	}
	return call_go(lc, STATE_DONE);
}

bool
step_lock(struct live_call *lc)
{
	struct err e = ERR_INIT;

	if (live_call_is_cancelled(lc))
		return call_end_cancelled(lc);
	if (!mutexes_take(lc, &e)) {
		if (!err_is_set(&e))
			return false;
		return call_end_failed(lc, &e, true);
	}
	lc->record->attempts = 1;
	return call_go(lc, lc->forced ? STATE_PROMPT : STATE_PRECONDITIONS);
}
