/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chunk.h"

/* Bytes of a chunk with its head. */
enum { CHUNK_FIRST = 2 * 1024, CHUNK_MAX = 64 * 1024 };

struct arena_chunk {
	struct arena_chunk *prev;
	size_t size; /* of `data` */
	size_t used; /* once it is not the newest any more */
	alignas(max_align_t) char data[];
};

struct arena_defer {
	struct arena_defer *prev;
	void (*fn)(void *);
	void *arg;
};

static void
out_of_memory(void)
{
	fputs("prun: out of memory\n", stderr);
	exit(1);
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xrealloc(void *p, size_t size)
{
	void *q = realloc(p, size ? size : 1);

	if (q == NULL)
		out_of_memory();
	return q;
}

char *
xstrndup(const char *s, size_t n)
{
	char *p = xmalloc(n + 1);

	memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("bad format %s", fmt);
	p = xmalloc((size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void
xfree_cleanup(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

struct arena *
arena_new(void)
{
	size_t size = sizeof(struct arena);
	struct arena *a = chunk_get(&size);

	if (a == NULL)
		out_of_memory();
	*a = (struct arena){ 0 };
	return a;
}

static void
free_chunk(struct arena_chunk *c)
{
	chunk_put(c, sizeof(*c) + c->size);
}

static void
run_defers(struct arena *a, const struct arena_defer *until)
{
	while (a->defers != until) {
		struct arena_defer *d = a->defers;

		a->defers = d->prev;
		d->fn(d->arg);
	}
}

static void
arena_use_chunk(struct arena *a, struct arena_chunk *c, char *at)
{
	a->chunk = c;
	a->at = at;
	a->end = c != NULL ? c->data + c->size : NULL;
}

/* Back to a place in an older chunk, or to nothing. */
static void
drop_chunks(struct arena *a, const struct arena_chunk *until)
{
	struct arena_chunk *c = a->chunk;

	while (c != until) {
		struct arena_chunk *prev = c->prev;

		free_chunk(c);
		c = prev;
		a->closed -= c != NULL ? c->used : 0;
	}
	if (a->chunk != until)
		arena_use_chunk(a, c, c != NULL ? c->data + c->used : NULL);
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	run_defers(a, NULL);
	drop_chunks(a, NULL);
	while (a->spare != NULL) {
		struct arena_chunk *c = a->spare;

		a->spare = c->prev;
		free_chunk(c);
	}
	chunk_put(a, sizeof(*a));
}

void
arena_cleanup(struct arena **a)
{
	arena_free(*a);
}

static void
arena_add_chunk(struct arena *a, size_t need)
{
	size_t size = CHUNK_FIRST;
	struct arena_chunk *c;

	if (a->chunk != NULL)
		size = 2 * (sizeof(*c) + a->chunk->size);
	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	if (need > SIZE_MAX - sizeof(*c))
		out_of_memory();
	if (size < sizeof(*c) + need)
		size = sizeof(*c) + need;
	if (a->spare != NULL && a->spare->size >= need) {
		c = a->spare;
		a->spare = c->prev;
	} else {
		c = chunk_get(&size);
		if (c == NULL)
			out_of_memory();
		c->size = size - sizeof(*c);
	}
	c->prev = a->chunk;
	if (a->chunk != NULL) {
		a->chunk->used = (size_t)(a->at - a->chunk->data);
		a->closed += a->chunk->used;
	}
	arena_use_chunk(a, c, c->data);
}

void *
arena_alloc_chunk(struct arena *a, size_t size)
{
	arena_add_chunk(a, size > 0 ? size : 1);
	a->at += size;
	return memset(a->at - size, 0, size);
}

bool
arena_extend(struct arena *a, void *p, size_t old_size, size_t new_size)
{
	if (a->at == NULL || (char *)p + old_size != a->at ||
	    new_size - old_size > (size_t)(a->end - a->at))
		return false;
	memset(a->at, 0, new_size - old_size);
	a->at += new_size - old_size;
	return true;
}

/* Texts stand at any byte. */
char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p;

	if (n >= (size_t)(a->end - a->at))
		arena_add_chunk(a, n + 1);
	p = a->at;
	a->at += n + 1;
	if (n > 0)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_concat(struct arena *a, const char *first, ...)
{
	enum {
		KNOWN = 8
	};
	size_t sizes[KNOWN], n = 0, k = 0;
	va_list ap;
	char *p, *end;

	va_start(ap, first);
	for (const char *s = first; s != NULL; s = va_arg(ap, const char *)) {
		size_t size = strlen(s);

		if (k < KNOWN)
			sizes[k++] = size;
		n += size;
	}
	va_end(ap);
	p = end = arena_alloc(a, n + 1);
	k = 0;
	va_start(ap, first);
	for (const char *s = first; s != NULL; s = va_arg(ap, const char *)) {
		size_t size = k < KNOWN ? sizes[k++] : strlen(s);

		memcpy(end, s, size);
		end += size;
	}
	va_end(ap);
	return p;
}

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char text[256], *p;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(text, sizeof(text), fmt, again);
	va_end(again);
	if (n < 0)
		BUG("bad format %s", fmt);
	if ((size_t)n < sizeof(text))
		return arena_strndup(a, text, (size_t)n);
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void
arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
	struct arena_defer *d = arena_new_of(a, struct arena_defer);

	d->prev = a->defers;
	d->fn = fn;
	d->arg = arg;
	a->defers = d;
}

struct arena_mark
arena_mark(struct arena *a)
{
	return (struct arena_mark){
		.chunk = a->chunk,
		.at = a->at,
		.defers = a->defers,
	};
}

void
arena_release(struct arena *a, struct arena_mark mark)
{
	run_defers(a, mark.defers);
	drop_chunks(a, mark.chunk);
	a->at = mark.at;
}

static bool
chunk_has(const struct arena_chunk *c, const void *p)
{
	return (const char *)p >= c->data &&
	       (const char *)p < c->data + c->size;
}

void
arena_recycle(
    struct arena *a, struct arena *from, const void *first, const void *last)
{
	struct arena_chunk *newer = from->chunk, *older;

	while (newer != NULL && !chunk_has(newer, last))
		newer = newer->prev;
	for (older = newer; older != NULL && !chunk_has(older, first);)
		older = older->prev;
	if (older == NULL)
		return;
	while (newer != older && newer->prev != older) {
		struct arena_chunk *c = newer->prev;

		newer->prev = c->prev;
		from->closed -= c->used;
		c->prev = a->spare;
		a->spare = c;
	}
}

size_t
arena_size(const struct arena *a)
{
	return a->closed +
	       (a->chunk != NULL ? (size_t)(a->at - a->chunk->data) : 0);
}

void
bug_at(const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "BUG: %s:%d: ", file, line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
