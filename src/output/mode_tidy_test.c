/* SPDX-License-Identifier: MIT */
/* P-407: a line per call, and what failed. */
#include "output/output_fixture.h"

/* A requested task with a call of its own below it. */
#define BELOW "call 1 all\ncall 2 test 1\n"

static void
line_tells_how_a_call_ended(void **state)
{
	static const struct show rows[] = {
		{ .says = "passed: nothing of what it wrote, no command lines",
		    .mode = "tidy",
		    .script = BELOW
		    "echo 2 make\njob 2\nwired 2 fd stdout\nout 2 x\n"
		    "err 2 y\nafter 1500\nexit 2 0\ndone 2 passed\n",
		    .err = "✓ test           1.5s\n" },
		{ .says = "without a command of its own",
		    .mode = "tidy",
		    .script = BELOW "done 2 passed\n",
		    .err = "✓ test              -\n" },
		{ .says = "failed: all of it below its line",
		    .mode = "tidy",
		    .script = BELOW
		    "job 2\nout 2 x\nerr 2 y\npart 2 z\nafter 12\n"
		    "exit 2 3\ndone 2 failed\ndone 1 passed\n",
		    .err = "✗ test           12ms  exit status 3, log "
			   "RUN/logs/0002-test.log\nx\ny\nz\n"
			   "✓ all               -\n" },
		{ .says = "failed without a word",
		    .mode = "tidy",
		    .script = BELOW "done 2 failed no such variable\n",
		    .err = "✗ test              -  no such variable\n" },
		{ .says = "because of another one",
		    .mode = "tidy",
		    .script = BELOW
		    "done 2 failed x\nis 1 cause 2\ndone 1 failed y\n",
		    .err = "✗ test              -  x\n"
			   "✗ all               -  because of test\n" },
		{ .says = "killed",
		    .mode = "tidy",
		    .script = BELOW
		    "job 2\nafter 10\nis 2 killed\nexit 2 137\n"
		    "done 2 failed\n",
		    .err = "✗ test           10ms  killed by signal 9, log "
			   "RUN/logs/0002-test.log\n" },
		{ .says = "at the second attempt",
		    .mode = "tidy",
		    .script = BELOW
		    "job 2\nafter 10\nexit 2 1\njob 2\nis 2 flaky\n"
		    "exit 2 0\ndone 2 passed\n",
		    .err = "✓ test           20ms  flaky, 2 attempts\n" },
		{ .says = "up to date, said once",
		    .mode = "tidy",
		    .script = BELOW
		    "say UP_TO_DATE 2 0\ndone 2 up-to-date\n",
		    .err = "✓ test              -  up to date\n" },
		{ .says = "skipped, cancelled, not run",
		    .mode = "tidy",
		    .script = BELOW
		    "done 2 skipped\ncall 3 b 1\ndone 3 cancelled\n"
		    "call 4 c 1\ndone 4 not-run test\n"
		    "call 5 d 1\ndone 5 not-run\n",
		    .err = "- test              -  skipped\n"
			   "- b                 -  cancelled\n"
			   "- c                 -  not run, because test failed\n"
			   "- d                 -  not run, because something "
			   "before it failed\n" },
		{ .says = "a call that shared another's run has no line",
		    .mode = "tidy",
		    .script = BELOW "is 1 twin 2\ndone 1 passed\n" },
		{ .says = "with colours",
		    .mode = "tidy",
		    .color = true,
		    .script = BELOW "done 2 passed\ndone 1 failed x\n",
		    .err = "\033[32m✓\033[0m test              -\n"
			   "\033[31m✗\033[0m all               -  x\n" },
		{ .says = "in ASCII",
		    .mode = "tidy",
		    .ascii = true,
		    .script = BELOW
		    "done 2 passed\ncall 3 b 1\ndone 3 skipped\n"
		    "done 1 failed x\n",
		    .err = "ok   test              -\n"
			   "-    b                 -  skipped\n"
			   "FAIL all               -  x\n" },
	};

	(void)state;
	SHOW(rows);
}

static void
columns_stand_below_each_other(void **state)
{
	static const struct show rows[] = {
		{ .says = "as wide as the widest name known so far",
		    .mode = "tidy",
		    .script = "call 1 a\ndone 1 passed\n"
			      "call 2 a-name-of-20-columns\ncall 3 日本語\n"
			      "done 3 passed\ndone 2 passed\n",
		    .err = "✓ a                 -\n"
			   "✓ 日本語                      -\n"
			   "✓ a-name-of-20-columns        -\n" },
		{ .says = "what is longer than 40 counts no more",
		    .mode = "tidy",
		    .script = "call 1 1234567890123456789012345678901234567890"
			      "12345\ncall 2 b\ndone 1 passed\ndone 2 passed\n",
		    .err = "✓ 123456789012345678901234567890123456789012345"
			   "        -\n"
			   "✓ b                                             "
			   "  -\n" },
		{ .says = "a name that would move the cursor does not",
		    .mode = "tidy",
		    .script = "call 1 a\033[2Jb\rc\ndone 1 passed\n",
		    .err = "✓ a?[2Jb?c          -\n" },
	};

	(void)state;
	SHOW(rows);
}

