/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/chunk.h"

#include <stdatomic.h>
#include <stdbool.h>
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
	NEXT_REGION = 1 << MAX_LOG,
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
	bool has_region;
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

/* With room for a block of that size.  A small program has a small region. */
static bool
add_region(size_t need)
{
	size_t size = pool.has_region || need > REGION ? NEXT_REGION : REGION;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return false;
	keep_rest();
	pool.has_region = true;
	pool.at = pool.ready = p;
	pool.end = pool.at + size;
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
