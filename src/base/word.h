/* SPDX-License-Identifier: MIT */
/*
 * The shell word that a glob of `sources` is: quotes, backslashes, $NAME and
 * braces (C-332).  The result is a pattern in which a backslash stands before
 * each character that must not be special.
 * May include: arena.h, str.h, vec.h.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include "base/str.h"
#include "base/vec.h"

typedef VEC(sv) word_vec;

/* Reads `text` as one word in which blanks, `&` and parentheses are ordinary.
 * $NAME comes from `env(ctx, name)`, which may be NULL.  false where a shell
 * would not take it as one word: an open quote, `;`, `|`, `<`, `>`, `$(`. */
bool word_lex(struct arena *a, sv text,
    const char *(*env)(void *ctx, const char *name), void *ctx, sv *out);
/* `a{b,c}` and `{1..3}` of a lexed word; false above 16384 results, and where more than
 * WORD_BRACES_MAX braces are in each other or 64 MiB would be looked at. */
bool word_braces(struct arena *a, sv word, word_vec *out);
/* How deep braces stand in each other in a text. */
size_t word_brace_depth(sv text);
enum { WORD_BRACES_MAX = 1000 };
/* `text` with a backslash before what is special. */
sv word_escape(struct arena *a, sv text);
/* Without the backslashes: what a pattern without wildcards names. */
sv word_unescape(struct arena *a, sv word);

#endif
