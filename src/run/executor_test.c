/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>

#include "run/fake.h"

#define FILE_HEAD "version: '3'\ntasks:\n"

/* As a config would: by what the task is called. */
static const char *
by_task(void *ctx, const struct run_call *call, const struct ccmd *cmd)
{
	int *asked = ctx;

	assert_non_null(cmd);
	++*asked;
	if (strstr(call->task_name, "far") != NULL)
		return "other";
	if (strstr(call->task_name, "lost") != NULL)
		return "nowhere";
	return strstr(call->task_name, "near") != NULL ? "local" : NULL;
}

/* Two executors on one loop: each call goes where the config says, the engine's
 * own questions stay with the first, and the order of dependents holds across
 * both. */
static void
calls_go_to_the_executor_that_the_config_names(void **state)
{
	static const struct fake_script s[] = { { .text = "ask b",
	    .status = 1 } };
	struct world w;
	int asked = 0;

	(void)state;
	world_init(&w,
	    FILE_HEAD
	    "  all: {deps: [far-a, near-b], cmds: [last]}\n"
	    "  far-a: {if: 'ask a{{.V}}', vars: {V: {sh: ask v}}, cmds: [a1, "
	    "a2]}\n"
	    "  near-b: {status: ['ask b'], cmds: [b1, {task: far-c}, b2]}\n"
	    "  far-c: {cmds: [c1]}\n",
	    0);
	world_script(&w, s, 1);
	w.config.executor = by_task;
	w.config.ctx = &asked;
	assert_true(world_run(&w, "all", NULL));
	assert_string_equal(sb_cstr(&w.other.log),
	    "start a1\nstart c1\nend a1\nstart a2\nend c1\nend a2\n");
	assert_true(world_at(&w, "start ask a", 0) >= 0);
	assert_true(world_at(&w, "start ask v", 0) >= 0);
	assert_true(world_at(&w, "end b1", 0) < world_at(&w, "start b2", 0));
	assert_true(world_at(&w, "end b2", 0) < world_at(&w, "start last", 0));
	assert_true(world_at(&w, "start a1", 0) < 0);
	assert_int_equal(asked, 6);
	assert_int_equal(w.fake.running + w.other.running, 0);
	world_free(&w);
}

static void
executor_that_is_not_there_fails_the_command(void **state)
{
	struct world w;
	int asked = 0;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [lost, near]}\n"
		      "  lost: {cmds: [one, two]}\n"
		      "  near: {cmds: [three]}\n",
	    1);
	w.config.executor = by_task;
	w.config.ctx = &asked;
	assert_false(world_run(&w, "all", NULL));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"all\": task: Failed to run task "
	    "\"lost\": there is no executor \"nowhere\"");
	assert_int_equal(w.fake.started, 1);
	assert_true(world_at(&w, "end three", 0) >= 0);
	assert_int_equal(slots_held(w.slots), 0);
	world_free(&w);
}

/* D-5 */
static void
signal_ends_the_jobs_of_all_executors_once(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "c1", .ns = -1 },
		{ .text = "c2", .ns = -1 },
	};
	struct world_signal sig;
	struct world w;
	int asked = 0;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [far, near]}\n"
		      "  far: {cmds: [c1, never]}\n"
		      "  near: {cmds: [c2, never]}\n",
	    0);
	world_script(&w, s, 2);
	w.other.scripts = s;
	w.other.n_scripts = 2;
	w.config.executor = by_task;
	w.config.ctx = &asked;
	world_signal_at(&sig, &w, SIGTERM, NS_PER_S);
	assert_false(world_run(&w, "all", NULL));
	assert_int_equal(run_get_result(w.run)->signal, SIGTERM);
	assert_int_equal(w.fake.started + w.other.started, 2);
	assert_int_equal(w.fake.running + w.other.running, 0);
	assert_int_equal(w.fake.max_signals, 1);
	assert_int_equal(w.other.max_signals, 1);
	world_free(&w);
}

int
test_run_executor(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    calls_go_to_the_executor_that_the_config_names),
		cmocka_unit_test(executor_that_is_not_there_fails_the_command),
		cmocka_unit_test(signal_ends_the_jobs_of_all_executors_once),
	};

	return cmocka_run_group_tests_name("run/executor", tests, NULL, NULL);
}
