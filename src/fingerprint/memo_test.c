/* SPDX-License-Identifier: MIT */
#include "fingerprint/memo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "fingerprint/checksum.h"
#include "tree.h"

/* The clock of these tests: a minute from now, so that files that are made here
 * have settled. */
static int64_t
later(void)
{
	return clock_real_ns() + 60 * NS_PER_S;
}

static struct digest
digest_of(struct memo *m, const char *path)
{
	struct err e = ERR_INIT;
	struct file_sig sig;
	struct digest d;

	assert_true(memo_digest(m, path, &sig, &d, &e));
	return d;
}

static bool
is_remembered(struct memo *m, const char *path)
{
	struct file_sig sig;
	struct digest d;

	assert_true(file_sig_of(path, &sig));
	return memo_lookup(m, &sig, &d);
}

static void
unchanged_files_are_not_read_again(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "cache/digests");
	const char *file = tree_path(&t, "a");
	struct digest first, second;
	struct memo *m;

	(void)state; /* P-1003 */
	tree_file(&t, "a", "one");
	m = memo_open(path, false, later);
	assert_false(is_remembered(m, file));
	first = digest_of(m, file);
	assert_true(is_remembered(m, file));
	memo_close(m);

	m = memo_open(path, false, later);
	assert_true(is_remembered(m, file));
	second = digest_of(m, file);
	assert_true(digest_equal(first, second));
	tree_file(&t, "a", "two");
	assert_false(is_remembered(m, file));
	second = digest_of(m, file);
	assert_false(digest_equal(first, second));
	memo_close(m);
}

static void
an_edit_that_keeps_size_and_time_is_seen(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *file = tree_path(&t, "a");
	struct digest first, second;
	struct memo *m = memo_open(NULL, false, later);
	struct stat st;

	(void)state; /* never-event 6 */
	tree_file(&t, "a", "one");
	first = digest_of(m, file);
	assert_int_equal(stat(file, &st), 0);
	/* The kernel's clock has to go on for the change to have a time of its
	 * own: write until it has. */
	for (struct stat now = st; stat_ctime_ns(&now) == stat_ctime_ns(&st);) {
		tree_file(&t, "a", "two");
		tree_touch(&t, "a", stat_mtime_ns(&st));
		assert_int_equal(stat(file, &now), 0);
	}
	second = digest_of(m, file);
	assert_false(digest_equal(first, second));
	memo_close(m);
}

static void
files_within_the_clocks_grain_are_read_again(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *file = tree_path(&t, "a");
	struct memo *m = memo_open(NULL, false, clock_real_ns);

	(void)state; /* P-1003 */
	tree_file(&t, "a", "one");
	digest_of(m, file);
	assert_false(is_remembered(m, file));
	/* from the future, as with a server's clock ahead of ours */
	tree_touch(&t, "a", clock_real_ns() + 3600 * NS_PER_S);
	digest_of(m, file);
	assert_false(is_remembered(m, file));
	memo_close(m);
}

