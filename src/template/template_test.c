/* SPDX-License-Identifier: MIT */
#include "template/template.h"

#include "go/fmt.h"
#include "unit.h"

struct fixture {
	struct arena *a;
	struct templater *t;
	value data;
	struct err e;
};

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->a = arena_new();
	f->t = templater_new(f->a, tmpl_env_system());
	f->data = value_map_new(f->a, GO_MAP);
	value_map_set(f->a, f->data, SV("S"), value_cstr("str"));
	value_map_set(f->a, f->data, SV("N"), VALUE_NULL);
	value_map_set(f->a, f->data, SV("I"), value_int(7));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	err_clear(&f->e);
	arena_free(f->a);
	free(f);
	return 0;
}

static const char *
text_of(struct fixture *f, const char *text)
{
	sv out;

	if (!templater_replace(f->t, f->a, sv_of(text), f->data, &out, &f->e))
		return f->e.message;
	return sv_cstr(f->a, out);
}

/* L-124 */
static void
text_without_braces_is_handed_back(void **state)
{
	struct fixture *f = *state;
	sv in = SV("<no value> } {"), out;

	assert_true(templater_replace(f->t, f->a, in, f->data, &out, &f->e));
	assert_ptr_equal(out.p, in.p);
	assert_int_equal(out.n, in.n);
}

/* L-131 */
static void
every_no_value_is_dropped(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(text_of(f, "{{.X}}a{{.X}}{{.X}}b<no value>c"),
	    "abc");
}

static void
null_in_a_map_prints_like_a_missing_key(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(text_of(f, "[{{.N}}]{{if eq .N nil}}y{{end}}"),
	    "[]y");
	assert_string_equal(text_of(f, "{{.N.x}}"),
	    "template: :1:4: executing \"\" at <.N.x>: nil pointer "
	    "evaluating interface {}.x");
}

/* The second use of a text finds it parsed, with data of its own. */
static void
text_is_parsed_once_and_run_often(void **state)
{
	struct fixture *f = *state;
	value other = value_map_new(f->a, GO_MAP);
	size_t before;
	sv out;

	value_map_set(f->a, other, SV("S"), value_cstr("other"));
	assert_string_equal(text_of(f, "{{.S}}!"), "str!");
	before = arena_size(f->a);
	assert_true(templater_replace(f->t, f->a, SV("{{.S}}!"), other, &out,
	    &f->e));
	assert_string_equal(out.p, "other!");
	assert_true(arena_size(f->a) - before < 1024);
}

static void
parse_error_is_the_same_each_time(void **state)
{
	struct fixture *f = *state;
	static const char want[] = "template: :1: unclosed action";

	assert_string_equal(text_of(f, "{{.S"), want);
	err_clear(&f->e);
	assert_string_equal(text_of(f, "{{.S"), want);
}

static value
nested(struct fixture *f)
{
	value map = value_map_new(f->a, GO_MAP);
	value list = value_list_new(f->a, GO_LIST);

	value_list_add(f->a, list, value_cstr("{{.S}}"));
	value_list_add(f->a, list, VALUE_NULL);
	value_list_add(f->a, list, value_int(3));
	value_map_set(f->a, map, SV("{{.S}}"), list);
	value_map_set(f->a, map, SV("null"), VALUE_NULL);
	value_map_set(f->a, map, SV("number"), value_cstr("{{.I}}"));
	value_map_set(f->a, map, SV("bool"), value_bool(true));
	return map;
}

/* L-083 */
static void
strings_inside_values_are_replaced(void **state)
{
	struct fixture *f = *state;
	value in = nested(f), out;
	struct sb b cleanup_sb = SB_INIT;

	assert_true(templater_replace_value(f->t, f->a, in, f->data, &out,
	    &f->e));
	fmt_printf(&b, SV("%#v"), &out, 1);
	assert_string_equal(sb_cstr(&b),
	    "map[string]interface {}{\"bool\":true, \"number\":\"7\", "
	    "\"{{.S}}\":[]interface {}{\"str\", interface {}(nil), 3}}");
	assert_int_equal(value_map_count(in), 4);
}

