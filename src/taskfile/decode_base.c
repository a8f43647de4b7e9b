/* SPDX-License-Identifier: MIT */
#include "taskfile/decode.h"

#include <limits.h>

#include "base/clock.h"
#include "go/from_yaml.h"

bool
ynode_is_null(const struct ynode *n)
{
	return n->kind == YNODE_SCALAR && n->tag == YTAG_NULL;
}

sv
ynode_key(const struct ynode *key)
{
	return key->kind == YNODE_SCALAR ? key->text : SV("");
}

struct location
decode_at(struct decoder *d, const struct ynode *n)
{
	return (struct location){ d->tf->location, n->line, n->column };
}

/* go-yaml looks at the keys of a map pair by pair (L-030). */
static bool
has_duplicates(struct decoder *d, const struct ynode *n)
{
	struct map *seen = map_new(d->a);
	bool found = false;

	for (size_t i = 0; i < n->n && !found; i += 2) {
		if (n->items[i]->kind != YNODE_SCALAR)
			continue;
		found = map_get(seen, n->items[i]->text) != NULL;
		map_put(seen, n->items[i]->text, n->items[i]);
	}
	return found;
}

static void
note_duplicates(struct decoder *d, const struct ynode *n)
{
	for (size_t i = 0; i < n->n; i += 2) {
		const struct ynode *x = n->items[i];

		for (size_t j = i + 2; j < n->n; j += 2) {
			const struct ynode *y = n->items[j];

			if (x->kind != YNODE_SCALAR || y->kind != x->kind ||
			    !sv_eq(x->text, y->text))
				continue;
			vec_push(d->a, &d->types,
			    arena_printf(d->a, "line %d: mapping key %s "
					       "already defined at line %d",
				y->line, quote_go(d->a, y->text), x->line));
		}
	}
}

static void
note_unknown(struct decoder *d, const struct ynode *key)
{
	struct unknown_key u = { d->where, key->text.p, decode_at(d, key) };

	vec_push(d->a, &d->tf->unknown, u);
}

static const struct field *
find_field(const struct field *fields, size_t count, sv key)
{
	for (size_t i = 0; i < count; i++)
		if (sv_is(key, fields[i].key))
			return &fields[i];
	return NULL;
}

static bool
decode_base_read_fields(struct decoder *d, const struct ynode *n,
    const struct field *fields, size_t count, void *out)
{
	struct err e cleanup_err = ERR_INIT;
	struct ynode **pairs;
	size_t n_pairs;

	if (has_duplicates(d, n)) {
		note_duplicates(d, n);
		return true;
	}
	if (!ynode_fields(d->a, n, &pairs, &n_pairs, &e))
		return decode_fail(d, n, "%s", e.message);
	/* `{{.A}}` without quotes is a map whose key is a map */
	for (size_t i = 0; i < n->n; i += 2)
		if (n->items[i]->kind != YNODE_SCALAR)
			type_error(d, n->items[i], "string");
	for (size_t i = 0; i < n_pairs; i += 2) {
		const struct field *f =
		    find_field(fields, count, pairs[i]->text);

		if (f == NULL)
			note_unknown(d, pairs[i]);
		else if (!ynode_is_null(pairs[i + 1]) &&
		    !f->read(d, pairs[i + 1], (char *)out + f->offset))
			return false;
	}
	return true;
}

bool
decode_map(struct decoder *d, const struct ynode *n,
    const struct field *fields, size_t count, void *out)
{
	string_vec outer = d->types;
	bool good;

	d->types = (string_vec){ 0 };
	good = decode_base_read_fields(d, n, fields, count, out) &&
	       decode_check_types(d, n);
	d->types = outer;
	return good;
}

bool
decode_struct(struct decoder *d, const struct ynode *n,
    const struct field *fields, size_t count, void *out, const char *type)
{
	if (n->kind == YNODE_MAP)
		return decode_base_read_fields(d, n, fields, count, out);
	type_error(d, n, type);
	return true;
}

bool
read_string(struct decoder *d, const struct ynode *n, void *out)
{
	if (n->kind == YNODE_SCALAR)
		*(const char **)out = n->text.p;
	else
		type_error(d, n, "string");
	return true;
}

bool
read_bool(struct decoder *d, const struct ynode *n, void *out)
{
	if (!ynode_bool_yaml11(n, out))
		type_error(d, n, "bool");
	return true;
}

bool
read_tristate(struct decoder *d, const struct ynode *n, void *out)
{
	bool b;

	if (ynode_bool_yaml11(n, &b))
		*(enum tristate *)out = b ? TRI_TRUE : TRI_FALSE;
	else
		type_error(d, n, "bool");
	return true;
}

bool
read_int(struct decoder *d, const struct ynode *n, void *out)
{
	int64_t i;

	if (ynode_int(n, &i) && i >= INT_MIN && i <= INT_MAX)
		*(int *)out = (int)i;
	else
		type_error(d, n, "int");
	return true;
}

bool
read_duration(struct decoder *d, const struct ynode *n, void *out)
{
	struct err e cleanup_err = ERR_INIT;

	if (n->kind != YNODE_SCALAR || n->tag != YTAG_STR ||
	    !duration_parse(n->text, out, &e))
		type_error(d, n, "time.Duration");
	return true;
}

/* Null items are dropped. */
bool
read_strings(struct decoder *d, const struct ynode *n, void *out)
{
	string_vec *list = out;

	*list = (string_vec){ 0 };
	if (n->kind != YNODE_SEQ) {
		type_error(d, n, "[]string");
		return true;
	}
	for (size_t i = 0; i < n->n; i++) {
		const struct ynode *item = n->items[i];

		if (item->kind != YNODE_SCALAR)
			type_error(d, item, "string");
		else if (!ynode_is_null(item))
			vec_push(d->a, list, item->text.p);
	}
	return true;
}

/* Any value, typed (L-025); what go-yaml collects is collected. */
bool
read_value(struct decoder *d, const struct ynode *n, void *out)
{
	struct err e cleanup_err = ERR_INIT;

	if (value_from_ynode(d->a, n, out, &e))
		return true;
	if (strncmp(e.message, "line ", 5) != 0)
		return decode_fail(d, n, "yaml: %s", e.message);
	vec_push(d->a, &d->types, arena_strdup(d->a, e.message));
	return true;
}
