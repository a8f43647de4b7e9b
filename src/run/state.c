/* SPDX-License-Identifier: MIT */
/* The states of a call and the ways between them. */
#include "run/internal.h"

#define TO(name) (UINT32_C(1) << STATE_##name)

/*
 * What may come next.  Whatever can be cancelled, fail or be skipped before its
 * commands goes to DONE at once; from the commands on the way is by WAIT,
 * DEFERS and AFTER, so that nothing that was started or registered is left.
 * An attempt that is tried again begins behind the locks.
 */
static const uint32_t next_states[] = {
	[STATE_NEW] = TO(COMPILE) | TO(DONE),
	[STATE_COMPILE] = TO(IF) | TO(DONE),
	[STATE_IF] = TO(CHECKS) | TO(DONE),
	[STATE_CHECKS] = TO(STATUS) | TO(ONCE) | TO(DONE),
	[STATE_ONCE] = TO(DEPS) | TO(DONE),
	[STATE_DEPS] = TO(LOCK) | TO(DONE),
	[STATE_LOCK] = TO(PRECONDITIONS) | TO(PROMPT) | TO(DONE),
	[STATE_PRECONDITIONS] = TO(STATUS) | TO(AFTER) | TO(DONE),
	[STATE_STATUS] = TO(FINGERPRINT) | TO(DONE),
	[STATE_FINGERPRINT] = TO(PROMPT) | TO(AFTER) | TO(DONE),
	[STATE_PROMPT] = TO(MARK) | TO(DONE),
	[STATE_MARK] = TO(STATUS) | TO(CACHE) | TO(DONE),
	[STATE_CACHE] = TO(CMDS) | TO(AFTER),
	[STATE_CMDS] = TO(CMD_IF) | TO(CMD_CALLS) | TO(WAIT),
	[STATE_CMD_IF] =
	    TO(CMD_JOB) | TO(CMD_CALLS) | TO(CMDS) | TO(WAIT) | TO(DEFERS),
	[STATE_CMD_JOB] = TO(CMDS) | TO(WAIT) | TO(DEFERS),
	[STATE_CMD_CALLS] = TO(CMDS) | TO(WAIT) | TO(DEFERS),
	/* again: a `wait` whose background calls have failed */
	[STATE_WAIT] = TO(CMDS) | TO(WAIT) | TO(DEFERS),
	[STATE_DEFERS] = TO(CMD_IF) | TO(AFTER),
	[STATE_AFTER] = TO(RETRY) | TO(DONE),
	[STATE_RETRY] = TO(PRECONDITIONS) | TO(PROMPT) | TO(DONE),
	[STATE_DONE] = 0,
};

bool
call_may_go(enum state from, enum state to)
{
	return (next_states[from] & UINT32_C(1) << to) != 0;
}

const char *
call_state_name(enum state s)
{
	switch (s) {
#define X(name, fn)                                                            \
	case STATE_##name:                                                     \
		return #name;
		STATES(X)
#undef X
	case STATE_DONE:
		break;
	}
	return "DONE";
}

void
call_enter(struct live_call *lc, enum state s)
{
	if (!call_may_go(lc->state, s))
		BUG("a call goes from %s to %s", call_state_name(lc->state),
		    call_state_name(s));
	lc->state = s;
	if (s == STATE_PRECONDITIONS || s == STATE_STATUS)
		lc->next_question = 0;
}
