/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/chunk.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* The checkers know what malloc gave, and find who uses it too late. */
#if defined(__SANITIZE_ADDRESS__) || !defined(MAP_ANONYMOUS)
#define CHUNK_IS_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define CHUNK_IS_MALLOC 1
#endif
#endif

#ifdef CHUNK_IS_MALLOC

void *
chunk_get(size_t *size)
{
	return malloc(*size);
}

void
chunk_put(void *p, size_t size)
{
	(void)size;
	free(p);
}

#else

enum {
	MIN_LOG = 6,
	MAX_LOG = 20, /* larger blocks are malloc's */
	CLASSES = MAX_LOG - MIN_LOG + 1,
	REGION = 256 * 1024,
	LARGE = 2 * 1024 * 1024,
	PAGES = 64 * 1024 /* made ready at once */
};

struct block {
	struct block *next;
};

/* What is cut next is at `at`; pages up to `ready` are there.  All of it is
 * for who has the lock. */
static struct {
	atomic_flag lock;
	char *at, *end, *ready;
	size_t total; /* bytes of all regions */
	struct block *free[CLASSES];
} pool = { .lock = ATOMIC_FLAG_INIT };

static void
pool_lock(void)
{
	while (
	    atomic_flag_test_and_set_explicit(&pool.lock, memory_order_acquire))
		;
}

static void
pool_unlock(void)
{
	atomic_flag_clear_explicit(&pool.lock, memory_order_release);
}

static unsigned
class_of(size_t size)
{
	unsigned c = 0;

	while (((size_t)1 << (MIN_LOG + c)) < size)
		c++;
	return c;
}

/* The rest of a region, in the largest blocks that it has room for. */
static void
keep_rest(void)
{
	for (unsigned c = CLASSES; c-- > 0;) {
		size_t size = (size_t)1 << (MIN_LOG + c);

		while ((size_t)(pool.end - pool.at) >= size) {
			struct block *b = (struct block *)pool.at;

			b->next = pool.free[c];
			pool.free[c] = b;
			pool.at += size;
		}
	}
}

static char *
map_region(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Large pages stand at multiples of their size. */
static char *
map_large(void)
{
	char *p = map_region(2 * (size_t)LARGE), *at;
	size_t skip;

	if (p == NULL)
		return NULL;
	skip = -(uintptr_t)p & (LARGE - 1);
	at = p + skip;
	if (skip > 0)
		munmap(p, skip);
	munmap(at + LARGE, LARGE - skip);
#ifdef MADV_HUGEPAGE
	madvise(at, LARGE, MADV_HUGEPAGE);
#endif
	return at;
}

/* With room for a block of that size.  A small program has small regions. */
static bool
add_region(size_t need)
{
	size_t size = pool.total == 0 ? REGION : 2 * (size_t)REGION;
	char *p;

	if (pool.total > size || need > size)
		size = LARGE;
	p = size == LARGE ? map_large() : map_region(size);
	if (p == NULL)
		return false;
	keep_rest();
	pool.total += size;
	pool.at = p;
	pool.end = p + size;
	pool.ready = size == LARGE ? pool.end : p;
	return true;
}

/* Where the system cannot, the pages come one by one. */
static void
make_ready(void)
{
#ifdef MADV_POPULATE_WRITE
	while (pool.ready < pool.at) {
		madvise(pool.ready, PAGES, MADV_POPULATE_WRITE);
		pool.ready += PAGES;
	}
#endif
}

static void *
cut_block(size_t size)
{
	char *p;

	if ((size_t)(pool.end - pool.at) < size && !add_region(size))
		return NULL;
	p = pool.at;
	pool.at += size;
	make_ready();
	return p;
}

void *
chunk_get(size_t *size)
{
	unsigned c;
	void *p;

	if (*size > (size_t)1 << MAX_LOG)
		return malloc(*size);
	c = class_of(*size);
	*size = (size_t)1 << (MIN_LOG + c);
	pool_lock();
	if (pool.free[c] != NULL) {
		p = pool.free[c];
		pool.free[c] = pool.free[c]->next;
	} else {
		p = cut_block(*size);
	}
	pool_unlock();
	return p;
}

void
chunk_put(void *p, size_t size)
{
	struct block *b = p;
	unsigned c;

	if (size > (size_t)1 << MAX_LOG) {
		free(p);
		return;
	}
	c = class_of(size);
	pool_lock();
	b->next = pool.free[c];
	pool.free[c] = b;
	pool_unlock();
}

#endif
