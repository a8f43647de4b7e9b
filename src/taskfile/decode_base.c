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

bool
note_clashes(struct decoder *d, const struct ynode *n)
{
	ynode_notes notes = { 0 };
	const char **note;

	ynode_clashes(d->a, n, &notes);
	vec_each(&notes, note)
		vec_push(d->a, &d->types, *note);
	return notes.n > 0;
}

static void
note_merged_clashes(struct decoder *d, const struct ynode *n)
{
	ynode_notes notes = { 0 };
	const char **note;

	ynode_merged_clashes(d->a, n, &notes);
	vec_each(&notes, note)
		vec_push(d->a, &d->types, *note);
}

static void
note_unknown(struct decoder *d, const struct ynode *key)
{
	struct unknown_key u = {
		.where = arena_concat(d->a, d->where, d->name, NULL),
		.key = key->text.p,
		.at = decode_at(d, key),
	};

	vec_push(d->a, &d->tf->unknown, u);
}

static const struct field *
find_field(const struct field *fields, size_t count, sv key)
{
	for (size_t i = 0; i < count; i++)
		if (fields[i].key_size == key.n + 1 &&
		    memcmp(fields[i].key, key.p, key.n) == 0)
			return &fields[i];
	return NULL;
}

static bool
decode_field(
    struct decoder *d, const struct field *f, const struct ynode *n, void *out)
{
	if (ynode_is_null(n))
		return true;
	if (f->part != NULL)
		out = f->part(d, out);
	return f->read(d, n, (char *)out + f->offset);
}

enum {
	PLAIN_KEYS_MAX = 16
};

/* The fields of a map whose keys are known words, each once: nearly any map.
 * false: it may have equal keys, keys that nobody knows or `<<`, and each of
 * them is something to be told. */
static bool
find_plain_fields(const struct ynode *n, const struct field *fields,
    size_t count, const struct field **found)
{
	uint64_t seen = 0;

	if (n->n > (size_t)2 * PLAIN_KEYS_MAX || count > 64)
		return false;
	for (size_t i = 0; i < n->n; i += 2) {
		const struct ynode *key = n->items[i];
		const struct field *f =
		    key->kind == YNODE_SCALAR
			? find_field(fields, count, key->text)
			: NULL;
		uint64_t bit;

		if (f == NULL)
			return false;
		bit = (uint64_t)1 << (f - fields);
		if (seen & bit)
			return false;
		seen |= bit;
		found[i / 2] = f;
	}
	return true;
}

static bool
read_any_fields(struct decoder *d, const struct ynode *n,
    const struct field *fields, size_t count, void *out)
{
	struct err e cleanup_err = ERR_INIT;
	struct ynode **pairs;
	size_t n_pairs;

	if (note_clashes(d, n))
		return true;
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
		else if (!decode_field(d, f, pairs[i + 1], out))
			return false;
	}
	note_merged_clashes(d, n);
	return true;
}

static bool
decode_base_read_fields(struct decoder *d, const struct ynode *n,
    const struct field *fields, size_t count, void *out)
{
	const struct field *found[PLAIN_KEYS_MAX];

	if (!find_plain_fields(n, fields, count, found))
		return read_any_fields(d, n, fields, count, out);
	for (size_t i = 0; i < n->n; i += 2)
		if (!decode_field(d, found[i / 2], n->items[i + 1], out))
			return false;
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
	vec_reserve(d->a, list, n->n);
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
	/* go-yaml gives up there, whatever it has collected */
	if (strncmp(e.message, "line ", 5) != 0) {
		d->types.n = 0;
		vec_push(d->a, &d->types,
		    arena_printf(d->a, "yaml: %s", e.message));
		return true;
	}
	for (sv note, rest = sv_of(e.message); rest.n > 0;) {
		sv_cut(rest, '\n', &note, &rest);
		vec_push(d->a, &d->types, sv_cstr(d->a, sv_trim(note)));
	}
	return true;
}
