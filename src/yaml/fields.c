/* SPDX-License-Identifier: MIT */
/* Reading maps with merge keys (L-028). */
#include "base/map.h"
#include "base/vec.h"
#include "yaml/yaml.h"

bool
ynode_is_merge(const struct ynode *key)
{
	return key->kind == YNODE_SCALAR && sv_is(key->text, "<<") &&
	    (key->tag == YTAG_MERGE ||
		strcmp(ynode_tag_text(key), "!!merge") == 0);
}

/* Value of the last `<<` of a map, NULL when it has none. */
static struct ynode *
fields_merge_value(const struct ynode *map)
{
	struct ynode *found = NULL;

	for (size_t i = 0; i + 1 < map->n; i += 2)
		if (ynode_is_merge(map->items[i]))
			found = map->items[i + 1];
	return found;
}

struct ynode *
ynode_get(const struct ynode *map, const char *key)
{
	struct ynode *merge, *found = NULL;

	if (map == NULL || map->kind != YNODE_MAP)
		return NULL;
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		const struct ynode *k = map->items[i];

		if (k->kind == YNODE_SCALAR && sv_is(k->text, key) &&
		    !ynode_is_merge(k))
			return map->items[i + 1];
	}
	merge = fields_merge_value(map);
	if (merge == NULL)
		return NULL;
	if (merge->kind != YNODE_SEQ)
		return ynode_get(merge, key);
	for (size_t i = 0; i < merge->n && found == NULL; i++)
		found = ynode_get(merge->items[i], key);
	return found;
}

/* ---- clashes ---- */

enum { CLASHES_MAX = 10000 };

/* The next key equal to each, 0 at the end; false when there is none at all. */
static bool
link_equal_keys(struct arena *a, const struct ynode *map, size_t *next)
{
	struct map *last = map_new(a);
	bool any = false;

	for (size_t i = 0; i + 1 < map->n; i += 2) {
		const struct ynode *k = map->items[i];
		bool scalar = k->kind == YNODE_SCALAR;
		/* no scalar has a text that begins so */
		sv text = scalar ? k->text
				 : k->kind == YNODE_MAP ? SV("\xffmap")
							: SV("\xffseq");
		size_t *before = map_get(last, text);

		if (before != NULL) {
			*before = i;
			any = true;
		}
		map_put(last, text, &next[i]);
	}
	return any;
}

/* Maps of a Taskfile are small: they are looked at without memory of any kind.
 * What is no scalar may clash, and so may whatever is too much for this. */
static bool
may_clash(const struct ynode *map)
{
	enum { FEW = 24 }; /* keys and values */

	if (map->n > FEW)
		return true;
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		if (map->items[i]->kind != YNODE_SCALAR)
			return true;
		for (size_t k = 0; k < i; k += 2)
			if (sv_eq(map->items[i]->text, map->items[k]->text))
				return true;
	}
	return false;
}

static void
find_clashes(struct arena *a, const struct ynode *map, ynode_notes *out)
{
	struct arena *scratch cleanup_arena = arena_new();
	size_t *next = arena_alloc(scratch, (map->n + 1) * sizeof(*next));
	size_t room = CLASHES_MAX;

	if (!link_equal_keys(scratch, map, next))
		return;
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		const struct ynode *k = map->items[i];
		sv text = k->kind == YNODE_SCALAR ? k->text : SV("");

		for (size_t j = next[i]; j != 0 && room > 0; j = next[j], room--)
			vec_push(a, out, arena_printf(a, "line %d: mapping key "
				"%s already defined at line %d",
				map->items[j]->line, quote_go(a, text),
				k->line));
	}
}

void
ynode_clashes(struct arena *a, const struct ynode *map, ynode_notes *out)
{
	if (may_clash(map))
		find_clashes(a, map, out);
}

static bool
has_clashes(struct arena *a, const struct ynode *map)
{
	ynode_notes notes = { 0 };

	ynode_clashes(a, map, &notes);
	return notes.n > 0;
}

static void
add_merged_clashes(struct arena *a, const struct ynode *from, ynode_notes *out)
{
	size_t before = out->n;

	if (from->kind != YNODE_MAP)
		return;
	ynode_clashes(a, from, out);
	if (out->n == before)
		ynode_merged_clashes(a, from, out);
}

void
ynode_merged_clashes(struct arena *a, const struct ynode *map,
    ynode_notes *out)
{
	const struct ynode *merge = fields_merge_value(map);

	if (merge == NULL || out->n >= CLASHES_MAX)
		return;
	if (merge->kind != YNODE_SEQ)
		add_merged_clashes(a, merge, out);
	for (size_t i = 0; merge->kind == YNODE_SEQ && i < merge->n; i++)
		add_merged_clashes(a, merge->items[i], out);
}

/* ---- fields ---- */

struct fields {
	struct map *seen;
	VEC(struct ynode *) list;
};

static bool
want_map(struct err *e)
{
	return err_set(e, ERR_PARSE,
	    "yaml: map merge requires map or sequence of maps as the value");
}

static bool
collect_fields(struct arena *a, const struct ynode *map, struct fields *f,
    struct err *e)
{
	struct ynode *merge;

	if (map->kind != YNODE_MAP)
		return want_map(e);
	if (f->list.n > 0 && has_clashes(a, map))
		return true;
	for (size_t i = 0; i + 1 < map->n; i += 2) {
		struct ynode *k = map->items[i];

		if (k->kind != YNODE_SCALAR || ynode_is_merge(k) ||
		    map_get(f->seen, k->text) != NULL)
			continue;
		map_put(f->seen, k->text, k);
		vec_push(a, &f->list, k);
		vec_push(a, &f->list, map->items[i + 1]);
	}
	merge = fields_merge_value(map);
	if (merge == NULL)
		return true;
	if (merge->kind != YNODE_SEQ)
		return collect_fields(a, merge, f, e);
	for (size_t i = 0; i < merge->n; i++)
		if (!collect_fields(a, merge->items[i], f, e))
			return false;
	return true;
}

bool
ynode_fields(struct arena *a, const struct ynode *map, struct ynode ***fields,
    size_t *n, struct err *e)
{
	struct fields f = { .seen = map_new(a) };

	if (!collect_fields(a, map, &f, e))
		return false;
	*fields = f.list.v;
	*n = f.list.n;
	return true;
}
