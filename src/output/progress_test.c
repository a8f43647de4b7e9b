/* SPDX-License-Identifier: MIT */
/* The status block (P-501) and what else a terminal is told (P-505). */
#include "output/progress.h"

#include "output/notify.h"
#include "output/output_fixture.h"
#include "run/fake.h"

/* ---- the block ---- */

#define TWO_RUN "call 1 a\ncall 2 b\njob 1\njob 2\n"
#define ERASE "\033[J"
/* room below, and the place to come back to; rows; back */
#define ROOM_2 "\033D\033D\033[2A\0337"
#define ROOM_3 "\033D\033D\033D\033[3A\0337"
#define ROOM_8 "\033D\033D\033D\033D\033D\033D\033D\033D\033[8A\0337"
#define ROW(text) "\r\n" text "\033[K"
#define BACK "\033[J\0338"
#define BLOCK_3(a, b, c) ROOM_3 ROW(a) ROW(b) ROW(c) BACK
#define BLOCK_2(a, b) ROOM_2 ROW(a) ROW(b) BACK

static enum below_why look_says;

static enum below_why
stage_look(const struct below *b, size_t *columns, size_t *rows)
{
	(void)b;
	*columns = 80;
	*rows = 24;
	return look_says;
}

/* A script in which a line "tick" is the next time that something may be drawn;
 * what is seen on stderr. */
struct drawing {
	const char *says, *script, *err;
};

static void
tick(struct stage *s, struct fake_loop *f)
{
	f->now_ns = s->now_ns;
	loop_turn(&f->loop);
	s->now_ns = f->now_ns;
}

static void
play_ticks(struct stage *s, struct fake_loop *f, const char *script)
{
	const char *at;

	while ((at = strstr(script, "tick\n")) != NULL) {
		stage_play(s, arena_strndup(s->a, script,
		    (size_t)(at - script)));
		tick(s, f);
		script = at + strlen("tick\n");
	}
	stage_play(s, script);
}

static void
draw_row(const struct drawing *row)
{
	const struct show plain = { .mode = "interleaved" };
	struct progress *p;
	struct caught c;
	struct stage s;
	struct fake_loop f;
	const char *out, *err;

	stage_open(&s, &plain);
	fake_loop_init(&f);
	f.now_ns = s.now_ns;
	catch_begin(&c, false);
	p = progress_new(&(struct progress_options){ .term = &s.term,
	    .loop = &f.loop,
	    .slots = 2,
	    .look = stage_look });
	s.also = progress_sink(p);
	play_ticks(&s, &f, row->script);
	progress_free(p);
	catch_end(&c, s.a, &out, &err);
	assert_row(row->says, "stderr", err, row->err);
	assert_null(s.term.before);
	stage_close(&s);
	fake_loop_free(&f);
}

static void
block_is_drawn_and_erased(void **state)
{
	static const struct drawing rows[] = {
		{ "who runs and since when, what is done", TWO_RUN "tick\n",
		    BLOCK_3("  a 100ms", "  b 100ms", "prun: 0/2 done") ERASE },
		{ "drawn again",
		    TWO_RUN "tick\nexit 1 0\ndone 1 passed\ntick\n",
		    BLOCK_3("  a 100ms", "  b 100ms", "prun: 0/2 done")
		    BLOCK_2("  b 200ms", "prun: 1/2 done") ERASE },
		{ "failures are counted",
		    TWO_RUN "exit 1 1\ndone 1 failed x\ntick\n",
		    BLOCK_2("  b 100ms", "prun: 1/2 done, 1 failed") ERASE },
		{ "it makes room for what is written",
		    TWO_RUN "tick\nerr 1 hello\n",
		    BLOCK_3("  a 100ms", "  b 100ms", "prun: 0/2 done")
		    ERASE "hello\n" },
		{ "never into a line that is open",
		    TWO_RUN "epart 1 hel\ntick\nerr 1 lo\ntick\n",
		    "hello\n"
		    BLOCK_3("  a 200ms", "  b 200ms", "prun: 0/2 done") ERASE },
		{ "one call draws by itself", "call 1 a\njob 1\ntick\n", "" },
		{ "nothing runs, nothing to draw",
		    TWO_RUN "exit 1 0\nexit 2 0\ntick\n", "" },
		{ "an interactive job has the terminal",
		    "call 1 a\ncall 2 b\nis 2 interactive\njob 1\njob 2\n"
		    "tick\n",
		    "" },
		{ "and gets it without the block",
		    "call 1 a\ncall 2 b\nis 2 interactive\njob 1\ntick\n"
		    "job 2\ntick\nexit 2 0\ntick\n",
		    BLOCK_2("  a 100ms", "prun: 0/2 done") ERASE
		    BLOCK_2("  a 300ms", "prun: 0/2 done") ERASE },
		{ "gone at the end of the run",
		    TWO_RUN "tick\nsay RUN_DONE - 0\nsay WARNING - 0 x\n",
		    BLOCK_3("  a 100ms", "  b 100ms", "prun: 0/2 done")
		    ERASE "prun: x\n" },
	};
	static const enum below_why why_not[] = { BELOW_SWITCHED, BELOW_SMALL,
		BELOW_AWAY };
	static const struct drawing none = { "not now", TWO_RUN "tick\n", "" };

	(void)state;
	look_says = BELOW_FREE;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		draw_row(&rows[i]);
	for (size_t i = 0; i < sizeof(why_not) / sizeof(why_not[0]); i++) {
		look_says = why_not[i];
		draw_row(&none);
	}
}

