/* SPDX-License-Identifier: MIT */
/*
 * Go's regular expressions (RE2 syntax, leftmost-first) over PCRE2.  A pattern
 * is parsed here, with Go's error texts, and written anew for PCRE2, so that
 * nothing of Perl's syntax that RE2 lacks gets through.
 * May include: base/; PCRE2.
 */
#ifndef GO_REGEX_H
#define GO_REGEX_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct regex;

/*
 * Compiles a pattern; it lives and dies with `a`.  Errors: ERR_GENERIC,
 * ``error parsing regexp: missing closing ]: `[` ``.
 */
struct regex *regex_compile(struct arena *a, sv pattern, struct err *e);

/* Pieces of a text. */
struct regex_spans {
	sv *v;
	size_t n, cap;
};

/* The first match; *found says whether there is one.  All that follows fails
 * only when a pattern is too large for a matcher of linear time, and needs one.
 */
bool regex_find(struct regex *r, sv text, sv *match, bool *found,
    struct err *e);
/* All matches, at most `count` (negative: no bound). */
bool regex_find_all(struct regex *r, struct arena *a, sv text, int64_t count,
    struct regex_spans *out, struct err *e);
/* Appends the text with all matches replaced; `literal` keeps `$1`, `${name}`
 * in the replacement as they are. */
bool regex_replace(struct regex *r, struct sb *out, sv text, sv with,
    bool literal, struct err *e);
/* The pieces between matches, at most `count`; 0 gives none. */
bool regex_split(struct regex *r, struct arena *a, sv text, int64_t count,
    struct regex_spans *out, struct err *e);
/* Appends `s` with everything special escaped. */
void regex_quote(struct sb *out, sv s);

/*
 * Rewrites a Go pattern for PCRE2 (regex_parse.c).  `names` gets the name of
 * each group, "" for unnamed ones; names->v[0] is the whole match.
 */
bool regex_translate(struct arena *a, sv pattern, struct sb *out,
    struct regex_spans *names, struct err *e);
/* Whether PCRE2 knows a class escape, `\p{Greek}`. */
bool regex_knows(const char *escape);

#endif
