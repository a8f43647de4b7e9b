/* SPDX-License-Identifier: MIT */
/* The rows of sessions that come out. */
#include "store/sessions.h"

/* Columns in order. */
struct column {
	struct arena *a;
	sqlite3_stmt *s;
	int i;
};

static const char *
row_text(struct column *c)
{
	return database_text(c->a, c->s, c->i++);
}

static int64_t
row_int(struct column *c)
{
	return sqlite3_column_int64(c->s, c->i++);
}

/* What is no word that this prun knows has not ended well. */
static enum session_state
row_state(struct column *c)
{
	sv word = sv_of(row_text(c));

	for (int i = 0; i <= SESSION_SKIPPED; i++)
		if (sv_is(word, session_state_word((enum session_state)i)))
			return (enum session_state)i;
	return SESSION_FAILED;
}

static struct session_row
read_session(struct column c)
{
	struct session_row r;

	r.id = row_text(&c);
	r.num_workers = (int)row_int(&c);
	r.status = row_state(&c);
	r.started_ns = row_int(&c);
	r.completed_ns = row_int(&c);
	r.tests_total = (int)row_int(&c);
	r.tests_passed = (int)row_int(&c);
	r.tests_failed = (int)row_int(&c);
	r.head = row_text(&c);
	r.root = row_text(&c);
	r.reason = row_text(&c);
	r.exit_status = (int)row_int(&c);
	r.pid = row_int(&c);
	r.max_retries = (int)row_int(&c);
	r.timeout_ns = row_int(&c);
	r.pool_ns = row_int(&c);
	r.expected_ns = row_int(&c);
	r.rate = row_text(&c);
	return r;
}

#define SESSION                                                                \
	"SELECT id, num_workers, status, started_at, completed_at,"            \
	" tests_total, tests_passed, tests_failed, head, root, reason, exit,"  \
	" pid, max_retries, task_timeout, pool, expected, rate"                \
	" FROM parallel_test_sessions"

bool
session_get(struct database *db, struct arena *a, const char *id,
    struct session_row *out)
{
	sqlite3_stmt *s cleanup_stmt =
	    database_prepare(db, SESSION " WHERE id = ?1");

	database_bind(s, 1, id);
	if (!database_step(db, s))
		return false;
	*out = read_session((struct column){ a, s, 0 });
	return true;
}

bool
sessions_list(struct database *db, struct arena *a, const char *after,
    int limit, session_rows *out)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(
	    db, SESSION " WHERE ?1 = '' OR id < ?1 ORDER BY id DESC LIMIT ?2");

	database_bind(s, 1, after);
	sqlite3_bind_int(s, 2, limit == 0 ? -1 : limit);
	while (database_step(db, s))
		vec_push(a, out, read_session((struct column){ a, s, 0 }));
	return db->fault == DB_FINE;
}

static struct execution_row
read_execution(struct column c)
{
	struct execution_row r;

	r.number = (int)row_int(&c);
	r.name = row_text(&c);
	r.task = row_text(&c);
	r.plan_file = row_text(&c);
	r.batch_range = row_text(&c);
	r.vars = row_text(&c);
	r.priority = (int)row_int(&c);
	r.status = row_state(&c);
	r.test_run_id = row_text(&c);
	r.worktree_id = row_text(&c);
	r.worker_id = row_text(&c);
	r.retry_count = (int)row_int(&c);
	r.queued_ns = row_int(&c);
	r.started_ns = row_int(&c);
	r.completed_ns = row_int(&c);
	r.exit_status = (int)row_int(&c);
	r.reason = row_text(&c);
	r.tasks_passed = (int)row_int(&c);
	r.tasks_failed = (int)row_int(&c);
	r.report_path = row_text(&c);
	r.worktree_path = row_text(&c);
	r.kept = row_text(&c);
	r.expected_ns = row_int(&c);
	return r;
}

