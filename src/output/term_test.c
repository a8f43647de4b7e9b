/* SPDX-License-Identifier: MIT */
/* Colours and the choice of ASCII (C-130 to C-134, P-407); questions (C-200). */
#include "output/term.h"

#include <errno.h>
#include <stdio.h>

#include "output/caught_fixture.h"

/* The environment of a row: "NAME=value …". */
static const char *environment;

static const char *
env_of_row(void *ctx, const char *name)
{
	static char texts[8][64]; /* as many are in use at a time */
	static unsigned used;
	char *text = texts[used++ % 8];
	const char *p = environment;
	size_t n = strlen(name);

	(void)ctx;
	while ((p = strstr(p, name)) != NULL) {
		if (p[n] == '=' && (p == environment || p[-1] == ' ')) {
			snprintf(text, sizeof(texts[0]), "%.*s",
			    (int)strcspn(p + n + 1, " "), p + n + 1);
			return text;
		}
		p += n;
	}
	return NULL;
}

/* stdout is a file here: no terminal. */
static void
colour_is_decided_in_order(void **state)
{
	static const struct {
		const char *env;
		int forced;
		bool color;
	} rows[] = {
		{ "", -1, false },
		{ "", 1, true },
		{ "", 0, false },
		{ "NO_COLOR=1", 1, false },
		{ "NO_COLOR=", 1, true },
		{ "FORCE_COLOR=1", -1, true },
		{ "FORCE_COLOR=0", -1, true },
		{ "FORCE_COLOR=1", 0, false },
		{ "FORCE_COLOR=1 NO_COLOR=1", -1, false },
		{ "CI=true", -1, true },
		{ "CI=1", -1, true },
		{ "CI=yes", -1, false },
		{ "CI=false", -1, false },
		{ "TERM=dumb CI=true", -1, true },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct caught c;
		struct term t;
		const char *out;

		environment = rows[i].env;
		catch_begin(&c, false);
		term_init(a, &t, rows[i].forced, env_of_row, NULL);
		catch_end(&c, a, &out, NULL);
		assert_row(rows[i].env, "the colour", t.color ? "on" : "off",
		    rows[i].color ? "on" : "off");
	}
}

static void
ascii_where_it_must_be(void **state)
{
	static const struct {
		const char *env;
		bool ascii;
	} rows[] = {
		{ "", true },
		{ "LANG=C", true },
		{ "LANG=C.UTF-8", false },
		{ "LANG=de_DE.utf8", false },
		{ "LANG=de_DE.utf8@euro", false },
		{ "LANG=de_DE.ISO-8859-1", true },
		{ "LC_CTYPE=UTF-8", false },
		{ "LC_ALL=C LANG=C.UTF-8", true },
		{ "LC_ALL= LC_CTYPE=C.UTF-8 LANG=C", false },
		{ "LC_CTYPE=POSIX LANG=C.UTF-8", true },
		{ "LANG=C.UTF-8 TERM=dumb", true },
		{ "LANG=C.UTF-8 TERM=xterm", false },
		{ "LANG=C.UTF-8 NO_COLOR=1", true },
		{ "LANG=C.UTF-8 NO_COLOR=", false },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct term t;

		environment = rows[i].env;
		term_init(a, &t, -1, env_of_row, NULL);
		assert_row(rows[i].env, "the signs",
		    t.ascii ? "ASCII" : "UTF-8",
		    rows[i].ascii ? "ASCII" : "UTF-8");
	}
}

