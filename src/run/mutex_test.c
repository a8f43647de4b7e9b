/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <stdio.h>

#include "run/fake.h"

#define FILE_HEAD "version: '3'\ntasks:\n"

/* P-112 */
static void
mutex_keeps_calls_apart(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {deps: [x, y, z]}\n"
		      "  x: {mutex: db, cmds: [one]}\n"
		      "  y: {mutex: db, cmds: [two]}\n"
		      "  z: {mutex: db, cmds: [{task: inner}]}\n"
		      "  inner: {mutex: db, cmds: [three]}\n",
	    0);
	assert_true(world_run(&w, "a", NULL));
	assert_int_equal(w.fake.max_running, 1);
	assert_int_equal(w.fake.started, 3);
	world_free(&w);
}

/* P-112: two mutexes, an execution that is shared and a task may have one name;
 * none is taken for another. */
static void
names_of_executions_and_mutexes_are_apart(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: ['mutex:m', other, again]}\n"
		      "  'mutex:m': {run: once, cmds: [one]}\n"
		      "  other: {mutex: m, cmds: [two]}\n"
		      "  again: {mutex: m, cmds: [{task: 'mutex:m'}, three]}\n",
	    0);
	assert_true(world_run(&w, "all", NULL));
	assert_int_equal(w.fake.started, 3);
	assert_true(world_at(&w, "end two", 0) >= 0);
	assert_true(world_at(&w, "end three", 0) >= 0);
	world_free(&w);
}

/* P-112: two that each hold what the other wants would wait for ever, and two
 * that share an execution inside of a lock. */
static void
locks_of_what_is_called_are_taken_with_the_own(void **state)
{
	static const char *const files[] = {
		/* in opposite order */
		FILE_HEAD "  all: {deps: [x, y]}\n"
			  "  x: {mutex: a, cmds: [one, {task: in-b}]}\n"
			  "  y: {mutex: b, cmds: [two, {task: in-a}]}\n"
			  "  in-a: {mutex: a, cmds: [three]}\n"
			  "  in-b: {mutex: b, cmds: [four]}\n",
		/* what is called has calls and scripts of its own */
		FILE_HEAD "  all: {deps: [x, y]}\n"
			  "  x: {mutex: a, cmds: [one, {task: far}]}\n"
			  "  far: {deps: [in-b]}\n"
			  "  y: {mutex: b, cmds: [two, {task: deep}]}\n"
			  "  deep: {cmds: [{task: in-a}]}\n"
			  "  in-a: {mutex: a, cmds: [three]}\n"
			  "  in-b: {mutex: b, cmds: [four]}\n",
		/* the shared execution waits for what its second caller holds
		 */
		FILE_HEAD "  all: {deps: [x, y]}\n"
			  "  x: {mutex: a, cmds: [one, {task: shared}]}\n"
			  "  y: {cmds: [{task: shared}]}\n"
			  "  shared: {run: once, cmds: [two, {task: in-a}]}\n"
			  "  in-a: {mutex: a, cmds: [three]}\n",
		/* and the same from the other side, behind a slow command */
		FILE_HEAD "  all: {deps: [x, y]}\n"
			  "  x: {cmds: [{task: shared}]}\n"
			  "  y: {mutex: a, cmds: [one, {task: shared}]}\n"
			  "  shared: {run: once, cmds: [slow, {task: in-a}]}\n"
			  "  in-a: {mutex: a, cmds: [three]}\n",
		/* the same work, by way of a lock */
		FILE_HEAD "  all: {deps: [x, y]}\n"
			  "  x: {sources: [Taskfile.yml], cmds: [slow, {task: "
			  "in-a}]}\n"
			  "  y: {mutex: a, cmds: [one, {task: x}]}\n"
			  "  in-a: {mutex: a, cmds: [three]}\n",
	};
	static const struct fake_script slow[] = {
		{ .text = "slow", .ns = NS_PER_S },
		{ .text = "one", .ns = 2 * NS_PER_S },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		for (int slots = 0; slots <= 2; slots++) {
			struct world w;

			world_init(&w, files[i], slots);
			world_script(&w, slow, 2);
			if (!world_run(&w, "all", NULL))
				fail_msg("%zu: %s", i, world_error(&w));
			world_free(&w);
		}
	}
}

/* What the names of calls are only templates know: one gives up, and says so.
 */
static void
wait_without_an_end_is_found(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [x, y]}\n"
		      "  x: {mutex: a, cmds: [one, {task: go, vars: {T: b}}]}\n"
		      "  y: {mutex: b, cmds: [two, {task: go, vars: {T: a}}]}\n"
		      "  go: {cmds: [{task: 'in-{{.T}}'}]}\n"
		      "  in-a: {mutex: a, cmds: [three]}\n"
		      "  in-b: {mutex: b, cmds: [four]}\n",
	    0);
	assert_false(world_run(&w, "all", NULL));
	assert_non_null(strstr(world_error(&w), "waits for itself"));
	assert_true(world_at(&w, "end three", 0) >= 0 ||
		    world_at(&w, "end four", 0) >= 0);
	world_free(&w);
}

/* ---- what other runs hold ---- */

struct others {
	int refusals; /* how often the lock is another run's */
	int asked, given_back;
	char last[32];
};

static int
lock_of_others(void *ctx, const char *name)
{
	struct others *o = ctx;

	o->asked++;
	snprintf(o->last, sizeof(o->last), "%s", name);
	return o->asked > o->refusals;
}

static void
unlock_of_others(void *ctx, const char *name)
{
	struct others *o = ctx;

	assert_string_equal(name, o->last);
	o->given_back++;
}

/* P-112: asked for again until it is free, given back once, behind the last of
 * this run that wanted it. */
static void
mutex_of_another_run_is_waited_for(void **state)
{
	struct others o = { .refusals = 3 };
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [a, b]}\n"
		      "  a: {mutex: db, cmds: [one]}\n"
		      "  b: {mutex: db, cmds: [two]}\n",
	    0);
	w.config.lock = lock_of_others;
	w.config.unlock = unlock_of_others;
	w.config.ctx = &o;
	assert_true(world_run(&w, "all", NULL));
	assert_int_equal(o.asked, 4);
	assert_int_equal(o.given_back, 1);
	assert_string_equal(o.last, "mutex:db");
	assert_int_equal(w.fake.max_running, 1);
	assert_true(w.loop.now_ns > 3 * 50 * NS_PER_MS);
	world_free(&w);
}

int
test_run_mutex(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutex_keeps_calls_apart),
		cmocka_unit_test(names_of_executions_and_mutexes_are_apart),
		cmocka_unit_test(
		    locks_of_what_is_called_are_taken_with_the_own),
		cmocka_unit_test(wait_without_an_end_is_found),
		cmocka_unit_test(mutex_of_another_run_is_waited_for),
	};

	return cmocka_run_group_tests_name("run/mutex", tests, NULL, NULL);
}
