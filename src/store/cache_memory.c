/* SPDX-License-Identifier: MIT */
/* What was read in this run, within a bound: the blob that was not wanted for
 * the longest time goes first. */
#include <stdio.h>

#include "base/map.h"
#include "store/cache_internal.h"

struct held_blob {
	struct held_blob *older, *newer;
	char digest[SHA256_HEX + 1];
	size_t n;
	char bytes[];
};

struct cache_memory {
	struct arena *arena;
	struct map *blobs; /* digest → struct held_blob * */
	struct held_blob *oldest, *newest;
	uint64_t n, bound;
};

struct cache_memory *
cache_memory_new(uint64_t bound)
{
	struct cache_memory *m = xcalloc(1, sizeof(*m));

	m->arena = arena_new();
	m->blobs = map_new(m->arena);
	m->bound = bound;
	return m;
}

static void
memory_unlink(struct cache_memory *m, struct held_blob *b)
{
	*(b->older != NULL ? &b->older->newer : &m->oldest) = b->newer;
	*(b->newer != NULL ? &b->newer->older : &m->newest) = b->older;
}

static void
memory_link(struct cache_memory *m, struct held_blob *b)
{
	b->older = m->newest;
	b->newer = NULL;
	*(m->newest != NULL ? &m->newest->newer : &m->oldest) = b;
	m->newest = b;
}

static void
memory_drop_oldest(struct cache_memory *m)
{
	struct held_blob *b = m->oldest;

	memory_unlink(m, b);
	map_del(m->blobs, sv_of(b->digest));
	m->n -= b->n;
	free(b);
}

void
cache_memory_free(struct cache_memory *m)
{
	while (m->oldest != NULL)
		memory_drop_oldest(m);
	arena_free(m->arena);
	free(m);
}

bool
cache_memory_get(struct cache_memory *m, const char *digest, sv *out)
{
	struct held_blob *b = map_get(m->blobs, sv_of(digest));

	if (b == NULL)
		return false;
	memory_unlink(m, b);
	memory_link(m, b);
	*out = (sv){ b->bytes, b->n };
	return true;
}

struct held_blob *
cache_memory_room(struct cache_memory *m, const struct cache_blob *b)
{
	struct held_blob *held;

	if (b->size > m->bound || b->size > CACHE_IN_MEMORY)
		return NULL;
	held = xmalloc(sizeof(*held) + (size_t)b->size);
	snprintf(held->digest, sizeof(held->digest), "%s", b->digest);
	held->n = (size_t)b->size;
	return held;
}

char *
cache_memory_bytes(struct held_blob *b)
{
	return b->bytes;
}

void
cache_memory_put(struct cache_memory *m, struct held_blob *b)
{
	if (b == NULL)
		return;
	while (m->n + b->n > m->bound)
		memory_drop_oldest(m);
	map_put(m->blobs, sv_of(b->digest), b);
	memory_link(m, b);
	m->n += b->n;
}
