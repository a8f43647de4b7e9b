/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/fswatch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tree.h"

struct world {
	struct tree t;
	struct loop *l;
	struct fswatch *fw;
	struct sb heard; /* the names, each with one of "+~.!" before it */
	bool late;
};

static void
hear(void *ctx, const char *path, enum fswatch_event what)
{
	struct world *w = ctx;

	sb_printf(&w->heard, "%c%s ", "+~.!"[what], strrchr(path, '/') + 1);
}

static void
too_late(void *ctx)
{
	((struct world *)ctx)->late = true;
}

/* Turns until that was heard, at most ten seconds. */
static void
wait_for(struct world *w, const char *what)
{
	struct timer *bound = loop_timer(w->l, 10 * NS_PER_S, too_late, w);

	while (!w->late && strstr(sb_cstr(&w->heard), what) == NULL)
		loop_turn(w->l);
	assert_false(w->late);
	loop_timer_stop(w->l, &bound);
	sb_clear(&w->heard);
}

static void
touch(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "a");
	assert_non_null(f);
	fputs("x", f);
	fclose(f);
}

static struct world
world_new(void)
{
	return (struct world){ .t = tree_new(), .l = loop_new() };
}

static void
world_free(struct world *w)
{
	fswatch_free(w->fw);
	loop_free(w->l);
	sb_free(&w->heard);
	tree_cleanup(&w->t);
}

static void
entries_and_contents_are_told(void **state)
{
	struct world w = world_new();
	struct err e cleanup_err = ERR_INIT;
	bool is_new = false;

	(void)state;
	w.fw = fswatch_new(w.l, hear, &w);
	touch(w.t.dir, "old");
	assert_true(fswatch_add(w.fw, w.t.dir, &is_new, &e));
	assert_true(is_new);
	assert_true(fswatch_add(w.fw, w.t.dir, &is_new, &e));
	assert_false(is_new);
	touch(w.t.dir, "new");
	wait_for(&w, "+new ");
	touch(w.t.dir, "old");
	wait_for(&w, "~old ");
	unlink(path_join(w.t.a, sv_of(w.t.dir), SV("old")));
	wait_for(&w, "+old ");
	world_free(&w);
}

static void
a_directory_made_anew_is_another(void **state)
{
	struct world w = world_new();
	struct err e cleanup_err = ERR_INIT;
	const char *dir = path_join(w.t.a, sv_of(w.t.dir), SV("d"));
	const char *other = path_join(w.t.a, sv_of(w.t.dir), SV("other"));
	bool is_new = false;

	(void)state;
	w.fw = fswatch_new(w.l, hear, &w);
	assert_false(fswatch_add(w.fw, dir, &is_new, &e));
	assert_non_null(strstr(e.message, "no such file or directory"));
	err_clear(&e);
	mkdir(dir, 0700);
	assert_true(fswatch_add(w.fw, dir, &is_new, &e));
	/* the other holds the old one's number */
	assert_int_equal(rename(dir, other), 0);
	mkdir(dir, 0700);
	assert_true(fswatch_add(w.fw, dir, &is_new, &e));
	assert_true(is_new);
	touch(dir, "a");
	wait_for(&w, "+a ");
	world_free(&w);
}

#ifdef PRUN_LINUX
/* Whoever waits until a file is whole is told when it is. */
static void
the_end_of_writing_is_told(void **state)
{
	struct world w = world_new();
	struct err e cleanup_err = ERR_INIT;
	bool is_new = false;

	(void)state; /* C-405 */
	w.fw = fswatch_new(w.l, hear, &w);
	assert_true(fswatch_add(w.fw, w.t.dir, &is_new, &e));
	touch(w.t.dir, "a");
	wait_for(&w, "+a ~a .a ");
	assert_int_equal(rename(tree_path(&w.t, "a"), tree_path(&w.t, "b")), 0);
	wait_for(&w, "+a !b ");
	chmod(tree_path(&w.t, "b"), 0600);
	wait_for(&w, "~b ");
	world_free(&w);
}

