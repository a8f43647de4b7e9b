/* SPDX-License-Identifier: MIT */
/* Rows into what statistics are made of. */
#include "store/history_db.h"

/* What calls have from their runs: read once, in order of their numbers, which
 * have few holes. */
struct past_run {
	int64_t tree;
	bool here;
};
struct past_runs {
	VEC(struct past_run) v;
	int64_t first;
};

static bool
read_past_runs(struct database *db, struct arena *a, const char *machine,
    struct past_runs *out)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(
	    db, "SELECT id, tree, machine FROM runs ORDER BY id");
	const struct past_run hole = { 0 };

	while (database_step(db, s)) {
		int64_t id = sqlite3_column_int64(s, 0);
		const char *there = (const char *)sqlite3_column_text(s, 2);
		struct past_run r = { sqlite3_column_int64(s, 1),
			there != NULL && strcmp(there, machine) == 0 };

		if (out->v.n == 0)
			out->first = id;
		/* a database that somebody else made up */
		if ((uint64_t)id - (uint64_t)out->first >
		    4 * (uint64_t)HISTORY_RUNS_KEPT)
			break;
		while (out->first + (int64_t)out->v.n < id)
			vec_push(a, &out->v, hole);
		vec_push(a, &out->v, r);
	}
	return db->fault == DB_FINE;
}

static void
read_history_call(
    sqlite3_stmt *s, const struct past_runs *runs, struct history_call *c)
{
	const struct past_run *r;
	int i = 0;

	c->run = sqlite3_column_int64(s, i++);
	c->outcome = (enum history_outcome)sqlite3_column_int(s, i++);
	c->flags = (unsigned)sqlite3_column_int(s, i++);
	c->attempts = (unsigned)sqlite3_column_int(s, i++);
	c->start_ns = sqlite3_column_int64(s, i++);
	c->wall_ns = sqlite3_column_int64(s, i++);
	c->busy_ns = sqlite3_column_int64(s, i++);
	c->wait_ns = sqlite3_column_int64(s, i++);
	c->cpu_ns = sqlite3_column_int64(s, i++);
	c->max_rss_bytes = sqlite3_column_int64(s, i++);
	c->alone_ns = sqlite3_column_int64(s, i++);
	c->read_blocks = sqlite3_column_int64(s, i++);
	c->written_blocks = sqlite3_column_int64(s, i++);
	if ((uint64_t)c->run - (uint64_t)runs->first >= runs->v.n)
		return;
	r = &runs->v.v[c->run - runs->first];
	c->tree = r->tree;
	if (r->here)
		c->flags |= HISTORY_HERE;
}

static void
oldest_first(struct history_series *series)
{
	struct history_call *v = series->calls.v;
	size_t n = series->calls.n;

	for (size_t i = 0; 2 * i + 1 < n; i++) {
		struct history_call first = v[i];

		v[i] = v[n - 1 - i];
		v[n - 1 - i] = first;
	}
}

static bool
read_series_calls(struct database *db, sqlite3_stmt *s, struct arena *a,
    const struct past_runs *runs, struct history_series *series)
{
	sqlite3_bind_int64(s, 1, series->id);
	sqlite3_bind_int(s, 2, HISTORY_RUNS_READ);
	while (database_step(db, s)) {
		struct history_call c = { 0 };

		read_history_call(s, runs, &c);
		vec_push(a, &series->calls, c);
	}
	sqlite3_reset(s);
	oldest_first(series);
	return db->fault == DB_FINE;
}

/* Nothing but numbers of the index is read for it. */
static bool
count_series(
    struct database *db, sqlite3_stmt *s, struct history_series *series)
{
	series->total = (int64_t)series->calls.n;
	if (series->calls.n < HISTORY_RUNS_READ)
		return true;
	sqlite3_bind_int64(s, 1, series->id);
	if (database_step(db, s))
		series->total = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return db->fault == DB_FINE;
}

static bool
is_series_wanted(
    const struct history_series *s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(s->task, names[i]) == 0 ||
		    strcmp(s->name, names[i]) == 0)
			return true;
	return n == 0;
}

