/* SPDX-License-Identifier: MIT */
/*
 * Paths with the results of Go's path/filepath on Unix.  Pure text functions;
 * all results are arena strings.
 * May include: arena.h, str.h, err.h.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/err.h"
#include "base/str.h"

/* Shortest equal path: no ".", no "//", ".." resolved; "" gives ".". */
char *path_clean(struct arena *a, sv path);
/* Joins and cleans; empty parts are skipped, all empty gives "". */
char *path_join(struct arena *a, sv dir, sv rest);
/* Absolute `rest` alone, else joined to `dir` (go-task's SmartJoin). */
char *path_resolve(struct arena *a, sv dir, sv rest);
char *path_base(struct arena *a, sv path);
char *path_dir(struct arena *a, sv path);
/* With the dot; "" when there is none.  Points into `path`. */
sv path_ext(sv path);
bool path_is_abs(sv path);
/* Cleaned absolute path; relative ones start at the process's directory. */
char *path_abs(struct arena *a, sv path);
/* `target` as seen from `base`; false with Go's text when there is no way. */
bool path_rel(struct arena *a, sv base, sv target, char **out, struct err *e);
/* The process's working directory as $PWD names it where that is right. */
char *path_cwd(struct arena *a);
/* Where files of a moment lie: $TMPDIR where that is absolute, else /tmp. */
const char *path_temp_dir(void);
/* `~`, `~user`, $VAR, ${VAR}, ${VAR:-word} and ${VAR:+word} of a word as a
 * shell expands them inside double quotes (tilde at the start only); unknown
 * names are empty (L-202).  getenv_fn(ctx, name) answers the values. */
char *path_expand(struct arena *a, sv text,
    const char *(*getenv_fn)(void *ctx, const char *name), void *ctx);

#endif
