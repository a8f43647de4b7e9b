/* SPDX-License-Identifier: MIT */
/*
 * Vector of any element type, grown in an arena (old blocks stay until the
 * arena goes) or, with a NULL arena, on the heap (then vec_free()).
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
