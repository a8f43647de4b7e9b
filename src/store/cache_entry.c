/* SPDX-License-Identifier: MIT */
/*
 * An entry as text.  Its first line is the format and a sum over the rest, so a
 * torn or edited one is none; each further line is one fact, names last and
 * with bytes below a space written as %XX.  What comes out of a file was
 * written by anybody: a path that leaves the tree, goes through prun's or git's
 * own folders or is there twice, a link that leads out, a digest that is none
 * make the whole text no entry.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/path.h"
#include "store/cache_internal.h"

#define HEAD "prun-cache 1 "

/* ---- writing ---- */

static void
entry_add_name(struct sb *out, const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '%' || *p == 127)
			sb_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
		else
			sb_addc(out, *p);
	sb_addc(out, '\n');
}

static void
entry_add_file(struct sb *out, const struct cache_file *f)
{
	if (f->link != NULL) {
		sb_adds(out, "link ");
		entry_add_name(out, f->path);
		sb_adds(out, "to ");
		entry_add_name(out, f->link);
		return;
	}
	sb_printf(out, "file %s %" PRIu64 " %o ", f->blob.digest, f->blob.size,
	    f->mode & 0777);
	entry_add_name(out, f->path);
	if ((f->own[0] | f->own[1]) != 0)
		sb_printf(out, "own %" PRIx64 " %" PRIx64 "\n", f->own[0],
		    f->own[1]);
}

void
cache_entry_write(
    const char *key, const struct cache_entry *x, struct sb *out)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct cache_stretch *s;
	const struct cache_file *f;
	const struct cache_part *p;
	char sum[SHA256_HEX + 1];

	sb_printf(&b, "key %s\n", key);
	sb_printf(&b, "work %" PRId64 "\n", x->work_ns);
	sb_adds(&b, "task ");
	entry_add_name(&b, x->task);
	vec_each(&x->files, f)
		entry_add_file(&b, f);
	if (x->log.digest[0] != '\0')
		sb_printf(&b, "log %s %" PRIu64 "\n", x->log.digest,
		    x->log.size);
	vec_each(&x->stretches, s)
		sb_printf(&b, "on %d %" PRIu64 "\n", s->stream, s->n);
	vec_each(&x->parts, p) {
		sb_printf(&b, "part %s %" PRIx64 " %" PRIx64 " ", p->kind,
		    p->high, p->low);
		entry_add_name(&b, p->name);
	}
	sha256_text(sb_sv(&b), sum);
	sb_printf(out, HEAD "%s\n", sum);
	sb_addv(out, sb_sv(&b));
}

/* ---- reading ---- */

struct entry_reader {
	struct arena *a;
	const char *key;
	struct cache_entry *out;
	bool has_key;
	uint64_t log_left; /* of the log, without a stretch so far */
};

static bool
entry_word(sv *line, sv *word)
{
	return sv_cut(*line, ' ', word, line) && word->n > 0;
}

static bool
entry_number(sv text, int base, uint64_t max, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < text.n; i++) {
		int d = hex_value((unsigned char)text.p[i]);

		if (d < 0 || d >= base || (uint64_t)d > max ||
		    *out > (max - (uint64_t)d) / (uint64_t)base)
			return false;
		*out = *out * (uint64_t)base + (uint64_t)d;
	}
	return text.n > 0;
}

/* NULL: it is no name. */
static char *
entry_read_name(struct arena *a, sv text)
{
	char *out = arena_alloc(a, text.n + 1), *to = out;

	for (size_t i = 0; i < text.n; i++) {
		int high, low;

		if (text.p[i] != '%') {
			*to++ = text.p[i];
			continue;
		}
		if (i + 2 >= text.n)
			return NULL;
		high = hex_value((unsigned char)text.p[++i]);
		low = hex_value((unsigned char)text.p[++i]);
		if (high < 0 || low < 0 || high + low == 0)
			return NULL;
		*to++ = (char)(high * 16 + low);
	}
	if (memchr(text.p, '\0', text.n) != NULL)
		return NULL;
	return out;
}

