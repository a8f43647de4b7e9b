/* SPDX-License-Identifier: MIT */
/*
 * Every output mode: made-up events in, bytes out.  A case is a row; the
 * script's words are in output_fixture.h.
 */
#include "output/output_fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

/* What each mode does with the same two calls side by side. */
#define TWO_CALLS                                                             \
	"call 1 a\n"                                                          \
	"call 2 b\n"                                                          \
	"echo 1 make a\n"                                                     \
	"job 1\n"                                                             \
	"echo 2 make b\n"                                                     \
	"job 2\n"                                                             \
	"out 1 a1\n"                                                          \
	"out 2 b1\n"                                                          \
	"err 1 a2\n"                                                          \
	"part 2 b2\n"                                                         \
	"out 1 a3\n"                                                          \
	"after 1500\n"                                                        \
	"exit 1 0\n"                                                          \
	"done 1 passed\n"                                                     \
	"exit 2 0\n"                                                          \
	"done 2 passed\n"

#define ECHOS "task: [a] make a\ntask: [b] make b\n"

#define LENT "(it had the terminal: what it wrote there was not kept)\n"

static void
interleaved_shows_what_comes(void **state)
{
	static const struct show rows[] = {
		{ .says = "two calls, as they come (C-140)",
		    .script = TWO_CALLS,
		    .out = "a1\nb1\nb2a3\n",
		    .err = ECHOS "a2\n",
		    .log = "a1\na2\na3\n" },
		{ .says = "on one terminal",
		    .merged = true,
		    .script = TWO_CALLS,
		    .out = ECHOS "a1\nb1\na2\nb2a3\n" },
		{ .says = "without logs the streams are prun's own",
		    .no_logs = true,
		    .script = "call 1 a\njob 1\nwired 1 inherit inherit\n"
			      "out 1 x\nerr 1 y\nexit 1 0\ndone 1 passed\n",
		    .out = "x\n",
		    .err = "y\n" },
		{ .says = "a terminal stays one (P-402)",
		    .on_terminal = true,
		    .merged = true,
		    .script = "call 1 a\njob 1\nwired 1 pty stdout\nout 1 x\n"
			      "exit 1 0\ndone 1 passed\n",
		    .out = "x\n",
		    .log = "x\n" },
		{ .says = "for stderr alone, too",
		    .err_on_terminal = true,
		    .script = "call 1 a\njob 1\nwired 1 pipe pty\nerr 1 x\n"
			      "exit 1 0\ndone 1 passed\n",
		    .err = "x\n",
		    .log = "x\n" },
		{ .says = "two terminals stay two",
		    .on_terminal = true,
		    .err_on_terminal = true,
		    .script = "call 1 a\njob 1\nwired 1 pty pty\n" },
		{ .says = "what runs alone has the terminal itself",
		    .on_terminal = true,
		    .alone = true,
		    .merged = true,
		    .script = "call 1 a\njob 1\n"
			      "wired 1 inherit inherit in inherit\n"
			      "out 1 x\nexit 1 0\njob 1\nout 1 y\n"
			      "exit 1 0\ndone 1 passed\n",
		    .out = "x\ny\n",
		    .log = LENT },
		{ .says = "unless all is to be captured",
		    .on_terminal = true,
		    .alone = true,
		    .merged = true,
		    .captures_all = true,
		    .script = "call 1 a\njob 1\nwired 1 pty stdout in inherit\n"
			      "out 1 x\nexit 1 0\ndone 1 passed\n",
		    .out = "x\n",
		    .log = "x\n" },
		{ .says = "or goes elsewhere: then it can read the terminal",
		    .alone = true,
		    .script = "call 1 a\njob 1\n"
			      "wired 1 pipe pipe in inherit\n" },
		{ .says = "other modes show all, whoever runs alone",
		    .mode = "prefixed",
		    .on_terminal = true,
		    .alone = true,
		    .script = "call 1 a\njob 1\n"
			      "wired 1 pipe stdout in inherit\n" },
		{ .says = "what failed on the terminal can be seen there",
		    .on_terminal = true,
		    .alone = true,
		    .merged = true,
		    .rerun = "prun",
		    .script = "call 1 a\nis 1 named\njob 1\nafter 1000\n"
			      "exit 1 3\ndone 1 failed\n"
			      "call 2 b\ndone 2 passed\n",
		    .out = "\n"
			   "  ✗ a              1.0s  exit status 3\n"
			   "  ✓ b                 -\n"
			   "prun: 2 calls in 1.0s, 1.0s of work\n"
			   "prun: a: exit status 3 after 1.0s\n"
			   "    its output is on the screen\n"
			   "prun: run again what failed: prun\n" },
		{ .says = "for stdout alone, too",
		    .on_terminal = true,
		    .script = "call 1 a\njob 1\nwired 1 pty pipe\n" },
		{ .says = "streams that are one file stay in order",
		    .merged = true,
		    .script = "call 1 a\njob 1\nwired 1 pipe stdout\n"
			      "err 1 x\nout 1 y\nepart 1 z\n",
		    .out = "x\ny\nz" },
		{ .says = "a secret in two writes: masked in the log (P-406)",
		    .secret = "sekrit",
		    .script = "call 1 a\njob 1\npart 1 <sek\nepart 1 rit\n"
			      "part 1 rit>\npart 1 sek\nexit 1 0\n"
			      "done 1 passed\n",
		    .out = "<sekrit>sek",
		    .err = "rit",
		    .log = "<rit*****>sek" },
		{ .says = "an interactive task has the terminal (C-150)",
		    .script = "call 1 a\nis 1 interactive\njob 1\n"
			      "wired 1 inherit inherit\nout 1 x\nexit 1 0\n",
		    .out = "x\n",
		    .log = "" },
	};

	(void)state;
	SHOW(rows);
}

