/* SPDX-License-Identifier: MIT */
#include "mcp/internal.h"

#include "unit.h"

static void
a_rune_is_not_cut(void **state)
{
	static const char text[] = "a\xc3\xa4\xe2\x9c\x93\xf0\x9f\x8d\xba";
	/* how much of the first n bytes is whole */
	static const size_t whole[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10 };

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++)
		assert_int_equal(whole_runes((sv){ text, n }), whole[n]);
	/* what is no rune at all is as whole as it gets */
	assert_int_equal(whole_runes(SV("x\xff")), 1);
	assert_int_equal(whole_runes(SV("\x80\x80\x80\x80\x80")), 5);
	assert_int_equal(whole_runes(SV("ab\x80")), 3);
}

static void
any_bytes_are_a_string(void **state)
{
	json_t *s = json_of(SV("a\xff\0b\xe2\x9c"));

	(void)state;
	assert_int_equal(json_string_length(s), 2 + 1 + 3 * 3);
	assert_memory_equal(json_string_value(s),
	    "a\xef\xbf\xbd\0b\xef\xbf\xbd\xef\xbf\xbd", 12);
	json_decref(s);
	s = json_of((sv){ NULL, 0 });
	assert_string_equal(json_string_value(s), "");
	json_decref(s);
}

int
test_mcp_text(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rune_is_not_cut),
		cmocka_unit_test(any_bytes_are_a_string),
	};

	return cmocka_run_group_tests_name("mcp/text", tests, NULL, NULL);
}
