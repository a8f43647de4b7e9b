/* SPDX-License-Identifier: MIT */
#include "exec/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/exec_fixture.h"
#include "unit.h"

static struct arena *a;
static char *dir;
static struct shell sh = { .path = "/bin/bash", .is_bash = true, .fast = true };
static char *env[8];

static void
program(const char *name, mode_t mode)
{
	struct err e cleanup_err = ERR_INIT;

	assert_true(write_atomic(arena_printf(a, "%s/%s", dir, name),
	    SV("#!/bin/sh\n"), mode, &e));
}

static int
set_up(void **state)
{
	(void)state;
	a = arena_new();
	dir = fixture_mkdir(a);
	program("prog", 0755);
	program("plain", 0644);
	program("a b", 0755);
	env[0] = arena_printf(a, "PATH=%s", dir);
	env[1] = (char *)"NAME=value";
	env[2] = (char *)"TWO=two words";
	env[3] = (char *)"EMPTY=";
	env[4] = (char *)"GLOB=*";
	env[5] = (char *)"UID=0";
	env[6] = (char *)"CC=prog";
	env[7] = NULL;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fixture_rmdir(dir);
	arena_free(a);
	return 0;
}

static struct shell_plan
plan_of(const char *text, const char *const *set, const char *const *shopt,
    struct err *e)
{
	struct shell_plan plan;

	shell_plan(a, &sh, text, set, shopt, dir, env, &plan, e);
	return plan;
}

/* The plan in one line: kind, then the words in <>. */
static const char *
shown(const char *text)
{
	struct err e cleanup_err = ERR_INIT;
	struct shell_plan p = plan_of(text, NULL, NULL, &e);
	struct sb out cleanup_sb = SB_INIT;

	switch (p.kind) {
	case SHELL_NOTHING:
		return "nothing";
	case SHELL_STATUS:
		return arena_printf(a, "status %d", p.status);
	case SHELL_ECHO:
		return arena_printf(a, "echo %.*s", SV_ARG(p.text));
	case SHELL_REFUSED:
		return arena_printf(a, "refused %d %.*s", p.status,
		    SV_ARG(p.text));
	case SHELL_INVALID:
		return arena_printf(a, "invalid %s", e.message);
	case SHELL_SCRIPT:
		return p.whole ? "whole" : "script";
	case SHELL_STEPS:
		return "steps";
	case SHELL_DIRECT:
		break;
	}
	for (size_t i = 0; p.argv[i] != NULL; i++)
		sb_printf(&out, "<%s>", p.argv[i]);
	return sb_take(&out, a).p;
}

static void
check(const char *const (*cases)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(shown(cases[i][0]), cases[i][1]) != 0)
			fail_msg("%s: %s", cases[i][0], shown(cases[i][0]));
}
#define CHECK(cases) check((cases), sizeof(cases) / sizeof(*(cases)))

static void
plain_words_need_no_shell(void **state)
{
	const char *const cases[][2] = {
		{ "prog", "<prog>" },
		{ "  prog  x\ty \n", "<prog><x><y>" },
		{ "prog 'a  b' \"c d\" e\\ f", "<prog><a  b><c d><e f>" },
		{ "prog '' \"\"", "<prog><><>" },
		{ "prog a'b'\"c\"d", "<prog><abcd>" },
		{ "prog \"a\\\"b\\\\c\\d\"", "<prog><a\"b\\c\\d>" },
		{ "prog '$x `y` \"'", "<prog><$x `y` \">" },
		{ "prog --a=b x#y # comment $(", "<prog><--a=b><x#y>" },
		{ "prog \\\n  --x \\\n  --y\n", "<prog><--x><--y>" },
		{ "prog \"a\\\nb\"", "<prog><ab>" },
		{ "prog 'two\nlines'", "<prog><two\nlines>" },
		{ "# first\nprog\n\n# last", "<prog>" },
		{ "'a b' x", "<a b><x>" },
		{ "./prog x", "<./prog><x>" },
		{ "pr'og'", "<prog>" },
		{ "prog @x +y %z ^w ,v :u -t /s", "<prog><@x><+y><%z><^w><,v>"
		    "<:u><-t></s>" },
		{ "prog caf\xc3\xa9", "<prog><caf\xc3\xa9>" },
	};

	(void)state;
	CHECK(cases);
}

static void
known_variables_need_no_shell(void **state)
{
	const char *const cases[][2] = {
		{ "prog $NAME ${NAME}x \"$TWO\"", "<prog><value><valuex>"
		    "<two words>" },
		{ "prog \"$EMPTY\"", "<prog><>" },
		{ "$CC x", "<prog><x>" },
		/* split, globbed, dropped, unknown, made up by bash */
		{ "prog $TWO", "script" },
		{ "prog $GLOB", "script" },
		{ "prog $EMPTY", "script" },
		{ "prog $UNSET", "script" },
		{ "prog \"$UNSET\"", "script" },
		{ "prog $UID", "script" },
		{ "prog $BASH_VERSION", "script" },
		{ "prog $?", "script" },
		{ "prog \"$1\"", "script" },
		{ "prog ${NAME:-x}", "script" },
		{ "prog \"${NAME#v}\"", "script" },
		{ "prog $", "script" },
		{ "prog \"$\"", "<prog><$>" },
	};

	(void)state;
	CHECK(cases);
}

