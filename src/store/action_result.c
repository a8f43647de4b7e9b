/* SPDX-License-Identifier: MIT */
#include "store/action_result.h"

/* How a field lies in the bytes. */
enum wire {
	WIRE_VARINT = 0,
	WIRE_64 = 1,
	WIRE_BYTES = 2,
	WIRE_32 = 5,
};

/* Numbers of fields, by message. */
enum {
	RESULT_FILES = 2,
	RESULT_EXIT_CODE = 4,
	RESULT_STDOUT = 6,
	RESULT_METADATA = 9,
	RESULT_LINKS = 12,
	FILE_PATH = 1,
	FILE_DIGEST = 2,
	FILE_IS_EXECUTABLE = 4,
	LINK_PATH = 1,
	LINK_TARGET = 2,
	DIGEST_HASH = 1,
	DIGEST_SIZE = 2,
	METADATA_WORKER = 1,
	METADATA_AUXILIARY = 11,
	ANY_TYPE = 1,
	ANY_VALUE = 2,
};

/* The type of what we have in the metadata: a Digest, of the manifest. */
#define MANIFEST_TYPE "prun/manifest"

/* ---- writing ---- */

static void
proto_add_number(struct sb *b, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		sb_addc(b, (char)((n & 0x7f) | 0x80));
	sb_addc(b, (char)n);
}

/* As protobuf does, nothing of what has its default. */
static void
proto_add_varint(struct sb *b, unsigned field, uint64_t n)
{
	if (n == 0)
		return;
	proto_add_number(b, field << 3 | WIRE_VARINT);
	proto_add_number(b, n);
}

static void
proto_add_bytes(struct sb *b, unsigned field, sv bytes)
{
	proto_add_number(b, field << 3 | WIRE_BYTES);
	proto_add_number(b, bytes.n);
	sb_addv(b, bytes);
}

static void
proto_add_digest(struct sb *b, unsigned field, const struct cache_blob *x)
{
	struct sb m cleanup_sb = SB_INIT;

	proto_add_bytes(&m, DIGEST_HASH, sv_of(x->digest));
	proto_add_varint(&m, DIGEST_SIZE, x->size);
	proto_add_bytes(b, field, sb_sv(&m));
}

static void
proto_add_file(struct sb *b, const struct cache_file *f)
{
	struct sb m cleanup_sb = SB_INIT;

	proto_add_bytes(&m, FILE_PATH, sv_of(f->path));
	if (f->link != NULL) {
		proto_add_bytes(&m, LINK_TARGET, sv_of(f->link));
		proto_add_bytes(b, RESULT_LINKS, sb_sv(&m));
		return;
	}
	proto_add_digest(&m, FILE_DIGEST, &f->blob);
	proto_add_varint(&m, FILE_IS_EXECUTABLE, (f->mode & 0100) != 0);
	proto_add_bytes(b, RESULT_FILES, sb_sv(&m));
}

static void
proto_add_metadata(
    struct sb *b, const struct cache_blob *manifest, const char *worker)
{
	struct sb digest cleanup_sb = SB_INIT, any cleanup_sb = SB_INIT;
	struct sb m cleanup_sb = SB_INIT;

	proto_add_bytes(&digest, DIGEST_HASH, sv_of(manifest->digest));
	proto_add_varint(&digest, DIGEST_SIZE, manifest->size);
	proto_add_bytes(&any, ANY_TYPE, SV(MANIFEST_TYPE));
	proto_add_bytes(&any, ANY_VALUE, sb_sv(&digest));
	proto_add_bytes(&m, METADATA_WORKER, sv_of(worker));
	proto_add_bytes(&m, METADATA_AUXILIARY, sb_sv(&any));
	proto_add_bytes(b, RESULT_METADATA, sb_sv(&m));
}

