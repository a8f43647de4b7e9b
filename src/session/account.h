/* SPDX-License-Identifier: MIT */
/*
 * The report of a session (P-810), of what is written down of it: while its
 * coordinator ends, and again by --results.
 * May include: base/ to project/.
 */
#ifndef SESSION_ACCOUNT_H
#define SESSION_ACCOUNT_H

#include "project/project.h"
#include "store/sessions.h"

struct account {
	const struct session_row *session;
	const execution_rows *tests;
	const attempt_rows *tries;
	const char *folder; /* of the session, with its logs; "" : gone */
};

/* The table, totals, times, where failed trees and logs are. */
void account_print(struct project *p, const struct account *c);
/* Reads it first: a session by its id, the beginning of one, or "last". Returns
 * its exit status, or sets *e. */
int account_of(struct project *p, const char *id, struct err *e);

#endif
