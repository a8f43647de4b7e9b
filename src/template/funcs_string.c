/* SPDX-License-Identifier: MIT */
/* Template functions on texts (L-150). */
#include <inttypes.h>

#include "base/utf8.h"
#include "template/funcs_util.h"

/* Results longer than this are refused rather than ending the program. */

static value
string_take(struct func_ctx *c, struct sb *b)
{
	return value_sv(sb_take(b, c->a));
}

/* Last rune of a text that is not empty; a bad byte is one of width 1. */
static uint32_t
decode_last(sv s, size_t *width)
{
	for (size_t back = s.n < 4 ? s.n : 4; back > 1; back--) {
		size_t w;
		uint32_t r = utf8_decode(sv_sub(s, s.n - back, back), &w);

		if (w == back) {
			*width = w;
			return r;
		}
	}
	return utf8_decode(sv_sub(s, s.n - 1, 1), width);
}

static bool
in_cutset(uint32_t r, sv cutset)
{
	while (cutset.n > 0) {
		size_t w;

		if (utf8_decode(cutset, &w) == r)
			return true;
		cutset = sv_sub(cutset, w, SIZE_MAX);
	}
	return false;
}

/* White space when there is no cutset. */
static bool
is_cut(uint32_t r, const sv *cutset)
{
	return cutset ? in_cutset(r, *cutset) : rune_is_space(r);
}

static sv
trim_runes(sv s, const sv *cutset)
{
	size_t w;

	while (s.n > 0 && is_cut(utf8_decode(s, &w), cutset))
		s = sv_sub(s, w, SIZE_MAX);
	while (s.n > 0 && is_cut(decode_last(s, &w), cutset))
		s.n -= w;
	return s;
}

/* Copies, because a part of a text has no NUL behind it. */
static value
string_text_value(struct func_ctx *c, sv s)
{
	return value_sv(sv_dup(c->a, s));
}

FUNC(fn_trim)
{
	*out = string_text_value(c, trim_runes(arg_text(args[0]), NULL));
	return true;
}

FUNC(fn_trim_all)
{
	sv cutset = arg_text(args[0]);

	*out = string_text_value(c, trim_runes(arg_text(args[1]), &cutset));
	return true;
}

FUNC(fn_trim_suffix)
{
	sv x = arg_text(args[0]), s = arg_text(args[1]);

	*out =
	    string_text_value(c, sv_ends(s, x) ? sv_sub(s, 0, s.n - x.n) : s);
	return true;
}

FUNC(fn_trim_prefix)
{
	sv x = arg_text(args[0]), s = arg_text(args[1]);

	*out = string_text_value(
	    c, sv_starts(s, x) ? sv_sub(s, x.n, SIZE_MAX) : s);
	return true;
}

static value
map_runes(struct func_ctx *c, sv s, uint32_t (*map)(uint32_t))
{
	struct sb b cleanup_sb = SB_INIT;

	while (s.n > 0) {
		size_t w;

		sb_add_rune(&b, map(utf8_decode(s, &w)));
		s = sv_sub(s, w, SIZE_MAX);
	}
	return string_take(c, &b);
}

FUNC(fn_upper)
{
	*out = map_runes(c, arg_text(args[0]), rune_upper);
	return true;
}

FUNC(fn_lower)
{
	*out = map_runes(c, arg_text(args[0]), rune_lower);
	return true;
}

/* What a word ends at for `title`. */
static bool
is_separator(uint32_t r)
{
	if (r == '_')
		return false;
	if (r < 0x80)
		return !rune_is_letter(r) && !rune_is_digit(r);
	return rune_is_space(r);
}

FUNC(fn_title)
{
	struct sb b cleanup_sb = SB_INIT;
	uint32_t before = ' ';
	sv s = arg_text(args[0]);

	while (s.n > 0) {
		size_t w;
		uint32_t r = utf8_decode(s, &w);

		sb_add_rune(&b, is_separator(before) ? rune_title(r) : r);
		before = r;
		s = sv_sub(s, w, SIZE_MAX);
	}
	*out = string_take(c, &b);
	return true;
}

/* In bytes, so that a rune may be cut in two, as the reference does. */
FUNC(fn_trunc)
{
	int64_t count = args[0].u.i, len;
	sv s = arg_text(args[1]);

	len = (int64_t)s.n;
	if (count < 0 && len + count > 0)
		s = sv_sub(s, (size_t)(len + count), SIZE_MAX);
	else if (count >= 0 && len > count)
		s = sv_sub(s, 0, (size_t)count);
	*out = string_text_value(c, s);
	return true;
}

FUNC(fn_substr)
{
	int64_t from = args[0].u.i, to = args[1].u.i, len;
	sv s = arg_text(args[2]);

	len = (int64_t)s.n;
	if (from < 0 && to < 0)
		return fn_fail(e,
		    "runtime error: slice bounds out of range [:%" PRId64 "]",
		    to);
	if (from < 0 && to > len)
		return fn_fail(e,
		    "runtime error: slice bounds out of range [:%" PRId64
		    "] with length %" PRId64,
		    to, len);
	if (from < 0)
		from = 0;
	else if (to < 0 || to > len)
		to = len;
	if (from > to)
		return fn_fail(e,
		    "runtime error: slice bounds out of range [%" PRId64
		    ":%" PRId64 "]",
		    from, to);
	*out =
	    string_text_value(c, sv_sub(s, (size_t)from, (size_t)(to - from)));
	return true;
}

