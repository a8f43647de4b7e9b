/* SPDX-License-Identifier: MIT */
#include "base/crew.h"

#include <stdlib.h>

#include "tree.h"

static void
count(void *ctx, size_t i)
{
	unsigned *times = ctx;

	times[i]++;
}

static void
each_is_done_once(void **state)
{
	static const unsigned threads[] = { 0, 1, 2, 3, 16, 1000 };
	static const size_t sizes[] = { 0, 1, 2, 7, 5000 };

	(void)state;
	for (size_t t = 0; t < sizeof(threads) / sizeof(threads[0]); t++)
		for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			unsigned *times =
			    calloc(sizes[k] + 1, sizeof(*times));

			assert_non_null(times);
			crew_each(threads[t], sizes[k], count, times);
			for (size_t i = 0; i < sizes[k]; i++)
				assert_int_equal(times[i], 1);
			assert_int_equal(times[sizes[k]], 0);
			free(times);
		}
}

int
test_base_crew(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_done_once),
	};

	return cmocka_run_group_tests_name("crew", tests, NULL, NULL);
}