static void
group_shows_a_block_per_command(void **state)
{
	static const struct show rows[] = {
		{ .says = "two calls: both streams on stdout (C-145)",
		    .mode = "group",
		    .script = TWO_CALLS,
		    .out = "a1\na2\na3\nb1\nb2",
		    .err = ECHOS,
		    .log = "a1\na2\na3\n" },
		{ .says = "jobs write straight into the log",
		    .mode = "group",
		    .script = "call 1 a\njob 1\nwired 1 fd stdout\n" },
		{ .says = "a block for each command",
		    .mode = "group",
		    .begin = "<{{.TASK}}",
		    .end = "{{.TASK}}>",
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\n"
			      "job 1\nerr 1 y\nexit 1 0\ndone 1 passed\n",
		    .out = "<a\nx\na>\n<a\ny\na>\n" },
		{ .says = "none for a command that prints nothing (C-147)",
		    .mode = "group",
		    .begin = "<",
		    .end = ">",
		    .script = "call 1 a\njob 1\nexit 1 0\ndone 1 passed\n" },
		{ .says = "a template that fails shows raw (C-147)",
		    .mode = "group",
		    .begin = "<{{.TASK",
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\n",
		    .out = "<{{.TASK\nx\n" },
		{ .says = "a template that comes to nothing is no line",
		    .mode = "group",
		    .begin = "{{.NONE}}",
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\n",
		    .out = "x\n" },
		{ .says = "error_only: of what failed (C-148)",
		    .mode = "group",
		    .error_only = true,
		    .begin = "<",
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\n"
			      "job 1\nout 1 y\nexit 1 3\ndone 1 failed\n",
		    .out = "<\ny\n",
		    .log = "x\ny\n" },
		{ .says = "without logs: an unlinked file",
		    .mode = "group",
		    .no_logs = true,
		    .script = "call 1 a\njob 1\nwired 1 fd stdout\nout 1 x\n"
			      "part 1 y\nexit 1 0\ndone 1 passed\n",
		    .out = "x\ny" },
		{ .says = "a secret: through prun, masked in the log",
		    .mode = "group",
		    .secret = "sekrit",
		    .script = "call 1 a\njob 1\nwired 1 pipe stdout\n"
			      "part 1 <sek\npart 1 rit>\nexit 1 0\n"
			      "done 1 passed\n",
		    .out = "<sekrit>",
		    .log = "<*****>" },
		{ .says = "a secret without logs: straight into the file",
		    .mode = "group",
		    .secret = "sekrit",
		    .no_logs = true,
		    .script = "call 1 a\njob 1\nwired 1 fd stdout\n"
			      "out 1 sekrit\nexit 1 0\n",
		    .out = "sekrit\n" },
	};

	(void)state;
	SHOW(rows);
}

