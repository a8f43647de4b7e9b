/* SPDX-License-Identifier: MIT */
/*
 * The commands of a call, one after the other: `if`, platforms, echo, job or
 * call, and what a failure means (L-192 to L-197).  Deferred entries take the
 * same way and end in defer.c.
 */
#include <signal.h>

#include "run/internal.h"

/* ---- failure ---- */

/* C-315: what says that it was done must go. */
static void
cmd_forget(struct live_call *lc)
{
	struct err e = ERR_INIT;

	if (lc->r->config.dry)
		return;
	lc->marked = false;
	if (!fp_forget(lc->r->fp, lc->arena, lc->ctask, &e))
		live_call_emit(lc, &(struct event){ .kind = EVENT_CLEAN_FAILED,
				       .text = e.message });
	err_clear(&e);
}

/* Calls that will not be made any more, so that the summary can name them. */
static void
record_rest(struct live_call *lc)
{
	if (lc->r->config.compat || lc->depth > 1)
		return;
	for (size_t i = lc->next_cmd; i < lc->ctask->cmds.n; i++) {
		const struct ccmd *cmd = &lc->ctask->cmds.v[i];

		if (cmd->kind == CMD_TASK && !cmd->defer)
			record_skipped(lc, cmd->task, false,
			    live_call_is_cancelled(lc) ? SKIP_CANCELLED
						       : SKIP_EARLIER_FAILED,
			    lc->cause);
	}
}

static void
command_failed(struct live_call *lc, struct err *e)
{
	cmd_forget(lc);
	if (lc->ctask->ignore_error && is_command_failure(e) &&
	    !live_call_is_cancelled(lc)) {
		live_call_emit(lc, &(struct event){ .kind = EVENT_TASK_IGNORED,
				       .text = e->message });
		lc->hidden_failure = true;
		err_clear(e);
		return;
	}
	live_call_emit(lc,
	    &(struct event){ .kind = EVENT_CALL_FAILED, .text = e->message });
	if (e->status > 0)
		lc->exit_code = e->status;
	live_call_fail(lc, e, true);
	record_rest(lc);
}

static enum call_stage
stage_at(const struct live_call *lc, size_t at)
{
	const struct ccmd *cmd = &lc->ctask->cmds.v[at];

	return cmd->source != NULL ? cmd->source->stage : STAGE_OTHER;
}

/* A check of a derived task that failed hides no other: what looks or builds
 * runs, and the task fails behind it (P-1403). */
static void
put_off_failure(struct live_call *lc, struct err *e)
{
	if (!err_is_set(e) || lc->r->config.failfast || lc->ctask->failfast ||
	    live_call_is_cancelled(lc))
		return;
	for (size_t i = 0; i < lc->stretch; i++)
		if (!lc->ctask->cmds.v[lc->next_cmd + i].defer &&
		    stage_at(lc, lc->next_cmd + i) < STAGE_CHECKS)
			return;
	if (!err_is_set(&lc->late))
		err_move(&lc->late, e);
	err_clear(e);
}

/* Does what was put off end the task in front of this command? */
static bool
is_time_to_fail(const struct live_call *lc)
{
	return err_is_set(&lc->late) &&
	       (lc->next_cmd >= lc->ctask->cmds.n ||
		   stage_at(lc, lc->next_cmd) == STAGE_OTHER);
}

/* It has failed, or will when what may run yet has run. */
static bool
has_cause(const struct live_call *lc)
{
	return lc->has_failed || err_is_set(&lc->late);
}

void
cmd_done(struct live_call *lc, struct err *e)
{
	entry_clock_stop(&lc->one);
	if (lc->shielded) {
		defer_done(lc, e);
		return;
	}
	put_off_failure(lc, e);
	lc->next_cmd += lc->stretch;
	if (err_is_set(e))
		command_failed(lc, e);
	call_enter(lc, lc->has_failed ? STATE_WAIT : STATE_CMDS);
}

