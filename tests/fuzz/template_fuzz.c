/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a template and as a ref expression, over data of all kinds.
 * `make fuzz`, then tests/fuzz/template_fuzz CORPUS.  Seeds: the lines of
 * tests/template/ that start with ">".
 */
#include "fuzz/fuzz.h"

#include "template/template.h"

static value
sample(struct arena *a)
{
	value map = value_map_new(a, GO_MAP);
	value inner = value_map_new(a, GO_MAP);
	value list = value_list_new(a, GO_LIST);

	value_map_set(a, inner, SV("b"), value_cstr("x"));
	value_map_set(a, inner, SV("c"), VALUE_NULL);
	value_list_add(a, list, value_int(1));
	value_list_add(a, list, value_cstr("a"));
	value_list_add(a, list, VALUE_NULL);
	value_list_add(a, list, inner);
	value_map_set(a, map, SV("A"), value_int(1));
	value_map_set(a, map, SV("B"), value_bool(true));
	value_map_set(a, map, SV("E"), value_cstr(""));
	value_map_set(a, map, SV("F"), value_float(1.5));
	value_map_set(a, map, SV("L"), list);
	value_map_set(a, map, SV("M"), inner);
	value_map_set(a, map, SV("N"), VALUE_NULL);
	value_map_set(a, map, SV("S"), value_cstr("str"));
	return map;
}

/* Sees to it that the result can be read to its end. */
static void
touch(sv s)
{
	volatile char last;

	for (size_t i = 0; i < s.n; i++)
		last = s.p[i];
	(void)last;
}

FUZZ_TARGET(template)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct templater *t = templater_new(a, tmpl_env_system());
	sv copy = sv_dup(a, text), out;
	struct templater_needs needs = { 0 };
	value v;

	templater_names(t, a, copy, false, &needs);
	if (templater_replace(t, a, copy, sample(a), &out, &e))
		touch(out);
	err_clear(&e);
	if (templater_resolve(t, a, copy, sample(a), &v, &e) &&
	    v.kind == VALUE_STRING)
		touch(value_text(v));
}
