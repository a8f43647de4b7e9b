/* SPDX-License-Identifier: MIT */
/*
 * Words of a shell: quoting one for bash (shellQuote, CLI_ARGS) and splitting a
 * text into words (splitArgs).  Pure text functions.
 * May include: base/, value.h.
 */
#ifndef GO_SHELLWORD_H
#define GO_SHELLWORD_H

#include "base/err.h"
#include "base/str.h"

/*
 * A word that bash reads back as `s` (C-059): bare when it is safe, else in
 * single quotes, in double ones when it holds a single quote, as $'…' when it
 * holds bytes that do not print.  "" gives ''.  What follows a NUL byte is left
 * out, since no shell word can hold one.
 */
char *shell_quote(struct arena *a, sv s);
/* The same, false for a text with a NUL byte: `cannot quote character at byte
 * N: shell strings cannot contain null bytes`. */
bool shell_quote_checked(struct arena *a, sv s, char **out, struct err *e);

struct shell_words {
	sv *v;
	size_t n, cap;
};

/*
 * Words as a shell makes them of command arguments (splitArgs): quotes,
 * escapes, braces, `~` and parameters; no globs, no commands.  getenv_fn(ctx,
 * name) answers the values of parameters, NULL or "" being unset.  Errors:
 * ``1:2: `;` is not a valid word``, ``1:3: reached EOF without closing quote
 * `'` ``, `unexpected command substitution at 1:3`.
 */
bool shell_split(struct arena *a, sv text,
    const char *(*getenv_fn)(void *ctx, const char *name), void *ctx,
    struct shell_words *out, struct err *e);

#endif