/* `ignore_error` on the command itself (C-210). */
static void
ignore(struct live_call *lc, const struct ccmd *cmd, struct err *e)
{
	if (!err_is_set(e) || !cmd->ignore_error || !is_command_failure(e))
		return;
	live_call_emit(lc,
	    &(struct event){
		.kind = EVENT_CMD_IGNORED, .cmd = cmd, .text = e->message });
	err_clear(e);
}

/* ---- one command ---- */

static void
on_started(struct command *cm)
{
	entry_clock(&cm->owner->one);
}

static void
cmd_skip(struct live_call *lc, enum skip_reason reason)
{
	struct err none = ERR_INIT;

	live_call_emit(lc, &(struct event){ .kind = EVENT_CMD_SKIPPED,
			       .cmd = lc->one.cmd,
			       .reason = reason,
			       .text = lc->one.cmd->log_text });
	cmd_done(lc, &none);
}

void
cmd_begin(struct live_call *lc, const struct ccmd *cmd)
{
	lc->stretch = 1;
	lc->one = (struct entry){ .owner = lc,
		.cmd = cmd,
		.command = &lc->command,
		.timeout_ns = cmd->timeout_ns,
		.timeout_name = lc->record->name,
		.conditional = !is_blank(cmd->if_text),
		.err = ERR_INIT };
	lc->command.state = COMMAND_IDLE;
	call_enter(lc, STATE_CMD_IF);
}

static struct call
call_of(const struct ccmd *cmd)
{
	return (struct call){ .task = cmd->task,
		.vars = cmd->vars,
		.silent = cmd->silent,
		.indirect = true,
		.at = cmd->at };
}

static bool
start_calls(struct live_call *lc, struct entry *v, size_t count)
{
	group_init(&lc->group, lc, v, count);
	group_start(&lc->group);
	return call_go(lc, STATE_CMD_CALLS);
}

/* Its line is shown when it starts, not when it waits for a slot (P-502). */
static void
cmd_echo(struct live_call *lc)
{
	const struct run_config *c = &lc->r->config;
	const struct ccmd *cmd = lc->one.cmd;

	live_call_emit(
	    lc, &(struct event){ .kind = EVENT_CMD_ECHO,
		    .cmd = cmd,
		    .text = cmd->log_text,
		    .quiet = !c->verbose &&
			     (cmd->silent || c->silent || lc->ctask->silent) });
}

static void
on_begins(struct command *cm)
{
	cmd_echo(cm->owner);
}

static bool
cmd_start_job(struct live_call *lc)
{
	const struct ccmd *cmd = lc->one.cmd;

	command_init(
	    &lc->command, lc->r, lc, cmd->text, lc->ctask->dir,
	    live_call_env(lc));
	lc->command.cmd = cmd;
	lc->command.begins = on_begins;
	lc->command.started = on_started;
	call_enter(lc, STATE_CMD_JOB);
	command_start(&lc->command);
	return true;
}

static bool
start_shell(struct live_call *lc)
{
	const struct run_config *c = &lc->r->config;
	const struct ccmd *cmd = lc->one.cmd;
	struct err none = ERR_INIT;

	if (!platform_matches(&cmd->platforms)) {
		cmd_skip(lc, SKIP_PLATFORM);
		return true;
	}
	if (!c->dry)
		return cmd_start_job(lc);
	cmd_echo(lc);
	cmd_done(lc, &none);
	return true;
}

/* Past its `if`. */
static bool
cmd_dispatch(struct live_call *lc)
{
	const struct ccmd *cmd = lc->one.cmd;
	struct err none = ERR_INIT;

	switch (cmd->kind) {
	case CMD_SHELL:
	case CMD_JOIN:
	case CMD_BARRIER:
		if (cmd->text != NULL && *cmd->text != '\0')
			return start_shell(lc);
		break;
	case CMD_TASK:
		lc->one.call = call_of(cmd);
		lc->one.state = ENTRY_READY;
		return start_calls(lc, &lc->one, 1);
	case CMD_NOTHING:
		break;
	}
	cmd_done(lc, &none);
	return true;
}

static bool
command_cancelled(struct live_call *lc)
{
	struct err e = ERR_INIT;

	err_set(&e, ERR_TASK_FAILED, "%s",
	    lc->cancel_text ? lc->cancel_text : CANCELLED_TEXT);
	cmd_done(lc, &e);
	return true;
}

