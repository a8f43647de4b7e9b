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
	assert_true(taskfile_decode(f->a, sv_of(text), "/p/Taskfile.yml", "/p",
	    &f->t, &f->e));
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

static char *
derived(struct fixture *f, const char *name)
{
	const struct task *t = derive_task(f->a, f->t, name);

	return t ? derive_text(f->a, t) : NULL;
}

/* P-1403: the calls of NAME as one group, but for what builds or cleans. */
static void
name_parallel_comes_from_name(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  ci: {cmds: [{task: clean}, {task: lint}, {task: test}]}\n"
		 "  clean: 'true'\n  lint: 'true'\n  test: 'true'\n");
	assert_string_equal(derived(&f, "ci-parallel"),
	    "clean, then lint, test");
	assert_null(derive_task(f.a, f.t, "none-parallel"));
	assert_null(derive_task(f.a, f.t, "ci"));
	end(&f);
}

/* P-1404: build first, never a formatter that writes; a Taskfile's own wins. */
static void
qa_parallel_comes_from_common_names(void **state)
{
	struct fixture f;

	(void)state;
	load(&f, "  build: 'true'\n  fmt: 'true'\n  fmt:check: 'true'\n"
		 "  lint: 'true'\n  test:unit: 'true'\n  test:e2e: 'true'\n"
		 "  audit: 'true'\n");
	assert_string_equal(derived(&f, "qa-parallel"),
	    "build, then lint, fmt:check, test:unit, test:e2e, audit");
	end(&f);
	load(&f, "  qa-parallel: 'true'\n  lint: 'true'\n");
	assert_null(derive_task(f.a, f.t, "qa-parallel"));
	end(&f);
}

static void
ejected_task_reads_back(void **state)
{
	struct fixture f, g;
	struct sb yaml cleanup_sb = SB_INIT;

	(void)state;
	load(&f, "  build: 'true'\n  lint: 'true'\n  test: 'true'\n");
	assert_true(derive_yaml(f.a, &yaml,
	    derive_task(f.a, f.t, "qa-parallel"), &f.e));
	sb_adds(&yaml, "  build: 'true'\n  lint: 'true'\n  test: 'true'\n");
	load(&g, sb_cstr(&yaml));
	assert_true(build(&g, "qa-parallel"));
	assert_int_equal(node(&g, "build")->level, 0);
	assert_int_equal(node(&g, "lint")->level, 1);
	assert_int_equal(node(&g, "test")->level, 1);
	end(&g);
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
		cmocka_unit_test(name_parallel_comes_from_name),
		cmocka_unit_test(qa_parallel_comes_from_common_names),
		cmocka_unit_test(ejected_task_reads_back),
	};

	return cmocka_run_group_tests_name("plan/plan", tests, NULL, NULL);
}
