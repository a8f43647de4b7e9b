/* SPDX-License-Identifier: MIT */
#include "vcs/commit.h"

#include "unit.h"

static void
message_has_phases_and_trailers(void **state)
{
	struct arena *a = *state;
	const struct commit_phase phases[] = {
		{ "lint", INT64_C(1500000000), false, false, false },
		{ "test", INT64_C(12300000000), true, false, false },
		{ "build", INT64_C(1000000), .cached = true },
		{ "tidy", INT64_C(1000000000), false, true, false },
	};
	string_vec trailers = { 0 };

	vec_push(a, &trailers, "Issue: 7");
	assert_string_equal(commit_message(a, "All done", "42", phases, 4,
	    "ID", &trailers),
	    "All done for #42\n\n- ✅ lint (1.5s)\n- ✅ test (up to date)\n"
	    "- ✅ build (cached)\n"
	    "- ⚠️ tidy (failed, does not count)\n"
	    "\nPrun-Run: ID\nIssue: 7\n");
	assert_string_equal(commit_message(a, "x", NULL, NULL, 0, "ID", NULL),
	    "x\n\nPrun-Run: ID\n");
	assert_string_equal(commit_message(a, "x", "", NULL, 0, "ID", NULL),
	    "x\n\nPrun-Run: ID\n");
}

static struct push_line
parse(struct arena *a, const char *text)
{
	struct push_line line;

	push_output_parse(a, sv_of(text), "main", &line);
	return line;
}

static void
push_line_is_that_of_the_branch(void **state)
{
	struct push_line line = parse(*state, "To origin\n"
	    " \trefs/heads/a:refs/heads/a\t1111111..2222222\n"
	    " \trefs/heads/main:refs/heads/main\t3333333..4444444\n"
	    " \trefs/heads/z:refs/heads/z\t5555555..6666666\nDone\n");

	assert_string_equal(line.from, "refs/heads/main");
	assert_string_equal(line.old_id, "3333333");
	assert_string_equal(line.new_id, "4444444");
	assert_null(line.refused);
}

static void
push_line_is_the_first_with_a_change(void **state)
{
	struct push_line line = parse(*state, "what a hook prints\ta:b\tx..y\n"
	    "=\trefs/heads/main:refs/heads/main\t[up to date]\n"
	    "*\trefs/tags/v1:refs/tags/v1\t[new tag]\n"
	    "+\trefs/heads/b:refs/heads/b\t1111111...2222222 (forced update)\n");

	assert_string_equal(line.from, "refs/tags/v1");
	assert_null(line.old_id);
	line = parse(*state, "+\trefs/heads/b:refs/heads/b\t1111111...2222222"
			     " (forced update)\n");
	assert_string_equal(line.old_id, "1111111");
	assert_string_equal(line.new_id, "2222222");
	line = parse(*state, "=\trefs/heads/main:refs/heads/main\t"
			     "[up to date]\nDone\n");
	assert_null(line.from);
	assert_null(parse(*state, "").from);
}

static void
push_line_names_what_was_refused(void **state)
{
	struct push_line line = parse(*state, "To origin\n!\trefs/heads/main:"
	    "refs/heads/main\t[rejected] (fetch first)\nDone\n");

	assert_string_equal(line.refused, "main [rejected] (fetch first)");
	assert_null(line.from);
}

static void
push_reason_is_the_most_telling_line(void **state)
{
	struct arena *a = *state;

	assert_string_equal(push_reason(a, SV("warning: x\nerror: failed to "
	    "push some refs\nfatal: no route\n")), "fatal: no route");
	assert_string_equal(push_reason(a, SV("prun: pre-push refused: qa "
	    "failed\nerror: failed to push some refs to 'x'")),
	    "prun: pre-push refused: qa failed");
	assert_string_equal(push_reason(a, SV("error: src refspec x\n")),
	    "error: src refspec x");
	assert_string_equal(push_reason(a, SV("nothing\n")), "");
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
test_vcs_commit(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(message_has_phases_and_trailers),
		cmocka_unit_test(push_line_is_that_of_the_branch),
		cmocka_unit_test(push_line_is_the_first_with_a_change),
		cmocka_unit_test(push_line_names_what_was_refused),
		cmocka_unit_test(push_reason_is_the_most_telling_line),
	};

	return cmocka_run_group_tests_name("vcs/commit", tests, set_up,
	    tear_down);
}
