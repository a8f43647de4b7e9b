/* SPDX-License-Identifier: MIT */
#include "fingerprint/record.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/path.h"

#define RECORD_HEAD "prun record 2 "
/* Without modes. */
#define RECORD_OLD_HEAD "prun record 1 "
/* Files named one by one in a reason. */
#define MAX_NAMED 20

const char *
record_path(const char *root, const char *path)
{
	size_t n = strlen(root);

	if (strncmp(path, root, n) == 0 && path[n] == '/')
		return path + n + 1;
	return path;
}

/* ---- writing ---- */

/* Names may hold anything; a record is lines of words. */
static void
record_add_name(struct sb *b, const char *name)
{
	if (strpbrk(name, "\n\\") == NULL) {
		sb_adds(b, name);
		return;
	}
	for (; *name != '\0'; name++)
		if (*name == '\n')
			sb_adds(b, "\\n");
		else if (*name == '\\')
			sb_adds(b, "\\\\");
		else
			sb_addc(b, *name);
}

static void
record_add_word(struct sb *b, const char *word)
{
	sb_adds(b, word);
	sb_addc(b, ' ');
}

/* Permissions in octal. */
static void
record_add_mode(struct sb *b, unsigned mode)
{
	for (int shift = 6; shift >= 0; shift -= 3)
		sb_addc(b, (char)('0' + (mode >> shift & 7)));
}

static void
record_add_files(struct sb *b, const char *word, const record_file_vec *files)
{
	for (size_t i = 0; i < files->n; i++) {
		const struct record_file *f = &files->v[i];

		record_add_word(b, word);
		sb_hex16(b, f->digest.high);
		sb_hex16(b, f->digest.low);
		sb_addc(b, ' ');
		record_add_mode(b, f->mode);
		sb_addc(b, ' ');
		record_add_name(b, f->path);
		sb_addc(b, '\n');
	}
}

void
record_text(const struct record *r, struct sb *out)
{
	char sum[17];
	size_t body;

	sb_clear(out);
	sb_reserve(out, 512);
	sb_adds(out, RECORD_HEAD "0123456789abcdef\n");
	body = out->n;
	record_add_word(out, "method");
	sb_adds(out, r->method);
	sb_addc(out, '\n');
	record_add_word(out, "checksum");
	sb_adds(out, r->checksum);
	sb_addc(out, '\n');
	for (size_t i = 0; i < r->parts.n; i++) {
		const struct part *p = &r->parts.v[i];

		record_add_word(out, "part");
		record_add_word(out, p->kind);
		sb_hex16(out, p->hash);
		sb_addc(out, ' ');
		record_add_name(out, p->name);
		sb_addc(out, '\n');
	}
	record_add_files(out, "output", &r->outputs);
	record_add_files(out, "source", &r->sources);
	hex16(sum, hash64(sv_sub(sb_sv(out), body, SIZE_MAX)));
	memcpy(out->p + sizeof(RECORD_HEAD) - 1, sum, 16);
}

bool
record_write(const char *path, const struct record *r, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;

	record_text(r, &b);
	return write_atomic(path, sb_sv(&b), 0644, e);
}

/* ---- reading ---- */

static bool
parse_hex(sv s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n != 16)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = v;
	return true;
}

static const char *
parse_name(struct arena *a, sv s)
{
	struct sb b cleanup_sb = SB_INIT;

	if (sv_find_char(s, '\\', 0) < 0)
		return sv_cstr(a, s);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 1 < s.n)
			c = s.p[++i] == 'n' ? '\n' : s.p[i];
		sb_addc(&b, c);
	}
	return sb_take(&b, a).p;
}

static bool
parse_mode(sv s, unsigned *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '7' || *out > 0777)
			return false;
		*out = *out << 3 | (unsigned)(s.p[i] - '0');
	}
	return s.n > 0;
}

