/* SPDX-License-Identifier: MIT */
#include "store/bin_dir.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "tree.h"

static struct state_env
env_in(struct tree *t)
{
	struct state_env env = { 0 };

	tree_dir(t, "run");
	chmod(tree_path(t, "run"), 0700);
	env.xdg_runtime_dir = tree_path(t, "run");
	return env;
}

/* P-108: the same path for the same repository and program, while there are
 * runs; it goes with the last of them. */
static void
runs_of_a_repository_share_one(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_env env = env_in(&t);
	struct bin_dir one, two, other;
	const char *path;

	(void)state;
	assert_true(bin_dir_open(t.a, &env, t.dir, "/bin/true", &one));
	path = one.path;
	assert_true(bin_dir_open(t.a, &env, t.dir, "/bin/true", &two));
	assert_string_equal(two.path, path);
	assert_true(bin_dir_open(t.a, &env, t.dir, "/bin/false", &other));
	assert_string_not_equal(other.path, path);
	bin_dir_close(&one);
	assert_true(path_exists(path));
	bin_dir_close(&two);
	assert_false(path_exists(path));
	assert_true(path_exists(other.path));
	bin_dir_close(&other);
	assert_true(bin_dir_open(t.a, &env, t.dir, "/bin/true", &one));
	assert_string_equal(one.path, path);
	bin_dir_close(&one);
}

/* While it has the folder, that is where its name leads. */
static void
come_and_go(struct tree *t, const struct state_env *env, int times)
{
	for (int i = 0; i < times; i++) {
		struct bin_dir d;
		struct stat st;
		char name[24];

		if (!bin_dir_open(t->a, env, t->dir, "/bin/true", &d))
			_exit(1);
		snprintf(name, sizeof(name), "task:%d", i);
		if (!bin_dir_link(t->a, d.path, name, "/bin/true") ||
		    stat(arena_printf(t->a, "%s/task", d.path), &st) != 0 ||
		    stat(arena_printf(t->a, "%s/%s", d.path, name), &st) != 0)
			_exit(2);
		bin_dir_close(&d);
	}
	_exit(0);
}

static void
nobody_loses_it_to_one_that_ends(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_env env = env_in(&t);
	pid_t pids[6];
	int status;

	(void)state; /* P-108 */
	for (int i = 0; i < 6; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			come_and_go(&t, &env, 200);
	}
	for (int i = 0; i < 6; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(rmdir(tree_path(&t, "run/prun")), 0);
}

/* P-901: the place in the environment is not good, so there is none of it. */
static void
nothing_of_others_is_used(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_env env = env_in(&t);
	struct bin_dir d;
	const char *path;

	(void)state;
	assert_true(bin_dir_open(t.a, &env, t.dir, "/bin/true", &d));
	path = d.path;
	bin_dir_close(&d);
	tree_dir(&t, "theirs");
	chmod(tree_path(&t, "theirs"), 0700);
	assert_int_equal(symlink(tree_path(&t, "theirs"), path), 0);
	if (bin_dir_open(t.a, &env, t.dir, "/bin/true", &d))
		assert_string_not_equal(d.path, path);
	bin_dir_close(&d);
	assert_false(path_exists(tree_path(&t, "theirs/task")));
	unlink(path);
	mkdir(path, 0700);
	chmod(path, 0755);
	if (bin_dir_open(t.a, &env, t.dir, "/bin/true", &d))
		assert_string_not_equal(d.path, path);
	bin_dir_close(&d);
	assert_int_equal(rmdir(path), 0);
}

int
test_store_bin_dir(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_of_a_repository_share_one),
		cmocka_unit_test(nobody_loses_it_to_one_that_ends),
		cmocka_unit_test(nothing_of_others_is_used),
	};

	return cmocka_run_group_tests_name("bin_dir", tests, NULL, NULL);
}
