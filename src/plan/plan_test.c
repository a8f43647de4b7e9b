/* SPDX-License-Identifier: MIT */
#include "plan/plan.h"

#include <string.h>

#include "unit.h"

#include "taskfile/taskfile.h"

struct fixture {
	struct arena *a;
	struct taskfile *t;
	struct compiler c;
	struct plan p;
	struct err e;
};

static void
load(struct fixture *f, const char *tasks)
{
	char *text;
	struct cli_words none = { 0 };
	string_vec names = { 0 };

	*f = (struct fixture){ .a = arena_new(), .e = ERR_INIT };
	text = arena_printf(f->a, "version: '3'\ntasks:\n%s", tasks);
	assert_true(
	    taskfile_decode(f->a, &(struct file_text){ .text = sv_of(text) },
		"/p/Taskfile.yml", "/p", &f->t, &f->e));
	f->c = (struct compiler){ .taskfile = f->t,
		.templater = templater_new(f->a, tmpl_env_system()),
		.root_dir = "/p", .cwd = "/p", .task_exe = "prun",
		.os_env = map_new(f->a) };
	compiler_init(f->a, &f->c);
	compiler_cli_vars(f->a, &f->c, &none, &names);
}

static double
seconds(void *ctx, const char *task)
{
	(void)ctx;
	return strcmp(task, "slow") == 0 ? 5 : strcmp(task, "fast") == 0 ? 1
									 : -1;
}

static bool
build(struct fixture *f, const char *task)
{
	struct call call = { .task = task };

	return plan_build(f->a, &f->c, &call, 1, false, seconds, NULL, &f->p,
	    &f->e);
}

static void
end(struct fixture *f)
{
	err_clear(&f->e);
	arena_free(f->a);
}

static const struct plan_node *
node(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->p.nodes.n; i++)
		if (strcmp(f->p.nodes.v[i].name, name) == 0)
			return &f->p.nodes.v[i];
	fail_msg("no node %s", name);
	return NULL;
}

/* P-302: deps before commands, serial calls one after the other. */
static void
levels_follow_deps_and_order(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  all: {deps: [gen], cmds: [{task: a}, {task: b}]}\n"
		 "  gen: 'true'\n  a: 'true'\n  b: 'true'\n");
	assert_true(build(&f, "all"));
	assert_int_equal(f.p.nodes.n, 4);
	assert_int_equal(node(&f, "gen")->level, 0);
	assert_int_equal(node(&f, "a")->level, 1);
	assert_int_equal(node(&f, "b")->level, 2);
	assert_int_equal(node(&f, "all")->level, 3);
	end(&f);
}

/* P-102: a shell command is a barrier between two groups. */
static void
parallel_groups_share_a_level(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  all:\n    parallel: true\n    cmds: [{task: a}, {task: b}, "
		 "'true', {task: c}]\n"
		 "  a: 'true'\n  b: 'true'\n  c: 'true'\n");
	assert_true(build(&f, "all"));
	assert_int_equal(node(&f, "a")->level, 0);
	assert_int_equal(node(&f, "b")->level, 0);
	assert_int_equal(node(&f, "c")->level, 1);
	end(&f);
}

/* P-113: writers one at a time, then the readers with all that they call. */
static void
writers_come_before_readers(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  all:\n    parallel: true\n    cmds: [{task: r}, {task: w1}, "
		 "{task: w2}, 'true', {task: late}]\n"
		 "  r: {cmds: [{task: below}]}\n  below: 'true'\n"
		 "  w1: {writes: true, cmds: ['true']}\n"
		 "  w2: {writes: true, cmds: ['true']}\n  late: 'true'\n");
	assert_true(build(&f, "all"));
	assert_int_equal(node(&f, "w1")->level, 0);
	assert_int_equal(node(&f, "w2")->level, 1);
	assert_int_equal(node(&f, "below")->level, 2);
	assert_int_equal(node(&f, "r")->level, 3);
	assert_int_equal(node(&f, "late")->level, 4);
	end(&f);
	load(&f, "  all: {deps: [r, w1, w2]}\n  r: 'true'\n"
		 "  w1: {writes: true, cmds: ['true']}\n"
		 "  w2: {writes: true, cmds: ['true']}\n");
	assert_true(build(&f, "all"));
	assert_int_equal(node(&f, "w1")->level, 0);
	assert_int_equal(node(&f, "w2")->level, 1);
	assert_int_equal(node(&f, "r")->level, 2);
	assert_int_equal(node(&f, "all")->level, 3);
	end(&f);
	/* in declared order */
	load(&f, "  all: {cmds: [{task: r}, {task: w1}]}\n  r: 'true'\n"
		 "  w1: {writes: true, cmds: ['true']}\n");
	assert_true(build(&f, "all"));
	assert_int_equal(node(&f, "r")->level, 0);
	assert_int_equal(node(&f, "w1")->level, 1);
	end(&f);
}

