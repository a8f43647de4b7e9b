/* SPDX-License-Identifier: MIT */
/*
 * The environment of commands (L-109 to L-116): the process's own, the file's
 * env, the task's dotenv files, the task's env.  A later one wins, but nothing
 * replaces what the process has, unless the experiment says so.
 */
#include "base/io.h"
#include "base/path.h"
#include "compile/internal.h"
#include "taskfile/taskfile.h"
#include "go/fmt.h"

const char *
env_lookup(void *ctx, const char *name)
{
	const struct compiler *c = ctx;

	return map_get(c->os_env, sv_of(name));
}

bool
env_text(struct arena *a, value v, const char **out)
{
	switch ((enum go_type)v.type) {
	case GO_STRING:
		*out = v.u.s;
		return v.kind == VALUE_STRING;
	case GO_BOOL:
	case GO_INT:
	case GO_FLOAT64:
		*out = fmt_text(a, v).p;
		return true;
	default:
		return false;
	}
}

bool
env_exports(const struct compiler *c, const char *name)
{
	if (name[0] == '\0' || strchr(name, '=') != NULL)
		return false;
	return c->env_precedence || map_get(c->os_env, sv_of(name)) == NULL;
}

char **
env_build(struct arena *a, const struct compiler *c,
    const struct scope *scope, const assign_vec *set)
{
	struct map *replaced = NULL;
	size_t n = 0;
	char **out;

	if (set->n == 0)
		return scope->os_environ;
	out = arena_alloc(a,
	    (scope->n_os_environ + set->n + 1) * sizeof(*out));
	if (c->env_precedence) {
		replaced = map_new(a);
		for (size_t i = 0; i < set->n; i++)
			map_put(replaced, sv_of(set->v[i].name), replaced);
	}
	for (size_t i = 0; i < scope->n_os_environ; i++) {
		char *entry = scope->os_environ[i];

		if (replaced == NULL ||
		    map_get(replaced, sv_sub(sv_of(entry), 0,
					  strcspn(entry, "="))) == NULL)
			out[n++] = entry;
	}
	for (size_t i = 0; i < set->n; i++)
		out[n++] = (char *)set->v[i].text;
	return out;
}

/* ---- entries ---- */

/* Is a shell started for this task at all?  Else nobody sees its environment. */
static bool
runs_shell(const struct task *t)
{
	if (t->rare->status.n > 0 || t->rare->preconditions.n > 0 ||
	    (t->rare->if_text != NULL && t->rare->if_text[0] != '\0'))
		return true;
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct cmd *cmd = t->cmds.v[i];

		if (cmd != NULL &&
		    (cmd->kind == CMD_SHELL ||
			(cmd->if_text != NULL && cmd->if_text[0] != '\0')))
			return true;
	}
	return false;
}

static struct env_entry *
add_entry(struct cursor *cur, const char *name, const struct var *v)
{
	struct env_entry *entry = arena_new_of(cur->a, struct env_entry);

	entry->name = name;
	entry->var = v;
	map_put(cur->env, sv_of(name), entry);
	return entry;
}

/* Lazily, a command of the environment runs only where somebody sees its
 * result. */
static bool
is_skipped(const struct cursor *cur, const struct env_entry *entry)
{
	if (cur->eager || cur->mode != COMPILE_FULL)
		return false;
	return !env_exports(cur->c, entry->name) ||
	    (var_is_dynamic(entry->var) && !runs_shell(cur->task));
}

/* The value that a file-level command has as a variable of layer 3 serves as
 * long as its text reads the same there: then it runs once per run, not once
 * per task. */
static bool
shares_file_value(struct cursor *cur, const struct env_entry *entry)
{
	const struct map_entry *e;

	if (entry->of_file == NULL || !var_is_dynamic(entry->var) ||
	    entry->refs.all || entry->refs.impure)
		return false;
	map_each(entry->refs.names, e)
		if (scope_lookup(cur, e->key, entry->of_file->place) !=
		    scope_lookup(cur, e->key, PLACE_END))
			return false;
	return true;
}

static void
need_entry(struct cursor *cur, struct env_entry *entry)
{
	struct arena *a = cur->a;

	entry->skipped = is_skipped(cur, entry);
	if (entry->skipped)
		return;
	refs_add_var(a, cur->c->templater, &entry->refs, entry->var);
	if (shares_file_value(cur, entry) && cur->mode == COMPILE_FULL)
		need_slot(cur, (struct slot *)entry->of_file, true);
	refs_add_var(a, cur->c->templater, &cur->refs, entry->var);
}

void
env_begin(struct cursor *cur)
{
	const vars *file = cur->layers[LAYER_ENV];
	const struct map_entry *e;

	cur->env = map_new(cur->a);
	map_each(file, e)
		add_entry(cur, e->key.p, e->value)->of_file = slot_at(cur,
		    LAYER_ENV, (size_t)(e - file->entries));
	map_each(cur->task->env, e)
		add_entry(cur, e->key.p, e->value);
	map_each(cur->env, e)
		need_entry(cur, e->value);
}

bool
dotenv_read(struct arena *a, const char *path, bool framed, struct map *out,
    struct err *e)
{
	struct err local cleanup_err = ERR_INIT;
	struct map *file = map_new(a);
	const struct map_entry *entry;
	sv text;

	if (!path_exists(path))
		return true;
	if (!read_file(a, path, &text, &local) ||
	    !dotenv_parse(a, text, file, &local)) {
		if (framed)
			return err_set(e, ERR_GENERIC,
			    "error reading env file %s: %s", path,
			    local.message);
		err_move(e, &local);
		return false;
	}
	map_each(file, entry)
		if (map_get(out, entry->key) == NULL)
			map_put(out, entry->key, entry->value);
	return true;
}