static void
what_means_something_goes_to_the_shell(void **state)
{
	const char *const cases[][2] = {
		{ "prog | cat", "script" },
		{ "prog; prog", "script" },
		{ "prog && prog", "script" },
		{ "prog &", "script" },
		{ "prog >x", "script" },
		{ "prog <x", "script" },
		{ "prog <<E\nx\nE", "whole" },
		{ "(prog)", "script" },
		{ "{ prog; }", "script" },
		{ "prog *", "script" },
		{ "prog ?", "script" },
		{ "prog [a]", "script" },
		{ "prog ~", "script" },
		{ "prog x=~/y", "script" },
		{ "prog {a,b}", "script" },
		{ "prog $(x)", "script" },
		{ "prog `x`", "script" },
		{ "prog \"$(x)\"", "script" },
		{ "prog \"`x`\"", "script" },
		{ "prog $'x'", "script" },
		{ "prog $\"x\"", "script" },
		{ "prog $((1+1))", "script" },
		{ "X=1 prog", "script" },
		{ "X=1", "script" },
		{ "! prog", "script" },
		{ "if prog; then prog; fi", "script" },
		{ "time prog", "script" },
		{ "cd x", "script" },
		{ "exec prog", "script" },
		{ "[ -e x ]", "script" },
		{ "test -e x", "script" },
		{ "printf x", "script" },
		{ "export X=1", "script" },
		{ "prog\nprog", "whole" },
		{ "prog x \\", "script" },
		{ "prog\nprog x \\", "script" },
		/* a quote in what only a shell can follow */
		{ "prog $(echo \"(\")", "script" },
		{ "prog # it's\nprog", "whole" },
		{ "prog;# it's\nprog", "whole" },
		{ "prog \"$(echo \")\" \")\"", "script" },
		{ "cat <<E\nit's\nE", "whole" },
		{ "prog ${NAME:-'\"'}", "script" },
	};

	(void)state;
	CHECK(cases);
}

static void
some_builtins_need_nothing(void **state)
{
	const char *const cases[][2] = {
		{ "", "nothing" },
		{ " \n\t", "nothing" },
		{ "# x\n  # y", "nothing" },
		{ "true", "status 0" },
		{ ":", "status 0" },
		{ ": x", "status 0" },
		{ "false", "status 1" },
		{ "exit", "status 0" },
		{ "exit 3", "status 3" },
		{ "exit 300", "status 44" },
		{ "exit -1", "script" },
		{ "exit x", "script" },
		{ "exit 1 2", "script" },
		{ "echo", "echo \n" },
		{ "echo a  'b  c' \"$NAME\"", "echo a b  c value\n" },
		{ "echo -n a", "echo a" },
		{ "echo 'a\\tb'", "echo a\\tb\n" },
		{ "echo - --x", "echo - --x\n" },
		{ "echo -e a", "script" },
		{ "echo -nn a", "script" },
		{ "echo -n -e a", "script" },
		{ "echo a >x", "script" },
	};

	(void)state;
	CHECK(cases);
}

/* M-48, L-217 */
static void
missing_programs_are_refused(void **state)
{
	(void)state;
	assert_string_equal(shown("none x"),
	    "refused 127 \"none\": executable file not found in $PATH\n");
	assert_string_equal(shown("plain"),
	    "refused 127 \"plain\": executable file not found in $PATH\n");
	assert_string_equal(shown("''"),
	    "refused 127 \"\": executable file not found in $PATH\n");
	assert_string_equal(shown("./plain"),
	    "refused 127 permission denied\n");
	assert_string_equal(shown("/"), "refused 127 is a directory\n");
}

/* M-95 */
static void
quote_without_end_is_named(void **state)
{
	const char *const cases[][2] = {
		{ "echo \"abc", "invalid 1:6: reached EOF without closing "
		    "quote `\"`" },
		{ "prog 'x' 'y", "invalid 1:10: reached EOF without closing "
		    "quote `'`" },
		{ "prog\n  x | y \"z", "invalid 2:9: reached EOF without "
		    "closing quote `\"`" },
	};

	(void)state;
	CHECK(cases);
}

static const char *
options(const char *const *set, const char *const *shopt)
{
	struct err e cleanup_err = ERR_INIT;
	struct shell_plan p = plan_of("prog | prog", set, shopt, &e);
	struct sb out cleanup_sb = SB_INIT;

	if (p.kind == SHELL_INVALID)
		return arena_strdup(a, e.message);
	for (size_t i = 1; strcmp(p.argv[i], "-c") != 0; i++)
		sb_printf(&out, " %s", p.argv[i]);
	return sb_take(&out, a).p;
}

