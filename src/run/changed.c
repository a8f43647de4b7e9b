/* SPDX-License-Identifier: MIT */
/*
 * P-703: is a call touched by the files that changed?  The changed files have
 * the names that they have without links, as git has them; so the sources are
 * followed through links and compared by where they lie.  Where it can't be
 * known the answer is yes: more is run, never less.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/match.h"
#include "base/path.h"
#include "base/real_path.h"

#include "run/internal.h"

struct look {
	struct arena *a;
	const string_vec *changed; /* sorted */
	const string_vec *unknown; /* sorted; NULL: none */
	const char *root;          /* of what git knows; NULL: not known */
	const struct ctask *t;
	const char *dir;    /* of the call, without links */
	struct map *trails; /* of folders: trail_vec * */
};

static int
changed_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
is_in_list(const string_vec *list, const char *path)
{
	return list != NULL && list->n > 0 &&
	       bsearch(&path, list->v, list->n, sizeof(*list->v),
		   changed_compare) != NULL;
}

static bool
is_in_changed(const struct look *k, const char *path)
{
	return is_in_list(k->changed, path) || is_in_list(k->unknown, path);
}

/* Is it a changed file, or at or below what ends in a slash: a link, a
 * submodule, of which all may have changed?  So may have what git knows
 * nothing of. */
static bool
is_touched(const struct look *k, const char *place)
{
	const char *end = place;

	if (is_in_changed(k, place))
		return true;
	while ((end = strchr(end + 1, '/')) != NULL)
		if (is_in_changed(k,
			arena_strndup(k->a, place, (size_t)(end + 1 - place))))
			return true;
	return is_in_changed(k, arena_printf(k->a, "%s/", place));
}

static bool
is_trail_touched(const struct look *k, const trail_vec *trail)
{
	for (size_t i = 0; i < trail->n; i++)
		if (is_touched(k, trail->v[i]))
			return true;
	return false;
}

static const trail_vec *
folder_trail(const struct look *k, const char *dir)
{
	trail_vec *trail = map_get(k->trails, sv_of(dir));

	if (trail == NULL) {
		trail = arena_new_of(k->a, trail_vec);
		path_trail(k->a, dir, trail);
		map_put(k->trails, sv_of(dir), trail);
	}
	return trail;
}

/* The path below the call's folder, by the folder's own name: how the user came
 * to it is no link of the sources. */
static const char *
from_folder(const struct look *k, const char *path)
{
	size_t n = strlen(k->t->dir);

	if (strncmp(path, k->t->dir, n) != 0 || path[n] != '/')
		return path;
	return arena_printf(k->a, "%s%s", k->dir, path + n);
}

/* git knows nothing of what lies elsewhere. */
static bool
is_outside(const struct look *k, const char *path)
{
	size_t n = k->root ? strlen(k->root) : 0;

	return k->root != NULL && strcmp(k->root, "/") != 0 &&
	       (strncmp(path, k->root, n) != 0 ||
		   (path[n] != '/' && path[n] != '\0'));
}

static bool
is_source_touched(const struct look *k, const char *file)
{
	const char *path = from_folder(k, file), *place;
	const trail_vec *folder = folder_trail(k, path_dir(k->a, sv_of(path)));
	trail_vec trail = { 0 };
	struct stat st;

	if (is_trail_touched(k, folder))
		return true;
	place = path_join(k->a, sv_of(folder->v[folder->n - 1]),
	    sv_of(path_base(k->a, sv_of(path))));
	if (lstat(place, &st) == 0 && S_ISLNK(st.st_mode))
		path_trail(k->a, place, &trail);
	else
		vec_push(k->a, &trail, place);
	return is_trail_touched(k, &trail) ||
	       is_outside(k, trail.v[trail.n - 1]);
}

/* Splits a pattern into the names that it begins with and the rest, which has
 * something special in its first name or is empty. */
static void
split_pattern(
    struct arena *a, const char *pattern, const char **names, const char **rest)
{
	const char *p = path_clean(a, sv_of(pattern));
	size_t n = 0, end;

