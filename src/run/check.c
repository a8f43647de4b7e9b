/* SPDX-License-Identifier: MIT */
/*
 * Is there anything to do, and may it be done?  The states of a call between
 * its deps and its commands: preconditions, status and sources, the mark for
 * other runs, the directory.
 */
#include <errno.h>
#include <sys/stat.h>

#include "base/io.h"
#include "run/internal.h"

/* ---- questions ---- */

/* Fails the attempt; a retry may follow. */
static bool
check_attempt_failed(struct live_call *lc, struct err *e)
{
	live_call_fail(lc, e, true);
	return call_go(lc, STATE_AFTER);
}

bool
step_preconditions(struct live_call *lc)
{
	const struct ctask *t = lc->ctask;

	while (lc->next_question < t->preconditions.n) {
		const struct precondition *p =
		    &t->preconditions.v[lc->next_question];
		struct err e = ERR_INIT;

		if (live_call_is_cancelled(lc) &&
		    !command_is_active(&lc->command))
			return call_end_cancelled(lc);
		if (!live_call_ask(lc, p->sh))
			return false;
		if (live_call_is_cancelled(lc))
			return call_end_cancelled(lc);
		if (!lc->command.in_void && live_call_unanswered(lc, &e))
			return check_attempt_failed(lc, &e);
		if (!live_call_answered_yes(lc)) {
			live_call_emit(
			    lc, &(struct event){ .kind = EVENT_PRECONDITION,
				    .text = p->msg });
			err_set(&e, ERR_TASK_FAILED,
			    "task: precondition not met");
			return check_attempt_failed(lc, &e);
		}
		lc->next_question++;
	}
	return call_go(lc, STATE_STATUS);
}

bool
step_status(struct live_call *lc)
{
	const struct ctask *t = lc->ctask;
	struct err e = ERR_INIT;

	/* what half an attempt left behind does not answer for a retry */
	while (!lc->has_begun && lc->next_question < t->status.n &&
	       lc->status_ok) {
		const char *cmd = t->status.v[lc->next_question];

		if (live_call_is_cancelled(lc) &&
		    !command_is_active(&lc->command))
			return call_end_cancelled(lc);
		if (!live_call_ask(lc, cmd))
			return false;
		if (live_call_is_cancelled(lc))
			return call_end_cancelled(lc);
		/* without its directory nothing is up to date */
		if (!lc->command.in_void && live_call_unanswered(lc, &e))
			return call_end_failed(lc, &e, true);
		lc->status_ok = live_call_answered_yes(lc);
		live_call_emit(
		    lc, &(struct event){ .kind = EVENT_STATUS_CMD,
			    .text = cmd,
			    .status = lc->command.err.status > 0
					  ? lc->command.err.status
					  : !lc->status_ok,
			    .err = lc->status_ok ? NULL : &lc->command.err });
		lc->next_question++;
	}
	return call_go(lc, STATE_FINGERPRINT);
}

static bool
is_silent(const struct live_call *lc)
{
	return !lc->r->config.verbose &&
	       (lc->r->config.silent || lc->ctask->silent);
}

static bool
end_status(struct live_call *lc, bool up_to_date)
{
	struct err e = ERR_INIT;

	if (up_to_date)
		return call_end(lc, OUTCOME_UP_TO_DATE);
	err_set(&e, ERR_GENERIC, "task: Task \"%s\" is not up-to-date",
	    lc->record->name);
	return call_end_failed(lc, &e, false);
}

bool
step_fingerprint(struct live_call *lc)
{
	struct run *r = lc->r;
	bool by_status = lc->ctask->status.n > 0, up_to_date;
	struct err e = ERR_INIT;

	if (!fp_check(r->fp, lc->arena, lc->ctask, &lc->fp, &e)) {
		if (lc->is_status)
			return call_end_failed(lc, &e, false);
		return check_attempt_failed(lc, &e);
	}
	up_to_date = !lc->has_begun && (by_status || lc->fp.has_sources) &&
		     (!by_status || lc->status_ok) &&
		     (!lc->fp.has_sources || lc->fp.up_to_date);
	if (lc->is_status)
		return end_status(lc, up_to_date);
	if (up_to_date) {
		live_call_reads(lc, false);
		live_call_emit(lc, &(struct event){ .kind = EVENT_UP_TO_DATE,
				       .quiet = is_silent(lc) });
		return call_end(lc, OUTCOME_UP_TO_DATE);
	}
	if (r->config.changed != NULL && !changed_matches(lc)) {
		r->result.narrowed = true;
		return call_end_skipped(lc, SKIP_CHANGED, NULL);
	}
	return call_go(lc, STATE_PROMPT);
}

/* ---- the directory ---- */

/* L-202: a failure is told and passed over, as the reference does; a file in the
 * way is the commands' to stumble over. */
static void
make_dir(struct live_call *lc)
{
	struct err e = ERR_INIT;
	const char *dir = lc->ctask->dir;
	struct stat st;

	if (dir == NULL || *dir == '\0' || stat(dir, &st) == 0 ||
	    errno != ENOENT)
		return;
	if (!mkdir_all(dir, 0755, &e))
		live_call_emit(lc, &(struct event){ .kind = EVENT_MKDIR_FAILED,
				       .text = dir,
				       .text2 = e.message });
	err_clear(&e);
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

/* Another run is executing it: look again soon, from the start, since then it
 * may be up to date. */
static bool
wait_for_other(struct live_call *lc, const struct fp_owner *owner)
{
	if (!lc->told_waiting && !lc->r->config.compat)
		live_call_emit(lc,
		    &(struct event){ .kind = EVENT_NOTE,
			.text = arena_printf(lc->arena,
			    "waiting for task \"%s\" of another run (pid %ld)",
			    lc->record->name, owner->pid) });
	lc->told_waiting = true;
	lc->has_waited = true;
	live_call_wake_in(lc, POLL_MS * NS_PER_MS);
	return false;
}

/* From here on the work counts as unfinished until it has passed (D-1). */
bool
step_mark(struct live_call *lc)
{
	struct run *r = lc->r;
	struct fp_owner owner = { 0 };

	if (live_call_is_cancelled(lc))
		return call_end_cancelled(lc);
	if (lc->timer != NULL)
		return false;
	if (lc->has_waited && !lc->forced) {
		lc->has_waited = false;
		lc->status_ok = true;
		return call_go(lc, STATE_STATUS);
	}
	if (!r->config.dry && lc->ctask->sources.n > 0) {
		switch (fp_lock_try(r->fp, lc->arena, lc->ctask, &owner)) {
		case FP_LOCK_TAKEN:
			lc->marked = true;
			break;
		case FP_LOCK_BUSY:
			if (!is_outer_run(r, &owner))
				return wait_for_other(lc, &owner);
			break;
		case FP_LOCK_OURS:
			break;
		}
	}
	if (!r->config.dry)
		make_dir(lc);
	return call_go(lc, STATE_CACHE);
}
