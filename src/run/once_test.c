/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>

#include "run/fake.h"

#define FILE_HEAD "version: '3'\ntasks:\n"
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

/* ---- run: once ---- */

/* L-188, L-190, never-event 12 */
static void
once_runs_once_and_shares_its_failure(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "bad", .status = 3, .ns = 5000 }
	};
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [a, b]}\n"
		      "  a: {deps: [gen], cmds: [never]}\n"
		      "  b: {deps: [gen], cmds: [never]}\n"
		      "  gen: {run: once, cmds: [bad]}\n",
	    0);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "all", NULL));
	assert_int_equal(w.fake.started, 1);
	assert_int_equal(world_count(&w, "gen"), 2);
	assert_ptr_equal(
	    world_call(&w, "gen", 1)->twin, world_call(&w, "gen", 0));
	assert_int_equal(world_call(&w, "b", 0)->outcome, OUTCOME_NOT_RUN);
	assert_string_equal(world_call(&w, "b", 0)->err.message,
	    "task: Failed to run task \"b\": "
	    "task: Failed to run task \"gen\": exit status 3");
	world_free(&w);
}

static void
once_is_waited_for_by_every_dependent(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [a, b]}\n"
		      "  a: {deps: [gen], cmds: [one]}\n"
		      "  b: {deps: [gen], cmds: [two]}\n"
		      "  gen: {run: once, cmds: [work]}\n",
	    0);
	assert_true(world_run(&w, "all", NULL));
	assert_true(world_at(&w, "end work", 0) < world_at(&w, "start one", 0));
	assert_true(world_at(&w, "end work", 0) < world_at(&w, "start two", 0));
	assert_int_equal(w.fake.started, 3);
	world_free(&w);
}

/* D-4, never-event 3 */
static void
second_call_of_the_same_work_waits_and_finds_it_done(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [a, b]}\n"
		      "  a: {deps: [gen], cmds: [one]}\n"
		      "  b: {deps: [gen], cmds: [two]}\n"
		      "  gen: {sources: [Taskfile.yml], cmds: [work]}\n",
	    0);
	assert_true(world_run(&w, "all", NULL));
	assert_int_not_equal(world_at(&w, "end work", 0), -1);
	assert_int_equal(world_at(&w, "end work", 1), -1);
	assert_true(world_at(&w, "end work", 0) < world_at(&w, "start one", 0));
	assert_true(world_at(&w, "end work", 0) < world_at(&w, "start two", 0));
	assert_int_equal(world_call(&w, "gen", 1)->outcome, OUTCOME_UP_TO_DATE);
	world_free(&w);
}

/* D-1, never-event 1 */
static void
interrupted_work_is_not_done(void **state)
{
	static const struct fake_script s[] = { { .text = "hang", .ns = -1 } };
	struct world w;
	struct world_signal at;

	(void)state;
	world_init(
	    &w, FILE_HEAD "  a: {sources: [Taskfile.yml], cmds: [hang]}\n", 0);
	world_script(&w, s, COUNT(s));
	world_signal_at(&at, &w, SIGTERM, NS_PER_S);
	assert_false(world_run(&w, "a", NULL));
	world_script(&w, s, 0);
	assert_true(world_run(&w, "a", NULL));
	assert_int_equal(w.fake.started, 2);
	assert_true(world_run(&w, "a", NULL));
	assert_int_equal(w.fake.started, 2);
	world_free(&w);
}

/* C-315 */
static void
hidden_failure_is_never_recorded(void **state)
{
	static const struct fake_script s[] = { { .text = "bad",
	    .status = 1 } };
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD
	    "  a: {sources: [Taskfile.yml], ignore_error: true, cmds: [bad]}\n"
	    "  b: {sources: [Taskfile.yml], cmds: [{cmd: bad, ignore_error: "
	    "true}]}\n",
	    0);
	world_script(&w, s, COUNT(s));
	assert_true(world_run(&w, "a", "b", NULL));
	assert_true(world_run(&w, "a", "b", NULL));
	assert_int_equal(world_call(&w, "a", 0)->outcome, OUTCOME_PASSED);
	assert_int_equal(world_call(&w, "b", 0)->outcome, OUTCOME_UP_TO_DATE);
	world_free(&w);
}

/* P-109 */
static void
priority_orders_what_is_ready(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {deps: [x, y, z]}\n"
		      "  x: [one]\n"
		      "  y: [two]\n"
		      "  z: {priority: 5, cmds: [three]}\n",
	    1);
	assert_true(world_run(&w, "a", NULL));
	assert_string_equal(sb_cstr(&w.fake.log),
	    "start three\nend three\nstart one\nend one\n"
	    "start two\nend two\n");
	world_free(&w);
}

static double
expected(void *ctx, const char *task)
{
	(void)ctx;
	return strcmp(task, "y") == 0 ? 60 : strcmp(task, "z") == 0 ? -1 : 1;
}

