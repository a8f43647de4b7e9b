/* SPDX-License-Identifier: MIT */
/* The tables of sessions, and the rows that go in. */
#include "store/sessions.h"

#include "base/path.h"

static const char *const session_steps[] = {
	"CREATE TABLE parallel_test_sessions (id TEXT PRIMARY KEY,"
	" num_workers INTEGER NOT NULL, status TEXT NOT NULL,"
	" started_at INTEGER, completed_at INTEGER, tests_total INTEGER,"
	" tests_passed INTEGER, tests_failed INTEGER, head TEXT, root TEXT,"
	" reason TEXT, exit INTEGER, pid INTEGER, max_retries INTEGER,"
	" task_timeout INTEGER, pool INTEGER, expected INTEGER, rate TEXT);"
	"CREATE TABLE parallel_test_executions (id INTEGER PRIMARY KEY,"
	" session_id TEXT NOT NULL REFERENCES parallel_test_sessions(id),"
	" number INTEGER NOT NULL, test_run_id TEXT, plan_file TEXT,"
	" batch_range TEXT, worktree_id TEXT, worker_id TEXT,"
	" status TEXT NOT NULL, retry_count INTEGER, queued_at INTEGER,"
	" started_at INTEGER, completed_at INTEGER, name TEXT, task TEXT,"
	" vars TEXT, priority INTEGER, exit INTEGER, reason TEXT,"
	" tasks_passed INTEGER, tasks_failed INTEGER, report_path TEXT,"
	" worktree_path TEXT, kept TEXT, expected INTEGER,"
	" UNIQUE (session_id, number));"
	"CREATE TABLE parallel_test_attempts (session_id TEXT NOT NULL,"
	" number INTEGER NOT NULL, attempt INTEGER NOT NULL, test_run_id TEXT,"
	" worktree_id TEXT, worker_id TEXT, status TEXT, started_at INTEGER,"
	" completed_at INTEGER, exit INTEGER, reason TEXT,"
	" PRIMARY KEY (session_id, number, attempt)) WITHOUT ROWID;"
	"CREATE TABLE parallel_test_workers (session_id TEXT NOT NULL,"
	" worker_id TEXT NOT NULL, status TEXT, number INTEGER,"
	" worktree_id TEXT, pid INTEGER,"
	" PRIMARY KEY (session_id, worker_id)) WITHOUT ROWID;"
	"CREATE TABLE idempotency (key TEXT PRIMARY KEY, body_hash TEXT,"
	" answer TEXT, at INTEGER) WITHOUT ROWID;",
};

static const struct db_schema session_schema = {
	session_steps,
	sizeof(session_steps) / sizeof(session_steps[0]),
	.busy_ms = 5000,
};

const char *
session_state_word(enum session_state s)
{
	static const char *const words[] = {
#define X(name, word) word,
		SESSION_STATES(X)
#undef X
	};

	return words[s];
}

const char *
sessions_path(struct arena *a, const struct state *s)
{
	return state_path(a, s, "sessions.db");
}

struct database *
sessions_open(
    const char *path, bool writes, enum db_fault *fault, struct err *e)
{
	return database_open(path, &session_schema, writes, fault, e);
}

struct state
sessions_folder(struct arena *a, const struct state *s)
{
	struct state out = *s;

	out.runs = state_path(a, s, "sessions");
	out.runs_apart = false;
	return out;
}

/* ---- transactions ---- */

bool
sessions_begin(struct database *db)
{
	if (db->fault == DB_BUSY) {
		db->fault = DB_FINE;
		err_clear(&db->err);
	}
	return db->fault == DB_FINE && database_exec(db, "BEGIN IMMEDIATE");
}

bool
sessions_commit(struct database *db)
{
	database_end(db);
	return db->fault == DB_FINE;
}

/* ---- rows ---- */

/* Binds in order. */
struct binder {
	sqlite3_stmt *s;
	int i;
};

static void
put_text(struct binder *b, const char *text)
{
	database_bind(b->s, ++b->i, text == NULL ? "" : text);
}

static void
put_int(struct binder *b, int64_t n)
{
	sqlite3_bind_int64(b->s, ++b->i, n);
}

static void
put_state(struct binder *b, enum session_state s)
{
	put_text(b, session_state_word(s));
}

bool
session_put(struct database *db, const struct session_row *r)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "INSERT OR REPLACE INTO parallel_test_sessions (id, num_workers,"
	    " status, started_at, completed_at, tests_total, tests_passed,"
	    " tests_failed, head, root, reason, exit, pid, max_retries,"
	    " task_timeout, pool, expected, rate) VALUES (?1, ?2, ?3, ?4, ?5,"
	    " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)");
	struct binder b = { s, 0 };

	put_text(&b, r->id);
	put_int(&b, r->num_workers);
	put_state(&b, r->status);
	put_int(&b, r->started_ns);
	put_int(&b, r->completed_ns);
	put_int(&b, r->tests_total);
	put_int(&b, r->tests_passed);
	put_int(&b, r->tests_failed);
	put_text(&b, r->head);
	put_text(&b, r->root);
	put_text(&b, r->reason);
	put_int(&b, r->exit_status);
	put_int(&b, r->pid);
	put_int(&b, r->max_retries);
	put_int(&b, r->timeout_ns);
	put_int(&b, r->pool_ns);
	put_int(&b, r->expected_ns);
	put_text(&b, r->rate);
	return database_do(db, s);
}

