/* SPDX-License-Identifier: MIT */
/*
 * The one commit at the end of a run (P-601 to P-607): looked at before
 * anything runs, made afterwards by git itself, whole or not at all.  Nothing in
 * the user's work tree is touched; what was staged stays staged.
 * May include: base/ to run/.
 */
#ifndef VCS_COMMIT_H
#define VCS_COMMIT_H

#include "vcs/git.h"

/* What the tree was like before the run. */
struct commit_before {
	struct git git;
	struct map *dirty; /* path → any: modified or untracked then */
	const char *head;  /* commit id, "" before the first one */
	const char *branch; /* "" : detached */
};

/* Takes the snapshot.  With `strict` the refusals of P-604: not a repository,
 * unmerged paths, a merge, rebase, cherry-pick, revert or bisect under way, a
 * detached HEAD (unless allowed), no identity.  `env`: see git_open(). */
bool commit_check(struct arena *a, const char *dir, char *const *env,
    bool strict, bool detached_allowed, struct commit_before *out, struct err *e);
/* The same refusals, but for the identity, as things are now: a task may have
 * begun a merge or left the branch. */
bool commit_check_again(const struct commit_before *b, bool detached_allowed,
    struct err *e);

struct commit_request {
	const char *message; /* whole: subject, body, trailers */
	enum commit_paths paths;
	const string_vec *path_list; /* COMMIT_LIST, from the root */
	const char *scratch_dir;     /* private folder for the path list */
	/* COMMIT_RUN: why a path that the run may not have changed stays out;
	 * NULL, the function as well: it does not */
	const char *(*keep_out)(void *whose, const char *path);
	void *whose;
	/* for the user, when another git's lock is waited for; may be NULL */
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

struct commit_outcome {
	bool made;	  /* false: nothing to commit */
	const char *id;	  /* of the new commit */
	string_vec committed; /* paths */
	string_vec left_out; /* dirty before the run: named, never committed */
	/* what keep_out() kept, and why, in the same order */
	string_vec kept_out, why;
	string_vec inner;    /* repositories of their own: named as well */
};

/* Makes the commit.  git runs in a process group of its own, so that the end of prun
 * does not end it half way. */
bool commit_make(struct arena *a, const struct commit_before *before,
    const struct commit_request *r, struct commit_outcome *out,
    struct err *e);

struct push_result {
	bool changed;	     /* false: the remote had it all */
	const char *old_id, *new_id; /* whole ids; zeros: none */
	/* what git says of the refs, for people, also of a failure; else "" */
	const char *shown;
};
/* `git push`, never forced; extra words behind it (NULL-ended or NULL).  What
 * it says on stderr goes there at once.  The ids are those of `branch` where it
 * was pushed, else of the first ref that was.  A failure names git's reason. */
bool commit_push(const struct git *g, const char *const *words,
    const char *branch, struct push_result *out, struct err *e);
/* What push_result holds, from the output of `git push --porcelain`: the line
 * of `branch`, else the first with a change; NULLs when there is none.  What
 * was refused is named in *refused. */
struct push_line {
	const char *from, *old_id, *new_id; /* ids as printed, maybe short */
	const char *refused;
};
void push_output_parse(struct arena *a, sv text, const char *branch,
    struct push_line *out);
/* The line of stderr that says why a push failed; "" when none does. */
const char *push_reason(struct arena *a, sv text);

/* One phase's line of the body: "- ✅ test (12.3s)", or "- ⚠️ tidy (failed, does
 * not count)". */
struct commit_phase {
	const char *name;
	int64_t ns;
	bool up_to_date, failed, cached;
};
/* Subject, blank line, a line per phase, trailers (P-603).  An issue (may be
 * NULL) is for the default subject. */
char *commit_message(struct arena *a, const char *subject, const char *issue,
    const struct commit_phase *phases, size_t n, const char *run_id,
    const string_vec *trailers);

#endif
