/* SPDX-License-Identifier: MIT */
/* The last runs of one call before another run. */
#include "store/history_db.h"

bool
history_db_last(struct database *db, struct arena *a,
    const struct history_key *key, int64_t before_ns, int n,
    struct history_series *out)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "SELECT run, outcome, flags, attempts, busy, at FROM series"
	    " JOIN calls ON series = series.id JOIN runs ON runs.id = run"
	    " WHERE series.task = ?1 AND vars = ?2 AND at < ?3"
	    " ORDER BY run DESC LIMIT ?4");

	*out = (struct history_series){ .task = key->task, .vars = key->vars };
	if (s == NULL)
		return false;
	sqlite3_bind_text(s, 1, key->task, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, key->vars, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, 3, before_ns);
	sqlite3_bind_int(s, 4, n);
	while (database_step(db, s)) {
		struct history_call c = {
			.run = sqlite3_column_int64(s, 0),
			.outcome =
			    (enum history_outcome)sqlite3_column_int(s, 1),
			.flags = (unsigned)sqlite3_column_int(s, 2),
			.attempts = (unsigned)sqlite3_column_int(s, 3),
			.busy_ns = sqlite3_column_int64(s, 4),
			.at_ns = sqlite3_column_int64(s, 5),
		};

		vec_push(a, &out->calls, c);
	}
	return db->fault == DB_FINE;
}
