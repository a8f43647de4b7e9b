/* SPDX-License-Identifier: MIT */
/*
 * The commands of a call, one after the other: `if`, platforms, echo, job or
 * call, and what a failure means (L-192 to L-197).  Deferred entries take the
 * same way and end in defer.c.
 */
#include <signal.h>

#include "run/internal.h"

static bool
is_blank(const char *text)
{
	return text == NULL || sv_trim(sv_of(text)).n == 0;
}

/* ---- failure ---- */

/* C-315: what says that it was done must go. */
static void
forget(struct node *n)
{
	struct err e = ERR_INIT;

	if (n->r->config.dry)
		return;
	n->marked = false;
	if (!fp_forget(n->r->fp, n->arena, n->ctask, &e))
		node_emit(n,
		    &(struct event){ .kind = EVENT_CLEAN_FAILED,
			.text = e.message });
	err_clear(&e);
}

/* Calls that will not be made any more, so that the summary can name them. */
static void
record_rest(struct node *n)
{
	if (n->r->config.compat || n->depth > 1)
		return;
	for (size_t i = n->i; i < n->ctask->cmds.n; i++) {
		const struct ccmd *cmd = &n->ctask->cmds.v[i];

		if (cmd->kind == CMD_TASK && !cmd->defer)
			node_record_skipped(n, cmd->task, false,
			    node_is_cancelled(n) ? SKIP_CANCELLED :
						   SKIP_EARLIER_FAILED,
			    n->cause);
	}
}

static void
command_failed(struct node *n, struct err *e)
{
	forget(n);
	if (n->ctask->ignore_error && is_command_failure(e) &&
	    !node_is_cancelled(n)) {
		node_emit(n,
		    &(struct event){ .kind = EVENT_TASK_IGNORED,
			.text = e->message });
		n->hidden_failure = true;
		err_clear(e);
		return;
	}
	node_emit(n,
	    &(struct event){ .kind = EVENT_CALL_FAILED,
		.text = e->message });
	if (e->status > 0)
		n->exit_code = e->status;
	node_fail(n, e, true);
	record_rest(n);
}

void
command_done(struct node *n, struct err *e)
{
	entry_clock_stop(&n->one);
	if (n->shielded) {
		defer_done(n, e);
		return;
	}
	n->i += n->stretch;
	n->state = STATE_CMDS;
	if (err_is_set(e))
		command_failed(n, e);
	if (n->has_failed)
		n->state = STATE_JOIN;
}

/* `ignore_error` on the command itself (C-210). */
static void
ignore(struct node *n, const struct ccmd *cmd, struct err *e)
{
	if (!err_is_set(e) || !cmd->ignore_error || !is_command_failure(e))
		return;
	node_emit(n,
	    &(struct event){ .kind = EVENT_CMD_IGNORED,
		.cmd = cmd,
		.text = e->message });
	err_clear(e);
}

/* ---- one command ---- */

static void
on_started(struct work *w)
{
	entry_clock(&w->node->one);
}

static void
skip(struct node *n, enum skip_reason reason)
{
	struct err none = ERR_INIT;

	node_emit(n,
	    &(struct event){ .kind = EVENT_CMD_SKIPPED,
		.cmd = n->one.cmd,
		.reason = reason,
		.text = n->one.cmd->log_text });
	command_done(n, &none);
}

void
command_begin(struct node *n, const struct ccmd *cmd)
{
	n->stretch = 1;
	n->one = (struct entry){ .owner = n,
		.cmd = cmd,
		.work = &n->work,
		.timeout_ns = cmd->timeout_ns,
		.timeout_name = n->pub->name,
		.conditional = !is_blank(cmd->if_text),
		.err = ERR_INIT };
	n->work.state = WORK_IDLE;
	n->state = STATE_CMD_IF;
}

static struct call
call_of(const struct ccmd *cmd)
{
	return (struct call){ .task = cmd->task,
		.vars = cmd->vars,
		.silent = cmd->silent,
		.indirect = true };
}

static bool
start_calls(struct node *n, struct entry *v, size_t count)
{
	group_init(&n->group, n, v, count);
	group_start(&n->group);
	n->state = STATE_CMD_CALLS;
	return true;
}

static bool
start_job(struct node *n)
{
	const struct ccmd *cmd = n->one.cmd;

	work_init(&n->work, n->r, n, cmd->text, n->ctask->dir, n->env);
	n->work.cmd = cmd;
	n->work.started = on_started;
	n->state = STATE_CMD_JOB;
	work_start(&n->work);
	return true;
}

