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

int
test_output_columns(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(column_is_as_wide_as_its_widest_cell),
		cmocka_unit_test(column_ends_where_a_row_lacks_it),
		cmocka_unit_test(escapes_have_no_width_and_runes_have_one),
	};

	return cmocka_run_group_tests_name("output/columns", tests, NULL, NULL);
}
