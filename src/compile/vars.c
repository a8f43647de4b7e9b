/* SPDX-License-Identifier: MIT */
/*
 * Variables of a call: which are needed, and their values in order of their
 * places.  Lazy by default: only what texts read, so that an unused `sh:` runs
 * nothing, and independent ones are asked for side by side.  Eager (compat):
 * all, one after the other.
 */
#include "base/path.h"
#include "compile/internal.h"

bool
slot_is_shared(const struct cursor *cur, const struct slot *s)
{
	return s->classified && s->fixed &&
	    (cur->mode == COMPILE_FULL || s->pure_static);
}

static struct item **
item_at(struct cursor *cur, const struct slot *s)
{
	return &cur->items[s->place.layer][s->place.index];
}

struct cell *
cell_of(struct cursor *cur, const struct slot *s)
{
	struct item *item;

	if (slot_is_shared(cur, s))
		return (struct cell *)&s->shared;
	item = *item_at(cur, s);
	return item ? &item->cell : NULL;
}

static bool
is_vars_settled(const struct cursor *cur, const struct cell *cell, bool hard)
{
	return cell->done &&
	    !(cell->broken && hard && cur->mode == COMPILE_FULL);
}

/* ---- what is needed ---- */

void
need_slot(struct cursor *cur, struct slot *s, bool hard)
{
	struct item **at, *item;

	if (s == cur->match_slot ||
	    (slot_is_shared(cur, s) && is_vars_settled(cur, &s->shared, hard)))
		return;
	at = item_at(cur, s);
	item = *at;
	if (item == NULL) {
		item = *at = arena_new_of(cur->a, struct item);
		item->slot = s;
		vec_push(cur->a, &cur->order, item);
		cur->sorted = false;
	} else if (item->hard || !hard) {
		return;
	}
	item->hard = hard;
	vec_push(cur->a, &cur->todo, item);
}

static const struct refs *
dir_refs(struct cursor *cur)
{
	if (!cur->has_dir_refs)
		refs_add_text(cur->a, cur->c->templater, &cur->dir_refs,
		    cur->task->dir);
	cur->has_dir_refs = true;
	return &cur->dir_refs;
}

static void
need_dir_refs(struct cursor *cur, struct place at, bool hard)
{
	if (cur->task == NULL || cur->in_task_dir)
		return;
	cur->in_task_dir = true;
	need_refs(cur, dir_refs(cur), at, hard);
	cur->in_task_dir = false;
}

static void
need_name(struct cursor *cur, sv name, struct place at, bool hard)
{
	struct slot *s = scope_lookup(cur, name, at);

	if (s != NULL)
		need_slot(cur, s, hard);
	else if (sv_is(name, "TASK_DIR"))
		need_dir_refs(cur, at, hard);
}

void
need_refs(struct cursor *cur, const struct refs *r, struct place at, bool hard)
{
	struct place from = { LAYER_ENV, 0 };
	const struct map_entry *e;
	struct slot *s;

	if (r->all)
		while ((s = scope_next(cur, &from, at)) != NULL)
			need_slot(cur, s, hard);
	map_each(r->names, e)
		need_name(cur, e->key, at, hard);
}

void
need_everything(struct cursor *cur)
{
	need_refs(cur, &(struct refs){ .all = true }, PLACE_END, true);
}

/* A command may read any static variable from its environment through a script,
 * where no text tells. */
static void
sweep_static(struct cursor *cur, struct place end)
{
	struct slot *s;

	while ((s = scope_next(cur, &cur->swept, end)) != NULL) {
		slot_classify(cur, s);
		if (s->pure_static && env_exports(cur->c, s->name))
			need_slot(cur, s, false);
	}
}

bool
var_is_dynamic(const struct var *v)
{
	return v->ref == NULL && v->sh != NULL &&
	    (!v->has_value || value_is_nil(v->value));
}

static bool
runs_at_its_twin(struct cursor *cur, struct slot *s)
{
	return cur->mode == COMPILE_FULL && var_is_dynamic(s->var) &&
	       twin_is_reused(cur, s);
}

static void
expand_item(struct cursor *cur, const struct item *item)
{
	struct slot *s = item->slot;
	const struct map_entry *e;

	slot_prepare(cur, s);
	if (runs_at_its_twin(cur, s)) {
		need_slot(cur, twin_of(cur, s), item->hard);
		return;
	}
	need_refs(cur, &s->refs, s->place, item->hard);
	if (!var_is_dynamic(s->var) ||
	    (cur->mode != COMPILE_FULL && cur->mode != COMPILE_RECIPE))
		return;
	map_each(s->refs.mentions, e)
		if (env_exports(cur->c, e->key.p) &&
		    !(sv_is(e->key, s->name) && twin_reads_alike(cur, s)))
			need_name(cur, e->key, s->place, true);
	if (cur->mode == COMPILE_RECIPE)
		return;
	if (slot_runs_in_task_dir(s))
		need_dir_refs(cur, s->place, true);
	sweep_static(cur, s->place);
}

