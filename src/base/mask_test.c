/* SPDX-License-Identifier: MIT */
#include "base/mask.h"

#include <string.h>

#include "unit.h"

static const char *const secrets[] = { "hunter2", "hunter2-long", "abc",
	"tok\nen" };

/* Feeds `text` in pieces of `step` bytes and returns what comes out. */
static char *
masked(struct arena *a, const char *text, size_t step)
{
	struct mask *m = mask_new(secrets, 4);
	struct sb out cleanup_sb = SB_INIT;
	sv rest = sv_of(text);

	assert_non_null(m);
	while (rest.n > 0) {
		mask_add(m, sv_sub(rest, 0, step), &out);
		rest = sv_sub(rest, step, SIZE_MAX);
	}
	mask_end(m, &out);
	mask_free(m);
	return (char *)sb_take(&out, a).p;
}

/* P-406, never-event 32: wherever the writes are cut. */
static void
secret_is_masked_however_it_is_split(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t step = 1; step < 24; step++) {
		assert_string_equal(masked(a, "a hunter2 b", step),
		    "a ***** b");
		assert_string_equal(masked(a, "hunter2hunter2", step),
		    "**********");
		assert_string_equal(masked(a, "x tok\nen", step), "x *****");
	}
}

static void
longer_secret_wins(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t step = 1; step < 16; step++) {
		assert_string_equal(masked(a, "<hunter2-long>", step),
		    "<*****>");
		assert_string_equal(masked(a, "<hunter2-lon>", step),
		    "<*****-lon>");
	}
}

static void
beginning_of_a_secret_is_not_lost(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_string_equal(masked(a, "hunt", 1), "hunt");
	assert_string_equal(masked(a, "hunhunter2", 2), "hun*****");
}

static void
a_secret_may_be_learnt_in_the_middle(void **state)
{
	const char *const late[] = { "hunter2", "hunter2-longer", "abc" };
	struct sb out cleanup_sb = SB_INIT;
	struct mask *m = mask_new_empty();

	(void)state;
	mask_add(m, SV("hunter2 "), &out);
	mask_learn(m, late, 1);
	mask_add(m, SV("hunter2 hunter"), &out);
	mask_learn(m, late + 1, 2);
	mask_add(m, SV("2-longer abc"), &out);
	mask_end(m, &out);
	assert_string_equal(sb_cstr(&out), "hunter2 ***** ***** abc");
	mask_free(m);
}

static void
short_texts_are_no_secrets(void **state)
{
	const char *const only[] = { "abc", "" };
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_null(mask_new(only, 2));
	assert_string_equal(masked(a, "abc", 3), "abc");
}

int
test_base_mask(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_is_masked_however_it_is_split),
		cmocka_unit_test(longer_secret_wins),
		cmocka_unit_test(beginning_of_a_secret_is_not_lost),
		cmocka_unit_test(a_secret_may_be_learnt_in_the_middle),
		cmocka_unit_test(short_texts_are_no_secrets),
	};

	return cmocka_run_group_tests_name("base/mask", tests, NULL, NULL);
}