/* Also where the file system does not tell case. */
static bool
is_own_folder(sv part)
{
	char low[8];

	if (part.n >= sizeof(low))
		return false;
	for (size_t i = 0; i < part.n; i++)
		low[i] = (char)tolower((unsigned char)part.p[i]);
	part.p = low;
	return sv_is(part, ".git") || sv_is(part, ".task");
}

bool
cache_path_is_good(const char *path)
{
	sv rest = sv_of(path), part;

	if (rest.n == 0 || rest.n >= CACHE_PATH_MAX || *path == '/')
		return false;
	for (bool more = true; more;) {
		more = sv_cut(rest, '/', &part, &rest);
		if (part.n == 0 || part.n > 255 || sv_is(part, ".") ||
		    sv_is(part, "..") || is_own_folder(part))
			return false;
	}
	return true;
}

bool
cache_link_is_good(const char *path, const char *to)
{
	bool is_down = false;
	int depth = 0;
	sv rest, part;

	if (*to == '\0' || *to == '/' || strlen(to) >= CACHE_PATH_MAX)
		return false;
	for (const char *p = path; *p != '\0'; p++)
		depth += *p == '/';
	rest = sv_of(to);
	for (bool more = true; more;) {
		more = sv_cut(rest, '/', &part, &rest);
		if (sv_is(part, "..")) {
			/* where `a/..` is only who knows `a` can say: it may
			 * be a link as well */
			if (is_down || --depth < 0)
				return false;
		} else if (part.n > 0 && !sv_is(part, ".")) {
			is_down = true;
		}
		if (is_own_folder(part))
			return false;
	}
	return true;
}

