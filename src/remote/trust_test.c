/* SPDX-License-Identifier: MIT */
#include "remote/internal.h"

#include <string.h>

#include "unit.h"

static const char *const hosts_v[] = { "good", "good:8443" };
static string_vec hosts;

/* "first", "changed" or "": what is asked. */
static const char *
asked(struct arena *a, const char *host, const char *from, const char *known,
    const char *sum)
{
	const struct remote_claim claim = { "https://x\"/", sv_of(host),
		sv_of(from), sv_of(known), sum };
	const char *q = remote_question(a, &hosts, &claim);

	if (q == NULL)
		return "";
	assert_non_null(strstr(q, " \"https://x\\\"/\""));
	assert_int_equal(strstr(q, "It comes from") != NULL, *from != '\0');
	return strstr(q, "depends on") != NULL    ? "first"
	       : strstr(q, "has changed") != NULL ? "changed"
						  : "?";
}

/* C-607 */
static void
what_is_new_or_has_changed_is_asked_for(void **state)
{
	assert_string_equal(asked(*state, "h", "", "", "1"), "first");
	assert_string_equal(asked(*state, "h", "", "1", "1"), "");
	assert_string_equal(asked(*state, "h", "", "1", "2"), "changed");
	assert_string_equal(asked(*state, "h", "", "1\n", "1"), "changed");
}

/* C-608 */
static void
a_trusted_host_is_the_text_of_the_address(void **state)
{
	static const char *const others[] = { "GOOD", "good.", "good:443",
		"good:8444", "evil.good", "good.evil", "", "goo" };

	assert_string_equal(asked(*state, "good", "", "", "1"), "");
	assert_string_equal(asked(*state, "good:8443", "", "2", "1"), "");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_string_equal(
		    asked(*state, others[i], "", "", "1"), "first");
}

/* C-608, C-612 */
static void
a_trusted_host_vouches_for_no_other(void **state)
{
	assert_string_equal(asked(*state, "good", "evil", "", "1"), "first");
	assert_string_equal(asked(*state, "good", "evil", "2", "1"), "changed");
	assert_string_equal(asked(*state, "good", "evil", "1", "1"), "");
	assert_string_equal(asked(*state, "good", "good:8443", "", "1"), "");
	assert_string_equal(asked(*state, "h", "good", "", "1"), "first");
}

static int
set_up(void **state)
{
	*state = arena_new();
	for (size_t i = 0; i < sizeof(hosts_v) / sizeof(hosts_v[0]); i++)
		vec_push(*state, &hosts, hosts_v[i]);
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

int
test_remote_trust(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_or_has_changed_is_asked_for),
		cmocka_unit_test(a_trusted_host_is_the_text_of_the_address),
		cmocka_unit_test(a_trusted_host_vouches_for_no_other),
	};

	return cmocka_run_group_tests_name(
	    "remote/trust", tests, set_up, tear_down);
}
