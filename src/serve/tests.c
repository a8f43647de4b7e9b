/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/tests.h"

#include <stdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "serve/answers.h"
#include "serve/pages.h"
#include "serve/router.h"

#define NS_PER_MINUTE (60.0 * 1e9)

struct database *
tests_db(struct server *s, enum db_fault *fault)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	const char *path = sessions_path(a, &s->o.state);
	struct stat st;

	*fault = DB_FINE;
	if (stat(path, &st) != 0)
		return NULL;
	/* one that failed, or was put aside by somebody, is opened again */
	if (s->sessions != NULL &&
	    (database_fault(s->sessions, &e) != DB_FINE ||
		s->sessions->dev != st.st_dev ||
		s->sessions->ino != st.st_ino)) {
		database_close(s->sessions);
		s->sessions = NULL;
	}
	if (s->sessions == NULL) {
		err_clear(&e);
		s->sessions = sessions_open(path, false, fault, &e);
	}
	return s->sessions;
}

/* ---- one session ---- */

/* Whether it lives is asked before its row is read: one that ended between
 * the two has said so. */
struct test_session {
	struct session_row row;
	bool is_live;
};

static void
session_settle(struct test_session *t)
{
	bool goes_on = t->row.status == SESSION_PENDING ||
		       t->row.status == SESSION_RUNNING;

	if (goes_on && !t->is_live)
		t->row.status = SESSION_INTERRUPTED;
	t->is_live = goes_on && t->is_live;
}

static bool
session_is_live(struct server *s, struct arena *a, const char *id)
{
	struct state folder = sessions_folder(a, &s->o.state);

	return state_run_is_live(a, &folder, id);
}

static bool
session_read(struct server *s, struct arena *a, struct database *db,
    const char *id, struct test_session *out)
{
	out->is_live = session_is_live(s, a, id);
	if (!session_get(db, a, id, &out->row))
		return false;
	session_settle(out);
	return true;
}

bool
tests_row(
    struct server *s, struct arena *a, const char *id, struct session_row *out)
{
	enum db_fault fault;
	struct database *db = tests_db(s, &fault);

	return db != NULL && session_get(db, a, id, out);
}

/* What a test of a session that is gone was at, it is no more. */
static enum session_state
test_state(const struct test_session *t, const struct execution_row *x)
{
	bool goes_on =
	    x->status == SESSION_PENDING || x->status == SESSION_RUNNING;

	return goes_on && t->row.status == SESSION_INTERRUPTED
		   ? SESSION_INTERRUPTED
		   : x->status;
}

static const char *
test_name(const struct execution_row *x)
{
	return *x->plan_file != '\0' ? x->plan_file : x->task;
}

/* ---- as JSON ---- */

static void
session_head(const struct test_session *t, struct json_out *j)
{
	jo_key(j, "session_id");
	jo_text(j, t->row.id);
	jo_key(j, "status");
	jo_text(j, session_state_word(t->row.status));
}

static void
json_count(struct json_out *j, const char *key, int64_t n)
{
	jo_key(j, key);
	jo_int(j, n);
}

static void
session_summary(const struct test_session *t, struct json_out *j)
{
	jo_open(j, '{');
	session_head(t, j);
	json_count(j, "num_workers", t->row.num_workers);
	jo_key(j, "started_at");
	jo_time(j, t->row.started_ns);
	if (t->row.completed_ns != 0) {
		jo_key(j, "completed_at");
		jo_time(j, t->row.completed_ns);
	}
	json_count(j, "tests_total", t->row.tests_total);
	json_count(j, "tests_passed", t->row.tests_passed);
	json_count(j, "tests_failed", t->row.tests_failed);
	jo_close(j, '}');
}

static void
session_progress(const struct test_session *t, const execution_rows *tests,
    struct json_out *j)
{
	int64_t completed = 0, running = 0, pending = 0;
	const struct execution_row *x;

	vec_each(tests, x) {
		enum session_state state = test_state(t, x);

		completed += state == SESSION_COMPLETED;
		running += state == SESSION_RUNNING;
		pending += state == SESSION_PENDING;
	}
	jo_key(j, "progress");
	jo_open(j, '{');
	json_count(j, "total", (int64_t)tests->n);
	json_count(j, "completed", completed);
	json_count(j, "running", running);
	json_count(j, "pending", pending);
	json_count(
	    j, "failed", (int64_t)tests->n - completed - running - pending);
	jo_close(j, '}');
}

