/* SPDX-License-Identifier: MIT */
#include "vcs/hook_script.h"

#include "unit.h"

static struct hook_check
check_of(struct arena *a, const char *task, const char *flag, const char *place)
{
	struct hook_check c = { .flag = flag, .place = place };

	if (task != NULL)
		vec_push(a, &c.tasks, task);
	return c;
}

static void
assert_same_text(const char *got, const char *want)
{
	if (want == NULL)
		assert_null(got);
	else
		assert_string_equal(got, want);
}

static void
what_is_written_is_read(void **state)
{
	static const char *const words[] = { "qa", "it's", "a b", "", "$HOME",
		"`x`", "a\nb", "\"q\"", "\\", "*", "ü", "~", "{a,b}", "x;y",
		"\x01", "#c", "-d" };
	struct arena *a = *state;
	struct err e cleanup_err = ERR_INIT;
	struct hook_script s = { .name = "pre-push", .prun = "/a b/it's" }, r;
	size_t n = sizeof(words) / sizeof(words[0]);
	sv text;

	for (size_t i = 0; i < n; i++) {
		struct hook_check c = check_of(
		    a, words[i], i % 2 ? "-d" : NULL, i % 2 ? words[i] : NULL);

		c.repo = i % 3 == 0 ? words[i] : NULL;
		vec_push(a, &s.checks, c);
	}
	vec_push(a, &s.levels, 1);
	vec_push(a, &s.levels, 12);
	text = hook_script_text(a, &s);
	assert_true(hook_script_is_ours(a, text, "pre-push"));
	assert_false(hook_script_is_ours(a, text, "pre-commit"));
	assert_true(hook_script_read(a, text, "pre-push", &r, &e));
	assert_int_equal(r.levels.n, 2);
	assert_int_equal(r.levels.v[0], 1);
	assert_int_equal(r.levels.v[1], 12);
	assert_int_equal(r.checks.n, n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(r.checks.v[i].tasks.n, 1);
		assert_string_equal(r.checks.v[i].tasks.v[0], words[i]);
		assert_same_text(r.checks.v[i].flag, i % 2 ? "-d" : NULL);
		assert_same_text(r.checks.v[i].place, i % 2 ? words[i] : NULL);
		assert_same_text(
		    r.checks.v[i].repo, i % 3 == 0 ? words[i] : NULL);
	}
}

static void
the_form_before_is_read(void **state)
{
	struct err e cleanup_err = ERR_INIT;
	struct hook_script r;

	assert_true(hook_script_read(*state,
	    SV("kept=\"$0.before-prun\"\n"
	       "give \"$prun\" --hook run pre-push 'a b' -d sub -- \"$@\"\n"),
	    "pre-push", &r, &e));
	assert_int_equal(r.levels.n, 0);
	assert_int_equal(r.checks.n, 1);
	assert_string_equal(r.checks.v[0].tasks.v[0], "a b");
	assert_string_equal(r.checks.v[0].place, "sub");
}

static void
one_that_was_changed_is_an_error(void **state)
{
	static const char *const texts[] = {
		"\"$prun\" --hook run pre-push qa\n",
		"\"$prun\" --hook run pre-push 'qa -- \"$@\"\n",
		"\"$prun\" --hook run pre-push $(qa) -- \"$@\"\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err e cleanup_err = ERR_INIT;
		struct hook_script r;

		assert_false(hook_script_read(
		    *state, sv_of(texts[i]), "pre-push", &r, &e));
		assert_true(err_is_set(&e));
	}
}

static void
checks_are_for_a_place(void **state)
{
	struct arena *a = *state;
	struct hook_check root = check_of(a, "x", NULL, NULL);
	struct hook_check dir = check_of(a, "x", "-d", "a");
	struct hook_check file = check_of(a, "x", "-t", "a");
	struct hook_check other = check_of(a, "y", "-d", "a");
	struct hook_check bound = dir, elsewhere = dir;

	bound.repo = "/r/.git";
	elsewhere.repo = "/s/.git";
	assert_true(hook_check_same(&dir, &other));
	assert_false(hook_check_same(&dir, &root));
	assert_false(hook_check_same(&dir, &file));
	assert_true(hook_check_same(&dir, &bound));
	assert_false(hook_check_same(&bound, &elsewhere));
}

static void
lines_of_others_are_known(void **state)
{
	struct arena *a = *state;
	struct hook_check root = check_of(a, NULL, NULL, NULL);
	struct hook_check dir = check_of(a, NULL, "-d", "a b");
	sv text =
	    SV("#!/bin/sh\n\tprun --hook run pre-push -d 'a b' -- \"$@\"\n");

	assert_string_equal(hook_script_line(a, "pre-push", &dir),
	    "prun --hook run pre-push -d 'a b' -- \"$@\"");
	assert_true(hook_script_calls(a, text, "pre-push", &dir));
	assert_true(hook_script_calls(a, text, "pre-push", NULL));
	assert_false(hook_script_calls(a, text, "pre-push", &root));
	assert_false(hook_script_calls(a, text, "pre-commit", NULL));
	assert_false(hook_script_calls(a,
	    SV(" # prun --hook run pre-push -- \"$@\"\n"), "pre-push", NULL));
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
test_vcs_hook_script(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(the_form_before_is_read),
		cmocka_unit_test(one_that_was_changed_is_an_error),
		cmocka_unit_test(checks_are_for_a_place),
		cmocka_unit_test(lines_of_others_are_known),
	};

	return cmocka_run_group_tests_name(
	    "vcs/hook_script", tests, set_up, tear_down);
}
