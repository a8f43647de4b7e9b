/* SPDX-License-Identifier: MIT */
/* Who goes first where there is one slot (P-301). */
#include "unit.h"

#include "run/fake.h"

#define FILE_HEAD "version: '3'\ntasks:\n"

/* "long" takes 3 s, what has a name of one letter 1 s; of all else nobody
 * knows. */
static double
expected(void *ctx, const char *task)
{
	(void)ctx;
	return strcmp(task, "long") == 0 ? 3 : strlen(task) == 1 ? 1 : -1;
}

static double
nothing_expected(void *ctx, const char *task)
{
	(void)ctx;
	(void)task;
	return -1;
}

/* The commands in the order in which they start, on one slot: "a b c". */
static const char *
order_of(struct world *w, const char *task)
{
	struct sb out cleanup_sb = SB_INIT;
	sv line, rest;

	assert_true(world_run(w, task, NULL));
	rest = sb_sv(&w->fake.log);
	while (sv_cut(rest, '\n', &line, &rest))
		if (sv_starts(line, SV("start ")))
			sb_printf(&out, "%s%.*s", out.n > 0 ? " " : "",
			    SV_ARG(sv_sub(line, strlen("start "), SIZE_MAX)));
	return arena_strdup(w->arena, sb_cstr(&out));
}

/* P-301: what comes behind a call in its caller waits for it as well. */
static void
later_calls_of_the_caller_make_the_path_longer(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD
	    "  all: {deps: [long, wrap]}\n"
	    "  long: [one]\n"
	    "  wrap: {cmds: [{task: b}, 'task:b', {task: b}, {task: b}]}\n"
	    "  b: [two]\n",
	    1);
	w.config.expected = expected;
	assert_string_equal(order_of(&w, "all"), "two one two two two");
	world_free(&w);
}

/* P-301: a shared call has the longest path of all that wait for it, not that
 * of the first to call it. */
static void
shared_call_counts_all_its_callers(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [light, long, heavy]}\n"
		      "  light: {deps: [s]}\n"
		      "  heavy: {deps: [s], cmds: [{task: y}, {task: y}, "
		      "{task: y}]}\n"
		      "  long: [one]\n"
		      "  s: {run: once, cmds: [two]}\n"
		      "  y: [three]\n",
	    1);
	w.config.expected = expected;
	assert_string_equal(order_of(&w, "all"), "two one three three three");
	world_free(&w);
}

/* P-301: a call finds its own node: by its variables, not by its task alone. */
static void
calls_of_one_task_are_told_apart(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [first, second]}\n"
		      "  first: {cmds: ['task:b V=1']}\n"
		      "  second: {cmds: ['task:b V=2', {task: long}]}\n"
		      "  long: [long]\n"
		      "  b: {cmds: ['{{.V}}']}\n",
	    1);
	w.config.expected = expected;
	assert_string_equal(order_of(&w, "all"), "2 long 1");
	world_free(&w);
}

/* P-301: a call that the plan cannot foresee has its own time and its caller's
 * path. */
static void
unforeseen_call_goes_with_its_caller(void **state)
{
	static const struct fake_script s[] = { { .text = "list",
	    .out = "fresh" } };
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [x, long]}\n"
		      "  x: [one]\n"
		      "  long:\n"
		      "    vars: {LIST: {sh: list}}\n"
		      "    cmds: [{for: {var: LIST}, task: '{{.ITEM}}'}, two]\n"
		      "  fresh: [three]\n",
	    1);
	world_script(&w, s, 1);
	w.config.expected = expected;
	assert_string_equal(order_of(&w, "all"), "list three two one");
	world_free(&w);
}

/* P-301: the mean of the known stands for what was never run. */
static void
unknown_call_takes_the_mean(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {cmds: [{task: mid}]}\n"
		      "  mid: {deps: [x, unknown, long, y]}\n"
		      "  x: [one]\n"
		      "  unknown: [two]\n"
		      "  long: [three]\n"
		      "  y: [four]\n",
	    1);
	w.config.expected = expected;
	assert_string_equal(order_of(&w, "all"), "three two one four");
	world_free(&w);
}

/* P-301: without a history as declared, but what others wait for comes before
 * what nobody waits for; what ends a chain, before what stands alone. */
static void
without_history_what_is_waited_for_goes_first(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [x, y, z, last]}\n"
		      "  x: [one]\n"
		      "  y: [two]\n"
		      "  z: {run: once, cmds: [three]}\n"
		      "  last: {deps: [z], cmds: [four]}\n",
	    1);
	w.config.expected = nothing_expected;
	assert_string_equal(order_of(&w, "all"), "three four one two");
	world_free(&w);
}

static void
shortest_first_looks_at_the_call_alone(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [long, chain]}\n"
		      "  long: [one]\n"
		      "  chain: {deps: [b], cmds: [three]}\n"
		      "  b: [two]\n",
	    1);
	w.config.expected = expected;
	w.config.shortest_first = true;
	assert_string_equal(order_of(&w, "all"), "two three one");
	world_free(&w);
}

static double
ask_never(void *ctx, const char *task)
{
	(void)ctx;
	fail_msg("the time of %s is asked for without a choice", task);
	return 0;
}

/* P-301: two slots for two calls, one slot for a chain: no plan is built. */
static void
nothing_is_planned_where_nothing_waits(void **state)
{
	static const char *const files[] = {
		FILE_HEAD "  all: {deps: [x], cmds: [three, {task: y}]}\n"
			  "  x: [one]\n"
			  "  y: [two]\n",
		FILE_HEAD "  all: {deps: [x, y]}\n"
			  "  x: [one]\n"
			  "  y: [two]\n",
	};
	struct world w;

	(void)state;
	for (int i = 0; i < 2; i++) {
		world_init(&w, files[i], i + 1);
		w.config.expected = ask_never;
		assert_true(world_run(&w, "all", NULL));
		world_free(&w);
	}
}

int
test_run_weight(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    later_calls_of_the_caller_make_the_path_longer),
		cmocka_unit_test(shared_call_counts_all_its_callers),
		cmocka_unit_test(calls_of_one_task_are_told_apart),
		cmocka_unit_test(unforeseen_call_goes_with_its_caller),
		cmocka_unit_test(unknown_call_takes_the_mean),
		cmocka_unit_test(without_history_what_is_waited_for_goes_first),
		cmocka_unit_test(shortest_first_looks_at_the_call_alone),
		cmocka_unit_test(nothing_is_planned_where_nothing_waits),
	};

	return cmocka_run_group_tests_name("run weight", tests, NULL, NULL);
}
