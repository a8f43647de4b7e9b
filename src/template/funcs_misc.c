/* SPDX-License-Identifier: MIT */
/* Template functions on any value: defaults, types, dumps (L-150). */
#include <inttypes.h>

#include "go/date.h"
#include "template/funcs_util.h"

/* `default "x"` alone is "x". */
FUNC(fn_default)
{
	*out = n < 2 || fn_empty(args[1]) ? args[0] : args[1];
	return true;
}

FUNC(fn_is_empty)
{
	*out = value_bool(fn_empty(args[0]));
	return true;
}

FUNC(fn_coalesce)
{
	*out = VALUE_NULL;
	for (size_t i = 0; i < n && value_is_nil(*out); i++)
		if (!fn_empty(args[i]))
			*out = args[i];
	return true;
}

FUNC(fn_all)
{
	*out = value_bool(true);
	for (size_t i = 0; i < n; i++)
		if (fn_empty(args[i]))
			*out = value_bool(false);
	return true;
}

FUNC(fn_any)
{
	*out = value_bool(false);
	for (size_t i = 0; i < n; i++)
		if (!fn_empty(args[i]))
			*out = value_bool(true);
	return true;
}

FUNC(fn_ternary)
{
	*out = args[2].u.b ? args[0] : args[1];
	return true;
}

FUNC(fn_fail_with)
{
	return fn_fail(e, "%.*s", SV_ARG(arg_text(args[0])));
}

static const char *
type_of(value v)
{
	return value_is_nil(v) ? "<nil>" : value_type_name(v);
}

static const char *
kind_of(value v)
{
	return value_is_nil(v) ? "invalid" : value_kind_name(v);
}

FUNC(fn_type_of)
{
	*out = value_cstr(type_of(args[0]));
	return true;
}

FUNC(fn_kind_of)
{
	*out = value_cstr(kind_of(args[0]));
	return true;
}

FUNC(fn_type_is)
{
	*out = value_bool(sv_is(arg_text(args[0]), type_of(args[1])));
	return true;
}

/* The name may lack the star of a pointer. */
FUNC(fn_type_is_like)
{
	const char *type = type_of(args[1]);

	*out = value_bool(sv_is(arg_text(args[0]), type) ||
	    (*type == '*' && sv_is(arg_text(args[0]), type + 1)));
	return true;
}

FUNC(fn_kind_is)
{
	*out = value_bool(sv_is(arg_text(args[0]), kind_of(args[1])));
	return true;
}

FUNC(fn_deep_equal)
{
	*out = value_bool(value_equal(args[0], args[1]));
	return true;
}

/* A random UUID, version 4. */
FUNC(fn_uuid)
{
	uint64_t high = c->env->random(c->env->ctx);
	uint64_t low = c->env->random(c->env->ctx);

	high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000);
	low = (low & (UINT64_MAX >> 2)) | (UINT64_C(1) << 63);
	*out = value_cstr(arena_printf(c->a,
	    "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64
	    "-%012" PRIx64,
	    high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48,
	    low & UINT64_C(0xffffffffffff)));
	out->type = GO_UUID;
	return true;
}

/*
 * spew: a dump of types and values for debugging
 */

static void spew_value(struct func_ctx *c, struct sb *b, value v, size_t depth);

static void
spew_list(struct func_ctx *c, struct sb *b, value v, size_t depth)
{
	size_t count = v.u.list->n;

	if (v.u.list->is_nil) {
		sb_adds(b, "<nil>");
		return;
	}
	if (count > 0)
		sb_printf(b, "(len=%zu cap=%zu) ", count, count);
	sb_adds(b, "{\n");
	for (size_t i = 0; i < count; i++) {
		sb_pad(b, ' ', depth + 1);
		spew_value(c, b, v.u.list->v[i], depth + 1);
		sb_adds(b, i + 1 < count ? ",\n" : "\n");
	}
	sb_pad(b, ' ', depth);
	sb_addc(b, '}');
}

static void
spew_map(struct func_ctx *c, struct sb *b, value v, size_t depth)
{
	const struct map_entry **entries = value_map_sorted(c->a, v);
	size_t count = value_map_count(v);

	if (count > 0)
		sb_printf(b, "(len=%zu) ", count);
	sb_adds(b, "{\n");
	for (size_t i = 0; i < count; i++) {
		sb_pad(b, ' ', depth + 1);
		spew_value(c, b, value_sv(entries[i]->key), depth + 1);
		sb_adds(b, ": ");
		spew_value(c, b, *(value *)entries[i]->value, depth + 1);
		sb_adds(b, i + 1 < count ? ",\n" : "\n");
	}
	sb_pad(b, ' ', depth);
	sb_addc(b, '}');
}

static void
spew_value(struct func_ctx *c, struct sb *b, value v, size_t depth)
{
	if (value_is_nil(v)) {
		sb_adds(b, "(interface {}) <nil>");
		return;
	}
	/* maps can be made to hold themselves */
	if (depth > 500 || b->n > TMPL_TEXT_MAX) {
		sb_adds(b, "<max depth reached>");
		return;
	}
	sb_printf(b, "(%s) ", value_type_name(v));
	if (v.kind == VALUE_LIST) {
		spew_list(c, b, v, depth);
	} else if (v.kind == VALUE_MAP) {
		spew_map(c, b, v, depth);
	} else if (v.type == GO_STRING) {
		if (v.len > 0)
			sb_printf(b, "(len=%zu) ", v.len);
		sb_quote_go(b, value_text(v));
	} else {
		fmt_value(b, v);
	}
}

FUNC(fn_spew)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < n; i++) {
		spew_value(c, &b, args[i], 0);
		sb_addc(&b, '\n');
	}
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

const struct func funcs_misc[] = {
	{ "all", "a*", fn_all },
	{ "any", "a*", fn_any },
	{ "coalesce", "a*", fn_coalesce },
	{ "deepEqual", "aa", fn_deep_equal },
	{ "default", "aa*", fn_default },
	{ "empty", "a", fn_is_empty },
	{ "fail", "s", fn_fail_with },
	{ "kindIs", "sa", fn_kind_is },
	{ "kindOf", "a", fn_kind_of },
	{ "spew", "a*", fn_spew },
	{ "ternary", "aab", fn_ternary },
	{ "typeIs", "sa", fn_type_is },
	{ "typeIsLike", "sa", fn_type_is_like },
	{ "typeOf", "a", fn_type_of },
	{ "uuid", "", fn_uuid },
	{ NULL, NULL, NULL },
};
