/* SPDX-License-Identifier: MIT */
/* The functions of text/template itself (L-141, L-145, L-146). */
#include "base/utf8.h"
#include "go/fmt.h"
#include "template/funcs.h"

#define BUILTIN(name)                                                         \
	static bool name(struct func_ctx *c __attribute__((unused)),          \
	    const value *args, size_t n __attribute__((unused)), value *out,  \
	    struct err *e __attribute__((unused)))

#define fail(...) err_set(e, ERR_GENERIC, __VA_ARGS__)

/* ---- comparison ---- */

enum basic { BASIC_NONE, BASIC_BOOL, BASIC_INT, BASIC_UINT, BASIC_FLOAT,
	BASIC_STRING };

static enum basic
basic_kind(value v)
{
	switch ((enum value_kind)v.kind) {
	case VALUE_BOOL:
		return BASIC_BOOL;
	case VALUE_INT:
	case VALUE_DURATION:
		return BASIC_INT;
	case VALUE_UINT:
		return BASIC_UINT;
	case VALUE_FLOAT:
		return BASIC_FLOAT;
	case VALUE_STRING:
		/* a UUID is an array to Go */
		return v.type == GO_STRING ? BASIC_STRING : BASIC_NONE;
	default:
		return BASIC_NONE;
	}
}

static bool
same_basic(enum basic kind, value a, value b)
{
	switch (kind) {
	case BASIC_BOOL:
		return a.u.b == b.u.b;
	case BASIC_INT:
		return a.u.i == b.u.i;
	case BASIC_UINT:
		return a.u.u == b.u.u;
	case BASIC_FLOAT:
		return a.u.f == b.u.f;
	default:
		return sv_eq(value_text(a), value_text(b));
	}
}

static const char *
as_string(struct arena *a, value v)
{
	struct sb b cleanup_sb = SB_INIT;

	fmt_printf(&b, SV("%s"), &v, 1);
	return sb_take(&b, a).p;
}

/* Neither is a basic kind: nil, lists, maps, times. */
static bool
equal_other(struct arena *a, value x, value y, bool *same, struct err *e)
{
	bool nil = value_is_nil(x) || value_is_nil(y);

	if (nil) {
		*same = value_is_nil(x) && value_is_nil(y);
		return true;
	}
	if (x.kind != y.kind)
		return fail("non-comparable types %s: %s, %s: %s",
		    as_string(a, x), value_type_name(x), value_type_name(y),
		    fmt_text(a, y).p);
	if (y.kind == VALUE_LIST || y.kind == VALUE_MAP)
		return fail("non-comparable type %s: %s", as_string(a, y),
		    value_type_name(y));
	*same = value_equal(x, y);
	return true;
}

static bool
equal(struct arena *a, value x, value y, bool *same, struct err *e)
{
	enum basic kx = basic_kind(x), ky = basic_kind(y);

	if (kx == ky && kx != BASIC_NONE)
		*same = same_basic(kx, x, y);
	else if (kx == ky)
		return equal_other(a, x, y, same, e);
	else if (kx == BASIC_INT && ky == BASIC_UINT)
		*same = x.u.i >= 0 && (uint64_t)x.u.i == y.u.u;
	else if (kx == BASIC_UINT && ky == BASIC_INT)
		*same = y.u.i >= 0 && (uint64_t)y.u.i == x.u.u;
	else if (!value_is_nil(x) && !value_is_nil(y))
		return fail("incompatible types for comparison");
	else
		*same = false;
	return true;
}

static bool
less(value x, value y, bool *lt, struct err *e)
{
	enum basic kx = basic_kind(x), ky = basic_kind(y);

	if (kx == BASIC_NONE || ky == BASIC_NONE)
		return fail("invalid type for comparison");
	if (kx == BASIC_INT && ky == BASIC_UINT)
		*lt = x.u.i < 0 || (uint64_t)x.u.i < y.u.u;
	else if (kx == BASIC_UINT && ky == BASIC_INT)
		*lt = y.u.i >= 0 && x.u.u < (uint64_t)y.u.i;
	else if (kx != ky)
		return fail("incompatible types for comparison");
	else if (kx == BASIC_BOOL)
		return fail("invalid type for comparison");
	else if (kx == BASIC_FLOAT)
		*lt = x.u.f < y.u.f;
	else if (kx == BASIC_INT)
		*lt = x.u.i < y.u.i;
	else if (kx == BASIC_UINT)
		*lt = x.u.u < y.u.u;
	else
		*lt = sv_cmp(value_text(x), value_text(y)) < 0;
	return true;
}

static bool
less_or_equal(struct arena *a, value x, value y, bool *le, struct err *e)
{
	if (!less(x, y, le, e))
		return false;
	return *le || equal(a, x, y, le, e);
}

