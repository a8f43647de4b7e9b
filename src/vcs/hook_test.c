/* SPDX-License-Identifier: MIT */
#include "vcs/hook.h"

#include "unit.h"

#define ZERO40 "0000000000000000000000000000000000000000"
#define ID40 "1234567890abcdef1234567890abcdef12345678"
#define ID64 ID40 "1234567890abcdef12345678"

static void
refs_are_read_line_by_line(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	push_ref_vec refs;

	assert_true(push_refs_parse(*state, SV(
	    "refs/heads/a " ID40 " refs/heads/b " ZERO40 "\n"
	    "(delete) " ZERO40 " refs/heads/c " ID40 "\n"
	    "HEAD~1 " ID64 " refs/tags/ü " ID64), &refs, &e));
	assert_int_equal(refs.n, 3);
	assert_string_equal(refs.v[0].local_ref, "refs/heads/a");
	assert_string_equal(refs.v[0].local_id, ID40);
	assert_string_equal(refs.v[0].remote_ref, "refs/heads/b");
	assert_string_equal(refs.v[0].remote_id, ZERO40);
	assert_false(refs.v[0].deletes);
	assert_true(refs.v[1].deletes);
	assert_string_equal(refs.v[2].local_id, ID64);
	assert_string_equal(refs.v[2].remote_ref, "refs/tags/ü");
}

static void
no_refs_are_none(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	push_ref_vec refs;

	assert_true(push_refs_parse(*state, SV(""), &refs, &e));
	assert_int_equal(refs.n, 0);
	assert_true(push_refs_parse(*state, SV("\n\n"), &refs, &e));
	assert_int_equal(refs.n, 0);
}

static void
other_lines_are_refused(void **state)
{
	static const char *const lines[] = {
		"nonsense\n", "a b c d\n", "refs/heads/a " ID40 "\n",
		"refs/heads/a " ID40 " refs/heads/a\n",
		"refs/heads/a " ID40 "x refs/heads/a " ID40 "\n",
		"refs/heads/a 1234 refs/heads/a " ID40 "\n",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct err e cleanup_err = ERR_INIT;
		push_ref_vec refs;

		assert_false(push_refs_parse(*state, sv_of(lines[i]), &refs,
		    &e));
		assert_true(err_is_set(&e));
	}
}

static void
git_names_of_the_environment_are_known(void **state)
{
	(void)state;
	assert_true(git_is_local_env("GIT_DIR=x"));
	assert_true(git_is_local_env("GIT_INDEX_FILE"));
	assert_true(git_is_local_env("GIT_CONFIG_KEY_0=x"));
	assert_false(git_is_local_env("GIT_DIRECTORY=x"));
	assert_false(git_is_local_env("GIT_AUTHOR_NAME=x"));
	assert_false(git_is_local_env("GIT_CONFIG_GLOBAL=x"));
}

static int
set_up(void **state)
{
	*state = arena_new();
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(*state);
	return 0;
}

int
test_vcs_hook(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refs_are_read_line_by_line),
		cmocka_unit_test(no_refs_are_none),
		cmocka_unit_test(other_lines_are_refused),
		cmocka_unit_test(git_names_of_the_environment_are_known),
	};

	return cmocka_run_group_tests_name("vcs/hook", tests, set_up,
	    tear_down);
}