/* P-504 */
static void
groups_fold_on_ci(void **state)
{
	static const struct show rows[] = {
		{ .says = "GitHub: marks begin a line, names are one line",
		    .mode = "group",
		    .ci = OUTPUT_CI_GITHUB,
		    .script = "call 1 a%b\njob 1\npart 1 x\nexit 1 0\n"
			      "job 1\nout 1 y\nexit 1 0\ndone 1 passed\n",
		    .out = "::group::a%25b\nx\n::endgroup::\n"
			   "::group::a%25b\ny\n::endgroup::\n" },
		{ .says = "GitLab: sections have times and names of their own",
		    .mode = "group-task",
		    .ci = OUTPUT_CI_GITLAB,
		    .script = "call 1 a\033b\njob 1\nout 1 x\nexit 1 0\n"
			      "job 1\npart 1 y\nexit 1 0\ndone 1 passed\n",
		    .out = "\033[0Ksection_start:T:prun_1_0[collapsed=true]"
			   "\r\033[0Ka b\nx\ny\n"
			   "\033[0Ksection_end:T:prun_1_0\r\033[0K\n" },
		{ .says = "the user's own marks come first",
		    .mode = "group",
		    .ci = OUTPUT_CI_GITHUB,
		    .end = "--",
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\n",
		    .out = "x\n--\n" },
		{ .says = "one task without calls is not folded",
		    .mode = "group",
		    .ci = OUTPUT_CI_GITHUB,
		    .is_alone = true,
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\n",
		    .out = "x\n" },
		{ .says = "nor what a silent or nested run prints",
		    .mode = "group-task",
		    .ci = OUTPUT_CI_GITHUB,
		    .is_value = true,
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\n"
			      "done 1 passed\n",
		    .out = "x\n" },
		{ .says = "nothing printed, nothing folded",
		    .mode = "group",
		    .ci = OUTPUT_CI_GITHUB,
		    .script = "call 1 a\njob 1\nexit 1 0\ndone 1 passed\n" },
	};

	(void)state;
	SHOW(rows);
}