static bool
parse_file(struct arena *a, sv rest, record_file_vec *out)
{
	struct record_file f;
	sv hex, mode, name;

	if (!sv_cut(rest, ' ', &hex, &rest) ||
	    !sv_cut(rest, ' ', &mode, &name) || hex.n != 32 ||
	    !parse_hex(sv_sub(hex, 0, 16), &f.digest.high) ||
	    !parse_hex(sv_sub(hex, 16, 16), &f.digest.low) ||
	    !parse_mode(mode, &f.mode))
		return false;
	f.path = parse_name(a, name);
	vec_push(a, out, f);
	return true;
}

static bool
parse_part(struct arena *a, sv rest, struct record *r)
{
	struct part p;
	sv kind, hex, name;

	if (!sv_cut(rest, ' ', &kind, &rest) || !sv_cut(rest, ' ', &hex, &name) ||
	    !parse_hex(hex, &p.hash))
		return false;
	p.kind = sv_cstr(a, kind);
	p.name = parse_name(a, name);
	vec_push(a, &r->parts, p);
	return true;
}

static bool
record_parse_line(struct arena *a, sv line, struct record *r)
{
	sv word, rest;

	if (!sv_cut(line, ' ', &word, &rest))
		return false;
	if (sv_is(word, "method"))
		r->method = sv_cstr(a, rest);
	else if (sv_is(word, "checksum"))
		r->checksum = sv_cstr(a, rest);
	else if (sv_is(word, "part"))
		return parse_part(a, rest, r);
	else if (sv_is(word, "output"))
		return parse_file(a, rest, &r->outputs);
	else if (sv_is(word, "source"))
		return parse_file(a, rest, &r->sources);
	return true; /* a later version's */
}

enum record_status
record_read(struct arena *a, const char *path, struct record *out)
{
	struct err e cleanup_err = ERR_INIT;
	sv text, head, line;
	uint64_t sum;

	*out = (struct record){ .method = "", .checksum = "" };
	if (!read_file(a, path, &text, &e))
		return path_exists(path) ? RECORD_DAMAGED : RECORD_MISSING;
	if (!sv_cut(text, '\n', &head, &text))
		return RECORD_DAMAGED;
	if (!sv_starts(head, SV(RECORD_HEAD)))
		return sv_starts(head, SV(RECORD_OLD_HEAD)) ? RECORD_MISSING
							    : RECORD_DAMAGED;
	if (!parse_hex(sv_sub(head, sizeof(RECORD_HEAD) - 1, SIZE_MAX), &sum) ||
	    hash64(text) != sum)
		return RECORD_DAMAGED;
	while (sv_cut(text, '\n', &line, &text))
		if (!record_parse_line(a, line, out))
			return RECORD_DAMAGED;
	return RECORD_OK;
}

/* ---- differences ---- */

static void
record_say(struct arena *a, string_vec *reasons, size_t *named,
    const char *what, const char *verb, const char *path)
{
	if ((*named)++ < MAX_NAMED)
		vec_push(a, reasons,
		    arena_printf(a, "%s %s: %s", what, verb, path));
}

void
record_diff_files(struct arena *a, const char *what,
    const record_file_vec *before, const record_file_vec *now, bool extra,
    string_vec *reasons)
{
	bool is_output = strcmp(what, "output") == 0;
	size_t i = 0, j = 0, named = 0;

	/* Both are sorted by path. */
	while (i < before->n || j < now->n) {
		const struct record_file *b = i < before->n ? &before->v[i] :
							      NULL;
		const struct record_file *n = j < now->n ? &now->v[j] : NULL;
		int order = b == NULL ? 1 : n == NULL ? -1 :
							strcmp(b->path, n->path);

		if (order < 0) {
			record_say(a, reasons, &named, what,
			    is_output ? "missing" : "removed", b->path);
			i++;
		} else if (order > 0) {
			if (extra)
				record_say(
				    a, reasons, &named, what, "added", n->path);
			j++;
		} else {
			if (!digest_equal(b->digest, n->digest))
				record_say(a, reasons, &named, what, "changed",
				    n->path);
			else if (b->mode != n->mode)
				record_say(a, reasons, &named, what,
				    "has another mode", n->path);
			i++;
			j++;
		}
	}
	if (named > MAX_NAMED)
		vec_push(a, reasons,
		    arena_printf(a, "and %zu more %ss", named - MAX_NAMED,
			what));
}
