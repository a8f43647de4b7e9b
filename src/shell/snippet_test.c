/* SPDX-License-Identifier: MIT */
/* What is read here and what is left to bash, and what a driver is asked for.
 */
#include "shell/snippet.h"

#include <errno.h>
#include <signal.h>

#include "base/io.h"
#include "unit.h"

static struct arena *a;
static char *env[] = { (char *)"HOME=/home", (char *)"PATH=/usr/bin:/bin",
	(char *)"ONE=word", (char *)"TWO=two words", (char *)"STAR=a*", NULL };
static struct snippet_place place = {
	.env = env, .dir = "/", .options = { .errexit = true }
};

static int
set_up(void **state)
{
	(void)state;
	a = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(a);
	return 0;
}

static bool
is_read(const char *text)
{
	return snippet_read(a, sv_of(text)) != NULL;
}

static bool
is_taken(const char *text)
{
	const struct snippet *s = snippet_read(a, sv_of(text));

	return s != NULL && snippet_suits(s, &place);
}

/* L-210 */
static void
table_says_who_runs_it(void **state)
{
	struct err e = ERR_INIT;
	struct sb text cleanup_sb = SB_INIT;
	sv all, line;
	bool steps = false, more = true, begun = false;

	(void)state;
	assert_true(read_file(a, TESTS_DIR "/shell/snippets.txt", &all, &e));
	while (more) {
		more = sv_cut(all, '\n', &line, &all);
		if (!sv_starts(line, SV("== ")) && more) {
			sb_addv(&text, line);
			sb_addc(&text, '\n');
			continue;
		}
		if (begun && is_read(sb_cstr(&text)) != steps)
			fail_msg("%s is for %s", sb_cstr(&text),
			    steps ? "prun" : "bash");
		begun = true;
		steps = sv_is(line, "== steps");
		sb_clear(&text);
	}
}

static void
environment_decides(void **state)
{
	static char *odd[] = { (char *)"PATH=/bin", NULL, NULL };
	static const char *const left[] = { "BASH_FUNC_f%%=() { :; }",
		"SHELLOPTS=x", "BASHOPTS=x", "IFS=:", "CDPATH=/", "UID=0",
		"POSIXLY_CORRECT=", "LC_ALL=ja_JP.SJIS", "SHLVL=many",
		"BASH_ENV=x", NULL };
	const struct snippet *s = snippet_read(a, SV("cd /; echo x"));

	(void)state;
	assert_true(snippet_suits(s, &place));
	place.env = odd;
	assert_true(snippet_suits(s, &place));
	for (size_t i = 0; left[i] != NULL; i++) {
		odd[1] = arena_strdup(a, left[i]);
		if (snippet_suits(s, &place))
			fail_msg("%s changes nothing", left[i]);
	}
	odd[1] = (char *)"LC_ALL=de_DE.UTF-8";
	assert_true(snippet_suits(s, &place));
	place.env = env;
}

/* The programs of a job lead its group one after the other, and setsid goes to
 * the background where it leads one. */
static void
sessions_are_left(void **state)
{
	(void)state;
	assert_null(snippet_read(a, SV("setsid sleep 1; echo x")));
	assert_null(snippet_read(a, SV("x=1; env A=b setsid -f sleep 1")));
	assert_non_null(snippet_read(a, SV("sleep 1; echo x")));
}

/* What stands unquoted where one word has to be is known before. */
static void
values_decide(void **state)
{
	(void)state;
	assert_true(is_taken("cd $ONE; echo x >$ONE"));
	assert_false(is_taken("cd $TWO"));
	assert_true(is_taken("cd \"$TWO\""));
	assert_false(is_taken("cd $NONE"));
	assert_false(is_taken("ONE=x; cd $ONE"));
	assert_false(is_taken("echo x >$STAR"));
	assert_true(is_taken("for i in $TWO; do :; done"));
	assert_false(is_taken("for i in $STAR; do :; done"));
	assert_true(is_taken("echo $STAR $TWO"));
	assert_false(is_taken("echo $TERM"));
	assert_true(is_taken("echo ${#ONE}"));
	assert_false(is_taken("x=\303\251; echo ${#x}"));
}

static void
folder_decides(void **state)
{
	static const char *const left[] = { "relative", "/nowhere/at/all", "//",
		"/./", "/tmp/..", "/tmp/", NULL };
	const struct snippet *s = snippet_read(a, SV("echo x; echo y"));

	(void)state;
	for (size_t i = 0; left[i] != NULL; i++) {
		place.dir = left[i];
		assert_false(snippet_suits(s, &place));
	}
	place.dir = NULL;
	assert_false(snippet_suits(s, &place));
	place.dir = "/";
}

static void
size_is_bounded(void **state)
{
	struct sb text cleanup_sb = SB_INIT;

	(void)state;
	for (int i = 0; i < 100; i++)
		sb_adds(&text, "if true; then ");
	sb_adds(&text, ":");
	for (int i = 0; i < 100; i++)
		sb_adds(&text, "; fi");
	assert_false(is_read(sb_cstr(&text)));
	sb_clear(&text);
	for (int i = 0; i < 10; i++)
		sb_adds(&text, "for i in 1 2 3 4 5 6 7 8 9 10; do ");
	sb_adds(&text, ":");
	for (int i = 0; i < 10; i++)
		sb_adds(&text, "; done");
	assert_false(is_read(sb_cstr(&text)));
	sb_clear(&text);
	sb_adds(&text, "echo ");
	sb_pad(&text, 'x', 70000);
	assert_false(is_read(sb_cstr(&text)));
	sb_clear(&text);
	for (int i = 0; i < 100; i++)
		sb_adds(&text, "${x:-");
	assert_false(is_read(sb_cstr(&text)));
}