static void
group_task_shows_a_block_per_call(void **state)
{
	static const struct show rows[] = {
		{ .says = "P-401 different calls are not on one line",
		    .mode = "group-task",
		    .script = "call 1 a\ncall 2 b\ncall 3 c\njob 1\njob 2\n"
			      "part 1 A\npart 2 B\nerr 2 e\nexit 2 0\n"
			      "job 2\npart 2 BB\nexit 2 0\ndone 2 passed\n"
			      "exit 1 0\ndone 1 passed\n"
			      "job 3\nerr 3 f\nout 3 C\nexit 3 0\n"
			      "done 3 passed\n",
		    .out = "BBB\nA\nC\n",
		    .err = "e\nf\n" },
		{ .says = "two calls: each stream where it belongs",
		    .mode = "group-task",
		    .script = TWO_CALLS,
		    .out = "a1\na3\nb1\nb2",
		    .err = ECHOS "a2\n",
		    .log = "a1\na2\na3\n" },
		{ .says = "on one terminal: in the order written",
		    .mode = "group-task",
		    .merged = true,
		    .script = TWO_CALLS,
		    .out = ECHOS "a1\na2\na3\nb1\nb2" },
		{ .says = "one block for all commands",
		    .mode = "group-task",
		    .begin = "<{{.TASK}}",
		    .end = ">",
		    .script = "call 1 a\njob 1\nwired 1 pipe pipe\nout 1 x\n"
			      "exit 1 0\njob 1\nerr 1 e\nout 1 y\nexit 1 0\n"
			      "done 1 passed\n",
		    .out = "<a\nx\ny\n>\n",
		    .err = "e\n" },
		{ .says = "nothing before the call ends",
		    .mode = "group-task",
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\n",
		    .log = "x\n" },
		{ .says = "error_only: all of a call that failed",
		    .mode = "group-task",
		    .error_only = true,
		    .script = "call 1 a\njob 1\nout 1 x\nexit 1 0\njob 1\n"
			      "err 1 y\nexit 1 1\ndone 1 failed\n"
			      "call 2 b\njob 2\nout 2 z\nexit 2 0\n"
			      "done 2 passed\n",
		    .out = "x\n",
		    .err = "y\n" },
		{ .says = "without logs",
		    .mode = "group-task",
		    .no_logs = true,
		    .script = TWO_CALLS,
		    .out = "a1\na3\nb1\nb2",
		    .err = ECHOS "a2\n" },
		{ .says = "a secret in halves around the other stream",
		    .mode = "group-task",
		    .secret = "sekrit",
		    .script = "call 1 a\njob 1\npart 1 sek\nepart 1 !\n"
			      "part 1 rit\nexit 1 0\ndone 1 passed\n",
		    .out = "sekrit",
		    .err = "!",
		    .log = "!*****" },
		{ .says = "an interactive command among them",
		    .mode = "group-task",
		    .script = "call 1 a\nis 1 interactive\njob 1\nout 1 x\n"
			      "exit 1 0\ndone 1 passed\n",
		    .out = "x\n" },
	};

	(void)state;
	SHOW(rows);
}

static void
prefixed_shows_lines(void **state)
{
	static const struct show rows[] = {
		{ .says = "two calls: whole lines of both streams (C-155)",
		    .mode = "prefixed",
		    .script = TWO_CALLS,
		    .out = "[a] a1\n[b] b1\n[a] a2\n[a] a3\n[b] b2\n",
		    .err = ECHOS,
		    .log = "a1\na2\na3\n" },
		{ .says = "a line in pieces",
		    .mode = "prefixed",
		    .script = "call 1 a\njob 1\nwired 1 pipe stdout\n"
			      "part 1 he\npart 1 ll\nout 1 o\nout 1 \n"
			      "part 1 end\nexit 1 0\n",
		    .out = "[a] hello\n[a] \n[a] end\n" },
		{ .says = "colours by order of appearance",
		    .mode = "prefixed",
		    .color = true,
		    .script = "call 1 a\ncall 2 b\njob 1\njob 2\nout 2 x\n"
			      "out 1 y\nout 2 z\n",
		    .out = "[\033[33mb\033[0m] x\n[\033[34ma\033[0m] y\n"
			   "[\033[33mb\033[0m] z\n" },
		{ .says = "what is up to date, by its prefix (C-126)",
		    .mode = "prefixed",
		    .script = "call 1 a\nsay UP_TO_DATE 1 0\n",
		    .err = "task: Task \"a\" is up to date\n" },
		{ .says = "a secret in two writes",
		    .mode = "prefixed",
		    .secret = "sekrit",
		    .script = "call 1 a\njob 1\npart 1 sek\nout 1 rit\n"
			      "exit 1 0\ndone 1 passed\n",
		    .out = "[a] sekrit\n",
		    .log = "*****\n" },
		{ .says = "without logs all the same",
		    .mode = "prefixed",
		    .no_logs = true,
		    .script = "call 1 a\njob 1\nout 1 x\nerr 1 y\n",
		    .out = "[a] x\n[a] y\n" },
	};

	(void)state;
	SHOW(rows);
}

