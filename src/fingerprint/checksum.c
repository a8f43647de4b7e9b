/* SPDX-License-Identifier: MIT */
#include "fingerprint/checksum.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>

#include "base/utf8.h"
#include "fingerprint/ahead.h"

static sv
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return sv_of(slash ? slash + 1 : path);
}

/* One file for its own digest, and for the stream where there is one; what has
 * been read already is not read again. */
static bool
checksum_read(struct memo *m, struct source *s, const struct ahead_file *read,
    struct xxh128 *stream, struct err *e)
{
	if (read == NULL || !read->is_done)
		return memo_digest_into(
		    m, s->path, &s->sig, &s->digest, stream, e);
	s->sig = read->sig;
	s->digest = read->digest;
	if (stream != NULL)
		xxh128_add(stream, read->content.p, read->content.n);
	memo_note(m, &s->sig, s->digest, read->read_at);
	return true;
}

/* Files in their order, names and contents into the stream, if any. */
static bool
checksum_read_list(struct memo *m, struct source *const *v, size_t n,
    struct xxh128 *stream, struct err *e)
{
	struct ahead *h = ahead_new(memo_threads(m, n));
	const struct ahead_file *block = NULL;
	size_t begin = 0, end = 0;
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++) {
		sv name = base_name(v[i]->path);

		if (h != NULL && i == end) {
			begin = i;
			end += ahead_read(
			    h, v + i, n - i, memo_clock(m), &block);
		}
		if (stream != NULL)
			xxh128_add(stream, name.p, name.n);
		ok = checksum_read(m, v[i],
		    block != NULL ? &block[i - begin] : NULL, stream, e);
	}
	ahead_free(h);
	return ok;
}

/* Reads every file once, for its own digest and the checksum of all. */
static bool
checksum_read_all(struct memo *m, struct arena *a, struct source_list *l,
    struct err *e)
{
	struct source **all = arena_alloc(a, l->n * sizeof(struct source *));
	struct xxh128 *stream = xxh128_new();
	bool ok;

	for (size_t i = 0; i < l->n; i++)
		all[i] = &l->v[i];
	ok = checksum_read_list(m, all, l->n, stream, e);
	xxh128_end(stream, &l->checksum.high, &l->checksum.low);
	return ok;
}

/* What the checksum is a function of: names and contents in order. */
static struct digest
checksum_set_key(const struct source_list *l)
{
	struct xxh128 *h = xxh128_new();
	struct digest key;

	for (size_t i = 0; i < l->n; i++) {
		sv name = base_name(l->v[i].path);

		xxh128_add(h, name.p, name.n + 1);
		xxh128_add(h, &l->v[i].digest, sizeof(l->v[i].digest));
	}
	xxh128_end(h, &key.high, &key.low);
	return key;
}

/* Digests from the memo, the missing ones from the files.  *known is false when
 * not one of them was remembered. */
static bool
digest_each(struct memo *m, struct arena *a, struct source_list *l, bool must,
    bool *known, struct err *e)
{
	struct source **unknown = arena_alloc(a, l->n * sizeof(struct source *));
	size_t missing = 0;

	*known = false;
	for (size_t i = 0; i < l->n; i++) {
		struct source *s = &l->v[i];

		if (!memo_lookup(m, &s->sig, &s->digest))
			unknown[missing++] = s;
	}
	*known = missing < l->n;
	if (missing > 0 && !*known && !must)
		return true;
	memo_count_kept(m, l->n - missing);
	return checksum_read_list(m, unknown, missing, NULL, e);
}

bool
sources_read(struct memo *m, struct arena *a, const found_files *files,
    bool checksum, struct source_list *out, struct err *e)
{
	const char *failed = sources_look(m, a, files, out);
	struct digest key;
	bool known = false;

	if (failed != NULL)
		return err_sys(e, errno, "open %s", failed);
	if (!digest_each(m, a, out, !checksum, &known, e))
		return false;
	if (!checksum)
		return true;
	if (known) {
		key = checksum_set_key(out);
		if (memo_set_lookup(m, key, &out->checksum))
			return true;
	}
	if (!checksum_read_all(m, a, out, e))
		return false;
	memo_set_put(m, checksum_set_key(out), out->checksum);
	return true;
}

char *
checksum_text(struct arena *a, struct digest d)
{
	return arena_printf(a, "%" PRIx64 "%" PRIx64, d.high, d.low);
}

char *
checksum_file_name(struct arena *a, sv name)
{
	struct sb b cleanup_sb = SB_INIT;
	size_t width;

	for (size_t i = 0; i < name.n; i += width) {
		uint32_t r = utf8_decode(sv_sub(name, i, SIZE_MAX), &width);

		sb_addc(&b, r < 128 && isalnum((int)r) ? (char)r : '-');
	}
	return sv_cstr(a, sb_sv(&b));
}
