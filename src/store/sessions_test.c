/* SPDX-License-Identifier: MIT */
/* P-806: rows of sessions, their tests, tries and workers. */
#include "store/sessions.h"

#include <unistd.h>

#include "tree.h"

struct book {
	struct tree t;
	struct state s;
	const char *path;
};

static struct book
book_new(void)
{
	struct book b = { .t = tree_new() };

	b.s.dir = tree_path(&b.t, "st");
	tree_file(&b.t, "st/none", "");
	b.path = sessions_path(b.t.a, &b.s);
	return b;
}

static void
book_free(struct book *b)
{
	tree_cleanup(&b->t);
}
#define cleanup_book __attribute__((cleanup(book_free)))

static struct database *
book_open(struct book *b, bool writes)
{
	struct err e cleanup_err = ERR_INIT;
	enum db_fault fault;
	struct database *db = sessions_open(b->path, writes, &fault, &e);

	if (db == NULL)
		fail_msg("%d: %s", fault, e.message);
	return db;
}

static void
put_session(struct database *db, const char *id, enum session_state state)
{
	struct session_row r = { .id = id,
		.num_workers = 3,
		.status = state,
		.started_ns = 5,
		.tests_total = 2,
		.head = "abc",
		.exit_status = -1,
		.pid = 77,
		.timeout_ns = 9 };

	assert_true(session_put(db, &r));
}

static void
put_test(
    struct database *db, const char *id, int number, enum session_state state)
{
	struct execution_row r = { .number = number,
		.name = "a",
		.task = "t",
		.plan_file = "p.md",
		.batch_range = "1-3",
		.status = state,
		.test_run_id = "run",
		.retry_count = 1,
		.tasks_passed = -1,
		.report_path = "out.txt" };
	struct attempt_row try = {
		.number = number, .attempt = 1, .status = state, .reason = "why"
	};

	assert_true(execution_put(db, id, &r));
	assert_true(attempt_put(db, id, &try));
}

static void
rows_come_out_as_they_went_in(void **state)
{
	struct book b cleanup_book = book_new();
	struct database *db = book_open(&b, true);
	struct session_row s;
	execution_rows tests = { 0 };
	attempt_rows tries = { 0 };
	worker_rows workers = { 0 };
	struct worker_row w = { .worker_id = "worker-1",
		.status = "busy",
		.number = 2,
		.worktree_id = "wt-1",
		.pid = 8 };

	(void)state;
	assert_true(sessions_begin(db));
	put_session(db, "one", SESSION_RUNNING);
	put_test(db, "one", 2, SESSION_RUNNING);
	put_test(db, "one", 1, SESSION_PENDING);
	put_test(db, "one", 1, SESSION_COMPLETED);
	assert_true(worker_put(db, "one", &w));
	assert_true(sessions_commit(db));
	assert_true(session_get(db, b.t.a, "one", &s));
	assert_int_equal(s.status, SESSION_RUNNING);
	assert_string_equal(s.head, "abc");
	assert_string_equal(s.reason, "");
	assert_int_equal(s.exit_status, -1);
	assert_int_equal(s.timeout_ns, 9);
	assert_false(session_get(db, b.t.a, "two", &s));
	assert_true(executions_list(db, b.t.a, "one", &tests));
	assert_int_equal(tests.n, 2);
	assert_int_equal(tests.v[0].status, SESSION_COMPLETED);
	assert_string_equal(tests.v[1].batch_range, "1-3");
	assert_string_equal(tests.v[1].test_run_id, "run");
	assert_string_equal(tests.v[1].report_path, "out.txt");
	assert_int_equal(tests.v[1].tasks_passed, -1);
	assert_true(attempts_list(db, b.t.a, "one", 2, &tries));
	assert_int_equal(tries.n, 1);
	assert_string_equal(tries.v[0].reason, "why");
	assert_true(workers_list(db, b.t.a, "one", &workers));
	assert_int_equal(workers.n, 1);
	assert_int_equal(workers.v[0].number, 2);
	database_close(db);
}