static char *
many(struct arena *a, char c, size_t n)
{
	char *text = arena_alloc(a, n + 1);

	memset(text, c, n);
	text[n] = '\0';
	return text;
}

/* Also of other calls in between, and in pieces where it has no end. */
static void
prefixed_shows_long_lines_in_order(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	const char *x = many(a, 'x', 3000), *y = many(a, 'y', 3000);
	const char *z = many(a, 'z', 4 << 20);
	const struct show rows[] = {
		{ .says = "a long line in pieces, one of another call between",
		    .mode = "prefixed",
		    .script = arena_printf(a,
			"call 1 a\ncall 2 b\njob 1\njob 2\n"
			"out 1 first\npart 1 %s\nout 2 other\n"
			"part 1 %s\nout 1 end\nout 1 next\n",
			x, y),
		    .out = arena_printf(a,
			"[a] first\n[b] other\n[a] %s%send\n[a] next\n", x,
			y) },
		{ .says = "a long line that nothing ends",
		    .mode = "prefixed",
		    .script = arena_printf(a,
			"call 1 a\njob 1\nout 1 first\npart 1 %s\n"
			"part 1 %s\nexit 1 0\n",
			x, y),
		    .out = arena_printf(a, "[a] first\n[a] %s%s\n", x, y) },
		{ .says = "a line longer than is held",
		    .mode = "prefixed",
		    .script = arena_printf(a,
			"call 1 a\njob 1\npart 1 q\npart 1 %s\nout 1 end\n", z),
		    .out = arena_printf(a, "[a] q%s\n[a] end\n", z) },
	};

	(void)state; /* C-155 */
	SHOW(rows);
}

static void
long_line_is_shown_in_pieces(void **state)
{
	enum { MIB = 1 << 20 };
	const struct show row = { .mode = "prefixed", .no_logs = true };
	struct arena *a cleanup_arena = arena_new();
	char *piece = arena_alloc(a, MIB);
	struct caught c;
	struct stage s;
	const char *out;

	(void)state;
	memset(piece, 'x', MIB);
	stage_open(&s, &row);
	catch_begin(&c, false);
	stage_play(&s, "call 1 a\njob 1\n");
	for (int i = 0; i < 5; i++)
		output_sink(s.o).event(s.o, &(struct event){
		    .kind = EVENT_OUTPUT, .call = s.calls.v[1], .stream = 1,
		    .bytes = { piece, MIB } });
	stage_play(&s, "out 1 \nexit 1 0\n");
	catch_end(&c, a, &out, NULL);
	stage_close(&s);
	/* C-155: 4 MiB, then what came behind it */
	assert_int_equal(strlen(out), 5 * MIB + 2 * strlen("[a] \n"));
	assert_memory_equal(out + 4 * MIB + 4, "\n[a] xxx", 8);
}

static void
calls_of_scripts_write_where_the_script_does(void **state)
{
	static const char *const modes[] = { "interleaved", "group",
		"group-task", "prefixed", "tidy" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		const struct show row = { .says = modes[i],
			.mode = modes[i],
			.script = "call 1 a\nis 1 scripted\njob 1\n"
				  "wired 1 pipe pipe\necho 1 make\nout 1 x\n"
				  "err 1 y\nexit 1 1\ndone 1 failed\n",
			.out = "script 2: task: [a] make\nscript 1: x\n"
			       "script 2: y\n",
			.log = "x\ny\n" };

		show_rows(&row, 1);
	}
}

/* Never-event 11: nobody misses a byte when the log is full, neither of what was
 * collected nor of what comes. */
