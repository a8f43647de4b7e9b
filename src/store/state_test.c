/* SPDX-License-Identifier: MIT */
#include "store/state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/lock.h"
#include "tree.h"

#define AT_2026 INT64_C(1795254377123456789) /* 2026-11-21 09:46:17 UTC */

static struct state
state_in(struct tree *t)
{
	struct state_options o = { .root_dir = tree_path(t, "repo") };
	struct state s;

	tree_dir(t, "repo");
	o.env.xdg_state_home = tree_path(t, "st");
	o.env.xdg_cache_home = tree_path(t, "ca");
	state_init(t->a, &o, &s);
	return s;
}

static void
folders_follow_the_environment(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_options o = { .root_dir = tree_path(&t, "repo") };
	const char *key;
	struct state s;

	(void)state; /* P-901 */
	tree_dir(&t, "repo");
	state_init(t.a, &o, &s);
	assert_string_equal(s.dir, tree_path(&t, "repo/.task/prun"));
	o.env.home = "/home/u";
	state_init(t.a, &o, &s);
	key = strrchr(s.dir, '/');
	assert_true(sv_starts(sv_of(key), SV("/repo-")));
	assert_string_equal(s.dir,
	    arena_printf(t.a, "/home/u/.local/state/prun%s", key));
	assert_string_equal(s.cache,
	    arena_printf(t.a, "/home/u/.cache/prun%s", key));
	o.env.xdg_state_home = "/st";
	o.env.xdg_cache_home = "relative is ignored";
	state_init(t.a, &o, &s);
	assert_string_equal(s.dir, arena_printf(t.a, "/st/prun%s", key));
	assert_string_equal(s.cache,
	    arena_printf(t.a, "/home/u/.cache/prun%s", key));
	o.dir = "moved";
	state_init(t.a, &o, &s);
	assert_string_equal(s.dir,
	    arena_printf(t.a, "%s/repo/moved%s", t.dir, key));
	/* Two repositories of one name are two. */
	o.root_dir = tree_path(&t, "other/repo");
	state_init(t.a, &o, &s);
	assert_string_not_equal(strrchr(s.dir, '/'), key);
}

static void
run_ids_sort_by_time_and_are_unique(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state s = state_in(&t);
	struct run_dir runs[5];
	struct err e = ERR_INIT;
	state_names all = { 0 };

	(void)state;
	assert_string_equal(run_id_text(t.a, AT_2026),
	    "20261121-094617-123456");
	for (int i = 0; i < 5; i++) {
		assert_true(run_dir_new(t.a, &s, AT_2026, &runs[i], &e));
		assert_true(path_is_dir(runs[i].path));
		if (i > 0)
			assert_true(strcmp(runs[i].id, runs[i - 1].id) > 0);
	}
	state_runs(t.a, &s, &all);
	assert_int_equal(all.n, 5);
	assert_string_equal(all.v[0], runs[4].id);
	for (int i = 0; i < 5; i++) {
		assert_true(state_run_is_live(t.a, &s, runs[i].id));
		run_dir_close(&runs[i]);
		assert_false(state_run_is_live(t.a, &s, runs[i].id));
	}
}

static void
names_never_become_paths(void **state)
{
	static const char *const evil[] = { "../../x", "/etc/passwd", "..", ".",
		"", "a/b:c", ".hidden", "a\nb", "\xff\xfe", "-rf" };
	struct tree t cleanup_tree = tree_new();
	struct state s = state_in(&t);
	struct run_dir r;
	struct err e = ERR_INIT;

	(void)state; /* P-404 */
	assert_true(run_dir_new(t.a, &s, AT_2026, &r, &e));
	assert_string_equal(run_log_path(t.a, &r, 7, "build:all x"),
	    arena_printf(t.a, "%s/logs/0007-build-all-x.log", r.path));
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		char *name = state_file_name(t.a, evil[i]);
		char *log = run_log_path(t.a, &r, 1, evil[i]);

		assert_null(strchr(name, '/'));
		assert_true(*name != '\0' && *name != '.');
		assert_string_equal(path_clean(t.a, sv_of(log)), log);
		assert_string_equal(path_dir(t.a, sv_of(log)),
		    arena_printf(t.a, "%s/logs", r.path));
		assert_null(state_run_path(t.a, &s, evil[i], &e));
		err_clear(&e);
	}
	assert_true(strlen(state_file_name(t.a,
			arena_printf(t.a, "%0300d", 0))) <= 80);
	assert_string_equal(state_run_path(t.a, &s, "20261121", &e), r.path);
	run_dir_close(&r);
}

