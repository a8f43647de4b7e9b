/* SPDX-License-Identifier: MIT */
/*
 * What a log says first of why its command failed, and the place in a file that
 * it names, by the forms that compilers, linters, test runners and languages
 * have in common.  A place is one only where its file is there.
 * May include: base/.
 */
#ifndef STORE_CULPRIT_H
#define STORE_CULPRIT_H

#include "base/str.h"

/* A file as a log names it, as the path that is to be shown; NULL: it is
 * none. */
typedef const char *(*culprit_file_fn)(void *ctx, struct arena *a, sv name);

struct culprit {
	const char *text; /* one line, without escape sequences; "" : the log
			   * is empty */
	const char *file; /* NULL: it names none */
	int line, column; /* from 1; column 0: it says none */
};

void culprit_find(struct arena *a, sv log, culprit_file_fn file, void *ctx,
    struct culprit *out);
/* The same of a log file, of whose size the end is read (1 MiB); nothing where
 * it cannot be. */
void culprit_find_in(struct arena *a, const char *path, culprit_file_fn file,
    void *ctx, struct culprit *out);

#endif
