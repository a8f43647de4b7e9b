/* SPDX-License-Identifier: MIT */
/* Template functions on regular expressions (L-150). */
#include "template/funcs_util.h"
#include "go/regex.h"

/* Functions without "must" name the pattern in their error as well. */
static bool
regex_fn_compile(struct func_ctx *c, sv pattern, bool must, struct regex **out,
    struct err *e)
{
	bool raw = sv_find_char(pattern, '`', 0) < 0;

	*out = regex_compile(c->a, pattern, e);
	if (*out == NULL && !must)
		err_wrap(e, raw ? "regexp: Compile(`%s`): " :
				  "regexp: Compile(%s): ",
		    raw ? sv_cstr(c->a, pattern) : quote_go(c->a, pattern));
	return *out != NULL;
}

static value
regex_fn_texts(struct func_ctx *c, const struct regex_spans *spans)
{
	value list = value_list_new(c->a, GO_LIST_STRING);

	for (size_t i = 0; i < spans->n; i++)
		value_list_add(c->a, list,
		    value_sv(sv_dup(c->a, spans->v[i])));
	return list;
}

static bool
match(struct regex *r, const value *args, value *out, struct err *e)
{
	bool found;
	sv text;

	if (!regex_find(r, arg_text(args[1]), &text, &found, e))
		return false;
	*out = value_bool(found);
	return true;
}

FUNC(fn_must_match)
{
	struct regex *r;

	return regex_fn_compile(c, arg_text(args[0]), true, &r, e) &&
	       match(r, args, out, e);
}

/* A bad pattern matches nothing. */
FUNC(fn_match)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct regex *r;

	*out = value_bool(false);
	return !regex_fn_compile(c, arg_text(args[0]), true, &r, &ignored) ||
	       match(r, args, out, e);
}

static bool
regex_fn_find(
    struct func_ctx *c, const value *args, bool must, value *out, struct err *e)
{
	struct regex *r;
	bool found;
	sv text;

	if (!regex_fn_compile(c, arg_text(args[0]), must, &r, e) ||
	    !regex_find(r, arg_text(args[1]), &text, &found, e))
		return false;
	*out = found ? value_sv(sv_dup(c->a, text)) : value_cstr("");
	return true;
}

FUNC(fn_find)
{
	return regex_fn_find(c, args, false, out, e);
}

FUNC(fn_must_find)
{
	return regex_fn_find(c, args, true, out, e);
}

static bool
find_all(struct func_ctx *c, const value *args, bool must, value *out,
    struct err *e)
{
	struct regex_spans spans = { 0 };
	struct regex *r;

	if (!regex_fn_compile(c, arg_text(args[0]), must, &r, e) ||
	    !regex_find_all(r, c->a, arg_text(args[1]), args[2].u.i, &spans, e))
		return false;
	*out = regex_fn_texts(c, &spans);
	out->u.list->is_nil = spans.n == 0;
	return true;
}

FUNC(fn_find_all)
{
	return find_all(c, args, false, out, e);
}

FUNC(fn_must_find_all)
{
	return find_all(c, args, true, out, e);
}

static bool
regex_fn_split(
    struct func_ctx *c, const value *args, bool must, value *out, struct err *e)
{
	struct regex_spans spans = { 0 };
	struct regex *r;

	if (!regex_fn_compile(c, arg_text(args[0]), must, &r, e) ||
	    !regex_split(r, c->a, arg_text(args[1]), args[2].u.i, &spans, e))
		return false;
	*out = regex_fn_texts(c, &spans);
	out->u.list->is_nil = args[2].u.i == 0;
	return true;
}

FUNC(fn_split)
{
	return regex_fn_split(c, args, false, out, e);
}

FUNC(fn_must_split)
{
	return regex_fn_split(c, args, true, out, e);
}

static bool
regex_fn_replace(struct func_ctx *c, const value *args, bool must, bool literal,
    value *out, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	struct regex *r;

	if (!regex_fn_compile(c, arg_text(args[0]), must, &r, e) ||
	    !regex_replace(
		r, &b, arg_text(args[1]), arg_text(args[2]), literal, e))
		return false;
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

FUNC(fn_replace)
{
	return regex_fn_replace(c, args, false, false, out, e);
}

FUNC(fn_must_replace)
{
	return regex_fn_replace(c, args, true, false, out, e);
}

FUNC(fn_replace_literal)
{
	return regex_fn_replace(c, args, false, true, out, e);
}

FUNC(fn_must_replace_literal)
{
	return regex_fn_replace(c, args, true, true, out, e);
}

FUNC(fn_quote_meta)
{
	struct sb b cleanup_sb = SB_INIT;

	regex_quote(&b, arg_text(args[0]));
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

const struct func funcs_regex[] = {
	{ "mustRegexFind", "ss", fn_must_find },
	{ "mustRegexFindAll", "ssi", fn_must_find_all },
	{ "mustRegexMatch", "ss", fn_must_match },
	{ "mustRegexReplaceAll", "sss", fn_must_replace },
	{ "mustRegexReplaceAllLiteral", "sss", fn_must_replace_literal },
	{ "mustRegexSplit", "ssi", fn_must_split },
	{ "regexFind", "ss", fn_find },
	{ "regexFindAll", "ssi", fn_find_all },
	{ "regexMatch", "ss", fn_match },
	{ "regexQuoteMeta", "s", fn_quote_meta },
	{ "regexReplaceAll", "sss", fn_replace },
	{ "regexReplaceAllLiteral", "sss", fn_replace_literal },
	{ "regexSplit", "ssi", fn_split },
	{ NULL, NULL, NULL },
};
