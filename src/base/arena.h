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
#include <stddef.h>

struct arena;

/* A place in an arena to which arena_release() goes back. */
struct arena_mark {
	void *chunk;
	size_t used;
	void *defers;
};

/* New, empty arena; free it with arena_free(). */
struct arena *arena_new(void);
/* Runs the registered clean-ups, newest first, and frees all; NULL is fine. */
void arena_free(struct arena *a);
/* Zeroed memory of `size` bytes, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size)
    __attribute__((malloc, returns_nonnull));
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
