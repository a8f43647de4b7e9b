/* SPDX-License-Identifier: MIT */
/*
 * Which task a called name means (L-064 to L-070, C-064): its exact name, else
 * an alias, else the first wildcard pattern that fits.
 */
#include "compile/compile.h"

static bool
has_alias(const struct task *t, const char *name)
{
	for (size_t i = 0; i < t->aliases.n; i++)
		if (strcmp(t->aliases.v[i], name) == 0)
			return true;
	return false;
}

static bool
piece_at(sv name, size_t at, sv piece)
{
	return memcmp(name.p + at, piece.p, piece.n) == 0;
}

/* The rightmost place of a piece between `from` and `to`; false: none. */
static bool
find_last(sv name, size_t from, size_t to, sv piece, size_t *at)
{
	if (to < from + piece.n)
		return false;
	for (*at = to - piece.n; *at > from; --*at)
		if (piece_at(name, *at, piece))
			return true;
	return piece_at(name, *at, piece);
}

/*
 * The texts that the stars of the pattern stand for, leftmost stars taking
 * most: that is each literal piece at its rightmost place, found from the end.
 * All other characters stand for themselves.
 */
static bool
wildcard_match(struct arena *a, sv pattern, sv name, string_vec *parts)
{
	VEC(sv) pieces = { 0 };
	size_t n, start, end, at;
	const char **found;
	sv head;

	while (sv_cut(pattern, '*', &head, &pattern))
		vec_push(a, &pieces, head);
	vec_push(a, &pieces, head);
	n = pieces.n - 1;
	start = pieces.v[0].n;
	if (n == 0 || !sv_starts(name, pieces.v[0]) ||
	    !sv_ends(name, pieces.v[n]) || name.n < start + pieces.v[n].n)
		return false;
	found = arena_alloc(a, n * sizeof(*found));
	end = name.n - pieces.v[n].n;
	for (size_t i = n - 1; i > 0; i--) {
		if (!find_last(name, start, end, pieces.v[i], &at))
			return false;
		found[i] = arena_strndup(a, name.p + at + pieces.v[i].n,
		    end - at - pieces.v[i].n);
		end = at;
	}
	found[0] = arena_strndup(a, name.p + start, end - start);
	for (size_t i = 0; i < n; i++)
		vec_push(a, parts, found[i]);
	return true;
}

static bool
task_wildcard(struct arena *a, const struct task *t, const char *name,
    string_vec *parts)
{
	if (wildcard_match(a, sv_of(t->name), sv_of(name), parts))
		return true;
	for (size_t i = 0; i < t->aliases.n; i++)
		if (wildcard_match(a, sv_of(t->aliases.v[i]), sv_of(name),
		    parts))
			return true;
	return false;
}

/* The name with its stars replaced in order (L-043). */
static const char *
fill_stars(struct arena *a, const char *name, const string_vec *parts)
{
	struct sb b cleanup_sb = SB_INIT;
	size_t part = 0;

	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '*' && part < parts->n)
			sb_adds(&b, parts->v[part++]);
		else
			sb_addc(&b, *p);
	}
	return sb_take(&b, a).p;
}

static bool
lookup_not_found(
    struct arena *a, const struct compiler *c, const char *name, struct err *e)
{
	const char *quoted = quote_go(a, sv_of(name)), *near = NULL;
	const struct map_entry *entry;
	string_vec words = { 0 };

	map_each(c->taskfile->tasks, entry) {
		const struct task *t = entry->value;

		if (t->internal || t->is_derived)
			continue;
		vec_push(a, &words, t->name);
		for (size_t i = 0; i < t->aliases.n; i++)
			vec_push(a, &words, t->aliases.v[i]);
	}
	for (size_t i = 0; i < c->derived.n; i++)
		vec_push(a, &words, c->derived.v[i]);
	if (!c->disable_fuzzy)
		near = fuzzy_nearest(a, name, words.v, words.n);
	if (near == NULL)
		return err_set(e, ERR_TASK_NOT_FOUND,
		    "task: Task %s does not exist", quoted);
	return err_set(e, ERR_TASK_NOT_FOUND,
	    "task: Task %s does not exist. Did you mean %s?", quoted,
	    quote_go(a, sv_of(near)));
}

static bool
find_alias(struct arena *a, const struct compiler *c, const char *name,
    struct match *out, struct err *e)
{
	struct sb names cleanup_sb = SB_INIT;
	const struct map_entry *entry;
	size_t n = 0;

	if (!c->taskfile->has_aliases)
		return true;
	map_each(c->taskfile->tasks, entry) {
		const struct task *t = entry->value;

		if (!has_alias(t, name))
			continue;
		if (n++ == 0)
			out->task = t;
		else
			sb_adds(&names, ", ");
		sb_adds(&names, t->name);
	}
	if (n > 1)
		return err_set(e, ERR_TASK_CONFLICT,
		    "task: Found multiple tasks (%s) that match %s",
		    sb_cstr(&names), quote_go(a, sv_of(name)));
	return true;
}

static void
find_wildcard(struct arena *a, const struct compiler *c, const char *name,
    struct match *out)
{
	const struct map_entry *entry;

	map_each(c->taskfile->tasks, entry) {
		const struct task *t = entry->value;

		if (task_wildcard(a, t, name, &out->parts)) {
			out->task = t;
			return;
		}
	}
}

bool
task_find(struct arena *a, const struct compiler *c, const char *name,
    struct match *out, struct err *e)
{
	*out = (struct match){ 0 };
	out->task = map_get(c->taskfile->tasks, sv_of(name));
	if (out->task == NULL && !find_alias(a, c, name, out, e))
		return false;
	if (out->task == NULL)
		find_wildcard(a, c, name, out);
	if (out->task == NULL)
		return lookup_not_found(a, c, name, e);
	out->full_name = fill_stars(a, out->task->name, &out->parts);
	return true;
}
