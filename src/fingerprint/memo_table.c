/* SPDX-License-Identifier: MIT */
#include "fingerprint/memo_table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"

#define MEMO_MAGIC     UINT64_C(0x32306f6d656d7270) /* "prmemo02" */
#define MEMO_MAX_ITEMS 500000
#define FIRST_CAP      64

struct head {
	uint64_t magic;
	uint32_t files_cap, files_n, sets_cap, sets_n;
	uint64_t unused[5]; /* an item of a file is a line of the cache */
};

/* What both kinds of items have in common: a key, and its place. */
struct kind {
	size_t size, key_size;
};

static const struct kind file_kind = { sizeof(struct memo_file),
	2 * sizeof(uint64_t) };
static const struct kind set_kind = { sizeof(struct memo_set),
	sizeof(struct digest) };

/* Day and check sum are the last two words of an item. */
static uint32_t *
check_of(const struct kind *k, char *item)
{
	return (uint32_t *)(void *)(item + k->size - sizeof(uint32_t));
}

static uint32_t *
day_of(const struct kind *k, char *item)
{
	return check_of(k, item) - 1;
}

static uint32_t
check_sum(const struct kind *k, const char *item)
{
	uint64_t h = hash64((sv){ item, k->size - 2 * sizeof(uint32_t) });

	return (uint32_t)h | 1;
}

static char *
memo_item(const struct kind *k, const struct memo_table *t, size_t i)
{
	return (char *)t->items + i * k->size;
}

static size_t
memo_place(const char *key, size_t cap)
{
	uint64_t words[2], x;

	memcpy(words, key, sizeof(words));
	x = words[1] * UINT64_C(0x9e3779b97f4a7c15) ^ words[0];
	x ^= x >> 29;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	return (size_t)((x >> 32) * cap >> 32);
}

/* The item's own slot, or the free one where it would go; NULL: there is none,
 * which only a damaged file can come to. */
static char *
slot_of(const struct kind *k, const struct memo_table *t, const char *key)
{
	size_t i = t->cap > 0 ? memo_place(key, t->cap) : 0;

	for (size_t steps = 0; steps < t->cap; steps++) {
		char *item = memo_item(k, t, i);

		if (*check_of(k, item) == 0 ||
		    memcmp(item, key, k->key_size) == 0)
			return item;
		if (++i == t->cap)
			i = 0;
	}
	return NULL;
}

static char *
find_item(const struct kind *k, const struct memo_table *t, const char *key)
{
	char *item = slot_of(k, t, key);

	if (item == NULL || *check_of(k, item) == 0 ||
	    *check_of(k, item) != check_sum(k, item))
		return NULL;
	return item;
}

/* A table of its own of what is found and was used since that day: a damaged
 * one may have a second item of a key. */
static struct memo_table
memo_copy(const struct kind *k, const struct memo_table *t, size_t cap,
    uint32_t oldest)
{
	struct memo_table to = { xcalloc(cap, k->size), cap, 0, true };

	for (size_t i = 0; i < t->cap && to.n < MEMO_MAX_ITEMS; i++) {
		char *item = memo_item(k, t, i), *slot;

		if (*check_of(k, item) == 0 || *day_of(k, item) < oldest ||
		    find_item(k, t, item) != item)
			continue;
		slot = slot_of(k, &to, item);
		if (slot == NULL)
			break;
		to.n += *check_of(k, slot) == 0;
		memcpy(slot, item, k->size);
	}
	return to;
}

static void
drop_items(struct memo_table *t)
{
	if (t->is_heap)
		free(t->items);
}

/* A quarter of the slots is free. */
static bool
is_full(const struct memo_table *t)
{
	return 4 * (t->n + 1) > 3 * t->cap;
}

