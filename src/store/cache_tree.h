/* SPDX-License-Identifier: MIT */
/*
 * Outputs from a tree into the cache, and back.  No path is walked through a
 * link: every folder is opened from the one above it, and a link in the way is
 * an error.  Putting back is all or nothing as far as an error can tell: what
 * can go wrong is tried before the first file takes its place.
 * May include: base/.
 */
#ifndef STORE_CACHE_TREE_H
#define STORE_CACHE_TREE_H

#include "store/cache.h"

struct cache_tree {
	const char *root;  /* of the paths, absolute */
	const char *stage; /* a folder of prun's own on the same file system;
			    * made when needed */
	const char *kept;  /* where outputs go that somebody has edited */
};

/* Adds the outputs with these paths, sorted, to the entry and their bytes to the
 * cache.  false, with the reason: one is not what can be put back. */
bool cache_take(struct cache *c, struct arena *a, const struct cache_tree *t,
    const cache_paths *paths, struct cache_entry *out, struct err *e);

struct cache_put {
	const cache_paths *present; /* outputs that are there now */
	/* of these, those that nobody knows to be the task's own work */
	const cache_paths *strange;
	/* of `present`, those that are what the entry has there already, but
	 * perhaps for their mode: they stay; or NULL */
	const cache_paths *right;
	cache_paths saved; /* out: where copies of what was edited are */
};
/* Makes the outputs those of the entry: what is there and is not in it goes.
 * false, with the reason: nothing was changed, or as *begun says, some things
 * were. */
bool cache_restore(struct cache *c, struct arena *a,
    const struct cache_tree *t, const struct cache_entry *x,
    struct cache_put *put, bool *begun, struct err *e);

#endif
