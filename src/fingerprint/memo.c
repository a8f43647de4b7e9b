/* SPDX-License-Identifier: MIT */
#include "fingerprint/memo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "fingerprint/memo_table.h"

#define MEMO_KEEP_DAYS 60
#define READ_SIZE      (128 * 1024)
/* Fewer are read before threads have begun. */
#define AHEAD_MIN_FILES 256

struct memo {
	char *path;
	int64_t (*now)(void);
	struct memo_tables tables;
	bool loaded, dirty, read_only;
	unsigned kept; /* digests that were found */
	uint32_t day;  /* 0: not asked yet */
	int (*threads)(void);
	char *buffer; /* READ_SIZE, for reading files */
};

/* Of one run all is used on the day on which it was first asked. */
static uint32_t
today(struct memo *m)
{
	if (m->day == 0)
		m->day = (uint32_t)(m->now() / NS_PER_S / 86400);
	return m->day;
}

/* Not before a digest is asked for: most runs ask for none. */
static void
memo_load(struct memo *m)
{
	if (m->loaded)
		return;
	m->loaded = true;
	if (m->path != NULL)
		memo_tables_read(&m->tables, m->path);
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
	/* failure to write costs the next run time, nothing else */
	if (m->path != NULL && m->dirty && !m->read_only)
		memo_tables_write(
		    &m->tables, m->path, today(m) - MEMO_KEEP_DAYS);
	memo_tables_free(&m->tables);
	free(m->path);
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
	struct memo_file *x;

	memo_load(m);
	x = memo_find_file(&m->tables, s->dev, s->ino);
	if (x == NULL || x->size != s->size || x->mtime_ns != s->mtime_ns ||
	    x->ctime_ns != s->ctime_ns)
		return false;
	/* a page that is written to is copied */
	if (x->day != today(m))
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
	memo_put_file(
	    &m->tables, &(struct memo_file){ s->dev, s->ino, s->size,
			    s->mtime_ns, s->ctime_ns, d, today(m), 0 });
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
	struct memo_file *x;

	if (!m->loaded || m->tables.files.n == 0 || !file_sig_of(path, &sig))
		return;
	x = memo_find_file(&m->tables, sig.dev, sig.ino);
	if (x == NULL)
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
	struct memo_set *x;

	memo_load(m);
	x = memo_find_set(&m->tables, key);
	if (x == NULL)
		return false;
	if (x->day != today(m))
		x->day = today(m);
	*d = x->digest;
	return true;
}

void
memo_set_put(struct memo *m, struct digest key, struct digest d)
{
	memo_load(m);
	memo_put_set(&m->tables, &(struct memo_set){ key, d, today(m), 0 });
	m->dirty = true;
}
