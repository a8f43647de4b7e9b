/* SPDX-License-Identifier: MIT */
/* P-902, P-1101, P-1103: the database, what goes in, and what it says. */
#include "store/history_db.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "store/history_stats.h"
#include "tree.h"

struct past {
	struct tree t;
	struct state s;
	char *path;
};

static struct past
past_new(void)
{
	struct past p = { .t = tree_new() };

	p.s.dir = tree_path(&p.t, "st");
	p.s.runs = tree_path(&p.t, "st/runs");
	p.path = tree_path(&p.t, "st/history.db");
	tree_file(&p.t, "st/runs/none", "");
	return p;
}

static void
past_free(struct past *p)
{
	tree_cleanup(&p->t);
}
#define cleanup_past __attribute__((cleanup(past_free)))

/* One call of `a` in one run; `more` are members of its last lines. */
struct one_run {
	int ms;
	const char *status, *call_end, *run, *end;
};

static void
add_one(struct past *p, int number, const struct one_run *o)
{
	tree_file(&p->t,
	    arena_printf(
		p->t.a, "st/runs/20200101-%06d-000000/events.jsonl", number),
	    arena_printf(p->t.a,
		"{\"ev\":\"run\",\"format\":2,\"id\":\"%d\",\"machine\":\"m\","
		"\"at\":%d,\"slots\":2%s}\n"
		"{\"ev\":\"call\",\"id\":1,\"name\":\"a\",\"task\":\"a\"}\n"
		"{\"ev\":\"start\",\"id\":1,\"name\":\"a\",\"start\":0}\n"
		"{\"ev\":\"call_end\",\"id\":1,\"name\":\"a\",\"status\":\"%"
		"s\","
		"\"end\":%d000000,\"job_time\":%d000000,\"jobs\":1,"
		"\"attempts\":1%s}\n"
		"{\"ev\":\"end\",\"end\":%d000000%s}\n",
		number, number, o->run ? o->run : "",
		o->status ? o->status : "passed", o->ms, o->ms,
		o->call_end ? o->call_end : "", o->ms, o->end ? o->end : ""));
}

static struct database *
past_open(struct past *p)
{
	struct err e cleanup_err = ERR_INIT;
	enum db_fault fault;
	struct database *db = history_db_open(p->path, true, &fault, &e);

	if (db == NULL)
		fail_msg("%d: %s", fault, e.message);
	return db;
}

