/* SPDX-License-Identifier: MIT */
/*
 * Vector of any element type, grown in an arena (old blocks stay until the
 * arena goes, but for the newest block, which grows where it is) or, with a
 * NULL arena, on the heap (then vec_free()).
 *
 *	VEC(int) v = { 0 };
 *	vec_push(a, &v, 3);
 *	for (size_t i = 0; i < v.n; i++)
 *		use(v.v[i]);
 * May include: arena.h.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdlib.h>

#include "base/arena.h"

#define VEC(type)                                                             \
	struct {                                                              \
		type *v;                                                      \
		size_t n, cap;                                                \
	}

#define vec_push(a, vec, item)                                                \
	do {                                                                  \
		if ((vec)->n == (vec)->cap)                                   \
			(vec)->v = vec_grow((a), (vec)->v, &(vec)->cap,       \
			    sizeof(*(vec)->v));                               \
		(vec)->v[(vec)->n++] = (item);                                \
	} while (0)

/* Room for just so many, where that is known before the first: nothing is left
 * over.  For a vector that is empty, in an arena. */
#define vec_reserve(a, vec, count)                                             \
	do {                                                                   \
		(vec)->v = arena_alloc((a), (count) * sizeof(*(vec)->v));      \
		(vec)->cap = (count);                                          \
	} while (0)

#define vec_free(vec)                                                         \
	do {                                                                  \
		free((vec)->v);                                               \
		(vec)->v = NULL;                                              \
		(vec)->n = (vec)->cap = 0;                                    \
	} while (0)

#define vec_each(vec, it)                                                     \
	for (it = (vec)->v; it != NULL && it < (vec)->v + (vec)->n; it++)

/* Doubles the capacity of a block; for vec_push() only. */
void *vec_grow(struct arena *a, void *p, size_t *cap, size_t item_size);

#endif
