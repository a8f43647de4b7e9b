/* SPDX-License-Identifier: MIT */
/* Journals into rows. */
#include "store/history_db.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/path.h"
#include "stats/critical.h"

enum {
	PRUNE_EVERY = 1024,
};

/* The statements of one import. */
struct import {
	struct database *db;
	sqlite3_stmt *run, *find_series, *new_series, *call;
};

static bool
import_open(struct import *im, struct database *db)
{
	*im = (struct import){ .db = db };
	im->run = database_prepare(db,
	    "INSERT INTO runs (name, at, wall, exit, signal, serial, slots,"
	    " machine, head, tree, load, mem_wait)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
	im->find_series = database_prepare(
	    db, "SELECT id FROM series WHERE task = ?1 AND vars = ?2");
	im->new_series = database_prepare(
	    db, "INSERT INTO series (task, vars, name) VALUES (?1, ?2, ?3)");
	im->call = database_prepare(db,
	    "INSERT INTO calls (series, run, call, outcome, flags, attempts,"
	    " start, wall, busy, wait, cpu, rss, alone, blocks_read,"
	    " blocks_written) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
	    " ?11, ?12, ?13, ?14, ?15)");
	return im->call != NULL;
}

static void
import_close(struct import *im)
{
	sqlite3_finalize(im->run);
	sqlite3_finalize(im->find_series);
	sqlite3_finalize(im->new_series);
	sqlite3_finalize(im->call);
}

static bool
add_run(struct import *im, const char *name, const struct journal_log *l)
{
	sqlite3_stmt *s = im->run;
	int64_t at = l->run.at_ns, tree = 0;
	int i = 0;

	if (*l->end.tree != '\0')
		tree = (int64_t)(hash64(sv_of(l->end.tree)) >> 1) | 1;
	database_bind(s, ++i, name);
	sqlite3_bind_int64(s, ++i, at);
	sqlite3_bind_int64(s, ++i, l->end.end_ns);
	sqlite3_bind_int(s, ++i, l->has_end ? l->end.exit_status : -1);
	sqlite3_bind_int(s, ++i, l->end.signal);
	sqlite3_bind_int(s, ++i, l->run.serial);
	sqlite3_bind_int(s, ++i, (int)l->run.slots);
	database_bind(s, ++i, l->run.machine);
	database_bind(s, ++i, l->run.head);
	sqlite3_bind_int64(s, ++i, tree);
	sqlite3_bind_int64(s, ++i, l->end.load);
	sqlite3_bind_int64(s, ++i, l->end.mem_wait);
	return database_do(im->db, s);
}

/* What becomes of it in the history; false: it says nothing of the call.  What
 * shared another's execution is there once already. */
static bool
outcome_of(const struct journal_call *c, enum history_outcome *out)
{
	static const char *const words[] = {
		[HISTORY_PASSED] = "passed",
		[HISTORY_FELL] = "failed",
		[HISTORY_UP_TO_DATE] = "up to date",
		[HISTORY_CACHED] = "cached",
	};

	if (c->id == 0 || c->twin != 0 || *c->task == '\0')
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(c->status, words[i]) != 0)
			continue;
		*out = (enum history_outcome)i;
		if (*out == HISTORY_FELL && c->cause != 0)
			*out = HISTORY_PASSED_ON;
		return true;
	}
	return false;
}

/* What failed since the run was ended, or since nothing could be started, is no
 * evidence of the call. */
static bool
is_odd(const struct journal_log *l, const struct journal_call *c,
    enum history_outcome outcome)
{
	if (outcome != HISTORY_FELL)
		return false;
	if (!l->has_end || l->end.signal != 0 || c->jobs == 0)
		return true;
	for (size_t i = 0; i < l->jobs.n; i++)
		if (l->jobs.v[i].call == c->id && *l->jobs.v[i].error != '\0')
			return true;
	return false;
}

static int64_t
series_of(struct import *im, const struct journal_call *c)
{
	sqlite3_stmt *s = im->find_series;
	int64_t id;

	database_bind(s, 1, c->task);
	database_bind(s, 2, c->vars);
	id = database_step(im->db, s) ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_reset(s);
	if (id != 0)
		return id;
	s = im->new_series;
	database_bind(s, 1, c->task);
	database_bind(s, 2, c->vars);
	database_bind(s, 3, c->name);
	return database_do(im->db, s) ? sqlite3_last_insert_rowid(im->db->sql)
				      : 0;
}

