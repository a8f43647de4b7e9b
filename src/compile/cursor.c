/* SPDX-License-Identifier: MIT */
/*
 * Compiling as a resumable walk through phases: it stops where commands must be
 * run, and goes on with their answers.
 */
#include "base/path.h"
#include "compile/internal.h"
#include "go/fmt.h"

/* ---- which names are secrets ---- */

/* The text of one that is spelt out is known without being asked for; what a
 * template makes is when it is compiled. */
static void
learn_spelt(struct compiler *c, const struct var *v)
{
	sv text;

	if (c->secrets == NULL || !v->has_value ||
	    v->value.kind != VALUE_STRING)
		return;
	text = value_text(v->value);
	if (sv_find(text, SV("{{"), 0) < 0)
		secrets_add(c->secrets, text);
}

static void
secret_names_of(struct compiler *c, const vars *v)
{
	const struct map_entry *e;

	if (v == NULL)
		return;
	map_each(v, e) {
		const struct var *var = e->value;

		if (!var->secret)
			continue;
		map_put(c->secret_names, e->key, c);
		learn_spelt(c, var);
	}
}

/* Where one of that name is a secret all are: the value that a call or the
 * command line puts in its place is none the less. */
static void
find_secret_names(struct arena *a, struct compiler *c)
{
	const struct map_entry *e;

	c->secret_names = map_new(a);
	if (!c->taskfile->has_secrets)
		return;
	secret_names_of(c, c->taskfile->vars);
	secret_names_of(c, c->taskfile->env);
	map_each(c->taskfile->tasks, e) {
		const struct task *t = e->value;

		secret_names_of(c, t->vars);
		secret_names_of(c, t->env);
		secret_names_of(c, t->include_vars);
		secret_names_of(c, t->included_vars);
	}
}

bool
compiler_is_secret(const struct compiler *c, sv name)
{
	return c->secret_names != NULL &&
	       map_get(c->secret_names, name) != NULL;
}

void
compiler_init(struct arena *a, struct compiler *c)
{
	c->arena = a;
	find_secret_names(a, c);
	c->sh_cache = sh_cache_new(a);
	c->scope = NULL;
}

struct cursor *
compile_begin(struct arena *a, struct compiler *c, const struct call *call,
    const struct match *m, enum compile_mode mode)
{
	struct cursor *cur = arena_new_of(a, struct cursor);

	cursor_open(cur, a, c, call, m, mode);
	cur->t = arena_new_of(a, struct ctask);
	refs_add_task(a, c->templater, &cur->refs, c->taskfile, m->task, mode);
	for (size_t i = 0; i < c->extra_texts.n && mode == COMPILE_FULL; i++)
		refs_add_text(a, c->templater, &cur->refs,
		    c->extra_texts.v[i]);
	if (cur->eager)
		need_everything(cur);
	cur->env = map_new(a);
	if (mode != COMPILE_LIST)
		env_begin(cur);
	need_refs(cur, &cur->refs, PLACE_END, true);
	return cur;
}

void
compile_on_wake(struct cursor *cur, void (*wake)(void *ctx), void *ctx)
{
	cur->wake = wake;
	cur->wake_ctx = ctx;
}

struct ctask *
compile_result(struct cursor *cur)
{
	return cur->phase == PHASE_DONE ? cur->t : NULL;
}

/* ---- data of the final texts ---- */

void
cursor_learn(struct cursor *cur, value v)
{
	const struct map_entry *e;

	if (cur->c->secrets == NULL)
		return;
	if (v.kind == VALUE_LIST) {
		for (size_t i = 0; i < v.u.list->n; i++)
			cursor_learn(cur, v.u.list->v[i]);
	} else if (v.kind == VALUE_MAP) {
		map_each(v.u.map->entries, e)
			cursor_learn(cur, *(const value *)e->value);
	} else if (!value_is_nil(v)) {
		secrets_add(cur->c->secrets, fmt_text(cur->a, v));
	}
}

/* A variable that is declared a secret is not shown; one that only has the name
 * of one is shown as go-task shows it where its answers are wanted, but it is
 * kept out of logs all the same. */
static void
mask(struct cursor *cur, const char *name, const struct slot *s)
{
	const struct cell *cell = cell_of(cur, s);

	if (cell != NULL)
		cursor_learn(cur, cell->value);
	if (!s->var->secret && cur->eager)
		return;
	if (!cur->has_secrets)
		cur->masked = data_copy(cur->a, cur->data);
	cur->has_secrets = true;
	value_map_set(cur->a, cur->masked, sv_of(name), value_cstr("*****"));
}

bool
slot_is_secret(const struct cursor *cur, const struct slot *s)
{
	return s->var->secret || compiler_is_secret(cur->c, sv_of(s->name));
}

static void
set_data(struct cursor *cur)
{
	struct place from = { LAYER_ENV, 0 };
	const struct map_entry *e;
	struct slot *s;

	cur->data = cur->masked = data_at(cur, &cur->refs, PLACE_END);
	cur->has_secrets = false;
	map_each(cur->refs.names, e) {
		s = scope_lookup(cur, e->key, PLACE_END);
		if (s != NULL && slot_is_secret(cur, s))
			mask(cur, s->name, s);
	}
	while (cur->refs.all &&
	    (s = scope_next(cur, &from, PLACE_END)) != NULL)
		if (slot_is_secret(cur, s) &&
		    scope_lookup(cur, sv_of(s->name), PLACE_END) == s)
			mask(cur, s->name, s);
	cur->t->vars = cur->data;
	cur->t->masked_vars = cur->masked;
}

/* ---- root dotenv files ---- */

