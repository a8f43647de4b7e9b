/* SPDX-License-Identifier: MIT */
/* `requires`: variables that must be there, and their allowed values (L-072 to
 * L-076). */
#include "compile/internal.h"

/* ---- enum references ---- */

static bool
resolve_enum(struct cursor *cur, struct required_var *v, struct err *e)
{
	const char *ref = quote_go(cur->a, sv_of(v->enum_ref));
	value list;

	if (!templater_resolve(cur->c->templater, cur->a, sv_of(v->enum_ref),
		cur->data, &list, e))
		return false;
	if (!value_is_list(list))
		return err_set(e, ERR_GENERIC,
		    "enum reference %s must resolve to a list", ref);
	v->enum_values = (string_vec){ 0 };
	for (size_t i = 0; i < list.u.list->n; i++) {
		value item = list.u.list->v[i];

		if (item.kind != VALUE_STRING)
			return err_set(e, ERR_GENERIC,
			    "enum reference %s must contain only strings",
			    ref);
		vec_push(cur->a, &v->enum_values, item.u.s);
	}
	v->has_enum = true;
	return true;
}

bool
requires_resolve_enums(struct cursor *cur, struct err *e)
{
	const required_vec *in = &cur->task->rare->requires;
	required_vec out = { 0 };

	for (size_t i = 0; i < in->n; i++) {
		struct required_var v = in->v[i];

		if (v.enum_ref != NULL && !resolve_enum(cur, &v, e))
			return false;
		vec_push(cur->a, &out, v);
	}
	cur->t->requires = out;
	return true;
}

/* ---- missing ones ---- */

void
requires_missing(struct arena *a, struct compiler *c, const struct call *call,
    const struct match *m, required_vec *out)
{
	const required_vec *in = &m->task->rare->requires;
	struct cursor cur = { 0 };

	if (in->n == 0)
		return;
	cursor_open(&cur, a, c, call, m, COMPILE_FAST);
	for (size_t i = 0; i < in->n; i++) {
		sv name = sv_of(in->v[i].name);

		/* any layer will do, the process's environment too, and
		 * whatever the value is (L-073) */
		if (scope_lookup(&cur, name, PLACE_END) == NULL &&
		    base_value(&cur, name, PLACE_END).kind == VALUE_INVALID)
			vec_push(a, out, in->v[i]);
	}
}

void
requires_offer_enums(struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, required_vec *missing)
{
	for (size_t i = 0; i < missing->n; i++) {
		struct required_var *v = &missing->v[i];
		struct err ignored cleanup_err = ERR_INIT;
		struct cursor cur = { 0 };
		struct refs refs = { 0 };

		if (v->enum_ref == NULL || v->enum_values.n > 0)
			continue;
		cursor_open(&cur, a, c, call, m, COMPILE_FAST);
		refs_add_ref(a, c->templater, &refs, v->enum_ref);
		need_refs(&cur, &refs, PLACE_END, true);
		resolve_needed(&cur, &ignored);
		cur.data = data_at(&cur, &refs, PLACE_END);
		resolve_enum(&cur, v, &ignored);
	}
}

static void
add_values(struct sb *b, const string_vec *values)
{
	for (size_t i = 0; i < values->n; i++) {
		if (i > 0)
			sb_addc(b, ' ');
		sb_adds(b, values->v[i]);
	}
}

/* The label if there is one, as far as it can be made without a shell. */
static const char *
name_for_message(struct arena *a, struct compiler *c, const struct call *call,
    const struct match *m)
{
	struct cursor *cur = compile_begin(a, c, call, m, COMPILE_LIST);
	struct err ignored cleanup_err = ERR_INIT;

	if (compile_step(cur, &ignored) != COMPILE_DONE)
		return m->full_name;
	return compile_result(cur)->name;
}

bool
requires_check(struct arena *a, struct compiler *c, const struct call *call,
    const struct match *m, struct err *e)
{
	struct sb list cleanup_sb = SB_INIT;
	required_vec missing = { 0 };

	requires_missing(a, c, call, m, &missing);
	for (size_t i = 0; i < missing.n; i++) {
		const struct required_var *v = &missing.v[i];

		if (i > 0)
			sb_adds(&list, ", ");
		sb_adds(&list, v->name);
		if (v->enum_values.n == 0)
			continue;
		sb_adds(&list, " (allowed values: [");
		add_values(&list, &v->enum_values);
		sb_adds(&list, "])");
	}
	if (missing.n == 0)
		return true;
	return err_set(e, ERR_MISSING_VARS,
	    "task: Task %s cancelled because it is missing required "
	    "variables: %s",
	    quote_go(a, sv_of(name_for_message(a, c, call, m))),
	    sb_cstr(&list));
}

/* ---- values that are not allowed ---- */

static bool
is_allowed(const struct required_var *v, value actual)
{
	if (actual.kind != VALUE_STRING || v->enum_values.n == 0)
		return true;
	for (size_t i = 0; i < v->enum_values.n; i++)
		if (sv_is(value_text(actual), v->enum_values.v[i]))
			return true;
	return false;
}

bool
requires_check_enums(struct arena *a, struct compiler *c,
    const struct ctask *t, struct err *e)
{
	struct sb list cleanup_sb = SB_INIT;

	(void)c;
	for (size_t i = 0; i < t->requires.n; i++) {
		const struct required_var *v = &t->requires.v[i];
		value actual = value_map_get(t->vars, sv_of(v->name));

		if (is_allowed(v, actual))
			continue;
		sb_printf(&list,
		    "  - %s has an invalid value : '%s' (allowed values : [",
		    v->name, actual.u.s);
		add_values(&list, &v->enum_values);
		sb_adds(&list, "])\n");
	}
	if (list.n == 0)
		return true;
	return err_set(e, ERR_ENUM_VARS,
	    "task: Task %s cancelled because it is missing required "
	    "variables:\n%s",
	    quote_go(a, sv_of(t->name)), sb_cstr(&list));
}
