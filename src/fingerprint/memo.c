/* SPDX-License-Identifier: MIT */
#include "fingerprint/memo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"

#define MEMO_MAGIC     UINT64_C(0x31306f6d656d7270) /* "prmemo01" */
#define MEMO_KEEP_DAYS 60
#define MEMO_MAX_FILES 500000
#define READ_SIZE      (128 * 1024)
/* Fewer are read before threads have begun. */
#define AHEAD_MIN_FILES 256

/* A file as remembered; key is device and inode. */
struct entry {
	uint64_t dev, ino, size;
	int64_t mtime_ns, ctime_ns;
	struct digest digest;
	uint32_t day;  /* of last use, since 1970 */
	uint32_t used; /* slot is taken */
};

struct set_entry {
	struct digest key, digest;
	uint32_t day, used;
};

struct head {
	uint64_t magic, sum;
	uint64_t n_files, n_sets;
};

/* Open-addressing table of fixed-size items. */
struct table {
	void *items;
	size_t cap, n; /* cap: power of two, or 0 */
};

struct memo {
	char *path;
	int64_t (*now)(void);
	struct table files, sets;
	bool loaded, dirty, read_only;
	unsigned kept; /* digests that were found */
	uint32_t day;  /* 0: not asked yet */
	int (*threads)(void);
	char *buffer; /* READ_SIZE, for reading files */
};

static struct entry *
file_at(const struct table *t, size_t i)
{
	return (struct entry *)t->items + i;
}

static struct set_entry *
set_at(const struct table *t, size_t i)
{
	return (struct set_entry *)t->items + i;
}

static uint64_t
mix(uint64_t a, uint64_t b)
{
	uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) ^ b;

	x ^= x >> 29;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	return x ^ x >> 32;
}

/* The slot of a key: its own, or the free one where it would go. */
static struct entry *
file_slot(const struct table *t, uint64_t dev, uint64_t ino)
{
	size_t i = mix(ino, dev) & (t->cap - 1);

	while (file_at(t, i)->used &&
	       (file_at(t, i)->ino != ino || file_at(t, i)->dev != dev))
		i = (i + 1) & (t->cap - 1);
	return file_at(t, i);
}

static struct set_entry *
set_slot(const struct table *t, struct digest key)
{
	size_t i = mix(key.low, key.high) & (t->cap - 1);

	while (set_at(t, i)->used && !digest_equal(set_at(t, i)->key, key))
		i = (i + 1) & (t->cap - 1);
	return set_at(t, i);
}

static void
put_file(struct memo *m, const struct entry *e)
{
	struct table *t = &m->files;
	struct entry *slot;

	if (2 * (t->n + 1) > t->cap) {
		struct table old = *t;

		t->cap = old.cap ? 2 * old.cap : 1024;
		t->items = xcalloc(t->cap, sizeof(struct entry));
		for (size_t i = 0; i < old.cap; i++)
			if (file_at(&old, i)->used)
				*file_slot(t, file_at(&old, i)->dev,
				    file_at(&old, i)->ino) = *file_at(&old, i);
		free(old.items);
	}
	slot = file_slot(t, e->dev, e->ino);
	t->n += !slot->used;
	*slot = *e;
	slot->used = 1;
}

static void
put_set(struct memo *m, const struct set_entry *e)
{
	struct table *t = &m->sets;
	struct set_entry *slot;

	if (2 * (t->n + 1) > t->cap) {
		struct table old = *t;

		t->cap = old.cap ? 2 * old.cap : 64;
		t->items = xcalloc(t->cap, sizeof(struct set_entry));
		for (size_t i = 0; i < old.cap; i++)
			if (set_at(&old, i)->used)
				*set_slot(t, set_at(&old, i)->key) =
				    *set_at(&old, i);
		free(old.items);
	}
	slot = set_slot(t, e->key);
	t->n += !slot->used;
	*slot = *e;
	slot->used = 1;
}

/* Of one run all is used on the day on which it was first asked. */
static uint32_t
today(struct memo *m)
{
	if (m->day == 0)
		m->day = (uint32_t)(m->now() / NS_PER_S / 86400);
	return m->day;
}

/* ---- the file ---- */

