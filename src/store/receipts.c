/* SPDX-License-Identifier: MIT */
#include "store/receipts.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"

#define RECEIPT_HEAD "prun receipt 1 "

static char *
receipt_path(struct arena *a, const char *dir, const char *key)
{
	return arena_printf(a, "%s/%s", dir, sha256_hex(a, sv_of(key)));
}

/* A line of its own; line ends inside would begin the next one. */
static void
receipts_add_line(struct sb *b, const char *word, const char *text)
{
	sb_printf(b, "%s ", word);
	for (; text != NULL && *text != '\0'; text++)
		sb_addc(b, *text == '\n' ? ' ' : *text);
	sb_addc(b, '\n');
}

bool
receipts_put(const char *dir, const struct receipt *r, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb b cleanup_sb = SB_INIT;

	sb_printf(&b, "at %" PRId64 "\n", r->at_ns);
	receipts_add_line(&b, "run", r->run);
	receipts_add_line(&b, "title", r->title);
	sb_printf(&b, "key\n%s", r->key);
	return mkdir_all(dir, 0700, e) &&
	    write_atomic(receipt_path(a, dir, r->key),
		sv_of(arena_printf(a, RECEIPT_HEAD "%s\n%s",
		    sha256_hex(a, sb_sv(&b)), sb_cstr(&b))),
		0600, e);
}

/* The rest of a line that begins with `word` and a blank. */
static bool
cut_line(struct arena *a, sv *text, const char *word, const char **out)
{
	size_t n = strlen(word);
	sv line;

	if (!sv_cut(*text, '\n', &line, text) ||
	    !sv_starts(line, sv_of(word)) || line.n <= n || line.p[n] != ' ')
		return false;
	*out = sv_cstr(a, sv_sub(line, n + 1, SIZE_MAX));
	return true;
}

static bool
read_receipt(struct arena *a, const char *path, struct receipt *out)
{
	struct err e cleanup_err = ERR_INIT;
	const char *sum, *at;
	char *end;
	sv text, line;

	if (!read_file(a, path, &text, &e) ||
	    !sv_cut(text, '\n', &line, &text) ||
	    !sv_starts(line, SV(RECEIPT_HEAD)))
		return false;
	sum = sv_cstr(a, sv_sub(line, sizeof(RECEIPT_HEAD) - 1, SIZE_MAX));
	if (strcmp(sum, sha256_hex(a, text)) != 0 ||
	    !cut_line(a, &text, "at", &at) ||
	    !cut_line(a, &text, "run", &out->run) ||
	    !cut_line(a, &text, "title", &out->title) ||
	    !sv_cut(text, '\n', &line, &text) || !sv_is(line, "key"))
		return false;
	out->at_ns = strtoimax(at, &end, 10);
	out->key = sv_cstr(a, text);
	return *end == '\0';
}

static bool
is_expired(const struct receipt *r, int64_t now_ns, int64_t max_age_ns)
{
	return r->at_ns > now_ns ||
	    (max_age_ns > 0 && now_ns - r->at_ns > max_age_ns);
}

bool
receipts_get(struct arena *a, const char *dir, const char *key, int64_t now_ns,
    int64_t max_age_ns, struct receipt *out)
{
	return read_receipt(a, receipt_path(a, dir, key), out) &&
	    strcmp(out->key, key) == 0 && !is_expired(out, now_ns, max_age_ns);
}

static int
receipts_newest_first(const void *x, const void *y)
{
	const struct receipt *a = x, *b = y;

	return (a->at_ns < b->at_ns) - (a->at_ns > b->at_ns);
}

/* Receipts have names of 64 hexadecimal digits. */
static bool
is_receipt_name(const char *name)
{
	return strlen(name) == 64 &&
	    strspn(name, "0123456789abcdef") == 64;
}

void
receipts_list(struct arena *a, const char *dir, receipt_vec *out)
{
	DIR *d cleanup_dir = opendir(dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct receipt r = { 0 };

		if (is_receipt_name(entry->d_name) &&
		    read_receipt(a, arena_printf(a, "%s/%s", dir,
					entry->d_name), &r))
			vec_push(a, out, r);
	}
	if (out->n > 1)
		qsort(out->v, out->n, sizeof(*out->v), receipts_newest_first);
}

static void
remove_damaged(struct arena *a, const char *dir)
{
	DIR *d cleanup_dir = opendir(dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		char *path = arena_printf(a, "%s/%s", dir, entry->d_name);
		struct receipt r = { 0 };

		if (is_receipt_name(entry->d_name) &&
		    !read_receipt(a, path, &r))
			unlink(path);
	}
}

void
receipts_expire(struct arena *a, const char *dir, int64_t now_ns,
    int64_t max_age_ns, size_t keep)
{
	receipt_vec all = { 0 };

	remove_damaged(a, dir);
	receipts_list(a, dir, &all);
	for (size_t i = 0; i < all.n; i++)
		if ((keep > 0 && i >= keep) ||
		    is_expired(&all.v[i], now_ns, max_age_ns))
			unlink(receipt_path(a, dir, all.v[i].key));
}
