/* SPDX-License-Identifier: MIT */
/* What a run came to (P-106, P-502, D-7), and the marks of CI systems. */
#include "output/output_fixture.h"

/* A requested task with two calls: one passes in 2 s, one fails in 1 s. */
#define ONE_FAILED                                                            \
	"call 1 all\nis 1 phase\n"                                            \
	"call 2 good 1\ncall 3 bad 1\nis 2 named\nis 3 named\n"               \
	"job 2\njob 3\nout 3 it broke\nafter 1000\nexit 3 3\n"                \
	"done 3 failed exit status 3\n"                                       \
	"after 1000\nexit 2 0\ndone 2 passed\n"                               \
	"is 1 cause 3\ndone 1 failed x\n"
#define TABLE                                                                 \
	"\n"                                                                  \
	"  ✗ all               -  because of bad\n"                           \
	"    ✗ bad          1.0s  exit status 3\n"                            \
	"    ✓ good         2.0s\n"                                           \
	"prun: 3 calls in 2.0s, 3.0s of work, 1.5x as fast as one by one\n"
#define FAILURES                                                              \
	"prun: bad (all): exit status 3 after 1.0s\n"                         \
	"    | it broke\n"                                                    \
	"    log: RUN/logs/0003-bad.log\n"                                    \
	"prun: run again what failed: prun -C 4\n"

static void
table_and_failures(void **state)
{
	static const struct show rows[] = {
		{ .says = "a failure, its log, what to run again",
		    .mode = "group-task",
		    .script = ONE_FAILED,
		    .rerun = "prun -C 4",
		    .out = "it broke\n",
		    .err = TABLE FAILURES },
		{ .says = "-s: failures only",
		    .mode = "group-task",
		    .silent = true,
		    .script = ONE_FAILED,
		    .rerun = "prun -C 4",
		    .out = "it broke\n",
		    .err = FAILURES },
		{ .says = "compat: nothing",
		    .mode = "group-task",
		    .compat = true,
		    .script = ONE_FAILED,
		    .rerun = "prun",
		    .out = "it broke\n" },
		{ .says = "one call needs none",
		    .script = "call 1 a\njob 1\nafter 9\nexit 1 0\n"
			      "done 1 passed\n",
		    .rerun = "prun" },
		{ .says = "all passed: a table alone",
		    .script = "call 1 a\ncall 2 b 1\nis 2 flaky\n"
			      "is 2 waited 150\njob 2\nafter 100\nexit 2 0\n"
			      "done 2 passed\ndone 1 passed\ncall 3 c 1\n"
			      "is 3 twin 2\ndone 3 passed\n"
			      "call 4 d 1\ndone 4 up-to-date\n",
		    .rerun = "prun",
		    .err = "\n"
			   "  ✓ a                 -\n"
			   "    ✓ b           100ms, waited 150ms"
			   "  flaky, 2 attempts\n"
			   "    ✓ d               -  up to date\n"
			   "prun: 4 calls in 100ms, 100ms of work\n" },
		{ .says = "ways to end",
		    .no_logs = true,
		    .script = "call 1 all\nis 1 phase\nis 1 named\n"
			      "call 2 a 1\nis 2 named\njob 2\nis 2 killed\n"
			      "exit 2 137\ndone 2 failed\n"
			      "call 3 b 1\nis 3 named\n"
			      "done 3 failed no such variable\n"
			      "call 4 c 1\nis 4 named\ndone 4 not-run a\n"
			      "call 5 d 1\nis 5 named\ndone 5 not-run\n"
			      "call 6 e 1\nis 6 named\ndone 6 cancelled\n"
			      "call 7 f 1\nis 7 twin 2\ndone 7 failed x\n"
			      "is 1 cause 2\ndone 1 failed x\n",
		    .silent = true,
		    .rerun = "prun",
		    .err = "prun: a (all): killed by signal 9\n"
			   "    it printed nothing\n"
			   "prun: b (all): no such variable\n"
			   "prun: f (all): x\n"
			   "prun: c: not run, because a failed\n"
			   "prun: d: not run, because something before it "
			   "failed\n"
			   "prun: e: cancelled\n"
			   "prun: run again what failed: prun\n" },
		{ .says = "a failure that does not count",
		    .script = "call 1 all\nis 1 named\ncall 2 a 1\n"
			      "is 2 phase\nis 2 named\nis 2 excused\n"
			      "done 2 failed x\ndone 1 passed\n",
		    .rerun = "prun",
		    .err = "\n"
			   "  ✓ all               -\n"
			   "    ✗ a               -  x, does not count\n"
			   "prun: 2 calls in 0ms\n" },
	};

	(void)state;
	SHOW(rows);
}

