/* SPDX-License-Identifier: MIT */
/*
 * git, run as a program.  One runner with a cleaned environment: what git tells
 * its hooks (GIT_DIR, GIT_INDEX_FILE …) never decides which repository prun
 * acts on (P-705, never-event 19).
 * May include: base/ to run/.
 */
#ifndef VCS_GIT_H
#define VCS_GIT_H

#include "base/err.h"
#include "base/vec.h"
#include "taskfile/model.h"

struct git {
	struct arena *a;
	const char *top;     /* root of the work tree, absolute */
	const char *git_dir; /* of this work tree, absolute */
	const char *common_dir; /* shared by all work trees */
	char **env;	     /* without git's local names */
	bool own_group;	     /* ^C at the terminal does not reach git */
};

/* Finds the repository of `dir`; ERR_GENERIC when there is none.  `env`
 * (NULL-ended, lent) is what git is started with. */
bool git_open(struct arena *a, const char *dir, char *const *env,
    struct git *out, struct err *e);
/* Is `dir` inside a work tree?  Looks for .git only, starts nothing. */
bool git_is_repository(const char *dir);
/* The names that `git rev-parse --local-env-vars` lists, removed. */
char **git_clean_env(struct arena *a, char *const *env);
bool git_is_local_env(const char *name_and_value);

/* Runs git with these words (NULL-ended) in the work tree's root; true when it
 * ran and ended with 0.  *out gets its stdout (may be NULL); on failure *e has
 * what git said on stderr. */
bool git_run(const struct git *g, const char *const *words, sv *out,
    struct err *e);
/* Asks git for yes or no: *yes is whether it ended with 0, *out its stdout (may
 * be NULL).  false with an error where it said neither: it could not be started,
 * or was killed. */
bool git_ask(const struct git *g, const char *const *words, bool *yes, sv *out,
    struct err *e);
/* For where "no" is the answer that does no harm: true when git ran and ended
 * with 0. */
bool git_try(const struct git *g, const char *const *words, sv *out);
/* First line of git's output without its newline. */
bool git_line(const struct git *g, const char *const *words,
    const char **out, struct err *e);
#define GIT_WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Is it the whole id of an object, maybe of none (zeros)? */
bool git_is_object_id(sv text);

/* One entry of `git status`. */
struct git_change {
	const char *path; /* from the root of the work tree */
	bool untracked, unmerged;
	/* a repository inside this one: one that git does not know, or a
	 * submodule whose commit is the same; nothing here can be added */
	bool inner;
	/* a link, a submodule, a repository: other files lie behind it, now or
	 * before */
	bool leads_on;
	const char *state; /* as porcelain says: "M.", ".D", "??" */
};
typedef VEC(struct git_change) change_vec;
/* All modified, staged and untracked files (not ignored ones), renames as a
 * removal and an addition.  Fingerprints that nobody ignores (`.task/`) are not
 * among them. */
bool git_status(const struct git *g, change_vec *out, struct err *e);
/* May there be changes that git was told not to see (assume-unchanged,
 * skip-worktree, sparse checkouts, core.fileMode and the like, filters that take
 * out what is there)?  Then git_status() does not tell what the tree is like. */
bool git_hides_changes(const struct git *g);

/* Is it the mode of a link or of a submodule? */
bool git_mode_leads_on(sv mode);
/* The same of a file that git does not know. */
bool git_untracked_leads_on(const struct git *g, sv path);

/* Tree id of the files as they are now, staged or not, ignored ones left out;
 * made in an index of its own, so the user's is not touched. */
bool git_worktree_tree(const struct git *g, const char *scratch_dir,
    const char **tree, struct err *e);

/* Files that differ in `range` ("main...HEAD", a commit, or "" for what is not
 * committed), absolute paths; against a commit alone new files count, too. What
 * leads on to others (git_change) has a slash at its end. */
bool git_changed_files(const struct git *g, const char *range,
    string_vec *out, struct err *e);
/* The files, and the folders with a slash at the end, of whose changes git knows
 * nothing: it ignores them, or was told not to look (see git_hides_changes());
 * absolute paths, without fingerprints. */
bool git_unknown_files(const struct git *g, string_vec *out, struct err *e);
/* Adds the links to what is gone: no list of files shows any more what was
 * there through them. */
bool git_add_links_to_gone(
    const struct git *g, string_vec *files, struct err *e);

#endif