static int
by_place(const void *x, const void *y)
{
	const struct item *const *a = x, *const *b = y;

	if (place_before((*a)->slot->place, (*b)->slot->place))
		return -1;
	return place_before((*b)->slot->place, (*a)->slot->place);
}

static void
vars_collect(struct cursor *cur)
{
	while (cur->expanded < cur->todo.n)
		expand_item(cur, cur->todo.v[cur->expanded++]);
	if (cur->sorted || cur->order.n == 0)
		return;
	qsort(cur->order.v, cur->order.n, sizeof(*cur->order.v), by_place);
	for (size_t i = 0; i < cur->order.n; i++)
		slot_classify(cur, cur->order.v[i]->slot);
	cur->sorted = true;
}

/* ---- values ---- */

value
value_at(struct cursor *cur, sv name, struct place at)
{
	struct slot *s = scope_lookup(cur, name, at);
	const struct cell *cell;

	if (s == NULL)
		return base_value(cur, name, at);
	cell = cell_of(cur, s);
	return cell ? cell->value : VALUE_ABSENT;
}

static void
add_everything(struct cursor *cur, value data, struct place at)
{
	struct place from = { LAYER_ENV, 0 };
	const struct map_entry *e;
	struct slot *s;

	map_each(cur->c->os_env, e)
		value_map_set(cur->a, data, e->key, value_cstr(e->value));
	for (size_t i = 0; special_names[i] != NULL; i++)
		value_map_set(cur->a, data, sv_of(special_names[i]),
		    base_value(cur, sv_of(special_names[i]), at));
	while ((s = scope_next(cur, &from, at)) != NULL) {
		const struct cell *cell = cell_of(cur, s);

		if (cell != NULL && cell->done &&
		    cell->value.kind != VALUE_INVALID)
			value_map_set(cur->a, data, sv_of(s->name),
			    cell->value);
		else
			value_map_del(data, sv_of(s->name));
	}
}

value
data_at(struct cursor *cur, const struct refs *r, struct place at)
{
	value data = value_map_new(cur->a, GO_MAP);
	const struct map_entry *e;

	if (r->all)
		add_everything(cur, data, at);
	map_each(r->names, e) {
		value v = value_at(cur, e->key, at);

		if (v.kind != VALUE_INVALID)
			value_map_set(cur->a, data, e->key, v);
	}
	return data;
}

const char *
expand_dir(struct cursor *cur, const char *dir)
{
	const struct compiler *c = cur->c;
	const char *root = c->root_dir && c->root_dir[0] ? c->root_dir : c->cwd;
	const char *expanded = dir ? dir : "";

	if (strpbrk(expanded, "~$\\`") != NULL)
		expanded = path_expand(cur->a, sv_of(expanded), env_lookup,
		    (void *)c);
	return path_resolve(cur->a, sv_of(root), sv_of(expanded));
}

bool
task_dir_at(struct cursor *cur, struct place at, const char **out,
    struct err *e)
{
	sv text = sv_of(cur->task->dir);
	bool ok = true;

	if (sv_find(text, SV("{{"), 0) >= 0 && !cur->in_task_dir) {
		value data;

		cur->in_task_dir = true;
		data = data_at(cur, dir_refs(cur), at);
		ok = templater_replace(cur->c->templater, cur->a, text, data,
		    &text, e);
		cur->in_task_dir = false;
	}
	*out = expand_dir(cur, sv_cstr(cur->a, text));
	return ok;
}

/* ---- evaluation ---- */

static bool
eval_parts(struct cursor *cur, struct arena *a, const struct var *v,
    value data, struct cell *out, struct err *e)
{
	struct templater *t = cur->c->templater;
	sv sh;

	if (v->ref != NULL)
		return templater_resolve(t, a, sv_of(v->ref), data,
		    &out->value, e);
	if (!var_is_dynamic(v)) {
		out->value = v->has_value ? v->value : VALUE_NULL;
		return v->final || templater_replace_value(t, a, out->value,
		    data, &out->value, e);
	}
	sh = sv_of(v->sh);
	out->sh = v->sh;
	if (!v->final && !templater_replace(t, a, sh, data, &sh, e))
		return false;
	out->sh = sv_cstr(a, sh);
	return true;
}