static void
commands_alone_are_shown_as_ever(void **state)
{
	static const struct show rows[] = {
		{ .says = "of the requested task",
		    .mode = "tidy",
		    .script = BELOW
		    "job 2\nout 2 x\nexit 2 0\ndone 2 passed\n"
		    "echo 1 echo all done\njob 1\nwired 1 pipe pipe\n"
		    "out 1 all done\nerr 1 really\nexit 1 0\n"
		    "done 1 passed\n",
		    .out = "all done\n",
		    .err = "✓ test              -\n"
			   "task: [all] echo all done\nreally\n"
			   "✓ all               -\n" },
		{ .says = "without logs",
		    .mode = "tidy",
		    .no_logs = true,
		    .script = "call 1 a\njob 1\nwired 1 inherit inherit\n"
			      "out 1 x\nexit 1 0\ndone 1 passed\n",
		    .out = "x\n",
		    .err = "✓ a                 -\n" },
		{ .says = "and not once more when it fails",
		    .mode = "tidy",
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\n"
			      "job 1\nout 1 y\nexit 1 1\ndone 1 failed\n",
		    .out = "x\ny\n",
		    .err = "✗ a                 -  exit status 1, log "
			   "RUN/logs/0001-a.log\n" },
		{ .says = "not beside a call in the background",
		    .mode = "tidy",
		    .script = BELOW
		    "echo 1 echo x\njob 1\nwired 1 fd stdout\nout 1 x\n"
		    "exit 1 0\ndone 2 passed\njob 1\nwired 1 pipe pipe\n"
		    "out 1 y\nexit 1 0\ndone 1 passed\n",
		    .out = "y\n",
		    .err = "✓ test              -\n✓ all               -\n" },
		{ .says = "nor where several were requested at a time",
		    .mode = "tidy",
		    .script = "call 1 a\ncall 2 b\ndone 2 passed\njob 1\n"
			      "wired 1 fd stdout\nexit 1 0\ndone 1 passed\n",
		    .err = "✓ b                 -\n✓ a                 -\n" },
		{ .says = "one after the other they are",
		    .mode = "tidy",
		    .script = "call 1 a\ndone 1 passed\ncall 2 b\njob 2\n"
			      "wired 2 pipe pipe\nout 2 x\nexit 2 0\n",
		    .out = "x\n",
		    .err = "✓ a                 -\n" },
		{ .says = "a call that a script made is beside nothing later",
		    .mode = "tidy",
		    .script = BELOW
		    "is 2 scripted\ndone 2 passed\njob 1\n"
		    "wired 1 pipe pipe\nout 1 x\nexit 1 0\n",
		    .out = "x\n" },
	};

	(void)state;
	SHOW(rows);
}

static void
what_is_asked_for_changes_it(void **state)
{
	static const struct show rows[] = {
		{ .says = "-s: failures only",
		    .mode = "tidy",
		    .silent = true,
		    .script = BELOW
		    "call 3 b 1\ndone 3 skipped\njob 2\nout 2 x\n"
		    "exit 2 1\ndone 2 failed\ndone 1 passed\n",
		    .err = "✗ test              -  exit status 1, log "
			   "RUN/logs/0002-test.log\nx\n" },
		{ .says = "-v: command lines too",
		    .mode = "tidy",
		    .verbose = true,
		    .script = BELOW "echo 2 make\ndone 2 passed\n",
		    .err = "task: [test] make\n✓ test              -\n" },
		{ .says = "a dry run: what would run, and no more",
		    .mode = "tidy",
		    .dry = true,
		    .script = BELOW
		    "echo 2 make\ndone 2 passed\nsay UP_TO_DATE 1 0\n",
		    .err = "task: [test] make\n"
			   "task: Task \"all\" is up to date\n" },
		{ .says = "other messages are shown",
		    .mode = "tidy",
		    .script = BELOW "say WARNING - 0 look\nsay "
				    "PRECONDITION 2 0 not met\n",
		    .err = "prun: look\ntask: not met\n" },
	};

	(void)state;
	SHOW(rows);
}