/* A reader sees what was committed, at once, while somebody writes; the writer
 * is not kept waiting by it. */
static void
readers_and_the_writer_do_not_wait(void **state)
{
	struct book b cleanup_book = book_new();
	struct database *writer = book_open(&b, true);
	struct database *reader = book_open(&b, false);
	struct session_row s;

	(void)state;
	assert_true(sessions_begin(writer));
	put_session(writer, "one", SESSION_RUNNING);
	assert_false(session_get(reader, b.t.a, "one", &s));
	assert_true(database_begin(reader));
	assert_false(session_get(reader, b.t.a, "one", &s));
	assert_true(sessions_commit(writer));
	assert_false(session_get(reader, b.t.a, "one", &s));
	database_end(reader);
	assert_true(session_get(reader, b.t.a, "one", &s));
	assert_int_equal(reader->fault, DB_FINE);
	database_close(reader);
	database_close(writer);
}

/* What has failed half way is not there at all, and a database that was busy
 * takes the next change. */
static void
change_is_whole_or_not_at_all(void **state)
{
	struct book b cleanup_book = book_new();
	struct database *one = book_open(&b, true), *two = book_open(&b, true);
	struct session_row s;

	(void)state;
	assert_true(sessions_begin(one));
	put_session(one, "one", SESSION_RUNNING);
	assert_int_equal(sqlite3_busy_timeout(two->sql, 1), SQLITE_OK);
	assert_false(sessions_begin(two));
	assert_int_equal(two->fault, DB_BUSY);
	assert_true(sessions_commit(one));
	assert_true(sessions_begin(two));
	put_session(two, "two", SESSION_RUNNING);
	assert_false(database_exec(two, "no sql"));
	assert_false(sessions_commit(two));
	assert_true(session_get(one, b.t.a, "one", &s));
	assert_false(session_get(one, b.t.a, "two", &s));
	two->fault = DB_FINE;
	database_close(two);
	database_close(one);
}

static void
killed_session_is_interrupted_with_what_it_had_not_ended(void **state)
{
	struct book b cleanup_book = book_new();
	struct database *db = book_open(&b, true);
	execution_rows tests = { 0 };
	attempt_rows tries = { 0 };
	struct session_row s;

	(void)state;
	put_session(db, "one", SESSION_RUNNING);
	put_session(db, "two", SESSION_RUNNING);
	put_test(db, "one", 1, SESSION_COMPLETED);
	put_test(db, "one", 2, SESSION_RUNNING);
	put_test(db, "two", 1, SESSION_RUNNING);
	assert_true(session_interrupt(db, "one", 99));
	assert_true(session_get(db, b.t.a, "one", &s));
	assert_int_equal(s.status, SESSION_INTERRUPTED);
	assert_int_equal(s.completed_ns, 99);
	assert_true(executions_list(db, b.t.a, "one", &tests));
	assert_int_equal(tests.v[0].status, SESSION_COMPLETED);
	assert_int_equal(tests.v[1].status, SESSION_INTERRUPTED);
	assert_true(attempts_list(db, b.t.a, "one", 2, &tries));
	assert_int_equal(tries.v[0].status, SESSION_INTERRUPTED);
	assert_true(session_get(db, b.t.a, "two", &s));
	assert_int_equal(s.status, SESSION_RUNNING);
	database_close(db);
}

static void
oldest_go_and_pages_follow_each_other(void **state)
{
	struct book b cleanup_book = book_new();
	struct database *db = book_open(&b, true);
	session_rows all = { 0 }, page = { 0 };
	execution_rows tests = { 0 };

	(void)state;
	for (int i = 1; i <= 5; i++) {
		char *id = arena_printf(b.t.a, "s%d", i);

		put_session(db, id, SESSION_COMPLETED);
		put_test(db, id, 1, SESSION_COMPLETED);
	}
	assert_true(sessions_prune(db, 3));
	assert_true(sessions_list(db, b.t.a, "", 0, &all));
	assert_int_equal(all.n, 3);
	assert_string_equal(all.v[0].id, "s5");
	assert_true(sessions_list(db, b.t.a, "s5", 1, &page));
	assert_int_equal(page.n, 1);
	assert_string_equal(page.v[0].id, "s4");
	assert_true(executions_list(db, b.t.a, "s2", &tests));
	assert_int_equal(tests.n, 0);
	assert_true(executions_list(db, b.t.a, "s3", &tests));
	assert_int_equal(tests.n, 1);
	database_close(db);
}