/* C-133 */
static void
codes_can_be_replaced(void **state)
{
	static const struct {
		const char *env, *text;
	} rows[] = {
		{ "", "\033[31mx\033[0m" },
		{ "TASK_COLOR_RED=1;35", "\033[1;35mx\033[0m" },
		{ "TASK_COLOR_RED=1,2,3", "\033[38;2;1;2;3mx\033[0m" },
		{ "TASK_COLOR_RED=-1;+4", "\033[-1;+4mx\033[0m" },
		{ "TASK_COLOR_RED=1,2", "\033[31mx\033[0m" },
		{ "TASK_COLOR_RED=a,b,c", "\033[31mx\033[0m" },
		{ "TASK_COLOR_RED=1;", "\033[31mx\033[0m" },
		{ "TASK_COLOR_RED=", "\033[31mx\033[0m" },
		{ "TASK_COLOR_GREEN=7", "\033[31mx\033[0m" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sb b cleanup_sb = SB_INIT;
		struct term t;

		environment = rows[i].env;
		term_init(a, &t, 1, env_of_row, NULL);
		term_add(&t, &b, COLOR_RED, SV("x"));
		assert_row(rows[i].env, "the text", sb_cstr(&b),
		    rows[i].text);
	}
}

/* Never-event 11: stdout that cannot be written is noted, and why. */
static void
lost_output_is_noted(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct term t;
	int keep = dup(STDOUT_FILENO);

	(void)state;
	fixture_term(a, &t, false);
	fflush(stdout);
	close(STDOUT_FILENO);
	term_write(&t, STDOUT_FILENO, SV("x"));
	dup2(keep, STDOUT_FILENO);
	close(keep);
	assert_true(t.stdout_failed);
	assert_int_equal(t.stdout_errno, EBADF);
}

static void
a_redirected_terminal_writes_there(void *to, int fd, sv text)
{
	sb_printf(to, "%d:%.*s", fd, SV_ARG(text));
}

static void
text_can_go_elsewhere(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb seen cleanup_sb = SB_INIT;
	struct term t;

	(void)state;
	fixture_term(a, &t, true);
	t.redirect = a_redirected_terminal_writes_there;
	t.redirect_to = &seen;
	term_print(&t, STDERR_FILENO, COLOR_GREEN, "%s %d\n", "x", 1);
	term_write(&t, STDOUT_FILENO, SV(""));
	assert_string_equal(sb_cstr(&seen), "2:\033[32mx 1\n\033[0m");
}

static void
yes_is_y_or_yes(void **state)
{
	static const struct {
		const char *typed;
		int answer;
	} rows[] = {
		{ "y\n", 1 },
		{ "Y\n", 1 },
		{ "yes\n", 1 },
		{ "  YES  \n", 1 },
		{ "y", -1 },
		{ "yes", -1 },
		{ "n\n", 0 },
		{ "\n", 0 },
		{ "yess\n", 0 },
		{ "yes please\n", 0 },
		{ "ye\n", 0 },
		{ "", -1 },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int in[2], keep = dup(STDIN_FILENO), answer;
		struct caught c;
		struct term t;
		const char *out;

		assert_int_equal(pipe(in), 0);
		assert_true(write_all(in[1], rows[i].typed,
		    strlen(rows[i].typed)));
		close(in[1]);
		dup2(in[0], STDIN_FILENO);
		close(in[0]);
		clearerr(stdin);
		fixture_term(a, &t, false);
		catch_begin(&c, false);
		answer = term_ask(&t, "Sure?");
		catch_end(&c, a, &out, NULL);
		dup2(keep, STDIN_FILENO);
		close(keep);
		assert_row(rows[i].typed, "the question", out, "Sure? [y/N]: ");
		assert_row(rows[i].typed, "the answer",
		    arena_printf(a, "%d", answer),
		    arena_printf(a, "%d", rows[i].answer));
	}
}

static void
control_characters_are_shown(void **state)
{
	static const struct {
		const char *text, *one_line, *lines;
	} rows[] = {
		{ "plain \xc3\xa4\xe2\x80\xa6", "plain \xc3\xa4\xe2\x80\xa6",
		    "plain \xc3\xa4\xe2\x80\xa6" },
		{ "a\x1b[31m", "a\\x1b[31m", "a\\x1b[31m" },
		{ "a\nb\tc\r", "a\\x0ab\\x09c\\x0d", "a\nb\tc\\x0d" },
		{ "\xc2\x9b" "5m\x7f", "\\u009b5m\\x7f", "\\u009b5m\\x7f" },
		{ "\xc2\xa0\xc2", "\xc2\xa0\xc2", "\xc2\xa0\xc2" },
		{ "", "", "" },
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sb out cleanup_sb = SB_INIT;

		assert_string_equal(
		    term_shown(a, rows[i].text), rows[i].one_line);
		term_add_shown(&out, sv_of(rows[i].text), true);
		assert_string_equal(sb_cstr(&out), rows[i].lines);
	}
}

int
test_output_term(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_characters_are_shown),
		cmocka_unit_test(colour_is_decided_in_order),
		cmocka_unit_test(ascii_where_it_must_be),
		cmocka_unit_test(codes_can_be_replaced),
		cmocka_unit_test(lost_output_is_noted),
		cmocka_unit_test(text_can_go_elsewhere),
		cmocka_unit_test(yes_is_y_or_yes),
	};

	return cmocka_run_group_tests_name("output/term", tests, NULL, NULL);
}
