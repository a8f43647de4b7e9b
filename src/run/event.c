/* SPDX-License-Identifier: MIT */
#include "run/event.h"

const char *
event_name(enum event_kind kind)
{
	static const char *const names[] = {
#define X(name) [EVENT_##name] = #name,
		EVENT_KINDS(X)
#undef X
	};

	return names[kind];
}

const char *
outcome_name(enum outcome o)
{
	switch (o) {
	case OUTCOME_NONE:
		return "none";
	case OUTCOME_PASSED:
		return "passed";
	case OUTCOME_UP_TO_DATE:
		return "up to date";
	case OUTCOME_CACHED:
		return "cached";
	case OUTCOME_SKIPPED:
		return "skipped";
	case OUTCOME_FAILED:
		return "failed";
	case OUTCOME_NOT_RUN:
		return "not run";
	case OUTCOME_CANCELLED:
		return "cancelled";
	}
	BUG("outcome %d", (int)o);
}

/* A call can ask for what the task that it means cannot do. */
static bool
is_fault_of_caller(enum err_code code)
{
	return code == ERR_TASK_NOT_FOUND || code == ERR_TASK_INTERNAL ||
	       code == ERR_MISSING_VARS || code == ERR_ENUM_VARS;
}

const struct location *
run_call_fault(const struct run_call *c)
{
	enum err_code code = c->err.code;

	if (code == ERR_NONE || code == ERR_TASK_FAILED ||
	    code == ERR_TIMEOUT || code == ERR_CANCELLED || c->err.status >= 0)
		return NULL;
	if (is_fault_of_caller(code) && c->called_at != NULL)
		return c->called_at;
	return c->task != NULL && c->task->at.line > 0 ? &c->task->at : NULL;
}
