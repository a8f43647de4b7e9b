/* SPDX-License-Identifier: MIT */
/* Which files the called tasks declare as theirs. */
#include "project/commit_share.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/match.h"
#include "base/path.h"
#include "fingerprint/fp.h"

/* A pattern as the repository sees it; NULL: it leads out of it. */
static const char *
pattern_in(struct arena *a, const char *top, const char *dir, const char *glob)
{
	const char *path = path_clean(a,
	    sv_of(*glob == '/' ? glob : path_join(a, sv_of(dir), sv_of(glob))));
	size_t n = strlen(top);

	if (strncmp(path, top, n) != 0 || path[n] != '/')
		return NULL;
	return path + n + 1;
}

static void
declared_add_call(
    struct arena *a, struct declared *d, const char *top, const struct ctask *t)
{
	struct err ignored cleanup_err = ERR_INIT;
	char *real = realpath(t->dir, NULL);
	const char *dir = real ? arena_strdup(a, real) : t->dir;
	string_vec files = { 0 };

	free(real);
	fp_files(a, dir, &t->generates, false, &files, &ignored);
	for (size_t i = 0; i < files.n; i++)
		map_put(d->files, sv_of(files.v[i]), d);
	for (size_t i = 0; i < t->generates.n; i++) {
		const struct glob *g = &t->generates.v[i];
		const char *pattern = pattern_in(a, top, dir, g->pattern);

		if (pattern != NULL)
			vec_push(a, &d->patterns,
			    ((struct glob){ pattern, g->negate }));
	}
}

void
declared_read(struct arena *a, const char *top, const struct run_result *r,
    struct declared *d)
{
	*d = (struct declared){ .a = a, .top = top, .files = map_new(a) };
	for (size_t i = 0; i < r->n; i++)
		if (r->calls[i]->ctask != NULL &&
		    r->calls[i]->ctask->generates.n > 0)
			declared_add_call(a, d, top, r->calls[i]->ctask);
}

/* What is in a folder that is declared is declared. */
static bool
is_declared_below(sv path, sv dir)
{
	return path.n > dir.n && sv_starts(path, dir) && path.p[dir.n] == '/';
}

bool
declared_has(const struct declared *d, const char *path)
{
	struct arena *a cleanup_arena = arena_new();
	const char *full = path_join(a, sv_of(d->top), sv_of(path));
	bool is_there = path_exists(full), found = false;

	if (map_get(d->files, sv_of(full)) != NULL)
		return true;
	/* no walk finds a file that was removed */
	for (size_t i = 0; i < d->patterns.n; i++) {
		sv pattern = sv_of(d->patterns.v[i].pattern);

		if (is_declared_below(sv_of(path), pattern) ||
		    (!is_there && match_git(pattern, sv_of(path))))
			found = !d->patterns.v[i].negate;
	}
	return found;
}