/* Of a log only the tail, as a terminal would have it in the end. */
static void
tail_of_a_log(void **state)
{
#define FAIL(output)                                                          \
	"call 1 a\nis 1 phase\ncall 2 b 1\ndone 2 passed\njob 1\n" output     \
	"exit 1 1\ndone 1 failed x\n"
#define HEAD                                                                  \
	"prun: a: exit status 1\n"
#define LOG   "    log: RUN/logs/0001-a.log\n"
#define AGAIN LOG "prun: run again what failed: prun\n"
	static const struct show rows[] = {
		{ .says = "the last ten lines",
		    .mode = "tidy",
		    .silent = true,
		    .script = FAIL("lines 1 1 12\n"),
		    .rerun = "prun",
		    .out = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n",
		    .err = "✗ a                 -  exit status 1, log "
			   "RUN/logs/0001-a.log\n" HEAD
			   "    | 3\n    | 4\n    | 5\n    | 6\n    | 7\n"
			   "    | 8\n    | 9\n    | 10\n    | 11\n    | 12\n"
			   AGAIN },
		{ .says = "a bar that drew over itself, and no newline",
		    .silent = true,
		    .script = FAIL("part 1 10%\r50%\rfull\r\n"),
		    .rerun = "prun",
		    .out = "10%\r50%\rfull\r",
		    .err = HEAD "    | full\n" AGAIN },
		{ .says = "colours end with it",
		    .silent = true,
		    .script = FAIL("out 1 \033[31mred\n"),
		    .rerun = "prun",
		    .out = "\033[31mred\n",
		    .err = HEAD "    | \033[31mred\n\033[0m" AGAIN },
	};

	(void)state;
	SHOW(rows);
}

/* P-504 */
static void
failures_are_annotated_on_ci(void **state)
{
#define TWO_FAIL                                                              \
	"call 1 all\ncall 2 a:b,c 1\nis 2 phase\nis 2 named\n"                \
	"done 2 failed 10% of\rit\nis 1 cause 2\ndone 1 failed x\n"
#define SAID                                                                  \
	"prun: a:b,c (all): 10% of\\x0dit\n"                                  \
	"prun: run again what failed: prun\n"
	static const struct show rows[] = {
		{ .says = "GitHub: properties and text are escaped",
		    .silent = true,
		    .ci = OUTPUT_CI_GITHUB,
		    .script = TWO_FAIL,
		    .rerun = "prun",
		    .out = "::error title=Task 'a%3Ab%2Cc' failed::10%25 of"
			   "%0Dit\n",
		    .err = SAID },
		{ .says = "GitHub: so for a named task alone",
		    .silent = true,
		    .ci = OUTPUT_CI_GITHUB,
		    .script = "call 1 a\ndone 1 failed x\n",
		    .rerun = "prun",
		    .out = "::error title=Task 'a' failed::x\n" },
		{ .says = "GitLab: a red line",
		    .silent = true,
		    .ci = OUTPUT_CI_GITLAB,
		    .script = TWO_FAIL,
		    .rerun = "prun",
		    .out = "\033[31;1mERROR: task a:b,c failed: 10% of it"
			   "\033[0;m\n",
		    .err = SAID },
		{ .says = "what may be taken as a value stays as it is",
		    .silent = true,
		    .is_value = true,
		    .ci = OUTPUT_CI_GITLAB,
		    .script = TWO_FAIL,
		    .rerun = "prun",
		    .err = "\033[31;1mERROR: task a:b,c failed: 10% of it"
			   "\033[0;m\n" SAID },
		{ .says = "none elsewhere",
		    .silent = true,
		    .script = TWO_FAIL,
		    .rerun = "prun",
		    .err = SAID },
	};

	(void)state;
	SHOW(rows);
}