struct cursor *
compile_globals(struct arena *a, struct compiler *c)
{
	struct cursor *cur = arena_new_of(a, struct cursor);
	const struct taskfile *file = c->taskfile;

	/* as go-task does it, before the command line has a say */
	cur->scope = scope_new(c->arena, c, file->env, file->vars);
	cursor_open(cur, a, c, NULL, NULL, COMPILE_FULL);
	cur->t = arena_new_of(a, struct ctask);
	for (size_t i = 0; i < file->dotenv.n; i++)
		refs_add_text(a, c->templater, &cur->refs, file->dotenv.v[i]);
	if (cur->eager && file->dotenv.n > 0)
		need_everything(cur);
	need_refs(cur, &cur->refs, PLACE_END, true);
	return cur;
}

static bool
read_root_dotenv(struct cursor *cur, struct err *e)
{
	struct compiler *c = cur->c;
	struct map *values = map_new(c->arena);
	vars *env = map_new(c->arena);
	const struct map_entry *entry;
	string_vec paths = { 0 };

	if (!subst_strings(cur, &c->taskfile->dotenv, &paths, e))
		return false;
	for (size_t i = 0; i < paths.n; i++) {
		const char *path = path_resolve(cur->a, sv_of(c->root_dir),
		    sv_of(paths.v[i]));

		if (paths.v[i][0] != '\0' &&
		    !dotenv_read(c->arena, path, true, values, e))
			return false;
	}
	map_each(c->taskfile->env, entry)
		map_put(env, entry->key, entry->value);
	map_each(values, entry) {
		struct var *v;

		if (map_get(env, entry->key) != NULL)
			continue;
		v = arena_new_of(c->arena, struct var);
		v->has_value = true;
		v->value = value_cstr(entry->value);
		map_put(env, entry->key, v);
	}
	c->file_env = env;
	c->scope = NULL;
	return true;
}

/* ---- steps ---- */

static enum compile_status
step_vars(struct cursor *cur, enum phase next, struct err *e)
{
	enum compile_status status = resolve_needed(cur, e);

	if (status == COMPILE_DONE) {
		set_data(cur);
		cur->phase = next;
	}
	return status;
}

/* What the values of recipe mode are made by, in order of their places. */
static void
list_commands(struct cursor *cur)
{
	string_vec *out = &cur->t->sh_texts;
	const struct map_entry *e;

	for (size_t i = 0; i < cur->order.n; i++) {
		const struct slot *s = cur->order.v[i]->slot;
		const struct cell *cell = cell_of(cur, s);

		if (cell == NULL || cell->sh == NULL)
			continue;
		vec_push(cur->a, out, s->name);
		vec_push(cur->a, out, cell->sh);
		vec_push(cur->a, out, s->var->dir ? s->var->dir : "");
	}
	map_each(cur->env, e) {
		const struct env_entry *x = e->value;

		if (x->skipped || x->cell.sh == NULL)
			continue;
		vec_push(cur->a, out, x->name);
		vec_push(cur->a, out, x->cell.sh);
		vec_push(cur->a, out, x->var->dir ? x->var->dir : "");
	}
}

static bool
cursor_finish(struct cursor *cur, bool ok)
{
	cur->phase = ok ? PHASE_DONE : cur->phase;
	return ok;
}

static enum compile_status
step_head(struct cursor *cur, struct err *e)
{
	bool ok;

	if (cur->task == NULL) {
		ok = cursor_finish(cur, read_root_dotenv(cur, e));
	} else if (cur->mode == COMPILE_LIST) {
		ok = cursor_finish(cur, compile_head(cur, e));
	} else {
		ok = compile_head(cur, e) && env_read_dotenv(cur, e);
		need_refs(cur, &cur->refs, PLACE_END, true);
		cur->phase = PHASE_DOTENV;
	}
	return ok ? COMPILE_DONE : COMPILE_FAILED;
}

/* One phase; DONE means that the next one can follow. */
static enum compile_status
step_phase(struct cursor *cur, struct err *e)
{
	enum compile_status status;

	switch (cur->phase) {
	case PHASE_VARS:
		return step_vars(cur, PHASE_HEAD, e);
	case PHASE_HEAD:
		return step_head(cur, e);
	case PHASE_DOTENV:
		return step_vars(cur, PHASE_ENV, e);
	case PHASE_ENV:
		status = env_resolve(cur, e);
		if (status == COMPILE_DONE)
			cur->phase = PHASE_BODY;
		return status;
	case PHASE_BODY:
		if (cur->mode == COMPILE_RECIPE)
			list_commands(cur);
		return cursor_finish(cur, compile_body(cur, e))
			   ? COMPILE_DONE
			   : COMPILE_FAILED;
	case PHASE_DONE:
		return COMPILE_DONE;
	case PHASE_FAILED:
		break;
	}
	BUG("a cursor is stepped after its failure");
}

static bool
take_failures(struct cursor *cur, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; i < cur->failures.n && ok; i++)
		if (cur->failures.v[i] != NULL)
			ok = err_set(e, ERR_GENERIC, "%s",
			    cur->failures.v[i]);
	cur->failures.n = cur->needs.n = cur->asked.n = 0;
	cur->waiting = false;
	return ok;
}

enum compile_status
compile_step(struct cursor *cur, struct err *e)
{
	enum compile_status status =
	    take_failures(cur, e) ? COMPILE_DONE : COMPILE_FAILED;

	while (status == COMPILE_DONE && cur->phase != PHASE_DONE)
		status = step_phase(cur, e);
	/* what was asked for in vain must not keep others waiting */
	if (status == COMPILE_FAILED)
		compile_cancel(cur);
	return status;
}
