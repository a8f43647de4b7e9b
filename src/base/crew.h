/* SPDX-License-Identifier: MIT */
/*
 * Many small pieces of work of one kind, by several threads that come and go
 * within one call: nobody who starts processes ever sees them.  With
 * --disable-threads there is one.
 * May include: libc only.
 */
#ifndef BASE_CREW_H
#define BASE_CREW_H

#include <stddef.h>

enum { CREW_MAX = 16 };

/* Calls fn(ctx, i) once for each i below n, in any order and side by side, on
 * up to `threads` threads, the caller's among them; it must touch nothing that
 * is not item i's own.  Returns when all are done. */
void crew_each(
    unsigned threads, size_t n, void (*fn)(void *ctx, size_t i), void *ctx);

#endif