static void
error_inside_a_value_is_reported(void **state)
{
	struct fixture *f = *state;
	value in = value_list_new(f->a, GO_LIST), out;

	value_list_add(f->a, in, value_cstr("{{.S.x}}"));
	assert_false(templater_replace_value(f->t, f->a, in, f->data, &out,
	    &f->e));
	assert_string_equal(f->e.message, "template: :1:4: executing \"\" at "
	    "<.S.x>: can't evaluate field x in type interface {}");
}

/* L-084 */
static void
ref_keeps_the_type(void **state)
{
	struct fixture *f = *state;
	value out;

	assert_true(templater_resolve(f->t, f->a, SV(".I"), f->data, &out,
	    &f->e));
	assert_int_equal(out.kind, VALUE_INT);
	assert_int_equal(out.u.i, 7);
	assert_true(templater_resolve(f->t, f->a, SV(".X"), f->data, &out,
	    &f->e));
	assert_int_equal(out.kind, VALUE_NIL);
	assert_true(templater_resolve(f->t, f->a, SV("."), f->data, &out,
	    &f->e));
	assert_ptr_equal(out.u.map, f->data.u.map);
	assert_false(templater_resolve(f->t, f->a, SV("L"), f->data, &out,
	    &f->e));
	assert_string_equal(f->e.message,
	    "template: resolver:1: function \"L\" not defined");
}

/* ---- names that a text reads ---- */

static const char *
names_in(struct fixture *f, const char *text, bool is_ref)
{
	struct templater_needs needs = { 0 };
	struct sb b cleanup_sb = SB_INIT;
	const struct map_entry *entry;

	templater_names(f->t, f->a, sv_of(text), is_ref, &needs);
	map_each(needs.names, entry) {
		if (b.n > 0)
			sb_addc(&b, ' ');
		sb_addv(&b, entry->key);
	}
	if (needs.all)
		sb_adds(&b, b.n > 0 ? " *" : "*");
	if (needs.impure)
		sb_adds(&b, " impure");
	return sb_take(&b, f->a).p;
}

