/* SPDX-License-Identifier: MIT */
/*
 * Reads a command's text as far as it can be understood without a shell: one
 * simple command of plain words, with quotes and variables of the environment.
 * Whatever else there is (operators, globs, substitutions, keywords) makes it
 * complex, and a shell runs it.  For shell.c only.
 * May include: base/, shell/.
 */
#ifndef EXEC_SHELL_WORDS_H
#define EXEC_SHELL_WORDS_H

#include <stdbool.h>

#include "base/str.h"

enum words_kind {
	WORDS_NONE,	/* blank or comments */
	WORDS_PLAIN,	/* argv */
	WORDS_COMPLEX,
	WORDS_UNCLOSED, /* a quote without an end: quote, line, column */
};

struct words {
	enum words_kind kind;
	const char *const *argv; /* NULL-ended */
	size_t argc;
	bool lines;   /* COMPLEX: more than one line */
	bool at_risk; /* COMPLEX: a backslash ends it */
	char quote;
	unsigned line, column; /* from 1 */
};

void words_read(struct arena *a, sv text, char *const *env,
    struct words *out);
/* A name of the shell's own: builtin or keyword. */
bool words_is_builtin(const char *name);

#endif
