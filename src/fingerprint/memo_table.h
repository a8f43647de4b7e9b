/* SPDX-License-Identifier: MIT */
/*
 * The memo's file, and what it is in memory: two tables with open addressing,
 * looked up where the file is mapped, so that a run which asks for a few of
 * many digests touches a few pages.  Each item has a check sum of its own; one
 * that does not fit is as if it was not there, and so is a file whose head does
 * not say what it is.  Changes stay in memory until they are written.
 * May include: base/.
 */
#ifndef FINGERPRINT_MEMO_TABLE_H
#define FINGERPRINT_MEMO_TABLE_H

#include "fingerprint/memo.h"

/* A file as remembered, found by device and inode. */
struct memo_file {
	uint64_t dev, ino, size;
	int64_t mtime_ns, ctime_ns;
	struct digest digest;
	uint32_t day;   /* of last use, since 1970 */
	uint32_t check; /* of all before `day`; 0: the slot is free */
};

/* A list of files as remembered, found by the digest of its parts. */
struct memo_set {
	struct digest key, digest;
	uint32_t day, check;
};

struct memo_table {
	void *items;
	size_t cap, n;
	bool is_heap; /* the items are not the mapped file's */
};

struct memo_tables {
	struct memo_table files, sets;
	void *map; /* the file, NULL: there is none */
	size_t map_size;
};

/* What the file holds; nothing where it is none. */
void memo_tables_read(struct memo_tables *t, const char *path);
/* What was used since that day; it replaces the file in one step. */
bool memo_tables_write(
    const struct memo_tables *t, const char *path, uint32_t oldest);
void memo_tables_free(struct memo_tables *t);

/* NULL: not there.  Only `day` may be written. */
struct memo_file *memo_find_file(
    const struct memo_tables *t, uint64_t dev, uint64_t ino);
struct memo_set *memo_find_set(const struct memo_tables *t, struct digest key);
/* In the place of one with the same key. */
void memo_put_file(struct memo_tables *t, const struct memo_file *x);
void memo_put_set(struct memo_tables *t, const struct memo_set *x);

#endif
