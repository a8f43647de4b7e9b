/* SPDX-License-Identifier: MIT */
/* P-1004: what a remote cache holds of an entry. */
#include "store/manifest.h"

#include <unistd.h>

#include "store/action_result.h"
#include "store/cache_incoming.h"
#include "store/cache_internal.h"
#include "tree.h"

#define KEY  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define NONE "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MADE "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"

static const struct cache_blob manifest_blob = { MADE, 300 };

static struct cache_entry
an_entry(struct arena *a)
{
	struct cache_entry x = {
		.task = "build", .work_ns = 5, .log = { KEY, 12 }
	};

	vec_push(a, &x.files,
	    ((struct cache_file){
		.path = "a b", .blob = { NONE, 0 }, .mode = 0644 }));
	vec_push(
	    a, &x.files, ((struct cache_file){ .path = "l", .link = "a b" }));
	vec_push(a, &x.files,
	    ((struct cache_file){
		.path = "out/x", .blob = { KEY, 70000 }, .mode = 0755 }));
	vec_push(a, &x.stretches, ((struct cache_stretch){ 2, 12 }));
	vec_push(a, &x.parts,
	    ((struct cache_part){ "variable", "PASSWORD", 17, 18 }));
	return x;
}

static void
a_result_is_read_as_it_was_written(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	struct cache_entry x = an_entry(a);
	struct action_result r;

	(void)state;
	action_result_write(&x, &manifest_blob, "w", &b);
	assert_true(action_result_read(a, sb_sv(&b), &r));
	assert_true(action_result_fits(&r, &x));
	assert_string_equal(r.manifest.digest, MADE);
	assert_int_equal(r.manifest.size, 300);
	assert_int_equal(r.files.n, 2);
	assert_string_equal(r.links.v[0].to, "a b");
	/* what differs does not fit */
	x.files.v[2].mode = 0644;
	assert_false(action_result_fits(&r, &x));
	x.files.v[2].mode = 0711;
	assert_true(action_result_fits(&r, &x));
	x.files.v[2].blob.size = 1;
	assert_false(action_result_fits(&r, &x));
	x.files.v[2].blob.size = 70000;
	x.log.digest = "";
	assert_false(action_result_fits(&r, &x));
	x.log.digest = KEY;
	x.files.n = 2;
	assert_false(action_result_fits(&r, &x));
}

/* A server may write it anew: fields in another order, others among them. */
static void
unknown_fields_are_passed_over(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	struct cache_entry x = an_entry(a);
	struct action_result r;

	(void)state;
	/* the exit code, said; a field 99 in each form */
	sb_add(&b, "\x20\x00\x98\x06\x07\x9a\x06\x02hi", 10);
	sb_add(&b,
	    "\x9d\x06"
	    "1234\x99\x06"
	    "12345678",
	    16);
	action_result_write(&x, &manifest_blob, "w", &b);
	assert_true(action_result_read(a, sb_sv(&b), &r));
	assert_true(action_result_fits(&r, &x));
	/* a failed one fits nothing */
	sb_add(&b, "\x20\x01", 2);
	assert_true(action_result_read(a, sb_sv(&b), &r));
	assert_int_equal(r.exit_code, 1);
	assert_false(action_result_fits(&r, &x));
}

