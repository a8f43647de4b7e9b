/* SPDX-License-Identifier: MIT */
/*
 * The end of an attempt: deferred entries in reverse order in a context of
 * their own (L-196, L-197), then the record of success, or another try (P-110).
 */
#include <signal.h>

#include "base/io.h"
#include "run/internal.h"

void
defers_begin(struct live_call *lc)
{
	lc->shielded = true;
	call_enter(lc, STATE_DEFERS);
}

/* How a clean-up ends counts for nothing; that there was none does.  One that
 * removed its own directory has been done. */
static bool
never_ran(const struct live_call *lc)
{
	const struct command *cm = &lc->command;

	return cm->unanswered && (is_blank(cm->dir) || path_exists(cm->dir));
}

void
defer_done(struct live_call *lc, struct err *e)
{
	call_enter(lc, STATE_DEFERS);
	if (!err_is_set(e))
		return;
	live_call_emit(lc,
	    &(struct event){ .kind = EVENT_DEFER_IGNORED, .text = e->message });
	if (lc->one.record != NULL)
		lc->one.record->excused = true;
	if (never_ran(lc))
		live_call_fail(lc, e, true);
	err_clear(e);
}

bool
step_defers(struct live_call *lc)
{
	struct err e = ERR_INIT;
	struct ccmd *cmd;
	size_t i;

	if (lc->defers.n == 0 || lc->r->no_defers) {
		lc->shielded = false;
		return call_go(lc, STATE_AFTER);
	}
	i = lc->defers.v[--lc->defers.n];
	lc->command.unanswered = false;
	cmd = arena_new_of(lc->arena, struct ccmd);
	if (compile_defer(lc->arena, lc->r->compiler, lc->ctask,
		&lc->ctask->cmds.v[i], lc->exit_code, cmd, &e)) {
		cmd_begin(lc, cmd);
		return true;
	}
	/* A clean-up that cannot even be named must not pass unseen. */
	live_call_emit(lc,
	    &(struct event){ .kind = EVENT_DEFER_IGNORED, .text = e.message });
	live_call_fail(lc, &e, true);
	return true;
}

/* ---- after ---- */

static bool
may_retry(const struct live_call *lc)
{
	const struct run *r = lc->r;

	return lc->has_failed && !live_call_is_cancelled(lc) &&
	       !r->config.dry &&
	       (int)lc->record->attempts <= lc->match.task->retries &&
	       (lc->inner.code == ERR_TASK_FAILED ||
		   lc->inner.code == ERR_TIMEOUT ||
		   lc->inner.code == ERR_GENERIC);
}

static bool
record(struct live_call *lc)
{
	struct run *r = lc->r;
	struct err e = ERR_INIT;
	bool disturbed = false;

	if (r->config.dry || lc->forced || lc->hidden_failure ||
	    !lc->fp.has_sources)
		return true;
	lc->marked = false;
	if (!fp_record(r->fp, lc->arena, lc->ctask, &lc->fp, &disturbed, &e)) {
		live_call_fail(lc, &e, true);
		return false;
	}
	if (disturbed)
		r->result.disturbed = true;
	else
		cached_keep(lc);
	return true;
}

/* What its attempt called is called again. */
static void
excuse_attempt(const struct live_call *lc)
{
	const struct run *r = lc->r;

	for (size_t i = lc->record->id; i < r->calls.n; i++)
		if (r->calls.v[i]->parent == lc->record &&
		    !r->calls.v[i]->is_dep)
			r->calls.v[i]->excused = true;
}

static void
begin_retry(struct live_call *lc)
{
	excuse_attempt(lc);
	live_call_emit(lc, &(struct event){ .kind = EVENT_ATTEMPT_FAILED,
			       .text = lc->inner.message,
			       .status = (int)lc->record->attempts });
	lc->record->attempts++;
	lc->has_failed = lc->hidden_failure = false;
	err_clear(&lc->inner);
	lc->cause = NULL;
	lc->outcome = OUTCOME_NONE;
	lc->status_ok = true;
	lc->exit_code = -1;
	lc->next_cmd = 0;
	lc->command.state = COMMAND_IDLE;
	call_enter(lc, STATE_RETRY);
	if (lc->match.task->rare->retry_delay_ns > 0)
		live_call_wake_in(lc, lc->match.task->rare->retry_delay_ns);
}

bool
step_retry(struct live_call *lc)
{
	if (live_call_is_cancelled(lc)) {
		live_call_fail_cancelled(lc);
		return call_go(lc, STATE_DONE);
	}
	if (lc->timer != NULL)
		return false;
	return call_go(lc, lc->forced ? STATE_PROMPT : STATE_PRECONDITIONS);
}

static void
passed(struct live_call *lc)
{
	struct err e = ERR_INIT;

	lc->outcome = lc->is_back ? OUTCOME_CACHED : OUTCOME_PASSED;
	if (lc->record->attempts <= 1)
		return;
	lc->record->flaky = true;
	if (!lc->r->config.flaky_fails)
		return;
	err_set(&e, ERR_TASK_FAILED, "passed only on attempt %u (flaky)",
	    lc->record->attempts);
	live_call_fail(lc, &e, true);
}

bool
step_after(struct live_call *lc)
{
	struct err ignored cleanup_err = ERR_INIT;

	if (may_retry(lc)) {
		begin_retry(lc);
		return true;
	}
	if (!lc->has_failed && record(lc))
		passed(lc);
	if (lc->marked && lc->has_failed)
		fp_forget(lc->r->fp, lc->arena, lc->ctask, &ignored);
	else if (lc->marked)
		fp_unlock(lc->r->fp, lc->arena, lc->ctask);
	lc->marked = false;
	return call_go(lc, STATE_DONE);
}