/* The median of the last five that passed, of just that test. */
static void
time_of_a_test_is_what_it_took_before(void **state)
{
	static const int took[] = { 900, 10, 30, 20, 50, 40 };
	struct book b cleanup_book = book_new();
	struct database *db = book_open(&b, true);
	struct execution_row r = { .number = 1,
		.task = "t",
		.plan_file = "p",
		.batch_range = "all",
		.vars = "",
		.started_ns = 1000,
		.status = SESSION_COMPLETED };

	(void)state;
	assert_int_equal(execution_expected(db, &r), 0);
	for (size_t i = 0; i < sizeof(took) / sizeof(took[0]); i++) {
		char *id = arena_printf(b.t.a, "s%zu", i);

		put_session(db, id, SESSION_COMPLETED);
		r.completed_ns = r.started_ns + took[i];
		r.status = SESSION_COMPLETED;
		assert_true(execution_put(db, id, &r));
		r.number = 2;
		r.status = SESSION_FAILED;
		r.completed_ns += 5000;
		assert_true(execution_put(db, id, &r));
		r.number = 1;
	}
	assert_int_equal(execution_expected(db, &r), 30);
	r.batch_range = "1-2";
	assert_int_equal(execution_expected(db, &r), 0);
	database_close(db);
}

static void
answer_is_kept_for_its_time(void **state)
{
	struct book b cleanup_book = book_new();
	struct database *db = book_open(&b, true);
	const char *hash, *answer;

	(void)state;
	assert_true(idempotency_put(db, "k", "h", "{}", 100, 0));
	assert_true(idempotency_get(db, b.t.a, "k", 100, &hash, &answer));
	assert_string_equal(hash, "h");
	assert_string_equal(answer, "{}");
	assert_false(idempotency_get(db, b.t.a, "k", 101, &hash, &answer));
	assert_false(idempotency_get(db, b.t.a, "other", 0, &hash, &answer));
	assert_true(idempotency_put(db, "l", "h", "{}", 200, 150));
	assert_false(idempotency_get(db, b.t.a, "k", 0, &hash, &answer));
	database_close(db);
}

/* Another's file, and one that is cut off. */
static void
damaged_book_is_put_aside(void **state)
{
	struct book b cleanup_book = book_new();
	struct err e cleanup_err = ERR_INIT;
	enum db_fault fault;

	(void)state;
	tree_file(
	    &b.t, "st/sessions.db", "this is none of ours, and no database");
	assert_null(sessions_open(b.path, true, &fault, &e));
	assert_int_equal(fault, DB_DAMAGED);
	assert_int_equal(
	    access(arena_printf(b.t.a, "%s.damaged", b.path), F_OK), 0);
	database_close(book_open(&b, true));
}

int
test_store_sessions(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_out_as_they_went_in),
		cmocka_unit_test(readers_and_the_writer_do_not_wait),
		cmocka_unit_test(change_is_whole_or_not_at_all),
		cmocka_unit_test(
		    killed_session_is_interrupted_with_what_it_had_not_ended),
		cmocka_unit_test(oldest_go_and_pages_follow_each_other),
		cmocka_unit_test(time_of_a_test_is_what_it_took_before),
		cmocka_unit_test(answer_is_kept_for_its_time),
		cmocka_unit_test(damaged_book_is_put_aside),
	};

	return cmocka_run_group_tests_name("store/sessions", tests, NULL, NULL);
}