static void
what_is_cut_or_odd_is_no_result(void **state)
{
	static const struct {
		const char *p;
		size_t n;
	} bad[] = {
		{ "", 0 }, { "<html>", 6 }, { "\x00\x00", 2 }, /* field 0 */
		{ "\x13\x14", 2 },                             /* a group */
		{ "\x12\x7f\x00", 3 }, /* longer than there is */
		{ "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11 },
		{ "\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 11 },
		{ "\x20", 1 }, { "\x12\x00", 2 }, /* a file without a path */
		{ "\x12\x03\x0a\x01"
		  "a",
		    5 }, /* without a digest */
		{ "\x32\x04\x0a\x02"
		  "ab",
		    6 }, /* which is none */
	};
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	struct cache_entry x = an_entry(a);
	struct action_result r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (action_result_read(a, (sv){ bad[i].p, bad[i].n }, &r))
			fail_msg("case %zu is taken", i);
	action_result_write(&x, &manifest_blob, "w", &b);
	for (size_t n = 0; n < b.n; n++)
		if (action_result_read(a, (sv){ b.p, n }, &r) &&
		    action_result_fits(&r, &x) &&
		    strcmp(r.manifest.digest, MADE) == 0)
			fail_msg("%zu of %zu bytes are taken", n, b.n);
}

/* ---- the manifest ---- */

static const struct manifest_scope here = { "host/a/b", "branch", "t1" };

static enum manifest_kind
reads(const struct sb *b, const struct manifest_scope *scope, sv secret,
    const char *key)
{
	struct arena *a cleanup_arena = arena_new();
	struct cache_entry x;
	const char *why;

	return manifest_read(a, key, sb_sv(b), scope, secret, &x, &why);
}

static void
parts_are_not_told(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	struct cache_entry x = an_entry(a), got;
	const char *why;

	(void)state;
	x.files.v[0].own[0] = 7;
	manifest_write(KEY, &x, &here, SV(""), &b);
	assert_null(strstr(sb_cstr(&b), "own "));
	assert_null(strstr(sb_cstr(&b), "PASSWORD"));
	assert_int_equal(x.parts.n, 1);
	assert_int_equal(
	    manifest_read(a, KEY, sb_sv(&b), &here, SV(""), &got, &why),
	    MANIFEST_GOOD);
	assert_int_equal(got.files.n, 3);
	assert_int_equal(got.work_ns, 5);
	assert_int_equal(got.stretches.v[0].stream, 2);
	assert_int_equal(reads(&b, &here, SV(""), NONE), MANIFEST_BROKEN);
}

/* Somebody else's word for what our digest of a file would be. */
static void
digests_of_others_are_not_taken(void **state)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;
	struct cache_entry x = an_entry(a), got;
	const char *why;

	(void)state;
	x.files.v[0].own[0] = 7;
	sb_adds(&b, "prun-manifest 1\nrepository r\nref branch\n"
		    "taskfiles t\nsignature -\n");
	cache_entry_write(KEY, &x, &b);
	assert_non_null(strstr(sb_cstr(&b), "own 7 0"));
	assert_int_equal(
	    manifest_read(a, KEY, sb_sv(&b), &here, SV(""), &got, &why),
	    MANIFEST_GOOD);
	assert_int_equal(got.files.v[0].own[0], 0);
}

static void
signatures_bind_to_where_it_was_made(void **state)
{
	const struct manifest_scope pull = { "host/a/b", "pull 7", "t1" };
	const struct manifest_scope pull8 = { "host/a/b", "pull 8", "t1" };
	const struct manifest_scope other = { "host/a/c", "branch", "t1" };
	const struct manifest_scope edited = { "host/a/b", "branch", "t2" };
	const struct manifest_scope tag = { "host/a/b", "tag", "t1" };
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT, p cleanup_sb = SB_INIT;
	struct sb u cleanup_sb = SB_INIT;
	struct cache_entry x = an_entry(a);
	sv key = SV("key");

	(void)state;
	manifest_write(KEY, &x, &here, key, &b);
	assert_int_equal(reads(&b, &here, key, KEY), MANIFEST_GOOD);
	assert_int_equal(reads(&b, &pull, key, KEY), MANIFEST_GOOD);
	assert_int_equal(reads(&b, &tag, key, KEY), MANIFEST_GOOD);
	assert_int_equal(reads(&b, &other, key, KEY), MANIFEST_FOREIGN);
	assert_int_equal(reads(&b, &edited, key, KEY), MANIFEST_FOREIGN);
	assert_int_equal(reads(&b, &here, SV("yek"), KEY), MANIFEST_FOREIGN);
	/* who has no key does not look */
	assert_int_equal(reads(&b, &other, SV(""), KEY), MANIFEST_GOOD);
	/* one pull request's is nobody else's */
	manifest_write(KEY, &x, &pull, key, &p);
	assert_int_equal(reads(&p, &pull, key, KEY), MANIFEST_GOOD);
	assert_int_equal(reads(&p, &pull8, key, KEY), MANIFEST_FOREIGN);
	assert_int_equal(reads(&p, &here, key, KEY), MANIFEST_FOREIGN);
	assert_int_equal(reads(&p, &tag, key, KEY), MANIFEST_FOREIGN);
	manifest_write(KEY, &x, &here, SV(""), &u);
	assert_int_equal(reads(&u, &here, key, KEY), MANIFEST_FOREIGN);
	/* whatever byte is another one */
	for (size_t i = 0; i < b.n; i++) {
		b.p[i] ^= 1;
		if (reads(&b, &here, key, KEY) == MANIFEST_GOOD)
			fail_msg("byte %zu counts for nothing", i);
		b.p[i] ^= 1;
	}
}

/* ---- blobs from elsewhere ---- */

static bool
comes_in(struct cache *c, const char *text, uint64_t size, const char *digest)
{
	struct cache_blob want = { digest, size };
	struct err e cleanup_err = ERR_INIT;
	struct cache_incoming in = { 0 };
	bool ok;

	assert_true(cache_begin(c, &e));
	assert_true(cache_incoming_open(c, &want, &in, &e));
	ok = cache_incoming_add(&in, text, strlen(text), &e) &&
	     cache_incoming_keep(&in, &e);
	cache_incoming_drop(&in);
	cache_end(c);
	assert_int_equal(ok, !err_is_set(&e));
	return ok;
}

static void
only_what_was_asked_for_comes_in(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct cache_options o = { .dir = tree_path(&t, "c") };
	struct cache *c = cache_open(&o);
	const struct cache_blob abc = { KEY, 3 };
	int fd;

	(void)state;
	assert_int_equal(cache_open_blob(c, &abc), -1);
	assert_false(comes_in(c, "abcd", 3, KEY));
	assert_false(comes_in(c, "ab", 3, KEY));
	assert_false(comes_in(c, "abd", 3, KEY));
	assert_false(cache_has(c, KEY));
	assert_true(comes_in(c, "abc", 3, KEY));
	assert_true(comes_in(c, "", 0, NONE));
	fd = cache_open_blob(c, &abc);
	assert_true(fd >= 0);
	close(fd);
	/* damaged on the disk: not to be sent */
	tree_file(&t, "c/blob/ba/" KEY, "abd");
	assert_int_equal(cache_open_blob(c, &abc), -1);
	cache_close(c);
}

int
test_store_manifest(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_is_read_as_it_was_written),
		cmocka_unit_test(unknown_fields_are_passed_over),
		cmocka_unit_test(what_is_cut_or_odd_is_no_result),
		cmocka_unit_test(parts_are_not_told),
		cmocka_unit_test(digests_of_others_are_not_taken),
		cmocka_unit_test(signatures_bind_to_where_it_was_made),
		cmocka_unit_test(only_what_was_asked_for_comes_in),
	};

	return cmocka_run_group_tests_name("store/manifest", tests, NULL, NULL);
}