/* Whatever bit is another one: what is found is right. */
static void
a_damaged_memo_has_no_wrong_digest(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "digests");
	const char *file = tree_path(&t, "a");
	const struct digest key = { 1, 2 }, set = { 3, 4 };
	struct err e = ERR_INIT;
	struct digest own, d;
	struct file_sig sig;
	size_t lost = 0;
	struct memo *m;
	sv whole;

	(void)state; /* never-event 1, after a power loss */
	tree_file(&t, "a", "one");
	assert_true(file_sig_of(file, &sig));
	m = memo_open(path, false, later);
	own = digest_of(m, file);
	memo_set_put(m, key, set);
	memo_close(m);
	assert_true(read_file(t.a, path, &whole, &e));
	for (size_t i = 0; i < 8 * whole.n; i++) {
		char *copy = arena_strndup(t.a, whole.p, whole.n);

		copy[i / 8] ^= (char)(1 << i % 8);
		assert_true(
		    write_atomic(path, (sv){ copy, whole.n }, 0600, &e));
		m = memo_open(path, false, later);
		if (!memo_set_lookup(m, key, &d))
			lost++;
		else
			assert_true(digest_equal(d, set));
		if (!memo_lookup(m, &sig, &d))
			lost++;
		else
			assert_true(digest_equal(d, own));
		/* and it can be mended */
		digest_of(m, file);
		memo_set_put(m, key, set);
		memo_close(m);
		m = memo_open(path, true, later);
		assert_true(memo_set_lookup(m, key, &d));
		assert_true(is_remembered(m, file));
		memo_close(m);
	}
	/* the head, and each bit of both items but those of the day */
	assert_true(lost >= 8 * (60 + 36 + 2 * 16));
	for (size_t i = 0; i < whole.n; i++) {
		assert_true(write_atomic(path, sv_sub(whole, 0, i), 0600, &e));
		m = memo_open(path, true, later);
		assert_false(is_remembered(m, file));
		memo_close(m);
	}
	assert_true(write_atomic(path, whole, 0600, &e));
	m = memo_open(path, true, later);
	assert_true(is_remembered(m, file));
	memo_close(m);
}

static void
reading_only_leaves_the_memo_alone(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "digests");
	struct memo *m;

	(void)state; /* never-event 8 */
	tree_file(&t, "a", "one");
	m = memo_open(path, true, later);
	digest_of(m, tree_path(&t, "a"));
	memo_close(m);
	assert_false(path_exists(path));
}

static void
pipes_are_not_waited_for(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct memo *m = memo_open(NULL, false, later);
	struct digest empty, pipe_digest;

	(void)state;
	tree_file(&t, "empty", "");
	assert_int_equal(mkfifo(tree_path(&t, "fifo"), 0600), 0);
	empty = digest_of(m, tree_path(&t, "empty"));
	pipe_digest = digest_of(m, tree_path(&t, "fifo"));
	assert_true(digest_equal(empty, pipe_digest));
	memo_close(m);
}

static void
many_files_find_their_own_digests(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "digests");
	struct memo *m = memo_open(path, false, later);
	struct digest d[2000];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char *name = arena_printf(t.a, "f%d", i);

		tree_file(&t, name, name);
		d[i] = digest_of(m, tree_path(&t, name));
	}
	memo_close(m);
	m = memo_open(path, false, later);
	for (int i = 0; i < 2000; i++) {
		const char *file = tree_path(&t, arena_printf(t.a, "f%d", i));
		struct digest now = digest_of(m, file);

		assert_true(is_remembered(m, file));
		assert_true(digest_equal(now, d[i]));
	}
	memo_close(m);
}

/* What a file holds is known without reading it, as long as it is the one that
 * was read. */
static void
texts_are_compared_by_what_is_remembered(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *file = tree_path(&t, "a");
	struct memo *m = memo_open(NULL, false, later);
	struct stat st;

	(void)state;
	assert_false(memo_content_is(m, file, SV("one")));
	tree_file(&t, "a", "one");
	assert_true(memo_content_is(m, file, SV("one")));
	assert_true(is_remembered(m, file));
	assert_true(memo_content_is(m, file, SV("one")));
	assert_false(memo_content_is(m, file, SV("two")));
	assert_false(memo_content_is(m, file, SV("on")));
	assert_false(memo_content_is(m, file, SV("")));
	/* edited in place, at its old time */
	assert_int_equal(stat(file, &st), 0);
	for (struct stat now = st; stat_ctime_ns(&now) == stat_ctime_ns(&st);) {
		tree_file(&t, "a", "two");
		tree_touch(&t, "a", stat_mtime_ns(&st));
		assert_int_equal(stat(file, &now), 0);
	}
	assert_false(memo_content_is(m, file, SV("one")));
	assert_true(memo_content_is(m, file, SV("two")));
	/* another one in its place */
	tree_file(&t, "b", "one");
	tree_touch(&t, "b", stat_mtime_ns(&st));
	assert_int_equal(rename(tree_path(&t, "b"), file), 0);
	assert_true(memo_content_is(m, file, SV("one")));
	assert_int_equal(unlink(file), 0);
	assert_false(memo_content_is(m, file, SV("one")));
	memo_close(m);
	/* within the clock's grain nothing is known: it is read */
	m = memo_open(NULL, false, clock_real_ns);
	tree_file(&t, "a", "one");
	assert_true(memo_content_is(m, file, SV("one")));
	assert_false(is_remembered(m, file));
	tree_file(&t, "a", "two");
	assert_false(memo_content_is(m, file, SV("one")));
	memo_close(m);
}

