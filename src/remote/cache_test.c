/* SPDX-License-Identifier: MIT */
#include "remote/internal.h"

#include <string.h>

#include "unit.h"

/* C-602, C-300 */
static void
copies_lie_where_was_told(void **state)
{
	static char task[] = "TASK_REMOTE_DIR=/env", home[] = "HOME=/h";
	static char *const all[] = { task, home, NULL }, *const none[] = {
		NULL
	};
	static const struct {
		const char *told, *temp;
		char *const *env;
		const char *dir;
	} cases[] = {
		{ "", "", none, "/p/.task/remote" },
		{ "", "t", none, "/p/t/remote" },
		{ "", "/t", none, "/t/remote" },
		{ "", "t", all, "/env/remote" },
		{ "c", "t", all, "/p/c/remote" },
		{ "/c/../d", "", all, "/d/remote" },
		{ "~/c", "", all, "/h/c/remote" },
		{ "/x/$HOME", "", all, "/x/h/remote" },
		{ "$HOME", "", all, "/p/$HOME/remote" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(remote_cache_dir(*state, cases[i].told,
					cases[i].temp, "/p", cases[i].env),
		    cases[i].dir);
}

/* The name of an address's copy without the checksum in it; "" for an address
 * that can have none. */
static const char *
name_of(struct arena *a, const char *address)
{
	struct err e cleanup_err = ERR_INIT;
	struct remote_file f = { 0 };
	const char *name, *end;

	assert_true(source_parse(a, address, &f.at, &e));
	f.location = f.shown = source_text(a, &f.at.url, false);
	if (!remote_cache_paths(a, "/c", &f, &e))
		return "";
	name = f.cached + strlen("/c/");
	end = strstr(name, ".yaml");
	assert_non_null(end);
	/* three files of one name, right in the folder */
	assert_memory_equal(f.cached, "/c/", 3);
	assert_null(strchr(name, '/'));
	assert_memory_equal(f.checksum, f.cached, (size_t)(end - f.cached));
	assert_string_equal(f.checksum + (end - f.cached), ".checksum");
	assert_string_equal(f.timestamp + (end - f.cached), ".timestamp");
	return arena_strndup(a, name, (size_t)(end - name) - 64);
}

/* C-603: whatever stands in the address, it is a name and no way. */
static void
an_address_is_one_name(void **state)
{
	static const char *const cases[][2] = {
		{ "https://h/dir/T.yml", "http.h.dir.T.yml." },
		{ "https://h:8/T.yml", "http.h:8.T.yml." },
		{ "https://h/dir/", "http.h.dir.." },
		{ "https://h", "http.h.." },
		{ "https://h/..", "http.h...." },
		{ "https://h/../../x", "http.h....x." },
		{ "https://h/a%2F..%2F..%2Fx", "http.h....x." },
		{ "https://h/%2e%2e/x", "http.h....x." },
		{ "https://../x", "http....x." },
		{ "https://h/a\\..\\x", "http.h.a\\..\\x." },
		{ "https://h/x%00.yml", "" },
		{ "git@h:o/r.git", "git.h..." },
		{ "https://h/r.git//dir/T.yml?ref=../../x",
		    "git.h.dir.T.yml." },
		{ "https://h/r.git//../../T.yml", "git.h....T.yml." },
		{ "https://h/r.git//x%00/T.yml", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(name_of(*state, cases[i][0]), cases[i][1]);
}

static const char *
copy_of(struct arena *a, const char *address)
{
	struct err e cleanup_err = ERR_INIT;
	struct remote_file f = { 0 };

	assert_true(source_parse(a, address, &f.at, &e));
	f.location = f.shown = source_text(a, &f.at.url, false);
	assert_true(remote_cache_paths(a, "/c", &f, &e));
	return f.cached;
}

/* C-601, C-603: other addresses have other copies; a password has no say and
 * is in no name. */
static void
addresses_do_not_share_a_copy(void **state)
{
	static const char *const differ[] = { "https://h/d/T.yml",
		"http://h/d/T.yml", "https://h/d/T.yml?x",
		"https://h/d/T.yml#x", "https://h/d%2FT.yml",
		"https://h/e/../d/T.yml", "https://u@h/d/T.yml",
		"https://u:p@h/d/T.yml", "https://h/r.git//d/T.yml",
		"https://h/r.git//d/T.yml?ref=x" };
	enum {
		N = sizeof(differ) / sizeof(differ[0])
	};

	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(copy_of(*state, differ[i]),
			    copy_of(*state, differ[k]));
	assert_string_equal(copy_of(*state, "https://u:p@h/T.yml"),
	    copy_of(*state, "https://u:q@h/T.yml"));
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
test_remote_cache(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_lie_where_was_told),
		cmocka_unit_test(an_address_is_one_name),
		cmocka_unit_test(addresses_do_not_share_a_copy),
	};

	return cmocka_run_group_tests_name(
	    "remote/cache", tests, set_up, tear_down);
}
