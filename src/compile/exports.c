/* SPDX-License-Identifier: MIT */
/*
 * What the command of a variable sees as environment (L-088), and the key under
 * which its result is kept.
 */
#include "base/hash.h"
#include "compile/internal.h"

static void
hash_text(struct xxh128 *h, const char *s)
{
	xxh128_add(h, s, strlen(s) + 1);
}

sv
shell_key(struct arena *a, const char *cmd, const char *dir,
    const assign_vec *env)
{
	struct xxh128 *h = xxh128_new();
	uint64_t high, low;

	hash_text(h, cmd);
	hash_text(h, dir);
	for (size_t i = 0; i < env->n; i++)
		hash_text(h, env->v[i].text);
	xxh128_end(h, &high, &low);
	return sv_of(arena_printf(a, "%016llx%016llx",
	    (unsigned long long)high, (unsigned long long)low));
}

struct exports {
	struct cursor *cur;
	const struct slot *of; /* whose command sees them */
	const struct slot *hidden; /* what it was itself before; or NULL */
	assign_vec seen;
	assign_vec counted; /* those that the key rests on */
};

/* Does a text of the variable name it?  What differs between calls counts for
 * the key only then: else no file-level command would run just once. */
static bool
is_exports_named(const struct exports *x, const char *name)
{
	return map_get(x->of->refs.names, sv_of(name)) != NULL ||
	    map_get(x->of->refs.mentions, sv_of(name)) != NULL;
}

static void
exports_add(struct exports *x, const char *name, const char *text, bool counts)
{
	struct assignment one = { name, text };

	vec_push(x->cur->a, &x->seen, one);
	if (counts)
		vec_push(x->cur->a, &x->counted, one);
}

static void
export_special(struct exports *x, const char *name)
{
	struct cursor *cur = x->cur;
	struct place at = x->of->place;

	if (!env_exports(cur->c, name) ||
	    scope_lookup(cur, sv_of(name), at) != NULL)
		return;
	exports_add(x, name,
	    arena_printf(
		cur->a, "%s=%s", name, base_value(cur, sv_of(name), at).u.s),
	    !special_is_per_call(sv_of(name)) || is_exports_named(x, name));
}

/* CLI_* are the same for all of a run, but not there for root dotenv paths. */
static bool
is_cli_special(const struct cursor *cur, const struct slot *s)
{
	const vars *specials = cur->c->specials_cli;

	return specials != NULL && map_get(specials, sv_of(s->name)) == s->var;
}

static void
export_slot(struct exports *x, struct slot *s)
{
	struct cursor *cur = x->cur;
	bool named = is_exports_named(x, s->name);
	struct cell *cell;
	const char *text;

	if (s == x->hidden || !env_exports(cur->c, s->name) ||
	    (!cur->eager && !s->pure_static && !named) ||
	    scope_lookup(cur, sv_of(s->name), x->of->place) != s)
		return;
	cell = cell_of(cur, s);
	if (cell == NULL || !cell->done || cell->broken)
		return;
	if (cell->assignment == NULL) {
		if (!env_text(cur->a, cell->value, &text))
			return;
		cell->assignment = arena_printf(
		    slot_is_shared(cur, s) ? cur->c->arena : cur->a, "%s=%s",
		    s->name, text);
	}
	exports_add(x, s->name, cell->assignment,
	    named || !LAYER_IS_SHARED(s->place.layer) ||
		(s->fixed && !is_cli_special(cur, s)));
}

bool
slot_runs_in_task_dir(const struct slot *s)
{
	return (s->place.layer == LAYER_TASK ||
		   s->place.layer == LAYER_INCLUDED) &&
	    (s->var->dir == NULL || s->var->dir[0] == '\0');
}

bool
item_need(struct cursor *cur, struct item *item, sv *key, struct err *e)
{
	struct slot *s = item->slot, *before;
	struct exports x = { .cur = cur, .of = s,
		.hidden = twin_reads_alike(cur, s) ? twin_of(cur, s) : NULL };
	struct place from = { LAYER_ENV, 0 };
	const char *dir = s->var->dir;

	if (slot_runs_in_task_dir(s)) {
		if (!task_dir_at(cur, s->place, &dir, e))
			return false;
	} else if (dir == NULL || dir[0] == '\0') {
		dir = expand_dir(cur, "");
	}
	for (size_t i = 0; special_names[i] != NULL; i++)
		export_special(&x, special_names[i]);
	while ((before = scope_next(cur, &from, s->place)) != NULL)
		export_slot(&x, before);
	*key = shell_key(cur->a, item->cell.sh, dir, &x.counted);
	item->need = (struct shell_need){ item->cell.sh, dir,
		env_build(cur->a, cur->c, cur->scope, &x.seen),
		s->var->secret };
	return true;
}