bool
history_db_series(struct database *db, struct arena *a,
    const char *const *names, size_t n, const char *machine,
    history_series_vec *out)
{
	sqlite3_stmt *all cleanup_stmt = database_prepare(
	    db, "SELECT id, task, vars, name FROM series ORDER BY name, id");
	sqlite3_stmt *calls cleanup_stmt = database_prepare(db,
	    "SELECT run, outcome, flags, attempts, start, wall, busy, wait,"
	    " cpu, rss, alone, blocks_read, blocks_written FROM calls WHERE "
	    "series = ?1 ORDER BY run DESC, call DESC LIMIT ?2");
	sqlite3_stmt *count cleanup_stmt = database_prepare(
	    db, "SELECT count(*) FROM calls WHERE series = ?1");
	struct past_runs runs = { .first = 0 };

	if (!read_past_runs(db, a, machine, &runs))
		return false;
	while (database_step(db, all)) {
		struct history_series s = {
			.id = sqlite3_column_int64(all, 0),
			.task = database_text(a, all, 1),
			.vars = database_text(a, all, 2),
			.name = database_text(a, all, 3),
		};

		if (!is_series_wanted(&s, names, n))
			continue;
		if (!read_series_calls(db, calls, a, &runs, &s) ||
		    !count_series(db, count, &s))
			return false;
		if (s.calls.n > 0)
			vec_push(a, out, s);
	}
	return db->fault == DB_FINE;
}

static bool
read_row(struct database *db, struct arena *a, sqlite3_stmt *s,
    struct history_run_row *out)
{
	if (!database_step(db, s))
		return false;
	*out = (struct history_run_row){
		.id = sqlite3_column_int64(s, 0),
		.at_ns = sqlite3_column_int64(s, 1),
		.wall_ns = sqlite3_column_int64(s, 2),
		.slots = sqlite3_column_int64(s, 3),
		.name = database_text(a, s, 4),
		.head = database_text(a, s, 5),
		.exit_status = sqlite3_column_int(s, 6),
		.serial = sqlite3_column_int(s, 7) != 0,
		.load = sqlite3_column_int64(s, 8),
		.mem_wait = sqlite3_column_int64(s, 9),
	};
	return true;
}

#define ROW                                                                    \
	"SELECT id, at, wall, slots, name, head, exit, serial, load,"          \
	" mem_wait FROM runs "

bool
history_db_runs(struct database *db, struct arena *a, int64_t *n,
    struct history_run_row *first, struct history_run_row *last)
{
	sqlite3_stmt *count cleanup_stmt =
	    database_prepare(db, "SELECT count(*) FROM runs");
	sqlite3_stmt *from cleanup_stmt =
	    database_prepare(db, ROW "ORDER BY name LIMIT 1");
	sqlite3_stmt *to cleanup_stmt =
	    database_prepare(db, ROW "ORDER BY name DESC LIMIT 1");

	*n = database_step(db, count) ? sqlite3_column_int64(count, 0) : 0;
	return read_row(db, a, from, first) && read_row(db, a, to, last);
}

bool
history_db_run(struct database *db, struct arena *a, int64_t id,
    struct history_run_row *out)
{
	sqlite3_stmt *s cleanup_stmt =
	    database_prepare(db, ROW "WHERE id = ?1");

	if (s != NULL)
		sqlite3_bind_int64(s, 1, id);
	return read_row(db, a, s, out);
}

int64_t
history_db_run_before(struct database *db, int64_t series, int64_t run)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(
	    db, "SELECT max(run) FROM calls WHERE series = ?1 AND run < ?2");

	if (s == NULL)
		return 0;
	sqlite3_bind_int64(s, 1, series);
	sqlite3_bind_int64(s, 2, run);
	return database_step(db, s) ? sqlite3_column_int64(s, 0) : 0;
}

bool
history_db_say_once(struct database *db, int64_t series, int64_t run)
{
	sqlite3_stmt *s cleanup_stmt =
	    database_prepare(db, "INSERT OR IGNORE INTO said VALUES (?1, ?2)");

	if (s == NULL)
		return false;
	sqlite3_bind_int64(s, 1, series);
	sqlite3_bind_int64(s, 2, run);
	return database_do(db, s) && sqlite3_changes(db->sql) > 0;
}

bool
history_db_times(struct database *db, struct arena *a,
    const struct history_key *key, const char *machine,
    struct history_series *out)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "SELECT series.id, run, busy FROM series"
	    " JOIN calls ON series = series.id JOIN runs ON runs.id = run"
	    " WHERE series.task = ?1 AND vars = ?2 AND machine = ?3"
	    " AND outcome = 0 AND attempts <= 1 AND busy > 0"
	    " ORDER BY run DESC, call DESC LIMIT 51");

	*out = (struct history_series){ .task = key->task, .vars = key->vars };
	if (s == NULL)
		return false;
	sqlite3_bind_text(s, 1, key->task, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 2, key->vars, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, 3, machine, -1, SQLITE_STATIC);
	while (database_step(db, s)) {
		struct history_call c = {
			.run = sqlite3_column_int64(s, 1),
			.busy_ns = sqlite3_column_int64(s, 2),
		};

		out->id = sqlite3_column_int64(s, 0);
		vec_push(a, &out->calls, c);
	}
	oldest_first(out);
	return db->fault == DB_FINE;
}