/* P-301, P-302: the longest chain is the lower bound; slots make it longer. */
static void
critical_path_is_the_longest_chain(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  fast: {deps: [slow, other]}\n  slow: 'true'\n"
		 "  other: 'true'\n");
	assert_true(build(&f, "fast"));
	assert_true(f.p.has_times);
	assert_true(node(&f, "slow")->on_critical_path);
	assert_false(node(&f, "other")->on_critical_path);
	assert_true(f.p.critical_seconds == 6);
	assert_true(plan_wall(f.a, &f.p, 0) == 6);
	assert_true(plan_wall(f.a, &f.p, 1) == 9);
	end(&f);
}

/* P-301: what only calls others takes no time of its own; a command written as
 * a map is one. */
static void
only_commands_take_time(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  all: {deps: [slow], cmds: [{task: fast}, 'task:fast']}\n"
		 "  slow: 'true'\n  fast: 'true'\n");
	assert_true(build(&f, "all"));
	assert_int_equal(node(&f, "all")->commands, 0);
	assert_true(f.p.critical_seconds == 7);
	assert_true(f.p.work_seconds == 7);
	assert_true(plan_wall(f.a, &f.p, 1) == 7);
	assert_true(node(&f, "all")->on_critical_path);
	end(&f);
	load(&f, "  all: {deps: [slow], cmds: [{cmd: 'true'}, {defer: x}]}\n"
		 "  slow: 'true'\n");
	assert_true(build(&f, "all"));
	assert_int_equal(node(&f, "all")->commands, 2);
	assert_true(plan_wall(f.a, &f.p, 1) == 10);
	end(&f);
}

/* D-9: unconditional is refused before anything runs, conditional is not. */
static void
cycle_is_refused_only_when_nothing_can_end_it(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  a: {deps: [b]}\n  b: {cmds: [{task: a}]}\n");
	assert_false(build(&f, "a"));
	assert_int_equal(f.e.code, ERR_CALL_LIMIT);
	end(&f);
	load(&f, "  a: {deps: [b]}\n"
		 "  b: {if: 'test -e x', cmds: [{task: a}]}\n");
	assert_true(build(&f, "a"));
	end(&f);
}

/* P-302: calls that the run shares are one node, whatever variables they have;
 * `when_changed` is one for each text. */
static void
shared_calls_are_one_node(void **state)
{
	struct fixture f;

	(void)state;
	load(&f,
	    "  all: {deps: [a, b]}\n  a: {deps: [{task: g, vars: {V: 1}}]}\n"
	    "  b: {cmds: [{task: g, vars: {V: 2}}, {task: g}]}\n"
	    "  g: {run: once, deps: [below]}\n  below: 'true'\n");
	assert_true(build(&f, "all"));
	assert_int_equal(f.p.nodes.n, 5);
	assert_int_equal(node(&f, "g")->callers.n, 3);
	end(&f);
	load(&f,
	    "  all: {deps: [{task: g, vars: {V: 1}}, {task: g, vars: {V: 2}}, "
	    "{task: g, vars: {V: 1}}]}\n"
	    "  g: {run: when_changed, label: 'g{{.V}}', cmds: ['{{.V}}']}\n");
	assert_true(build(&f, "all"));
	assert_int_equal(f.p.nodes.n, 3);
	assert_int_equal(node(&f, "g1")->callers.n, 2);
	assert_int_equal(node(&f, "g2")->callers.n, 1);
	end(&f);
}

/* P-302: the first caller that comes to it starts it, not the first that is
 * declared; all that call it wait for it. */
static void
shared_call_starts_with_its_first_caller(void **state)
{
	struct fixture f;
	plan_ids *edges;

	(void)state;
	load(&f, "  all: {deps: [late, early]}\n"
		 "  late: {cmds: [{task: slow}, {task: fast}]}\n"
		 "  early: {deps: [fast]}\n"
		 "  slow: 'true'\n  fast: {run: once, cmds: ['true']}\n");
	assert_true(build(&f, "all"));
	assert_int_equal(node(&f, "fast")->level, 0);
	assert_true(f.p.critical_seconds == 5);
	assert_true(plan_wall(f.a, &f.p, 0) == 5);
	assert_true(plan_wall(f.a, &f.p, 1) == 6);
	edges = plan_edges(f.a, &f.p);
	assert_int_equal(edges[node(&f, "fast")->id].n, 0);
	/* fast does not say that slow has settled */
	assert_int_equal(edges[node(&f, "late")->id].n, 2);
	end(&f);
}