static void
read_memo(struct memo *m)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct head h;
	sv data, body;
	const char *p;

	if (!read_file(a, m->path, &data, &e) || data.n < sizeof(h))
		return;
	memcpy(&h, data.p, sizeof(h));
	body = sv_sub(data, sizeof(h), SIZE_MAX);
	if (h.magic != MEMO_MAGIC || h.n_files > MEMO_MAX_FILES ||
	    h.n_sets > MEMO_MAX_FILES ||
	    body.n != h.n_files * sizeof(struct entry) +
			  h.n_sets * sizeof(struct set_entry) ||
	    hash64(body) != h.sum)
		return;
	p = body.p;
	for (uint64_t i = 0; i < h.n_files; i++, p += sizeof(struct entry)) {
		struct entry x;

		memcpy(&x, p, sizeof(x));
		put_file(m, &x);
	}
	for (uint64_t i = 0; i < h.n_sets; i++, p += sizeof(struct set_entry)) {
		struct set_entry x;

		memcpy(&x, p, sizeof(x));
		put_set(m, &x);
	}
}

/* Not before a digest is asked for: most runs ask for none. */
static void
memo_load(struct memo *m)
{
	if (m->loaded)
		return;
	m->loaded = true;
	if (m->path != NULL)
		read_memo(m);
}

/* Failure to write costs the next run time, nothing else. */
static void
save(struct memo *m)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb b cleanup_sb = SB_INIT;
	struct head h = { .magic = MEMO_MAGIC };
	uint32_t oldest = today(m) - MEMO_KEEP_DAYS;

	sb_add(&b, (const char *)&h, sizeof(h));
	for (size_t i = 0; i < m->files.cap; i++) {
		struct entry *x = file_at(&m->files, i);

		if (!x->used || x->day < oldest || h.n_files >= MEMO_MAX_FILES)
			continue;
		sb_add(&b, (const char *)x, sizeof(*x));
		h.n_files++;
	}
	for (size_t i = 0; i < m->sets.cap; i++) {
		struct set_entry *x = set_at(&m->sets, i);

		if (!x->used || x->day < oldest || h.n_sets >= MEMO_MAX_FILES)
			continue;
		sb_add(&b, (const char *)x, sizeof(*x));
		h.n_sets++;
	}
	h.sum = hash64(sv_sub(sb_sv(&b), sizeof(h), SIZE_MAX));
	memcpy(b.p, &h, sizeof(h));
	if (mkdir_all(path_dir(a, sv_of(m->path)), 0700, &e))
		write_atomic(m->path, sb_sv(&b), 0600, &e);
}

struct memo *
memo_open(const char *path, bool read_only, int64_t (*now)(void))
{
	struct memo *m = xcalloc(1, sizeof(*m));

	m->now = now;
	m->path = path ? xstrdup(path) : NULL;
	m->read_only = read_only;
	return m;
}

void
memo_close(struct memo *m)
{
	if (m == NULL)
		return;
	if (m->path != NULL && m->dirty && !m->read_only)
		save(m);
	free(m->path);
	free(m->files.items);
	free(m->sets.items);
	free(m->buffer);
	free(m);
}

/* ---- signatures ---- */

struct file_sig
file_sig_of_stat(const struct stat *st)
{
	return (struct file_sig){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = stat_mtime_ns(st),
		.ctime_ns = stat_ctime_ns(st),
		.mode = st->st_mode & 0777,
		.is_regular = S_ISREG(st->st_mode),
	};
}

bool
file_sig_of(const char *path, struct file_sig *sig)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	*sig = file_sig_of_stat(&st);
	return true;
}

bool
file_sig_same(const struct file_sig *a, const struct file_sig *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->is_regular == b->is_regular;
}

/* Was the last change so long before `now` that a further one would show?  A
 * file system that keeps whole seconds has no finer clock. */
static bool
is_memo_settled(const struct file_sig *s, int64_t now)
{
	int64_t last = s->mtime_ns > s->ctime_ns ? s->mtime_ns : s->ctime_ns;
	bool coarse =
	    s->mtime_ns % NS_PER_S == 0 && s->ctime_ns % NS_PER_S == 0;

	return now - last > (coarse ? 2 * NS_PER_S : 50 * NS_PER_MS);
}

bool
memo_shows_writes(const struct memo *m, const struct file_sig *s)
{
	return is_memo_settled(s, m->now());
}

bool
memo_lookup(struct memo *m, const struct file_sig *s, struct digest *d)
{
	struct entry *x;

	memo_load(m);
	if (m->files.cap == 0)
		return false;
	x = file_slot(&m->files, s->dev, s->ino);
	if (!x->used || x->size != s->size || x->mtime_ns != s->mtime_ns ||
	    x->ctime_ns != s->ctime_ns)
		return false;
	x->day = today(m);
	*d = x->digest;
	return true;
}

void
memo_count_kept(struct memo *m, size_t n)
{
	m->kept += (unsigned)n;
}

unsigned
memo_kept(const struct memo *m)
{
	return m->kept;
}

