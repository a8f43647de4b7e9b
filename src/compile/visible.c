/* SPDX-License-Identifier: MIT */
/* The variables and the environment that --summary shows (C-182, C-183). */
#include "compile/internal.h"

static bool
is_hidden(const struct compiler *c, const char *name)
{
	static const char *const prefixes[] = { "TASK_", "CLI_", "ROOT_" };
	static const char *const names[] = { "TASK", "TASKFILE",
		"TASKFILE_DIR", "USER_WORKING_DIR", "ALIAS", "MATCH",
		"PATH_LIST_SEPARATOR", "FILE_PATH_SEPARATOR" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return map_get(c->os_env, sv_of(name)) != NULL;
}

/* One that only has the name of a secret is shown as go-task shows it where its
 * answers are wanted. */
static struct visible_var
visible_var(const struct cursor *cur, const char *name, const struct var *v,
    const struct cell *cell)
{
	return (struct visible_var){ .name = name, .value = cell->value,
		.sh = cell->sh,
		.secret = v->secret ||
			  (!cur->eager &&
			      compiler_is_secret(cur->c, sv_of(name))) };
}

static void
visible_add_vars(struct cursor *cur, visible_vec *out)
{
	struct map *seen = map_new(cur->a);
	struct place from = { LAYER_ENV, 0 };
	struct slot *s;

	while ((s = scope_next(cur, &from, PLACE_END)) != NULL) {
		struct slot *last =
		    scope_lookup(cur, sv_of(s->name), PLACE_END);

		/* a later layer's value stands in the first one's place */
		if (map_get(seen, sv_of(s->name)) != NULL)
			continue;
		map_put(seen, sv_of(s->name), s);
		if (!is_hidden(cur->c, s->name) &&
		    map_get(cur->env, sv_of(s->name)) == NULL)
			vec_push(cur->a, out,
			    visible_var(cur, s->name, last->var,
				cell_of(cur, last)));
	}
}

/* What the task's sources gave it is shown by name alone, as go-task does. */
static void
add_source_values(struct cursor *cur, visible_vec *out)
{
	static const char *const names[] = { "CHECKSUM", "TIMESTAMP" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (scope_lookup(cur, sv_of(names[i]), PLACE_END) == NULL &&
		    value_map_has(cur->data, sv_of(names[i])) &&
		    !is_hidden(cur->c, names[i]))
			vec_push(cur->a, out,
			    ((struct visible_var){ .name = names[i],
				.value = value_cstr("") }));
}

void
compile_visible_vars(struct arena *a, struct compiler *c,
    const struct call *call, const struct match *m, visible_vec *variables,
    visible_vec *env)
{
	struct cursor *cur = compile_begin(a, c, call, m, COMPILE_FAST);
	struct err ignored cleanup_err = ERR_INIT;
	const struct map_entry *e;

	need_everything(cur);
	if (compile_step(cur, &ignored) != COMPILE_DONE)
		return;
	visible_add_vars(cur, variables);
	add_source_values(cur, variables);
	map_each(cur->env, e) {
		const struct env_entry *x = e->value;

		if (!x->skipped && !is_hidden(c, x->name))
			vec_push(a, env,
			    visible_var(cur, x->name, x->var, &x->cell));
	}
}
