/* SPDX-License-Identifier: MIT */
/*
 * A matcher whose time is linear in the text, for searches in which PCRE2 goes
 * back and forth too often.  It reads the pattern that regex_translate() has
 * written for PCRE2 and follows all of its ways side by side, in the order in
 * which PCRE2 would try them, so both find the same match and groups.
 * May include: base/; PCRE2.
 */
#ifndef GO_REGEX_NFA_H
#define GO_REGEX_NFA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct nfa;

/* The program of a translated pattern with so many groups, the whole match
 * included; it lives and dies with `a`.  Error: ERR_GENERIC, too large. */
struct nfa *nfa_new(
    struct arena *a, sv translated, size_t groups, struct err *e);
/* The leftmost match at or behind `from`; bounds gets two places a group,
 * SIZE_MAX for those that took no part.  A byte that is no UTF-8 counts as
 * U+FFFD, as in Go. */
bool nfa_search(struct nfa *n, sv text, size_t from, size_t *bounds);

#endif
