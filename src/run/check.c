/* SPDX-License-Identifier: MIT */
/*
 * Is there anything to do, and may it be done?  The states of a call between its
 * deps and its commands: preconditions, status and sources, prompts, the mark
 * for other runs, the directory.
 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "run/internal.h"

/* ---- questions ---- */

/* Fails the attempt; a retry may follow. */
static bool
attempt_failed(struct node *n, struct err *e)
{
	node_fail(n, e, true);
	return call_go(n, STATE_AFTER);
}

bool
step_preconditions(struct node *n)
{
	const struct ctask *t = n->ctask;

	while (n->i < t->preconditions.n) {
		const struct precondition *p = &t->preconditions.v[n->i];
		struct err e = ERR_INIT;

		if (node_is_cancelled(n) && !work_is_active(&n->work))
			return call_end_cancelled(n);
		if (!node_ask(n, p->sh))
			return false;
		if (node_is_cancelled(n))
			return call_end_cancelled(n);
		if (!node_answered_yes(n)) {
			node_emit(n,
			    &(struct event){ .kind = EVENT_PRECONDITION,
				.text = p->msg });
			err_set(&e, ERR_TASK_FAILED,
			    "task: precondition not met");
			return attempt_failed(n, &e);
		}
		n->i++;
	}
	return call_go(n, STATE_STATUS);
}

bool
step_status(struct node *n)
{
	const struct ctask *t = n->ctask;

	while (n->i < t->status.n && n->status_ok) {
		const char *cmd = t->status.v[n->i];

		if (node_is_cancelled(n) && !work_is_active(&n->work))
			return call_end_cancelled(n);
		if (!node_ask(n, cmd))
			return false;
		if (node_is_cancelled(n))
			return call_end_cancelled(n);
		n->status_ok = node_answered_yes(n);
		node_emit(n,
		    &(struct event){ .kind = EVENT_STATUS_CMD,
			.text = cmd,
			.status = n->work.err.status > 0 ?
				  n->work.err.status :
				  !n->status_ok,
			.err = n->status_ok ? NULL : &n->work.err });
		n->i++;
	}
	return call_go(n, STATE_FINGERPRINT);
}

static bool
is_silent(const struct node *n)
{
	return !n->r->config.verbose &&
	    (n->r->config.silent || n->ctask->silent);
}

static bool
end_status(struct node *n, bool up_to_date)
{
	struct err e = ERR_INIT;

	if (up_to_date)
		return call_end(n, OUTCOME_UP_TO_DATE);
	err_set(&e, ERR_GENERIC, "task: Task \"%s\" is not up-to-date",
	    n->pub->name);
	return call_end_failed(n, &e, false);
}

bool
step_fingerprint(struct node *n)
{
	struct run *r = n->r;
	bool by_status = n->ctask->status.n > 0, up_to_date;
	struct err e = ERR_INIT;

	if (!fp_check(r->fp, n->arena, n->ctask, &n->fp, &e)) {
		if (n->is_status)
			return call_end_failed(n, &e, false);
		return attempt_failed(n, &e);
	}
	up_to_date = (by_status || n->fp.has_sources) &&
	    (!by_status || n->status_ok) &&
	    (!n->fp.has_sources || n->fp.up_to_date);
	if (n->is_status)
		return end_status(n, up_to_date);
	if (up_to_date) {
		node_emit(n,
		    &(struct event){ .kind = EVENT_UP_TO_DATE,
			.quiet = is_silent(n) });
		return call_end(n, OUTCOME_UP_TO_DATE);
	}
	if (r->config.changed != NULL && !changed_matches(n)) {
		r->result.narrowed = true;
		return call_end_skipped(n, SKIP_CHANGED, NULL);
	}
	if (n->ctask->task->cache && !r->config.dry &&
	    r->config.restore != NULL &&
	    r->config.restore(r->config.ctx, n->pub, &n->fp)) {
		n->restored = true;
		return call_go(n, STATE_AFTER);
	}
	return call_go(n, STATE_PROMPT);
}

/* ---- prompts and the directory ---- */