/* A directory can have two paths, and one path can come to lead elsewhere. */
static void
each_path_of_a_directory_is_told(void **state)
{
	struct world w = world_new();
	struct err e cleanup_err = ERR_INIT;
	const char *one = tree_path(&w.t, "one"), *two = tree_path(&w.t, "two");
	bool is_new = false;

	(void)state;
	w.fw = fswatch_new(w.l, hear, &w);
	tree_dir(&w.t, "one");
	assert_int_equal(symlink("one", two), 0);
	assert_true(fswatch_add(w.fw, one, &is_new, &e));
	assert_true(fswatch_add(w.fw, two, &is_new, &e));
	assert_true(is_new);
	touch(one, "a");
	wait_for(&w, "+a +a ");
	assert_int_equal(unlink(two), 0);
	tree_dir(&w.t, "two");
	assert_true(fswatch_add(w.fw, two, &is_new, &e));
	assert_true(is_new);
	sb_clear(&w.heard);
	touch(one, "b");
	touch(two, "c");
	wait_for(&w, "+b ~b .b +c ");
	/* one that is made anew may get the number of the old one again */
	unlink(tree_path(&w.t, "two/c"));
	assert_int_equal(rmdir(two), 0);
	wait_for(&w, "+two ");
	tree_dir(&w.t, "two");
	assert_true(fswatch_add(w.fw, two, &is_new, &e));
	assert_true(is_new);
	touch(two, "d");
	wait_for(&w, "+d ");
	world_free(&w);
}

/* A user has a hundred or so in all, as a server has readers. */
static void
many_watches_need_one_descriptor(void **state)
{
	struct world w = world_new();
	struct fswatch *others[300];
	struct err e cleanup_err = ERR_INIT;
	bool is_new = false;

	(void)state;
	w.fw = fswatch_new(w.l, hear, &w);
	assert_true(fswatch_add(w.fw, w.t.dir, &is_new, &e));
	for (int i = 0; i < 300; i++) {
		others[i] = fswatch_new(w.l, hear, &w);
		assert_true(fswatch_add(others[i], w.t.dir, &is_new, &e));
		assert_true(is_new);
	}
	for (int i = 0; i < 299; i++)
		fswatch_free(others[i]);
	touch(w.t.dir, "a");
	wait_for(&w, "+a +a ~a ~a .a .a ");
	fswatch_free(others[299]);
	touch(w.t.dir, "b");
	wait_for(&w, "+b ~b .b ");
	world_free(&w);
}

static void
give_up_other(void *ctx, const char *path, enum fswatch_event what)
{
	struct fswatch **other = ctx;

	(void)path;
	(void)what;
	fswatch_free(*other);
	*other = NULL;
}

/* Who is told may give up another that is to be told of the same. */
static void
one_that_is_given_up_hears_no_more(void **state)
{
	struct world w = world_new();
	struct fswatch *first, *other;
	struct err e cleanup_err = ERR_INIT;
	bool is_new = false;

	(void)state;
	other = fswatch_new(w.l, hear, &w);
	assert_true(fswatch_add(other, w.t.dir, &is_new, &e));
	first = fswatch_new(w.l, give_up_other, &other);
	assert_true(fswatch_add(first, w.t.dir, &is_new, &e));
	touch(w.t.dir, "a");
	while (other != NULL)
		loop_turn(w.l);
	assert_int_equal(w.heard.n, 0);
	fswatch_free(first);
	w.fw = fswatch_new(w.l, hear, &w);
	assert_true(fswatch_add(w.fw, w.t.dir, &is_new, &e));
	touch(w.t.dir, "b");
	wait_for(&w, "+b ");
	world_free(&w);
}
#endif

int
test_exec_fswatch(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_and_contents_are_told),
		cmocka_unit_test(a_directory_made_anew_is_another),
#ifdef PRUN_LINUX
		cmocka_unit_test(the_end_of_writing_is_told),
		cmocka_unit_test(each_path_of_a_directory_is_told),
		cmocka_unit_test(many_watches_need_one_descriptor),
		cmocka_unit_test(one_that_is_given_up_hears_no_more),
#endif
	};

	return cmocka_run_group_tests_name("exec/fswatch", tests, NULL, NULL);
}
