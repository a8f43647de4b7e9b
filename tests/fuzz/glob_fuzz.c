/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as patterns: a line each, the first also as a name to match.  The
 * folder that they are tried on is empty, so nothing is found.
 */
#include "fuzz/fuzz.h"

#include "base/glob.h"
#include "base/match.h"
#include "base/word.h"

static void
match_all(sv pattern, sv name)
{
	(void)match_is_valid(pattern);
	(void)match_has_meta(pattern);
	(void)match_name(pattern, name, MATCH_SHELL);
	(void)match_name(pattern, name, MATCH_DOTS);
	(void)match_git(pattern, name);
	if (sv_find_char(name, '\\', 0) < 0 && !match_has_meta(name) &&
	    sv_find_char(name, '[', 0) < 0 &&
	    !match_name(name, name, MATCH_DOTS))
		BUG("a name does not match itself");
}

FUZZ_TARGET(glob)
{
	struct arena *a cleanup_arena = arena_new();
	struct glob_list *files = glob_list_new(a, "/proc/self/fdinfo/none");
	const char **found;
	sv first, line, rest;
	word_vec words = { 0 };

	sv_cut(text, '\n', &first, &rest);
	match_all(first, first);
	while (rest.n > 0) {
		sv_cut(rest, '\n', &line, &rest);
		match_all(line, first);
		/* nothing of the machine is to be walked */
		if (line.n > 0 && line.p[0] != '/' && line.p[0] != '~' &&
		    sv_find(line, SV(".."), 0) < 0 &&
		    sv_find_char(line, '$', 0) < 0)
			glob_list_add(files, sv_cstr(a, line), false);
	}
	(void)glob_list_files(files, &found);
	(void)word_braces(a, first, &words);
}
