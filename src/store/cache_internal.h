/* SPDX-License-Identifier: MIT */
/* What the files of the cache share. */
#ifndef STORE_CACHE_INTERNAL_H
#define STORE_CACHE_INTERNAL_H

#include "base/lock.h"
#include "store/cache.h"

enum {
	CACHE_PATH_MAX = 4096,
	CACHE_ENTRY_MAX = 64 * 1024 * 1024, /* bytes of one */
	CACHE_IN_MEMORY = 4 * 1024 * 1024,  /* a bigger blob is copied */
};

struct cache_memory;
struct held_blob;

struct cache {
	struct cache_options o;
	struct arena *arena;
	int lock_fd; /* while something is read or added; else -1 */
	unsigned holds;
	struct cache_memory *memory;
	struct sb big; /* the last blob that was read */
	/* of this run */
	uint64_t hits, misses, remote;
	int64_t saved_ns;
	uint64_t added; /* and not noted in DIR/runs */
	bool has_added;
	/* what DIR/runs says, as far as it was read */
	uint64_t size;
	ino_t usage_ino;
	off_t usage_read;
	unsigned n_tmp;
};

/* DIR/KIND/ab/abcd… */
void cache_path(const struct cache *c, const char *kind, const char *digest,
    struct sb *out);
/* Renames a new file to its place; makes the folder. */
bool cache_publish(const struct cache *c, const char *from, const char *to,
    struct err *e);
/* A small file, whole or not at all. */
bool cache_write_whole(
    struct cache *c, const char *path, sv text, struct err *e);
/* As lock_try(), with some patience: nobody holds it for long. */
enum lock_result cache_lock_soon(int fd, enum lock_kind kind);
/* A new file in DIR/tmp; its path is left in *path. */
int cache_temporary(struct cache *c, struct sb *path, struct err *e);

/* A file in DIR/tmp becomes the blob; gone where it cannot. */
bool cache_blob_publish(struct cache *c, const char *tmp,
    const struct cache_blob *b, struct err *e);
/* A blob of the size that the entry says; what is not, is no blob: -1. */
int cache_blob_open(
    struct cache *c, const struct cache_blob *b, struct stat *st);

/* ---- cache_entry.c ---- */

/* The file with that path; NULL: it has none. */
const struct cache_file *cache_entry_file(
    const struct cache_entry *x, sv path);

void cache_entry_write(
    const char *key, const struct cache_entry *x, struct sb *out);
/* Of a text from anywhere: false for all that cache_entry_write() would not
 * have written, or that says it is another key's. */
bool cache_entry_read(
    struct arena *a, const char *key, sv text, struct cache_entry *out);

/* ---- cache_memory.c ---- */

struct cache_memory *cache_memory_new(uint64_t bound);
void cache_memory_free(struct cache_memory *m);
bool cache_memory_get(struct cache_memory *m, const char *digest, sv *out);
/* Room for a blob that is about to be read: freed, or put in when it is right.
 * NULL: it is too big to be held. */
struct held_blob *cache_memory_room(
    struct cache_memory *m, const struct cache_blob *b);
char *cache_memory_bytes(struct held_blob *b);
void cache_memory_put(struct cache_memory *m, struct held_blob *b); /* or NULL */

/* ---- cache_usage.c ---- */

/* Does the cache hold more than it may, as far as is known without a look at
 * every file? */
bool cache_is_full(struct cache *c);
void cache_note_added(struct cache *c);
void cache_note_run(struct cache *c);

#endif
