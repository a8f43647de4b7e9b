/* SPDX-License-Identifier: MIT */
#include "exec/fswatch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "tree.h"

struct world {
	struct tree t;
	struct loop *l;
	struct fswatch *fw;
	struct sb heard; /* the names, each with + (entry) or ~ before it */
	bool late;
};

static void
hear(void *ctx, const char *path, bool entry)
{
	struct world *w = ctx;

	sb_printf(&w->heard, "%c%s ", entry ? '+' : '~',
	    strrchr(path, '/') + 1);
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

int
test_exec_fswatch(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_and_contents_are_told),
		cmocka_unit_test(a_directory_made_anew_is_another),
	};

	return cmocka_run_group_tests_name("exec/fswatch", tests, NULL, NULL);
}
