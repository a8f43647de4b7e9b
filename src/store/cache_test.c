/* SPDX-License-Identifier: MIT */
#include "store/cache.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

#include "store/cache_internal.h"
#include "store/cache_tree.h"
#include "tree.h"

#define KEY "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define NONE "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* An entry of these lines, with a sum that is right. */
static bool
reads(const char *lines)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	char sum[SHA256_HEX + 1];
	struct cache_entry x;

	sb_printf(&b, "key " KEY "\n%s", lines);
	sha256_text(sb_sv(&b), sum);
	return cache_entry_read(a, KEY,
	    sv_of(arena_printf(a, "prun-cache 1 %s\n%s", sum, sb_cstr(&b))),
	    &x);
}

/* P-1005: of what anybody may have written, only what we would have. */
static void
hostile_entries_are_none(void **state)
{
	static const char *const good[] = {
		"",
		"file " NONE " 0 644 a\n",
		"file " NONE " 0 644 a\nfile " NONE " 0 755 b/c d\n",
		"file " NONE " 0 4755 a\n", /* without the bit */
		"link a/b\nto ../c\n",
		"link a/b\nto ./../c/d\n",
		"file " NONE " 0 644 a\nfile " NONE " 0 644 a-b\n",
		"file " NONE " 0 644 a%0Ab\n",
		"log " NONE " 5\non 1 3\non 2 2\n",
	};
	static const char *const bad[] = {
		"file " NONE " 0 644 /etc/passwd\n",
		"file " NONE " 0 644 ../a\n",
		"file " NONE " 0 644 a/../../b\n",
		"file " NONE " 0 644 a/./b\n",
		"file " NONE " 0 644 a//b\n",
		"file " NONE " 0 644 a/\n",
		"file " NONE " 0 644 \n",
		"file " NONE " 0 644 a%00b\n",
		"file " NONE " 0 644 a%2\n",
		"file " NONE " 0 644 %2E%2E/a\n",
		"file " NONE " 0 644 .git/hooks/pre-commit\n",
		"file " NONE " 0 644 sub/.git/config\n",
		"file " NONE " 0 644 .task/checksum/x\n",
		"file " NONE " 0 644 .GIT/config\n",
		"file " NONE " 0 644 b\nfile " NONE " 0 644 a\n",
		"file " NONE " 0 644 a\nfile " NONE " 0 644 a-b\n"
		"file " NONE " 0 644 a/c\n",
		"file " NONE " 0 644 a\nfile " NONE " 0 644 a\n",
		"file " NONE " 0 644 a\nfile " NONE " 0 644 a/b\n",
		"file " NONE " 0 10644 a\n",
		"file " NONE " 0 9 a\n",
		"file " NONE " -1 644 a\n",
		"file " NONE " 99999999999999999999 644 a\n",
		"file ../../etc/passwd 0 644 a\n",
		"file E3B0 0 644 a\n",
		"link a\n",
		"link a\nto /etc/passwd\n",
		"link a\nto ../b\n",
		"link a/b\nto ../../c\n",
		"link a\nto .git/config\n",
		"link a\nto b/..\n",
		"link x\nto y/y/../../c\n",
		"to a\n",
		"link a\nto b\nto ../c\n",
		"log " NONE " 5\non 1 3\n",
		"log " NONE " 5\non 1 6\n",
		"log " NONE " 5\non 3 5\n",
		"on 1 1\n",
		"device a\n",
		"file\n",
		"file " NONE " 0 644 a",
		"key " NONE "\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!reads(good[i]))
			fail_msg("not read: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (reads(bad[i]))
			fail_msg("read: %s", bad[i]);
}

/* P-1005: cut off or with a byte changed anywhere it is none. */
static void
torn_entries_are_none(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	struct cache_entry x = { .task = "t%\n", .log.digest = "" }, y;
	struct cache_file f = { "out/a b", NULL, { NONE, 0 }, 0644,
		{ 1, UINT64_MAX } };
	sv text;

	(void)state;
	vec_push(a, &x.files, f);
	cache_entry_write(KEY, &x, &b);
	text = sb_sv(&b);
	assert_true(cache_entry_read(a, KEY, text, &y));
	assert_string_equal(y.task, "t%\n");
	assert_string_equal(y.files.v[0].path, "out/a b");
	assert_true(y.files.v[0].own[0] == 1 &&
		    y.files.v[0].own[1] == UINT64_MAX);
	assert_false(cache_entry_read(a, NONE, text, &y));
	for (size_t i = 0; i < text.n; i++) {
		assert_false(
		    cache_entry_read(a, KEY, sv_sub(text, 0, i), &y));
		b.p[i] ^= 1;
		assert_false(cache_entry_read(a, KEY, text, &y));
		b.p[i] ^= 1;
	}
}

/* P-1002: the bound holds, what was wanted last stays, and a second look needs
 * no file. */
static void
memory_has_a_bound(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct cache_options o = { .dir = tree_path(&t, "c"), .memory = 300 };
	struct err e cleanup_err = ERR_INIT;
	struct cache *c = cache_open(&o);
	struct cache_blob b[4];
	char text[4][100];
	sv got;

	(void)state;
	assert_true(cache_begin(c, &e));
	for (int i = 0; i < 4; i++) {
		memset(text[i], 'a' + i, sizeof(text[i]));
		assert_true(cache_add_bytes(
		    c, t.a, (sv){ text[i], sizeof(text[i]) }, &b[i], &e));
	}
	cache_end(c);
	for (int i = 0; i < 3; i++)
		assert_true(cache_read(c, &b[i], &got));
	assert_true(cache_read(c, &b[0], &got));
	assert_true(cache_read(c, &b[3], &got)); /* in place of 1 */
	assert_true(remove_all(tree_path(&t, "c/blob"), &e));
	assert_true(cache_read(c, &b[0], &got));
	assert_int_equal(got.n, 100);
	assert_memory_equal(got.p, text[0], 100);
	assert_true(cache_read(c, &b[2], &got));
	assert_true(cache_read(c, &b[3], &got));
	assert_false(cache_read(c, &b[1], &got));
	cache_close(c);
}

static int
by_time(const void *x, const void *y)
{
	const int64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* P-1002: what there is besides does not matter to a look. */
static void
a_look_among_many_is_quick(void **state)
{
	enum { LOOKS = 200 };
	const char *wanted = getenv("PRUN_TEST_ENTRIES");
	unsigned n = wanted != NULL ? (unsigned)strtoul(wanted, NULL, 10) : 500;
	struct tree t cleanup_tree = tree_new();
	struct cache_options o = { .dir = tree_path(&t, "c") };
	struct cache_entry x = { .task = "t", .log.digest = "" };
	struct err e cleanup_err = ERR_INIT;
	struct cache *c = cache_open(&o);
	int64_t took[LOOKS];
	char key[SHA256_HEX + 1];

	(void)state;
	for (unsigned i = 0; i < 20; i++)
		vec_push(t.a, &x.files,
		    ((struct cache_file){ arena_printf(t.a, "out/%02u", i),
			NULL, { KEY, 51200 }, 0644, { 0, 0 } }));
	assert_true(cache_begin(c, &e));
	for (unsigned i = 0; i < n; i++) {
		sha256_text(sv_of(arena_printf(t.a, "%u", i)), key);
		assert_true(cache_add(c, key, &x, &e));
	}
	cache_end(c);
	for (unsigned i = 0; i < LOOKS; i++) {
		int64_t at = clock_mono_ns();
		struct cache *other = cache_open(&o);

		sha256_text(sv_of(arena_printf(t.a, "%u", i * (n / LOOKS))),
		    key);
		assert_int_equal(
		    cache_find(other, t.a, key, &x), CACHE_FOUND);
		took[i] = clock_mono_ns() - at;
		cache_close(other);
	}
	qsort(took, LOOKS, sizeof(took[0]), by_time);
	print_message("# %u entries: a look takes %lld us\n", n,
	    (long long)(took[LOOKS / 2] / 1000));
	assert_true(took[LOOKS / 2] < 300 * NS_PER_MS / 1000);
	cache_close(c);
}

int
test_store_cache(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_entries_are_none),
		cmocka_unit_test(torn_entries_are_none),
		cmocka_unit_test(memory_has_a_bound),
		cmocka_unit_test(a_look_among_many_is_quick),
	};

	return cmocka_run_group_tests_name("store/cache", tests, NULL, NULL);
}