void
action_result_write(const struct cache_entry *x,
    const struct cache_blob *manifest, const char *worker, struct sb *out)
{
	const struct cache_file *f;

	vec_each(&x->files, f)
		if (f->link == NULL)
			proto_add_file(out, f);
	if (x->log.digest[0] != '\0')
		proto_add_digest(out, RESULT_STDOUT, &x->log);
	proto_add_metadata(out, manifest, worker);
	vec_each(&x->files, f)
		if (f->link != NULL)
			proto_add_file(out, f);
}

/* ---- reading ---- */

struct proto_field {
	uint64_t number;
	enum wire wire;
	uint64_t n; /* WIRE_VARINT */
	sv bytes;   /* WIRE_BYTES */
};

static bool
proto_read_number(sv *in, uint64_t *out)
{
	*out = 0;
	for (unsigned shift = 0; in->n > 0; shift += 7) {
		uint64_t digit = (unsigned char)in->p[0];

		*in = sv_sub(*in, 1, SIZE_MAX);
		if (shift > 63 || (shift == 63 && (digit & 0x7f) > 1))
			return false;
		*out |= (digit & 0x7f) << shift;
		if (digit < 0x80)
			return true;
	}
	return false;
}

static bool
proto_skip(sv *in, size_t n)
{
	if (in->n < n)
		return false;
	*in = sv_sub(*in, n, SIZE_MAX);
	return true;
}

static bool
proto_read_field(sv *in, struct proto_field *f)
{
	uint64_t tag, n;

	*f = (struct proto_field){ 0 };
	if (!proto_read_number(in, &tag) || tag >> 3 == 0 || tag >> 32 != 0)
		return false;
	f->number = tag >> 3;
	f->wire = (enum wire)(tag & 7);
	switch (tag & 7) {
	case WIRE_VARINT:
		return proto_read_number(in, &f->n);
	case WIRE_64:
		return proto_skip(in, 8);
	case WIRE_32:
		return proto_skip(in, 4);
	case WIRE_BYTES:
		if (!proto_read_number(in, &n) || n > in->n)
			return false;
		f->bytes = sv_sub(*in, 0, (size_t)n);
		return proto_skip(in, (size_t)n);
	}
	return false; /* groups, which nobody uses any more */
}

static bool
proto_is_bytes(const struct proto_field *f, unsigned number)
{
	return f->number == number && f->wire == WIRE_BYTES;
}

static bool
proto_is_number(const struct proto_field *f, unsigned number)
{
	return f->number == number && f->wire == WIRE_VARINT;
}

/* A text without a NUL; of several the last one holds. */
static bool
proto_text(struct arena *a, sv bytes, const char **out)
{
	if (bytes.n > 0 && memchr(bytes.p, '\0', bytes.n) != NULL)
		return false;
	*out = sv_cstr(a, bytes);
	return true;
}

static bool
proto_read_digest(struct arena *a, sv in, struct cache_blob *out)
{
	struct proto_field f;

	*out = (struct cache_blob){ .digest = "" };
	while (in.n > 0) {
		if (!proto_read_field(&in, &f))
			return false;
		if (proto_is_bytes(&f, DIGEST_HASH)) {
			if (!sha256_is_digits(f.bytes))
				return false;
			out->digest = sv_cstr(a, f.bytes);
		} else if (proto_is_number(&f, DIGEST_SIZE)) {
			if (f.n > INT64_MAX)
				return false;
			out->size = f.n;
		}
	}
	return out->digest[0] != '\0';
}

static bool
proto_read_file(struct arena *a, sv in, struct action_result *out)
{
	struct action_file x = { .path = "", .blob.digest = "" };
	struct proto_field f;

	while (in.n > 0) {
		if (!proto_read_field(&in, &f))
			return false;
		if (proto_is_bytes(&f, FILE_PATH)) {
			if (!proto_text(a, f.bytes, &x.path))
				return false;
		} else if (proto_is_bytes(&f, FILE_DIGEST)) {
			if (!proto_read_digest(a, f.bytes, &x.blob))
				return false;
		} else if (proto_is_number(&f, FILE_IS_EXECUTABLE)) {
			x.is_executable = f.n != 0;
		}
	}
	vec_push(a, &out->files, x);
	return *x.path != '\0' && x.blob.digest[0] != '\0';
}