bool
executions_list(struct database *db, struct arena *a, const char *session,
    execution_rows *out)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "SELECT number, name, task, plan_file, batch_range, vars,"
	    " priority, status, test_run_id, worktree_id, worker_id,"
	    " retry_count, queued_at, started_at, completed_at, exit, reason,"
	    " tasks_passed, tasks_failed, report_path, worktree_path, kept,"
	    " expected FROM parallel_test_executions WHERE session_id = ?1"
	    " ORDER BY number");

	database_bind(s, 1, session);
	while (database_step(db, s))
		vec_push(a, out, read_execution((struct column){ a, s, 0 }));
	return db->fault == DB_FINE;
}

int64_t
execution_expected(struct database *db, const struct execution_row *r)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "SELECT took FROM (SELECT completed_at - started_at AS took"
	    " FROM parallel_test_executions WHERE task = ?1 AND plan_file = ?2"
	    " AND batch_range = ?3 AND vars = ?4 AND status = 'completed'"
	    " AND completed_at > started_at ORDER BY id DESC LIMIT 5)"
	    " ORDER BY took");
	int64_t times[5];
	int n = 0;

	database_bind(s, 1, r->task);
	database_bind(s, 2, r->plan_file);
	database_bind(s, 3, r->batch_range);
	database_bind(s, 4, r->vars);
	while (n < 5 && database_step(db, s))
		times[n++] = sqlite3_column_int64(s, 0);
	return n == 0 ? 0 : times[n / 2];
}

static struct attempt_row
read_attempt(struct column c)
{
	struct attempt_row r;

	r.number = (int)row_int(&c);
	r.attempt = (int)row_int(&c);
	r.test_run_id = row_text(&c);
	r.worktree_id = row_text(&c);
	r.worker_id = row_text(&c);
	r.status = row_state(&c);
	r.started_ns = row_int(&c);
	r.completed_ns = row_int(&c);
	r.exit_status = (int)row_int(&c);
	r.reason = row_text(&c);
	return r;
}

bool
attempts_list(struct database *db, struct arena *a, const char *session,
    int number, attempt_rows *out)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "SELECT number, attempt, test_run_id, worktree_id, worker_id,"
	    " status, started_at, completed_at, exit, reason"
	    " FROM parallel_test_attempts WHERE session_id = ?1"
	    " AND (?2 = 0 OR number = ?2) ORDER BY number, attempt");

	database_bind(s, 1, session);
	sqlite3_bind_int(s, 2, number);
	while (database_step(db, s))
		vec_push(a, out, read_attempt((struct column){ a, s, 0 }));
	return db->fault == DB_FINE;
}

static struct worker_row
read_worker(struct column c)
{
	struct worker_row r;

	r.worker_id = row_text(&c);
	r.status = row_text(&c);
	r.number = (int)row_int(&c);
	r.worktree_id = row_text(&c);
	r.pid = row_int(&c);
	return r;
}

bool
workers_list(
    struct database *db, struct arena *a, const char *session, worker_rows *out)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db,
	    "SELECT worker_id, status, number, worktree_id, pid"
	    " FROM parallel_test_workers WHERE session_id = ?1"
	    " ORDER BY length(worker_id), worker_id");

	database_bind(s, 1, session);
	while (database_step(db, s))
		vec_push(a, out, read_worker((struct column){ a, s, 0 }));
	return db->fault == DB_FINE;
}

bool
idempotency_get(struct database *db, struct arena *a, const char *key,
    int64_t since_ns, const char **body_hash, const char **answer)
{
	sqlite3_stmt *s cleanup_stmt =
	    database_prepare(db, "SELECT body_hash, answer FROM idempotency"
				 " WHERE key = ?1 AND at >= ?2");
	struct column c = { a, s, 0 };

	database_bind(s, 1, key);
	sqlite3_bind_int64(s, 2, since_ns);
	if (!database_step(db, s))
		return false;
	*body_hash = row_text(&c);
	*answer = row_text(&c);
	return true;
}