/* How a command ended that others cancelled says nothing of it: no exit code
 * for the defers, nothing to ignore. */
static void
blame_cancel(struct live_call *lc, struct err *e)
{
	if (!err_is_set(e) || lc->one.timed_out ||
	    !live_call_is_cancelled(lc) || lc->cancel_text == NULL)
		return;
	err_clear(e);
	err_set(e, ERR_TASK_FAILED, "%s", lc->cancel_text);
}

bool
step_cmd_if(struct live_call *lc)
{
	const struct ccmd *cmd = lc->one.cmd;
	struct err e = ERR_INIT;

	if (is_blank(cmd->if_text))
		return cmd_dispatch(lc);
	if (lc->command.state == COMMAND_IDLE) {
		command_init(&lc->command, lc->r, lc, cmd->if_text,
		    lc->ctask->dir, live_call_env(lc));
		lc->command.started = on_started;
		command_start(&lc->command);
	}
	if (lc->command.state != COMMAND_DONE)
		return false;
	lc->command.state = COMMAND_IDLE;
	if (live_call_is_cancelled(lc))
		return command_cancelled(lc);
	if (!err_is_set(&lc->command.err) && !lc->one.timed_out)
		return cmd_dispatch(lc);
	if (!lc->one.timed_out && !lc->command.unanswered) {
		cmd_skip(lc, SKIP_IF);
		return true;
	}
	command_unanswered(&lc->command, &e);
	entry_timeout_error(&lc->one, &e);
	cmd_done(lc, &e);
	return true;
}

/* Calls and runs of a script that failed (P-104, P-108): one with the script's
 * own status is why; where the script has made good for them, they count for
 * nothing. */
static void
judge_failed(struct live_call *lc, const struct err *e)
{
	const struct command *cm = &lc->command;

	for (size_t i = 0; i < cm->failed.n; i++) {
		struct run_call *record = cm->failed.v[i];

		if (!err_is_set(e))
			record->excused = true;
		else if (lc->cause == NULL && e->status == record->exit_status)
			lc->cause = record;
	}
}

bool
step_cmd_job(struct live_call *lc)
{
	struct err e = ERR_INIT;

	if (lc->command.state != COMMAND_DONE)
		return false;
	lc->command.state = COMMAND_IDLE;
	err_move(&e, &lc->command.err);
	entry_timeout_error(&lc->one, &e);
	blame_cancel(lc, &e);
	ignore(lc, lc->one.cmd, &e);
	if (!has_cause(lc) && !lc->shielded)
		judge_failed(lc, &e);
	cmd_done(lc, &e);
	if (!has_cause(lc))
		lc->cause = NULL;
	return true;
}

bool
step_cmd_calls(struct live_call *lc)
{
	struct group *g = &lc->group;
	struct err e = ERR_INIT;

	if (!group_is_settled(g) && live_call_is_cancelled(lc))
		group_stop(g);
	if (!group_is_settled(g))
		return false;
	if (err_is_set(&g->err) && !has_cause(lc) && !lc->shielded)
		lc->cause = g->err_record;
	err_move(&e, &g->err);
	cmd_done(lc, &e);
	if (!has_cause(lc))
		lc->cause = NULL;
	return true;
}

/* ---- background calls and `wait` (P-103) ---- */

static void
start_background(struct live_call *lc, const struct ccmd *cmd)
{
	struct group *g = arena_new_of(lc->arena, struct group);
	struct entry *en = arena_new_of(lc->arena, struct entry);

	en->cmd = cmd;
	en->call = call_of(cmd);
	en->state = ENTRY_READY;
	en->is_background = true;
	en->timeout_ns = cmd->timeout_ns;
	en->timeout_name = lc->record->name;
	group_init(g, lc, en, 1);
	vec_push(lc->arena, &lc->background, g);
	group_start(g);
}

