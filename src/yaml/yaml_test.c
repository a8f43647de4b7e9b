/* SPDX-License-Identifier: MIT */
#include "yaml/yaml.h"

#include <math.h>
#include <stdio.h>

#include "unit.h"

static void
dump(struct sb *out, const struct ynode *n)
{
	if (n == NULL) {
		sb_adds(out, "nothing");
		return;
	}
	if (n->kind == YNODE_SCALAR) {
		sb_printf(out, "%s:%.*s", ynode_tag_text(n), SV_ARG(n->text));
		return;
	}
	sb_addc(out, n->kind == YNODE_SEQ ? '[' : '{');
	for (size_t i = 0; i < n->n; i++) {
		if (i > 0)
			sb_addc(out, ' ');
		dump(out, n->items[i]);
	}
	sb_addc(out, n->kind == YNODE_SEQ ? ']' : '}');
}

static void
check(const char *text, const char *want)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb out cleanup_sb = SB_INIT;
	struct ynode *n;

	if (ynode_parse(a, sv_of(text), &n, &e))
		dump(&out, n);
	else
		sb_printf(&out, "%s", e.message);
	assert_string_equal(sb_cstr(&out), want);
}

/* L-019, L-021 to L-023 */
static void
plain_scalars_resolve_as_go_yaml_does(void **state)
{
	static const char *const table[][2] = {
		{ "true", "!!bool:true" }, { "False", "!!bool:False" },
		{ "tRUE", "!!str:tRUE" }, { "yes", "!!str:yes" },
		{ "'true'", "!!str:true" }, { "~", "!!null:~" },
		{ "[,]", "yaml: did not find expected node content" },
		{ "a:", "{!!str:a !!null:}" }, { "Null", "!!null:Null" },
		{ "nUll", "!!str:nUll" }, { "17", "!!int:17" },
		{ "+5", "!!int:+5" }, { "-5", "!!int:-5" },
		{ "017", "!!int:017" }, { "08", "!!float:08" },
		{ "1_000", "!!int:1_000" }, { "0x1F", "!!int:0x1F" },
		{ "0b101", "!!int:0b101" }, { "0o17", "!!int:0o17" },
		{ "0b-1", "!!int:0b-1" }, { "0b2", "!!str:0b2" },
		{ "0x", "!!str:0x" }, { "-", "[!!null:]" },
		{ "18446744073709551615", "!!int:18446744073709551615" },
		{ "18446744073709551616", "!!float:18446744073709551616" },
		{ "1.0", "!!float:1.0" }, { ".5", "!!float:.5" },
		{ "1.", "!!float:1." }, { "1e3", "!!float:1e3" },
		{ "1e400", "!!str:1e400" }, { ".", "!!str:." },
		{ ".5_0", "!!str:.5_0" }, { "5_0.5", "!!float:5_0.5" },
		{ ".inf", "!!float:.inf" }, { "-.INF", "!!float:-.INF" },
		{ ".NaN", "!!float:.NaN" }, { "12:30", "!!str:12:30" },
		{ "2020-01-02", "!!timestamp:2020-01-02" },
		{ "2020-1-2", "!!timestamp:2020-1-2" },
		{ "2020-13-02", "!!str:2020-13-02" },
		{ "2021-02-29", "!!str:2021-02-29" },
		{ "2020-02-29", "!!timestamp:2020-02-29" },
		{ "2020-01-02T03:04:05Z", "!!timestamp:2020-01-02T03:04:05Z" },
		{ "2020-01-02t03:04:05.5+02:00",
		    "!!timestamp:2020-01-02t03:04:05.5+02:00" },
		{ "2020-01-02 03:04:05", "!!timestamp:2020-01-02 03:04:05" },
		{ "2020-01-02 03:04:05Z", "!!str:2020-01-02 03:04:05Z" },
		{ "02020-01-02", "!!str:02020-01-02" },
		{ "!!str 5", "!!str:5" }, { "!!float 5", "!!float:5" },
		{ "!!int x", "yaml: cannot decode !!str `x` as a !!int" },
		{ "!!binary aGk=", "!!binary:hi" },
		{ "!!binary aGk", "yaml: !!binary value contains invalid "
				  "base64 data" },
		{ "!mine 5", "!mine:5" }, { "! 5", "!!int:5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		check(table[i][0], table[i][1]);
}

/* L-017, L-027 */
static void
documents_and_anchors(void **state)
{
	(void)state;
	check("", "nothing");
	check("# only a comment\n", "nothing");
	check("---\n", "!!null:");
	check("a: 1\n---\nb: [\n", "{!!str:a !!int:1}");
	check("\xEF\xBB\xBF"
	      "a: 1\r\nb: 2\r\n",
	    "{!!str:a !!int:1 !!str:b !!int:2}");
	check("a: &x [1]\nb: *x\n", "{!!str:a [!!int:1] !!str:b [!!int:1]}");
	check("a: *x\n", "yaml: unknown anchor 'x' referenced");
	check("a: &x [*x]\n", "yaml: anchor 'x' value contains itself");
	check("{a: &x 1, b: &x 2, c: *x}",
	    "{!!str:a !!int:1 !!str:b !!int:2 !!str:c !!int:2}");
}

/* L-033 */
static void
errors_have_go_yamls_text_and_line(void **state)
{
	(void)state;
	check("a: [1\nb: 2\n",
	    "yaml: line 1: did not find expected ',' or ']'");
	check("a: b: c\n",
	    "yaml: mapping values are not allowed in this context");
	check("x: 1\na: b: c\n",
	    "yaml: line 2: mapping values are not allowed in this context");
	/* found by the scanner, two tokens ahead of the parser */
	check("version: \"3\"includes:\n  lib: x\n",
	    "yaml: mapping values are not allowed in this context");
	check("a:\n\t- b\n", "yaml: line 2: found character that cannot start "
			     "any token");
	check("a: \xff\n", "yaml: invalid leading UTF-8 octet");
}

static void
plain_text_in_a_list_may_end_with_a_colon(void **state)
{
	(void)state;
	check("[echo a:, b]", "[!!str:echo a: !!str:b]");
	check("{a: b:, c:}", "{!!str:a !!str:b: !!str:c: !!null:}");
	check("['\xC3\xBC:', \xC3\xBC:, y::]",
	    "[!!str:\xC3\xBC: !!str:\xC3\xBC: !!str:y::]");
	check("\xEF\xBB\xBF[a:]", "[!!str:a:]");
	check("[a:[b]]", "yaml: did not find expected ',' or ']'");
	/* the character that hides is left alone where it is written */
	check("[\xEE\x80\x80, b]", "[!!str:\xEE\x80\x80 !!str:b]");
	check("[\xEE\x80\x80, b:]", "yaml: found unexpected ':'");
}

static void
struct_fields_merge_explicit_keys_first(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct ynode *n, **f;
	size_t count;

	(void)state;
	/* L-028 */
	assert_true(ynode_parse(a,
	    SV("{<<: [{a: 1, b: 2}, {a: 3, c: 4}], b: 5}"), &n, &e));
	assert_true(ynode_fields(a, n, &f, &count, &e));
	assert_int_equal(count, 6);
	assert_string_equal(f[0]->text.p, "b");
	assert_string_equal(f[1]->text.p, "5");
	assert_string_equal(f[3]->text.p, "1");
	assert_string_equal(f[5]->text.p, "4");
	assert_string_equal(ynode_get(n, "a")->text.p, "1");
	assert_string_equal(ynode_get(n, "b")->text.p, "5");
	assert_null(ynode_get(n, "d"));
	assert_true(ynode_parse(a, SV("<<: 5"), &n, &e));
	assert_false(ynode_fields(a, n, &f, &count, &e));
	assert_string_equal(e.message,
	    "yaml: map merge requires map or sequence of maps as the value");
}

static void
typed_readings(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct ynode *n;
	int64_t i;
	uint64_t u;
	double d;
	bool b;

	(void)state;
	assert_true(ynode_parse(a,
	    SV("[-0x10, 0o17, 18446744073709551615, -.inf, 1e3, 'yes', Off, "
	       "'true', 08]"),
	    &n, &e));
	assert_true(ynode_int(n->items[0], &i));
	assert_int_equal(i, -16);
	assert_true(ynode_int(n->items[1], &i));
	assert_int_equal(i, 15);
	assert_false(ynode_int(n->items[2], &i));
	assert_true(ynode_uint(n->items[2], &u));
	assert_true(u == UINT64_MAX);
	assert_true(ynode_float(n->items[3], &d) && isinf(d) && d < 0);
	assert_true(ynode_float(n->items[4], &d) && d > 999 && d < 1001);
	/* L-020 */
	assert_false(ynode_bool(n->items[5], &b));
	assert_true(ynode_bool_yaml11(n->items[5], &b) && b);
	assert_true(ynode_bool_yaml11(n->items[6], &b) && !b);
	assert_false(ynode_bool_yaml11(n->items[7], &b));
	assert_true(ynode_float(n->items[8], &d) && d > 7 && d < 9);
}

static void
depth_is_bounded_also_through_aliases(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb s cleanup_sb = SB_INIT;
	struct ynode *n;

	(void)state;
	sb_adds(&s, "- &a ");
	sb_pad(&s, '[', 6000);
	sb_pad(&s, ']', 6000);
	sb_adds(&s, "\n- ");
	sb_pad(&s, '[', 6000);
	sb_adds(&s, "*a");
	sb_pad(&s, ']', 6000);
	assert_false(ynode_parse(a, sb_sv(&s), &n, &e));
	assert_string_equal(e.message,
	    "yaml: line 2: exceeded max depth of 10000");
	err_clear(&e);
	sb_clear(&s);
	sb_pad(&s, '[', 20000);
	assert_false(ynode_parse(a, sb_sv(&s), &n, &e));
	assert_non_null(strstr(e.message, "exceeded max depth"));
}

static void
alias_bomb_is_refused(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb s cleanup_sb = SB_INIT;
	struct ynode *n;

	(void)state;
	sb_adds(&s, "a0: &a0 [x, x]\n");
	for (int i = 1; i < 80; i++)
		sb_printf(&s, "a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i - 1,
		    i - 1, i - 1);
	assert_false(ynode_parse(a, sb_sv(&s), &n, &e));
	assert_string_equal(e.message,
	    "yaml: document contains excessive aliasing");
}

/* Whoever goes through a map gives back what is behind, and what is ahead
 * stays as it is, whatever the memory is used for. */
static void
walk_and_recycle(const char *first, bool is_recycled)
{
	struct arena *a cleanup_arena = arena_new();
	struct arena *nodes cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb s cleanup_sb = SB_INIT;
	struct ynode *n;
	size_t size;

	sb_adds(&s, first);
	for (int i = 0; i < 5000; i++)
		sb_printf(&s, "k%d: {a: [v%d, '%d'], b: }\n", i, i, i);
	assert_true(ynode_parse_apart(a, nodes, sb_sv(&s), &n, &e));
	assert_int_equal(n->n, 10002);
	size = arena_size(nodes);
	for (size_t i = 2; i < n->n; i += 2) {
		char want[16];

		ynode_recycle(a, nodes, n, i);
		memset(arena_alloc(a, 100), 'x', 100);
		snprintf(want, sizeof(want), "v%zu", i / 2 - 1);
		assert_int_equal(n->items[i]->line, i / 2 + 1);
		assert_string_equal(n->items[i]->text.p + 1, want + 1);
		assert_string_equal(
		    ynode_get(n->items[i + 1], "a")->items[0]->text.p, want);
	}
	assert_int_equal(arena_size(nodes) < size / 2, is_recycled);
}

static void
nodes_apart_are_recycled(void **state)
{
	(void)state;
	walk_and_recycle("k: v\n", true);
	/* what libyaml has read lies elsewhere */
	walk_and_recycle("k: &v v\n", false);
}

int
test_yaml_yaml(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_scalars_resolve_as_go_yaml_does),
		cmocka_unit_test(documents_and_anchors),
		cmocka_unit_test(errors_have_go_yamls_text_and_line),
		cmocka_unit_test(plain_text_in_a_list_may_end_with_a_colon),
		cmocka_unit_test(struct_fields_merge_explicit_keys_first),
		cmocka_unit_test(typed_readings),
		cmocka_unit_test(depth_is_bounded_also_through_aliases),
		cmocka_unit_test(alias_bomb_is_refused),
		cmocka_unit_test(nodes_apart_are_recycled),
	};

	return cmocka_run_group_tests_name("yaml/yaml", tests, NULL, NULL);
}