static const char *
worker_status(const struct test_session *t, const struct worker_row *w)
{
	static const char *const known[] = { "starting", "idle", "busy",
		"ended", "died" };

	if (t->row.status == SESSION_INTERRUPTED &&
	    strcmp(w->status, "ended") != 0)
		return "died";
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], w->status) == 0)
			return known[i];
	return "busy";
}

static void
json_text_or_null(struct json_out *j, const char *key, const char *text)
{
	jo_key(j, key);
	if (text == NULL || *text == '\0')
		jo_null(j);
	else
		jo_text(j, text);
}

static void
session_worker(const struct test_session *t, const execution_rows *tests,
    const struct worker_row *w, struct json_out *j)
{
	const char *test = NULL;
	const struct execution_row *x;

	vec_each(tests, x)
		if (x->number == w->number)
			test = test_name(x);
	jo_open(j, '{');
	jo_key(j, "worker_id");
	jo_text(j, w->worker_id);
	jo_key(j, "status");
	jo_text(j, worker_status(t, w));
	json_text_or_null(j, "current_test", test);
	json_text_or_null(j, "worktree_id", w->worktree_id);
	jo_close(j, '}');
}

static bool
session_status(struct arena *a, struct database *db,
    const struct test_session *t, struct json_out *j)
{
	execution_rows tests = { 0 };
	worker_rows workers = { 0 };
	const struct worker_row *w;

	if (!executions_list(db, a, t->row.id, &tests) ||
	    !workers_list(db, a, t->row.id, &workers))
		return false;
	jo_open(j, '{');
	session_head(t, j);
	session_progress(t, &tests, j);
	jo_key(j, "workers");
	jo_open(j, '[');
	vec_each(&workers, w)
		session_worker(t, &tests, w, j);
	jo_close(j, ']');
	jo_close(j, '}');
	return true;
}

/* ---- results ---- */

static int64_t
time_between(int64_t from, int64_t to, bool goes_on)
{
	if (from == 0)
		return 0;
	if (to == 0)
		to = goes_on ? clock_real_ns() : from;
	return to > from ? to - from : 0;
}

/* A test that does not say how many tasks it had has had one: its own. */
static void
result_tasks(
    const struct execution_row *x, enum session_state state, struct json_out *j)
{
	bool says = x->tasks_passed >= 0 || x->tasks_failed >= 0;

	json_count(j, "tasks_passed",
	    says ? (x->tasks_passed > 0 ? x->tasks_passed : 0)
		 : state == SESSION_COMPLETED);
	json_count(j, "tasks_failed",
	    says ? (x->tasks_failed > 0 ? x->tasks_failed : 0)
		 : state == SESSION_FAILED);
}

static void
session_result(const struct test_session *t, const struct execution_row *x,
    struct json_out *j)
{
	enum session_state state = test_state(t, x);

	jo_open(j, '{');
	jo_key(j, "plan_file");
	jo_text(j, test_name(x));
	jo_key(j, "status");
	jo_text(j, session_state_word(state));
	result_tasks(x, state, j);
	jo_text_if(j, "report_path", x->report_path);
	jo_key(j, "duration_seconds");
	jo_seconds(j, time_between(x->started_ns, x->completed_ns,
			  state == SESSION_RUNNING));
	jo_text_if(j, "task", x->task);
	jo_text_if(j, "batch_range", x->batch_range);
	json_count(j, "execution_id", x->number);
	jo_text_if(j, "test_run_id", x->test_run_id);
	jo_text_if(j, "worktree_id", x->worktree_id);
	jo_text_if(j, "worktree_path", x->worktree_path);
	jo_text_if(j, "worker_id", x->worker_id);
	json_count(j, "retry_count", x->retry_count);
	jo_text_if(j, "error", x->reason);
	jo_close(j, '}');
}

static void
session_results(const struct test_session *t, const execution_rows *tests,
    struct json_out *j)
{
	const struct execution_row *x;
	int64_t passed = 0, failed = 0;
	char minutes[32];

	vec_each(tests, x) {
		enum session_state state = test_state(t, x);

		passed += state == SESSION_COMPLETED;
		failed += state == SESSION_FAILED;
	}
	snprintf(minutes, sizeof(minutes), "%.3f",
	    (double)time_between(
		t->row.started_ns, t->row.completed_ns, t->is_live) /
		NS_PER_MINUTE);
	jo_open(j, '{');
	session_head(t, j);
	jo_key(j, "duration_minutes");
	jo_raw(j, sv_of(minutes));
	jo_key(j, "summary");
	jo_open(j, '{');
	json_count(j, "total_tests", (int64_t)tests->n);
	json_count(j, "tests_passed", passed);
	json_count(j, "tests_failed", failed);
	jo_close(j, '}');
	jo_key(j, "results");
	jo_open(j, '[');
	vec_each(tests, x)
		session_result(t, x, j);
	jo_close(j, ']');
	jo_close(j, '}');
}