const struct cache_file *
cache_entry_file(const struct cache_entry *x, sv path)
{
	size_t low = 0, high = x->files.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = sv_cmp(sv_of(x->files.v[mid].path), path);

		if (order == 0)
			return &x->files.v[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Sorted, each once, and none the folder of another. */
static bool
entry_is_next(const struct cache_entry *x, const char *path)
{
	const char *last =
	    x->files.n > 0 ? x->files.v[x->files.n - 1].path : "";

	if (strcmp(last, path) >= 0)
		return false;
	for (const char *p = strchr(path, '/'); p != NULL;
	     p = strchr(p + 1, '/'))
		if (cache_entry_file(x, (sv){ path, (size_t)(p - path) }))
			return false;
	return true;
}

static bool
entry_read_blob(struct entry_reader *r, sv *line, struct cache_blob *out)
{
	sv digest, size;

	if (!entry_word(line, &digest) || !sha256_is_digits(digest))
		return false;
	sv_cut(*line, ' ', &size, line);
	out->digest = sv_cstr(r->a, digest);
	return entry_number(size, 10, INT64_MAX, &out->size);
}

/* Under the name that is left of the line. */
static bool
entry_add(struct entry_reader *r, sv name, struct cache_file f)
{
	f.path = entry_read_name(r->a, name);
	if (f.path == NULL || !cache_path_is_good(f.path) ||
	    !entry_is_next(r->out, f.path))
		return false;
	vec_push(r->a, &r->out->files, f);
	return true;
}

static bool
entry_read_file(struct entry_reader *r, sv line)
{
	struct cache_file f = { 0 };
	uint64_t mode;
	sv word;

	if (!entry_read_blob(r, &line, &f.blob) || !entry_word(&line, &word) ||
	    !entry_number(word, 8, 07777, &mode))
		return false;
	/* nobody becomes somebody else by a file from here */
	f.mode = (unsigned)mode & 0777;
	return entry_add(r, line, f);
}

static bool
entry_read_own(struct entry_reader *r, sv line)
{
	size_t n = r->out->files.n;
	sv high;

	return n > 0 && entry_word(&line, &high) &&
	       entry_number(
		   high, 16, UINT64_MAX, &r->out->files.v[n - 1].own[0]) &&
	       entry_number(
		   line, 16, UINT64_MAX, &r->out->files.v[n - 1].own[1]);
}

static bool
entry_read_to(struct entry_reader *r, sv line)
{
	struct cache_file *f =
	    r->out->files.n > 0 ? &r->out->files.v[r->out->files.n - 1] : NULL;

	if (f == NULL || f->link == NULL || *f->link != '\0')
		return false;
	f->link = entry_read_name(r->a, line);
	return f->link != NULL && cache_link_is_good(f->path, f->link);
}

static bool
entry_read_stretch(struct entry_reader *r, sv line)
{
	uint64_t stream, n;
	sv word;

	if (!entry_word(&line, &word) || !entry_number(word, 10, 2, &stream) ||
	    stream == 0 || !entry_number(line, 10, r->log_left, &n))
		return false;
	r->log_left -= n;
	vec_push(r->a, &r->out->stretches,
	    ((struct cache_stretch){ (int)stream, n }));
	return true;
}

static bool
entry_read_part(struct entry_reader *r, sv line)
{
	struct cache_part p;
	sv kind, high, low;

	if (!entry_word(&line, &kind) || !entry_word(&line, &high) ||
	    !entry_word(&line, &low) ||
	    !entry_number(high, 16, UINT64_MAX, &p.high) ||
	    !entry_number(low, 16, UINT64_MAX, &p.low))
		return false;
	p.kind = sv_cstr(r->a, kind);
	p.name = entry_read_name(r->a, line);
	vec_push(r->a, &r->out->parts, p);
	return p.name != NULL;
}

static bool
entry_read_line(struct entry_reader *r, sv line)
{
	uint64_t n;
	sv what;

	if (!entry_word(&line, &what))
		return false;
	if (sv_is(what, "file"))
		return entry_read_file(r, line);
	if (sv_is(what, "link"))
		return entry_add(r, line, (struct cache_file){ .link = "" });
	if (sv_is(what, "own"))
		return entry_read_own(r, line);
	if (sv_is(what, "to"))
		return entry_read_to(r, line);
	if (sv_is(what, "on"))
		return entry_read_stretch(r, line);
	if (sv_is(what, "part"))
		return entry_read_part(r, line);
	if (sv_is(what, "key"))
		return r->has_key = sv_is(line, r->key);
	if (sv_is(what, "task"))
		return (r->out->task = entry_read_name(r->a, line)) != NULL;
	if (sv_is(what, "log")) {
		if (!entry_read_blob(r, &line, &r->out->log))
			return false;
		r->log_left = r->out->log.size;
		return true;
	}
	if (!sv_is(what, "work") || !entry_number(line, 10, INT64_MAX, &n))
		return false;
	r->out->work_ns = (int64_t)n;
	return true;
}

bool
cache_entry_read(
    struct arena *a, const char *key, sv text, struct cache_entry *out)
{
	struct entry_reader r = { .a = a, .key = key, .out = out };
	char sum[SHA256_HEX + 1];
	sv head, line;

	*out = (struct cache_entry){ .task = "", .log.digest = "" };
	if (!sv_cut(text, '\n', &head, &text) || !sv_starts(head, SV(HEAD)))
		return false;
	sha256_text(text, sum);
	if (!sv_is(sv_sub(head, sizeof(HEAD) - 1, SIZE_MAX), sum))
		return false;
	while (text.n > 0)
		if (!sv_cut(text, '\n', &line, &text) ||
		    !entry_read_line(&r, line))
			return false;
	for (size_t i = 0; i < out->files.n; i++)
		if (out->files.v[i].link != NULL && *out->files.v[i].link == '\0')
			return false;
	return r.has_key && r.log_left == 0;
}