BUILTIN(builtin_eq)
{
	bool same = false;

	if (n < 2)
		return fail("missing argument for comparison");
	for (size_t i = 1; i < n && !same; i++)
		if (!equal(c->a, args[0], args[i], &same, e))
			return false;
	*out = value_bool(same);
	return true;
}

BUILTIN(builtin_ne)
{
	bool same;

	if (!equal(c->a, args[0], args[1], &same, e))
		return false;
	*out = value_bool(!same);
	return true;
}

BUILTIN(builtin_lt)
{
	bool is;

	if (!less(args[0], args[1], &is, e))
		return false;
	*out = value_bool(is);
	return true;
}

BUILTIN(builtin_le)
{
	bool is;

	if (!less_or_equal(c->a, args[0], args[1], &is, e))
		return false;
	*out = value_bool(is);
	return true;
}

BUILTIN(builtin_gt)
{
	bool is;

	if (!less_or_equal(c->a, args[0], args[1], &is, e))
		return false;
	*out = value_bool(!is);
	return true;
}

BUILTIN(builtin_ge)
{
	bool is;

	if (!less(args[0], args[1], &is, e))
		return false;
	*out = value_bool(!is);
	return true;
}

BUILTIN(builtin_not)
{
	*out = value_bool(!value_truth(args[0]));
	return true;
}

/* `and`, `or` and `call` are the evaluator's; this only fills the table. */
BUILTIN(builtin_special)
{
	(void)args;
	(void)out;
	BUG("a special form was called");
}

/* ---- len, index ---- */

BUILTIN(builtin_len)
{
	value v = args[0];

	switch ((enum value_kind)v.kind) {
	case VALUE_INVALID:
		return fail("reflect: call of reflect.Value.Type on zero "
		    "Value");
	case VALUE_NIL:
		return fail("len of nil pointer");
	case VALUE_STRING:
		if (v.type == GO_LOCATION)
			return fail("len of type time.Location");
		*out = value_int(v.type == GO_UUID ? 16 : (int64_t)v.len);
		return true;
	case VALUE_LIST:
		*out = value_int((int64_t)v.u.list->n);
		return true;
	case VALUE_MAP:
		*out = value_int((int64_t)value_map_count(v));
		return true;
	default:
		return fail("len of type %s", value_type_name(v));
	}
}

/* Position in a list or string; equal to its length passes here and fails in
 * other words. */
static bool
funcs_builtin_position(value at, size_t n, size_t *out, struct err *e)
{
	int64_t i;

	if (at.kind == VALUE_INT || at.kind == VALUE_DURATION)
		i = at.u.i;
	else if (at.kind == VALUE_UINT)
		i = (int64_t)at.u.u;
	else if (value_is_nil(at))
		return fail("cannot index slice/array with nil");
	else
		return fail("cannot index slice/array with type %s",
		    value_type_name(at));
	if (i < 0 || (uint64_t)i > n)
		return fail("index out of range: %lld", (long long)i);
	*out = (size_t)i;
	return true;
}

static bool
index_list(value item, value at, value *out, struct err *e)
{
	size_t i;

	if (!funcs_builtin_position(at, item.u.list->n, &i, e))
		return false;
	if (i == item.u.list->n)
		return fail("reflect: slice index out of range");
	*out = item.u.list->v[i];
	if (out->kind == VALUE_INVALID)
		*out = VALUE_NULL;
	return true;
}

static bool
index_string(value item, value at, value *out, struct err *e)
{
	size_t i;

	if (!funcs_builtin_position(at, item.len, &i, e))
		return false;
	if (i == item.len)
		return fail("reflect: string index out of range");
	*out = (value){
		.kind = VALUE_UINT,
		.type = GO_UINT8,
		.u.u = (unsigned char)item.u.s[i],
	};
	return true;
}

static bool
index_map(struct arena *a, value item, value at, value *out, struct err *e)
{
	sv key;

	if (item.type == GO_MAP_ANY) {
		key = fmt_text(a, at);
	} else if (value_is_nil(at)) {
		return fail("value is nil; should be of type string");
	} else if (at.kind != VALUE_STRING || at.type != GO_STRING) {
		return fail("value has type %s; should be string",
		    value_type_name(at));
	} else {
		key = value_text(at);
	}
	*out = value_map_get(item, key);
	if (out->kind == VALUE_INVALID)
		*out = item.type == GO_MAP_STRING ? value_cstr("")
		    : VALUE_NULL;
	return true;
}

