/* SPDX-License-Identifier: MIT */
#include "vcs/push_shown.h"

#include <unistd.h>

#include "unit.h"

static void
each_kind_is_shown_as_git_does(void **state)
{
	assert_string_equal(
	    push_shown(*state,
		SV("To ../o.git\n"
		   "=\trefs/heads/same:refs/heads/same\t[up to date]\n"
		   " \trefs/heads/main:refs/heads/main\t1234567..89abcde\n"
		   "*\trefs/tags/v1:refs/tags/v1\t[new tag]\n"
		   "*\tHEAD:refs/heads/x\t[new branch]\n"
		   "+\trefs/heads/b:refs/heads/c\t1111111...2222222"
		   " (forced update)\n"
		   "-\t:refs/heads/gone\t[deleted]\n"
		   "!\trefs/heads/d:refs/notes/d\t[rejected] (fetch first)\n"
		   "Done\n")),
	    "To ../o.git\n"
	    "   1234567..89abcde  main -> main\n"
	    " * [new tag]         v1 -> v1\n"
	    " * [new branch]      HEAD -> x\n"
	    " + 1111111...2222222 b -> c (forced update)\n"
	    " - [deleted]         gone\n"
	    " ! [rejected]        d -> refs/notes/d (fetch first)\n");
}

static void
nothing_pushed_is_nothing_shown(void **state)
{
	assert_string_equal(push_shown(*state, SV("")), "");
	assert_string_equal(
	    push_shown(*state,
		SV("To o\n=\trefs/heads/a:refs/heads/a\t[up to date]\nDone\n")),
	    "");
	assert_string_equal(push_shown(*state, SV("To o\n!\tx\nDone")), "");
}

/* What is passed on of a text that comes in parts of `n` bytes. */
static sv
filtered(struct arena *a, sv text, size_t n)
{
	struct push_filter f = { 0 };
	struct sb got cleanup_sb = SB_INIT;
	int fd[2];
	char part[512];
	ssize_t r;

	assert_int_equal(pipe(fd), 0);
	f.fd = fd[1];
	for (size_t i = 0; i < text.n; i += n)
		push_filter_take(&f, sv_sub(text, i, n));
	push_filter_end(&f);
	close(fd[1]);
	while ((r = read(fd[0], part, sizeof(part))) > 0)
		sb_add(&got, part, (size_t)r);
	close(fd[0]);
	return sb_take(&got, a);
}

static void
what_hooks_print_is_passed_on(void **state)
{
	static const char text[] =
	    "task: [qa] make\nTo do: much\nDone\n* one\n\n\tx\n -\nTo\n"
	    "To ../o.git\n*\trefs/heads/a:refs/heads/a\t[new branch]\n"
	    " \ta:b\t1..2\nDone\nbranch 'a' set up\nno end";
	static const char want[] =
	    "task: [qa] make\nTo do: much\nDone\n* one\n\n\tx\n -\nTo\n"
	    "branch 'a' set up\nno end";

	for (size_t n = 1; n < sizeof(text); n++) {
		sv got = filtered(*state, sv_of(text), n);

		assert_string_equal(got.p, want);
	}
	assert_string_equal(filtered(*state, SV("To"), 1).p, "To");
	assert_string_equal(filtered(*state, SV("To x\n"), 2).p, "To x\n");
}

static void
a_question_is_passed_on_at_once(void **state)
{
	struct push_filter f = { 0 };
	char got[64] = "";
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	f.fd = fd[1];
	push_filter_take(&f, SV("Really? "));
	assert_int_equal(read(fd[0], got, sizeof(got) - 1), 8);
	assert_string_equal(got, "Really? ");
	push_filter_end(&f);
	close(fd[0]);
	close(fd[1]);
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
test_vcs_push_shown(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_shown_as_git_does),
		cmocka_unit_test(nothing_pushed_is_nothing_shown),
		cmocka_unit_test(what_hooks_print_is_passed_on),
		cmocka_unit_test(a_question_is_passed_on_at_once),
	};

	return cmocka_run_group_tests_name(
	    "vcs/push_shown", tests, set_up, tear_down);
}
