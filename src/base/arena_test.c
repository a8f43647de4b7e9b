/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <string.h>

#include "unit.h"

static void
memory_is_zeroed_and_aligned(void **state)
{
	struct arena *a cleanup_arena = arena_new();

	(void)state;
	for (size_t size = 0; size < 5000; size += 37) {
		unsigned char *p = arena_alloc(a, size);

		assert_int_equal((uintptr_t)p % ARENA_ALIGN, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xAA, size);
		/* a text may stand anywhere, and moves what follows */
		assert_string_equal(arena_strdup(a, "text"), "text");
	}
}

static void
the_newest_block_grows_where_it_is(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	char *p = arena_alloc(a, 8), *q;

	(void)state;
	assert_true(arena_extend(a, p, 8, 40));
	for (size_t i = 8; i < 40; i++)
		assert_int_equal(p[i], 0);
	q = arena_alloc(a, 8);
	assert_true(q >= p + 40);
	assert_false(arena_extend(a, p, 40, 48));
	/* beyond the chunk there is no room for it */
	assert_false(arena_extend(a, q, 8, 1024 * 1024));
	assert_true(arena_extend(a, q, 8, 16));
}

static void
memory_between_two_blocks_goes_to_another_arena(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct arena *b cleanup_arena = arena_new();
	char *block[300];
	size_t before, from_b = 0;

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		block[i] = arena_alloc(b, 1024);
		memset(block[i], 'x', 1024);
	}
	before = arena_size(b);
	/* a block of another arena, and two of one chunk: nothing to have */
	arena_recycle(a, b, arena_alloc(a, 8), block[250]);
	arena_recycle(a, b, block[250], block[250]);
	assert_int_equal(arena_size(b), before);
	arena_recycle(a, b, block[10], block[250]);
	assert_true(arena_size(b) < before);
	for (size_t i = 0; i < 300; i++) {
		char *p = arena_alloc(a, 1024);

		assert_int_equal(p[0] | p[1023], 0);
		for (size_t k = 0; k < 300; k++)
			from_b += p == block[k];
		memset(p, 'y', 1024);
	}
	assert_true(from_b > 10);
	/* what stands outside has not been touched */
	assert_int_equal(block[0][0], 'x');
	assert_int_equal(block[10][1023], 'x');
	assert_int_equal(block[250][0], 'x');
	assert_int_equal(block[299][1023], 'x');
	arena_alloc(b, 100000);
}

static void
released_memory_is_zeroed_when_it_comes_back(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct arena_mark mark;
	char *first, *second;

	(void)state;
	arena_alloc(a, 16);
	mark = arena_mark(a);
	first = arena_alloc(a, 64);
	memset(first, 'x', 64);
	arena_release(a, mark);
	second = arena_alloc(a, 64);
	assert_ptr_equal(first, second);
	assert_int_equal(second[63], 0);
}

static void
blocks_larger_than_a_chunk(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	char *small = arena_strdup(a, "small"), *big, *after;

	(void)state;
	big = arena_alloc(a, 5 * 1024 * 1024);
	big[5 * 1024 * 1024 - 1] = 1;
	after = arena_strdup(a, "after");
	assert_string_equal(small, "small");
	assert_string_equal(after, "after");
	assert_true(arena_size(a) > 5 * 1024 * 1024);
}

static void
release_gives_the_size_back(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct arena_mark mark;
	size_t before;

	(void)state;
	arena_alloc(a, 100);
	before = arena_size(a);
	mark = arena_mark(a);
	for (int i = 0; i < 100; i++)
		arena_alloc(a, 10000);
	assert_true(arena_size(a) >= before + 1000000);
	arena_release(a, mark);
	assert_int_equal(arena_size(a), before);
	/* a mark of the empty arena takes everything */
	arena_release(a, (struct arena_mark){ 0 });
	assert_int_equal(arena_size(a), 0);
}

struct note {
	char *log;
	char letter;
};

static void
write_note(void *arg)
{
	struct note *n = arg;
	size_t length = strlen(n->log);

	n->log[length] = n->letter;
	n->log[length + 1] = '\0';
}

static void
cleanups_run_once_newest_first(void **state)
{
	char log[8] = "";
	struct note notes[] = { { log, 'a' }, { log, 'b' }, { log, 'c' } };
	struct arena *a = arena_new();
	struct arena_mark mark;

	(void)state;
	arena_defer(a, write_note, &notes[0]);
	mark = arena_mark(a);
	arena_defer(a, write_note, &notes[1]);
	arena_defer(a, write_note, &notes[2]);
	arena_release(a, mark);
	assert_string_equal(log, "cb");
	arena_free(a);
	assert_string_equal(log, "cba");
}

static void
texts_are_copied_with_their_nul(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	char *long_text;

	(void)state;
	assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(a, NULL, 0), "");
	assert_string_equal(arena_printf(a, "%s-%d", "x", 7), "x-7");
	for (int n = 250; n < 260; n++)
		assert_int_equal(strlen(arena_printf(a, "%0*d", n, 1)), n);
	assert_string_equal(arena_concat(a, "x", "", "yz", NULL), "xyz");
	assert_string_equal(arena_concat(a, "", NULL), "");
	long_text = arena_printf(a, "%0*d", 70000, 1);
	assert_int_equal(strlen(long_text), 70000);
}

int
test_base_arena(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(the_newest_block_grows_where_it_is),
		cmocka_unit_test(
		    memory_between_two_blocks_goes_to_another_arena),
		cmocka_unit_test(released_memory_is_zeroed_when_it_comes_back),
		cmocka_unit_test(blocks_larger_than_a_chunk),
		cmocka_unit_test(release_gives_the_size_back),
		cmocka_unit_test(cleanups_run_once_newest_first),
		cmocka_unit_test(texts_are_copied_with_their_nul),
	};

	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
