/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "run/fake.h"

#define FILE_HEAD "version: '3'\ntasks:\n"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- the main path ---- */

/* L-173, L-180 */
static void
deps_run_before_commands_and_commands_in_order(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {deps: [b, c], cmds: [one, two]}\n"
	    "  b: [bee]\n"
	    "  c: [sea]\n", 4);
	assert_true(world_run(&w, "a", NULL));
	assert_string_equal(sb_cstr(&w.fake.log),
	    "start bee\nstart sea\nend bee\nend sea\n"
	    "start one\nend one\nstart two\nend two\n");
	assert_int_equal(world_call(&w, "a", 0)->outcome, OUTCOME_PASSED);
	assert_true(world_call(&w, "b", 0)->is_dep);
	world_free(&w);
}

/* L-187, L-192, C-208 */
static void
failure_stops_the_rest_and_nests_its_text(void **state)
{
	static const struct fake_script s[] = { { .text = "bad", .status = 7 } };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  default: [{task: b}, never]\n"
	    "  b: [bad, never]\n", 1);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "default", NULL));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"default\": "
	    "task: Failed to run task \"b\": exit status 7");
	assert_int_equal(world_code(&w), ERR_TASK_FAILED);
	assert_int_equal(run_get_result(w.run)->err.status, 7);
	assert_ptr_equal(run_get_result(w.run)->err_call,
	    world_call(&w, "default", 0));
	assert_ptr_equal(world_call(&w, "default", 0)->cause,
	    world_call(&w, "b", 0));
	assert_int_equal(world_at(&w, "start never", 0), -1);
	world_free(&w);
}

/* L-181, P-105 */
static void
failing_dep_stops_no_sibling_and_the_first_in_time_counts(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "slow bad", .status = 3, .ns = 3000 },
		{ .text = "bad", .status = 7, .ns = 1000 },
		{ .text = "good", .ns = 9000 },
	};
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {deps: [x, y, z], cmds: [never]}\n"
	    "  x: [slow bad]\n"
	    "  y: [bad]\n"
	    "  z: [good, after]\n", 0);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", NULL));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": "
	    "task: Failed to run task \"y\": exit status 7");
	assert_int_not_equal(world_at(&w, "end after", 0), -1);
	assert_int_equal(world_call(&w, "a", 0)->outcome, OUTCOME_NOT_RUN);
	assert_int_equal(world_call(&w, "a", 0)->skip, SKIP_DEP_FAILED);
	assert_string_equal(world_call(&w, "a", 0)->skip_detail, "y");
	assert_int_equal(world_call(&w, "z", 0)->outcome, OUTCOME_PASSED);
	world_free(&w);
}

/* L-181, C-103: INT, KILL after 2 s */
static void
failfast_cancels_the_siblings(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "bad", .status = 7, .ns = 1000 },
		{ .text = "hang", .ns = -1 },
		{ .text = "deaf", .ns = -1, .ignores_int = true },
	};
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {deps: [x, y, z], failfast: true}\n"
	    "  x: [bad]\n"
	    "  y: [hang, never]\n"
	    "  z: [deaf]\n", 0);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(run_get_result(w.run)->err.status, 7);
	assert_int_equal(world_call(&w, "y", 0)->outcome, OUTCOME_CANCELLED);
	assert_int_equal(world_at(&w, "start never", 0), -1);
	assert_int_equal(w.loop.now_ns, 1 + 1000 + 2 * NS_PER_S);
	assert_int_equal(w.fake.max_signals, 1);
	world_free(&w);
}

/* C-061, C-062 */
static void
named_tasks_run_in_order_and_the_first_failure_stops(void **state)
{
	static const struct fake_script s[] = { { .text = "bad", .status = 2 } };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: [one]\n"
	    "  b: [bad]\n"
	    "  c: [never]\n", 4);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", "b", "c", NULL));
	assert_string_equal(sb_cstr(&w.fake.log),
	    "start one\nend one\nstart bad\nend bad\n");
	assert_int_equal(world_call(&w, "c", 0)->outcome, OUTCOME_NOT_RUN);
	assert_int_equal(world_call(&w, "c", 0)->skip, SKIP_EARLIER_FAILED);
	world_free(&w);

	world_init(&w, FILE_HEAD "  a: [one]\n", 4);
	assert_false(world_run(&w, "a", "nope", NULL));
	assert_string_equal(world_error(&w), "task: Task \"nope\" does not exist");
	assert_int_equal(w.fake.started, 0);
	world_free(&w);
}