/* P-301: the weight is the longest path of all that wait, shared or not. */
static void
weights_count_all_dependents(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  all: {deps: [a, b]}\n  a: {deps: [fast]}\n"
		 "  b: {deps: [fast], cmds: [{task: slow}]}\n"
		 "  slow: 'true'\n  fast: {run: once, cmds: ['true']}\n");
	assert_true(build(&f, "all"));
	assert_true(node(&f, "fast")->remaining == 6);
	assert_true(node(&f, "slow")->remaining == 5);
	assert_true(f.p.work_seconds == 6);
	end(&f);
}

/* P-302: background calls are joined by `wait`, else by the end; deferred ones
 * come last, the last first. */
static void
background_and_deferred_calls_have_their_places(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  all: {cmds: ['task:bg &', {task: a}, wait, {task: b}, "
		 "'task:bg2 &', {defer: {task: d2}}, {defer: {task: d1}}]}\n"
		 "  bg: 'true'\n  bg2: 'true'\n  a: 'true'\n  b: 'true'\n"
		 "  d1: 'true'\n  d2: 'true'\n");
	assert_true(build(&f, "all"));
	assert_int_equal(node(&f, "bg")->level, 0);
	assert_int_equal(node(&f, "a")->level, 0);
	assert_int_equal(node(&f, "b")->level, 1);
	assert_int_equal(node(&f, "bg2")->level, 2);
	assert_int_equal(node(&f, "d1")->level, 3);
	assert_int_equal(node(&f, "d2")->level, 4);
	end(&f);
}

/* D-9: circles through shared calls are circles. */
static void
circles_of_shared_calls_are_refused(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  a: {run: once, cmds: [{task: b, vars: {V: 1}}]}\n"
		 "  b: {run: once, cmds: [{task: a, vars: {V: 2}}]}\n");
	assert_false(build(&f, "a"));
	assert_int_equal(f.e.code, ERR_CALL_LIMIT);
	end(&f);
	load(&f, "  a: {run: once, cmds: [{task: b, if: x}]}\n"
		 "  b: {run: once, cmds: [{task: a, vars: {V: 2}}]}\n");
	assert_true(build(&f, "a"));
	assert_int_equal(f.p.nodes.n, 2);
	end(&f);
}

/* P-302: what is sure to be too much is refused before a node is made; loops
 * and variables count, conditions do not. */
static void
floods_are_refused_from_the_taskfile_alone(void **state)
{
	static const char chain[] =
	    "  a: {deps: [b]}\n"
	    "  b: {deps: [{for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], task: c, "
	    "vars: {V: '{{.ITEM}}'}}]}\n"
	    "  c: {deps: [{for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], task: d}]}\n"
	    "  d: {deps: [{for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], task: e}]}\n"
	    "  e: {deps: [{for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], task: f}]}\n"
	    "  f: {deps: [{for: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], task: g}]}\n"
	    "  g: 'true'\n";
	struct fixture f;

	(void)state;
	load(&f, chain);
	assert_false(build(&f, "a"));
	assert_int_equal(f.e.code, ERR_CALL_LIMIT);
	assert_non_null(strstr(f.e.message, "\"g\""));
	assert_int_equal(f.p.nodes.n, 0);
	end(&f);
	load(&f,
	    "  a: {deps: [b]}\n  b: {if: x, deps: [a, a, c]}\n  c: 'true'\n");
	assert_true(build(&f, "a"));
	end(&f);
}

int
test_plan_plan(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_follow_deps_and_order),
		cmocka_unit_test(parallel_groups_share_a_level),
		cmocka_unit_test(writers_come_before_readers),
		cmocka_unit_test(critical_path_is_the_longest_chain),
		cmocka_unit_test(only_commands_take_time),
		cmocka_unit_test(cycle_is_refused_only_when_nothing_can_end_it),
		cmocka_unit_test(shared_calls_are_one_node),
		cmocka_unit_test(shared_call_starts_with_its_first_caller),
		cmocka_unit_test(weights_count_all_dependents),
		cmocka_unit_test(
		    background_and_deferred_calls_have_their_places),
		cmocka_unit_test(circles_of_shared_calls_are_refused),
		cmocka_unit_test(floods_are_refused_from_the_taskfile_alone),
	};

	return cmocka_run_group_tests_name("plan/plan", tests, NULL, NULL);
}