static bool
proto_read_link(struct arena *a, sv in, struct action_result *out)
{
	struct action_link x = { .path = "", .to = "" };
	struct proto_field f;

	while (in.n > 0) {
		if (!proto_read_field(&in, &f))
			return false;
		if (proto_is_bytes(&f, LINK_PATH)) {
			if (!proto_text(a, f.bytes, &x.path))
				return false;
		} else if (proto_is_bytes(&f, LINK_TARGET)) {
			if (!proto_text(a, f.bytes, &x.to))
				return false;
		}
	}
	vec_push(a, &out->links, x);
	return *x.path != '\0' && *x.to != '\0';
}

static bool
proto_read_any(struct arena *a, sv in, struct action_result *out)
{
	struct proto_field f;
	sv type = { "", 0 }, value = { "", 0 };

	while (in.n > 0) {
		if (!proto_read_field(&in, &f))
			return false;
		if (proto_is_bytes(&f, ANY_TYPE))
			type = f.bytes;
		else if (proto_is_bytes(&f, ANY_VALUE))
			value = f.bytes;
	}
	return !sv_is(type, MANIFEST_TYPE) ||
	       proto_read_digest(a, value, &out->manifest);
}

static bool
proto_read_metadata(struct arena *a, sv in, struct action_result *out)
{
	struct proto_field f;

	while (in.n > 0)
		if (!proto_read_field(&in, &f) ||
		    (proto_is_bytes(&f, METADATA_AUXILIARY) &&
			!proto_read_any(a, f.bytes, out)))
			return false;
	return true;
}

static bool
proto_take_field(
    struct arena *a, const struct proto_field *f, struct action_result *out)
{
	if (proto_is_number(f, RESULT_EXIT_CODE)) {
		out->exit_code = (int64_t)f->n;
		return true;
	}
	if (f->wire != WIRE_BYTES)
		return true;
	switch (f->number) {
	case RESULT_FILES:
		return proto_read_file(a, f->bytes, out);
	case RESULT_STDOUT:
		return proto_read_digest(a, f->bytes, &out->log);
	case RESULT_METADATA:
		return proto_read_metadata(a, f->bytes, out);
	case RESULT_LINKS:
		return proto_read_link(a, f->bytes, out);
	}
	return true;
}

bool
action_result_read(struct arena *a, sv bytes, struct action_result *out)
{
	struct proto_field f;

	*out =
	    (struct action_result){ .log.digest = "", .manifest.digest = "" };
	if (bytes.n == 0)
		return false;
	while (bytes.n > 0)
		if (!proto_read_field(&bytes, &f) ||
		    !proto_take_field(a, &f, out))
			return false;
	return true;
}

/* ---- comparing ---- */

static bool
blob_is_same(const struct cache_blob *a, const struct cache_blob *b)
{
	return strcmp(a->digest, b->digest) == 0 &&
	       (a->size == b->size || a->digest[0] == '\0');
}

static bool
is_link_of(const struct action_link *l, const struct cache_file *f)
{
	return strcmp(l->path, f->path) == 0 && strcmp(l->to, f->link) == 0;
}

static bool
is_file_of(const struct action_file *x, const struct cache_file *f)
{
	return strcmp(x->path, f->path) == 0 &&
	       blob_is_same(&x->blob, &f->blob) &&
	       x->is_executable == ((f->mode & 0100) != 0);
}

bool
action_result_fits(const struct action_result *r, const struct cache_entry *x)
{
	const struct cache_file *f;
	size_t n_files = 0, n_links = 0;

	vec_each(&x->files, f)
		if (f->link != NULL
			? n_links >= r->links.n ||
			      !is_link_of(&r->links.v[n_links++], f)
			: n_files >= r->files.n ||
			      !is_file_of(&r->files.v[n_files++], f))
			return false;
	return n_files == r->files.n && n_links == r->links.n &&
	       r->exit_code == 0 && blob_is_same(&r->log, &x->log);
}
