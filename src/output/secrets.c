/* SPDX-License-Identifier: MIT */
/*
 * The secrets of a run (P-406): those that the Taskfile spells out, and those
 * that compiled tasks have met.  What one call knows may be printed by another,
 * so all are masked everywhere.
 */
#include "output/internal.h"

#include "output/mask.h"

static void
secrets_add(struct output *o, const char *text)
{
	if (map_get(o->secret_set, sv_of(text)) != NULL)
		return;
	text = arena_strdup(o->arena, text);
	map_put(o->secret_set, sv_of(text), (void *)text);
	vec_push(o->arena, &o->secrets, text);
}

static void
secrets_add_vars(struct output *o, const vars *v)
{
	const struct map_entry *e;

	if (v == NULL)
		return;
	map_each(v, e) {
		const struct var *var = e->value;

		if (!var->secret || !var->has_value ||
		    var->value.kind != VALUE_STRING)
			continue;
		/* what a template makes is known when it is compiled */
		if (sv_find(value_text(var->value), SV("{{"), 0) < 0)
			secrets_add(
			    o, sv_cstr(o->arena, value_text(var->value)));
	}
}

void
secrets_of_file(struct output *o, const struct taskfile *file)
{
	const struct map_entry *e;

	const char *const *text;

	o->secret_set = map_new(o->arena);
	if (o->c.secrets != NULL)
		vec_each(o->c.secrets, text)
			secrets_add(o, *text);
	if (file == NULL)
		return;
	secrets_add_vars(o, file->vars);
	secrets_add_vars(o, file->env);
	map_each(file->tasks, e) {
		const struct task *t = e->value;

		secrets_add_vars(o, t->vars);
		secrets_add_vars(o, t->env);
	}
}

void
secrets_of_call(struct output *o, const struct run_call *call)
{
	const char *const *text;

	if (call != NULL && call->ctask != NULL)
		vec_each(&call->ctask->secrets, text)
			secrets_add(o, *text);
}

void
secrets_mask(const struct output *o, sv text, struct sb *out)
{
	struct mask *m =
	    o->secrets.n > 0 ? mask_new(o->secrets.v, o->secrets.n) : NULL;

	if (m == NULL) {
		sb_addv(out, text);
		return;
	}
	mask_add(m, text, out);
	mask_end(m, out);
	mask_free(m);
}

const char *
output_masked(struct output *o, struct arena *a, const char *text)
{
	struct sb out cleanup_sb = SB_INIT;

	if (text == NULL || o->secrets.n == 0)
		return text;
	secrets_mask(o, sv_of(text), &out);
	return sb_take(&out, a).p;
}
