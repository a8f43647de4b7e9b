/* SPDX-License-Identifier: MIT */
/*
 * Map from strings to pointers that keeps the order of insertion, which the
 * order of a Taskfile's tasks, variables and includes rests on.  Lives in an
 * arena; keys are copied into it.  Up to 8 entries it is searched in line,
 * above that through an open-addressing index.
 * May include: arena.h, str.h, vec.h.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdint.h>

#include "base/str.h"

struct map_entry {
	sv key;	     /* NUL-terminated, owned by the map's arena */
	void *value; /* never NULL for a live entry: NULL marks a removed one */
	uint32_t hash;
};

struct map {
	struct arena *arena;
	struct map_entry *entries;
	uint32_t *index; /* slot → entry number + 1; NULL while small */
	uint32_t n;      /* entries used, removed ones included */
	uint32_t count;  /* live entries */
	uint32_t cap, index_size;
};

struct map *map_new(struct arena *a);
/* With room for just so many entries. */
struct map *map_new_for(struct arena *a, size_t count);
/* The value of `key`, or NULL. */
void *map_get(const struct map *m, sv key);
/* The key as the map holds it, for interning; NULL when absent. */
const char *map_key(const struct map *m, sv key);
/* The place of `key` among the entries, or -1: its order. */
ptrdiff_t map_index(const struct map *m, sv key);
/* Sets `key` to `value` (not NULL); an existing key keeps its place. */
void map_put(struct map *m, sv key, void *value);
/* The same without a copy of the key, which must have a NUL behind it and live
 * as long as the map. */
void map_put_kept(struct map *m, sv key, void *value);
/* The same for a key that is new; false where there is one. */
bool map_add_kept(struct map *m, sv key, void *value);
/* Removes `key`; the order of the others stays.  false when absent. */
bool map_del(struct map *m, sv key);
/* Shallow copy: the same values in the same order. */
struct map *map_copy(struct arena *a, const struct map *m);
/* The live entries sorted bytewise by key; an arena array of m->count. */
const struct map_entry **map_sorted(struct arena *a, const struct map *m);

/* for (const struct map_entry *e …) over live entries in order. */
#define map_each(m, e)                                                        \
	for (e = (m) ? (m)->entries : NULL;                                   \
	    e != NULL && e < (m)->entries + (m)->n; e++)                      \
		if (e->value != NULL)

static inline size_t
map_count(const struct map *m)
{
	return m ? m->count : 0;
}

#endif
