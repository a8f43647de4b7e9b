/* SPDX-License-Identifier: MIT */
/*
 * The end of an attempt: deferred entries in reverse order in a context of
 * their own (L-196, L-197), then the record of success, or another try (P-110).
 */
#include <signal.h>

#include "run/internal.h"

void
defers_begin(struct node *n)
{
	n->shielded = true;
	n->state = STATE_DEFERS;
}

void
defer_done(struct node *n, struct err *e)
{
	n->state = STATE_DEFERS;
	if (!err_is_set(e))
		return;
	node_emit(n,
	    &(struct event){ .kind = EVENT_DEFER_IGNORED,
		.text = e->message });
	err_clear(e);
}

bool
step_defers(struct node *n)
{
	struct err e = ERR_INIT;
	struct ccmd *cmd;
	size_t i;

	if (n->defers.n == 0 || n->r->no_defers) {
		n->shielded = false;
		n->state = STATE_AFTER;
		return true;
	}
	i = n->defers.v[--n->defers.n];
	cmd = arena_new_of(n->arena, struct ccmd);
	if (compile_defer(n->arena, n->r->compiler, n->ctask,
		&n->ctask->cmds.v[i], n->exit_code, cmd, &e)) {
		command_begin(n, cmd);
		return true;
	}
	/* A clean-up that cannot even be named must not pass unseen. */
	node_emit(n,
	    &(struct event){ .kind = EVENT_DEFER_IGNORED,
		.text = e.message });
	node_fail(n, &e, true);
	return true;
}

/* ---- after ---- */

static bool
may_retry(const struct node *n)
{
	const struct run *r = n->r;

	return n->has_failed && !node_is_cancelled(n) && !r->config.dry &&
	    (int)n->pub->attempts <= n->match.task->retries &&
	    (n->inner.code == ERR_TASK_FAILED || n->inner.code == ERR_TIMEOUT ||
		n->inner.code == ERR_GENERIC);
}

static bool
record(struct node *n)
{
	struct run *r = n->r;
	struct err e = ERR_INIT;
	bool disturbed = false;

	if (r->config.dry || n->forced || n->hidden_failure ||
	    !n->fp.has_sources)
		return true;
	n->marked = false;
	if (!fp_record(r->fp, n->arena, n->ctask, &n->fp, &disturbed, &e)) {
		node_fail(n, &e, true);
		return false;
	}
	if (disturbed) {
		r->result.disturbed = true;
		return true;
	}
	if (n->match.task->cache && !n->restored && r->config.save != NULL)
		r->config.save(r->config.ctx, n->pub, &n->fp);
	return true;
}

static void
on_retry(void *arg)
{
	struct node *n = arg;

	n->timer = NULL;
	node_wake(n);
}

static void
begin_retry(struct node *n)
{
	node_emit(n,
	    &(struct event){ .kind = EVENT_ATTEMPT_FAILED,
		.text = n->inner.message,
		.status = (int)n->pub->attempts });
	n->pub->attempts++;
	n->has_failed = n->hidden_failure = false;
	err_clear(&n->inner);
	n->cause = NULL;
	n->outcome = OUTCOME_NONE;
	n->status_ok = true;
	n->exit_code = -1;
	n->i = 0;
	n->work.state = WORK_IDLE;
	n->state = STATE_RETRY;
	if (n->match.task->retry_delay_ns > 0)
		n->timer = run_timer_start(n->r, n->match.task->retry_delay_ns,
		    on_retry, n);
}

bool
step_retry(struct node *n)
{
	if (node_is_cancelled(n)) {
		node_fail_cancelled(n);
		n->state = STATE_DONE;
		return true;
	}
	if (n->timer != NULL)
		return false;
	n->state = n->forced ? STATE_PROMPT : STATE_PRECONDITIONS;
	return true;
}

static void
passed(struct node *n)
{
	struct err e = ERR_INIT;

	n->outcome = OUTCOME_PASSED;
	if (n->pub->attempts <= 1)
		return;
	n->pub->flaky = true;
	if (!n->r->config.flaky_fails)
		return;
	err_set(&e, ERR_TASK_FAILED, "passed only on attempt %u (flaky)",
	    n->pub->attempts);
	node_fail(n, &e, true);
}

bool
step_after(struct node *n)
{
	if (may_retry(n)) {
		begin_retry(n);
		return true;
	}
	if (!n->has_failed && record(n))
		passed(n);
	if (n->marked)
		fp_unlock(n->r->fp, n->arena, n->ctask);
	n->marked = false;
	n->state = STATE_DONE;
	return true;
}
