/* SPDX-License-Identifier: MIT */
/*
 * What of a text needs bash, and how a shell is asked whether it has it: the
 * tables behind shell_dialect.c, for it alone.
 * May include: base/, shell_dialect.h.
 */
#ifndef EXEC_SHELL_CONSTRUCTS_H
#define EXEC_SHELL_CONSTRUCTS_H

#include "exec/shell_dialect.h"

/* All add to *out what is found at that place of the text. */
/* One of the table. */
void construct_named(
    struct arena *a, dialect_finds *out, size_t at, const char *name);
/* A word where a command stands. */
void construct_of_command(
    struct arena *a, dialect_finds *out, size_t at, const char *word);
/* NAME=…, NAME+=… or NAME[…]=…?  A command may stand behind it. */
bool construct_of_assignment(
    struct arena *a, dialect_finds *out, size_t at, const char *word);
/* A word behind a command. */
void construct_of_argument(struct arena *a, dialect_finds *out, size_t at,
    const char *command, const char *word);
void construct_of_variable(
    struct arena *a, dialect_finds *out, size_t at, sv name);
/* `op` and `next` stand behind the name in ${NAME… */
void construct_of_expansion(
    struct arena *a, dialect_finds *out, size_t at, char op, char next);
/* Does {a,b} or {1..3} begin the text, in one word without quotes? */
bool construct_is_braces(sv text);

#endif
