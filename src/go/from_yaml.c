/* SPDX-License-Identifier: MIT */
#include "go/from_yaml.h"

#include "go/date.h"
#include "go/fmt.h"
#include "yaml/yaml.h"

struct conv {
	struct arena *a;
	struct err *e;
	bool times; /* timestamps become time.Time */
	ynode_notes clashes;
};

static bool convert(struct conv *c, const struct ynode *n, value *out);

static value
from_yaml_text_value(struct conv *c, const struct ynode *n)
{
	return value_sv(sv_dup(c->a, n->text));
}

/* The layouts that a timestamp may have, most precise first. */
static value
time_value(struct conv *c, const struct ynode *n)
{
	static const char *const layouts[] = {
		"2006-1-2T15:4:5.999999999Z07:00",
		"2006-1-2t15:4:5.999999999Z07:00",
		"2006-1-2 15:4:5.999999999",
		"2006-1-2",
	};

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		struct err ignored cleanup_err = ERR_INIT;
		struct value_time t;

		if (time_parse(c->a, sv_of(layouts[i]), n->text, tz_utc(), &t,
			&ignored))
			return value_of_time(c->a, t);
	}
	return from_yaml_text_value(c, n);
}

static bool
scalar_value(struct conv *c, const struct ynode *n, value *out)
{
	int64_t i;
	uint64_t u;
	double f;
	bool b;

	*out = VALUE_NULL;
	switch (n->tag) {
	case YTAG_NULL:
		return true;
	case YTAG_BOOL:
		if (ynode_bool(n, &b))
			*out = value_bool(b);
		return true;
	case YTAG_INT:
		if (ynode_int(n, &i))
			*out = value_int(i);
		else if (ynode_uint(n, &u))
			*out = value_uint64(u);
		else
			*out = from_yaml_text_value(c, n);
		return true;
	case YTAG_FLOAT:
		if (ynode_float(n, &f))
			*out = value_float(f);
		return true;
	case YTAG_TIMESTAMP:
		*out = c->times ? time_value(c, n) : from_yaml_text_value(c, n);
		return true;
	case YTAG_BINARY: /* decoded by the parser */
	case YTAG_STR:
	case YTAG_MERGE:
	case YTAG_SEQ:
	case YTAG_MAP:
	case YTAG_OTHER:
		*out = from_yaml_text_value(c, n);
		return true;
	}
	return true;
}

static bool
list_value(struct conv *c, const struct ynode *n, value *out)
{
	*out = value_list_new(c->a, GO_LIST);
	for (size_t i = 0; i < n->n; i++) {
		value item;

		if (!convert(c, n->items[i], &item))
			return false;
		value_list_add(c->a, *out, item);
	}
	return true;
}

static bool
is_merge(const struct ynode *key)
{
	return key->tag == YTAG_MERGE;
}

static bool
has_string_keys(const struct ynode *n)
{
	for (size_t i = 0; i + 1 < n->n; i += 2)
		if (n->items[i]->tag != YTAG_STR && !is_merge(n->items[i]))
			return false;
	return true;
}

/* Go names the key in its own syntax. */
static bool
bad_key(struct conv *c, const struct ynode *key)
{
	struct sb text cleanup_sb = SB_INIT;
	value v;

	if (!convert(c, key, &v))
		return false;
	fmt_printf(&text, SV("%#v"), &v, 1);
	return err_set(c->e, ERR_DECODE, "invalid map key: %s", sb_cstr(&text));
}

static bool
key_text(struct conv *c, const struct ynode *key, sv *out)
{
	value v;

	if (key->kind != YNODE_SCALAR)
		return bad_key(c, key);
	if (!scalar_value(c, key, &v))
		return false;
	*out = v.kind == VALUE_STRING ? value_text(v) : fmt_text(c->a, v);
	return true;
}

static bool from_yaml_merge_value(
    struct conv *c, const struct ynode *from, value map);

/* Adds the entries of a map node; keys that are there already stay (they are
 * the explicit ones, or those of an earlier merged map). */
static bool
add_entries(struct conv *c, const struct ynode *n, value map)
{
	const struct ynode *merged = NULL;
	size_t before = c->clashes.n;

	/* keys are compared by their source text, so `1` and `"1"` clash as
	 * well; what is beside the map is read all the same */
	ynode_clashes(c->a, n, &c->clashes);
	if (c->clashes.n > before)
		return true;
	for (size_t i = 0; i + 1 < n->n; i += 2) {
		sv key;
		value item;

		if (is_merge(n->items[i])) {
			merged = n->items[i + 1];
			continue;
		}
		if (!key_text(c, n->items[i], &key))
			return false;
		if (value_map_has(map, key))
			continue;
		if (!convert(c, n->items[i + 1], &item))
			return false;
		value_map_set(c->a, map, key, item);
	}
	return merged == NULL || from_yaml_merge_value(c, merged, map);
}

static bool
from_yaml_merge_value(struct conv *c, const struct ynode *from, value map)
{
	if (from->kind == YNODE_MAP)
		return add_entries(c, from, map);
	if (from->kind != YNODE_SEQ)
		goto bad;
	for (size_t i = 0; i < from->n; i++) {
		if (from->items[i]->kind != YNODE_MAP)
			goto bad;
		if (!add_entries(c, from->items[i], map))
			return false;
	}
	return true;
bad:
	return err_set(c->e, ERR_DECODE,
	    "map merge requires map or sequence of maps as the value");
}

static bool
convert(struct conv *c, const struct ynode *n, value *out)
{
	*out = VALUE_NULL;
	if (n == NULL)
		return true;
	switch (n->kind) {
	case YNODE_SCALAR:
		return scalar_value(c, n, out);
	case YNODE_SEQ:
		return list_value(c, n, out);
	case YNODE_MAP:
		*out = value_map_new(c->a,
		    has_string_keys(n) ? GO_MAP : GO_MAP_ANY);
		return add_entries(c, n, *out);
	}
	return true;
}

static bool
convert_all(struct conv *c, const struct ynode *n, value *out)
{
	struct sb b cleanup_sb = SB_INIT;

	if (!convert(c, n, out))
		return false;
	for (size_t i = 0; i < c->clashes.n; i++)
		sb_printf(&b, "%s%s", i > 0 ? "\n  " : "", c->clashes.v[i]);
	return c->clashes.n == 0 ||
	       err_set(c->e, ERR_DECODE, "%s", sb_cstr(&b));
}

bool
value_from_ynode(struct arena *a, const struct ynode *n, value *out,
    struct err *e)
{
	struct conv c = { .a = a, .e = e };

	return convert_all(&c, n, out);
}

bool
value_from_ynode_times(struct arena *a, const struct ynode *n, value *out,
    struct err *e)
{
	struct conv c = { .a = a, .e = e, .times = true };

	return convert_all(&c, n, out);
}
