/* SPDX-License-Identifier: MIT */
/*
 * Files of `sources` and `generates` (C-330 to C-338): lists of patterns in
 * which a later entry overrides an earlier one for the same file, minus what
 * .gitignore files name (gitignore.h).  Trees are walked on directory
 * descriptors; what cannot be read or does not exist is left out, the rest is
 * still matched.
 * May include: arena.h, str.h, err.h, path.h, vec.h, map.h, match.h, word.h.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include "base/err.h"
#include "base/gitignore.h"
#include "base/map.h"
#include "base/str.h"

struct glob_list;
struct stat;

/* A file that was found. */
struct glob_found {
	const char *path; /* absolute */
	const struct stat *seen; /* as it was then; NULL: nobody has looked */
};

/* An empty list; relative patterns start at `dir` (absolute), whose own
 * characters are never special. */
struct glob_list *glob_list_new(struct arena *a, const char *dir);
/* Adds the files of a pattern, or takes them out again (`exclude`).  Are there
 * any? (C-337) */
bool glob_list_add(struct glob_list *l, const char *pattern, bool exclude);
/* From here on a link is a file, wherever it leads, and no way goes through
 * one. */
void glob_list_keep_links(struct glob_list *l);
/* From here on nothing is read: the one file that there is has this absolute
 * path, whose last folders need not exist.  Lent. */
void glob_list_ask(struct glob_list *l, const char *path);
/* Takes out what git would ignore (C-340 to C-343); NULL: nothing. */
void glob_list_ignore(struct glob_list *l, struct gitignore *rules);
/* The files, sorted bytewise, as absolute paths: *files is an arena array with
 * a NULL behind it. */
size_t glob_list_files(const struct glob_list *l, const char ***files);
/* The same with what is known of them; an arena array. */
size_t glob_list_found(const struct glob_list *l, struct glob_found **found);

#endif