static void
a_run_that_has_ended_is_not_measured_again(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state s = state_in(&t);
	struct err e = ERR_INIT;
	struct run_dir r[3];
	char *lock[3];

	(void)state; /* P-405 */
	for (int i = 0; i < 3; i++) {
		assert_true(run_dir_new(t.a, &s, AT_2026 + i * NS_PER_S, &r[i],
		    &e));
		tree_file(&t, run_log_path(t.a, &r[i], 1, "x"), "0123456789");
		run_dir_close(&r[i]);
		lock[i] = arena_printf(t.a, "%s/lock", r[i].path);
		assert_string_equal(tree_read(&t, lock[i]), "10\n");
	}
	tree_file(&t, lock[0], "600\n");
	/* what was killed has left no size */
	tree_file(&t, lock[1], "live 1\n");
	state_prune(t.a, &s, 0, 500, r[2].id);
	assert_false(path_exists(r[0].path));
	assert_true(path_exists(r[1].path));
	tree_file(&t, lock[2], "495\n");
	state_prune(t.a, &s, 0, 500, r[2].id);
	assert_false(path_exists(r[1].path));
	assert_true(path_exists(r[2].path));
}

static void
runs_of_a_session_stay_as_long_as_it_does(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state s = state_in(&t);
	struct err e = ERR_INIT;
	char *session = arena_printf(
	    t.a, "%s/sessions/%s", s.dir, run_id_text(t.a, AT_2026));
	struct run_dir r[5];

	(void)state; /* P-405, P-806 */
	assert_true(mkdir_all(session, 0700, &e));
	for (int i = 0; i < 5; i++) {
		assert_true(
		    run_dir_new(t.a, &s, AT_2026 + i * NS_PER_S, &r[i], &e));
		if (i < 3)
			run_dir_of_session(
			    &r[i], path_base(t.a, sv_of(session)));
		run_dir_close(&r[i]);
	}
	state_prune(t.a, &s, 1, 0, r[4].id);
	assert_true(path_exists(r[0].path));
	assert_true(path_exists(r[2].path));
	assert_false(path_exists(r[3].path));
	assert_true(remove_all(session, &e));
	state_prune(t.a, &s, 2, 0, r[4].id);
	assert_false(path_exists(r[0].path));
	assert_false(path_exists(r[1].path));
	assert_true(path_exists(r[2].path));
	assert_true(path_exists(r[4].path));
}

static void
pruning_keeps_the_current_and_the_live(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state s = state_in(&t);
	struct err e = ERR_INIT;
	struct run_dir r[6];
	int ready[2], go[2];
	pid_t child;
	char c;

	(void)state; /* P-405 */
	for (int i = 0; i < 6; i++) {
		assert_true(run_dir_new(t.a, &s, AT_2026 + i * NS_PER_S, &r[i],
		    &e));
		tree_file(&t, run_log_path(t.a, &r[i], 1, "x"),
		    "0123456789");
		run_dir_close(&r[i]);
	}
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	child = fork();
	if (child == 0) {
		/* another prun holds the oldest one */
		struct run_dir mine = r[0];
		char *lock = arena_printf(t.a, "%s/lock", mine.path);
		int fd = open(lock, O_RDWR);

		if (fd < 0 || flock(fd, LOCK_EX) != 0 ||
		    write(ready[1], "x", 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	state_prune(t.a, &s, 2, 0, r[1].id);
	assert_true(path_exists(r[0].path));
	assert_true(path_exists(r[1].path));
	assert_false(path_exists(r[2].path));
	assert_false(path_exists(r[3].path));
	assert_true(path_exists(r[4].path));
	assert_true(path_exists(r[5].path));
	assert_int_equal(write(go[1], "x", 1), 1);
	waitpid(child, NULL, 0);
	state_prune(t.a, &s, 0, 25, r[5].id);
	assert_false(path_exists(r[0].path));
	assert_false(path_exists(r[1].path));
	assert_true(path_exists(r[4].path));
	assert_true(path_exists(r[5].path));
	state_prune(t.a, &s, 0, 1, r[5].id);
	assert_false(path_exists(r[4].path));
	assert_true(path_exists(r[5].path));
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}

static void
where_nothing_can_be_written_there_is_an_error(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct state_options o = { .root_dir = tree_path(&t, "repo") };
	struct err e = ERR_INIT;
	struct run_dir r;
	struct state s;

	(void)state;
	tree_file(&t, "file", "");
	o.dir = tree_path(&t, "file/below");
	state_init(t.a, &o, &s);
	assert_false(run_dir_new(t.a, &s, AT_2026, &r, &e));
	assert_string_equal(r.id, "20261121-094617-123456");
	assert_string_equal(r.path, "");
	run_dir_close(&r);
	err_clear(&e);
}

int
test_store_state(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_follow_the_environment),
		cmocka_unit_test(run_ids_sort_by_time_and_are_unique),
		cmocka_unit_test(names_never_become_paths),
		cmocka_unit_test(a_run_that_has_ended_is_not_measured_again),
		cmocka_unit_test(runs_of_a_session_stay_as_long_as_it_does),
		cmocka_unit_test(pruning_keeps_the_current_and_the_live),
		cmocka_unit_test(
		    where_nothing_can_be_written_there_is_an_error),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
