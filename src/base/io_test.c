/* SPDX-License-Identifier: MIT */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* A fresh folder per test: *state is its path. */
static int
make_folder(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/prun-io-XXXXXX", tmp ? tmp : "/tmp");

	*state = path;
	return mkdtemp(path) ? 0 : -1;
}

static int
drop_folder(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	bool ok = remove_all(*state, &e);

	free(*state);
	return ok ? 0 : -1;
}

static void
file_is_read_whole(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *path = arena_printf(a, "%s/f", (char *)*state);
	size_t size = 300000;
	char *data = arena_alloc(a, size);
	sv got;

	for (size_t i = 0; i < size; i++)
		data[i] = (char)(i * 7);
	assert_true(write_atomic(path, (sv){ data, size }, 0644, &e));
	assert_true(read_file(a, path, &got, &e));
	assert_int_equal(got.n, size);
	assert_memory_equal(got.p, data, size);
	assert_int_equal(got.p[size], 0);
	assert_true(write_atomic(path, SV(""), 0644, &e));
	assert_true(read_file(a, path, &got, &e));
	assert_int_equal(got.n, 0);
	assert_int_equal(got.p[0], 0);
}

static void
reading_errors_have_the_texts_of_go(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *dir = *state, *path = arena_printf(a, "%s/none", dir);
	sv got;

	assert_false(read_file(a, path, &got, &e));
	assert_string_equal(e.message,
	    arena_printf(a, "open %s: no such file or directory", path));
	err_clear(&e);
	assert_false(read_file(a, dir, &got, &e));
	assert_string_equal(e.message,
	    arena_printf(a, "read %s: is a directory", dir));
}

static void
more_than_the_limit_is_an_error(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	int fds[2];
	sv got;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_true(write_all(fds[1], "hello world", 11));
	assert_false(read_fd(a, fds[0], 5, &got, &e));
	assert_string_equal(e.message, "read: file too large");
	err_clear(&e);
	assert_true(write_all(fds[1], "hello", 5));
	close(fds[1]);
	assert_true(read_fd(a, fds[0], 5, &got, &e));
	assert_string_equal(got.p, "hello");
	close(fds[0]);
	assert_false(read_fd(a, fds[0], 0, &got, &e));
	assert_string_equal(e.message, "read: bad file descriptor");
	err_clear(&e);
	assert_false(read_file(a, "/dev/zero", &got, &e));
	assert_string_equal(e.message, "read /dev/zero: file too large");
}

static void
atomic_write_replaces_and_leaves_nothing_beside(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *path = arena_printf(a, "%s/f", (char *)*state);
	mode_t mask = umask(022);
	struct dirent *entry;
	struct stat st;
	DIR *dir;
	int entries = 0;
	sv got;

	assert_true(write_atomic(path, SV("old"), 0666, &e));
	assert_true(write_atomic(path, SV("new"), 0755, &e));
	umask(mask);
	assert_true(read_file(a, path, &got, &e));
	assert_string_equal(got.p, "new");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	dir = opendir(*state);
	while ((entry = readdir(dir)) != NULL)
		entries++;
	closedir(dir);
	assert_int_equal(entries, 3); /* ".", "..", "f" */
	path = arena_printf(a, "%s/none/f", (char *)*state);
	assert_false(write_atomic(path, SV("x"), 0644, &e));
	assert_string_equal(e.message,
	    arena_printf(a, "open %s: no such file or directory", path));
}

static void
failed_atomic_write_keeps_the_target(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *path = arena_printf(a, "%s/d", (char *)*state);

	assert_true(mkdir_all(path, 0777, &e));
	assert_false(write_atomic(path, SV("x"), 0644, &e));
	assert_true(path_is_dir(path));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(*state), 0); /* no temporary file is left */
	assert_int_equal(mkdir(*state, 0700), 0);
}

static void
folders_are_made_with_their_parents(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *dir = *state;

	assert_true(mkdir_all(arena_printf(a, "%s/a/b//c/", dir), 0777, &e));
	assert_true(mkdir_all(arena_printf(a, "%s/a/b/c", dir), 0777, &e));
	assert_true(path_is_dir(arena_printf(a, "%s/a/b/c", dir)));
	assert_true(mkdir_all("/", 0777, &e));
	assert_true(write_atomic(arena_printf(a, "%s/f", dir), SV(""), 0644,
	    &e));
	assert_true(path_exists(arena_printf(a, "%s/f", dir)));
	assert_false(path_is_dir(arena_printf(a, "%s/f", dir)));
	assert_false(mkdir_all(arena_printf(a, "%s/f/x", dir), 0777, &e));
	assert_string_equal(e.message,
	    arena_printf(a, "mkdir %s/f: not a directory", dir));
}

/* L-202: the message names the folder that could not be made. */
static void
folder_below_an_empty_path_is_an_error(void **state)
{
	struct err e cleanup_err = ERR_INIT;

	(void)state;
	assert_false(mkdir_all("", 0777, &e));
	assert_string_equal(e.message, "mkdir : no such file or directory");
}

static void
removal_does_not_follow_links(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	char *dir = *state, *keep = arena_printf(a, "%s/keep/f", dir);
	char *tree = arena_printf(a, "%s/tree", dir);

	assert_true(mkdir_all(arena_printf(a, "%s/keep", dir), 0777, &e));
	assert_true(write_atomic(keep, SV("x"), 0644, &e));
	for (int i = 0; i < 50; i++) {
		char *sub = arena_printf(a, "%s/%d/deep", tree, i);

		assert_true(mkdir_all(sub, 0777, &e));
		assert_int_equal(
		    symlink("../../../keep", arena_printf(a, "%s/l", sub)), 0);
	}
	assert_int_equal(symlink("keep", arena_printf(a, "%s/l", dir)), 0);
	assert_true(remove_all(arena_printf(a, "%s/l", dir), &e));
	assert_true(remove_all(tree, &e));
	assert_false(path_exists(tree));
	assert_true(path_exists(keep));
	assert_true(remove_all(tree, &e)); /* missing is success */
}

static void
writing_to_a_closed_descriptor_fails(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_false(write_all(fd, "x", 1));
	assert_int_equal(errno, EBADF);
	close(fd);
}

#define IN_FOLDER(test)                                                       \
	cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int
test_base_io(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(file_is_read_whole),
		IN_FOLDER(reading_errors_have_the_texts_of_go),
		cmocka_unit_test(more_than_the_limit_is_an_error),
		IN_FOLDER(atomic_write_replaces_and_leaves_nothing_beside),
		IN_FOLDER(failed_atomic_write_keeps_the_target),
		IN_FOLDER(folders_are_made_with_their_parents),
		cmocka_unit_test(folder_below_an_empty_path_is_an_error),
		IN_FOLDER(removal_does_not_follow_links),
		cmocka_unit_test(writing_to_a_closed_descriptor_fails),
	};

	return cmocka_run_group_tests_name("base/io", tests, NULL, NULL);
}
