/* SPDX-License-Identifier: MIT */
/*
 * Where arenas get their chunks: blocks of a power of two, cut from a few
 * regions of memory and kept for the next one who wants such a block.  A page
 * that is touched for the first time costs more than most of what is written to
 * it, so pages come several at a time.
 * May include: libc only.
 */
#ifndef BASE_CHUNK_H
#define BASE_CHUNK_H

#include <stddef.h>

/* A block of at least *size bytes, and *size what it has; what is in it is
 * nobody's.  NULL: there is no memory.  Any thread may call. */
void *chunk_get(size_t *size);
/* Gives one back, with the size that was asked for or what it has. */
void chunk_put(void *p, size_t size);

#endif