void
memo_set_threads(struct memo *m, int (*threads)(void))
{
	m->threads = threads;
}

unsigned
memo_threads(const struct memo *m, size_t files)
{
	int n;

	if (m->threads == NULL || files < AHEAD_MIN_FILES)
		return 1;
	n = m->threads();
	return n > 1 ? (unsigned)n : 1;
}

int64_t (*memo_clock(const struct memo *m))(void)
{
	return m->now;
}

void
memo_note(
    struct memo *m, const struct file_sig *s, struct digest d, int64_t read_at)
{
	if (!is_memo_settled(s, read_at))
		return;
	memo_load(m);
	put_file(m, &(struct entry){ s->dev, s->ino, s->size, s->mtime_ns,
			s->ctime_ns, d, today(m), 1 });
	m->dirty = true;
}

/* ---- reading ---- */

/* Feeds a file to `own` and, where it is not NULL, to `stream`. */
static bool
hash_fd(struct memo *m, int fd, const char *path, struct xxh128 *own,
    struct xxh128 *stream, struct err *e)
{
	if (m->buffer == NULL)
		m->buffer = xmalloc(READ_SIZE);
	for (;;) {
		ssize_t n = read(fd, m->buffer, READ_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "read %s", path);
		if (n == 0)
			return true;
		xxh128_add(own, m->buffer, (size_t)n);
		if (stream != NULL)
			xxh128_add(stream, m->buffer, (size_t)n);
	}
}

bool
memo_digest_into(struct memo *m, const char *path, struct file_sig *sig,
    struct digest *d, struct xxh128 *stream, struct err *e)
{
	/* A pipe among the sources must not make anybody wait. */
	int fd cleanup_close =
	    open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int64_t read_at = m->now();
	struct xxh128 *own;
	struct stat st;
	bool ok;

	if (fd < 0 || fstat(fd, &st) != 0)
		return err_sys(e, errno, "open %s", path);
	*sig = file_sig_of_stat(&st);
	own = xxh128_new();
	ok = !sig->is_regular || hash_fd(m, fd, path, own, stream, e);
	xxh128_end(own, &d->high, &d->low);
	if (!ok)
		return false;
	if (fstat(fd, &st) == 0) {
		struct file_sig after = file_sig_of_stat(&st);

		/* Written while it was read: the signature is the later one's,
		 * the digest is nobody's, and is not kept. */
		if (after.ctime_ns == sig->ctime_ns && after.size == sig->size)
			memo_note(m, sig, *d, read_at);
	}
	return true;
}

bool
memo_digest(struct memo *m, const char *path, struct file_sig *sig,
    struct digest *d, struct err *e)
{
	if (!file_sig_of(path, sig))
		return err_sys(e, errno, "open %s", path);
	return memo_digest_seen(m, path, sig, d, e);
}

bool
memo_digest_seen(struct memo *m, const char *path, struct file_sig *sig,
    struct digest *d, struct err *e)
{
	if (memo_lookup(m, sig, d)) {
		memo_count_kept(m, 1);
		return true;
	}
	return memo_digest_into(m, path, sig, d, NULL, e);
}

/* Where inodes are not used again the memo would grow with every build. */
void
memo_forget(struct memo *m, const char *path)
{
	struct file_sig sig;
	struct entry *x;

	if (!m->loaded || m->files.cap == 0 || !file_sig_of(path, &sig))
		return;
	x = file_slot(&m->files, sig.dev, sig.ino);
	if (!x->used)
		return;
	/* it was last used long ago, and is not written */
	x->day = 0;
	m->dirty = true;
}

bool
memo_content_is(struct memo *m, const char *path, sv text)
{
	struct err e cleanup_err = ERR_INIT;
	struct digest now, wanted;
	struct file_sig sig;

	if (!file_sig_of(path, &sig) || sig.size != text.n)
		return false;
	xxh128_of(text, &wanted.high, &wanted.low);
	return (memo_lookup(m, &sig, &now) ||
		   memo_digest_into(m, path, &sig, &now, NULL, &e)) &&
	       digest_equal(now, wanted);
}

bool
memo_set_lookup(struct memo *m, struct digest key, struct digest *d)
{
	struct set_entry *x;

	memo_load(m);
	if (m->sets.cap == 0)
		return false;
	x = set_slot(&m->sets, key);
	if (!x->used)
		return false;
	x->day = today(m);
	*d = x->digest;
	return true;
}

void
memo_set_put(struct memo *m, struct digest key, struct digest d)
{
	memo_load(m);
	put_set(m, &(struct set_entry){ key, d, today(m), 1 });
	m->dirty = true;
}