/* L-211, L-212, M-89 */
static void
options_are_named_to_bash(void **state)
{
	const char *const none[] = { NULL };
	const char *const letters[] = { "u", "x", "pipefail", NULL };
	const char *const names[] = { "globstar", "nullglob", NULL };
	const char *const wrong[] = { "foo", NULL };

	(void)state;
	assert_string_equal(options(NULL, none), " --norc -p -e -O lastpipe "
	    "-O inherit_errexit");
	assert_string_equal(options(letters, names), " --norc -p -e -o nounset "
	    "-o xtrace -o pipefail -O lastpipe -O inherit_errexit "
	    "-O globstar -O nullglob");
	assert_string_equal(options(wrong, NULL), "invalid option: \"foo\"");
	assert_string_equal(options(NULL, wrong),
	    "invalid option name: \"foo\"");
}

static void
tracing_and_slow_mode_use_the_shell(void **state)
{
	const char *const x[] = { "x", NULL }, *const n[] = { "noexec", NULL },
	    *const e_[] = { "e", NULL };
	struct err e cleanup_err = ERR_INIT;

	(void)state;
	assert_int_equal(plan_of("prog", x, NULL, &e).kind, SHELL_SCRIPT);
	assert_int_equal(plan_of("echo x", n, NULL, &e).kind, SHELL_SCRIPT);
	assert_int_equal(plan_of("prog", e_, NULL, &e).kind, SHELL_DIRECT);
	sh.fast = false;
	assert_int_equal(plan_of("prog", NULL, NULL, &e).kind, SHELL_SCRIPT);
	assert_int_equal(plan_of("true", NULL, NULL, &e).kind, SHELL_STATUS);
	sh.asks = true;
	assert_int_equal(plan_of("true", NULL, NULL, &e).kind, SHELL_SCRIPT);
	assert_int_equal(plan_of("echo x", NULL, NULL, &e).kind, SHELL_SCRIPT);
	sh.fast = true;
	/* a builtin is none of the programs of that name */
	assert_int_equal(plan_of("echo x", NULL, NULL, &e).kind, SHELL_SCRIPT);
	assert_int_equal(plan_of("exit 3", NULL, NULL, &e).kind, SHELL_SCRIPT);
	assert_int_equal(plan_of("prog", NULL, NULL, &e).kind, SHELL_DIRECT);
	sh.asks = false;
}

static void
posix_shell_gets_what_it_knows(void **state)
{
	const char *const set[] = { "u", NULL };
	struct err e cleanup_err = ERR_INIT;
	struct shell posix = { .path = "/bin/sh", .fast = true };
	struct shell old = { .path = "/bin/bash", .is_bash = true,
		.bash_major = 3, .bash_minor = 2 };
	struct shell_plan p;

	(void)state;
	shell_plan(a, &posix, "a | b", set, NULL, dir, env, &p, &e);
	assert_string_equal(p.argv[1], "-e");
	assert_string_equal(p.argv[2], "-o");
	assert_string_equal(p.argv[3], "nounset");
	assert_string_equal(p.argv[4], "-c");
	assert_string_equal(p.argv[6], "gosh");
	shell_plan(a, &old, "a | b", NULL, NULL, dir, env, &p, &e);
	assert_string_equal(p.argv[4], "-c");
}

static void
fake_bash(const char *where, int major)
{
	struct err e cleanup_err = ERR_INIT;
	char *folder = arena_printf(a, "%s/%s", dir, where);

	assert_true(mkdir_all(folder, 0755, &e));
	assert_true(write_atomic(arena_printf(a, "%s/bash", folder),
	    sv_of(arena_printf(a, "#!/bin/sh\necho %d 1\n", major)), 0755, &e));
}

static void
newest_bash_is_found(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct shell found = { .fast = true };
	const char *path;

	(void)state;
	fake_bash("old", 3);
	fake_bash("new", 5);
	path = arena_printf(a, "%s/none:%s/old:%s/new:%s/old", dir, dir, dir,
	    dir);
	assert_true(shell_find(a, path, &found, &e));
	assert_string_equal(found.path, arena_printf(a, "%s/new/bash", dir));
	assert_int_equal(found.bash_major, 5);
	assert_true(found.fast);
	/* the only one is not asked */
	assert_true(shell_find(a, arena_printf(a, "%s/old", dir), &found, &e));
	assert_true(found.is_bash);
	assert_int_equal(found.bash_major, 0);
	/* and without any, sh of the system */
	assert_true(shell_find(a, arena_printf(a, "%s/none", dir), &found, &e));
	assert_false(found.is_bash);
}

int
test_exec_shell(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(plain_words_need_no_shell),
		T(known_variables_need_no_shell),
		T(what_means_something_goes_to_the_shell),
		T(some_builtins_need_nothing),
		T(missing_programs_are_refused),
		T(quote_without_end_is_named),
		T(options_are_named_to_bash),
		T(tracing_and_slow_mode_use_the_shell),
		T(posix_shell_gets_what_it_knows),
		T(newest_bash_is_found),
	};

	return cmocka_run_group_tests_name("exec/shell", tests, NULL, NULL);
}