bool
eval_var(struct cursor *cur, struct arena *a, const struct var *v,
    value data, bool hard, struct cell *out, struct err *e)
{
	struct err local cleanup_err = ERR_INIT;

	*out = (struct cell){ .value = VALUE_ABSENT };
	if (!eval_parts(cur, a, v, data, out, &local)) {
		if (hard && cur->mode == COMPILE_FULL) {
			err_move(e, &local);
			return false;
		}
		out->broken = true;
		out->value = v->ref	? VALUE_NULL :
		    var_is_dynamic(v) ? VALUE_ABSENT :
				      v->value;
	}
	if (out->sh != NULL && out->sh[0] == '\0')
		out->value = value_cstr("");
	else if (out->sh == NULL && cur->mode != COMPILE_FULL &&
	    value_is_nil(out->value))
		out->value = value_cstr("");
	else if (out->sh == NULL && out->value.kind == VALUE_INVALID)
		out->value = VALUE_NULL;
	out->done = out->sh == NULL || out->sh[0] == '\0' ||
	    cur->mode != COMPILE_FULL || out->broken;
	return true;
}

/* Is a variable needed and not known yet? */
static bool
is_awaited(struct cursor *cur, const struct slot *s)
{
	if (s == NULL || s == cur->match_slot || *item_at(cur, s) == NULL)
		return false;
	return !cell_of(cur, s)->done;
}

static bool
refs_awaited(struct cursor *cur, const struct refs *r, struct place at)
{
	const struct map *maps[] = { r->names, r->mentions };
	struct place from = { LAYER_ENV, 0 };
	const struct map_entry *e;
	const struct slot *s;

	while (r->all && (s = scope_next(cur, &from, at)) != NULL)
		if (is_awaited(cur, s))
			return true;
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		map_each(maps[i], e)
			if (is_awaited(cur, scope_lookup(cur, e->key, at)))
				return true;
	return false;
}

/* Does the value depend on the task's directory? */
static bool
uses_dir(const struct slot *s)
{
	return (slot_runs_in_task_dir(s) && var_is_dynamic(s->var)) ||
	    s->refs.all || map_get(s->refs.names, SV("TASK_DIR")) != NULL;
}

static bool
is_blocked(struct cursor *cur, const struct slot *s)
{
	return refs_awaited(cur, &s->refs, s->place) ||
	    (uses_dir(s) && refs_awaited(cur, &cur->dir_refs, s->place));
}

/* A secret is known before anything can go wrong with it (P-406). */
static void
settle_cell(struct cursor *cur, const struct slot *s, const struct cell *fresh)
{
	*cell_of(cur, s) = *fresh;
	if (slot_is_secret(cur, s))
		cursor_learn(cur, fresh->value);
}

static bool
resolve_item(struct cursor *cur, struct item *item, struct err *e)
{
	struct slot *s = item->slot;
	struct cell fresh;
	struct arena *a = slot_is_shared(cur, s) ? cur->c->arena : cur->a;
	sv key = { 0 }, out;

	if (runs_at_its_twin(cur, s)) {
		const struct cell *of_twin = cell_of(cur, twin_of(cur, s));

		if (of_twin->done)
			*cell_of(cur, s) = *of_twin;
		return true;
	}
	if (item->sh == NULL) {
		if (!eval_var(cur, a, s->var, data_at(cur, &s->refs, s->place),
			item->hard, &fresh, e))
			return false;
		if (fresh.done) {
			settle_cell(cur, s, &fresh);
			return true;
		}
		item->cell.sh = fresh.sh;
		if (!item_need(cur, item, &key, e))
			return false;
	}
	if (ask_shell(cur, &item->sh, key, &item->need, &out) == ASK_DONE) {
		fresh = (struct cell){ .done = true, .value = value_sv(out),
			.sh = arena_strdup(a, item->need.cmd) };
		settle_cell(cur, s, &fresh);
	}
	return true;
}

enum compile_status
resolve_needed(struct cursor *cur, struct err *e)
{
	size_t open = 0;

	vars_collect(cur);
	for (size_t i = 0; i < cur->order.n; i++) {
		struct item *item = cur->order.v[i];
		const struct cell *cell = cell_of(cur, item->slot);

		if (is_vars_settled(cur, cell, item->hard))
			continue;
		if (!is_blocked(cur, item->slot) && !resolve_item(cur, item, e))
			return COMPILE_FAILED;
		open += !cell->done;
		if (cur->eager && open > 0)
			break;
	}
	if (cur->needs.n > 0)
		return COMPILE_NEEDS_SHELL;
	if (cur->waiting)
		return COMPILE_WAITS;
	if (open > 0)
		BUG("%zu variables wait for each other", open);
	return COMPILE_DONE;
}
