/* SPDX-License-Identifier: MIT */
/*
 * What all trees of a repository share, and a test in one of them may damage
 * (P-808): config, hooks, refs, stash, HEAD of the user's trees.  Compared
 * before and after each test; config and hooks are put back.
 *
 * Not looked at is what changes by itself: the pool's own branches and refs,
 * and refs/remotes, which is what others have.
 * May include: base/ to run/.
 */
#ifndef VCS_SHARED_MARK_H
#define VCS_SHARED_MARK_H

#include "base/map.h"
#include "vcs/git.h"

struct shared_mark {
	const struct git *git;
	const char *notes; /* what is kept of changed files begins so */
	struct map *files; /* path → struct shared_file: config and hooks */
	struct map *refs;  /* name → id */
	struct map *trees; /* the user's work trees: path → where HEAD is */
	struct map *stash; /* id → any */
};

/* One difference, for people: "config: core.bare is true and was false". */
struct shared_change {
	const char *text;
	bool repaired;
};
typedef VEC(struct shared_change) shared_changes;

/* `git`: of a tree of the user's.  `session_file`: where config and hooks are
 * noted as they were at the first mark of the session, so that damage that
 * another test does meanwhile is not taken for how it was; the file is made by
 * the first one.  NULL: as they are now. */
bool shared_mark_take(const struct git *g, const char *session_file,
    struct shared_mark *m, struct err *e);
/* What is different now; config and hooks are put back as they were at the
 * first mark.  What stood in a file that is put back is kept beside the
 * session's file (NAME.changed-N), and said. */
bool shared_mark_compare(
    const struct shared_mark *m, shared_changes *out, struct err *e);

#endif
