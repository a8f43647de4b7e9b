/* SPDX-License-Identifier: MIT */
/*
 * Test sessions, as the database has them.
 * May include: base/, store/ (sessions), serve/.
 */
#ifndef SERVE_TESTS_H
#define SERVE_TESTS_H

#include "serve/json_out.h"
#include "serve/server.h"
#include "store/sessions.h"

enum {
	TESTS_EACH = 50 /* sessions that tests_each() looks at */
};

/* The database to read; NULL: there is none, or (*fault) it cannot be read. */
struct database *tests_db(struct server *s, enum db_fault *fault);
/* Of the newest ones: {"summary": SessionSummary, "status": SessionStatus}. */
void tests_each(struct server *s,
    void (*fn)(void *arg, const char *id, bool is_live, struct json_out *j),
    void *arg);
/* The row of one; false: there is none. */
bool tests_row(
    struct server *s, struct arena *a, const char *id, struct session_row *out);
/* Minutes of all that is queued, from times of earlier runs. */
void tests_estimate(const struct session_row *row, struct json_out *j);

#endif