static bool
start_shell(struct node *n)
{
	const struct run_config *c = &n->r->config;
	const struct ccmd *cmd = n->one.cmd;
	struct err none = ERR_INIT;

	if (!platform_matches(&cmd->platforms)) {
		skip(n, SKIP_PLATFORM);
		return true;
	}
	node_emit(n,
	    &(struct event){ .kind = EVENT_CMD_ECHO,
		.cmd = cmd,
		.text = cmd->log_text,
		.quiet = !c->verbose &&
		    (cmd->silent || c->silent || n->ctask->silent) });
	if (!c->dry)
		return start_job(n);
	command_done(n, &none);
	return true;
}

/* Past its `if`. */
static bool
dispatch(struct node *n)
{
	const struct ccmd *cmd = n->one.cmd;
	struct err none = ERR_INIT;

	switch (cmd->kind) {
	case CMD_SHELL:
		if (cmd->text != NULL && *cmd->text != '\0')
			return start_shell(n);
		break;
	case CMD_TASK:
		n->one.call = call_of(cmd);
		n->one.state = ENTRY_READY;
		return start_calls(n, &n->one, 1);
	case CMD_NOTHING:
		break;
	}
	command_done(n, &none);
	return true;
}

static bool
command_cancelled(struct node *n)
{
	struct err e = ERR_INIT;

	err_set(&e, ERR_TASK_FAILED, "%s",
	    n->cancel_text ? n->cancel_text : CANCELLED_TEXT);
	command_done(n, &e);
	return true;
}

/* How a command ended that others cancelled says nothing of it: no exit code
 * for the defers, nothing to ignore. */
static void
blame_cancel(struct node *n, struct err *e)
{
	if (!err_is_set(e) || n->one.timed_out || !node_is_cancelled(n) ||
	    n->cancel_text == NULL)
		return;
	err_clear(e);
	err_set(e, ERR_TASK_FAILED, "%s", n->cancel_text);
}

bool
step_cmd_if(struct node *n)
{
	const struct ccmd *cmd = n->one.cmd;
	struct err e = ERR_INIT;

	if (is_blank(cmd->if_text))
		return dispatch(n);
	if (n->work.state == WORK_IDLE) {
		work_init(&n->work, n->r, n, cmd->if_text, n->ctask->dir,
		    n->env);
		n->work.started = on_started;
		work_start(&n->work);
	}
	if (n->work.state != WORK_DONE)
		return false;
	n->work.state = WORK_IDLE;
	if (node_is_cancelled(n))
		return command_cancelled(n);
	if (!err_is_set(&n->work.err))
		return dispatch(n);
	if (!n->one.timed_out) {
		skip(n, SKIP_IF);
		return true;
	}
	err_move(&e, &n->work.err);
	entry_timeout_error(&n->one, &e);
	command_done(n, &e);
	return true;
}

/* Calls and runs of a script that failed (P-104, P-108): one with the script's
 * own status is why; where the script has made good for them, they count for
 * nothing. */
static void
judge_failed(struct node *n, const struct err *e)
{
	const struct work *w = &n->work;

	for (size_t i = 0; i < w->failed.n; i++) {
		struct run_call *pub = w->failed.v[i];

		if (!err_is_set(e))
			pub->is_phase = false;
		else if (n->cause == NULL && e->status == pub->exit_status)
			n->cause = pub;
	}
}

bool
step_cmd_job(struct node *n)
{
	struct err e = ERR_INIT;

	if (n->work.state != WORK_DONE)
		return false;
	n->work.state = WORK_IDLE;
	err_move(&e, &n->work.err);
	entry_timeout_error(&n->one, &e);
	blame_cancel(n, &e);
	ignore(n, n->one.cmd, &e);
	if (!n->has_failed && !n->shielded)
		judge_failed(n, &e);
	command_done(n, &e);
	if (!n->has_failed)
		n->cause = NULL;
	return true;
}

bool
step_cmd_calls(struct node *n)
{
	struct group *g = &n->group;
	struct err e = ERR_INIT;

	if (!group_is_settled(g) && node_is_cancelled(n))
		group_stop(g);
	if (!group_is_settled(g))
		return false;
	if (err_is_set(&g->err) && !n->has_failed && !n->shielded)
		n->cause = g->err_pub;
	err_move(&e, &g->err);
	command_done(n, &e);
	if (!n->has_failed)
		n->cause = NULL;
	return true;
}

/* ---- background calls and `wait` (P-103) ---- */