static bool
prompt_one(struct node *n, const char *text, struct err *e)
{
	const struct run_config *c = &n->r->config;
	int answer;

	if (!c->yes && (!c->stdin_is_tty || !c->stdout_is_tty || c->ask == NULL))
		return err_set(e, ERR_CANCELLED,
		    "task: Task %s cancelled because it has a prompt and the "
		    "environment is not a terminal. Use --yes (-y) to run "
		    "anyway.",
		    quote_go(n->arena, sv_of(n->call.task)));
	node_emit(n,
	    &(struct event){ .kind = EVENT_PROMPT,
		.text = text,
		.status = c->yes });
	if (c->yes)
		return true;
	answer = c->ask(c->ctx, text);
	if (answer < 0)
		return err_set(e, ERR_GENERIC, "EOF");
	if (answer > 0)
		return true;
	return err_set(e, ERR_CANCELLED, "task: Task %s cancelled by user",
	    quote_go(n->arena, sv_of(n->call.task)));
}

/* L-202: a failure is told and passed over, as the reference does; a file in the
 * way is the commands' to stumble over. */
static void
make_dir(struct node *n)
{
	struct err e = ERR_INIT;
	const char *dir = n->ctask->dir;
	struct stat st;

	if (dir == NULL || *dir == '\0' || stat(dir, &st) == 0 ||
	    errno != ENOENT)
		return;
	if (!mkdir_all(dir, 0755, &e))
		node_emit(n,
		    &(struct event){ .kind = EVENT_MKDIR_FAILED,
			.text = dir,
			.text2 = e.message });
	err_clear(&e);
}

bool
step_prompt(struct node *n)
{
	struct err e = ERR_INIT;

	if (node_is_cancelled(n))
		return call_end_cancelled(n);
	if (!n->r->config.dry && !n->answered_prompts)
		for (size_t i = 0; i < n->ctask->prompts.n; i++) {
			const char *text = n->ctask->prompts.v[i];

			if (*text != '\0' && !prompt_one(n, text, &e))
				return call_end_failed(n, &e, true);
		}
	n->answered_prompts = true;
	return call_go(n, STATE_MARK);
}

/* ---- others at the same work (P-114) ---- */

static bool
is_outer_run(const struct run *r, const struct fp_owner *owner)
{
	const char *const *id = r->config.outer_runs;

	for (; id != NULL && *id != NULL; id++)
		if (owner->run != NULL && sv_is(sv_of(*id), owner->run))
			return true;
	return false;
}

static void
on_poll(void *arg)
{
	struct node *n = arg;

	n->timer = NULL;
	node_wake(n);
}

/* Another run is executing it: look again soon, from the start, since then it
 * may be up to date. */
static bool
wait_for_other(struct node *n, const struct fp_owner *owner)
{
	if (!n->told_waiting && !n->r->config.compat)
		node_emit(n,
		    &(struct event){ .kind = EVENT_NOTE,
			.text = arena_printf(n->arena,
			    "waiting for task \"%s\" of another run (pid %ld)",
			    n->pub->name, owner->pid) });
	n->told_waiting = true;
	n->timer = run_timer_start(n->r, POLL_MS * NS_PER_MS, on_poll, n);
	return false;
}

/* From here on the work counts as unfinished until it has passed (D-1). */
bool
step_mark(struct node *n)
{
	struct run *r = n->r;
	struct fp_owner owner = { 0 };

	if (node_is_cancelled(n))
		return call_end_cancelled(n);
	if (n->timer != NULL)
		return false;
	if (n->i > 0 && !n->forced) { /* has waited */
		n->status_ok = true;
		return call_go(n, STATE_STATUS);
	}
	if (!r->config.dry && n->ctask->sources.n > 0) {
		n->i = 1;
		if (fp_lock_try(r->fp, n->arena, n->ctask, &owner) ==
		    FP_LOCK_TAKEN)
			n->marked = true;
		else if (!is_outer_run(r, &owner) && owner.pid != getpid())
			return wait_for_other(n, &owner);
	}
	if (!r->config.dry)
		make_dir(n);
	return call_go(n, STATE_CMDS);
}
