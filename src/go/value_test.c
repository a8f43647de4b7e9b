/* SPDX-License-Identifier: MIT */
#include "go/value.h"

#include <math.h>

#include "go/fmt.h"
#include "unit.h"

static value
sample(struct arena *a)
{
	value map = value_map_new(a, GO_MAP);
	value list = value_list_new(a, GO_LIST);

	value_list_add(a, list, value_int(1));
	value_list_add(a, list, VALUE_NULL);
	value_list_add(a, list, value_cstr("x"));
	value_map_set(a, map, SV("list"), list);
	value_map_set(a, map, SV("float"), value_float(1.5));
	return map;
}

/* L-139 */
static void
truth_is_gos(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	value list = value_list_new(a, GO_LIST);
	value map = value_map_new(a, GO_MAP);

	(void)state;
	assert_false(value_truth(VALUE_ABSENT));
	assert_false(value_truth(VALUE_NULL));
	assert_false(value_truth(value_bool(false)));
	assert_false(value_truth(value_int(0)));
	assert_false(value_truth(value_float(-0.0)));
	assert_false(value_truth(value_cstr("")));
	assert_false(value_truth(list));
	assert_false(value_truth(map));
	value_list_add(a, list, VALUE_NULL);
	value_map_set(a, map, SV("k"), VALUE_NULL);
	assert_true(value_truth(list));
	assert_true(value_truth(map));
	assert_true(value_truth(value_cstr("false")));
	assert_true(value_truth(value_float(NAN)));
	assert_true(value_truth(value_int64(-1)));
}

static void
equal_looks_at_types_and_contents(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	value x = sample(a), y = sample(a);

	(void)state;
	assert_true(value_equal(x, y));
	value_map_set(a, y, SV("float"), value_float(2.5));
	assert_false(value_equal(x, y));
	assert_false(value_equal(value_int(1), value_int64(1)));
	assert_false(value_equal(value_float(NAN), value_float(NAN)));
	assert_true(value_equal(VALUE_NULL, VALUE_ABSENT));
	assert_false(value_equal(value_list_new(a, GO_LIST),
	    value_list_new(a, GO_LIST_STRING)));
}

static void
copy_shares_nothing(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct arena *b = arena_new();
	value copy, want = sample(a);

	(void)state;
	copy = value_copy(a, sample(b));
	arena_free(b);
	assert_true(value_equal(copy, want));
}

static void
map_keeps_order_and_sorts_on_demand(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	value map = value_map_new(a, GO_MAP);
	const struct map_entry **sorted;

	(void)state;
	value_map_set(a, map, SV("b"), value_int(1));
	value_map_set(a, map, SV("a"), value_int(2));
	assert_string_equal(map.u.map->entries->entries[0].key.p, "b");
	sorted = value_map_sorted(a, map);
	assert_string_equal(sorted[0]->key.p, "a");
	assert_true(value_map_has(map, SV("b")));
	assert_true(value_map_del(map, SV("b")));
	assert_false(value_map_has(map, SV("b")));
	assert_int_equal(value_map_get(map, SV("b")).kind, VALUE_INVALID);
	assert_int_equal(value_map_count(map), 1);
}

static void
names_of_types_are_gos(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	assert_string_equal(value_type_name(sample(a)),
	    "map[string]interface {}");
	assert_string_equal(value_kind_name(sample(a)), "map");
	assert_string_equal(value_type_name(value_int64(1)), "int64");
	assert_string_equal(value_type_name(VALUE_NULL), "<nil>");
	assert_string_equal(value_kind_name(VALUE_NULL), "invalid");
}

/* `set $d "self" $d` makes such a map. */
static void
map_that_holds_itself_can_be_walked(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	value map = value_map_new(a, GO_MAP), copy;

	(void)state;
	value_map_set(a, map, SV("self"), map);
	assert_true(fmt_text(a, map).n < 10000);
	copy = value_copy(a, map);
	assert_int_equal(value_map_count(copy), 1);
	assert_true(value_equal(map, map));
	value_equal(map, copy);
}

int
test_go_value(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth_is_gos),
		cmocka_unit_test(equal_looks_at_types_and_contents),
		cmocka_unit_test(copy_shares_nothing),
		cmocka_unit_test(map_keeps_order_and_sorts_on_demand),
		cmocka_unit_test(names_of_types_are_gos),
		cmocka_unit_test(map_that_holds_itself_can_be_walked),
	};

	return cmocka_run_group_tests_name("template/value", tests, NULL,
	    NULL);
}