static void
output_is_masked_and_whole(void **state)
{
	static const struct show rows[] = {
		{ .says = "a secret in two writes",
		    .mode = "tidy",
		    .secret = "sekrit",
		    .script = BELOW
		    "job 2\nwired 2 pipe stdout\npart 2 <sek\nout 2 rit>\n"
		    "exit 2 1\ndone 2 failed\n",
		    .err = "✗ test              -  exit status 1, log "
			   "RUN/logs/0002-test.log\n<*****>\n" },
		{ .says = "a secret without logs",
		    .mode = "tidy",
		    .secret = "sekrit",
		    .no_logs = true,
		    .script = BELOW "job 2\nwired 2 fd stdout\n"
				    "part 2 sek\nout 2 rit\nexit 2 1\n"
				    "done 2 failed\n",
		    .err = "✗ test              -  exit status 1\n*****\n" },
		{ .says = "colours end with it",
		    .mode = "tidy",
		    .no_logs = true,
		    .script = BELOW "job 2\nout 2 \033[31mred\nexit 2 1\n"
				    "done 2 failed\n",
		    .err = "✗ test              -  exit status 1\n"
			   "\033[31mred\n\033[0m" },
		{ .says = "of all attempts",
		    .mode = "tidy",
		    .no_logs = true,
		    .script = BELOW "job 2\nout 2 x\nexit 2 1\njob 2\n"
				    "out 2 y\nexit 2 1\ndone 2 failed\n",
		    .err = "✗ test              -  exit status 1\nx\ny\n" },
	};

	(void)state;
	SHOW(rows);
}

/* A failed call that wrote `script`; returns what stands below its line. */
static const char *
below_the_line(struct arena *a, const char *script, bool no_logs)
{
	const struct show row = { .mode = "tidy", .no_logs = no_logs };
	struct caught c;
	struct stage s;
	const char *out, *err;

	stage_open(&s, &row);
	catch_begin(&c, false);
	stage_play(&s, BELOW "job 2\n");
	stage_play(&s, script);
	stage_play(&s, "exit 2 1\ndone 2 failed\n");
	catch_end(&c, a, &out, &err);
	stage_close(&s);
	err = strchr(err, '\n');
	return err == NULL ? "" : err + 1;
}

static size_t
line_count(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void
long_output_has_a_bound(void **state)
{
	static const struct {
		const char *script;
		size_t lines;
		bool cut;
	} rows[] = {
		{ "lines 2 1 99\n", 99, false },
		{ "lines 2 1 500\n", 500, false },
		{ "lines 2 1 499\npart 2 500\n", 500, false },
		{ "lines 2 1 501\n", 501, true },
		{ "lines 2 1 500\npart 2 501\n", 501, true },
		{ "lines 2 1 100000\n", 501, true },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *text = below_the_line(a, rows[i].script, true);

		assert_int_equal(line_count(text), rows[i].lines);
		assert_int_equal(strstr(text, "… more is left out\n") != NULL,
		    rows[i].cut);
	}
	assert_non_null(strstr(below_the_line(a, "lines 2 1 501\n", true),
	    "\n100\n… more is left out\n102\n"));
	assert_non_null(strstr(below_the_line(a, "lines 2 1 501\n", false),
	    "/logs/0002-test.log\n102\n"));
}

/* However long the lines are: no line is read to its end to count it. */
static void
long_lines_have_a_bound(void **state)
{
	enum { MIB = 1 << 20 };
	struct arena *a cleanup_arena = arena_new();
	struct sb script cleanup_sb = SB_INIT;
	const char *text;

	(void)state;
	sb_adds(&script, "part 2 begin");
	sb_pad(&script, 'x', 4 * MIB);
	sb_adds(&script, "end\n");
	text = below_the_line(a, sb_cstr(&script), true);
	assert_true(strlen(text) < MIB);
	assert_memory_equal(text, "beginxxx", 8);
	assert_non_null(strstr(text, "xxx\n… more is left out\nxxx"));
	assert_non_null(strstr(text, "xxxend\n"));
}

int
test_output_mode_tidy(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_tells_how_a_call_ended),
		cmocka_unit_test(columns_stand_below_each_other),
		cmocka_unit_test(commands_alone_are_shown_as_ever),
		cmocka_unit_test(what_is_asked_for_changes_it),
		cmocka_unit_test(output_is_masked_and_whole),
		cmocka_unit_test(long_output_has_a_bound),
		cmocka_unit_test(long_lines_have_a_bound),
	};

	return cmocka_run_group_tests_name("output/mode_tidy", tests, NULL,
	    NULL);
}
