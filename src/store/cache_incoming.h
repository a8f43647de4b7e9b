/* SPDX-License-Identifier: MIT */
/*
 * Blobs on their way from and to elsewhere.  What comes in lies in the cache
 * only once it is whole and of the digest that was asked for; what goes out was
 * verified before its first byte is sent.
 * May include: base/.
 */
#ifndef STORE_CACHE_INCOMING_H
#define STORE_CACHE_INCOMING_H

#include "store/cache.h"

struct cache_incoming {
	struct cache *c;
	struct cache_blob want;
	struct sb path;
	struct sha256 sum;
	int fd; /* -1: not open */
};

/* Between cache_begin() and cache_end(); ended by one of the two below. */
bool cache_incoming_open(struct cache *c, const struct cache_blob *want,
    struct cache_incoming *in, struct err *e);
/* false with the reason: it is more than was asked for, or the disk is full. */
bool cache_incoming_add(
    struct cache_incoming *in, const char *p, size_t n, struct err *e);
/* It is complete, and now in the cache; false with the reason: it is not what
 * was asked for, and is gone. */
bool cache_incoming_keep(struct cache_incoming *in, struct err *e);
/* Also of one that is ended, or was never opened but is all zero. */
void cache_incoming_drop(struct cache_incoming *in);

/* A blob to be read from its start, verified; -1: it is not there. */
int cache_open_blob(struct cache *c, const struct cache_blob *b);

#endif
