/* SPDX-License-Identifier: MIT */
/*
 * What a remote cache keeps of an entry besides its ActionResult: the entry as
 * text, where it was made, and with a key a signature over both.  Who has a key
 * takes only what is signed with it and was made in the same repository, by the
 * same Taskfiles, and on a branch, or for the same pull request: what one pull
 * request has left is nobody else's.
 * May include: base/.
 */
#ifndef STORE_MANIFEST_H
#define STORE_MANIFEST_H

#include "store/cache.h"

/* Where a run is; each is a line. */
struct manifest_scope {
	const char *repository;
	const char *ref;      /* "branch", "tag", "pull 17" */
	const char *taskfiles; /* digest of all that were read */
};

/* What `parts` are made of is not told: who has the key knows them.  Digests of
 * one's own are taken out of the entry.  `secret` is the bytes to sign with; "":
 * it is not signed. */
void manifest_write(const char *key, struct cache_entry *x,
    const struct manifest_scope *scope, sv secret, struct sb *out);

enum manifest_kind {
	MANIFEST_GOOD,
	MANIFEST_FOREIGN, /* whole, but not for us */
	MANIFEST_BROKEN,
};
/* *why says what is wrong, in a few words. */
enum manifest_kind manifest_read(struct arena *a, const char *key, sv text,
    const struct manifest_scope *scope, sv secret, struct cache_entry *out,
    const char **why);

#endif