static void
parallel_named_tasks_all_finish(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "bad", .status = 2, .ns = 10 },
		{ .text = "slow", .ns = 1000 },
	};
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD "  a: [bad]\n  b: [slow, more]\n", 4);
	world_script(&w, s, COUNT(s));
	w.config.parallel = true;
	assert_false(world_run(&w, "a", "b", NULL));
	assert_int_not_equal(world_at(&w, "end more", 0), -1);
	world_free(&w);
}

/* L-193, C-210 */
static void
ignore_error_passes_over_exit_statuses_only(void **state)
{
	static const struct fake_script s[] = { { .text = "bad", .status = 2 } };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a:\n"
	    "    cmds:\n"
	    "      - {cmd: bad, ignore_error: true}\n"
	    "      - {task: b, ignore_error: true}\n"
	    "      - last\n"
	    "  b: [bad]\n", 1);
	world_script(&w, s, COUNT(s));
	assert_true(world_run(&w, "a", NULL));
	assert_true(world_saw(&w, "CMD_IGNORED a: exit status 2"));
	assert_true(world_saw(&w,
	    "CALL_IGNORED a: task: Failed to run task \"b\": exit status 2"));
	assert_int_not_equal(world_at(&w, "end last", 0), -1);
	world_free(&w);

	world_init(&w, FILE_HEAD
	    "  a:\n"
	    "    ignore_error: true\n"
	    "    cmds: [bad, next, {task: nope}, never]\n", 1);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", NULL));
	assert_true(world_saw(&w, "TASK_IGNORED a: exit status 2"));
	assert_int_not_equal(world_at(&w, "end next", 0), -1);
	assert_int_equal(world_at(&w, "start never", 0), -1);
	assert_int_equal(world_code(&w), ERR_TASK_NOT_FOUND);
	world_free(&w);
}

/* L-196, L-197 */
static void
defers_run_in_reverse_with_the_exit_code(void **state)
{
	static const struct fake_script s[] = { { .text = "bad", .status = 5 } };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a:\n"
	    "    cmds:\n"
	    "      - {defer: first}\n"
	    "      - {defer: 'code {{.EXIT_CODE}}'}\n"
	    "      - bad\n"
	    "      - {defer: never}\n", 1);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", NULL));
	assert_string_equal(sb_cstr(&w.fake.log),
	    "start bad\nend bad\nstart code 5\nend code 5\n"
	    "start first\nend first\n");
	world_free(&w);
}

static void
failing_defer_is_told_and_changes_nothing(void **state)
{
	static const struct fake_script s[] = { { .text = "bad", .status = 5 } };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {cmds: [{defer: {task: b}}, {defer: bad}, good]}\n"
	    "  b: [bad]\n", 1);
	world_script(&w, s, COUNT(s));
	assert_true(world_run(&w, "a", NULL));
	assert_true(world_saw(&w, "DEFER_IGNORED a: exit status 5"));
	assert_true(world_saw(&w,
	    "DEFER_IGNORED a: task: Failed to run task \"b\": exit status 5"));
	world_free(&w);
}

/* L-198 */
static void
conditions_skip_tasks_and_commands(void **state)
{
	static const struct fake_script s[] = { { .text = "test no",
	    .status = 1 } };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a:\n"
	    "    cmds:\n"
	    "      - {cmd: never, if: test no}\n"
	    "      - {cmd: yes, if: test yes}\n"
	    "      - {cmd: never, if: 'false'}\n"
	    "      - {task: b}\n"
	    "      - {task: b, if: test no}\n"
	    "  b: {if: test no, cmds: [never]}\n", 1);
	world_script(&w, s, COUNT(s));
	assert_true(world_run(&w, "a", NULL));
	assert_int_equal(world_at(&w, "start never", 0), -1);
	assert_int_not_equal(world_at(&w, "start yes", 0), -1);
	assert_int_equal(world_at(&w, "start false", 0), -1);
	assert_int_equal(world_count(&w, "b"), 1);
	assert_int_equal(world_call(&w, "b", 0)->outcome, OUTCOME_SKIPPED);
	assert_int_equal(world_call(&w, "b", 0)->skip, SKIP_IF);
	world_free(&w);
}

