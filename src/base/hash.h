/* SPDX-License-Identifier: MIT */
/*
 * The hashes prun needs behind one face: XXH3-128 for fingerprints (go-task's
 * own), XXH3-64 for maps and keys, SHA-1, SHA-256 and Adler-32 for templates,
 * checksums and receipts.
 * May include: arena.h, str.h; xxhash, libmd.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "base/str.h"

uint64_t hash64(sv s);

struct xxh128;
struct xxh128 *xxh128_new(void);
void xxh128_add(struct xxh128 *h, const void *p, size_t n);
/* Ends and frees `h`. */
void xxh128_end(struct xxh128 *h, uint64_t *high, uint64_t *low);
/* The same of one text. */
void xxh128_of(sv s, uint64_t *high, uint64_t *low);

char *sha1_hex(struct arena *a, sv s);
char *sha256_hex(struct arena *a, sv s);
uint32_t adler32_of(sv s);

#endif
