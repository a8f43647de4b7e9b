/* SPDX-License-Identifier: MIT */
#include "base/map.h"

#include <stdio.h>

#include "unit.h"

static void
order_is_that_of_insertion(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct map *m = map_new(a);
	char want[16];
	const struct map_entry *e;
	int n = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		map_put(m, sv_of(arena_printf(a, "k%d", i)), a);
	map_each(m, e) {
		snprintf(want, sizeof(want), "k%d", n++);
		assert_string_equal(e->key.p, want);
	}
	assert_int_equal(n, 1000);
}

static void
removed_key_comes_back_at_the_end(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct map *m = map_new(a);
	int one = 1, two = 2;

	(void)state;
	map_put(m, SV("a"), &one);
	map_put(m, SV("b"), &one);
	assert_true(map_del(m, SV("a")));
	assert_false(map_del(m, SV("a")));
	assert_null(map_get(m, SV("a")));
	map_put(m, SV("a"), &two);
	assert_ptr_equal(map_get(m, SV("a")), &two);
	assert_int_equal(map_count(m), 2);
	assert_int_equal(map_index(m, SV("b")), 1);
	assert_int_equal(map_index(m, SV("a")), 2);
	assert_int_equal(map_index(m, SV("c")), -1);
	assert_string_equal(map_sorted(a, m)[0]->key.p, "a");
	assert_string_equal(m->entries[m->n - 1].key.p, "a");
}

enum { KEYS = 40 };

/* The map's story told naively: an array of keys in order. */
struct model {
	int keys[KEYS];
	int values[KEYS];
	size_t n;
};

static size_t
model_find(const struct model *m, int key)
{
	size_t i = 0;

	while (i < m->n && m->keys[i] != key)
		i++;
	return i;
}

static void
model_put(struct model *m, int key, int value)
{
	size_t i = model_find(m, key);

	if (i == m->n)
		m->keys[m->n++] = key;
	m->values[i] = value;
}

static bool
model_del(struct model *m, int key)
{
	size_t i = model_find(m, key);

	if (i == m->n)
		return false;
	m->n--;
	memmove(&m->keys[i], &m->keys[i + 1], (m->n - i) * sizeof(int));
	memmove(&m->values[i], &m->values[i + 1], (m->n - i) * sizeof(int));
	return true;
}

static void
assert_like_model(const struct map *map, const struct model *m)
{
	const struct map_entry *e;
	char want[16];
	size_t i = 0;

	assert_int_equal(map_count(map), m->n);
	map_each(map, e) {
		assert_true(i < m->n);
		snprintf(want, sizeof(want), "k%d", m->keys[i]);
		assert_string_equal(e->key.p, want);
		assert_int_equal(*(int *)e->value, m->values[i]);
		assert_ptr_equal(map_get(map, e->key), e->value);
		i++;
	}
	assert_int_equal(i, m->n);
}

static void
random_operations_agree_with_a_naive_model(void **state)
{
	static int numbers[1000];
	unsigned seed = 42;

	(void)state;
	for (int i = 0; i < 1000; i++)
		numbers[i] = i;
	for (int round = 0; round < 200; round++) {
		struct arena *a cleanup_arena = arena_new();
		struct map *map = map_new(a);
		struct model model = { .n = 0 };

		/* few keys in some rounds: the map without an index */
		int keys = round % 4 == 0 ? 6 : KEYS;

		for (int step = 0; step < 300; step++) {
			int key, value;
			sv name;

			seed = seed * 1103515245 + 12345;
			key = (int)(seed >> 16) % keys;
			value = (int)(seed >> 8) % 1000;
			name = sv_of(arena_printf(a, "k%d", key));
			if (seed >> 28 < 10) {
				map_put(map, name, &numbers[value]);
				model_put(&model, key, value);
			} else {
				assert_int_equal(map_del(map, name),
				    model_del(&model, key));
			}
		}
		assert_like_model(map, &model);
		assert_like_model(map_copy(a, map), &model);
	}
}

static void
copy_does_not_share_entries(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct map *m = map_new(a), *copy;
	int one = 1, two = 2;

	(void)state;
	map_put(m, SV("a"), &one);
	copy = map_copy(a, m);
	map_put(copy, SV("a"), &two);
	map_put(copy, SV("b"), &two);
	assert_ptr_equal(map_get(m, SV("a")), &one);
	assert_int_equal(map_count(m), 1);
}

static void
keys_may_hold_any_bytes(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct map *m = map_new(a);
	int one = 1, two = 2;
	char key[] = "key";

	(void)state;
	map_put(m, (sv){ "a\0b", 3 }, &one);
	map_put(m, (sv){ "a\0c", 3 }, &two);
	map_put(m, (sv){ NULL, 0 }, &two);
	map_put(m, sv_of(key), &one);
	key[0] = 'X'; /* the map has its own copy */
	assert_ptr_equal(map_get(m, (sv){ "a\0b", 3 }), &one);
	assert_ptr_equal(map_get(m, (sv){ "a\0c", 3 }), &two);
	assert_ptr_equal(map_get(m, SV("")), &two);
	assert_ptr_equal(map_get(m, SV("key")), &one);
	assert_string_equal(map_key(m, SV("key")), "key");
	assert_null(map_key(m, SV("none")));
	assert_null(map_get(NULL, SV("none")));
}

static void
a_key_is_kept_where_that_is_said(void **state)
{
	static const char key[] = "key";
	struct arena *a cleanup_arena = arena_new();
	struct map *m = map_new_for(a, 2);

	(void)state;
	map_put_kept(m, sv_of(key), a);
	assert_ptr_equal(map_key(m, SV("key")), key);
	map_put(m, SV("copied"), a);
	/* and it holds more than it was made for */
	for (int i = 0; i < 20; i++)
		map_put(m, sv_of(arena_printf(a, "k%d", i)), a);
	assert_int_equal(map_count(m), 22);
	assert_ptr_equal(map_get(m, SV("k19")), a);
	assert_false(map_add_kept(m, SV("key"), m));
	assert_ptr_equal(map_get(m, SV("key")), a);
	map_del(m, SV("key"));
	map_put_kept(m, SV("key"), m);
	assert_ptr_equal(map_get(m, SV("key")), m);
	assert_int_equal(map_index(m, SV("key")), 22);
	map_del(m, SV("key"));
	assert_true(map_add_kept(m, SV("key"), a));
	assert_int_equal(map_index(m, SV("key")), 23);
}

static void
sorting_is_bytewise(void **state)
{
	static const char *const keys[] = { "b", "a", "B", "ab", "\xC3\xA9",
		"" };
	static const char *const sorted[] = { "", "B", "a", "ab", "b",
		"\xC3\xA9" };
	struct arena *a cleanup_arena = arena_new();
	struct map *m = map_new(a);
	const struct map_entry **got;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		map_put(m, sv_of(keys[i]), a);
	map_put(m, SV("gone"), a);
	map_del(m, SV("gone"));
	got = map_sorted(a, m);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(got[i]->key.p, sorted[i]);
}

int
test_base_map(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_that_of_insertion),
		cmocka_unit_test(removed_key_comes_back_at_the_end),
		cmocka_unit_test(random_operations_agree_with_a_naive_model),
		cmocka_unit_test(copy_does_not_share_entries),
		cmocka_unit_test(keys_may_hold_any_bytes),
		cmocka_unit_test(a_key_is_kept_where_that_is_said),
		cmocka_unit_test(sorting_is_bytewise),
	};

	return cmocka_run_group_tests_name("base/map", tests, NULL, NULL);
}