/* The id of the row stays: others may have seen it. */
bool
execution_put(
    struct database *db, const char *session, const struct execution_row *r)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "INSERT INTO parallel_test_executions (session_id, number,"
	    " test_run_id, plan_file, batch_range, worktree_id, worker_id,"
	    " status, retry_count, queued_at, started_at, completed_at, name,"
	    " task, vars, priority, exit, reason, tasks_passed, tasks_failed,"
	    " report_path, worktree_path, kept, expected) VALUES (?1, ?2, ?3,"
	    " ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
	    " ?18, ?19, ?20, ?21, ?22, ?23, ?24)"
	    " ON CONFLICT (session_id, number) DO UPDATE SET"
	    " test_run_id = ?3, worktree_id = ?6, worker_id = ?7, status = ?8,"
	    " retry_count = ?9, queued_at = ?10, started_at = ?11,"
	    " completed_at = ?12, exit = ?17, reason = ?18, tasks_passed = ?19,"
	    " tasks_failed = ?20, report_path = ?21, worktree_path = ?22,"
	    " kept = ?23, expected = ?24");
	struct binder b = { s, 0 };

	put_text(&b, session);
	put_int(&b, r->number);
	put_text(&b, r->test_run_id);
	put_text(&b, r->plan_file);
	put_text(&b, r->batch_range);
	put_text(&b, r->worktree_id);
	put_text(&b, r->worker_id);
	put_state(&b, r->status);
	put_int(&b, r->retry_count);
	put_int(&b, r->queued_ns);
	put_int(&b, r->started_ns);
	put_int(&b, r->completed_ns);
	put_text(&b, r->name);
	put_text(&b, r->task);
	put_text(&b, r->vars);
	put_int(&b, r->priority);
	put_int(&b, r->exit_status);
	put_text(&b, r->reason);
	put_int(&b, r->tasks_passed);
	put_int(&b, r->tasks_failed);
	put_text(&b, r->report_path);
	put_text(&b, r->worktree_path);
	put_text(&b, r->kept);
	put_int(&b, r->expected_ns);
	return database_do(db, s);
}

bool
attempt_put(
    struct database *db, const char *session, const struct attempt_row *r)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "INSERT OR REPLACE INTO parallel_test_attempts (session_id, number,"
	    " attempt, test_run_id, worktree_id, worker_id, status, started_at,"
	    " completed_at, exit, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
	    " ?8, ?9, ?10, ?11)");
	struct binder b = { s, 0 };

	put_text(&b, session);
	put_int(&b, r->number);
	put_int(&b, r->attempt);
	put_text(&b, r->test_run_id);
	put_text(&b, r->worktree_id);
	put_text(&b, r->worker_id);
	put_state(&b, r->status);
	put_int(&b, r->started_ns);
	put_int(&b, r->completed_ns);
	put_int(&b, r->exit_status);
	put_text(&b, r->reason);
	return database_do(db, s);
}

bool
worker_put(struct database *db, const char *session, const struct worker_row *r)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "INSERT OR REPLACE INTO parallel_test_workers (session_id,"
	    " worker_id, status, number, worktree_id, pid)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
	struct binder b = { s, 0 };

	put_text(&b, session);
	put_text(&b, r->worker_id);
	put_text(&b, r->status);
	put_int(&b, r->number);
	put_text(&b, r->worktree_id);
	put_int(&b, r->pid);
	return database_do(db, s);
}

/* A statement with the session as ?1, and a moment as ?2. */
static bool
do_with(struct database *db, const char *sql, const char *id, int64_t n)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db, sql);
	struct binder b = { s, 0 };

	put_text(&b, id);
	if (sqlite3_bind_parameter_count(s) > 1)
		put_int(&b, n);
	return database_do(db, s);
}

bool
session_interrupt(struct database *db, const char *id, int64_t now_ns)
{
	static const char *const sqls[] = {
		"UPDATE parallel_test_executions SET status = 'interrupted',"
		" completed_at = ?2 WHERE session_id = ?1"
		" AND status IN ('pending', 'running')",
		"UPDATE parallel_test_attempts SET status = 'interrupted',"
		" completed_at = ?2 WHERE session_id = ?1"
		" AND status = 'running'",
		"UPDATE parallel_test_workers SET status = 'died', number = 0"
		" WHERE session_id = ?1 AND status != 'ended'",
		"UPDATE parallel_test_sessions SET status = 'interrupted',"
		" completed_at = ?2, reason = 'it was killed' WHERE id = ?1"
		" AND status IN ('pending', 'running')",
	};

	for (size_t i = 0; i < sizeof(sqls) / sizeof(sqls[0]); i++)
		if (!do_with(db, sqls[i], id, now_ns))
			return false;
	return true;
}

bool
sessions_prune(struct database *db, int keep)
{
#define OLD                                                                    \
	" NOT IN (SELECT id FROM parallel_test_sessions"                       \
	" ORDER BY id DESC LIMIT ?2) AND ?1 IS NOT NULL"
	static const char *const sqls[] = {
		"DELETE FROM parallel_test_executions WHERE session_id" OLD,
		"DELETE FROM parallel_test_attempts WHERE session_id" OLD,
		"DELETE FROM parallel_test_workers WHERE session_id" OLD,
		"DELETE FROM parallel_test_sessions WHERE id" OLD,
	};

	for (size_t i = 0; i < sizeof(sqls) / sizeof(sqls[0]); i++)
		if (!do_with(db, sqls[i], "", keep))
			return false;
	return true;
}

bool
idempotency_put(struct database *db, const char *key, const char *body_hash,
    const char *answer, int64_t now_ns, int64_t since_ns)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(
	    db, "INSERT OR REPLACE INTO idempotency VALUES (?1, ?2, ?3, ?4)");
	struct binder b = { s, 0 };

	put_text(&b, key);
	put_text(&b, body_hash);
	put_text(&b, answer);
	put_int(&b, now_ns);
	return do_with(db,
		   "DELETE FROM idempotency WHERE at < ?2 AND key != ?1", key,
		   since_ns) &&
	       database_do(db, s);
}