static enum db_fault
fault_of_open(struct past *p, bool writes)
{
	struct err e cleanup_err = ERR_INIT;
	enum db_fault fault;
	struct database *db = history_db_open(p->path, writes, &fault, &e);

	assert_true((db == NULL) == (fault != DB_FINE));
	assert_true(db != NULL || err_is_set(&e));
	database_close(db);
	return fault;
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static int64_t
count_of(struct database *db, const char *sql)
{
	sqlite3_stmt *s cleanup_stmt = database_prepare(db, sql);

	return database_step(db, s) ? sqlite3_column_int64(s, 0) : -1;
}

static void
read_a(struct past *p, struct database *db, struct call_stats *out)
{
	history_series_vec all = { 0 };

	assert_true(history_db_series(db, p->t.a, NULL, 0, "m", &all));
	assert_int_equal(all.n, 1);
	history_stats(p->t.a, &all.v[0], out);
}

static void
take_all(struct past *p, struct call_stats *out)
{
	struct database *db = past_open(p);

	assert_true(history_db_import(db, &p->s, ""));
	read_a(p, db, out);
	database_close(db);
}

/* ---- the file ---- */

static void
each_journal_goes_in_once(void **state)
{
	struct past p cleanup_past = past_new();
	struct database *db = past_open(&p);

	(void)state;
	for (int i = 0; i < 3; i++)
		add_one(&p, i, &(struct one_run){ .ms = 10 });
	tree_file(
	    &p.t, "st/runs/20200102-000000-000000/events.jsonl", "garbage\n");
	for (int i = 0; i < 2; i++) {
		assert_true(history_db_import(db, &p.s, ""));
		assert_int_equal(count_of(db, "SELECT count(*) FROM runs"), 3);
		assert_int_equal(count_of(db, "SELECT count(*) FROM calls"), 3);
	}
	database_close(db);
}

static void
run_without_work_leaves_its_row_only(void **state)
{
	struct past p cleanup_past = past_new();
	struct database *db = past_open(&p);

	(void)state;
	add_one(&p, 0, &(struct one_run){ .ms = 10 });
	add_one(&p, 1,
	    &(struct one_run){ .ms = 1,
		.status = "up to date",
		.end = ",\"idle\":true" });
	/* cut short: what is there is all that is known */
	tree_file(&p.t, "st/runs/20200101-000002-000000/events.jsonl",
	    "{\"ev\":\"run\",\"format\":2,\"id\":\"2\",\"at\":2}\n"
	    "{\"ev\":\"call\",\"id\":1,\"name\":\"a\",\"task\":\"a\"}\n"
	    "{\"ev\":\"call_end\",\"id\":1,\"status\":\"passed\",\"end\":1}\n"
	    "{\"ev\":\"end\",\"end\":1,\"idle\":true}");
	assert_true(history_db_import(db, &p.s, ""));
	assert_int_equal(count_of(db, "SELECT count(*) FROM runs"), 3);
	assert_int_equal(
	    count_of(db, "SELECT count(*) FROM calls WHERE run <> 0"), 2);
	database_close(db);
}

/* What the first version made; a row of each. */
static const char first_version[] =
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " at INTEGER, wall INTEGER, exit INTEGER, signal INTEGER,"
    " serial INTEGER, slots INTEGER, machine TEXT, head TEXT,"
    " tree INTEGER, load INTEGER);"
    "CREATE TABLE series (id INTEGER PRIMARY KEY, task TEXT NOT NULL,"
    " vars TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (task, vars));"
    "CREATE TABLE calls (series INTEGER, run INTEGER, call INTEGER,"
    " outcome INTEGER, flags INTEGER, attempts INTEGER, start INTEGER,"
    " wall INTEGER, busy INTEGER, wait INTEGER, cpu INTEGER, rss INTEGER,"
    " alone INTEGER, PRIMARY KEY (series, run, call)) WITHOUT ROWID;"
    "INSERT INTO runs VALUES"
    " (1, '20200101-000000-000000', 0, 9, 0, 0, 0, 2, 'm', '', 0, 0);"
    "INSERT INTO series VALUES (1, 'a', '', 'a');"
    "INSERT INTO calls VALUES (1, 1, 1, 0, 0, 1, 0, 9, 8, 0, 7, 6, 5);"
    "PRAGMA user_version = 1;";

static void
make_db(struct past *p, const char *sql)
{
	sqlite3 *made;

	assert_int_equal(sqlite3_open(p->path, &made), SQLITE_OK);
	assert_int_equal(sqlite3_exec(made, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(made);
	assert_int_equal(chmod(p->path, 0600), 0);
}

static void
older_one_is_brought_up_to_date_with_what_it_has(void **state)
{
	struct past p cleanup_past = past_new();
	struct call_stats s;

	(void)state;
	make_db(&p, first_version);
	/* nothing is changed by who only reads */
	assert_int_equal(fault_of_open(&p, false), DB_FAILED);
	add_one(&p, 1,
	    &(struct one_run){ .ms = 10, .call_end = ",\"blocks_read\":8" });
	take_all(&p, &s);
	assert_int_equal(s.runs, 2);
	assert_int_equal(s.timed, 2);
	assert_float_equal(s.blocks_read, 4, 1e-9);
	assert_int_equal(fault_of_open(&p, false), DB_FINE);
}

static void
newer_one_is_left_alone(void **state)
{
	struct past p cleanup_past = past_new();
	struct err e = ERR_INIT;
	sv before, after;

	(void)state;
	make_db(&p, "CREATE TABLE runs (no); PRAGMA user_version = 99");
	assert_true(read_file(p.t.a, p.path, &before, &e));
	assert_int_equal(fault_of_open(&p, true), DB_NEWER);
	assert_int_equal(fault_of_open(&p, false), DB_NEWER);
	assert_true(read_file(p.t.a, p.path, &after, &e));
	assert_true(sv_eq(before, after));
}

/* Garbage, a file that is cut off, tables that are not as they were made. */
static void
damaged_one_is_put_aside_and_begins_anew(void **state)
{
	static const char *const damages[] = {
		"PRAGMA user_version = 3",
		"CREATE TABLE runs (no); PRAGMA user_version = 3",
		"CREATE TABLE runs (no)",
	};
	struct past p cleanup_past = past_new();
	char *aside = arena_printf(p.t.a, "%s.damaged", p.path);
	struct call_stats s;

	(void)state;
	add_one(&p, 1, &(struct one_run){ .ms = 10 });
	tree_file(&p.t, "st/history.db",
	    "this is no database, however long it may be, and that it is");
	chmod(p.path, 0600);
	assert_int_equal(fault_of_open(&p, true), DB_DAMAGED);
	for (size_t i = 0; i < 3; i++) {
		struct err e cleanup_err = ERR_INIT;
		enum db_fault fault;
		struct database *db;

		assert_true(is_there(aside) && !is_there(p.path));
		assert_int_equal(unlink(aside), 0);
		make_db(&p, damages[i]);
		db = history_db_open(p.path, true, &fault, &e);
		if (db != NULL) {
			assert_false(history_db_import(db, &p.s, ""));
			fault = database_fault(db, &e);
		}
		assert_int_equal(fault, DB_DAMAGED);
		database_close(db);
	}
	assert_int_equal(unlink(aside), 0);
	take_all(&p, &s);
	assert_int_equal(truncate(p.path, 3000), 0);
	unlink(arena_printf(p.t.a, "%s-wal", p.path));
	fault_of_open(&p, true);
	take_all(&p, &s);
	assert_int_equal(s.runs, 1);
}

/* Two that find it damaged: the second one takes the new one for what it is. */
static void
new_one_is_not_put_aside(void **state)
{
	struct past p cleanup_past = past_new();
	struct database *late = past_open(&p);

	(void)state;
	late->fault = DB_DAMAGED;
	assert_int_equal(unlink(p.path), 0);
	database_close(past_open(&p));
	database_close(late);
	assert_true(is_there(p.path));
}

static void
what_cannot_be_written_says_why(void **state)
{
	struct past p cleanup_past = past_new();

	(void)state;
	assert_int_equal(mkdir(p.path, 0700), 0);
	assert_int_equal(fault_of_open(&p, true), DB_FAILED);
	assert_int_equal(rmdir(p.path), 0);
	assert_int_equal(symlink("elsewhere", p.path), 0);
	assert_int_equal(fault_of_open(&p, true), DB_FAILED);
	assert_int_equal(unlink(p.path), 0);
	assert_int_equal(fault_of_open(&p, false), DB_FAILED);
}

/* Whose file may not be written: as on a disk that is mounted read-only. */
static void
read_only_one_can_be_read(void **state)
{
	struct past p cleanup_past = past_new();
	struct err e cleanup_err = ERR_INIT;
	enum db_fault fault;
	struct database *db;
	struct call_stats s;

	(void)state;
	add_one(&p, 1, &(struct one_run){ .ms = 10 });
	take_all(&p, &s);
	db = history_db_open(p.path, false, &fault, &e);
	assert_non_null(db);
	read_a(&p, db, &s);
	assert_int_equal(s.runs, 1);
	add_one(&p, 2, &(struct one_run){ .ms = 10 });
	assert_false(history_db_import(db, &p.s, ""));
	assert_int_equal(database_fault(db, &e), DB_FAILED);
	assert_non_null(strstr(e.message, "readonly"));
	database_close(db);
	take_all(&p, &s);
	assert_int_equal(s.runs, 2);
}

/* All or nothing, and what was there stays. */
static void
full_disk_loses_nothing_that_was_there(void **state)
{
	struct past p cleanup_past = past_new();
	struct err e cleanup_err = ERR_INIT;
	struct call_stats s;
	struct database *db;

	(void)state;
	add_one(&p, 0, &(struct one_run){ .ms = 10 });
	take_all(&p, &s);
	db = past_open(&p);
	for (int i = 1; i < 600; i++)
		add_one(&p, i, &(struct one_run){ .ms = 10 });
	assert_true(database_exec(db, "PRAGMA max_page_count = 10"));
	assert_false(history_db_import(db, &p.s, ""));
	assert_int_equal(database_fault(db, &e), DB_FAILED);
	assert_non_null(strstr(e.message, "full"));
	database_close(db);
	db = past_open(&p);
	read_a(&p, db, &s);
	assert_int_equal(s.runs, 1);
	database_close(db);
	take_all(&p, &s);
	assert_int_equal(s.runs, 600);
}

/* Two runs that end at once: the second one waits a little, then leaves it to
 * the next run. */
static void
two_writers_lose_nothing(void **state)
{
	struct past p cleanup_past = past_new();
	struct err e cleanup_err = ERR_INIT;
	struct database *one = past_open(&p), *two = past_open(&p);
	struct call_stats s;

	(void)state;
	add_one(&p, 1, &(struct one_run){ .ms = 10 });
	assert_true(database_exec(one, "BEGIN IMMEDIATE"));
	assert_false(history_db_import(two, &p.s, ""));
	assert_int_equal(database_fault(two, &e), DB_BUSY);
	database_close(two);
	database_end(one);
	assert_true(history_db_import(one, &p.s, ""));
	two = past_open(&p);
	assert_true(history_db_import(two, &p.s, ""));
	read_a(&p, two, &s);
	assert_int_equal(s.runs, 1);
	database_close(one);
	database_close(two);
}

/* Numbers that somebody else made up do not take the memory. */
static void
numbers_of_any_size_are_read(void **state)
{
	struct past p cleanup_past = past_new();
	struct call_stats s;
	struct database *db;

	(void)state;
	add_one(&p, 1, &(struct one_run){ .ms = 10 });
	take_all(&p, &s);
	db = past_open(&p);
	assert_true(database_exec(db,
	    "INSERT INTO runs (id, name) VALUES"
	    " (-9223372036854775807, 'x'), (9223372036854775807, 'y');"
	    "INSERT INTO calls (series, run, call, outcome) VALUES"
	    " (1, 9223372036854775807, 1, 77), (1, -9, 2, -3)"));
	read_a(&p, db, &s);
	assert_int_equal(s.runs, 3);
	database_close(db);
}

/* ---- what it says ---- */

static void
flaky_is_who_fails_and_passes_on_one_tree(void **state)
{
	struct past p cleanup_past = past_new();
	const char *one = ",\"tree\":\"1111\"", *two = ",\"tree\":\"2222\"";
	struct call_stats s;
	int n = 0;

	(void)state;
	/* a change of the tree is a reason to fail */
	add_one(&p, n++,
	    &(struct one_run){ .ms = 10, .status = "passed", .end = one });
	add_one(&p, n++,
	    &(struct one_run){ .ms = 10, .status = "failed", .end = two });
	/* what is not known to be the same tree is no evidence */
	add_one(&p, n++, &(struct one_run){ .ms = 10, .status = "failed" });
	add_one(&p, n++, &(struct one_run){ .ms = 10, .status = "passed" });
	/* nor is a failure since a call of its own failed, or nothing could be
	 * started, or a signal ended the run */
	add_one(&p, n++,
	    &(struct one_run){ .ms = 10,
		.status = "failed",
		.call_end = ",\"cause\":1",
		.end = one });
	add_one(&p, n++,
	    &(struct one_run){ .ms = 10,
		.status = "failed",
		.call_end = ",\"jobs\":0",
		.end = one });
	add_one(&p, n++,
	    &(struct one_run){ .ms = 10,
		.status = "failed",
		.end = ",\"signal\":2,\"tree\":\"1111\"" });
	add_one(&p, n++,
	    &(struct one_run){ .ms = 10, .status = "cancelled", .end = one });
	take_all(&p, &s);
	assert_int_equal(s.flaky, 0);
	add_one(&p, n++,
	    &(struct one_run){ .ms = 10, .status = "failed", .end = one });
	add_one(&p, n++,
	    &(struct one_run){ .ms = 10, .status = "failed", .end = one });
	add_one(&p, n++,
	    &(struct one_run){ .ms = 10,
		.status = "passed",
		.call_end = ",\"flaky\":true,\"attempts\":2" });
	take_all(&p, &s);
	assert_int_equal(s.flaky, 2);
	assert_int_equal(s.retried, 1);
	/* long ago */
	for (int i = 0; i < FLAKY_WINDOW; i++)
		add_one(
		    &p, n++, &(struct one_run){ .ms = 10, .status = "passed" });
	take_all(&p, &s);
	assert_int_equal(s.flaky + s.retried, 0);
}

static void
times_are_those_of_runs_that_passed_at_once_here(void **state)
{
	struct past p cleanup_past = past_new();
	struct call_stats s;
	int n = 0;

	(void)state;
	add_one(
	    &p, n++, &(struct one_run){ .ms = 10, .run = ",\"serial\":true" });
	add_one(&p, n++,
	    &(struct one_run){ .ms = 30,
		.call_end = ",\"slot_wait\":4000000000,"
			    "\"cpu\":6000000,\"blocks_written\":3",
		.end = ",\"load\":1500" });
	add_one(&p, n++, &(struct one_run){ .ms = 999, .status = "failed" });
	add_one(
	    &p, n++, &(struct one_run){ .ms = 999, .status = "up to date" });
	add_one(&p, n++, &(struct one_run){ .ms = 999, .status = "cached" });
	add_one(&p, n++,
	    &(struct one_run){ .ms = 999,
		.status = "passed",
		.call_end = ",\"attempts\":2,\"flaky\":true" });
	add_one(&p, n++,
	    &(struct one_run){ .ms = 999, .run = ",\"machine\":\"other\"" });
	take_all(&p, &s);
	assert_int_equal(s.runs, 7);
	assert_int_equal(s.timed, 2);
	assert_float_equal(s.mean, 0.02, 1e-9);
	assert_float_equal(s.cpu, 0.003, 1e-9);
	assert_float_equal(s.wait, 2, 1e-9);
	assert_float_equal(s.blocks_written, 1.5, 1e-9);
	assert_int_equal(s.up_to_date, 1);
	assert_int_equal(s.cached, 1);
	assert_int_equal(s.all.of, 5);
	assert_int_equal(s.serial.passed, 1);
	assert_int_equal(s.parallel.of, 4);
	assert_int_equal(s.parallel.passed, 3);
	assert_int_equal(s.critical, 7);
}

int
test_store_history(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_journal_goes_in_once),
		cmocka_unit_test(run_without_work_leaves_its_row_only),
		cmocka_unit_test(
		    older_one_is_brought_up_to_date_with_what_it_has),
		cmocka_unit_test(newer_one_is_left_alone),
		cmocka_unit_test(damaged_one_is_put_aside_and_begins_anew),
		cmocka_unit_test(new_one_is_not_put_aside),
		cmocka_unit_test(what_cannot_be_written_says_why),
		cmocka_unit_test(read_only_one_can_be_read),
		cmocka_unit_test(full_disk_loses_nothing_that_was_there),
		cmocka_unit_test(two_writers_lose_nothing),
		cmocka_unit_test(numbers_of_any_size_are_read),
		cmocka_unit_test(flaky_is_who_fails_and_passes_on_one_tree),
		cmocka_unit_test(
		    times_are_those_of_runs_that_passed_at_once_here),
	};

	return cmocka_run_group_tests_name("store/history", tests, NULL, NULL);
}
