/* SPDX-License-Identifier: MIT */
/*
 * The contents of many files, read and hashed by several threads a block at a
 * time (P-1003); whoever needs them in order takes them in order.  What is not
 * a plain file of moderate size, or changes while it is read, is left to the
 * ordinary way.
 * May include: base/.
 */
#ifndef FINGERPRINT_AHEAD_H
#define FINGERPRINT_AHEAD_H

#include "fingerprint/checksum.h"

struct ahead;

/* A file of the block. */
struct ahead_file {
	bool is_done; /* false: nothing of it is known */
	struct file_sig sig;
	struct digest digest;
	sv content; /* until the next block */
	int64_t read_at;
	char *room; /* where it goes: `size` bytes and one more */
	size_t size;
};

/* NULL for one thread, which has nothing to gain. */
struct ahead *ahead_new(unsigned threads);
void ahead_free(struct ahead *h);
/* Reads the first of the n files, whose signatures say how big they are: at
 * least one, and at most as many as fit.  Returns how many; *out is theirs until
 * the next call. */
size_t ahead_read(struct ahead *h, struct source *const *v, size_t n,
    int64_t (*now)(void), const struct ahead_file **out);

#endif