static bool
add_repeated(struct sb *b, sv s, int64_t count, struct err *e)
{
	if (count < 0)
		return fn_fail(e, "strings: negative Repeat count");
	if (s.n > 0 && (uint64_t)count > TMPL_TEXT_MAX / s.n)
		return fn_fail(e, "strings: Repeat output length overflow");
	for (int64_t i = 0; s.n > 0 && i < count; i++)
		sb_addv(b, s);
	return true;
}

FUNC(fn_repeat)
{
	struct sb b cleanup_sb = SB_INIT;

	if (!add_repeated(&b, arg_text(args[1]), args[0].u.i, e))
		return false;
	*out = string_take(c, &b);
	return true;
}

/* An empty text to look for lies around every rune. */
static bool
add_replaced(struct sb *b, sv s, sv old, sv new, struct err *e)
{
	size_t from = 0;
	ptrdiff_t at;

	if (old.n == 0) {
		sb_addv(b, new);
		while (s.n > 0) {
			size_t w;

			if (b->n > TMPL_TEXT_MAX)
				return fn_too_long(e);
			utf8_decode(s, &w);
			sb_add(b, s.p, w);
			sb_addv(b, new);
			s = sv_sub(s, w, SIZE_MAX);
		}
		return true;
	}
	while ((at = sv_find(s, old, from)) >= 0) {
		if (b->n > TMPL_TEXT_MAX)
			return fn_too_long(e);
		sb_add(b, s.p + from, (size_t)at - from);
		sb_addv(b, new);
		from = (size_t)at + old.n;
	}
	sb_addv(b, sv_sub(s, from, SIZE_MAX));
	return true;
}

FUNC(fn_replace)
{
	struct sb b cleanup_sb = SB_INIT;

	if (!add_replaced(&b, arg_text(args[2]), arg_text(args[0]),
	    arg_text(args[1]), e))
		return false;
	*out = string_take(c, &b);
	return true;
}

FUNC(fn_contains)
{
	*out = value_bool(
	    sv_find(arg_text(args[1]), arg_text(args[0]), 0) >= 0);
	return true;
}

FUNC(fn_has_prefix)
{
	*out = value_bool(sv_starts(arg_text(args[1]), arg_text(args[0])));
	return true;
}

FUNC(fn_has_suffix)
{
	*out = value_bool(sv_ends(arg_text(args[1]), arg_text(args[0])));
	return true;
}

FUNC(fn_quote)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < n; i++) {
		if (value_is_nil(args[i]))
			continue;
		if (b.n > 0)
			sb_addc(&b, ' ');
		sb_quote_go(&b, fn_string(c->a, args[i]));
		if (b.n > TMPL_TEXT_MAX)
			return fn_too_long(e);
	}
	*out = string_take(c, &b);
	return true;
}

FUNC(fn_squote)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < n; i++) {
		if (value_is_nil(args[i]))
			continue;
		if (b.n > 0)
			sb_addc(&b, ' ');
		sb_addc(&b, '\'');
		fmt_value(&b, args[i]);
		sb_addc(&b, '\'');
		if (b.n > TMPL_TEXT_MAX)
			return fn_too_long(e);
	}
	*out = string_take(c, &b);
	return true;
}

FUNC(fn_cat)
{
	struct sb b cleanup_sb = SB_INIT;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (value_is_nil(args[i]))
			continue;
		if (any)
			sb_addc(&b, ' ');
		fmt_value(&b, args[i]);
		any = true;
		if (b.n > TMPL_TEXT_MAX)
			return fn_too_long(e);
	}
	*out = string_take(c, &b);
	return true;
}

static bool
add_indented(struct sb *b, int64_t count, sv s, struct err *e)
{
	struct sb pad cleanup_sb = SB_INIT, with_break cleanup_sb = SB_INIT;

	if (!add_repeated(&pad, SV(" "), count, e))
		return false;
	sb_addc(&with_break, '\n');
	sb_addv(&with_break, sb_sv(&pad));
	sb_addv(b, sb_sv(&pad));
	return add_replaced(b, s, SV("\n"), sb_sv(&with_break), e);
}

FUNC(fn_indent)
{
	struct sb b cleanup_sb = SB_INIT;

	if (!add_indented(&b, args[0].u.i, arg_text(args[1]), e))
		return false;
	*out = string_take(c, &b);
	return true;
}

FUNC(fn_nindent)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_addc(&b, '\n');
	if (!add_indented(&b, args[0].u.i, arg_text(args[1]), e))
		return false;
	*out = string_take(c, &b);
	return true;
}

