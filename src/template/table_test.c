/* SPDX-License-Identifier: MIT */
/* Runs the tables of tests/template; see the README there. */
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/map.h"
#include "go/fmt.h"
#include "template/funcs.h"
#include "template/template.h"
#include "unit.h"

/* ---- a world that stands still ---- */

static int64_t
fixed_now(void *ctx)
{
	(void)ctx;
	return INT64_C(1795243475) * 1000000000;
}

static const char *
fixed_getenv(void *ctx, const char *name)
{
	static const char *const env[][2] = {
		{ "HOME", "/home/user" },
		{ "USER", "user" },
		{ "LANG", "C" },
		{ "EMPTY", "" },
		{ "TZ", "UTC" },
	};

	(void)ctx;
	for (size_t i = 0; i < sizeof(env) / sizeof(env[0]); i++)
		if (strcmp(env[i][0], name) == 0)
			return env[i][1];
	return NULL;
}

static uint64_t
fixed_random(void *ctx)
{
	(void)ctx;
	return 4;
}

static const char *
fixed_cwd(void *ctx)
{
	(void)ctx;
	return "/srv/project";
}

static const struct tmpl_env fixed_env = {
	.now_ns = fixed_now,
	.getenv = fixed_getenv,
	.random = fixed_random,
	.cwd = fixed_cwd,
};

/* ---- data ---- */

static value
from_json(struct arena *a, json_t *j)
{
	const char *key;
	json_t *item;
	value v;
	size_t i;

	switch (json_typeof(j)) {
	case JSON_OBJECT:
		v = value_map_new(a, GO_MAP);
		json_object_foreach(j, key, item)
			value_map_set(a, v, sv_of(key), from_json(a, item));
		return v;
	case JSON_ARRAY:
		v = value_list_new(a, GO_LIST);
		json_array_foreach(j, i, item)
			value_list_add(a, v, from_json(a, item));
		return v;
	case JSON_STRING:
		return value_sv(sv_dup(a, (sv){ json_string_value(j),
		    json_string_length(j) }));
	case JSON_INTEGER:
		return value_int(json_integer_value(j));
	case JSON_REAL:
		return value_float(json_real_value(j));
	case JSON_TRUE:
	case JSON_FALSE:
		return value_bool(json_is_true(j));
	case JSON_NULL:
		break;
	}
	return VALUE_NULL;
}

/* Sets the keys of a JSON object in `data`; NULL or the parser's complaint. */
static const char *
add_data(struct arena *a, value data, sv text)
{
	json_error_t error;
	json_t *j = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &error);
	const char *key;
	json_t *item;

	if (j == NULL)
		return arena_strdup(a, error.text);
	json_object_foreach(j, key, item)
		value_map_set(a, data, sv_of(key), from_json(a, item));
	json_decref(j);
	return NULL;
}

/* ---- cases ---- */

struct table {
	struct arena *a;
	struct templater *t;
	const char *path;
	value data; /* of the file */
	int cases, failed;
	struct map *called; /* function's name → struct called */
};

/* How often the cases call a function, and how often in one that fails. */
struct called {
	int times, failing;
};

struct table_case {
	int line;
	value data;
	struct sb text, want;
	bool is_ref, has_result, is_error;
	const char *broken; /* the case itself is */
};

static void
add_line(struct sb *b, sv line)
{
	if (b->p != NULL)
		sb_addc(b, '\n');
	sb_reserve(b, 1);
	sb_addv(b, line);
}

static value
copy_map(struct arena *a, value map)
{
	value copy = value_map_new(a, GO_MAP);

	copy.u.map->entries = map_copy(a, map.u.map->entries);
	return copy;
}

static void
read_line(struct table *t, struct table_case *c, sv line)
{
	char kind = line.p[0];
	bool whole_file = sv_starts(line, SV("@@"));
	sv rest = sv_sub(line, whole_file ? 2 : 1, line.n);

	if (sv_starts(rest, SV(" ")))
		rest = sv_sub(rest, 1, rest.n);
	switch (kind) {
	case '#':
		return;
	case '@':
		c->broken = add_data(t->a, whole_file ? t->data : c->data,
		    rest);
		if (whole_file)
			c->data = copy_map(t->a, t->data);
		return;
	case '~':
	case '>':
		c->is_ref = kind == '~';
		add_line(&c->text, rest);
		return;
	case '=':
	case '!':
		c->has_result = true;
		c->is_error = kind == '!';
		add_line(&c->want, rest);
		return;
	default:
		c->broken = "unknown line";
	}
}

static bool
run(struct table *t, struct table_case *c, sv *out, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	value v[2];

	if (!c->is_ref)
		return templater_replace(t->t, t->a, sb_sv(&c->text),
		    c->data, out, e);
	if (!templater_resolve(t->t, t->a, sb_sv(&c->text), c->data, &v[0],
	    e))
		return false;
	v[1] = v[0];
	fmt_printf(&b, SV("%T %v"), v, 2);
	*out = sb_take(&b, t->a);
	return true;
}

static bool
fits(const struct table_case *c, sv got, bool ok)
{
	sv want = sb_sv(&c->want), dots = SV("…");

	if (ok == c->is_error)
		return false;
	if (c->is_error && sv_starts(want, dots))
		return sv_ends(got, sv_sub(want, dots.n, want.n));
	return sv_eq(got, want);
}

