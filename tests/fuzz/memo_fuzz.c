/* SPDX-License-Identifier: MIT */
/* Any bytes as the file of remembered digests: what is put in is found with its
 * own digest, now and from the file that is written of it. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "fingerprint/memo_table.h"

enum {
	PUT = 70,
	TODAY = 20000,
	OLDEST = TODAY - 60
};

static char memo_path[64];

static void
remove_memo(void)
{
	unlink(memo_path);
}

static const char *
memo_file(sv text)
{
	struct err e = ERR_INIT;

	if (*memo_path == '\0') {
		snprintf(memo_path, sizeof(memo_path), "/tmp/prun-fuzz-%ld",
		    (long)getpid());
		atexit(remove_memo);
	}
	if (!write_atomic(memo_path, text, 0600, &e))
		BUG("no file for the input");
	return memo_path;
}

/* Keys that the input has, and some that it does not. */
static uint64_t
key_of(sv text, size_t i)
{
	uint64_t key = i;

	if (i % 2 == 0 && text.n >= 64 * (i / 2 + 2))
		memcpy(&key, text.p + 64 * (i / 2 + 1), sizeof(key));
	return key;
}

static void
put_all(struct memo_tables *t, sv text)
{
	for (size_t i = 0; i < PUT; i++) {
		struct memo_file x = { key_of(text, i), i, 3 * i, 4, 5,
			{ i, ~i }, TODAY, 0 };
		struct memo_set y = { { key_of(text, i), i }, { ~i, i }, TODAY,
			0 };

		memo_put_file(t, &x);
		memo_put_set(t, &y);
	}
}

static void
find_all(const struct memo_tables *t, sv text)
{
	for (size_t i = 0; i < PUT; i++) {
		uint64_t key = key_of(text, i);
		const struct memo_file *x = memo_find_file(t, key, i);
		const struct memo_set *y =
		    memo_find_set(t, (struct digest){ key, i });

		if (x == NULL || x->size != 3 * i || x->digest.high != i ||
		    x->digest.low != ~(uint64_t)i)
			BUG("another digest of a file");
		if (y == NULL || y->digest.high != ~(uint64_t)i)
			BUG("another digest of a list");
	}
}

FUZZ_TARGET(memo)
{
	struct memo_tables t = { 0 };
	const char *path = memo_file(text);

	memo_tables_read(&t, path);
	for (size_t i = 0; i < PUT; i++) {
		const struct memo_file *x =
		    memo_find_file(&t, key_of(text, i), i);

		if (x != NULL && x->ino != i)
			BUG("another file");
	}
	put_all(&t, text);
	find_all(&t, text);
	if (!memo_tables_write(&t, path, OLDEST))
		BUG("not written");
	memo_tables_free(&t);
	memo_tables_read(&t, path);
	find_all(&t, text);
	memo_tables_free(&t);
}
