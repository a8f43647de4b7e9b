/* SPDX-License-Identifier: MIT */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/owner.h"
#include "tree.h"

static void
what_is_no_file_of_ours_is_no_lock(void **state)
{
	struct tree t cleanup_tree = tree_new();
	int fd;

	(void)state;
	tree_file(&t, "victim", "precious\n");
	assert_int_equal(symlink("victim", tree_path(&t, "link")), 0);
	assert_int_equal(symlink("nowhere", tree_path(&t, "dangling")), 0);
	assert_int_equal(link(tree_path(&t, "victim"), tree_path(&t, "twin")), 0);
	assert_int_equal(mkfifo(tree_path(&t, "pipe"), 0600), 0);
	assert_int_equal(mkdir(tree_path(&t, "folder"), 0700), 0);

	for (int how = LOCK_FILE_OURS; how <= LOCK_FILE_LOOK; how++) {
		assert_int_equal(lock_open(tree_path(&t, "link"), how, 0600), -1);
		assert_int_equal(errno, ELOOP);
		assert_int_equal(
		    lock_open(tree_path(&t, "dangling"), how, 0600), -1);
		assert_int_equal(errno, ELOOP);
		assert_int_equal(lock_open(tree_path(&t, "twin"), how, 0600), -1);
		assert_int_equal(errno, EPERM);
		assert_int_equal(lock_open(tree_path(&t, "pipe"), how, 0600), -1);
		assert_int_equal(
		    lock_open(tree_path(&t, "folder"), how, 0600), -1);
	}
	assert_int_not_equal(access(tree_path(&t, "nowhere"), F_OK), 0);

	/* O_APPEND is kept: only what makes open() wait for others goes */
	fd = open_own(tree_path(&t, "log"), O_WRONLY | O_CREAT | O_APPEND, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK), O_APPEND);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd);
}

static void
a_lock_of_another_user_is_refused_where_it_must_be_ours(void **state)
{
	struct tree t cleanup_tree = tree_new();
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	tree_file(&t, "theirs", "");
	assert_int_equal(chown(tree_path(&t, "theirs"), 4321, 4321), 0);
	assert_int_equal(
	    lock_open(tree_path(&t, "theirs"), LOCK_FILE_OURS, 0600), -1);
	assert_int_equal(errno, EPERM);
	fd = lock_open(tree_path(&t, "theirs"), LOCK_FILE_SHARED, 0600);
	assert_true(fd >= 0);
	close(fd);
}

static void
one_holds_it_and_says_who(void **state)
{
	struct tree t cleanup_tree = tree_new();
	char *path;
	int one, two;

	(void)state;
	path = tree_path(&t, "lock");
	one = lock_open(path, LOCK_FILE_OURS, 0600);
	two = lock_open(path, LOCK_FILE_OURS, 0600);
	assert_int_equal(lock_try(one, LOCK_KIND_ALONE), LOCK_TAKEN);
	assert_true(lock_sign(one, SV("a longer text")));
	assert_true(lock_sign(one, SV("me")));
	assert_int_equal(lock_try(two, LOCK_KIND_ALONE), LOCK_BUSY);
	assert_int_equal(lock_try(two, LOCK_KIND_SHARED), LOCK_BUSY);
	assert_string_equal(lock_holder(t.a, two), "me");
	assert_true(lock_is_current(two, path));
	close(one);
	assert_int_equal(lock_wait(two, LOCK_KIND_SHARED), LOCK_TAKEN);
	assert_int_equal(unlink(path), 0);
	assert_false(lock_is_current(two, path));
	assert_int_equal(symlink("elsewhere", path), 0);
	assert_false(lock_is_current(two, path));
	close(two);
}

static void
without_locks_nobody_waits(void **state)
{
	(void)state;
	assert_int_equal(lock_try(-1, LOCK_KIND_ALONE), LOCK_UNSUPPORTED);
	assert_int_equal(lock_wait(-1, LOCK_KIND_SHARED), LOCK_UNSUPPORTED);
}

static void
links_count_with_what_they_name(void **state)
{
	struct tree t cleanup_tree = tree_new();

	(void)state;
	if (geteuid() != 0)
		skip();
	tree_file(&t, "ours", "");
	tree_file(&t, "theirs", "");
	assert_int_equal(chown(tree_path(&t, "theirs"), 4321, 4321), 0);
	assert_int_equal(symlink("theirs", tree_path(&t, "to-theirs")), 0);
	assert_int_equal(symlink("ours", tree_path(&t, "of-them")), 0);
	assert_int_equal(
	    lchown(tree_path(&t, "of-them"), 4321, 4321), 0);
	assert_true(file_is_ours(tree_path(&t, "ours")));
	assert_true(file_is_ours(tree_path(&t, "missing")));
	assert_false(file_is_ours(tree_path(&t, "theirs")));
	assert_false(file_is_ours(tree_path(&t, "to-theirs")));
	assert_false(file_is_ours(tree_path(&t, "of-them")));
	assert_false(dir_is_ours(tree_path(&t, "ours")));
	assert_true(dir_is_ours(tree_path(&t, "")));

	/* sudo's caller is ours for root alone */
	assert_int_equal(setenv("SUDO_UID", "4321", 1), 0);
	assert_true(file_is_ours(tree_path(&t, "theirs")));
	assert_int_equal(setenv("SUDO_UID", "43210", 1), 0);
	assert_false(file_is_ours(tree_path(&t, "theirs")));
	assert_int_equal(setenv("SUDO_UID", "-1", 1), 0);
	assert_false(file_is_ours(tree_path(&t, "theirs")));
	unsetenv("SUDO_UID");
}

/* Its time is a bound, and it is taken as soon as it can be had. */
static void
a_lock_is_waited_for_until_a_time(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "lock");
	int held = lock_open(path, LOCK_FILE_OURS, 0600);
	int fd = lock_open(path, LOCK_FILE_LOOK, 0);
	int64_t begin = clock_mono_ns();
	int pipe_fds[2];
	pid_t child;

	(void)state;
	assert_int_equal(lock_try(held, LOCK_KIND_ALONE), LOCK_TAKEN);
	assert_int_equal(
	    lock_wait_until(fd, LOCK_KIND_SHARED, begin), LOCK_BUSY);
	assert_int_equal(lock_wait_until(fd, LOCK_KIND_SHARED,
			     begin + 50 * NS_PER_MS),
	    LOCK_BUSY);
	assert_true(clock_mono_ns() - begin >= 50 * NS_PER_MS);

	/* a process that holds it until it is told that it is waited for */
	assert_int_equal(pipe(pipe_fds), 0);
	child = fork();
	if (child == 0) {
		char c;

		close(pipe_fds[1]);
		_exit(read(pipe_fds[0], &c, 1) != 0);
	}
	close(held);
	close(pipe_fds[0]);
	assert_int_equal(lock_try(fd, LOCK_KIND_SHARED), LOCK_BUSY);
	close(pipe_fds[1]);
	assert_int_equal(
	    lock_wait_until(fd, LOCK_KIND_SHARED, INT64_MAX), LOCK_TAKEN);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(fd);
}

int
test_base_lock(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_file_of_ours_is_no_lock),
		cmocka_unit_test(
		    a_lock_of_another_user_is_refused_where_it_must_be_ours),
		cmocka_unit_test(one_holds_it_and_says_who),
		cmocka_unit_test(a_lock_is_waited_for_until_a_time),
		cmocka_unit_test(without_locks_nobody_waits),
		cmocka_unit_test(links_count_with_what_they_name),
	};

	return cmocka_run_group_tests_name("base/lock", tests, NULL, NULL);
}