static void
names_are_those_of_the_root(void **state)
{
	static const struct {
		const char *text, *names;
		bool is_ref;
	} cases[] = {
		{ "plain .A", "", false },
		{ "{{.A}}", "A", false },
		{ "{{.A.b.c}} {{$.B}} {{.A}}", "A B", false },
		{ "{{if .A}}{{.B}}{{else}}{{.C}}{{end}}", "A B C", false },
		{ "{{range .A}}{{.b}}{{$.C}}{{else}}{{.D}}{{end}}", "A C D",
		    false },
		{ "{{with .A}}{{.}}{{.b}}{{end}}", "A", false },
		{ "{{$x := .A}}{{$x.b}}", "A", false },
		{ "{{printf \"%s\" (print .A) | print .B}}", "A B", false },
		{ "{{index . \"A-b\"}}", "A-b", false },
		{ "{{index $ \"A\" .B}}", "A B", false },
		{ "{{(index . \"A\").b}}", "A", false },
		{ "{{index . .A}}", "A *", false },
		{ "{{index .A .B}}", "A B", false },
		{ "{{.}}", "*", false },
		{ "{{$}}", "*", false },
		{ "{{$x := .}}", "*", false },
		{ "{{with $}}{{.A}}{{end}}", "*", false },
		{ "{{range .A}}{{$}}{{end}}", "A *", false },
		{ "{{define \"t\"}}{{.a}}{{$.b}}{{.}}{{end}}"
		  "{{template \"t\" .A}}",
		    "A", false },
		{ "{{block \"t\" .A}}{{.a}}{{end}}", "A", false },
		{ "{{define \"t\"}}{{.a}}{{end}}{{template \"t\" .}}", "*",
		    false },
		{ "{{.A", "*", false },
		{ ".A", "A", true },
		{ ".", "*", true },
		{ "len .A.b", "A", true },
		{ "nofunc .A", "*", true },
		{ "{{now}}", " impure", false },
		{ "{{if .A}}{{.B | date \"2006\"}}{{end}}", "A B impure",
		    false },
		{ "{{define \"t\"}}{{uuid}}{{end}}{{template \"t\" .A}}",
		    "A impure", false },
		/* words that only look like such a function */
		{ "date now {{.now}} {{\"uuid\" | upper}}", "now", false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *got = names_in(f, cases[i].text, cases[i].is_ref);

		if (strcmp(got, cases[i].names) != 0)
			fail_msg("%s: %s and not %s", cases[i].text, got,
			    cases[i].names);
	}
}

/* ---- hostile texts ---- */

static const char *
repeated(struct fixture *f, const char *front, const char *middle,
    const char *back, int n)
{
	struct sb b cleanup_sb = SB_INIT;

	for (int i = 0; i < n; i++)
		sb_adds(&b, front);
	sb_adds(&b, middle);
	for (int i = 0; i < n; i++)
		sb_adds(&b, back);
	return sb_take(&b, f->a).p;
}

static void
deep_nesting_is_an_error(void **state)
{
	struct fixture *f = *state;
	const char *paren = repeated(f, "(", ".S", ")", 100000);
	const char *blocks = repeated(f, "{{if 1}}", "x", "{{end}}", 100000);
	const char *chain = repeated(f, "{{else if 0}}", "", "", 100000);

	assert_string_equal(text_of(f, arena_printf(f->a, "{{%s}}", paren)),
	    "template: :1: max expression depth exceeded");
	err_clear(&f->e);
	assert_string_equal(text_of(f, blocks),
	    "template: :1: max nesting depth exceeded");
	err_clear(&f->e);
	assert_string_equal(text_of(f, arena_printf(f->a,
	    "{{if 0}}%s{{end}}", chain)),
	    "template: :1: max nesting depth exceeded");
}

static void
nesting_within_reason_works(void **state)
{
	struct fixture *f = *state;
	const char *paren = repeated(f, "(", ".S", ")", 900);
	const char *blocks = repeated(f, "{{if 1}}", "x", "{{end}}", 900);

	assert_string_equal(text_of(f, arena_printf(f->a, "{{%s}}", paren)),
	    "str");
	assert_string_equal(text_of(f, blocks), "x");
}

static void
endless_templates_end(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(text_of(f,
	    "{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}"),
	    "template: :1:25: executing \"a\" at <{{template \"a\"}}>: "
	    "exceeded maximum template depth (3000)");
	err_clear(&f->e);
	assert_non_null(strstr(text_of(f, "{{template \"\"}}"),
	    "exceeded maximum template depth"));
	err_clear(&f->e);
	assert_non_null(strstr(text_of(f,
	    "{{range 9000000000000000000}}{{end}}"),
	    "exceeded maximum number of iterations"));
}

/* Output doubles with each level of the templates. */
static void
exploding_output_ends(void **state)
{
	struct fixture *f = *state;
	struct sb b cleanup_sb = SB_INIT;
	const char *message;

	for (int i = 0; i < 12; i++)
		sb_printf(&b, "{{define \"%d\"}}{{range 10}}"
		    "{{template \"%d\"}}{{end}}{{end}}", i, i + 1);
	sb_printf(&b, "{{define \"12\"}}%s{{end}}{{template \"0\"}}",
	    repeated(f, "x", "", "", 100000));
	message = text_of(f, sb_cstr(&b));
	assert_non_null(strstr(message, "exceeded maximum output size"));
}

int
test_template_template(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(text_without_braces_is_handed_back),
		TEST(every_no_value_is_dropped),
		TEST(null_in_a_map_prints_like_a_missing_key),
		TEST(text_is_parsed_once_and_run_often),
		TEST(parse_error_is_the_same_each_time),
		TEST(strings_inside_values_are_replaced),
		TEST(error_inside_a_value_is_reported),
		TEST(ref_keeps_the_type),
		TEST(names_are_those_of_the_root),
		TEST(deep_nesting_is_an_error),
		TEST(nesting_within_reason_works),
		TEST(endless_templates_end),
		TEST(exploding_output_ends),
	};

	return cmocka_run_group_tests_name("template/template", tests, NULL,
	    NULL);
}
