/* SPDX-License-Identifier: MIT */
#include "store/runtime.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "tree.h"

/* What is there is more than RUNTIME_GROWN when it lies in an ext4 folder. */
#define NAMES 400
#define NAME "%0200d"

static void
tree_private(struct tree *t, const char *name)
{
	tree_dir(t, name);
	assert_int_equal(chmod(tree_path(t, name), 0700), 0);
}

static struct state_env
env_below(struct tree *t)
{
	tree_private(t, "run/prun");
	return (struct state_env){ .xdg_runtime_dir = tree_path(t, "run") };
}

static void
socket_folders_are_short_and_private(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_env env = { 0 };
	struct err e = ERR_INIT;
	struct stat st;
	int fd;
	char *dir;

	(void)state; /* P-901 */
	env.xdg_runtime_dir = tree_path(&t, "run");
	tree_dir(&t, "run/prun");
	chmod(tree_path(&t, "run/prun"), 0700);
	assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
	assert_true(sv_starts(sv_of(dir), sv_of(env.xdg_runtime_dir)));
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	runtime_dir_end(dir, &fd);
	assert_int_equal(fd, -1);
	assert_false(path_exists(dir));
	/* one that others may enter is not ours */
	chmod(tree_path(&t, "run/prun"), 0777);
	assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
	assert_true(sv_starts(sv_of(dir), SV("/tmp/prun-")));
	assert_true(remove_all(dir, &e));
	close(fd);
	/* others may put anything there */
	chmod(tree_path(&t, "run/prun"), 0700);
	chmod(tree_path(&t, "run"), 0777);
	assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
	assert_true(sv_starts(sv_of(dir), SV("/tmp/prun-")));
	assert_true(remove_all(dir, &e));
	close(fd);
	env.xdg_runtime_dir = arena_printf(t.a, "%s/%0100d", t.dir, 0);
	tree_dir(&t, arena_printf(t.a, "%0100d", 0));
	assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
	assert_true(strlen(dir) < 70);
	assert_true(remove_all(dir, &e));
	close(fd);
}

static void
what_killed_runs_left_is_removed_by_one_that_ends(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_env env = env_below(&t);
	struct err e = ERR_INIT;
	int held, fd;
	char *dir;

	(void)state; /* P-901 */
	tree_private(&t, "run/prun/999999999-AAAAAA");
	tree_dir(&t, "run/prun/999999999-AAAAAA/in");
	tree_private(&t, "run/prun/bin-left");
	tree_private(&t, "run/prun/theirs");
	tree_dir(&t, "run/prun/bin-open");
	chmod(tree_path(&t, "run/prun/bin-open"), 0777);
	/* a run that lives, whose pid is not one here */
	tree_private(&t, "run/prun/999999998-BBBBBB");
	held = open(tree_path(&t, "run/prun/999999998-BBBBBB"), O_RDONLY);
	assert_int_equal(lock_try(held, LOCK_KIND_ALONE), LOCK_TAKEN);
	assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
	/* nobody waits for that */
	assert_true(path_exists(tree_path(&t, "run/prun/999999999-AAAAAA")));
	runtime_dir_end(dir, &fd);
	assert_false(path_exists(tree_path(&t, "run/prun/999999999-AAAAAA")));
	assert_false(path_exists(tree_path(&t, "run/prun/bin-left")));
	assert_true(path_exists(tree_path(&t, "run/prun/theirs")));
	assert_true(path_exists(tree_path(&t, "run/prun/bin-open")));
	assert_true(path_exists(tree_path(&t, "run/prun/999999998-BBBBBB")));
	close(held);
	assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
	runtime_dir_end(dir, &fd);
	assert_false(path_exists(tree_path(&t, "run/prun/999999998-BBBBBB")));
}

static void
where_no_run_ends_they_do_not_pile_up(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_env env = env_below(&t);
	struct err e = ERR_INIT;
	struct stat st;
	char *dir;
	int fd;

	(void)state; /* P-901 */
	assert_int_equal(stat(tree_path(&t, "run/prun"), &st), 0);
	for (int i = 0; i < 200; i++) {
		assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
		close(fd); /* as when it is killed */
	}
	/* a file system that does not count leaves it to those that end */
	if (st.st_nlink == 2) {
		assert_int_equal(stat(tree_path(&t, "run/prun"), &st), 0);
		assert_in_range(st.st_nlink, 2, 100);
	}
	assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
	runtime_dir_end(dir, &fd);
	assert_int_equal(rmdir(tree_path(&t, "run/prun")), 0);
}

/* The folder has had many names at a time. */
static void
grow(struct tree *t)
{
	char *path = tree_path(t, "run/prun/" NAME);

	for (int i = 0; i < NAMES; i++) {
		char *file = arena_printf(t->a, path, i);
		int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		close(fd);
	}
	for (int i = 0; i < NAMES; i++)
		unlink(arena_printf(t->a, path, i));
}

static void
a_folder_that_has_grown_is_made_anew(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_env env = env_below(&t);
	struct err e = ERR_INIT;
	char *dir, *other;
	int fd, other_fd;
	struct stat st;

	(void)state;
	grow(&t);
	assert_int_equal(stat(tree_path(&t, "run/prun"), &st), 0);
	if (st.st_size <= 64 * 1024)
		skip(); /* a file system that gives the room back */
	assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
	assert_true(runtime_dir_new(t.a, &env, &other, &other_fd, &e));
	runtime_dir_end(dir, &fd);
	assert_true(path_exists(other));
	runtime_dir_end(other, &other_fd);
	assert_false(path_exists(tree_path(&t, "run/prun")));
	assert_true(runtime_dir_new(t.a, &env, &dir, &fd, &e));
	assert_true(sv_starts(sv_of(dir), sv_of(env.xdg_runtime_dir)));
	runtime_dir_end(dir, &fd);
	assert_true(path_exists(tree_path(&t, "run/prun")));
}

static void
begin_and_end(struct tree *t, const struct state_env *env)
{
	struct err e = ERR_INIT;
	char *dir;
	int fd;

	for (int i = 0; i < 40; i++) {
		if (i % 8 == 0)
			grow(t);
		if (!runtime_dir_new(t->a, env, &dir, &fd, &e) ||
		    !sv_starts(sv_of(dir), sv_of(env->xdg_runtime_dir)) ||
		    !path_exists(dir))
			_exit(1);
		runtime_dir_end(dir, &fd);
	}
	_exit(0);
}

static void
nobody_is_without_while_it_is_made_anew(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_env env = env_below(&t);
	pid_t pids[4];
	int status;

	(void)state;
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			begin_and_end(&t, &env);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
}

int
test_store_runtime(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(socket_folders_are_short_and_private),
		cmocka_unit_test(
		    what_killed_runs_left_is_removed_by_one_that_ends),
		cmocka_unit_test(where_no_run_ends_they_do_not_pile_up),
		cmocka_unit_test(a_folder_that_has_grown_is_made_anew),
		cmocka_unit_test(nobody_is_without_while_it_is_made_anew),
	};

	return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
