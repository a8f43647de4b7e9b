/* SPDX-License-Identifier: MIT */
/*
 * "Did you mean" (C-065).  Words are compared after deleting up to two bytes on
 * either side; instead of making all those strings, the longest common
 * subsequence tells whether a common one exists.
 */
#include <ctype.h>
#include <stdint.h>

#include "base/vec.h"
#include "compile/compile.h"

enum {
	DELETIONS = 2,
	DISTANCE_MAX = DELETIONS + 1,
	LENGTHS_MAX = DELETIONS + 2,
};

/* A spelling of a word and how many bytes may still be deleted from it. */
struct form {
	sv text;
	size_t deletions;
};
typedef VEC(struct form) form_vec;

/* Deletion also takes "…ies" to "…ys" and back, at the price of one. */
static bool
other_ending(struct arena *a, sv word, sv *out)
{
	if (sv_ends(word, SV("ies")))
		*out = sv_of(arena_printf(a, "%.*sys", (int)word.n - 3,
		    word.p));
	else if (sv_ends(word, SV("ys")))
		*out = sv_of(arena_printf(a, "%.*sies", (int)word.n - 2,
		    word.p));
	else
		return false;
	return true;
}

static void
add_forms(struct arena *a, sv word, form_vec *out)
{
	sv other;

	vec_push(a, out, ((struct form){ word, DELETIONS }));
	if (other_ending(a, word, &other))
		vec_push(a, out, ((struct form){ other, DELETIONS - 1 }));
	/* a byte before the ending leaves it as it was, which is the form
	 * above with one more deletion */
	for (size_t i = word.n > 4 ? word.n - 4 : 0; i < word.n; i++) {
		sv less = sv_of(arena_printf(a, "%.*s%.*s", (int)i, word.p,
		    (int)(word.n - i - 1), word.p + i + 1));

		if (other_ending(a, less, &other))
			vec_push(a, out, ((struct form){ other, 0 }));
	}
}

/* Takes off what both begin and end with; returns how many bytes that was. */
static size_t
trim_common(sv *x, sv *y)
{
	size_t before = x->n;

	while (x->n > 0 && y->n > 0 && x->p[0] == y->p[0]) {
		*x = sv_sub(*x, 1, SIZE_MAX);
		*y = sv_sub(*y, 1, SIZE_MAX);
	}
	while (x->n > 0 && y->n > 0 && x->p[x->n - 1] == y->p[y->n - 1]) {
		x->n--;
		y->n--;
	}
	return before - x->n;
}

static size_t
common_length(struct arena *a, sv x, sv y)
{
	struct arena_mark mark = arena_mark(a);
	size_t trimmed = trim_common(&x, &y);
	size_t *row = arena_alloc(a, (y.n + 1) * sizeof(*row)), result;

	for (size_t i = 0; i < x.n; i++) {
		size_t diagonal = 0;

		for (size_t j = 0; j < y.n; j++) {
			size_t above = row[j + 1];

			if (x.p[i] == y.p[j])
				row[j + 1] = diagonal + 1;
			else if (row[j] > above)
				row[j + 1] = row[j];
			diagonal = above;
		}
	}
	result = trimmed + row[y.n];
	arena_release(a, mark);
	return result;
}

/* Levenshtein distance in bytes. */
static size_t
distance(struct arena *a, sv x, sv y)
{
	struct arena_mark mark = arena_mark(a);
	size_t *row, result;

	trim_common(&x, &y);
	row = arena_alloc(a, (y.n + 1) * sizeof(*row));
	for (size_t j = 0; j <= y.n; j++)
		row[j] = j;
	for (size_t i = 0; i < x.n; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < y.n; j++) {
			size_t above = row[j + 1];
			size_t best = diagonal + (x.p[i] != y.p[j]);

			if (above + 1 < best)
				best = above + 1;
			if (row[j] + 1 < best)
				best = row[j] + 1;
			row[j + 1] = best;
			diagonal = above;
		}
	}
	result = row[y.n];
	arena_release(a, mark);
	return result;
}

/* Is there one string longer than a byte that both forms can be cut down to? */
static bool
forms_meet(struct arena *a, struct form x, struct form y)
{
	size_t longest = x.text.n < y.text.n ? x.text.n : y.text.n, common;

	if (longest < 2 || x.text.n > longest + x.deletions ||
	    y.text.n > longest + y.deletions)
		return false;
	common = common_length(a, x.text, y.text);
	return common >= 2 && x.text.n <= common + x.deletions &&
	    y.text.n <= common + y.deletions;
}

static bool
any_meet(struct arena *a, const form_vec *x, const form_vec *y)
{
	for (size_t i = 0; i < x->n; i++)
		for (size_t j = 0; j < y->n; j++)
			if (forms_meet(a, x->v[i], y->v[j]))
				return true;
	return false;
}

/* The three stages in which candidates are looked for; the first with a hit
 * decides. */
static bool
is_candidate(struct arena *a, int stage, sv q, const form_vec *q_forms, sv word)
{
	form_vec exact = { 0 }, forms = { 0 };

	/* Deletions and another ending reach no further. */
	if (q.n > word.n + LENGTHS_MAX || word.n > q.n + LENGTHS_MAX)
		return false;
	switch (stage) {
	case 1: /* the word can be cut down to the input */
		vec_push(a, &exact, ((struct form){ q, 0 }));
		add_forms(a, word, &forms);
		return any_meet(a, &exact, &forms);
	case 2: /* the input can be cut down to the word */
		vec_push(a, &exact, ((struct form){ word, 0 }));
		return word.n > 2 && any_meet(a, q_forms, &exact);
	default: /* both to something common */
		add_forms(a, word, &forms);
		return any_meet(a, q_forms, &forms) &&
		    distance(a, q, word) <= DISTANCE_MAX;
	}
}

static sv
lower(struct arena *a, const char *s)
{
	char *copy = arena_strdup(a, s);

	for (char *p = copy; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return sv_of(copy);
}

const char *
fuzzy_nearest(struct arena *a, const char *name, const char *const *words,
    size_t n)
{
	sv q = lower(a, name);
	form_vec q_forms = { 0 };
	const char *best = NULL;
	size_t best_rank = SIZE_MAX;

	if (q.n < 2)
		return NULL;
	add_forms(a, q, &q_forms);
	for (int stage = 1; stage <= 3; stage++) {
		bool hit = false;

		for (size_t i = 0; i < n; i++) {
			sv word = sv_of(words[i]);
			size_t d, rank;

			if (!is_candidate(a, stage, q, &q_forms, word))
				continue;
			hit = true;
			d = distance(a, q, word);
			/* nearest first, then the same first byte as typed,
			 * then the order of declaration */
			rank = 2 * d + (word.p[0] != name[0]);
			if (d <= DISTANCE_MAX && rank < best_rank) {
				best_rank = rank;
				best = words[i];
			}
		}
		if (hit)
			break;
	}
	return best;
}
