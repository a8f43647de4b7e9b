/* SPDX-License-Identifier: MIT */
/*
 * The layers of variables (L-094) and the look-up of a name at a place.  The
 * two file-level layers are made once per run, and what is known of their
 * variables is kept: a file with thousands of them costs a task only those that
 * it uses.
 */
#include "compile/internal.h"

/* File-level vars as the command line changes them (L-096): CLI_* first, then
 * the file's, each assignment in the place of the variable that it replaces,
 * new ones last. */
static vars *
merge_command_line(struct arena *a, const struct compiler *c)
{
	vars *out = map_new(a);
	const struct map_entry *e;

	map_each(c->specials_cli, e)
		map_put(out, e->key, e->value);
	map_each(c->taskfile->vars, e)
		map_put(out, e->key, e->value);
	map_each(c->globals_cli, e)
		map_put(out, e->key, e->value);
	return out;
}

static void
set_environ(struct arena *a, struct scope *s, const struct map *os_env)
{
	const struct map_entry *e;

	s->os_environ = arena_alloc(a,
	    (map_count(os_env) + 1) * sizeof(*s->os_environ));
	map_each(os_env, e)
		s->os_environ[s->n_os_environ++] = arena_printf(a, "%s=%s",
		    e->key.p, (const char *)e->value);
}

static size_t
layer_size(const vars *layer)
{
	return layer ? layer->n : 0;
}

struct scope *
scope_new(struct arena *a, const struct compiler *c, vars *env,
    vars *variables)
{
	struct scope *s = arena_new_of(a, struct scope);

	s->layers[LAYER_ENV] = env;
	s->layers[LAYER_VARS] = variables;
	for (size_t i = 0; i <= LAYER_VARS; i++)
		s->slots[i] = arena_alloc(a,
		    (layer_size(s->layers[i]) + 1) * sizeof(*s->slots[i]));
	set_environ(a, s, c->os_env);
	return s;
}

static const vars *
layer_of_call(const struct cursor *cur, enum layer layer)
{
	switch (layer) {
	case LAYER_ENV:
	case LAYER_VARS:
		return cur->scope->layers[layer];
	case LAYER_INCLUDE:
		return cur->task ? cur->task->include_vars : NULL;
	case LAYER_INCLUDED:
		return cur->task ? cur->task->included_vars : NULL;
	case LAYER_CALL:
		return cur->call ? cur->call->vars : NULL;
	case LAYER_TASK:
		return cur->task ? cur->task->vars : NULL;
	case LAYERS:
		break;
	}
	return NULL;
}

/* The wildcard parts, last of the call's layer. */
static struct slot *
make_match(struct arena *a, const struct match *m)
{
	struct slot *s = arena_new_of(a, struct slot);
	struct var *v = arena_new_of(a, struct var);

	v->has_value = v->final = true;
	v->value = value_list_new(a, GO_LIST_STRING);
	for (size_t i = 0; i < m->parts.n; i++)
		value_list_add(a, v->value, value_cstr(m->parts.v[i]));
	*s = (struct slot){ .name = "MATCH", .var = v,
		.place = { LAYER_CALL, SIZE_MAX }, .prepared = true,
		.classified = true, .pure_static = true, .fixed = true,
		.shared = { .done = true, .value = v->value } };
	return s;
}

void
cursor_open(struct cursor *cur, struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, enum compile_mode mode)
{
	if (cur->scope == NULL && c->scope == NULL)
		c->scope = scope_new(c->arena, c,
		    c->file_env ? c->file_env : c->taskfile->env,
		    merge_command_line(c->arena, c));
	cur->a = a;
	cur->c = c;
	cur->call = call;
	cur->match = m;
	cur->task = m ? m->task : NULL;
	cur->mode = mode;
	cur->eager = c->eager && mode == COMPILE_FULL;
	if (cur->scope == NULL)
		cur->scope = c->scope;
	for (enum layer l = 0; l < LAYERS; l++) {
		size_t n;

		cur->layers[l] = layer_of_call(cur, l);
		n = layer_size(cur->layers[l]) + 1;
		cur->slots[l] = LAYER_IS_SHARED(l) ? cur->scope->slots[l] :
		    arena_alloc(a, n * sizeof(*cur->slots[l]));
		cur->items[l] = arena_alloc(a, n * sizeof(*cur->items[l]));
	}
	if (m != NULL)
		cur->match_slot = make_match(a, m);
}