/* P-301 */
static void
longest_expected_path_goes_first(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {deps: [x, y]}\n"
		      "  b: {deps: [a]}\n"
		      "  x: [one, more]\n"
		      "  y: [two]\n",
	    1);
	w.config.expected = expected;
	assert_true(world_run(&w, "b", NULL));
	assert_true(
	    world_at(&w, "start two", 0) < world_at(&w, "start more", 0));
	world_free(&w);
}

static double
expected_but_of_wrap(void *ctx, const char *task)
{
	(void)ctx;
	return strcmp(task, "wrap") == 0   ? -1
	       : strcmp(task, "long") == 0 ? 1.5
					   : 1;
}

/* P-301: a caller without commands of its own makes no path longer. */
static void
callers_without_commands_take_no_time(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {deps: [long, wrap]}\n"
		      "  long: [one, more]\n"
		      "  wrap: {cmds: ['task:short']}\n"
		      "  short: [two]\n",
	    1);
	w.config.expected = expected_but_of_wrap;
	assert_true(world_run(&w, "a", NULL));
	assert_true(
	    world_at(&w, "start more", 0) < world_at(&w, "start two", 0));
	world_free(&w);
}

/* L-186 */
static void
cycle_of_once_tasks_is_told(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [a, b]}\n"
		      "  a: {run: once, cmds: [x, {task: b, if: test yes}]}\n"
		      "  b: {run: once, cmds: [x, {task: a, if: test yes}]}\n",
	    0);
	assert_false(world_run(&w, "all", NULL));
	assert_int_equal(world_code(&w), ERR_CALL_LIMIT);
	world_free(&w);
}

/* ---- cycles ---- */

/* L-185, D-9 */
static void
plain_cycle_is_refused_before_anything_runs(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {cmds: [x, {task: b}]}\n"
		      "  b: {deps: [a]}\n",
	    0);
	assert_false(world_run(&w, "a", NULL));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": task: Failed to run task \"b\": "
	    "task: Maximum task call exceeded (1000) for task \"a\": "
	    "probably an cyclic dep or infinite loop");
	assert_int_equal(world_code(&w), ERR_CALL_LIMIT);
	assert_int_equal(w.fake.started, 0);
	world_free(&w);
}

static void
cycle_through_variables_is_found_when_it_closes(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {cmds: [x, {task: b, vars: {V: 1}}]}\n"
		      "  b: {cmds: [{task: b, vars: {V: 1}}]}\n",
	    0);
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(world_code(&w), ERR_CALL_LIMIT);
	assert_int_equal(w.fake.started, 1);
	assert_int_equal(world_count(&w, "b"), 2);
	world_free(&w);
}

/* A condition may end it: only after many levels is it taken for endless. */
static void
conditional_recursion_is_bounded_by_depth(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD "  a: {cmds: [{task: a, if: test yes}]}\n", 0);
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(world_code(&w), ERR_CALL_LIMIT);
	assert_int_equal(world_count(&w, "a"), 1001);
	world_free(&w);
}

/* ---- parallel groups ---- */

/* P-102 */
static void
parallel_stretches_are_split_by_shell_commands(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a:\n"
		      "    parallel: true\n"
		      "    cmds: [{task: b}, {task: c, if: 'false'}, {defer: "
		      "late}, {task: d}, mid, {task: b}]\n"
		      "  b: [bee]\n"
		      "  c: [never]\n"
		      "  d: [dee]\n",
	    0);
	assert_true(world_run(&w, "a", NULL));
	assert_string_equal(sb_cstr(&w.fake.log),
	    "start bee\nstart dee\nend bee\nend dee\nstart mid\nend mid\n"
	    "start bee\nend bee\nstart late\nend late\n");
	world_free(&w);
}

/* P-103 */
static void
shell_style_calls_run_in_the_background(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: ['task:b &', 'task:c X=1 &', mid, wait, 'task:b', "
		      "'task:nope', 'wait']\n"
		      "  b: [bee]\n"
		      "  c: [sea]\n",
	    0);
	assert_true(world_run(&w, "a", NULL));
	assert_string_equal(sb_cstr(&w.fake.log),
	    "start mid\nstart bee\nstart sea\nend mid\nend bee\nend sea\n"
	    "start bee\nend bee\nstart task:nope\nend task:nope\n"
	    "start wait\nend wait\n");
	assert_true(world_call(&w, "b", 0)->is_background);
	assert_false(world_call(&w, "b", 1)->is_background);
	world_free(&w);
}

static void
background_calls_are_joined_before_the_defers(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "bad", .status = 3, .ns = NS_PER_S }
	};
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {cmds: [{defer: late}, 'task:b &', one]}\n"
		      "  b: [bad]\n",
	    0);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", NULL));
	assert_true(world_at(&w, "end bad", 0) < world_at(&w, "start late", 0));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": "
	    "task: Failed to run task \"b\": exit status 3");
	world_free(&w);
}