static bool
index_once(struct arena *a, value item, value at, value *out, struct err *e)
{
	switch ((enum value_kind)item.kind) {
	case VALUE_INVALID:
	case VALUE_NIL:
		return fail("index of nil pointer");
	case VALUE_LIST:
		return index_list(item, at, out, e);
	case VALUE_STRING:
		return index_string(item, at, out, e);
	case VALUE_MAP:
		return index_map(a, item, at, out, e);
	default:
		return fail("can't index item of type %s",
		    value_type_name(item));
	}
}

BUILTIN(builtin_index)
{
	*out = args[0];
	if (value_is_nil(args[0]))
		return fail("index of untyped nil");
	for (size_t i = 1; i < n; i++)
		if (!index_once(c->a, *out, args[i], out, e))
			return false;
	return true;
}

/* ---- printing ---- */

BUILTIN(builtin_print)
{
	struct sb b cleanup_sb = SB_INIT;

	fmt_print(&b, args, n);
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

BUILTIN(builtin_println)
{
	struct sb b cleanup_sb = SB_INIT;

	fmt_println(&b, args, n);
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

BUILTIN(builtin_printf)
{
	struct sb b cleanup_sb = SB_INIT;

	fmt_printf(&b, value_text(args[0]), args + 1, n - 1);
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

/* ---- escaping ---- */

/* The operands as print joins them, but nil is "<no value>". */
static sv
printed(struct arena *a, const value *args, size_t n)
{
	struct sb b cleanup_sb = SB_INIT;
	value *shown = arena_alloc(a, (n + 1) * sizeof(*shown));

	for (size_t i = 0; i < n; i++)
		shown[i] = value_is_nil(args[i]) ? value_cstr("<no value>")
		    : args[i];
	fmt_print(&b, shown, n);
	return sb_take(&b, a);
}

BUILTIN(builtin_html)
{
	struct sb b cleanup_sb = SB_INIT;
	sv s = printed(c->a, args, n);

	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '\0':
			sb_add_rune(&b, RUNE_ERROR);
			break;
		case '"':
			sb_adds(&b, "&#34;");
			break;
		case '\'':
			sb_adds(&b, "&#39;");
			break;
		case '&':
			sb_adds(&b, "&amp;");
			break;
		case '<':
			sb_adds(&b, "&lt;");
			break;
		case '>':
			sb_adds(&b, "&gt;");
			break;
		default:
			sb_addc(&b, s.p[i]);
		}
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

static void
add_js(struct sb *b, uint32_t r, sv bytes)
{
	if (r == '\\' || r == '\'' || r == '"')
		sb_printf(b, "\\%c", (char)r);
	else if (r < ' ' || r == '<' || r == '>' || r == '&' || r == '=')
		sb_printf(b, "\\u%04X", (unsigned)r);
	else if (r < 0x80 || rune_is_print(r))
		sb_addv(b, bytes);
	else
		sb_printf(b, "\\u%04X", (unsigned)r);
}

BUILTIN(builtin_js)
{
	struct sb b cleanup_sb = SB_INIT;
	sv s = printed(c->a, args, n);
	size_t width;

	for (; s.n > 0; s = sv_sub(s, width, s.n)) {
		uint32_t r = utf8_decode(s, &width);

		add_js(&b, r, sv_sub(s, 0, width));
	}
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

static bool
is_unreserved(char ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
	    (ch >= 'A' && ch <= 'Z') || (ch != '\0' && strchr("-_.~", ch));
}

BUILTIN(builtin_urlquery)
{
	struct sb b cleanup_sb = SB_INIT;
	sv s = printed(c->a, args, n);

	for (size_t i = 0; i < s.n; i++)
		if (is_unreserved(s.p[i]))
			sb_addc(&b, s.p[i]);
		else if (s.p[i] == ' ')
			sb_addc(&b, '+');
		else
			sb_printf(&b, "%%%02X", (unsigned char)s.p[i]);
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

const struct func funcs_builtin[] = {
	{ "and", "rr*", builtin_special },
	{ "call", "rr*", builtin_special },
	{ "eq", "rr*", builtin_eq },
	{ "ge", "rr", builtin_ge },
	{ "gt", "rr", builtin_gt },
	{ "html", "a*", builtin_html },
	{ "index", "rr*", builtin_index },
	{ "js", "a*", builtin_js },
	{ "le", "rr", builtin_le },
	{ "len", "r", builtin_len },
	{ "lt", "rr", builtin_lt },
	{ "ne", "rr", builtin_ne },
	{ "not", "r", builtin_not },
	{ "or", "rr*", builtin_special },
	{ "print", "a*", builtin_print },
	{ "printf", "sa*", builtin_printf },
	{ "println", "a*", builtin_println },
	{ "urlquery", "a*", builtin_urlquery },
	{ NULL, NULL, NULL },
};
