/* SPDX-License-Identifier: MIT */
/* Template functions on lists (L-150); the must… twins are the same here, as
 * the evaluator reports panics and errors alike. */
#include <inttypes.h>
#include <stdlib.h>

#include "template/funcs_util.h"

static size_t
count_of(value list)
{
	return list.u.list->n;
}

/* Go's nil slice: prints as an empty list, is null in JSON. */
static value
nil_list(struct func_ctx *c)
{
	value list = value_list_new(c->a, GO_LIST);

	list.u.list->is_nil = true;
	return list;
}

/* `what` is the start of the message, "Cannot find first on type". */
static bool
need_list(value v, const char *what, struct err *e)
{
	if (v.kind == VALUE_LIST)
		return true;
	if (value_is_nil(v))
		return fn_fail(e, "%s", NIL_DEREFERENCE);
	return fn_fail(e, "%s %s", what, value_kind_name(v));
}

static value
copy_items(struct func_ctx *c, value list, size_t from, size_t to)
{
	value copy = value_list_new(c->a, GO_LIST);

	for (size_t i = from; i < to; i++)
		value_list_add(c->a, copy, list.u.list->v[i]);
	return copy;
}

FUNC(fn_list)
{
	*out = value_list_new(c->a, GO_LIST);
	for (size_t i = 0; i < n; i++)
		value_list_add(c->a, *out, fn_stored(args[i]));
	return true;
}

FUNC(fn_push)
{
	if (!need_list(args[0], "Cannot push on type", e))
		return false;
	*out = copy_items(c, args[0], 0, count_of(args[0]));
	value_list_add(c->a, *out, fn_stored(args[1]));
	return true;
}

FUNC(fn_prepend)
{
	if (!need_list(args[0], "Cannot prepend on type", e))
		return false;
	*out = value_list_new(c->a, GO_LIST);
	value_list_add(c->a, *out, fn_stored(args[1]));
	for (size_t i = 0; i < count_of(args[0]); i++)
		value_list_add(c->a, *out, args[0].u.list->v[i]);
	return true;
}

FUNC(fn_first)
{
	if (!need_list(args[0], "Cannot find first on type", e))
		return false;
	*out = count_of(args[0]) > 0 ? args[0].u.list->v[0] : VALUE_NULL;
	return true;
}

FUNC(fn_last)
{
	if (!need_list(args[0], "Cannot find last on type", e))
		return false;
	*out = count_of(args[0]) > 0 ?
	    args[0].u.list->v[count_of(args[0]) - 1] :
	    VALUE_NULL;
	return true;
}

FUNC(fn_rest)
{
	if (!need_list(args[0], "Cannot find rest on type", e))
		return false;
	*out = count_of(args[0]) > 0 ?
	    copy_items(c, args[0], 1, count_of(args[0])) :
	    nil_list(c);
	return true;
}

FUNC(fn_initial)
{
	if (!need_list(args[0], "Cannot find initial on type", e))
		return false;
	*out = count_of(args[0]) > 0 ?
	    copy_items(c, args[0], 0, count_of(args[0]) - 1) :
	    nil_list(c);
	return true;
}

FUNC(fn_reverse)
{
	if (!need_list(args[0], "Cannot find reverse on type", e))
		return false;
	*out = value_list_new(c->a, GO_LIST);
	for (size_t i = count_of(args[0]); i-- > 0;)
		value_list_add(c->a, *out, args[0].u.list->v[i]);
	return true;
}

FUNC(fn_compact)
{
	if (!need_list(args[0], "Cannot compact on type", e))
		return false;
	*out = value_list_new(c->a, GO_LIST);
	for (size_t i = 0; i < count_of(args[0]); i++)
		if (!fn_empty(args[0].u.list->v[i]))
			value_list_add(c->a, *out, args[0].u.list->v[i]);
	return true;
}

static bool
is_among(value v, const value *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (value_equal(v, items[i]))
			return true;
	return false;
}

/* A key that two values share when they are equal: of what is neither list,
 * map, time nor float. */
static bool
scalar_key(struct arena *a, value v, sv *key)
{
	char *p;

	if (v.kind == VALUE_STRING) {
		p = arena_alloc(a, v.len + 1);
		memcpy(p + 1, v.u.s, v.len);
		*key = (sv){ p, v.len + 1 };
	} else if (v.kind == VALUE_INT || v.kind == VALUE_UINT) {
		p = arena_alloc(a, sizeof(v.u.u) + 1);
		memcpy(p + 1, &v.u.u, sizeof(v.u.u));
		*key = (sv){ p, sizeof(v.u.u) + 1 };
	} else {
		return false;
	}
	p[0] = (char)v.type;
	return true;
}

FUNC(fn_uniq)
{
	static char mark;
	struct map *scalars = map_new(c->a);
	struct value_list others = { 0 };

	if (!need_list(args[0], "Cannot find uniq on type", e))
		return false;
	*out = value_list_new(c->a, GO_LIST);
	for (size_t i = 0; i < count_of(args[0]); i++) {
		value item = args[0].u.list->v[i];
		sv key;

		if (scalar_key(c->a, item, &key)) {
			if (map_get(scalars, key) != NULL)
				continue;
			map_put(scalars, key, &mark);
		} else if (is_among(item, others.v, others.n)) {
			continue;
		} else {
			value_list_add(c->a, (value){ .kind = VALUE_LIST,
			    .type = GO_LIST, .u.list = &others }, item);
		}
		value_list_add(c->a, *out, item);
	}
	return true;
}

