/* SPDX-License-Identifier: MIT */
/* Would a pattern name a file that need not be there?  The walk of glob.c along
 * one path, without a look at the disk. */
#include "base/glob_internal.h"

#include "base/match.h"
#include "base/vec.h"
#include "base/word.h"

struct way {
	struct arena *a;
	const sv *parts; /* of the pattern */
	size_t n_parts;
	const sv *names; /* of the path */
	size_t n_names;
};

/* What is left of a path below a folder. */
static bool
glob_rest_below(const char *base, const char *path, sv *rest)
{
	sv p = sv_of(path), b = sv_of(base);

	while (b.n > 0 && b.p[b.n - 1] == '/')
		b.n--;
	if (!sv_starts(p, b) || p.n <= b.n + 1 || p.p[b.n] != '/')
		return false;
	*rest = sv_sub(p, b.n + 1, SIZE_MAX);
	return true;
}

static bool names_from(const struct way *w, size_t i, size_t k);

/* `**`: any number of folders without a dot in front. */
static bool
names_deep(const struct way *w, size_t i, size_t k)
{
	bool last = i + 1 == w->n_parts;

	for (; k < w->n_names; k++) {
		if (!last && names_from(w, i + 1, k))
			return true;
		if (w->names[k].p[0] == '.')
			return false;
	}
	return last;
}

static bool
names_from(const struct way *w, size_t i, size_t k)
{
	sv part = w->parts[i];
	bool last = i + 1 == w->n_parts;

	if (part.n == 0)
		return !last && names_from(w, i + 1, k);
	if (sv_is(part, "**"))
		return names_deep(w, i, k);
	if (k == w->n_names || last != (k + 1 == w->n_names))
		return false;
	if (match_has_meta(part)
		? !match_name(part, w->names[k], MATCH_SHELL)
		: !sv_eq(word_unescape(w->a, part), w->names[k]))
		return false;
	return last || names_from(w, i + 1, k + 1);
}

bool
glob_word_names(struct arena *a, const char *base, sv word, const char *path)
{
	struct way w = { .a = a };
	VEC(sv) names = { 0 };
	sv rest, name;

	if (!glob_rest_below(base, path, &rest))
		return false;
	for (bool more = true; more;) {
		more = sv_cut(rest, '/', &name, &rest);
		if (name.n == 0)
			return false;
		vec_push(a, &names, name);
	}
	w.names = names.v;
	w.n_names = names.n;
	w.parts = glob_split_parts(a, word, &w.n_parts);
	return names_from(&w, 0, 0);
}

bool
glob_recursive_names(const char *base, sv name, const char *path)
{
	const char *slash = strrchr(path, '/');
	sv rest;

	return glob_rest_below(base, path, &rest) &&
	       match_name(name, sv_of(slash + 1), MATCH_DOTS);
}
