/* SPDX-License-Identifier: MIT */
/*
 * Variables of a map-form included file stand among those of the file level and
 * once more behind the variables of the include statement, which their texts may
 * read.  A command among them that reads nothing new at its second place is not
 * run again there, and never sees what it said itself at the first one.
 */
#include "compile/internal.h"

static bool
is_same_text(const char *x, const char *y)
{
	return strcmp(x ? x : "", y ? y : "") == 0;
}

/* Of a file that is included more than once the last one's copy stands among
 * the file's variables; its `sh` may run in another folder. */
static bool
is_same_line(const struct var *x, const struct var *y)
{
	return x == y ||
	       (x->at.line == y->at.line && x->at.column == y->at.column &&
		   is_same_text(x->at.taskfile, y->at.taskfile) &&
		   is_same_text(x->sh, y->sh));
}

struct slot *
twin_of(struct cursor *cur, const struct slot *s)
{
	struct slot *twin;
	ptrdiff_t i;

	if (s->place.layer != LAYER_INCLUDED)
		return NULL;
	i = map_index(cur->layers[LAYER_VARS], sv_of(s->name));
	if (i < 0)
		return NULL;
	twin = slot_at(cur, LAYER_VARS, (size_t)i);
	return twin != NULL && is_same_line(twin->var, s->var) ? twin : NULL;
}

static bool
runs_in_same_dir(const struct slot *twin, const struct slot *s)
{
	return is_same_text(twin->var->dir, s->var->dir);
}

/* Does a name mean the same variable at the places of both?  `strict`: with the
 * same value. */
static bool
means_the_same(struct cursor *cur, sv name, const struct slot *twin,
    const struct slot *s, bool strict)
{
	struct slot *first = scope_lookup(cur, name, twin->place);
	struct slot *second = scope_lookup(cur, name, s->place);

	return first == second ||
	       (second != NULL && first != NULL &&
		   twin_of(cur, second) == first &&
		   (!strict || twin_is_reused(cur, second)));
}

static bool
names_mean_the_same(struct cursor *cur, struct slot *s, bool strict)
{
	const struct slot *twin = twin_of(cur, s);
	const struct map_entry *e;

	if (twin == NULL)
		return false;
	slot_prepare(cur, s);
	if (s->refs.all || s->refs.impure)
		return false;
	map_each(s->refs.names, e)
		if (!means_the_same(cur, e->key, twin, s, strict))
			return false;
	return true;
}

bool
twin_reads_alike(struct cursor *cur, struct slot *s)
{
	return names_mean_the_same(cur, s, false);
}

/* What a command finds in its environment, but for itself. */
static bool
sees_the_same(struct cursor *cur, struct slot *s)
{
	const struct slot *twin = twin_of(cur, s);
	const struct map_entry *e;

	map_each(s->refs.mentions, e)
		if (!sv_is(e->key, s->name) &&
		    !means_the_same(cur, e->key, twin, s, true))
			return false;
	return true;
}

bool
twin_is_reused(struct cursor *cur, struct slot *s)
{
	if (s->reuse == REUSE_UNKNOWN)
		s->reuse = names_mean_the_same(cur, s, true) &&
				   (!var_is_dynamic(s->var) ||
				       (sees_the_same(cur, s) &&
					   runs_in_same_dir(
					       twin_of(cur, s), s)))
			       ? REUSE_YES
			       : REUSE_NO;
	return s->reuse == REUSE_YES;
}