static void
put_item(const struct kind *k, struct memo_table *t, const char *item)
{
	char *slot = is_full(t) ? NULL : slot_of(k, t, item);

	if (slot == NULL) {
		size_t cap = t->cap < FIRST_CAP ? FIRST_CAP : 2 * t->cap;
		struct memo_table to = memo_copy(k, t, cap, 0);

		drop_items(t);
		*t = to;
		slot = slot_of(k, t, item);
	}
	t->n += *check_of(k, slot) == 0;
	memcpy(slot, item, k->size);
	*check_of(k, slot) = check_sum(k, slot);
}

struct memo_file *
memo_find_file(const struct memo_tables *t, uint64_t dev, uint64_t ino)
{
	uint64_t key[] = { dev, ino };

	return (void *)find_item(&file_kind, &t->files, (const char *)key);
}

struct memo_set *
memo_find_set(const struct memo_tables *t, struct digest key)
{
	return (void *)find_item(&set_kind, &t->sets, (const char *)&key);
}

void
memo_put_file(struct memo_tables *t, const struct memo_file *x)
{
	put_item(&file_kind, &t->files, (const char *)x);
}

void
memo_put_set(struct memo_tables *t, const struct memo_set *x)
{
	put_item(&set_kind, &t->sets, (const char *)x);
}

/* ---- the file ---- */

static bool
head_fits(const struct head *h, size_t size)
{
	return h->magic == MEMO_MAGIC && h->files_cap <= 2 * MEMO_MAX_ITEMS &&
	       h->sets_cap <= 2 * MEMO_MAX_ITEMS &&
	       size == sizeof(*h) + h->files_cap * sizeof(struct memo_file) +
			   h->sets_cap * sizeof(struct memo_set);
}

/* It is private: what is written there stays in memory. */
void
memo_tables_read(struct memo_tables *t, const char *path)
{
	int fd cleanup_close =
	    open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	struct head h;
	char *p;

	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (size_t)st.st_size < sizeof(h))
		return;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE,
	    fd, 0);
	if (p == MAP_FAILED)
		return;
	t->map = p;
	t->map_size = (size_t)st.st_size;
	memcpy(&h, p, sizeof(h));
	if (!head_fits(&h, t->map_size))
		return;
	p += sizeof(h);
	t->files = (struct memo_table){ p, h.files_cap, h.files_n, false };
	p += h.files_cap * sizeof(struct memo_file);
	t->sets = (struct memo_table){ p, h.sets_cap, h.sets_n, false };
}

static struct memo_table
packed(const struct kind *k, const struct memo_table *t, uint32_t oldest)
{
	size_t n = 0;

	for (size_t i = 0; i < t->cap; i++) {
		char *item = memo_item(k, t, i);

		n += *check_of(k, item) != 0 && *day_of(k, item) >= oldest;
	}
	if (n > MEMO_MAX_ITEMS)
		n = MEMO_MAX_ITEMS;
	return memo_copy(k, t, n + n / 2 + 1, oldest);
}

bool
memo_tables_write(
    const struct memo_tables *t, const char *path, uint32_t oldest)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb b cleanup_sb = SB_INIT;
	struct memo_table files = packed(&file_kind, &t->files, oldest);
	struct memo_table sets = packed(&set_kind, &t->sets, oldest);
	struct head h = { MEMO_MAGIC, (uint32_t)files.cap, (uint32_t)files.n,
		(uint32_t)sets.cap, (uint32_t)sets.n, { 0 } };

	sb_add(&b, (const char *)&h, sizeof(h));
	sb_add(&b, files.items, files.cap * sizeof(struct memo_file));
	sb_add(&b, sets.items, sets.cap * sizeof(struct memo_set));
	drop_items(&files);
	drop_items(&sets);
	return mkdir_all(path_dir(a, sv_of(path)), 0700, &e) &&
	       write_atomic(path, sb_sv(&b), 0600, &e);
}

void
memo_tables_free(struct memo_tables *t)
{
	drop_items(&t->files);
	drop_items(&t->sets);
	if (t->map != NULL)
		munmap(t->map, t->map_size);
	*t = (struct memo_tables){ 0 };
}