	while (p[n] != '\0') {
		end = n + (p[n] == '/');
		end += strcspn(p + end, "/");
		if (match_has_meta(sv_sub(sv_of(p), n, end)))
			break;
		n = end;
	}
	*names = arena_strndup(a, p, n);
	*rest = p + n + (p[n] == '/');
}

/* What a pattern of globs says that one of git does not. */
static bool
is_beyond_git(const char *pattern)
{
	const char *stars = pattern;

	while ((stars = strstr(stars, "**")) != NULL) {
		if ((stars > pattern && stars[-1] != '/') ||
		    (stars[2] != '/' && stars[2] != '\0'))
			return true;
		stars += 2;
	}
	return strpbrk(pattern, "{}~$\\") != NULL;
}

/* Could what lies behind this place match?  Its name is then what the pattern
 * has up to one of its slashes. */
static bool
may_lead_on(const struct look *k, const char *rest, const char *name)
{
	for (const char *p = strchr(rest, '/'); p != NULL;
	     p = strchr(p + 1, '/'))
		if (match_git((sv){ rest, (size_t)(p - rest) }, sv_of(name)))
			return true;
	return match_git(sv_of(arena_printf(k->a, "%s/**", rest)), sv_of(name));
}

/* Does the rest of a pattern have to do with a changed file, `name` from where
 * the rest begins?  Files that are there are known from the list of them. */
static bool
rest_matches(const struct look *k, const char *rest, const char *name,
    bool leads_on, bool is_gone)
{
	const char *last = strrchr(rest, '/');

	last = last != NULL ? last + 1 : rest;
	if (leads_on && may_lead_on(k, rest, name))
		return true;
	if (!match_has_meta(sv_of(last)) &&
	    match_git(sv_of(arena_printf(k->a, "%s/**", rest)), sv_of(name)))
		return true;
	return (is_gone || leads_on) && match_git(sv_of(rest), sv_of(name));
}

/* A changed file that may be below a folder that the pattern names, or be gone,
 * so that it is in no list of files. */
static bool
pattern_meets(
    const struct look *k, const char *base, const char *rest, const char *file)
{
	size_t n = strcmp(base, "/") == 0 ? 0 : strlen(base);
	size_t length = strlen(file);
	bool leads_on = file[length - 1] == '/';
	const char *name = arena_strndup(k->a, file, length - leads_on);
	struct stat st;
	bool is_gone = lstat(name, &st) != 0;

	if ((is_gone || leads_on) && is_beyond_git(rest))
		return true;
	if (strncmp(name, base, n) != 0 || name[n] != '/')
		return false;
	return *rest == '\0' ||
	       rest_matches(k, rest, name + n + 1, leads_on, is_gone);
}

static bool
is_pattern_touched(const struct look *k, const char *pattern)
{
	const char *names, *rest, *base;
	trail_vec trail = { 0 };

	split_pattern(k->a, pattern, &names, &rest);
	path_trail(
	    k->a, path_resolve(k->a, sv_of(k->dir), sv_of(names)), &trail);
	base = trail.v[trail.n - 1];
	if (is_trail_touched(k, &trail) || is_outside(k, base))
		return true;
	for (size_t i = 0; i < k->changed->n; i++)
		if (pattern_meets(k, base, rest, k->changed->v[i]))
			return true;
	return false;
}

bool
changed_matches(struct live_call *lc)
{
	const struct ctask *t = lc->ctask;
	struct err e cleanup_err = ERR_INIT;
	string_vec files = { 0 };
	struct look k = { .a = lc->arena,
		.changed = lc->r->config.changed,
		.unknown = lc->r->config.unknown,
		.root = lc->r->config.changed_root,
		.t = t,
		.dir = path_real(lc->arena, t->dir),
		.trails = map_new(lc->arena) };

	if (t->sources.n == 0)
		return true;
	if (!fp_files(
		lc->arena, t->dir, &t->sources, t->use_gitignore, &files, &e))
		return true;
	for (size_t i = 0; i < files.n; i++)
		if (is_source_touched(&k, files.v[i]))
			return true;
	for (size_t i = 0; i < t->sources.n; i++)
		if (!t->sources.v[i].negate &&
		    is_pattern_touched(&k, t->sources.v[i].pattern))
			return true;
	return false;
}
