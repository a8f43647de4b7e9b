/* SPDX-License-Identifier: MIT */
#include "taskfile/decode.h"

struct var_form {
	const char *sh, *ref;
	value map, val;
	bool secret;
};

/* X-macro: the fields of a variable map, for decoding and for --lint. */
#define VAR_FIELDS(X)                                                         \
	X("sh", sh, read_string)                                              \
	X("ref", ref, read_string)                                            \
	X("map", map, read_value)                                             \
	X("value", val, read_value)                                           \
	X("secret", secret, read_bool)

static const struct field fields[] = {
#define X(key, member, read) FIELD(struct var_form, key, member, read),
	VAR_FIELDS(X)
#undef X
};
const char *const var_keys[] = {
#define X(key, member, read) key,
	VAR_FIELDS(X)
#undef X
	NULL
};

/* The only strict map (L-081): an unknown key is an error. */
static bool
var_check_keys(struct decoder *d, const struct ynode *n)
{
	bool has_type = false;

	for (size_t i = 0; i < n->n; i += 2) {
		const struct ynode *key = n->items[i];
		sv k = ynode_key(key);

		if (sv_is(k, "sh") || sv_is(k, "ref") || sv_is(k, "map") ||
		    sv_is(k, "value") || ynode_is_merge(key))
			has_type = true;
		else if (!sv_is(k, "secret"))
			return decode_fail(d, n,
			    "%s is not a valid variable type. Try \"sh\", "
			    "\"ref\", \"map\", \"value\" or using a scalar "
			    "value",
			    quote_go(d->a, k));
	}
	return has_type ||
	    decode_fail(d, n,
		"a variable must define one of \"sh\", \"ref\", \"map\", "
		"\"value\" or be a scalar value");
}

static bool
decode_var_map(struct decoder *d, const struct ynode *n, struct var *out)
{
	struct var_form f = { .map = VALUE_NULL, .val = VALUE_NULL };
	size_t unknown = d->tf->unknown.n;

	if (!DECODE_MAP(d, n, fields, &f) || !var_check_keys(d, n))
		return false;
	d->tf->unknown.n = unknown;
	out->sh = f.sh;
	out->ref = f.ref != NULL && *f.ref != '\0' ? f.ref : NULL;
	out->secret = f.secret;
	d->tf->has_secrets |= f.secret;
	out->value = value_is_nil(f.map) ? f.val : f.map;
	out->has_value = !value_is_nil(out->value) ||
	    (out->sh == NULL && out->ref == NULL);
	return true;
}

static bool
decode_var(struct decoder *d, const struct ynode *n, struct var *out)
{
	string_vec outer = d->types;
	bool good;

	out->value = VALUE_NULL;
	if (n->kind == YNODE_MAP)
		return decode_var_map(d, n, out);
	out->has_value = true;
	d->types = (string_vec){ 0 };
	good = read_value(d, n, &out->value) && decode_check_types(d, n);
	d->types = outer;
	return good;
}

static bool
var_add_var(struct decoder *d, const struct ynode *key, const struct ynode *n,
    vars *out)
{
	struct var *v = arena_new_of(d->a, struct var);

	v->at = decode_at(d, key);
	if (!decode_var(d, n, v))
		return false;
	map_put_kept(out, ynode_key(key), v);
	return true;
}

static bool
has_own_key(const struct ynode *map, sv key)
{
	for (size_t i = 0; i < map->n; i += 2)
		if (sv_eq(ynode_key(map->items[i]), key) &&
		    !ynode_is_merge(map->items[i]))
			return true;
	return false;
}

/* Variables that `<<` brings in stand where it stands, for those behind it may
 * use them; a name that the map has itself keeps its own value and place. */
static bool
add_merged(struct decoder *d, const struct ynode *map,
    const struct ynode *merge, vars *out)
{
	struct err e cleanup_err = ERR_INIT;
	struct ynode *pair[2] = { map->items[0], (struct ynode *)merge };
	struct ynode only = { .kind = YNODE_MAP, .items = pair, .n = 2 };
	struct ynode **pairs;
	size_t n;

	for (size_t i = 0; i < map->n; i += 2)
		if (ynode_is_merge(map->items[i]))
			pair[0] = map->items[i];
	if (!ynode_fields(d->a, &only, &pairs, &n, &e))
		return decode_fail(d, map, "%s", e.message);
	for (size_t i = 0; i < n; i += 2)
		if (!has_own_key(map, pairs[i]->text) &&
		    !var_add_var(d, pairs[i], pairs[i + 1], out))
			return false;
	return true;
}

/* L-030: the last of equal names wins, in the place of the first. */
bool
read_vars(struct decoder *d, const struct ynode *n, void *out)
{
	vars *list;

	if (n->kind != YNODE_MAP)
		return decode_fail_type(d, n, "vars");
	list = map_new_for(d->a, n->n / 2);
	for (size_t i = 0; i < n->n; i += 2) {
		bool good =
		    ynode_is_merge(n->items[i])
			? add_merged(d, n, n->items[i + 1], list)
			: var_add_var(d, n->items[i], n->items[i + 1], list);

		if (!good)
			return false;
	}
	*(vars **)out = list;
	return true;
}