struct slot *
slot_at(struct cursor *cur, enum layer layer, size_t index)
{
	struct slot **at = &cur->slots[layer][index];
	const struct map_entry *e = &cur->layers[layer]->entries[index];

	if (e->value == NULL)
		return NULL;
	if (*at == NULL) {
		*at = arena_new_of(LAYER_IS_SHARED(layer) ? cur->c->arena :
							    cur->a,
		    struct slot);
		**at = (struct slot){ .name = e->key.p, .var = e->value,
			.place = { layer, index } };
	}
	return *at;
}

bool
place_before(struct place x, struct place y)
{
	return x.layer < y.layer || (x.layer == y.layer && x.index < y.index);
}

struct slot *
scope_lookup(struct cursor *cur, sv name, struct place at)
{
	for (int l = at.layer < LAYERS ? (int)at.layer : LAYERS - 1; l >= 0;
	    l--) {
		struct place here = { (enum layer)l, 0 };
		ptrdiff_t i;

		if (l == LAYER_CALL && cur->match_slot != NULL &&
		    at.layer > LAYER_CALL && sv_is(name, "MATCH"))
			return cur->match_slot;
		i = map_index(cur->layers[l], name);
		here.index = (size_t)i;
		if (i >= 0 && place_before(here, at))
			return slot_at(cur, here.layer, here.index);
	}
	return NULL;
}

struct slot *
scope_next(struct cursor *cur, struct place *at, struct place end)
{
	while (place_before(*at, end)) {
		struct slot *s = NULL;

		if (at->index < layer_size(cur->layers[at->layer])) {
			s = slot_at(cur, at->layer, at->index);
			at->index++;
		} else if (at->layer == LAYER_CALL && cur->match_slot != NULL &&
		    at->index != SIZE_MAX) {
			s = cur->match_slot;
			at->index = SIZE_MAX;
		} else {
			*at = (struct place){ at->layer + 1, 0 };
		}
		if (s != NULL)
			return s;
	}
	return NULL;
}

void
slot_prepare(struct cursor *cur, struct slot *s)
{
	if (s->prepared)
		return;
	refs_add_var(LAYER_IS_SHARED(s->place.layer) ? cur->c->arena : cur->a,
	    cur->c->templater, &s->refs, s->var);
	s->prepared = true;
}

static void
classify_names(struct cursor *cur, struct slot *s, const struct map *names)
{
	const struct map_entry *e;

	map_each(names, e) {
		const struct slot *other =
		    scope_lookup(cur, e->key, s->place);

		if (other == NULL) {
			s->fixed &= !special_is_per_call(e->key);
			continue;
		}
		s->fixed &= other->fixed;
		s->pure_static &= other->pure_static;
	}
}

void
slot_classify(struct cursor *cur, struct slot *s)
{
	if (s->classified)
		return;
	slot_prepare(cur, s);
	s->fixed = LAYER_IS_SHARED(s->place.layer) && !s->refs.all &&
	    !s->refs.impure;
	s->pure_static =
	    !var_is_dynamic(s->var) && !s->refs.all && !s->var->unknown;
	classify_names(cur, s, s->refs.names);
	if (var_is_dynamic(s->var))
		classify_names(cur, s, s->refs.mentions);
	s->classified = true;
}

bool
refs_are_dynamic(struct cursor *cur, const struct refs *r, struct place at)
{
	struct place from = { LAYER_ENV, 0 };
	const struct map_entry *e;
	struct slot *s;

	while (r->all && (s = scope_next(cur, &from, at)) != NULL) {
		slot_classify(cur, s);
		if (!s->pure_static)
			return true;
	}
	map_each (r->names, e) {
		s = scope_lookup(cur, e->key, at);
		if (s == NULL)
			continue;
		slot_classify(cur, s);
		if (!s->pure_static)
			return true;
	}
	return false;
}
