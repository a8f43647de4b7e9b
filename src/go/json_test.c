/* SPDX-License-Identifier: MIT */
/* JSON beyond what templates reach; see tests/template/fn_encode.txt. */
#include "unit.h"

#include "go/from_yaml.h"
#include "go/json.h"
#include "go/yaml_out.h"
#include "yaml/yaml.h"

static void
html_escapes_are_a_choice(void **state)
{
	struct sb b cleanup_sb = SB_INIT;

	(void)state;
	json_quote(&b, SV("<a&b>\"\\\n\x01"), true);
	sb_addc(&b, ' ');
	json_quote(&b, SV("<a&b>"), false);
	assert_string_equal(sb_cstr(&b),
	    "\"\\u003ca\\u0026b\\u003e\\\"\\\\\\n\\u0001\" \"<a&b>\"");
}

static void
depth_is_bounded(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb b cleanup_sb = SB_INIT, text cleanup_sb = SB_INIT;
	value map = value_map_new(a, GO_MAP), out;

	(void)state;
	value_map_set(a, map, SV("self"), map);
	assert_false(json_write(&b, map, 0, &e));
	assert_non_null(strstr(e.message, "encountered a cycle"));
	err_clear(&e);
	/* YAML has no error to give: it ends */
	yaml_write(a, &b, map);
	sb_pad(&text, '[', 20000);
	assert_false(json_read(a, sb_sv(&text), &out, &e));
	assert_string_equal(e.message, "exceeded max depth");
}

/* L-023: only the function fromYaml makes times of timestamps */
static void
timestamps_in_a_taskfile_stay_text(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct ynode *n;
	value v;

	(void)state;
	assert_true(ynode_parse(a, SV("2020-01-02"), &n, &e));
	assert_true(value_from_ynode(a, n, &v, &e));
	assert_int_equal(v.type, GO_STRING);
	assert_string_equal(v.u.s, "2020-01-02");
	assert_true(value_from_ynode_times(a, n, &v, &e));
	assert_int_equal(v.type, GO_TIME);
}

/* L-025, L-028 */
static void
maps_have_the_type_of_their_keys(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct ynode *n;
	value v, merged;

	(void)state;
	assert_true(ynode_parse(a,
	    SV("a: {0x10: x}\nb: &b {k: 1, m: 2}\nc: {<<: *b, k: 3}"), &n,
	    &e));
	assert_true(value_from_ynode(a, n, &v, &e));
	assert_int_equal(v.type, GO_MAP);
	assert_int_equal(value_map_get(v, SV("a")).type, GO_MAP_ANY);
	assert_true(value_map_has(value_map_get(v, SV("a")), SV("16")));
	merged = value_map_get(v, SV("c"));
	assert_int_equal(merged.type, GO_MAP);
	assert_int_equal(value_map_get(merged, SV("k")).u.i, 3);
	assert_int_equal(value_map_get(merged, SV("m")).u.i, 2);
}

int
test_go_json(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html_escapes_are_a_choice),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(timestamps_in_a_taskfile_stay_text),
		cmocka_unit_test(maps_have_the_type_of_their_keys),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
