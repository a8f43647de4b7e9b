/* SPDX-License-Identifier: MIT */
#include "base/secrets.h"

#include "base/vec.h"
#include "unit.h"

struct heard {
	struct arena *a;
	VEC(const char *) texts;
};

static void
on_secret(void *arg, const char *text)
{
	struct heard *h = arg;

	vec_push(h->a, &h->texts, arena_strdup(h->a, text));
}

static void
each_is_told_once_to_whoever_asks(void **state)
{
	struct heard early = { .a = arena_new() }, late = { .a = early.a };
	struct secrets_reader one = { on_secret, &early, NULL };
	struct secrets_reader two = { on_secret, &late, NULL };
	struct secrets *s = secrets_new();

	(void)state;
	secrets_tell(s, &one);
	assert_true(secrets_add(s, SV("first one")));
	assert_false(secrets_add(s, SV("first one")));
	assert_false(secrets_add(s, SV("abc")));   /* too short */
	assert_false(secrets_add(s, SV("*****"))); /* it is masked already */
	secrets_tell(s, &two);
	assert_true(secrets_add(s, SV("second")));
	secrets_leave(s, &one);
	secrets_leave(s, &one);
	secrets_leave(NULL, &one);
	assert_true(secrets_add(s, SV("third")));
	assert_int_equal(early.texts.n, 2);
	assert_string_equal(early.texts.v[1], "second");
	assert_int_equal(late.texts.n, 3);
	assert_string_equal(late.texts.v[0], "first one");
	assert_string_equal(late.texts.v[2], "third");
	assert_int_equal(secrets_count(s), 3);
	assert_int_equal(secrets_count(NULL), 0);
	secrets_free(s);
	secrets_free(NULL);
	arena_free(early.a);
}

static void
texts_are_masked_whole(void **state)
{
	struct arena *a = arena_new();
	struct secrets *s = secrets_new();
	const char *text = "key=hunter2, hunt";

	(void)state;
	assert_ptr_equal(secrets_masked(s, a, text), text);
	assert_ptr_equal(secrets_masked(NULL, a, text), text);
	assert_null(secrets_masked(s, a, NULL));
	secrets_add(s, SV("hunter2"));
	assert_string_equal(secrets_masked(s, a, text), "key=*****, hunt");
	/* what was held back of one text is no part of the next */
	assert_string_equal(secrets_masked(s, a, "er2"), "er2");
	secrets_add(s, SV("hunter2, hunt"));
	assert_string_equal(secrets_masked(s, a, text), "key=*****");
	secrets_free(s);
	arena_free(a);
}

int
test_base_secrets(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_told_once_to_whoever_asks),
		cmocka_unit_test(texts_are_masked_whole),
	};

	return cmocka_run_group_tests_name("base/secrets", tests, NULL, NULL);
}
