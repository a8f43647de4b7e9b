/* SPDX-License-Identifier: MIT */
#include "output/estimate.h"

#include "run/fake.h"
#include "unit.h"

static double
expected(void *ctx, const char *task)
{
	static const struct {
		const char *task;
		double seconds;
	} known[] = { { "a", 4 }, { "b", 4 }, { "c", 4 }, { "long", 10 },
		{ "first", 3 }, { "second", 2 } };

	(void)ctx;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].task, task) == 0)
			return known[i].seconds;
	return -1;
}

/* What is left, in whole seconds, whenever that changes: "6 5 4". */
struct watcher {
	struct estimate *estimate;
	struct sb seen;
	long last;
};

static void
look(struct world *w, const struct event *ev)
{
	struct watcher *me = w->check_arg;
	double seconds;
	long left;

	estimate_event(me->estimate, ev);
	if (ev->kind == EVENT_CALL_CREATED || ev->kind == EVENT_PAUSE)
		return;
	seconds = estimate_left(me->estimate, w->loop.now_ns);
	left = seconds < 0 ? -1 : (long)(seconds + 0.5);
	if (left != me->last)
		sb_printf(&me->seen, "%s%ld", me->seen.n > 0 ? " " : "", left);
	me->last = left;
}

/* Runs `task` on the slots; each command takes the seconds that it names. */
static const char *
told(struct arena *a, const char *taskfile, const char *task, int slots)
{
	static const struct fake_script scripts[] = {
		{ .text = "two", .ns = 2 * NS_PER_S },
		{ .text = "three", .ns = 3 * NS_PER_S },
		{ .text = "four", .ns = 4 * NS_PER_S },
		{ .text = "ten", .ns = 10 * NS_PER_S },
	};
	struct watcher me = { .last = -1 };
	struct err e cleanup_err = ERR_INIT;
	struct call call = { .task = task };
	struct plan plan;
	struct world w;
	const char *seen;

	world_init(&w, taskfile, slots);
	world_script(&w, scripts, sizeof(scripts) / sizeof(scripts[0]));
	assert_true(plan_build(a, &w.compiler, &call, 1, false, expected, NULL,
	    &plan, &e));
	me.estimate = estimate_new(a, &plan, slots);
	w.check = look;
	w.check_arg = &me;
	assert_true(world_run(&w, task, NULL));
	world_free(&w);
	seen = sb_take(&me.seen, a).p;
	sb_free(&me.seen);
	return seen;
}

/* P-501: three calls of 4 s on two slots are 6 s, not 12; when two are done,
 * one is left. */
static void
work_is_divided_by_the_slots(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_string_equal(told(a, "version: '3'\n"
	    "tasks:\n"
	    "  all: {deps: [a, b, c]}\n"
	    "  a: four\n"
	    "  b: four\n"
	    "  c: four\n", "all", 2), "6 4 0");
}

/* However many slots there are. */
static void
longest_chain_bounds_it(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_string_equal(told(a, "version: '3'\n"
	    "tasks:\n"
	    "  all: {cmds: [{task: first}, {task: second}]}\n"
	    "  first: {deps: [a], cmds: [three]}\n"
	    "  second: two\n"
	    "  a: four\n", "all", 8), "9 5 2 0");
}

/* A call that takes longer than ever counts nothing, nothing is below zero,
 * and what was not foreseen changes nothing. */
static void
late_is_not_less_than_nothing(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_string_equal(told(a, "version: '3'\n"
	    "tasks:\n"
	    "  all: {deps: [a, other]}\n"
	    "  a: ten\n"
	    "  other: {if: 'false', cmds: [four]}\n", "all", 2), "4 0");
}

/* P-301: of what has no history, only commands count, however they are
 * written. */
static void
unknown_commands_count_the_mean(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_string_equal(told(a, "version: '3'\n"
	    "tasks:\n"
	    "  all: {deps: [a, group]}\n"
	    "  group: {cmds: [{task: other}]}\n"
	    "  a: four\n"
	    "  other: {cmds: [{cmd: four}]}\n", "all", 1), "8 4 0");
}

static void
nothing_is_known_without_a_history(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_string_equal(told(a, "version: '3'\n"
	    "tasks: {x: four}\n", "x", 2), "");
}

int
test_output_estimate(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(work_is_divided_by_the_slots),
		cmocka_unit_test(longest_chain_bounds_it),
		cmocka_unit_test(late_is_not_less_than_nothing),
		cmocka_unit_test(unknown_commands_count_the_mean),
		cmocka_unit_test(nothing_is_known_without_a_history),
	};

	return cmocka_run_group_tests_name("output/estimate", tests, NULL,
	    NULL);
}