void
tests_estimate(const struct session_row *row, struct json_out *j)
{
	char minutes[32];

	if (row->expected_ns <= 0 || row->num_workers <= 0) {
		jo_null(j);
		return;
	}
	snprintf(minutes, sizeof(minutes), "%.3f",
	    (double)row->expected_ns / row->num_workers / NS_PER_MINUTE);
	jo_raw(j, sv_of(minutes));
}

/* ---- the answers ---- */

static void
reply_no_database(struct request *r)
{
	reply_problem(r, 503, "the database of sessions cannot be read now");
}

/* The session of /parallel-test/ID; NULL: that was answered. */
static struct database *
request_session(struct request *r, struct test_session *t)
{
	const char *id = r->parts.v[3];
	enum db_fault fault = DB_FINE;
	struct database *db = tests_db(r->s, &fault);

	if (db != NULL && run_id_is_one(id) &&
	    session_read(r->s, r->a, db, id, t))
		return db;
	if (fault != DB_FINE || (db != NULL && db->fault != DB_FINE))
		reply_no_database(r);
	else
		reply_problem(r, 404, "there is no session %.80s", id);
	return NULL;
}

void
tests_status(struct request *r)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;
	struct test_session t;
	struct database *db = request_session(r, &t);

	if (db == NULL)
		return;
	if (session_status(r->a, db, &t, &j))
		reply_json(r, &j);
	else
		reply_no_database(r);
}

void
tests_results(struct request *r)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;
	execution_rows tests = { 0 };
	struct test_session t;
	struct database *db = request_session(r, &t);

	if (db == NULL)
		return;
	if (!executions_list(db, r->a, t.row.id, &tests)) {
		reply_no_database(r);
		return;
	}
	session_results(&t, &tests, &j);
	reply_json(r, &j);
}

static void
tests_page(struct request *r, const struct page *page, session_rows *rows)
{
	struct json_out j cleanup_json = JSON_OUT_INIT;
	bool more = rows->n > (size_t)page->limit;

	if (more)
		rows->n = (size_t)page->limit;
	jo_open(&j, '{');
	jo_key(&j, "sessions");
	jo_open(&j, '[');
	for (size_t i = 0; i < rows->n; i++) {
		struct test_session t = { rows->v[i],
			session_is_live(r->s, r->a, rows->v[i].id) };

		if (!t.is_live)
			(void)tests_row(r->s, r->a, t.row.id, &t.row);
		session_settle(&t);
		session_summary(&t, &j);
	}
	jo_close(&j, ']');
	jo_close(&j, '}');
	reply_page(r, page, more ? rows->v[rows->n - 1].id : NULL, &j);
}

void
tests_list(struct request *r)
{
	enum db_fault fault = DB_FINE;
	session_rows rows = { 0 };
	struct database *db;
	struct page page;

	if (!page_read(r, &page))
		return;
	db = tests_db(r->s, &fault);
	if (fault != DB_FINE ||
	    (db != NULL &&
		!sessions_list(db, r->a, page.after, page.limit + 1, &rows)))
		reply_no_database(r);
	else
		tests_page(r, &page, &rows);
}

void
tests_each(struct server *s,
    void (*fn)(void *arg, const char *id, bool is_live, struct json_out *j),
    void *arg)
{
	struct arena *a cleanup_arena = arena_new();
	enum db_fault fault;
	struct database *db = tests_db(s, &fault);
	session_rows rows = { 0 };

	if (db == NULL || !sessions_list(db, a, "", TESTS_EACH, &rows))
		return;
	for (size_t i = 0; i < rows.n; i++) {
		struct json_out j cleanup_json = JSON_OUT_INIT;
		struct test_session t;

		if (!session_read(s, a, db, rows.v[i].id, &t))
			continue;
		jo_open(&j, '{');
		jo_key(&j, "summary");
		session_summary(&t, &j);
		jo_key(&j, "status");
		if (!session_status(a, db, &t, &j))
			return;
		jo_close(&j, '}');
		fn(arg, t.row.id, t.is_live, &j);
	}
}