static void
count_call(struct table *t, sv name, bool failing)
{
	struct called *c;
	bool impure;

	if (func_find(name, &impure) == NULL)
		return;
	c = map_get(t->called, name);
	if (c == NULL) {
		c = arena_new_of(t->a, struct called);
		map_put(t->called, name, c);
	}
	c->times++;
	c->failing += failing;
}

static const char *
behind_string(const char *at)
{
	for (at++; *at != '\0'; at++) {
		if (*at == '"')
			return at + 1;
		if (*at == '\\' && at[1] != '\0')
			at++;
	}
	return at;
}

/* The names of functions in a template, but for those within strings. */
static void
count_calls(struct table *t, const struct table_case *c)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const char *at = sb_cstr((struct sb *)&c->text);
	size_t n;

	while (*at != '\0') {
		n = strspn(at, letters);
		if (n > 0) {
			count_call(t, (sv){ at, n }, c->is_error);
			at += n;
			continue;
		}
		if (*at == '"') {
			at = behind_string(at);
			continue;
		}
		/* a field or a variable is none */
		n = *at == '.' || *at == '$' ? strspn(at + 1, letters) : 0;
		at += n + 1;
	}
}

static void
check_case(struct table *t, struct table_case *c)
{
	struct err e cleanup_err = ERR_INIT;
	sv got = SV("");
	bool ok;

	t->cases++;
	if (c->broken == NULL && (c->text.p == NULL || !c->has_result))
		c->broken = "template or result is missing";
	if (c->broken != NULL) {
		t->failed++;
		fprintf(stderr, "%s:%d: %s\n", t->path, c->line, c->broken);
		return;
	}
	count_calls(t, c);
	ok = run(t, c, &got, &e);
	if (!ok)
		got = sv_of(e.message);
	if (fits(c, got, ok))
		return;
	t->failed++;
	fprintf(stderr, "%s:%d: %.*s\n  got:  %s%.*s\n  want: %s%.*s\n",
	    t->path, c->line, SV_ARG(sb_sv(&c->text)), ok ? "" : "error: ",
	    SV_ARG(got), c->is_error ? "error: " : "",
	    SV_ARG(sb_sv(&c->want)));
}

static void
run_file(struct table *t, const char *path)
{
	struct err e cleanup_err = ERR_INIT;
	struct table_case c = { 0 };
	sv rest, line;
	int n = 0;

	t->path = strrchr(path, '/') + 1;
	t->data = value_map_new(t->a, GO_MAP);
	assert_true(read_file(t->a, path, &rest, &e));
	while (rest.n > 0 || c.line > 0) {
		sv_cut(rest, '\n', &line, &rest);
		n++;
		if (line.n > 0) {
			if (c.line == 0) {
				c.line = n;
				c.data = copy_map(t->a, t->data);
			}
			read_line(t, &c, line);
			continue;
		}
		/* a block of comments and data is no case */
		if (c.broken || c.text.p != NULL || c.has_result)
			check_case(t, &c);
		sb_free(&c.text);
		sb_free(&c.want);
		c = (struct table_case){ 0 };
	}
}

/* Each function of a table is called three times at least, once in vain; what
 * takes any number of anything cannot fail. */
static int
too_few_calls(const struct table *t, const struct func *f)
{
	int n = 0;

	for (; f->name != NULL; f++) {
		const struct called *c = map_get(t->called, sv_of(f->name));
		bool may_fail = strcmp(f->args, "a*") != 0 &&
		    strcmp(f->args, "r*") != 0;

		if (c != NULL && c->times >= 3 && (c->failing > 0 || !may_fail))
			continue;
		n++;
		fprintf(stderr, "%s (%s): %d calls, %d of them in vain\n",
		    f->name, f->args, c ? c->times : 0, c ? c->failing : 0);
	}
	return n;
}

static void
check_calls(const struct table *t)
{
	static const struct func *const tables[] = { funcs_builtin,
		funcs_string, funcs_list, funcs_dict, funcs_math, funcs_path,
		funcs_os, funcs_encode, funcs_date, funcs_misc, funcs_regex };
	int n = 0;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		n += too_few_calls(t, tables[i]);
	assert_int_equal(n, 0);
}

static void
tables_hold(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct table t = { .a = a, .t = templater_new(a, &fixed_env),
		.called = map_new(a) };
	const char *only = getenv("PRUN_TABLE");
	glob_t files;

	(void)state;
	assert_int_equal(glob(TESTS_DIR "/template/*.txt", 0, NULL, &files),
	    0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		if (only == NULL || strstr(files.gl_pathv[i], only) != NULL)
			run_file(&t, files.gl_pathv[i]);
	globfree(&files);
	printf("%d cases of templates, %d failed\n", t.cases, t.failed);
	assert_true(t.cases > 0);
	assert_int_equal(t.failed, 0);
	if (only == NULL)
		check_calls(&t);
}

int
test_template_table(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_hold),
	};

	return cmocka_run_group_tests_name("template/table", tests, NULL,
	    NULL);
}