/* P-113 */
static void
writers_run_first_and_alone(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {deps: [r1, w1, r2, w2]}\n"
		      "  r1: [read one]\n"
		      "  r2: [read two]\n"
		      "  w1: {writes: true, cmds: [write one]}\n"
		      "  w2: {writes: true, cmds: [write two]}\n",
	    0);
	assert_true(world_run(&w, "a", NULL));
	assert_string_equal(sb_cstr(&w.fake.log),
	    "start write one\nend write one\nstart write two\nend write two\n"
	    "start read one\nstart read two\nend read one\nend read two\n");
	world_free(&w);
}

/* P-107 */
static void
serial_runs_one_at_a_time_in_declared_order(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {deps: [x, y], cmds: ['task:z &', last]}\n"
		      "  x: {deps: [z], cmds: [one]}\n"
		      "  y: [two]\n"
		      "  z: [zed]\n",
	    0);
	w.config.serial = true;
	assert_true(world_run(&w, "a", NULL));
	assert_string_equal(sb_cstr(&w.fake.log),
	    "start zed\nend zed\nstart one\nend one\nstart two\nend two\n"
	    "start zed\nend zed\nstart last\nend last\n");
	world_free(&w);
}

/* ---- scale ---- */

static void
deep_chain_does_not_overflow_the_stack(void **state)
{
	enum {
		DEPTH = 20000
	};
	struct sb text cleanup_sb = SB_INIT;
	struct world w;

	(void)state;
	sb_adds(&text, FILE_HEAD);
	for (int i = 0; i < DEPTH; i++)
		sb_printf(&text, "  t%d: [{task: t%d}]\n", i, i + 1);
	sb_printf(&text, "  t%d: [end]\n", DEPTH);
	world_init(&w, sb_cstr(&text), 1);
	w.wanted = UINT64_C(1) << EVENT_RUN_DONE;
	assert_true(world_run(&w, "t0", NULL));
	assert_int_equal(run_get_result(w.run)->n, DEPTH + 1);
	world_free(&w);
}

static void
many_calls_of_one_task_are_fine(void **state)
{
	enum {
		CALLS = 20000
	};
	struct sb text cleanup_sb = SB_INIT;
	struct world w;

	(void)state;
	sb_adds(&text, FILE_HEAD "  b: []\n  a:\n    deps:\n");
	for (int i = 0; i < CALLS; i++)
		sb_printf(&text, "      - {task: b, vars: {I: %d}}\n", i);
	world_init(&w, sb_cstr(&text), 4);
	w.wanted = UINT64_C(1) << EVENT_RUN_DONE;
	assert_true(world_run(&w, "a", NULL));
	assert_int_equal(run_get_result(w.run)->n, CALLS + 1);
	world_free(&w);
}

/* The nested text of a long chain stops growing. */
static void
deep_chain_fails_in_bounded_memory(void **state)
{
	enum {
		DEPTH = 5000
	};
	static const struct fake_script s[] = { { .text = "bad",
	    .status = 1 } };
	struct sb text cleanup_sb = SB_INIT;
	struct world w;

	(void)state;
	sb_adds(&text, FILE_HEAD);
	for (int i = 0; i < DEPTH; i++)
		sb_printf(&text, "  t%d: [{task: t%d}]\n", i, i + 1);
	sb_printf(&text, "  t%d: [bad]\n", DEPTH);
	world_init(&w, sb_cstr(&text), 1);
	world_script(&w, s, COUNT(s));
	w.wanted = UINT64_C(1) << EVENT_RUN_DONE;
	assert_false(world_run(&w, "t0", NULL));
	assert_int_equal(run_get_result(w.run)->err.status, 1);
	assert_true(strlen(world_error(&w)) < 256 * 1024);
	world_free(&w);
}

#define T(name) cmocka_unit_test(name)

int
test_run_once(void)
{
	const struct CMUnitTest tests[] = {
		T(once_runs_once_and_shares_its_failure),
		T(once_is_waited_for_by_every_dependent),
		T(second_call_of_the_same_work_waits_and_finds_it_done),
		T(interrupted_work_is_not_done),
		T(hidden_failure_is_never_recorded),
		T(priority_orders_what_is_ready),
		T(longest_expected_path_goes_first),
		T(callers_without_commands_take_no_time),
		T(cycle_of_once_tasks_is_told),
		T(plain_cycle_is_refused_before_anything_runs),
		T(cycle_through_variables_is_found_when_it_closes),
		T(conditional_recursion_is_bounded_by_depth),
		T(parallel_stretches_are_split_by_shell_commands),
		T(shell_style_calls_run_in_the_background),
		T(background_calls_are_joined_before_the_defers),
		T(writers_run_first_and_alone),
		T(serial_runs_one_at_a_time_in_declared_order),
		T(deep_chain_does_not_overflow_the_stack),
		T(many_calls_of_one_task_are_fine),
		T(deep_chain_fails_in_bounded_memory),
	};

	return cmocka_run_group_tests_name("run once", tests, NULL, NULL);
}