/* L-199, L-175 */
static void
precondition_fails_the_task_unless_forced(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a:\n"
	    "    deps: [b]\n"
	    "    preconditions: [{sh: 'false', msg: no luck}]\n"
	    "    cmds: [never]\n"
	    "  b: [dep]\n", 1);
	assert_false(world_run(&w, "a", NULL));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": task: precondition not met");
	assert_int_equal(run_get_result(w.run)->err.status, -1);
	assert_true(world_saw(&w, "PRECONDITION a: no luck"));
	assert_int_not_equal(world_at(&w, "end dep", 0), -1);
	w.config.force = true;
	assert_true(world_run(&w, "a", NULL));
	world_free(&w);
}

/* L-177, L-200 */
static void
status_says_up_to_date(void **state)
{
	static const struct fake_script s[] = { { .text = "stale",
	    .status = 1 } };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {status: [ok, ok], cmds: [never]}\n"
	    "  b: {status: [ok, stale, ok], cmds: [work]}\n", 1);
	world_script(&w, s, COUNT(s));
	assert_true(world_run(&w, "a", "b", NULL));
	assert_true(world_saw(&w, "UP_TO_DATE a"));
	assert_int_equal(world_call(&w, "a", 0)->outcome, OUTCOME_UP_TO_DATE);
	assert_int_equal(world_at(&w, "start never", 0), -1);
	assert_int_not_equal(world_at(&w, "end work", 0), -1);
	assert_int_not_equal(world_at(&w, "end ok", 2), -1);
	assert_int_equal(world_at(&w, "end ok", 3), -1);
	world_free(&w);
}

/* C-098 */
static void
status_mode_asks_and_runs_nothing(void **state)
{
	static const struct fake_script s[] = { { .text = "stale",
	    .status = 1 } };
	struct err e cleanup_err = ERR_INIT;
	struct call call = { .task = "b" };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  b: {label: B, status: [stale], deps: [c], cmds: [work]}\n"
	    "  c: [never]\n", 1);
	world_script(&w, s, COUNT(s));
	w.run = run_new(&w.config, &w.compiler, &w.loop.loop, w.executors,
	    w.slots, w.fp, NULL, 0);
	assert_false(run_status(w.run, &call, 1, &e));
	assert_string_equal(e.message, "task: Task \"B\" is not up-to-date");
	assert_int_equal(e.code, ERR_GENERIC);
	assert_int_equal(w.fake.started, 1);
	world_free(&w);
}

/* L-203 */
static void
dry_run_echoes_and_starts_nothing(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {deps: [b], cmds: [{defer: late}, one, {cmd: x, silent: true}]}\n"
	    "  b: [dep]\n", 1);
	w.config.dry = true;
	assert_true(world_run(&w, "a", NULL));
	assert_int_equal(w.fake.started, 0);
	assert_true(world_saw(&w, "CMD_ECHO b: dep"));
	assert_true(world_saw(&w, "CMD_ECHO a: one"));
	assert_true(world_saw(&w, "CMD_ECHO a: x (quiet)"));
	assert_true(world_saw(&w, "CMD_ECHO a: late"));
	world_free(&w);
}

/* L-195, C-218 */
static void
timeout_ends_a_command_with_int_then_kill(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "hang", .ns = -1, .ignores_int = true },
	};
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a:\n"
	    "    cmds:\n"
	    "      - {defer: 'code {{.EXIT_CODE}}'}\n"
	    "      - {cmd: hang, timeout: 300ms}\n", 1);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", NULL));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": "
	    "task: [a] command timeout exceeded (300ms)");
	assert_int_equal(world_code(&w), ERR_TIMEOUT);
	assert_int_not_equal(world_at(&w, "start code 124", 0), -1);
	assert_int_equal(
	    w.loop.now_ns, 1 + 300 * NS_PER_MS + 2 * NS_PER_S + NS_PER_MS);
	world_free(&w);
}

