/* SPDX-License-Identifier: MIT */
/* Questions for values, their keys typed into a pty (C-202). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "output/ask.h"

#include <fcntl.h>
#include <stdio.h>
#include <termios.h>

#include "output/caught_fixture.h"

#define ENTER "\r"
#define UP "\033[A"
#define DOWN "\033[B"
#define RIGHT "\033[C"
#define LEFT "\033[D"
#define HOME "\033[1~"
#define END "\033OF"
#define DELETE "\033[3~"
#define BACKSPACE "\177"

struct asked {
	const char *says, *keys;
	const char *answer; /* NULL: cancelled */
};

/* A terminal as stdin, in which the keys were typed already; returns the
 * stdin of before.  The terminal takes keys as they are, even while nobody has
 * asked yet. */
static int
type(const char *keys, int *master)
{
	int keep = dup(STDIN_FILENO), slave;
	struct termios raw;

	*master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(*master >= 0);
	assert_int_equal(grantpt(*master), 0);
	assert_int_equal(unlockpt(*master), 0);
	slave = open(ptsname(*master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	assert_int_equal(tcgetattr(slave, &raw), 0);
	raw.c_iflag &= ~(tcflag_t)(ICRNL | IXON);
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	assert_int_equal(tcsetattr(slave, TCSANOW, &raw), 0);
	assert_true(write_all(*master, keys, strlen(keys)));
	dup2(slave, STDIN_FILENO);
	close(slave);
	return keep;
}

/* The answer; what was drawn is in *drawn. */
static const char *
ask_with(struct arena *a, const char *keys, const string_vec *allowed,
    bool color, const char **drawn)
{
	int master, keep = type(keys, &master);
	struct termios before, after;
	const char *answer, *out;
	struct caught c;
	struct term t;

	fixture_term(a, &t, color);
	tcgetattr(STDIN_FILENO, &before);
	catch_begin(&c, false);
	answer = ask_value(a, &t, "NAME", allowed);
	catch_end(&c, a, &out, drawn);
	tcgetattr(STDIN_FILENO, &after);
	dup2(keep, STDIN_FILENO);
	close(keep);
	close(master);
	assert_int_equal(before.c_lflag, after.c_lflag);
	assert_string_equal(out, "");
	return answer;
}

static void
ask_rows(const struct asked *rows, size_t n, const string_vec *allowed)
{
	struct arena *a cleanup_arena = arena_new();

	for (size_t i = 0; i < n; i++) {
		const char *drawn;
		const char *answer = ask_with(a, rows[i].keys, allowed, false,
		    &drawn);
		size_t end = strlen("\r\033[J");

		assert_row(rows[i].says, "the answer",
		    answer ? answer : "(cancelled)",
		    rows[i].answer ? rows[i].answer : "(cancelled)");
		/* what was drawn is gone */
		assert_row(rows[i].says, "the end of what is drawn",
		    drawn + strlen(drawn) - end, "\r\033[J");
	}
}

static void
line_is_edited(void **state)
{
	static const struct asked rows[] = {
		{ "typed", "hello" ENTER, "hello" },
		{ "nothing", ENTER, "" },
		{ "a newline does, too", "x\n", "x" },
		{ "characters of several bytes", "日本é" ENTER, "日本é" },
		{ "backspace takes a character", "日本" BACKSPACE ENTER, "日" },
		{ "as ctrl-h does", "ab\010" ENTER, "a" },
		{ "nothing before the start", BACKSPACE "a" ENTER, "a" },
		{ "left, insert", "ac" LEFT "b" ENTER, "abc" },
		{ "left over a wide character", "日c" LEFT LEFT "a" ENTER,
		    "a日c" },
		{ "right", "bc" HOME RIGHT "-" ENTER, "b-c" },
		{ "right stops at the end", "a" RIGHT RIGHT "b" ENTER, "ab" },
		{ "home and end", "b" HOME "a" END "c" ENTER, "abc" },
		{ "ctrl-a and ctrl-e", "b\001a\005c" ENTER, "abc" },
		{ "ctrl-b and ctrl-f", "ac\002b\006d" ENTER, "abcd" },
		{ "delete", "abc" HOME DELETE ENTER, "bc" },
		{ "ctrl-d", "abc" HOME "\004" ENTER, "bc" },
		{ "delete at the end", "abc" DELETE ENTER, "abc" },
		{ "ctrl-u: to the start", "one two" LEFT "\025" ENTER, "o" },
		{ "ctrl-k: to the end", "one two" LEFT LEFT "\013" ENTER,
		    "one t" },
		{ "ctrl-w: a word", "one two  \027" ENTER, "one " },
		{ "keys of a list do nothing", "a" UP DOWN "\t\016\020b" ENTER,
		    "ab" },
		{ "other sequences are dropped", "a\033[5~\033Xb" ENTER, "ab" },
		{ "ctrl-c", "abc\003", NULL },
		{ "escape", "abc\033", NULL },
		{ "a byte that begins no character", "a\377b" ENTER, "ab" },
	};
	const string_vec any = { 0 };

	(void)state;
	ask_rows(rows, sizeof(rows) / sizeof(rows[0]), &any);
}

static void
line_has_an_end(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb keys cleanup_sb = SB_INIT;
	const string_vec any = { 0 };
	const char *drawn;

	(void)state;
	sb_pad(&keys, 'x', 300);
	sb_adds(&keys, ENTER);
	assert_int_equal(strlen(ask_with(a, sb_cstr(&keys), &any, false,
	    &drawn)), 256);
}

static void
one_of_a_list_is_chosen(void **state)
{
	static const char *const words[] = { "one", "two", "three" };
	static const struct asked rows[] = {
		{ "the first", ENTER, "one" },
		{ "down", DOWN ENTER, "two" },
		{ "down twice, by other keys", "j\t" ENTER, "three" },
		{ "no further", DOWN DOWN DOWN DOWN UP ENTER, "two" },
		{ "up", DOWN DOWN UP ENTER, "two" },
		{ "up by other keys", DOWN DOWN "k\020" ENTER, "one" },
		{ "shift-tab", DOWN "\033[Z" ENTER, "one" },
		{ "not above the first", UP UP ENTER, "one" },
		{ "text does nothing", "two" ENTER, "one" },
		{ "ctrl-c", DOWN "\003", NULL },
		{ "escape", "\033", NULL },
	};
	struct arena *a cleanup_arena = arena_new();
	string_vec list = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		vec_push(a, &list, words[i]);
	ask_rows(rows, sizeof(rows) / sizeof(rows[0]), &list);
}

static void
questions_are_drawn(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	string_vec list = { 0 };
	const char *drawn;

	(void)state;
	ask_with(a, "ab" LEFT ENTER, &list, false, &drawn);
	assert_string_equal(drawn,
	    "\r\033[J? Enter value for NAME: > "
	    "\r\033[J? Enter value for NAME: > a"
	    "\r\033[J? Enter value for NAME: > ab"
	    "\r\033[J? Enter value for NAME: > ab\033[1D"
	    "\r\033[J");
	vec_push(a, &list, "one");
	vec_push(a, &list, "two");
	ask_with(a, ENTER, &list, false, &drawn);
	assert_string_equal(drawn,
	    "\r\033[J? Select value for NAME:\r\n❯ one\r\n  two\r\n"
	    "  (↑/↓ to move, enter to select, esc to cancel)\r\033[3A"
	    "\r\033[J");
	ask_with(a, ENTER, &list, true, &drawn);
	assert_non_null(strstr(drawn,
	    "\033[1;36m❯ \033[m\033[1;32mone\033[m\r\n"));
}

static void
no_terminal_no_question(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	const string_vec any = { 0 };
	int keep = dup(STDIN_FILENO), null = open("/dev/null", O_RDONLY);
	const char *answer;
	struct term t;

	(void)state;
	fixture_term(a, &t, false);
	dup2(null, STDIN_FILENO);
	answer = ask_value(a, &t, "NAME", &any);
	dup2(keep, STDIN_FILENO);
	close(keep);
	close(null);
	assert_null(answer);
}

int
test_output_ask(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_is_edited),
		cmocka_unit_test(line_has_an_end),
		cmocka_unit_test(one_of_a_list_is_chosen),
		cmocka_unit_test(questions_are_drawn),
		cmocka_unit_test(no_terminal_no_question),
	};

	return cmocka_run_group_tests_name("output/ask", tests, NULL, NULL);
}
