/* SPDX-License-Identifier: MIT */
/* P-1004: where outputs are made, for their signatures. */
#include "project/remote_cache.h"

#include "unit.h"

static void
repositories_have_one_name(void **state)
{
	static const char *const same[] = {
		"https://example.com/a/b.git",
		"https://user:word@example.com/a/b",
		"ssh://git@example.com/a/b.git",
		"git@example.com:a/b.git\n",
		"http://example.com/a/b/",
	};
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_string_equal(
		    cache_scope_repository(a, same[i]), "example.com/a/b");
	assert_string_equal(
	    cache_scope_repository(a, "http://h:81/a/b"), "h:81/a/b");
	assert_string_equal(cache_scope_repository(a, "/srv/x.git"), "/srv/x");
	assert_string_equal(cache_scope_repository(a, ""), "");
	assert_string_equal(
	    cache_scope_repository(a, "https://h/@x/y"), "h/@x/y");
}

static const char *
get(void *env, const char *name)
{
	const char *const *v = env;

	for (; *v != NULL; v += 2)
		if (strcmp(v[0], name) == 0)
			return v[1];
	return NULL;
}

static void
pull_requests_are_told_from_branches(void **state)
{
	static const char *const env[][5] = {
		{ NULL },
		{ "GITHUB_REF", "refs/heads/main", NULL },
		{ "TRAVIS_PULL_REQUEST", "false", NULL },
		{ "GITHUB_REF", "refs/tags/v1", NULL },
		{ "CI_COMMIT_TAG", "v1", NULL },
		{ "GITHUB_REF", "refs/pull/17/merge", "GITHUB_HEAD_REF", "x",
		    NULL },
		/* with the rights of the branch, but the code of anybody */
		{ "GITHUB_REF", "refs/heads/main", "GITHUB_HEAD_REF", "x",
		    NULL },
		{ "CI_MERGE_REQUEST_IID", "5", NULL },
		{ "CHANGE_ID", "6", NULL },
	};
	static const char *const refs[] = { "branch", "branch", "branch", "tag",
		"tag", "pull 17", "pull x", "pull 5", "pull 6" };
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++)
		assert_string_equal(
		    cache_scope_ref(a, get, (void *)env[i]), refs[i]);
}

int
test_project_cache_scope(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repositories_have_one_name),
		cmocka_unit_test(pull_requests_are_told_from_branches),
	};

	return cmocka_run_group_tests_name(
	    "project/cache_scope", tests, NULL, NULL);
}