static void
full_file_is_shown_at_once(void **state)
{
	const struct show row = { .mode = "group-task" };
	struct arena *a cleanup_arena = arena_new();
	struct sb script cleanup_sb = SB_INIT;
	struct rlimit limit, old;
	struct caught c;
	struct stage s;
	const char *out, *err;
	int log_errno;

	(void)state;
	sb_adds(&script, "call 1 a\njob 1\nepart 1 ");
	sb_pad(&script, 'e', 4000);
	sb_adds(&script, "\npart 1 ");
	sb_pad(&script, 'o', 1000);
	sb_adds(&script, "\n");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = old;
	limit.rlim_cur = 5002;
	signal(SIGXFSZ, SIG_IGN);
	stage_open(&s, &row);
	catch_begin(&c, false);
	stage_play(&s, sb_cstr(&script));
	setrlimit(RLIMIT_FSIZE, &limit);
	stage_play(&s, "out 1 three\nerr 1 !\nexit 1 0\ndone 1 passed\n");
	setrlimit(RLIMIT_FSIZE, &old);
	catch_end(&c, a, &out, &err);
	log_errno = output_log_errno(s.o);
	stage_close(&s);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(log_errno, EFBIG);
	assert_int_equal(strlen(out), 1006);
	assert_string_equal(out + 998, "oothree\n");
	assert_int_equal(strlen(err), 4002);
	assert_string_equal(err + 3998, "ee!\n");
}

static void
names_stand_in_one_table(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	string_vec all = { 0 }, gotask = { 0 };
	const char *const *name;

	(void)state;
	output_mode_names(a, true, &all);
	output_mode_names(a, false, &gotask);
	assert_int_equal(gotask.n, 3);
	assert_string_equal(gotask.v[0], "interleaved");
	vec_each(&all, name)
		assert_string_equal(output_mode_find(*name)->name, *name);
	assert_null(output_mode_find("groups"));
	assert_null(output_mode_find(""));
	assert_string_equal(output_mode_words(a),
	    "interleaved, group, prefixed, group-task or tidy");
}

/* Who needs a call's log asks for it: while it is written, and afterwards. */
static void
log_of_a_call_is_known(void **state)
{
	const struct show row = { .mode = "group" };
	struct arena *a cleanup_arena = arena_new();
	struct output_log before, during, after;
	struct caught c;
	struct stage s;
	const char *out;

	(void)state;
	stage_open(&s, &row);
	catch_begin(&c, false);
	stage_play(&s, "call 7 a/b\n");
	before = output_log_of(s.o, s.calls.v[7]);
	stage_play(&s, "job 7\nout 7 four\n");
	during = output_log_of(s.o, s.calls.v[7]);
	stage_play(&s, "out 7 more\nexit 7 0\ndone 7 passed\n");
	after = output_log_of(s.o, s.calls.v[7]);
	catch_end(&c, a, &out, NULL);
	assert_null(before.path);
	assert_int_equal(before.size, 0);
	assert_string_equal(during.path,
	    tree_path(&s.tree, "logs/0007-a-b.log"));
	assert_int_equal(during.size, 5);
	assert_string_equal(after.path, during.path);
	assert_int_equal(after.size, 10);
	assert_string_equal(out, "four\nmore\n");
	stage_close(&s);
}

int
test_output_modes(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interleaved_shows_what_comes),
		cmocka_unit_test(group_shows_a_block_per_command),
		cmocka_unit_test(groups_fold_on_ci),
		cmocka_unit_test(group_task_shows_a_block_per_call),
		cmocka_unit_test(prefixed_shows_lines),
		cmocka_unit_test(prefixed_shows_long_lines_in_order),
		cmocka_unit_test(long_line_is_shown_in_pieces),
		cmocka_unit_test(calls_of_scripts_write_where_the_script_does),
		cmocka_unit_test(full_file_is_shown_at_once),
		cmocka_unit_test(names_stand_in_one_table),
		cmocka_unit_test(log_of_a_call_is_known),
	};

	return cmocka_run_group_tests_name("output/modes", tests, NULL, NULL);
}
