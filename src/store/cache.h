/* SPDX-License-Identifier: MIT */
/*
 * Outputs of tasks, kept by content (P-1001 to P-1005): blobs, named by the
 * SHA-256 of their bytes, and entries, which say under a key which blobs are the
 * outputs and the log of a task.  An entry appears whole: blobs first, then the
 * entry by a rename.  What is read is verified; what is damaged is removed, and
 * counts as not there.  Several runs may share a cache: who reads or adds holds
 * the cache's lock together with others, who removes holds it alone.
 *
 *	DIR/entry/ab/abcd…	one text file each (cache_entry.c)
 *	DIR/blob/ab/abcd…	bytes
 *	DIR/last/NAME		key of the task's last entry, to say what differs
 *	DIR/tmp/		what is being written
 *	DIR/runs, DIR/lock	what runs found (cache_usage.c)
 *
 * Nothing here knows where a tree is or what a task is.  An entry holds what an
 * ActionResult of the remote-execution protocol does (files with digest, size
 * and mode, links, one log with its digest, the exit code 0), so a remote cache
 * can stand behind cache_find() and cache_add(): it brings blobs, then the entry,
 * into this one.
 * May include: base/.
 */
#ifndef STORE_CACHE_H
#define STORE_CACHE_H

#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/sha256.h"
#include "base/vec.h"

struct cache_blob {
	const char *digest; /* 64 digits */
	uint64_t size;
};
struct cache_file {
	const char *path; /* below the root of the tree */
	const char *link; /* where a link leads; NULL: a file */
	struct cache_blob blob;
	unsigned mode; /* 0777 at most */
	/* another digest of the same bytes, as whoever added it keeps them
	 * elsewhere; both 0: none.  Nothing rests on its being right. */
	uint64_t own[2];
};
/* What it was made of, to say what differs: "source", "cmd", … */
struct cache_part {
	const char *kind, *name;
	uint64_t high, low;
};
/* The log's bytes in the order of arrival: how many came on which stream. */
struct cache_stretch {
	int stream;
	uint64_t n;
};
struct cache_entry {
	const char *task;
	int64_t work_ns; /* that a hit saves */
	VEC(struct cache_file) files; /* sorted by path */
	struct cache_blob log; /* digest "": there was none */
	VEC(struct cache_stretch) stretches;
	VEC(struct cache_part) parts;
};

/* May a path be one of an entry's?  It stays in the tree, and out of the folders
 * of git and of prun.  Who adds asks as well: what is added can be put back. */
bool cache_path_is_good(const char *path);
/* May a link with that path lead there? */
bool cache_link_is_good(const char *path, const char *to);

typedef VEC(const char *) cache_paths;

/* Files whose SHA-256 is known by their signs (device, inode, size, times), so
 * that what was not written since is not read again. */
struct cache_known {
	void *ctx;
	bool (*is)(
	    void *ctx, const struct stat *st, const uint8_t sum[SHA256_SIZE]);
	/* It was read just now, and is this. */
	void (*note)(
	    void *ctx, const struct stat *st, const uint8_t sum[SHA256_SIZE]);
};

struct cache_options {
	const char *dir;    /* lent */
	uint64_t max_bytes; /* 0: no bound */
	int64_t ttl_ns;	    /* since the last use; 0: for ever */
	uint64_t memory;    /* of blobs that were read, at most */
	int64_t (*now)(void); /* ns of the epoch */
	struct cache_known known; /* functions NULL: nothing is */
};

struct cache;
/* Nothing is made before something is added. */
struct cache *cache_open(const struct cache_options *o);
/* Notes what this run found, and brings the cache below its bounds. */
void cache_close(struct cache *c);

enum cache_found { CACHE_FOUND, CACHE_NONE, CACHE_DAMAGED };
/* CACHE_DAMAGED: it was, and is gone. */
enum cache_found cache_find(struct cache *c, struct arena *a, const char *key,
    struct cache_entry *out);
/* The last entry of a task, whose name may be any text. */
bool cache_find_last(struct cache *c, struct arena *a, const char *task,
    struct cache_entry *out);
/* It was used: others go before it. */
void cache_used(struct cache *c, const char *key);
/* Hits and misses for the statistics; cache_find() does not know what became of
 * what it found. */
void cache_count(struct cache *c, bool hit, int64_t saved_ns);
/* One of the hits has come from elsewhere. */
void cache_count_remote(struct cache *c);

/* ---- what is to be added ---- */

/* Adds a blob of bytes, or of a file to its end. */
bool cache_add_bytes(
    struct cache *c, struct arena *a, sv bytes, struct cache_blob *out,
    struct err *e);
bool cache_add_fd(struct cache *c, struct arena *a, int fd,
    struct cache_blob *out, struct err *e);
/* Its blobs must have been added between cache_begin() and now; that others
 * remove none of them meanwhile is what the lock between the two is for. */
bool cache_begin(struct cache *c, struct err *e);
bool cache_add(struct cache *c, const char *key, const struct cache_entry *x,
    struct err *e);
void cache_end(struct cache *c);

/* ---- what is to be read ---- */

/* Bytes of a blob, verified; lent until the next call.  false: it is not there,
 * or was damaged and is gone. */
bool cache_read(struct cache *c, const struct cache_blob *b, sv *out);
/* Writes a blob to a new file, verified as a whole: where it turns out to be
 * damaged, false, and what was written is worth nothing. */
bool cache_copy(struct cache *c, const struct cache_blob *b, int fd);
bool cache_has(const struct cache *c, const char *digest);
/* For readers of several blobs that shall not vanish one by one; cache_end() as
 * well.  false: somebody is removing things now. */
bool cache_hold(struct cache *c);

/* ---- what people ask for ---- */

struct cache_stats {
	size_t entries, blobs;
	uint64_t bytes;
	uint64_t hits, misses; /* of the last runs */
	uint64_t remote;       /* of these hits, those from elsewhere */
	size_t runs;	       /* how many these are */
	int64_t saved_ns;
};
bool cache_stats(struct cache *c, struct cache_stats *out, struct err *e);
/* Removes what was not used for the longest time until the bounds hold, and
 * what nothing names.  Waits for other runs. */
bool cache_prune(struct cache *c, struct cache_stats *removed, struct err *e);
bool cache_clear(struct cache *c, struct err *e);

#endif
