/* SPDX-License-Identifier: MIT */
/*
 * What a command's text has that a POSIX shell need not know: where there is no
 * bash, it is named before anything runs.  Reads as far as quotes, comments,
 * here-documents and nesting go; what it takes for a construct may be none only
 * in texts that no shell would run.
 * May include: base/.
 */
#ifndef EXEC_SHELL_DIALECT_H
#define EXEC_SHELL_DIALECT_H

#include "base/vec.h"
#include "exec/shell.h"

/* One construct in a text. */
struct dialect_find {
	const char *name;  /* "[[ ]]" */
	const char *probe; /* a script that ends with 0 where a shell has it */
	size_t at;         /* in the text */
};
/* All of a text that may still have templates in it, in its order. */
typedef VEC(struct dialect_find) dialect_finds;
void dialect_read(struct arena *a, sv text, dialect_finds *out);
/* Those of `set:` and `shopt:` (NULL-ended or NULL) have no place (0). */
void dialect_read_options(struct arena *a, const char *const *set,
    const char *const *shopt, dialect_finds *out);

/* The first of them that the shell does not have; NULL: it has all.  Asks the
 * shell itself, once for each construct; bash is not asked. */
const struct dialect_find *shell_lacks(
    struct arena *a, struct shell *sh, const dialect_finds *finds);

#endif