FUNC(fn_without)
{
	if (!need_list(args[0], "Cannot find without on type", e))
		return false;
	*out = value_list_new(c->a, GO_LIST);
	for (size_t i = 0; i < count_of(args[0]); i++)
		if (!is_among(args[0].u.list->v[i], args + 1, n - 1))
			value_list_add(c->a, *out, args[0].u.list->v[i]);
	return true;
}

FUNC(fn_has)
{
	*out = value_bool(false);
	if (value_is_nil(args[1]))
		return true;
	if (!need_list(args[1], "Cannot find has on type", e))
		return false;
	*out = value_bool(
	    is_among(args[0], args[1].u.list->v, count_of(args[1])));
	return true;
}

/* slice LIST [FROM [TO]]; keeps the type of the list. */
FUNC(fn_slice)
{
	int64_t from, to;

	if (!need_list(args[0], "list should be type of slice or array but", e))
		return false;
	*out = VALUE_NULL;
	if (count_of(args[0]) == 0)
		return true;
	from = n > 1 ? fn_int64(args[1]) : 0;
	to = n > 2 ? fn_int64(args[2]) : (int64_t)count_of(args[0]);
	if (from < 0 || to < from || to > (int64_t)count_of(args[0]))
		return fn_fail(e,
		    "reflect.Value.Slice: slice index out of bounds");
	*out = copy_items(c, args[0], (size_t)from, (size_t)to);
	out->type = args[0].type;
	return true;
}

/* Longer ones come of lists that are doubled in a row of variables. */
enum {
	CONCAT_MAX = 1 << 22
};

FUNC(fn_concat)
{
	bool any = false;
	size_t total = 0;

	*out = value_list_new(c->a, GO_LIST);
	for (size_t i = 0; i < n; i++) {
		if (value_is_nil(args[i]))
			return fn_fail(e, "%s", NIL_DEREFERENCE);
		if (args[i].kind != VALUE_LIST)
			return fn_fail(e, "Cannot concat type %s as list",
			    value_kind_name(args[i]));
		total += count_of(args[i]);
		if (total > CONCAT_MAX)
			return fn_fail(
			    e, "the list is longer than %d items", CONCAT_MAX);
		for (size_t j = 0; j < count_of(args[i]); j++) {
			value_list_add(c->a, *out, args[i].u.list->v[j]);
			any = true;
		}
	}
	if (!any)
		*out = nil_list(c);
	return true;
}

FUNC(fn_chunk)
{
	int64_t size = args[0].u.i;
	size_t count;

	if (!need_list(args[1], "Cannot chunk type", e))
		return false;
	if (size <= 0)
		return fn_fail(e, "runtime error: makeslice: "
				  "len out of range");
	count = count_of(args[1]);
	*out = value_list_new(c->a, GO_LIST_LIST);
	for (size_t i = 0; i < count; i += (size_t)size) {
		size_t to = count - i > (size_t)size ? i + (size_t)size : count;

		value_list_add(c->a, *out, copy_items(c, args[1], i, to));
		if (to == count)
			break;
	}
	return true;
}

static int
compare_texts(const void *a, const void *b)
{
	return sv_cmp(value_text(*(const value *)a),
	    value_text(*(const value *)b));
}

FUNC(fn_sort_alpha)
{
	if (!fn_strings(c->a, args[0], out, e))
		return false;
	if (value_is_nil(args[0]))
		value_list_add(c->a, *out, value_cstr("<nil>"));
	if (count_of(*out) > 1)
		qsort(out->u.list->v, count_of(*out), sizeof(value),
		    compare_texts);
	return true;
}

const struct func funcs_list[] = {
	{ "append", "aa", fn_push },
	{ "chunk", "ia", fn_chunk },
	{ "compact", "a", fn_compact },
	{ "concat", "a*", fn_concat },
	{ "first", "a", fn_first },
	{ "has", "aa", fn_has },
	{ "initial", "a", fn_initial },
	{ "last", "a", fn_last },
	{ "list", "a*", fn_list },
	{ "mustAppend", "aa", fn_push },
	{ "mustChunk", "ia", fn_chunk },
	{ "mustCompact", "a", fn_compact },
	{ "mustFirst", "a", fn_first },
	{ "mustHas", "aa", fn_has },
	{ "mustInitial", "a", fn_initial },
	{ "mustLast", "a", fn_last },
	{ "mustPrepend", "aa", fn_prepend },
	{ "mustPush", "aa", fn_push },
	{ "mustRest", "a", fn_rest },
	{ "mustReverse", "a", fn_reverse },
	{ "mustSlice", "aa*", fn_slice },
	{ "mustUniq", "a", fn_uniq },
	{ "mustWithout", "aa*", fn_without },
	{ "prepend", "aa", fn_prepend },
	{ "push", "aa", fn_push },
	{ "rest", "a", fn_rest },
	{ "reverse", "a", fn_reverse },
	{ "slice", "aa*", fn_slice },
	{ "sortAlpha", "a", fn_sort_alpha },
	{ "tuple", "a*", fn_list },
	{ "uniq", "a", fn_uniq },
	{ "without", "aa*", fn_without },
	{ NULL, NULL, NULL },
};
