/* SPDX-License-Identifier: MIT */
/* P-703: is a call touched by the files that changed? */
#include <stdlib.h>

#include "base/io.h"
#include "base/match.h"
#include "base/path.h"

#include "run/internal.h"

static int
changed_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A file that is gone is in no list of files; its name may still match.  In
 * doubt it does: more is run, never less. */
static bool
name_matches(struct arena *a, const char *dir, const char *pattern,
    const char *file)
{
	const char *whole = path_resolve(a, sv_of(dir), sv_of(pattern));

	if (strpbrk(pattern, "{}~$\\") != NULL)
		return true;
	return match_git(sv_of(whole), sv_of(file));
}

static bool
is_source(struct live_call *lc, const string_vec *files, const char *file)
{
	const struct ctask *t = lc->ctask;

	if (files->n > 0 && bsearch(&file, files->v, files->n,
				sizeof(*files->v), changed_compare) != NULL)
		return true;
	if (path_exists(file))
		return false;
	for (size_t i = 0; i < t->sources.n; i++)
		if (!t->sources.v[i].negate &&
		    name_matches(
			lc->arena, t->dir, t->sources.v[i].pattern, file))
			return true;
	return false;
}

bool
changed_matches(struct live_call *lc)
{
	const string_vec *changed = lc->r->config.changed;
	const struct ctask *t = lc->ctask;
	struct err e cleanup_err = ERR_INIT;
	string_vec files = { 0 };

	if (t->sources.n == 0)
		return true;
	if (!fp_files(
		lc->arena, t->dir, &t->sources, t->use_gitignore, &files, &e))
		return true;
	for (size_t i = 0; i < changed->n; i++)
		if (is_source(lc, &files, changed->v[i]))
			return true;
	return false;
}
