/* SPDX-License-Identifier: MIT */
/*
 * Arena: memory whose parts die together.  Every phase has one (load, compile
 * of one call, scratch); what lies in an arena is never freed alone.  Running
 * out of memory ends the program with one message, so no caller checks.
 * May include: libc only.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena_chunk;
struct arena_defer;

/* The next byte to give, and the end of the newest chunk; both NULL while
 * there is none.  For the functions here alone. */
struct arena {
	char *at, *end;
	struct arena_chunk *chunk;
	struct arena_defer *defers;
	size_t closed; /* bytes given of older chunks */
	struct arena_chunk *spare; /* see arena_recycle() */
};

/* A place in an arena to which arena_release() goes back. */
struct arena_mark {
	struct arena_chunk *chunk;
	char *at;
	struct arena_defer *defers;
};

/* New, empty arena; free it with arena_free(). */
struct arena *arena_new(void);
/* Runs the registered clean-ups, newest first, and frees all; NULL is fine. */
void arena_free(struct arena *a);
/* What pointers, numbers of 64 bits and doubles stand at. */
#define ARENA_ALIGN ((size_t)8)
/* The part of arena_alloc() that asks for another chunk. */
void *arena_alloc_chunk(struct arena *a, size_t size)
    __attribute__((malloc, returns_nonnull));

/* Zeroed memory of `size` bytes, at a multiple of ARENA_ALIGN. */
static inline void *
arena_alloc(struct arena *a, size_t size)
{
	size_t skip = -(uintptr_t)a->at & (ARENA_ALIGN - 1);
	size_t room = (size_t)(a->end - a->at);
	char *p;

	if (room <= skip || size > room - skip)
		return arena_alloc_chunk(a, size);
	p = a->at + skip;
	a->at = p + size;
	return memset(p, 0, size);
}
/* Makes a block longer where it stands, which only the newest one can be;
 * the bytes that it gets are zero.  false: it is as it was. */
bool arena_extend(struct arena *a, void *p, size_t old_size, size_t new_size);
/* Copy of `n` bytes with a NUL behind them. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The texts behind one another, up to the NULL at the end. */
char *arena_concat(struct arena *a, const char *first, ...)
    __attribute__((sentinel));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* Calls fn(arg) when the arena is freed or released past this point. */
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);
/* Scratch use: mark, allocate, release. */
struct arena_mark arena_mark(struct arena *a);
void arena_release(struct arena *a, struct arena_mark mark);
/* What `from` gave after the chunk of `first` and before that of `last` is
 * nobody's any more, and both stand: `a` uses the chunks between them before it
 * asks for others.  Nothing happens where one of them is not from there. */
void arena_recycle(
    struct arena *a, struct arena *from, const void *first, const void *last);
/* Bytes handed out so far, for bounds on hostile input. */
size_t arena_size(const struct arena *a);

#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))

void arena_cleanup(struct arena **a);
/* struct arena *a cleanup_arena = arena_new(); */
#define cleanup_arena __attribute__((cleanup(arena_cleanup)))

/* Heap memory for what outlives arenas; these never return NULL. */
void *xmalloc(size_t size) __attribute__((malloc, returns_nonnull));
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t n)
    __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), returns_nonnull));
void xfree_cleanup(void *pointer_to_pointer);
/* char *s cleanup_free = xstrdup("…"); */
#define cleanup_free __attribute__((cleanup(xfree_cleanup)))

/* For what cannot happen: prints file and line to stderr and aborts. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
void bug_at(const char *file, int line, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

#endif
