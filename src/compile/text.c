/* SPDX-License-Identifier: MIT */
/*
 * Final texts: templates replaced with the resolved variables.  In fast mode
 * the first error leaves that text and all later ones raw, as go-task does; in
 * a plan that text only.
 */
#include "compile/internal.h"

bool
subst_with(struct cursor *cur, const char *text, value data, const char **out,
    struct err *e)
{
	struct err local cleanup_err = ERR_INIT;
	sv result;

	*out = text ? text : "";
	if (text == NULL || cur->sticky || strstr(text, "{{") == NULL)
		return true;
	if (templater_replace(cur->c->templater, cur->a, sv_of(text), data,
		&result, &local)) {
		*out = result.p;
		return true;
	}
	if (cur->mode != COMPILE_FULL) {
		cur->sticky = cur->mode != COMPILE_PLAN;
		return true;
	}
	err_move(e, &local);
	return false;
}

bool
subst(struct cursor *cur, const char *text, const char **out, struct err *e)
{
	return subst_with(cur, text, cur->data, out, e);
}

bool
subst_strings(struct cursor *cur, const string_vec *in, string_vec *out,
    struct err *e)
{
	for (size_t i = 0; i < in->n; i++) {
		const char *s;

		if (!subst(cur, in->v[i], &s, e))
			return false;
		vec_push(cur->a, out, s);
	}
	return true;
}

static bool
is_unknown_var(struct cursor *cur, const struct var *in)
{
	struct refs r = { 0 };

	if (cur->mode != COMPILE_PLAN)
		return false;
	refs_add_var(cur->a, cur->c->templater, &r, in);
	return refs_are_dynamic(cur, &r, PLACE_END);
}

/* A variable for the callee: its text is final from here on, so that a value
 * with braces in it is never run as a template. */
static bool
subst_var(struct cursor *cur, const struct var *in, value data,
    struct var **out, struct err *e)
{
	struct var *v = arena_new_of(cur->a, struct var);
	struct cell cell;

	*out = v;
	*v = *in;
	if (!eval_var(cur, cur->a, in, data, true, &cell, e))
		return false;
	cur->sticky |= cell.broken && cur->mode != COMPILE_PLAN;
	v->unknown = in->unknown || cell.broken || is_unknown_var(cur, in);
	v->final = true;
	v->ref = NULL;
	v->sh = cell.sh;
	v->has_value = cell.sh == NULL;
	v->value = cell.sh == NULL ? cell.value : VALUE_NULL;
	return true;
}

bool
subst_vars(struct cursor *cur, const vars *in, value data, vars **out,
    struct err *e)
{
	const struct map_entry *entry;

	*out = NULL;
	if (map_count(in) == 0 || cur->sticky)
		return true;
	*out = map_new(cur->a);
	map_each(in, entry) {
		struct var *v;

		if (!subst_var(cur, entry->value, data, &v, e))
			return false;
		map_put(*out, entry->key, v);
	}
	return true;
}

value
data_copy(struct arena *a, value data)
{
	value copy = value_map_new(a, GO_MAP);
	const struct map_entry *e;

	map_each(data.u.map->entries, e)
		value_map_set(a, copy, e->key, *(const value *)e->value);
	return copy;
}
