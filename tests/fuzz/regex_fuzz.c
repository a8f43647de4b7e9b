/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a pattern, a line, and a text behind it: the matcher of linear
 * time finds what PCRE2 finds.
 */
#include "fuzz/fuzz.h"

#include "base/utf8.h"
#include "go/regex.h"
#include "go/regex_nfa.h"

/* Repetitions of repetitions are of no use here, and slow. */
enum {
	TEXT_MOST = 200,
	PATTERN_MOST = 60
};

FUZZ_TARGET(regex)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct sb translated cleanup_sb = SB_INIT;
	struct regex_spans names = { 0 };
	struct regex *r;
	struct nfa *nfa;
	size_t *bounds;
	bool found, found_too;
	sv pattern, subject, match;

	sv_cut(text, '\n', &pattern, &subject);
	if (pattern.n > PATTERN_MOST || subject.n > TEXT_MOST ||
	    !utf8_valid(subject) ||
	    (r = regex_compile(a, pattern, &e)) == NULL ||
	    !regex_translate(a, pattern, &translated, &names, &e))
		return;
	nfa = nfa_new(a, sb_sv(&translated), names.n, &e);
	if (nfa == NULL || !regex_find(r, subject, &match, &found, &e))
		return;
	bounds = arena_alloc(a, 2 * names.n * sizeof(*bounds));
	found_too = nfa_search(nfa, subject, 0, bounds);
	if (found != found_too)
		BUG("one matcher finds what the other does not");
	if (found && (match.p != subject.p + bounds[0] ||
			 match.n != bounds[1] - bounds[0]))
		BUG("the matchers find different texts");
}