/* All background calls have settled: the first error in declared order. */
static bool
background_settled(struct live_call *lc, struct err *e)
{
	for (size_t i = 0; i < lc->background.n; i++)
		if (!group_is_settled(lc->background.v[i]))
			return false;
	for (size_t i = 0; i < lc->background.n; i++) {
		struct group *g = lc->background.v[i];

		if (err_is_set(&g->err) && !err_is_set(e)) {
			if (!lc->has_failed)
				lc->cause = g->err_record;
			err_move(e, &g->err);
		}
		group_free(g);
	}
	lc->background.n = 0;
	return true;
}

static void
stop_background(struct live_call *lc)
{
	for (size_t i = 0; i < lc->background.n; i++)
		group_stop(lc->background.v[i]);
}

bool
step_wait(struct live_call *lc)
{
	bool at_end = lc->has_failed || lc->next_cmd >= lc->ctask->cmds.n;
	struct err e = ERR_INIT;

	if (live_call_is_cancelled(lc) ||
	    (lc->has_failed && (lc->r->config.failfast || lc->ctask->failfast)))
		stop_background(lc);
	if (!background_settled(lc, &e))
		return false;
	if (!at_end) { /* a `wait` command */
		lc->stretch = 1;
		cmd_done(lc, &e);
		return true;
	}
	if (err_is_set(&e) && !lc->has_failed)
		command_failed(lc, &e);
	err_clear(&e);
	if (!lc->has_failed)
		live_call_emit(
		    lc, &(struct event){ .kind = EVENT_CALL_FINISHED });
	defers_begin(lc);
	return true;
}

/* ---- the list ---- */

/* Entries from here on that belong to one stretch. */
static size_t
stretch_length(const struct live_call *lc)
{
	size_t max = lc->ctask->cmds.n - lc->next_cmd, k = 0;

	for (; k < max; k++) {
		const struct ccmd *cmd = &lc->ctask->cmds.v[lc->next_cmd + k];

		if (!cmd->defer && (cmd->kind != CMD_TASK || cmd->background))
			break;
	}
	return k;
}

/* P-102: a stretch of calls; what is deferred in between is registered. */
static bool
begin_stretch(struct live_call *lc)
{
	size_t max = stretch_length(lc), count = 0, k = 0;
	struct entry *v = arena_alloc(lc->arena, max * sizeof(*v));

	for (; k < max; k++) {
		const struct ccmd *cmd = &lc->ctask->cmds.v[lc->next_cmd + k];

		if (cmd->defer) {
			vec_push(lc->arena, &lc->defers, lc->next_cmd + k);
			continue;
		}
		v[count].cmd = cmd;
		v[count].call = call_of(cmd);
		v[count].timeout_ns = cmd->timeout_ns;
		v[count].timeout_name = lc->record->name;
		v[count].conditional = !is_blank(cmd->if_text);
		count++;
	}
	lc->stretch = k;
	return start_calls(lc, v, count);
}

/* P-107: one after the other, the background calls too. */
static bool
is_busy_serially(const struct live_call *lc)
{
	return lc->r->config.serial && lc->background.n > 0 &&
	       !group_is_settled(lc->background.v[lc->background.n - 1]);
}

bool
step_cmds(struct live_call *lc)
{
	const struct ctask *t = lc->ctask;

	if (is_busy_serially(lc))
		return false;
	if (live_call_is_cancelled(lc))
		return command_cancelled(lc);
	while (lc->next_cmd < t->cmds.n) {
		const struct ccmd *cmd = &t->cmds.v[lc->next_cmd];

		if (cmd->defer) {
			vec_push(lc->arena, &lc->defers, lc->next_cmd);
			lc->next_cmd++;
			continue;
		}
		if (is_time_to_fail(lc))
			break;
		if (cmd->background) {
			start_background(lc, cmd);
			lc->next_cmd++;
			if (is_busy_serially(lc))
				return false;
			continue;
		}
		if (cmd->kind == CMD_TASK && t->task->parallel)
			return begin_stretch(lc);
		if (cmd->kind == CMD_JOIN && lc->background.n > 0)
			return call_go(lc, STATE_WAIT);
		cmd_begin(lc, cmd);
		return true;
	}
	if (is_time_to_fail(lc))
		command_failed(lc, &lc->late);
	return call_go(lc, STATE_WAIT);
}
