/* SPDX-License-Identifier: MIT */
#include "output/columns.h"

#include "unit.h"

static void
aligns(const char *text, const char *want)
{
	struct sb out cleanup_sb = SB_INIT;

	columns_align(&out, sv_of(text), 6);
	assert_string_equal(sb_cstr(&out), want);
}

/* C-161: a row without its second cell keeps the padding of the first. */
static void
column_is_as_wide_as_its_widest_cell(void **state)
{
	(void)state;
	aligns("* a: \tone\n* long: \t\n",
	    "* a:          one\n* long:       \n");
}

/* C-162: the second column is one block only over neighbouring rows. */
static void
column_ends_where_a_row_lacks_it(void **state)
{
	(void)state;
	aligns("a\tx\t1\nb\tyyyy\nc\tzz\t2\n",
	    "a      x      1\nb      yyyy\nc      zz      2\n");
}

static void
escapes_have_no_width_and_runes_have_one(void **state)
{
	(void)state;
	aligns("\033[32mab\033[0m\tx\n\xc3\xa9\xc3\xa9\ty\n",
	    "\033[32mab\033[0m      x\n\xc3\xa9\xc3\xa9      y\n");
}

/* P-407 */
static void
columns_of_a_terminal(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
	} rows[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "é", 1 },
		{ "e\xcc\x81", 1 }, /* with a combining accent */
		{ "日本", 4 },
		{ "한글", 4 },
		{ "ｆｕ", 4 },
		{ "😀x", 3 },
		{ "✓", 1 },
		{ "✅", 2 },
		{ "→ λ", 3 },
		{ "\xff", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(columns_of(sv_of(rows[i].text)),
		    rows[i].columns);
}

static void
text_becomes_one_line(void **state)
{
	static const struct {
		const char *text, *line;
	} rows[] = {
		{ "plain", "plain" },
		{ "日本 é", "日本 é" },
		{ "a\nb\tc\r", "a?b?c?" },
		{ "\033[31m\177", "?[31m?" },
		{ "\xc2\x9b" "1A", "?1A" }, /* C1: the same as ESC [ */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sb b cleanup_sb = SB_INIT;

		columns_add_line(&b, rows[i].text);
		assert_string_equal(sb_cstr(&b), rows[i].line);
	}
}

int
test_output_columns(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(column_is_as_wide_as_its_widest_cell),
		cmocka_unit_test(column_ends_where_a_row_lacks_it),
		cmocka_unit_test(escapes_have_no_width_and_runes_have_one),
		cmocka_unit_test(columns_of_a_terminal),
		cmocka_unit_test(text_becomes_one_line),
	};

	return cmocka_run_group_tests_name("output/columns", tests, NULL, NULL);
}
