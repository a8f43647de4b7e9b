/* SPDX-License-Identifier: MIT */
#include "base/chunk.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "unit.h"

enum {
	BLOCKS = 400
};

struct held {
	unsigned char *p;
	size_t size;
};

static bool
holds(const struct held *x, unsigned char c)
{
	for (size_t i = 0; i < x->size; i++)
		if (x->p[i] != c)
			return false;
	return true;
}

static struct held
take(size_t size, unsigned char c)
{
	struct held x = { .size = size };

	x.p = chunk_get(&x.size);
	if (x.p == NULL || x.size < size || (uintptr_t)x.p % 8 != 0)
		abort();
	memset(x.p, c, x.size);
	return x;
}

/* Some hundred blocks of all sizes, some given back on the way; what each has
 * is its own.  `step` is odd. */
static bool
blocks_keep_apart(size_t step)
{
	bool ok = true;
	struct held all[BLOCKS];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < BLOCKS; i++)
			all[i] = take(1 + i * step * 37 % 5000,
			    (unsigned char)(i + step));
		for (size_t i = 0; i < BLOCKS; i += 3)
			chunk_put(all[i].p, all[i].size);
		for (size_t i = 0; i < BLOCKS; i += 3)
			all[i] = take(1 + i * step * 71 % 70000,
			    (unsigned char)(i + step));
		for (size_t i = 0; i < BLOCKS; i++)
			ok &= holds(&all[i], (unsigned char)(i + step));
		for (size_t i = 0; i < BLOCKS; i++)
			chunk_put(all[i].p, all[i].size);
	}
	return ok;
}

static void
blocks_are_apart(void **state)
{
	(void)state;
	assert_true(blocks_keep_apart(1));
	assert_true(blocks_keep_apart(7));
}

/* Larger than what is asked of the system at once, and the largest of its kind.
 */
static void
large_blocks_are_whole(void **state)
{
	static const size_t sizes[] = { 200000, 300000, 1 << 20, (1 << 20) + 1,
		3 << 20, 600000, 1 << 20 };
	struct held all[sizeof(sizes) / sizeof(sizes[0])];
	size_t n = sizeof(sizes) / sizeof(sizes[0]);

	(void)state;
	for (size_t i = 0; i < n; i++)
		all[i] = take(sizes[i], (unsigned char)i);
	for (size_t i = 0; i < n; i++) {
		assert_true(holds(&all[i], (unsigned char)i));
		chunk_put(all[i].p, all[i].size);
	}
}

static void
work_on_blocks(void *ctx, size_t i)
{
	atomic_bool *ok = ctx;

	if (!blocks_keep_apart(2 * i + 1))
		atomic_store(ok, false);
}

static void
threads_do_not_meet(void **state)
{
	atomic_bool ok = true;

	(void)state;
	crew_each(4, 16, work_on_blocks, &ok);
	assert_true(ok);
}

int
test_base_chunk(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_apart),
		cmocka_unit_test(large_blocks_are_whole),
		cmocka_unit_test(threads_do_not_meet),
	};

	return cmocka_run_group_tests_name("chunk", tests, NULL, NULL);
}