/* A record that is written anew does not leave its old digest behind. */
static void
what_is_forgotten_is_not_kept(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "digests");
	struct memo *m = memo_open(path, false, later);
	const char *file = tree_path(&t, "a");
	struct stat two, one;

	(void)state;
	tree_file(&t, "a", "one");
	tree_file(&t, "b", "two");
	digest_of(m, file);
	digest_of(m, tree_path(&t, "b"));
	memo_close(m);
	assert_int_equal(stat(path, &two), 0);
	m = memo_open(path, false, later);
	/* nothing is known of it, and nothing happens */
	memo_forget(m, tree_path(&t, "none"));
	assert_true(is_remembered(m, file));
	memo_forget(m, file);
	memo_close(m);
	assert_int_equal(stat(path, &one), 0);
	assert_true(one.st_size < two.st_size);
	m = memo_open(path, false, later);
	assert_false(is_remembered(m, file));
	assert_true(is_remembered(m, tree_path(&t, "b")));
	memo_close(m);
}

/* ---- by several threads ---- */

static int
two(void)
{
	return 2;
}

static int
five(void)
{
	return 5;
}

/* Some hundred files of all sizes: none, one byte, more than is read in one
 * piece; a pipe, and a link. */
static void
make_many(struct tree *t, found_files *out)
{
	for (int i = 0; i < 700; i++) {
		const char *name = arena_printf(t->a, "f%03d", i);
		size_t n = i == 300 ? 3 * 1024 * 1024 : (size_t)(i * i % 5000);
		struct sb b cleanup_sb = SB_INIT;
		struct found_file f = { .path = tree_path(t, name) };

		sb_pad(&b, (char)('a' + i % 26), i % 7 == 0 ? 0 : n);
		if (i == 400)
			assert_int_equal(mkfifo(f.path, 0600), 0);
		else if (i == 500)
			assert_int_equal(symlink("f001", f.path), 0);
		else
			tree_file(t, name, sb_cstr(&b));
		vec_push(t->a, out, f);
	}
}

static void
assert_same_sources(const struct source_list *x, const struct source_list *y)
{
	assert_int_equal(x->n, y->n);
	assert_true(digest_equal(x->checksum, y->checksum));
	for (size_t i = 0; i < x->n; i++) {
		assert_string_equal(x->v[i].path, y->v[i].path);
		assert_true(digest_equal(x->v[i].digest, y->v[i].digest));
		assert_true(file_sig_same(&x->v[i].sig, &y->v[i].sig));
	}
}

/* P-1003: what comes out does not depend on how many read. */
static void
threads_find_what_one_finds(void **state)
{
	static int (*const threads[])(void) = { NULL, two, five };
	struct tree t cleanup_tree = tree_new();
	struct source_list first, now;
	struct err e = ERR_INIT;
	found_files files = { 0 };

	(void)state;
	make_many(&t, &files);
	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
		struct memo *m = memo_open(NULL, false, later);

		memo_set_threads(m, threads[i]);
		assert_true(sources_read(m, t.a, &files, true, &now, &e));
		if (i == 0)
			first = now;
		assert_same_sources(&first, &now);
		/* all is known now, and found again */
		assert_true(is_remembered(m, files.v[300].path));
		assert_true(is_remembered(m, files.v[1].path));
		assert_true(sources_read(m, t.a, &files, true, &now, &e));
		assert_same_sources(&first, &now);
		assert_true(memo_kept(m) >= files.n - 1);
		memo_close(m);
	}
}