static void
rows_are_bounded(void **state)
{
#define WIDE "日日日日日日日日日日日日日日日日日日日日"
#define LONG "1234567890123456789012345678901234567890"
	static const struct drawing rows[] = {
		{ "six calls, and how many more",
		    "call 1 a\ncall 2 b\ncall 3 c\ncall 4 d\ncall 5 e\n"
		    "call 6 f\ncall 7 g\ncall 8 h\njob 1\njob 2\njob 3\n"
		    "job 4\njob 5\njob 6\njob 7\njob 8\ntick\n",
		    ROOM_8 ROW("  a 100ms") ROW("  b 100ms") ROW("  c 100ms")
		    ROW("  d 100ms") ROW("  e 100ms") ROW("  f 100ms")
		    ROW("  and 2 more") ROW("prun: 0/8 done") BACK ERASE },
		{ "a row never wraps",
		    "call 1 " LONG LONG "\ncall 2 b\njob 1\ntick\n",
		    BLOCK_2("  " LONG "1234567890123456789012345678901234567",
			"prun: 0/2 done") ERASE },
		{ "wide characters take two columns",
		    "call 1 " WIDE WIDE "\ncall 2 b\njob 1\ntick\n",
		    BLOCK_2("  " WIDE "日日日日日日日日日日日日日日日日日日",
			"prun: 0/2 done") ERASE },
		{ "and no name moves the cursor",
		    "call 1 a\033[A\rb\ncall 2 b\njob 1\ntick\n",
		    BLOCK_2("  a?[A?b 100ms", "prun: 0/2 done") ERASE },
	};

	(void)state;
	look_says = BELOW_FREE;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		draw_row(&rows[i]);
}

/* ---- beside the text ---- */

static void
terminal_is_told(void **state)
{
	static const struct drawing rows[] = {
		{ "how far it is, and its end",
		    "say RUN_STARTED - 0\ncall 1 a\ncall 2 b\n"
		    "done 1 passed\nafter 1500\ndone 2 passed\n"
		    "say RUN_DONE - 0\n",
		    "\033]9;4;1;50\a\033]9;4;1;100\a"
		    "\033]9;4;0;0\a\033]9;prun: 2 calls done in 1.5s\a" },
		{ "that one failed",
		    "say RUN_STARTED - 0\ncall 1 a\ndone 1 failed x\n"
		    "say RUN_DONE - 0\n",
		    "\033]9;4;2;100\a"
		    "\033]9;4;0;0\a\033]9;prun: 1 of 1 calls failed in 0ms"
		    "\a" },
		{ "each step once",
		    "say RUN_STARTED - 0\ncall 1 a\ndone 1 passed\n"
		    "call 2 b\ndone 2 passed\nsay RUN_DONE - 0\n",
		    "\033]9;4;1;100\a"
		    "\033]9;4;0;0\a\033]9;prun: 2 calls done in 0ms\a" },
		{ "one call",
		    "say RUN_STARTED - 0\ncall 1 a\ndone 1 passed\n"
		    "say RUN_DONE - 0\n",
		    "\033]9;4;1;100\a"
		    "\033]9;4;0;0\a\033]9;prun: 1 call done in 0ms\a" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct show plain = { .mode = "interleaved" };
		struct notify n = { 0 };
		struct caught c;
		struct stage s;
		const char *out, *err;

		stage_open(&s, &plain);
		catch_begin(&c, false);
		s.also = notify_sink(&n);
		stage_play(&s, rows[i].script);
		catch_end(&c, s.a, &out, &err);
		assert_row(rows[i].says, "stderr", err, rows[i].err);
		assert_row(rows[i].says, "stdout", out, "");
		stage_close(&s);
	}
}

int
test_output_progress(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_is_drawn_and_erased),
		cmocka_unit_test(rows_are_bounded),
		cmocka_unit_test(terminal_is_told),
	};

	return cmocka_run_group_tests_name("output/progress", tests, NULL,
	    NULL);
}
