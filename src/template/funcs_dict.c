/* SPDX-License-Identifier: MIT */
/* Template functions on maps (L-150).  The reference's maps have no order;
 * here keys come in the order in which they were set. */
#include "template/funcs_util.h"

/* A nil map can be read but not be set. */
static value
get_key(value map, sv key)
{
	return map.kind == VALUE_MAP ? value_map_get(map, key) : VALUE_ABSENT;
}

static const struct map *
entries_of(value map)
{
	return map.kind == VALUE_MAP ? map.u.map->entries : NULL;
}

static value
entry_value(const struct map_entry *entry)
{
	return *(const value *)entry->value;
}

/* Copies the entries of a map over those of another. */
static void
copy_entries(struct func_ctx *c, value to, value from)
{
	const struct map_entry *entry;

	map_each(entries_of(from), entry)
		value_map_set(c->a, to, entry->key, entry_value(entry));
}

FUNC(fn_dict)
{
	*out = value_map_new(c->a, GO_MAP);
	for (size_t i = 0; i < n; i += 2)
		value_map_set(c->a, *out, fn_string(c->a, args[i]),
		    i + 1 < n ? fn_stored(args[i + 1]) : value_cstr(""));
	return true;
}

FUNC(fn_get)
{
	*out = get_key(args[0], arg_text(args[1]));
	if (out->kind == VALUE_INVALID)
		*out = value_cstr("");
	return true;
}

/* Changes the map in place. */
FUNC(fn_set)
{
	if (args[0].kind != VALUE_MAP)
		return fn_fail(e, "assignment to entry in nil map");
	value_map_set(c->a, args[0], arg_text(args[1]), fn_stored(args[2]));
	*out = args[0];
	return true;
}

FUNC(fn_unset)
{
	if (args[0].kind == VALUE_MAP)
		value_map_del(args[0], arg_text(args[1]));
	*out = args[0];
	return true;
}

FUNC(fn_has_key)
{
	*out = value_bool(args[0].kind == VALUE_MAP &&
	    value_map_has(args[0], arg_text(args[1])));
	return true;
}

FUNC(fn_pluck)
{
	*out = value_list_new(c->a, GO_LIST);
	for (size_t i = 1; i < n; i++) {
		value item = get_key(args[i], arg_text(args[0]));

		if (item.kind != VALUE_INVALID)
			value_list_add(c->a, *out, item);
	}
	return true;
}

FUNC(fn_keys)
{
	const struct map_entry *entry;

	*out = value_list_new(c->a, GO_LIST_STRING);
	for (size_t i = 0; i < n; i++)
		map_each(entries_of(args[i]), entry)
			value_list_add(c->a, *out, value_sv(entry->key));
	return true;
}

FUNC(fn_values)
{
	const struct map_entry *entry;

	*out = value_list_new(c->a, GO_LIST);
	map_each(entries_of(args[0]), entry)
		value_list_add(c->a, *out, entry_value(entry));
	return true;
}

FUNC(fn_pick)
{
	*out = value_map_new(c->a, GO_MAP);
	for (size_t i = 1; i < n; i++) {
		value item = get_key(args[0], arg_text(args[i]));

		if (item.kind != VALUE_INVALID)
			value_map_set(c->a, *out, arg_text(args[i]), item);
	}
	return true;
}

FUNC(fn_omit)
{
	*out = value_map_new(c->a, GO_MAP);
	copy_entries(c, *out, args[0]);
	for (size_t i = 1; i < n; i++)
		value_map_del(*out, arg_text(args[i]));
	return true;
}

/* Shallow; unlike sprig's the later maps win. */
FUNC(fn_merge)
{
	*out = value_map_new(c->a, GO_MAP);
	for (size_t i = 0; i < n; i++)
		copy_entries(c, *out, args[i]);
	return true;
}

/* Go's text of a failed type assertion. */
static bool
fail_assertion(value v, const char *wanted, struct err *e)
{
	return fn_fail(e, "interface conversion: interface {} is %s, not %s",
	    value_is_nil(v) ? "nil" : value_type_name(v), wanted);
}

static bool
need_map(value v, struct err *e)
{
	return (v.kind == VALUE_MAP && v.type == GO_MAP) ||
	    fail_assertion(v, "map[string]interface {}", e);
}

/* dig KEY… DEFAULT MAP */
FUNC(fn_dig)
{
	value at;

	if (n < 3)
		return fn_fail(e, "dig needs at least three arguments");
	at = args[n - 1];
	if (!need_map(at, e))
		return false;
	for (size_t i = 0; i + 2 < n; i++)
		if (args[i].kind != VALUE_STRING)
			return fail_assertion(args[i], "string", e);
	for (size_t i = 0; i + 2 < n; i++) {
		if (!need_map(at, e))
			return false;
		at = value_map_get(at, arg_text(args[i]));
		if (at.kind == VALUE_INVALID) {
			*out = args[n - 2];
			return true;
		}
	}
	*out = at;
	return true;
}

const struct func funcs_dict[] = {
	{ "dict", "a*", fn_dict },
	{ "dig", "a*", fn_dig },
	{ "get", "ms", fn_get },
	{ "hasKey", "ms", fn_has_key },
	{ "keys", "m*", fn_keys },
	{ "merge", "mm*", fn_merge },
	{ "omit", "ms*", fn_omit },
	{ "pick", "ms*", fn_pick },
	{ "pluck", "sm*", fn_pluck },
	{ "set", "msa", fn_set },
	{ "unset", "ms", fn_unset },
	{ "values", "m", fn_values },
	{ NULL, NULL, NULL },
};