/* The task's dotenv values come between the file's env and the task's own. */
bool
env_read_dotenv(struct cursor *cur, struct err *e)
{
	struct map *values = map_new(cur->a), *merged = map_new(cur->a);
	const struct map_entry *entry;
	string_vec paths = { 0 };

	if (cur->task->rare->dotenv.n == 0)
		return true;
	if (!subst_strings(cur, &cur->task->rare->dotenv, &paths, e))
		return false;
	for (size_t i = 0; i < paths.n; i++) {
		const char *path = path_resolve(cur->a, sv_of(cur->t->dir),
		    sv_of(paths.v[i]));

		if (paths.v[i][0] != '\0' &&
		    !dotenv_read(cur->a, path, false, values, e))
			return false;
	}
	map_each(cur->env, entry) {
		struct env_entry *x = entry->value;

		if (x->of_file != NULL)
			map_put(merged, entry->key, x);
	}
	map_each(values, entry) {
		struct var *v = arena_new_of(cur->a, struct var);
		struct env_entry *x = arena_new_of(cur->a, struct env_entry);

		v->has_value = true;
		v->value = value_cstr(entry->value);
		*x = (struct env_entry){ .name = entry->key.p, .var = v };
		map_put(merged, entry->key, x);
		need_entry(cur, x);
	}
	map_each(cur->env, entry) {
		struct env_entry *x = entry->value;

		if (x->of_file == NULL)
			map_put(merged, entry->key, x);
	}
	cur->env = merged;
	return true;
}

/* ---- values ---- */

static bool
eval_static(struct cursor *cur, struct err *e)
{
	const struct map_entry *entry;

	map_each(cur->env, entry) {
		struct env_entry *x = entry->value;

		if (x->skipped || x->cell.done || x->cell.sh != NULL)
			continue;
		if (cur->sticky)
			x->skipped = true;
		else if (!eval_var(cur, cur->a, x->var, cur->data, true,
			     &x->cell, e))
			return false;
		cur->sticky |= x->cell.broken;
	}
	return true;
}

static bool
is_mentioned(const struct env_entry *by, const char *name)
{
	return map_get(by->refs.mentions, sv_of(name)) != NULL;
}

/* Entries whose values the command of `of` sees: all static ones, and of the
 * dynamic ones before it those that are known (lazily: that it names). */
static bool
visible_entries(struct cursor *cur, const struct env_entry *of,
    assign_vec *out)
{
	const struct map_entry *entry;
	bool before = true;

	map_each(cur->env, entry) {
		const struct env_entry *x = entry->value;
		const char *text;

		before &= x != of;
		if (x->skipped || !env_exports(cur->c, x->name))
			continue;
		if (x->cell.sh != NULL &&
		    (!before || (!cur->eager && !is_mentioned(of, x->name))))
			continue;
		if (!x->cell.done)
			return false;
		if (env_text(cur->a, x->cell.value, &text))
			vec_push(cur->a, out,
			    ((struct assignment){ x->name,
				arena_printf(cur->a, "%s=%s", x->name,
				    text) }));
	}
	return true;
}

static void
resolve_entry(struct cursor *cur, struct env_entry *x)
{
	const struct cell *of_file =
	    x->of_file ? cell_of(cur, x->of_file) : NULL;
	assign_vec visible = { 0 };
	sv key = { 0 }, out;

	if (of_file != NULL && of_file->done && of_file->sh != NULL &&
	    strcmp(of_file->sh, x->cell.sh) == 0) {
		x->cell.value = of_file->value;
		x->cell.done = true;
		return;
	}
	if (x->asked == NULL) {
		if (!visible_entries(cur, x, &visible))
			return;
		x->need = (struct shell_need){ x->cell.sh,
			x->var->dir && x->var->dir[0] ? x->var->dir :
							cur->t->dir,
			env_build(cur->a, cur->c, cur->scope, &visible),
			x->var->secret };
		key = shell_key(cur->a, x->cell.sh, x->need.dir,
		    &visible);
	}
	if (ask_shell(cur, &x->asked, key, &x->need, &out) == ASK_DONE) {
		x->cell.value = value_sv(out);
		x->cell.done = true;
	}
}

static void
env_finish(struct cursor *cur)
{
	struct ctask *t = cur->t;
	const struct map_entry *entry;
	assign_vec set = { 0 };

	t->env_set = map_new(cur->a);
	map_each(cur->env, entry) {
		const struct env_entry *x = entry->value;
		const char *text;

		if (x->skipped || !env_exports(cur->c, x->name) ||
		    !env_text(cur->a, x->cell.value, &text))
			continue;
		map_put(t->env_set, entry->key, (char *)text);
		vec_push(cur->a, &set,
		    ((struct assignment){ x->name,
			arena_printf(cur->a, "%s=%s", x->name, text) }));
		if (x->var->secret || compiler_is_secret(cur->c, entry->key))
			cursor_learn(cur, value_cstr(text));
	}
	t->env = env_build(cur->a, cur->c, cur->scope, &set);
	t->env_is_shared = set.n == 0;
}

enum compile_status
env_resolve(struct cursor *cur, struct err *e)
{
	const struct map_entry *entry;

	if (!eval_static(cur, e))
		return COMPILE_FAILED;
	map_each(cur->env, entry) {
		struct env_entry *x = entry->value;

		if (x->skipped || x->cell.done)
			continue;
		resolve_entry(cur, x);
		if (cur->eager && !x->cell.done)
			break;
	}
	if (cur->needs.n > 0)
		return COMPILE_NEEDS_SHELL;
	if (cur->waiting)
		return COMPILE_WAITS;
	env_finish(cur);
	return COMPILE_DONE;
}