/* D-7 */
static void
verdict_names_the_failed_phases(void **state)
{
	static const struct {
		const char *script, *verdict;
	} rows[] = {
		{ "call 1 a\nis 1 phase\ndone 1 passed\n", "1 passed" },
		{ "call 1 a\nis 1 phase\ndone 1 failed x\n",
		    "FAILED: a; 1 failed" },
		{ "call 1 all\ncall 2 a 1\nis 2 phase\nis 2 excused\n"
		  "done 2 failed x\ndone 1 passed\n",
		    "1 passed" },
		{ "call 1 all\ncall 2 a 1\nis 2 phase\ndone 2 passed\n"
		  "call 3 b 1\nis 3 phase\nis 3 excused\n"
		  "done 3 failed x\njob 1\nexit 1 1\ndone 1 failed x\n",
		    "FAILED: all; 1 failed, 1 passed" },
		/* what did not come to its turn is counted, not named */
		{ "call 1 all\ncall 2 a 1\nis 2 phase\ndone 2 failed x\n"
		  "call 3 b 1\nis 3 phase\ndone 3 not-run\n"
		  "call 4 c 1\nis 4 phase\ndone 4 cancelled\n"
		  "call 5 d 1\nis 5 phase\ndone 5 skipped\n"
		  "call 6 e 1\nis 6 phase\ndone 6 up-to-date\n"
		  "is 1 cause 2\ndone 1 failed x\n",
		    "FAILED: a; 1 failed, 1 up to date, 1 skipped, 1 not run, "
		    "1 cancelled" },
		/* what failed below a phase has the phase's name before it */
		{ "call 1 all\ncall 2 test 1\nis 2 phase\n"
		  "call 3 test:py 2\ndone 3 failed x\n"
		  "call 4 mypy 2\ndone 4 failed x\n"
		  "call 5 mypy 2\ndone 5 failed x\n"
		  "is 2 cause 3\ndone 2 failed x\n"
		  "is 1 cause 2\ndone 1 failed x\n",
		    "FAILED: test:py, test (mypy); 3 failed" },
		/* nothing failed by itself: the run was ended */
		{ "call 1 all\ncall 2 a 1\nis 2 phase\ndone 2 cancelled\n"
		  "done 1 cancelled\n",
		    "FAILED: a; 2 cancelled" },
		{ "call 1 all\ncall 2 a 1\nis 2 phase\ndone 2 cancelled\n"
		  "call 3 b 1\nis 3 phase\ndone 3 cancelled\n"
		  "is 1 cause 2\ndone 1 failed x\n",
		    "FAILED: a, b; 2 cancelled" },
	};
	const struct show plain = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stage s;
		struct run_result r;

		stage_open(&s, &plain);
		stage_play(&s, rows[i].script);
		r = stage_result(&s);
		assert_row(rows[i].script, "the verdict",
		    output_verdict(s.a, &r, NULL), rows[i].verdict);
		stage_close(&s);
	}
}

/* P-502: twelve rows, those that failed among them; -v shows all. */
static void
long_table_is_cut(void **state)
{
	struct sb script cleanup_sb = SB_INIT;
	struct sb few cleanup_sb = SB_INIT;
	struct sb all cleanup_sb = SB_INIT;
	struct show rows[] = {
		{ .says = "what fits", .rerun = "prun" },
		{ .says = "-v: all", .rerun = "prun", .verbose = true },
	};

	(void)state;
	sb_adds(&script, "call 1 all\n");
	sb_adds(&few, "\n  ✓ all               -\n");
	sb_adds(&all, sb_cstr(&few));
	for (int i = 2; i <= 20; i++) {
		sb_printf(&script, "call %d t%d 1\ndone %d %s\n", i, i, i,
		    i == 20 ? "up-to-date" : "passed");
		sb_printf(&all, "    ✓ t%-7d        -%s\n", i,
		    i == 20 ? "  up to date" : "");
		if (i <= 12)
			sb_printf(&few, "    ✓ t%-7d        -\n", i);
	}
	sb_adds(&script, "done 1 passed\n");
	sb_adds(&few, "  and 7 more passed, 1 up to date\n"
		      "prun: 20 calls in 0ms\n");
	sb_adds(&all, "prun: 20 calls in 0ms\n");
	rows[0].script = rows[1].script = sb_cstr(&script);
	rows[0].err = sb_cstr(&few);
	rows[1].err = sb_cstr(&all);
	SHOW(rows);
}

int
test_output_summary(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_and_failures),
		cmocka_unit_test(tail_of_a_log),
		cmocka_unit_test(failures_are_annotated_on_ci),
		cmocka_unit_test(verdict_names_the_failed_phases),
		cmocka_unit_test(long_table_is_cut),
	};

	return cmocka_run_group_tests_name("output/summary", tests, NULL,
	    NULL);
}
