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
		strcmp(key->tag_text, "!!merge") == 0);
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
