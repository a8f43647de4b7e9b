/* SPDX-License-Identifier: MIT */
/* What is left of earlier runs besides their journals: times and receipts. */
#include "store/durations.h"

#include "store/receipts.h"
#include "tree.h"

static void
durations_are_medians_of_the_last_runs(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "st/durations");
	struct err e = ERR_INIT;
	struct durations *d = durations_read(t.a, path);

	(void)state; /* P-301 */
	assert_true(durations_expected(d, "a") < 0);
	assert_true(durations_mean(d) < 0);
	durations_add(d, "a", 3, 0);
	durations_add(d, "a", 1, 0);
	durations_add(d, "a", 2, 0);
	durations_add(d, "b: x 1\n", 4, 0);
	assert_true(durations_write(d, path, &e));
	d = durations_read(t.a, path);
	assert_float_equal(durations_expected(d, "a"), 2, 1e-9);
	assert_float_equal(durations_expected(d, "b: x 1\n"), 4, 1e-9);
	assert_float_equal(durations_mean(d), 3, 1e-9);
	for (int i = 0; i < DURATIONS_KEPT; i++)
		durations_add(d, "a", 10, 0);
	/* another run has written in between */
	{
		struct durations *other = durations_read(t.a, path);

		durations_add(other, "c", 5, 0);
		assert_true(durations_write(other, path, &e));
	}
	assert_true(durations_write(d, path, &e));
	d = durations_read(t.a, path);
	assert_float_equal(durations_expected(d, "a"), 10, 1e-9);
	assert_float_equal(durations_expected(d, "c"), 5, 1e-9);
	tree_file(&t, "st/durations", "garbage\n1 x:\n:\n12\n3 :ok\n");
	d = durations_read(t.a, path);
	assert_float_equal(durations_expected(d, "ok"), 3e-6, 1e-9);
	assert_true(durations_expected(d, "garbage") < 0);
	/* a file without cpu times is read as one core each */
	assert_float_equal(durations_cores(d, "ok"), 1, 1e-9);
	assert_true(durations_cores(d, "garbage") < 0);
	durations_add(d, "net", 2, 0.1);
	durations_add(d, "net", 2, 0.3);
	durations_add(d, "net", 2, 0.2);
	durations_add(d, "nothing", 0, 0);
	assert_float_equal(durations_cores(d, "net"), 0.1, 1e-9);
	assert_true(durations_cores(d, "nothing") < 0);
	assert_true(durations_write(d, path, &e));
	d = durations_read(t.a, path);
	assert_float_equal(durations_cores(d, "net"), 0.1, 1e-9);
	assert_float_equal(durations_expected(d, "net"), 2, 1e-9);
}

static void
receipts_are_found_by_their_whole_key(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *dir = tree_path(&t, "receipts");
	struct receipt r = { "tree 1\ntasks qa\n", "qa on\n1", "run-1", 100 };
	struct receipt got;
	receipt_vec all = { 0 };
	struct err e = ERR_INIT;

	(void)state; /* P-706 */
	assert_false(receipts_get(t.a, dir, r.key, 100, 0, &got));
	assert_true(receipts_put(dir, &r, &e));
	assert_true(receipts_get(t.a, dir, r.key, 150, 0, &got));
	assert_string_equal(got.key, r.key);
	assert_string_equal(got.title, "qa on 1");
	assert_string_equal(got.run, "run-1");
	assert_int_equal(got.at_ns, 100);
	assert_false(receipts_get(t.a, dir, "tree 1\ntasks qa", 150, 0, &got));
	assert_false(receipts_get(t.a, dir, r.key, 150, 49, &got));
	assert_false(receipts_get(t.a, dir, r.key, 99, 0, &got));
	r.key = "tree 2";
	r.at_ns = 200;
	assert_true(receipts_put(dir, &r, &e));
	receipts_list(t.a, dir, &all);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.v[0].key, "tree 2");
	receipts_expire(t.a, dir, 250, 0, 1);
	assert_false(receipts_get(t.a, dir, "tree 1\ntasks qa\n", 250, 0, &got));
	assert_true(receipts_get(t.a, dir, "tree 2", 250, 0, &got));
}

static void
damaged_receipts_attest_nothing(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *dir = tree_path(&t, "receipts");
	struct receipt r = { "key", "t", "run-1", 100 }, got;
	struct err e = ERR_INIT;
	struct dirent *entry;
	char *path = NULL;
	const char *whole;
	DIR *d;

	(void)state; /* never-event 14, after a power loss */
	assert_true(receipts_put(dir, &r, &e));
	d = opendir(dir);
	while ((entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			path = arena_printf(t.a, "receipts/%s", entry->d_name);
	closedir(d);
	whole = tree_read(&t, path);
	for (size_t n = strlen(whole); n-- > 0;) {
		tree_file(&t, path, arena_strndup(t.a, whole, n));
		assert_false(receipts_get(t.a, dir, "key", 200, 0, &got));
	}
	receipts_expire(t.a, dir, 200, 0, 0);
	assert_false(path_exists(tree_path(&t, path)));
}

int
test_store_past(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_are_medians_of_the_last_runs),
		cmocka_unit_test(receipts_are_found_by_their_whole_key),
		cmocka_unit_test(damaged_receipts_attest_nothing),
	};

	return cmocka_run_group_tests_name("past", tests, NULL, NULL);
}