FUNC(fn_plural)
{
	*out = args[2].u.i == 1 ? args[0] : args[1];
	return true;
}

FUNC(fn_join)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct value_list *l;
	value items;

	if (!fn_strings(c->a, args[1], &items, e))
		return false;
	l = items.u.list;
	for (size_t i = 0; i < l->n; i++) {
		if (b.n > TMPL_TEXT_MAX)
			return fn_too_long(e);
		if (i > 0)
			sb_addv(&b, arg_text(args[0]));
		sb_addv(&b, value_text(l->v[i]));
	}
	*out = string_take(c, &b);
	return true;
}

/* Length of the next part: to the separator, or one rune when that is empty. */
static ptrdiff_t
next_part(sv s, sv sep)
{
	size_t w;

	if (sep.n > 0)
		return sv_find(s, sep, 0);
	utf8_decode(s, &w);
	return w < s.n ? (ptrdiff_t)w : -1;
}

/* At most `count` parts, the last being all that is left; negative: all. */
static value
split_text(struct func_ctx *c, sv s, sv sep, int64_t count)
{
	value list = value_list_new(c->a, GO_LIST_STRING);
	ptrdiff_t at;

	if (count == 0 || (sep.n == 0 && s.n == 0))
		return list;
	while (count != 1 && (at = next_part(s, sep)) >= 0) {
		value_list_add(
		    c->a, list, string_text_value(c, sv_sub(s, 0, (size_t)at)));
		s = sv_sub(s, (size_t)at + sep.n, SIZE_MAX);
		if (count > 0)
			count--;
	}
	value_list_add(c->a, list, string_text_value(c, s));
	return list;
}

static value
numbered(struct func_ctx *c, value list)
{
	value map = value_map_new(c->a, GO_MAP_STRING);

	for (size_t i = 0; i < list.u.list->n; i++)
		value_map_set(c->a, map,
		    sv_of(arena_printf(c->a, "_%zu", i)), list.u.list->v[i]);
	return map;
}

FUNC(fn_split)
{
	*out = numbered(c,
	    split_text(c, arg_text(args[1]), arg_text(args[0]), -1));
	return true;
}

FUNC(fn_splitn)
{
	*out = numbered(c,
	    split_text(c, arg_text(args[2]), arg_text(args[0]),
		args[1].u.i));
	return true;
}

FUNC(fn_split_list)
{
	*out = split_text(c, arg_text(args[1]), arg_text(args[0]), -1);
	return true;
}

FUNC(fn_to_string)
{
	*out = value_sv(fn_string(c->a, args[0]));
	return true;
}

FUNC(fn_to_strings)
{
	return fn_strings(c->a, args[0], out, e);
}

FUNC(fn_cat_lines)
{
	struct sb b cleanup_sb = SB_INIT, unix_lines cleanup_sb = SB_INIT;

	if (!add_replaced(&unix_lines, arg_text(args[0]), SV("\r\n"), SV(" "),
	    e) || !add_replaced(&b, sb_sv(&unix_lines), SV("\n"), SV(" "), e))
		return false;
	*out = string_take(c, &b);
	return true;
}

FUNC(fn_split_lines)
{
	struct sb unix_lines cleanup_sb = SB_INIT;

	if (!add_replaced(&unix_lines, arg_text(args[0]), SV("\r\n"),
	    SV("\n"), e))
		return false;
	*out = split_text(c, sb_sv(&unix_lines), SV("\n"), -1);
	return true;
}

FUNC(fn_hello)
{
	*out = value_cstr("Hello!");
	return true;
}

const struct func funcs_string[] = {
	{ "cat", "a*", fn_cat },
	{ "catLines", "s", fn_cat_lines },
	{ "contains", "ss", fn_contains },
	{ "hasPrefix", "ss", fn_has_prefix },
	{ "hasSuffix", "ss", fn_has_suffix },
	{ "hello", "", fn_hello },
	{ "indent", "is", fn_indent },
	{ "join", "sa", fn_join },
	{ "lower", "s", fn_lower },
	{ "nindent", "is", fn_nindent },
	{ "plural", "ssi", fn_plural },
	{ "quote", "a*", fn_quote },
	{ "repeat", "is", fn_repeat },
	{ "replace", "sss", fn_replace },
	{ "split", "ss", fn_split },
	{ "splitLines", "s", fn_split_lines },
	{ "splitList", "ss", fn_split_list },
	{ "splitn", "sis", fn_splitn },
	{ "squote", "a*", fn_squote },
	{ "substr", "iis", fn_substr },
	{ "title", "s", fn_title },
	{ "toString", "a", fn_to_string },
	{ "toStrings", "a", fn_to_strings },
	{ "trim", "s", fn_trim },
	{ "trimAll", "ss", fn_trim_all },
	{ "trimPrefix", "ss", fn_trim_prefix },
	{ "trimSuffix", "ss", fn_trim_suffix },
	{ "trimall", "ss", fn_trim_all },
	{ "trunc", "is", fn_trunc },
	{ "upper", "s", fn_upper },
	{ NULL, NULL, NULL },
};
