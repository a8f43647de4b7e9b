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
