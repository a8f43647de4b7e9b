/* SPDX-License-Identifier: MIT */
/*
 * What a kept output is kept under (P-1001): the SHA-256 of all that decides
 * what a task makes, as far as the task says it, as whole texts and not as the
 * short hashes of a recipe.  And which files are its outputs.
 * May include: base/, taskfile/, compile/.
 */
#ifndef FINGERPRINT_CACHE_KEY_H
#define FINGERPRINT_CACHE_KEY_H

#include <sys/stat.h>

#include "fingerprint/fp.h"
#include "fingerprint/memo.h"

/* To say what differs. */
struct key_part {
	const char *kind; /* as in recipe.h, and "source" */
	const char *name;
	uint64_t high, low;
};

struct cache_key {
	const char *key; /* 64 digits */
	VEC(struct key_part) parts;
};

/* May the outputs of a task be kept at all?  NULL, or why not. */
const char *cache_key_refusal(const struct ctask *t);
/* After fp_check().  `around` is what decides for all tasks: platform, shell,
 * tools.  false, with the reason: what the task makes cannot be told. */
bool fp_cache_key(struct fp *f, struct arena *a, const struct ctask *t,
    const struct fp_state *s, const char *around, struct cache_key *out,
    struct err *e);
/* The digests that this run remembers, for files that are not its own. */
bool fp_content_is(void *fp, const struct stat *st, const uint8_t sum[32]);
void fp_content_note(void *fp, const struct stat *st, const uint8_t sum[32]);
/* Appends the SHA-256 of a file to what decides. */
void fp_add_content(struct fp *f, struct sb *b, const char *path);
/* Words for what differs: "source changed: a.c". */
void cache_key_diff(struct arena *a, const struct cache_key *before,
    const struct cache_key *now, string_vec *reasons);

struct cache_output {
	const char *path; /* as seen from the root */
	/* what the last successful run of the task has recorded of it, where
	 * it still is that; else it is strange */
	struct digest digest;
	bool is_strange;
};
typedef VEC(struct cache_output) cache_output_vec;

/* Its outputs as they are now, sorted. */
void fp_cache_outputs(struct fp *f, struct arena *a, const struct ctask *t,
    cache_output_vec *out);
/* Digests for outputs that are known without reading them, for fp_record(). */
void fp_cache_know(struct fp_state *s, struct arena *a, const char *path,
    struct digest d);
/* Does each entry of `generates` name a file that is there?  Else why not:
 * without it nothing is worth to be kept. */
bool fp_cache_complete(
    struct arena *a, const struct ctask *t, struct err *e);
/* Is the path, as seen from the root, one that `generates` names? */
bool fp_may_generate(const struct fp *f, struct arena *a,
    const struct ctask *t, const char *path);

#endif
