/* SPDX-License-Identifier: MIT */
/* Large Taskfiles: their text is forgotten while they are read, and what is
 * held of them is little. */
#include "taskfile/file_text.h"

#include "base/hash.h"
#include "taskfile/taskfile.h"
#include "tree.h"

static bool
load_tree(struct tree *t, struct taskfile **out, struct err *e)
{
	struct load_options o = { .path = tree_path(t, "Taskfile.yml"),
		.root_dir = t->dir,
		.cwd = t->dir };

	return taskfile_load(t->a, &o, out, e);
}

/* Tasks with all that is usual in them, and a last line. */
static sv
usual_tasks(struct arena *a, size_t n, const char *last)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_adds(&b, "version: '3'\ntasks:\n");
	for (size_t i = 0; i < n; i++)
		sb_printf(&b,
		    "  t%zu:\n    deps: [u, v]\n    vars:\n"
		    "      NAME: \"item-%zu\"\n      OUT: \"{{.NAME}}.o\"\n"
		    "    sources:\n      - src/%zu/**/*.c\n"
		    "      - include/*.h\n    generates:\n      - out/%zu.o\n"
		    "    cmds:\n      - echo \"{{.NAME}}\"\n"
		    "      - mkdir -p out\n      - touch out/%zu.o\n",
		    i, i, i, i, i);
	sb_adds(&b, last);
	return sb_take(&b, a);
}

static void
a_large_text_is_read_again(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	sv large = usual_tasks(t.a, 2000, ""), small = SV("version: '3'\n");
	struct file_text text;

	(void)state;
	tree_file(&t, "large", large.p);
	tree_file(&t, "small", small.p);
	assert_true(large.n > FILE_TEXT_LARGE);
	assert_true(
	    file_text_read(t.a, tree_path(&t, "large"), false, &text, &e));
	assert_true(sv_eq(text.text, large));
	assert_true(sv_eq(file_text_again(t.a, &text), large));
	file_text_forget(&text);
	assert_null(text.text.p);
	assert_true(sv_eq(file_text_again(t.a, &text), large));
	/* another text is not that of what was read */
	tree_file(&t, "large", small.p);
	assert_int_equal(file_text_again(t.a, &text).n, 0);
	file_text_forget(&text);

	assert_true(
	    file_text_read(t.a, tree_path(&t, "small"), false, &text, &e));
	file_text_forget(&text);
	assert_true(sv_eq(text.text, small));
}

/* L-223: with the lines around it, however long ago they were read. */
static void
an_error_of_a_large_file_shows_its_lines(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct taskfile *tf;

	(void)state;
	tree_file(&t, "Taskfile.yml",
	    usual_tasks(t.a, 2000,
		"  last:\n    cmds:\n      - cmd: [1]\n    desc: x\n")
		.p);
	assert_false(load_tree(&t, &tf, &e));
	assert_non_null(
	    strstr(e.message, "cannot unmarshal !!seq into string\n"));
	assert_non_null(strstr(e.message, "Taskfile.yml:28005:9\n"));
	assert_non_null(strstr(e.message, "> 28005 |       - cmd: [1]\n"));
	assert_non_null(strstr(e.message, "  28004 |     cmds:\n"));
}

/* A pin of a later include is that of the text that was read. */
static void
a_pin_finds_a_large_file_again(void **state)
{
	static const char twice[] =
	    "version: '3'\nincludes:\n  a: ./large.yml\n  b:\n"
	    "    taskfile: ./large.yml\n    checksum: %s\n";
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	sv large = usual_tasks(t.a, 2000, "");
	struct taskfile *tf;

	(void)state;
	tree_file(&t, "large.yml", large.p);
	tree_file(&t, "Taskfile.yml",
	    arena_printf(t.a, twice, sha256_hex(t.a, large)));
	assert_true(load_tree(&t, &tf, &e));
	assert_non_null(map_get(tf->tasks, SV("b:t1999")));
	tree_file(&t, "Taskfile.yml", arena_printf(t.a, twice, "abc"));
	assert_false(load_tree(&t, &tf, &e));
	assert_int_equal(e.code, ERR_CHECKSUM);
}

/* Nodes and model of a task that has all that is usual. */
static void
a_task_is_small(void **state)
{
	enum {
		TASKS = 2000,
		BYTES = 2000
	};
	struct tree t cleanup_tree = tree_new();
	struct err e cleanup_err = ERR_INIT;
	struct taskfile *tf;
	size_t before;

	(void)state;
	tree_file(&t, "Taskfile.yml", usual_tasks(t.a, TASKS, "").p);
	before = arena_size(t.a);
	assert_true(load_tree(&t, &tf, &e));
	assert_int_equal(map_count(tf->tasks), TASKS);
	assert_in_range((arena_size(t.a) - before) / TASKS, 500, BYTES);
}

int
test_taskfile_file_text(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_text_is_read_again),
		cmocka_unit_test(an_error_of_a_large_file_shows_its_lines),
		cmocka_unit_test(a_pin_finds_a_large_file_again),
		cmocka_unit_test(a_task_is_small),
	};

	return cmocka_run_group_tests_name(
	    "taskfile/file_text", tests, NULL, NULL);
}