static void
timeout_of_a_dep_names_the_dep_and_ends_its_tree(void **state)
{
	static const struct fake_script s[] = { { .text = "hang", .ns = -1 } };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {deps: [{task: b, timeout: 1s}]}\n"
	    "  b: [{task: c}]\n"
	    "  c: {cmds: [{defer: late}, hang, never]}\n", 1);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", NULL));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": "
	    "task: [b] command timeout exceeded (1s)");
	assert_int_not_equal(world_at(&w, "end late", 0), -1);
	assert_int_equal(world_at(&w, "start never", 0), -1);
	assert_int_equal(world_call(&w, "b", 0)->outcome, OUTCOME_FAILED);
	assert_int_equal(world_call(&w, "c", 0)->outcome, OUTCOME_CANCELLED);
	world_free(&w);
}

/* ---- phases, commit ---- */

static void
calls_of_a_requested_task_are_phases(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  qa: {commit: true, deps: [lint], cmds: [{task: test}]}\n"
	    "  lint: {deps: [tool], cmds: [l]}\n"
	    "  tool: [t]\n"
	    "  test: [u]\n"
	    "  alone: [x]\n", 0);
	assert_true(world_run(&w, "qa", "alone", NULL));
	assert_true(world_call(&w, "lint", 0)->is_phase);
	assert_true(world_call(&w, "test", 0)->is_phase);
	assert_true(world_call(&w, "alone", 0)->is_phase);
	assert_false(world_call(&w, "qa", 0)->is_phase);
	assert_false(world_call(&w, "tool", 0)->is_phase);
	assert_true(world_call(&w, "qa", 0)->owes_commit);
	assert_false(world_call(&w, "lint", 0)->owes_commit);
	world_free(&w);
}

/* ---- variables ---- */

static void
failing_variable_fails_the_call_unwrapped(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "bad", .status = 3 },
		{ .text = "good", .out = "value\n" },
	};
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {vars: {X: {sh: bad}}, cmds: ['echo {{.X}}']}\n"
	    "  b: {vars: {X: {sh: good}}, cmds: ['echo {{.X}}']}\n", 0);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", NULL));
	assert_string_equal(world_error(&w),
	    "task: Command \"bad\" failed: exit status 3");
	assert_int_equal(world_code(&w), ERR_GENERIC);
	assert_null(run_get_result(w.run)->err_call);
	assert_true(world_run(&w, "b", NULL));
	assert_true(world_saw(&w, "DYNAMIC_VAR b: value") ||
	    world_saw(&w, "DYNAMIC_VAR b: good"));
	world_free(&w);
}

#define T(name) cmocka_unit_test(name)

int
test_run_run(void)
{
	const struct CMUnitTest tests[] = {
		T(deps_run_before_commands_and_commands_in_order),
		T(failure_stops_the_rest_and_nests_its_text),
		T(failing_dep_stops_no_sibling_and_the_first_in_time_counts),
		T(failfast_cancels_the_siblings),
		T(named_tasks_run_in_order_and_the_first_failure_stops),
		T(parallel_named_tasks_all_finish),
		T(ignore_error_passes_over_exit_statuses_only),
		T(defers_run_in_reverse_with_the_exit_code),
		T(failing_defer_is_told_and_changes_nothing),
		T(conditions_skip_tasks_and_commands),
		T(precondition_fails_the_task_unless_forced),
		T(status_says_up_to_date),
		T(status_mode_asks_and_runs_nothing),
		T(dry_run_echoes_and_starts_nothing),
		T(timeout_ends_a_command_with_int_then_kill),
		T(timeout_of_a_dep_names_the_dep_and_ends_its_tree),
		T(calls_of_a_requested_task_are_phases),
		T(failing_variable_fails_the_call_unwrapped),
	};

	return cmocka_run_group_tests_name("run run", tests, NULL, NULL);
}