static void
start_background(struct node *n, const struct ccmd *cmd)
{
	struct group *g = arena_new_of(n->arena, struct group);
	struct entry *en = arena_new_of(n->arena, struct entry);

	en->cmd = cmd;
	en->call = call_of(cmd);
	en->state = ENTRY_READY;
	en->is_background = true;
	en->timeout_ns = cmd->timeout_ns;
	en->timeout_name = n->pub->name;
	group_init(g, n, en, 1);
	vec_push(n->arena, &n->background, g);
	group_start(g);
}

/* All background calls have settled: the first error in declared order. */
static bool
background_settled(struct node *n, struct err *e)
{
	for (size_t i = 0; i < n->background.n; i++)
		if (!group_is_settled(n->background.v[i]))
			return false;
	for (size_t i = 0; i < n->background.n; i++) {
		struct group *g = n->background.v[i];

		if (err_is_set(&g->err) && !err_is_set(e)) {
			if (!n->has_failed)
				n->cause = g->err_pub;
			err_move(e, &g->err);
		}
		group_free(g);
	}
	n->background.n = 0;
	return true;
}

static void
stop_background(struct node *n)
{
	for (size_t i = 0; i < n->background.n; i++)
		group_stop(n->background.v[i]);
}

bool
step_join(struct node *n)
{
	bool at_end = n->has_failed || n->i >= n->ctask->cmds.n;
	struct err e = ERR_INIT;

	if (node_is_cancelled(n) ||
	    (n->has_failed && (n->r->config.failfast || n->ctask->failfast)))
		stop_background(n);
	if (!background_settled(n, &e))
		return false;
	if (!at_end) { /* a `wait` command */
		n->stretch = 1;
		command_done(n, &e);
		return true;
	}
	if (err_is_set(&e) && !n->has_failed)
		command_failed(n, &e);
	err_clear(&e);
	if (!n->has_failed)
		node_emit(n, &(struct event){ .kind = EVENT_CALL_FINISHED });
	defers_begin(n);
	return true;
}

/* ---- the list ---- */

static const struct ccmd *
as_call(struct node *n, size_t i, bool *background)
{
	const struct ccmd *cmd = &n->ctask->cmds.v[i];

	*background = false;
	if (cmd->kind == CMD_TASK)
		return cmd;
	return words_call(n, cmd, background);
}

/* P-102: a stretch of calls; what is deferred in between is registered. */
static bool
begin_stretch(struct node *n)
{
	size_t max = n->ctask->cmds.n - n->i, count = 0, k = 0;
	struct entry *v = arena_alloc(n->arena, max * sizeof(*v));

	for (; k < max; k++) {
		const struct ccmd *cmd = &n->ctask->cmds.v[n->i + k];
		bool background;

		if (cmd->defer) {
			vec_push(n->arena, &n->defers, n->i + k);
			continue;
		}
		cmd = as_call(n, n->i + k, &background);
		if (cmd == NULL || background)
			break;
		v[count].cmd = cmd;
		v[count].call = call_of(cmd);
		v[count].timeout_ns = cmd->timeout_ns;
		v[count].timeout_name = n->pub->name;
		v[count].conditional = !is_blank(cmd->if_text);
		count++;
	}
	n->stretch = k;
	return start_calls(n, v, count);
}

static bool
is_wait(const struct node *n, const struct ccmd *cmd)
{
	return cmd->kind == CMD_SHELL && cmd->plain && n->background.n > 0 &&
	    sv_is(sv_trim(sv_of(cmd->text)), "wait");
}

/* P-107: one after the other, the background calls too. */
static bool
is_busy_serially(const struct node *n)
{
	return n->r->config.serial && n->background.n > 0 &&
	    !group_is_settled(n->background.v[n->background.n - 1]);
}

bool
step_cmds(struct node *n)
{
	const struct ctask *t = n->ctask;

	if (is_busy_serially(n))
		return false;
	if (node_is_cancelled(n))
		return command_cancelled(n);
	while (n->i < t->cmds.n) {
		const struct ccmd *cmd = &t->cmds.v[n->i], *call;
		bool background;

		if (cmd->defer) {
			vec_push(n->arena, &n->defers, n->i);
			n->i++;
			continue;
		}
		call = as_call(n, n->i, &background);
		if (background) {
			start_background(n, call);
			n->i++;
			if (is_busy_serially(n))
				return false;
			continue;
		}
		if (call != NULL && t->task->parallel)
			return begin_stretch(n);
		if (is_wait(n, cmd)) {
			n->state = STATE_JOIN;
			return true;
		}
		command_begin(n, call ? call : cmd);
		return true;
	}
	n->state = STATE_JOIN;
	return true;
}