static bool
add_call(struct import *im, int64_t run, const struct journal_log *l,
    const struct journal_call *c, const struct past_call *past)
{
	enum history_outcome outcome;
	sqlite3_stmt *s = im->call;
	unsigned flags;
	int64_t series;
	int i = 0;

	if (!outcome_of(c, &outcome))
		return true;
	flags = (past->critical ? HISTORY_CRITICAL : 0) |
		(l->run.serial ? HISTORY_SERIAL : 0) |
		(is_odd(l, c, outcome) ? HISTORY_ODD : 0) |
		(c->flaky ? HISTORY_FLAKY : 0);
	series = series_of(im, c);
	if (series == 0)
		return false;
	sqlite3_bind_int64(s, ++i, series);
	sqlite3_bind_int64(s, ++i, run);
	sqlite3_bind_int64(s, ++i, c->id);
	sqlite3_bind_int(s, ++i, (int)outcome);
	sqlite3_bind_int(s, ++i, (int)flags);
	sqlite3_bind_int(s, ++i, (int)c->attempts);
	sqlite3_bind_int64(s, ++i, c->start_ns);
	sqlite3_bind_int64(s, ++i, c->end_ns - c->start_ns);
	sqlite3_bind_int64(s, ++i, c->job_ns - c->calls_ns);
	sqlite3_bind_int64(s, ++i, c->slot_wait_ns);
	sqlite3_bind_int64(s, ++i, c->cpu_ns);
	sqlite3_bind_int64(s, ++i, c->max_rss_bytes);
	sqlite3_bind_int64(s, ++i, past->alone_ns);
	sqlite3_bind_int64(s, ++i, c->read_blocks);
	sqlite3_bind_int64(s, ++i, c->written_blocks);
	return database_do(im->db, s);
}

/* The path is known of runs that came to their end. */
static struct past_call *
past_calls(struct arena *a, const struct journal_log *l)
{
	struct past_call *past =
	    arena_alloc(a, (l->calls.n + 1) * sizeof(*past));

	for (size_t i = 0; i < l->calls.n; i++) {
		const struct journal_call *c = &l->calls.v[i];

		past[i].parent = c->parent == 0 ? SIZE_MAX : c->parent - 1;
		past[i].start_ns = c->start_ns;
		past[i].end_ns = c->end_ns;
	}
	if (l->has_end)
		critical_mark(past, l->calls.n);
	return past;
}

static bool
add_journal(struct import *im, struct arena *a, const char *name,
    const struct journal_log *l)
{
	struct past_call *past = past_calls(a, l);
	int64_t run;

	if (!add_run(im, name, l))
		return false;
	run = sqlite3_last_insert_rowid(im->db->sql);
	for (size_t i = 0; i < l->calls.n; i++)
		if (!add_call(im, run, l, &l->calls.v[i], &past[i]))
			return false;
	return true;
}

/* One that cannot be read, or says nothing, is looked at again the next time.
 */
static bool
import_run(struct import *im, const struct state *s, const char *name)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	const char *path =
	    arena_printf(a, "%s/%s/events.jsonl", s->runs, name);
	struct journal_log l;

	/* A thousand calls that were up to date would cost more than to find
	 * out that they were, and tell nothing. */
	if (journal_read_ends(a, path, &l, &ignored) && l.has_run &&
	    l.has_end && l.end.idle)
		return add_run(im, name, &l);
	if (!journal_read_calls(a, path, &l, &ignored) || !l.has_run)
		return true;
	return add_journal(im, a, name, &l);
}

static bool
history_has(struct database *db, sqlite3_stmt *s, const char *name)
{
	bool has;

	database_bind(s, 1, name);
	has = database_step(db, s);
	sqlite3_reset(s);
	return has;
}

/* The runs that are to go in, newest first.  Whoever was there when a run was
 * over has taken all before it but those that went on then, so that a few in a
 * row that are there would not do: all that are kept are looked at. */
static bool
missing_runs(struct database *db, struct arena *a, const struct state *s,
    const char *ended, state_names *out)
{
	sqlite3_stmt *has cleanup_stmt =
	    database_prepare(db, "SELECT 1 FROM runs WHERE name = ?1");
	state_names names = { 0 };

	if (has == NULL)
		return false;
	state_runs(a, s, &names);
	for (size_t i = 0; i < names.n; i++)
		if (!history_has(db, has, names.v[i]) &&
		    (strcmp(names.v[i], ended) == 0 ||
			!state_run_is_live(a, s, names.v[i])))
			vec_push(a, out, names.v[i]);
	return db->fault == DB_FINE;
}

static bool
prune_history(struct database *db)
{
	char sql[200];
	int64_t last;
	sqlite3_stmt *s cleanup_stmt =
	    database_prepare(db, "SELECT max(id) FROM runs");

	last = database_step(db, s) ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_reset(s);
	if (last % PRUNE_EVERY != 0 || last <= HISTORY_RUNS_KEPT)
		return true;
	last -= HISTORY_RUNS_KEPT;
	sqlite3_snprintf(sizeof(sql), sql,
	    "DELETE FROM calls WHERE run <= %lld;"
	    "DELETE FROM runs WHERE id <= %lld;",
	    (long long)last, (long long)last);
	return database_exec(db, sql);
}

bool
history_db_import(struct database *db, const struct state *s, const char *ended)
{
	struct arena *a cleanup_arena = arena_new();
	state_names names = { 0 };
	struct import im;
	bool ok;

	/* before it is looked what is missing: two runs may end at once */
	if (!database_exec(db, "BEGIN IMMEDIATE"))
		return false;
	ok = missing_runs(db, a, s, ended, &names) && import_open(&im, db);
	if (ok) {
		for (size_t i = names.n; ok && i-- > 0;)
			ok = import_run(&im, s, names.v[i]);
		import_close(&im);
	}
	ok = ok && prune_history(db);
	ok = ok && database_exec(db, "COMMIT");
	if (!ok && sqlite3_get_autocommit(db->sql) == 0)
		sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
	return ok;
}
