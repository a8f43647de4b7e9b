/* SPDX-License-Identifier: MIT */
/*
 * Does a name match a pattern?  The dialects that the sources of a Taskfile
 * meet: the shell's in globs, and git's in .gitignore files.  Pure text
 * functions; glob.c does the walking.
 * May include: str.h, utf8.h.
 */
#ifndef BASE_MATCH_H
#define BASE_MATCH_H

#include <stdint.h>

#include "base/str.h"

enum match_dialect {
	MATCH_SHELL, /* [!a] and [^a] negate, a leading `*` does not match a dot file,
		      * an unmatched `[` is itself (C-332) */
	MATCH_DOTS,  /* the same, dots are ordinary (C-335) */
};

/* Whole-name match of one path component; a malformed pattern matches
 * nothing. */
bool match_name(sv pattern, sv name, enum match_dialect dialect);
/* Without reversed ranges, unknown classes, and a backslash at its end? */
bool match_is_valid(sv pattern);
/* Has an unescaped `*`, `?` or closed bracket, so may match many names. */
bool match_has_meta(sv pattern);
/* Is r of the class of POSIX with that name?  -1 if there is none. */
int match_class(sv name, uint32_t r);
/* git's wildmatch over a path with slashes (C-343): `*` and `?` stop at a
 * slash, `**` between slashes crosses them.  Works on bytes, as git does.  The time
 * grows with the product of the lengths at most. */
bool match_git(sv pattern, sv path);

#endif