static void
control_characters_are_left(void **state)
{
	(void)state;
	assert_false(is_read("echo a\001b; echo"));
	assert_false(is_read("echo a\rb; echo"));
	assert_false(is_read("echo a\177b; echo"));
	assert_null(snippet_read(a, (sv){ "echo a\0b; echo", 15 }));
}

/* ---- running ---- */

static struct snippet_run *
begin(const char *text)
{
	const struct snippet *s = snippet_read(a, sv_of(text));

	assert_non_null(s);
	return snippet_begin(a, s, &place);
}

static const struct snippet_want *
wants(struct snippet_run *r, enum snippet_want_kind kind)
{
	const struct snippet_want *w = snippet_step(r);

	assert_int_equal(w->kind, kind);
	return w;
}

static void
prints(struct snippet_run *r, const char *text)
{
	const struct snippet_want *w = wants(r, SNIPPET_PRINT);

	assert_true(sv_is(w->text, text));
	snippet_printed(r, 0);
}

static void
programs_are_asked_for(void **state)
{
	struct snippet_run *r =
	    begin("x=1 sh -c y 2>/dev/null || echo \"$?\"; echo end >&2");
	const struct snippet_want *w = wants(r, SNIPPET_SPAWN);
	bool has_x = false;

	(void)state;
	assert_true(strstr(w->path, "/sh") != NULL);
	assert_string_equal(w->argv[0], "sh");
	assert_string_equal(w->argv[2], "y");
	assert_null(w->argv[3]);
	assert_int_equal(w->sink[1].slot, 1);
	assert_int_equal(w->sink[2].slot, SNIPPET_NULL);
	for (char *const *v = w->env; *v != NULL; v++)
		has_x |= strcmp(*v, "x=1") == 0;
	assert_true(has_x);
	assert_true(snippet_has_more(r));
	snippet_ended(r, 1, 7, 0);
	prints(r, "7\n");
	w = wants(r, SNIPPET_PRINT);
	assert_int_equal(w->slot, 2);
	snippet_printed(r, 0);
	w = wants(r, SNIPPET_DONE);
	assert_int_equal(w->status, 0);
	snippet_end(r);
}

static void
bash_is_asked_to_say_it(void **state)
{
	struct snippet_run *r =
	    begin("true\nnosuchprogram 'a b' || echo \"$?\"");
	const struct snippet_want *w = wants(r, SNIPPET_BASH);

	(void)state;
	assert_string_equal(w->script, "\n 'nosuchprogram' 'a b'");
	assert_true(w->options.errexit);
	snippet_ended(r, 1, 127, 0);
	prints(r, "127\n");
	wants(r, SNIPPET_DONE);
	snippet_end(r);
}

static void
not_executable_is_asked_of_bash(void **state)
{
	struct snippet_run *r = begin("./some/file a; echo end");

	(void)state;
	assert_string_equal(wants(r, SNIPPET_SPAWN)->path, "./some/file");
	snippet_not_started(r);
	assert_string_equal(
	    wants(r, SNIPPET_BASH)->script, " './some/file' 'a'");
	snippet_ended(r, 1, 126, 0);
	assert_int_equal(wants(r, SNIPPET_DONE)->status, 126);
	snippet_end(r);
}

/* A reader that does not read keeps a process waiting, not prun. */
static void
full_pipe_is_a_process_s(void **state)
{
	struct snippet_run *r = begin("echo a; echo b");

	(void)state;
	wants(r, SNIPPET_PRINT);
	snippet_printed(r, EAGAIN);
	assert_string_equal(
	    wants(r, SNIPPET_BASH)->script, "printf %s 'a\n' >&1");
	snippet_ended(r, 1, 0, 0);
	prints(r, "b\n");
	wants(r, SNIPPET_DONE);
	snippet_end(r);
}

static void
reader_that_is_gone_ends_it(void **state)
{
	struct snippet_run *r = begin("echo a; echo b");

	(void)state;
	wants(r, SNIPPET_PRINT);
	snippet_printed(r, EPIPE);
	assert_int_equal(wants(r, SNIPPET_DONE)->status, 128 + SIGPIPE);
	assert_int_equal(wants(r, SNIPPET_DONE)->signal, SIGPIPE);
	snippet_end(r);
}

static void
memory_is_bounded(void **state)
{
	struct snippet_run *r = begin("x=0123456789abcdef0123456789abcdef; "
				      "for i in 1 2 3 4 5 6 7 8 9 0; do "
				      "for j in 1 2 3 4 5; do x=\"$x$x\"; "
				      "done; done");

	(void)state;
	assert_int_equal(wants(r, SNIPPET_PRINT)->slot, 2);
	snippet_printed(r, 0);
	assert_int_equal(wants(r, SNIPPET_DONE)->status, 1);
	snippet_end(r);
}

int
test_shell_snippet(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_says_who_runs_it),
		cmocka_unit_test(environment_decides),
		cmocka_unit_test(sessions_are_left),
		cmocka_unit_test(values_decide),
		cmocka_unit_test(folder_decides),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(control_characters_are_left),
		cmocka_unit_test(programs_are_asked_for),
		cmocka_unit_test(bash_is_asked_to_say_it),
		cmocka_unit_test(not_executable_is_asked_of_bash),
		cmocka_unit_test(full_pipe_is_a_process_s),
		cmocka_unit_test(reader_that_is_gone_ends_it),
		cmocka_unit_test(memory_is_bounded),
	};

	return cmocka_run_group_tests_name(
	    "shell/snippet", tests, set_up, tear_down);
}