/* Most of a tree changes, and is read again: no more and no less. */
static void
threads_read_what_has_changed(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct memo *one = memo_open(NULL, false, later);
	struct memo *many = memo_open(NULL, false, later);
	struct source_list x, y;
	struct err e = ERR_INIT;
	found_files files = { 0 };

	(void)state;
	memo_set_threads(many, five);
	make_many(&t, &files);
	assert_true(sources_read(many, t.a, &files, true, &y, &e));
	for (int i = 0; i < 699; i++)
		if (i % 3 != 0 && i != 400 && i != 500)
			tree_file(&t, arena_printf(t.a, "f%03d", i),
			    arena_printf(t.a, "changed %d", i));
	assert_true(sources_read(one, t.a, &files, true, &x, &e));
	assert_true(sources_read(many, t.a, &files, true, &y, &e));
	assert_same_sources(&x, &y);
	/* one that is gone is an error */
	assert_int_equal(unlink(files.v[600].path), 0);
	assert_false(sources_read(many, t.a, &files, true, &y, &e));
	err_clear(&e);
	memo_close(one);
	memo_close(many);
}

/* In rows of one folder and in between, below a link, with the same beginning;
 * so many that threads share them. */
static void
files_are_looked_at_where_they_are(void **state)
{
	static const char *const folders[] = { "d", "d", "d/e", "d", "d-e",
		"link", "d/e" };
	struct tree t cleanup_tree = tree_new();
	struct memo *m = memo_open(NULL, false, later);
	found_files files = { 0 };
	struct source_list found;
	struct file_sig sig;

	(void)state;
	memo_set_threads(m, five);
	tree_file(&t, "real/x", "x");
	assert_int_equal(symlink("real", tree_path(&t, "link")), 0);
	for (size_t i = 0; i < 140; i++) {
		const char *name = arena_printf(
		    t.a, "%s/%zu", folders[i / 20], i % 40 < 30 ? i : i / 2);
		struct found_file f = { .path = tree_path(&t, name) };

		tree_file(&t, name, arena_printf(t.a, "%*zu", (int)i, i));
		vec_push(t.a, &files, f);
	}
	for (size_t i = 140; i < 9000; i++) {
		struct found_file f = files.v[i - 140];

		vec_push(t.a, &files, f);
	}
	assert_null(sources_look(m, t.a, &files, &found));
	assert_int_equal(found.n, files.n);
	for (size_t i = 0; i < files.n; i++) {
		assert_ptr_equal(found.v[i].path, files.v[i].path);
		assert_true(file_sig_of(files.v[i].path, &sig));
		assert_true(file_sig_same(&found.v[i].sig, &sig));
		assert_true(found.v[i].sig.ctime_ns == sig.ctime_ns);
	}
	/* the first of those that are gone */
	assert_int_equal(unlink(files.v[70].path), 0);
	assert_int_equal(unlink(files.v[139].path), 0);
	assert_ptr_equal(
	    sources_look(m, t.a, &files, &found), files.v[70].path);
	assert_int_equal(errno, ENOENT);
	memo_close(m);
}

int
test_fingerprint_memo(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unchanged_files_are_not_read_again),
		cmocka_unit_test(an_edit_that_keeps_size_and_time_is_seen),
		cmocka_unit_test(files_within_the_clocks_grain_are_read_again),
		cmocka_unit_test(a_damaged_memo_has_no_wrong_digest),
		cmocka_unit_test(reading_only_leaves_the_memo_alone),
		cmocka_unit_test(pipes_are_not_waited_for),
		cmocka_unit_test(many_files_find_their_own_digests),
		cmocka_unit_test(texts_are_compared_by_what_is_remembered),
		cmocka_unit_test(what_is_forgotten_is_not_kept),
		cmocka_unit_test(threads_find_what_one_finds),
		cmocka_unit_test(threads_read_what_has_changed),
		cmocka_unit_test(files_are_looked_at_where_they_are),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
