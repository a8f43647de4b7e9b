/* SPDX-License-Identifier: MIT */
#include "base/real_path.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "unit.h"

/* A folder with real/dir, one → real, two → one/dir, loop → loop, up → .. */
static const char *
make_links(struct arena *a)
{
	const char *tmp = getenv("TMPDIR");
	char *made = arena_printf(a, "%s/prun-real-XXXXXX", tmp ? tmp : "/tmp");
	const char *dir;

	assert_non_null(mkdtemp(made));
	dir = path_real(a, made);
#define AT(name) arena_printf(a, "%s/" name, dir)
	assert_int_equal(mkdir(AT("real"), 0700), 0);
	assert_int_equal(mkdir(AT("real/dir"), 0700), 0);
	assert_int_equal(symlink("real", AT("one")), 0);
	assert_int_equal(symlink("one/dir", AT("two")), 0);
	assert_int_equal(symlink("loop", AT("loop")), 0);
	assert_int_equal(symlink("..", AT("real/dir/up")), 0);
	assert_int_equal(symlink("real/gone", AT("dangling")), 0);
	return dir;
}

static void
links_are_followed_as_far_as_they_lead(void **state)
{
	static const struct {
		const char *path, *real, *place;
	} cases[] = {
		{ "real/dir", "real/dir", "real/dir" },
		{ "one/dir/x", "real/dir/x", "real/dir/x" },
		{ "two", "real/dir", "two" },
		{ "two/up", "real", "real/dir/up" },
		{ "dangling", "real/gone", "dangling" },
		{ "dangling/a/b", "real/gone/a/b", "real/gone/a/b" },
		{ "none/a", "none/a", "none/a" },
		{ "loop", "loop", "loop" },
	};
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	const char *dir = make_links(a);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path =
		    path_join(a, sv_of(dir), sv_of(cases[i].path));

		assert_string_equal(path_real(a, path),
		    path_join(a, sv_of(dir), sv_of(cases[i].real)));
		assert_string_equal(path_real_place(a, path),
		    path_join(a, sv_of(dir), sv_of(cases[i].place)));
	}
	assert_string_equal(path_real(a, "/"), "/");
	assert_true(remove_all(dir, &e));
}

static void
trail_names_each_link(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	const char *dir = make_links(a);
	trail_vec trail = { 0 };

	(void)state;
	path_trail(a, AT("two/file"), &trail);
	assert_int_equal(trail.n, 3);
	assert_string_equal(trail.v[0], AT("two"));
	assert_string_equal(trail.v[1], AT("one"));
	assert_string_equal(trail.v[2], AT("real/dir/file"));
	assert_true(remove_all(dir, &e));
}

int
test_base_real_path(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_followed_as_far_as_they_lead),
		cmocka_unit_test(trail_names_each_link),
	};

	return cmocka_run_group_tests_name("base/real_path", tests, NULL, NULL);
}
