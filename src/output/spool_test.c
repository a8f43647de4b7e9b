/* SPDX-License-Identifier: MIT */
#include "output/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "output/caught_fixture.h"

static void
what_is_added_can_be_shown(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct spool s;
	struct caught c;
	struct term term;
	const char *out, *err;

	(void)state;
	fixture_term(t.a, &term, false);
	assert_true(spool_temporary(&s, t.dir));
	assert_true(spool_add(&s, SV("one\n")));
	assert_true(spool_add(&s, SV("two\n")));
	assert_int_equal(s.size, 8);
	catch_begin(&c, false);
	spool_show(&s, 0, 4, &term, STDOUT_FILENO);
	spool_show(&s, 4, 8, &term, STDERR_FILENO);
	/* what is not there is not waited for */
	spool_show(&s, 8, 20, &term, STDOUT_FILENO);
	catch_end(&c, t.a, &out, &err);
	spool_close(&s);
	assert_string_equal(out, "one\n");
	assert_string_equal(err, "two\n");
	assert_false(term.stdout_failed);
	assert_int_equal(s.size, 8);
	assert_int_equal(s.fd, -1);
}

static void
who_else_writes_is_seen_by_a_look(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct sb text cleanup_sb = SB_INIT;
	struct spool s;

	(void)state;
	assert_true(spool_temporary(&s, t.dir));
	spool_add(&s, SV("ab"));
	assert_int_equal(write(s.fd, "cd", 2), 2);
	assert_int_equal(s.size, 2);
	assert_int_equal(spool_look(&s), 4);
	spool_read(&s, 1, 100, &text);
	assert_string_equal(sb_cstr(&text), "bcd");
	/* as when an addition failed half way */
	assert_int_equal(write(s.fd, "half", 4), 4);
	spool_repair(&s);
	assert_int_equal(spool_look(&s), 4);
	spool_close(&s);
	spool_close(&s);
}

static void
no_folder_no_file(void **state)
{
	struct spool s;

	(void)state;
	assert_false(spool_temporary(&s, "/nowhere/at/all"));
	assert_int_equal(s.fd, -1);
	/* a folder that is not absolute would be found by chance */
	assert_true(spool_temporary(&s, "relative"));
	spool_close(&s);
	assert_true(spool_temporary(&s, NULL));
	spool_close(&s);
}

/* P-403: more than a block, copied by whatever way there is. */
static void
large_files_are_copied_whole(void **state)
{
	enum { SIZE = 300 * 1000 };
	struct tree t cleanup_tree = tree_new();
	struct sb text cleanup_sb = SB_INIT;
	struct spool s;
	struct term term;
	int pipes[2], append;
	char *path = tree_path(&t, "copy");

	(void)state;
	fixture_term(t.a, &term, false);
	for (int i = 0; text.n < SIZE; i++)
		sb_printf(&text, "%d\n", i);
	assert_true(spool_temporary(&s, t.dir));
	assert_true(spool_add(&s, sb_sv(&text)));
	/* where the kernel does not copy into what appends */
	append = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	spool_show(&s, 0, s.size, &term, append);
	close(append);
	assert_string_equal(tree_read(&t, "copy"), sb_cstr(&text));
	/* nor into a pipe that nobody reads any more */
	assert_int_equal(pipe(pipes), 0);
	close(pipes[0]);
	signal(SIGPIPE, SIG_IGN);
	spool_show(&s, 0, s.size, &term, pipes[1]);
	signal(SIGPIPE, SIG_DFL);
	close(pipes[1]);
	assert_true(term.stdout_failed);
	assert_int_equal(term.stdout_errno, EPIPE);
	spool_close(&s);
}

static void
last_lines_of_a_text(void **state)
{
	static const struct {
		const char *text;
		size_t lines;
		const char *want;
	} rows[] = {
		{ "", 2, "" },
		{ "a", 2, "a" },
		{ "a\n", 1, "a\n" },
		{ "a\nb\n", 1, "b\n" },
		{ "a\nb", 1, "b" },
		{ "a\nb\nc", 2, "b\nc" },
		{ "a\nb\nc\n", 2, "b\nc\n" },
		{ "a\nb\n", 2, "a\nb\n" },
		{ "a\nb\n", 3, "a\nb\n" },
		{ "a\n\n\n", 2, "\n\n" },
		{ "\n", 1, "\n" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_row(rows[i].text, "its end",
		    sv_cstr(a, last_lines(sv_of(rows[i].text),
			rows[i].lines)),
		    rows[i].want);
}

int
test_output_spool(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_can_be_shown),
		cmocka_unit_test(who_else_writes_is_seen_by_a_look),
		cmocka_unit_test(no_folder_no_file),
		cmocka_unit_test(large_files_are_copied_whole),
		cmocka_unit_test(last_lines_of_a_text),
	};

	return cmocka_run_group_tests_name("output/spool", tests, NULL, NULL);
}
