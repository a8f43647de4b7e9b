/* SPDX-License-Identifier: MIT */
#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/vec.h"

enum {
	LINEAR_MAX = 8,
	ENTRIES_MAX = 1 << 30
};

void *
vec_grow(struct arena *a, void *p, size_t *cap, size_t item_size)
{
	size_t n = *cap ? *cap * 2 : item_size > 16 ? 2 : 4;
	void *q;

	if (a == NULL) {
		q = xrealloc(p, n * item_size);
	} else if (*cap > 0 &&
		   arena_extend(a, p, *cap * item_size, n * item_size)) {
		q = p;
	} else {
		q = arena_alloc(a, n * item_size);
		if (*cap > 0)
			memcpy(q, p, *cap * item_size);
	}
	*cap = n;
	return q;
}

struct map *
map_new(struct arena *a)
{
	struct map *m = arena_new_of(a, struct map);

	m->arena = a;
	return m;
}

struct map *
map_new_for(struct arena *a, size_t count)
{
	struct map *m = map_new(a);

	if (count > ENTRIES_MAX)
		BUG("a map of more than %d entries", ENTRIES_MAX);
	m->entries = arena_alloc(a, count * sizeof(*m->entries));
	m->cap = (uint32_t)count;
	return m;
}

static void
index_add(struct map *m, uint32_t hash, size_t entry)
{
	size_t i = hash & (m->index_size - 1);

	while (m->index[i] != 0)
		i = (i + 1) & (m->index_size - 1);
	m->index[i] = (uint32_t)entry + 1;
}

static void
index_build(struct map *m)
{
	uint32_t size = 32;

	while (size / 2 < m->cap)
		size *= 2;
	m->index = arena_alloc(m->arena, size * sizeof(*m->index));
	m->index_size = size;
	for (size_t i = 0; i < m->n; i++)
		index_add(m, m->entries[i].hash, i);
}

/* Removed entries keep their key and their place in the index. */
static struct map_entry *
map_find(const struct map *m, sv key, uint32_t hash)
{
	if (m->index == NULL) {
		for (size_t i = 0; i < m->n; i++)
			if (m->entries[i].hash == hash &&
			    sv_eq(m->entries[i].key, key))
				return &m->entries[i];
		return NULL;
	}
	for (size_t i = hash & (m->index_size - 1); m->index[i] != 0;
	    i = (i + 1) & (m->index_size - 1)) {
		struct map_entry *e = &m->entries[m->index[i] - 1];

		if (e->hash == hash && sv_eq(e->key, key))
			return e;
	}
	return NULL;
}

void *
map_get(const struct map *m, sv key)
{
	const struct map_entry *e;

	if (m == NULL || m->n == 0)
		return NULL;
	e = map_find(m, key, (uint32_t)hash64(key));
	return e ? e->value : NULL;
}

const char *
map_key(const struct map *m, sv key)
{
	const struct map_entry *e;

	if (m == NULL || m->n == 0)
		return NULL;
	e = map_find(m, key, (uint32_t)hash64(key));
	return e && e->value ? e->key.p : NULL;
}

ptrdiff_t
map_index(const struct map *m, sv key)
{
	const struct map_entry *e;

	if (m == NULL || m->n == 0)
		return -1;
	e = map_find(m, key, (uint32_t)hash64(key));
	return e && e->value ? e - m->entries : -1;
}

static void
append(struct map *m, sv key, uint32_t hash, void *value)
{
	if (m->n == m->cap) {
		size_t cap = m->cap;

		if (cap > ENTRIES_MAX / 2)
			BUG("a map of more than %d entries", ENTRIES_MAX);
		m->entries =
		    vec_grow(m->arena, m->entries, &cap, sizeof(*m->entries));
		m->cap = (uint32_t)cap;
		m->index = NULL;
	}
	m->entries[m->n] = (struct map_entry){ key, value, hash };
	m->n++;
	m->count++;
	if (m->index != NULL)
		index_add(m, hash, m->n - 1);
	else if (m->n > LINEAR_MAX)
		index_build(m);
}

/* The key to keep, which may be a copy. */
static void
map_add(struct map *m, struct map_entry *e, sv key, uint32_t hash, void *value)
{
	if (value == NULL)
		BUG("NULL in a map");
	if (e != NULL) {
		/* was removed: the new one goes to the end, the old key
		 * must no longer be found */
		key = e->key;
		e->hash = ~hash;
		e->key = (sv){ "", 0 };
		if (m->index != NULL)
			index_build(m);
	}
	append(m, key, hash, value);
}

void
map_put(struct map *m, sv key, void *value)
{
	uint32_t hash = (uint32_t)hash64(key);
	struct map_entry *e = map_find(m, key, hash);

	if (e != NULL && e->value != NULL && value != NULL)
		e->value = value;
	else
		map_add(m, e, e ? key : sv_dup(m->arena, key), hash, value);
}

void
map_put_kept(struct map *m, sv key, void *value)
{
	uint32_t hash = (uint32_t)hash64(key);
	struct map_entry *e = map_find(m, key, hash);

	if (e != NULL && e->value != NULL && value != NULL)
		e->value = value;
	else
		map_add(m, e, key, hash, value);
}

bool
map_add_kept(struct map *m, sv key, void *value)
{
	uint32_t hash = (uint32_t)hash64(key);
	struct map_entry *e = map_find(m, key, hash);

	if (e != NULL && e->value != NULL)
		return false;
	map_add(m, e, key, hash, value);
	return true;
}

bool
map_del(struct map *m, sv key)
{
	struct map_entry *e = map_find(m, key, (uint32_t)hash64(key));

	if (e == NULL || e->value == NULL)
		return false;
	e->value = NULL;
	m->count--;
	return true;
}

struct map *
map_copy(struct arena *a, const struct map *m)
{
	struct map *copy = map_new_for(a, map_count(m));
	const struct map_entry *e;

	map_each(m, e)
		append(copy, a == m->arena ? e->key : sv_dup(a, e->key),
		    e->hash, e->value);
	return copy;
}

static int
by_key(const void *x, const void *y)
{
	const struct map_entry *const *a = x, *const *b = y;

	return sv_cmp((*a)->key, (*b)->key);
}

const struct map_entry **
map_sorted(struct arena *a, const struct map *m)
{
	const struct map_entry **out =
	    arena_alloc(a, (map_count(m) + 1) * sizeof(*out));
	const struct map_entry *e;
	size_t n = 0;

	map_each(m, e)
		out[n++] = e;
	if (n > 0)
		qsort(out, n, sizeof(*out), by_key);
	return out;
}
