/* SPDX-License-Identifier: MIT */
/*
 * Content digests of files, remembered between runs by device, inode, size,
 * mtime and ctime (P-1003), so that an unchanged tree is not read again.  A
 * file that changed within the clock's grain of being read is not remembered.
 * The memo is one flat file: mapped when the first digest is wanted, one atomic
 * write at the end; a missing or damaged one costs time and nothing else.
 * May include: base/.
 */
#ifndef FINGERPRINT_MEMO_H
#define FINGERPRINT_MEMO_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct digest {
	uint64_t high, low;
};

/* What stat says of a file's identity and state. */
struct file_sig {
	uint64_t dev, ino, size;
	int64_t mtime_ns, ctime_ns;
	unsigned mode; /* permissions; not what tells files apart */
	bool is_regular;
};

struct memo;

/* `path` NULL: nothing is kept; `read_only`: nothing new is.  now() in ns of
 * the epoch. */
struct memo *memo_open(const char *path, bool read_only, int64_t (*now)(void));
/* Writes what is new, and frees. */
void memo_close(struct memo *m);

static inline bool
digest_equal(struct digest a, struct digest b)
{
	return a.high == b.high && a.low == b.low;
}

struct stat;
struct file_sig file_sig_of_stat(const struct stat *st);
/* stat(2) of a path, links followed; errno on failure. */
bool file_sig_of(const char *path, struct file_sig *sig);
/* Is it the same file, not written in between?  A changed ctime alone (chmod,
 * a hard link) is no write. */
bool file_sig_same(const struct file_sig *a, const struct file_sig *b);

/* How many files were not read again, since their digests were remembered. */
unsigned memo_kept(const struct memo *m);
/* So many more, which were only looked up. */
void memo_count_kept(struct memo *m, size_t n);
/* So many threads read large trees; NULL: this one alone. */
void memo_set_threads(struct memo *m, int (*threads)(void));
/* For a list of so many files. */
unsigned memo_threads(const struct memo *m, size_t files);
/* The clock. */
int64_t (*memo_clock(const struct memo *m))(void);
/* A digest of what was read at a time of the clock, and did not change
 * meanwhile. */
void memo_note(struct memo *m, const struct file_sig *sig, struct digest d,
    int64_t read_at);
/* Would a write from now on show in these signs? */
bool memo_shows_writes(const struct memo *m, const struct file_sig *s);
/* The remembered digest for a signature. */
bool memo_lookup(struct memo *m, const struct file_sig *sig, struct digest *d);
/* Digest of a file's content, read only when it is not remembered; `sig` gets
 * what it was when it was read.  Only regular files have content. */
bool memo_digest(struct memo *m, const char *path, struct file_sig *sig,
    struct digest *d, struct err *e);
/* The same for a file that was looked at a moment ago, which `sig` tells of. */
bool memo_digest_seen(struct memo *m, const char *path, struct file_sig *sig,
    struct digest *d, struct err *e);
/* As memo_digest(), and always feeds name and content to `stream` as well. */
bool memo_digest_into(struct memo *m, const char *path, struct file_sig *sig,
    struct digest *d, struct xxh128 *stream, struct err *e);

/* What is remembered of this file is not kept: another one takes its place. */
void memo_forget(struct memo *m, const char *path);
/* Does the file hold this text, by what is remembered of it where it is?  It is
 * read otherwise; one that cannot be read holds nothing. */
bool memo_content_is(struct memo *m, const char *path, sv text);

/* Digest of a list of files by the digest of its parts, for hashes that run
 * over many files. */
bool memo_set_lookup(struct memo *m, struct digest key, struct digest *d);
void memo_set_put(struct memo *m, struct digest key, struct digest d);

#endif
