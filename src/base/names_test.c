/* SPDX-License-Identifier: MIT */
#include "base/names.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

static void
users_have_homes(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	const struct passwd *me = getpwuid(getuid()), *root = getpwnam("root");

	(void)state;
	if (me != NULL)
		assert_string_equal(
		    names_home_of(a, arena_strdup(a, me->pw_name)), me->pw_dir);
	if (root != NULL)
		assert_string_equal(names_home_of(a, "root"), root->pw_dir);
}

static void
nobody_else_has(void **state)
{
	static const char *const names[] = { "", "0", "12345", "-s", "--help",
		"no such user", "nosuchuser", "root\nx", "root:x", "*",
		"x'; echo root:x:0:0::/:; '" };
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(names_home_of(a, names[i]));
}

static bool
has_address(struct arena *a, const char *host, const char *address)
{
	address_vec found;
	const char **p;

	names_addresses_of(a, host, &found);
	vec_each(&found, p)
		if (strcmp(*p, address) == 0)
			return true;
	return false;
}

static void
hosts_have_addresses(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	address_vec found;

	(void)state; /* L-150 */
	assert_true(has_address(a, "localhost", "127.0.0.1") ||
		    has_address(a, "localhost", "::1"));
	assert_true(has_address(a, "127.0.0.9", "127.0.0.9"));
	/* too long for a name, so that no server is asked */
	names_addresses_of(a,
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "x"
	    "xxxxxxxxx.invalid",
	    &found);
	assert_int_equal(found.n, 0);
	names_addresses_of(a, "-s", &found);
	assert_int_equal(found.n, 0);
}

int
test_base_names(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_have_homes),
		cmocka_unit_test(nobody_else_has),
		cmocka_unit_test(hosts_have_addresses),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
