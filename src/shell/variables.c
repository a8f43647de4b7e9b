/* SPDX-License-Identifier: MIT */
/* Variables: those that the snippet has set, over the environment. */
#include "shell/run.h"

const char *
env_get(char *const *env, sv name)
{
	for (; *env != NULL; env++)
		if (strncmp(*env, name.p, name.n) == 0 && (*env)[name.n] == '=')
			return *env + name.n + 1;
	return NULL;
}

static struct variable *
variable_find(const struct snippet_run *r, sv name)
{
	struct variable *v;

	vec_each(&r->variables, v)
		if (sv_eq(v->name, name))
			return v;
	return NULL;
}

const char *
variable_get(const struct snippet_run *r, sv name)
{
	const struct variable *v = variable_find(r, name);

	return v != NULL ? v->value : env_get(r->env, name);
}

static struct variable *
variable_own(struct snippet_run *r, sv name)
{
	struct variable *v = variable_find(r, name);
	struct variable fresh = { .name = sv_dup(r->a, name) };

	if (v != NULL)
		return v;
	fresh.value = env_get(r->env, name);
	fresh.exported = fresh.value != NULL;
	vec_push(r->a, &r->variables, fresh);
	return &r->variables.v[r->variables.n - 1];
}

void
variable_set(struct snippet_run *r, sv name, const char *value)
{
	variable_own(r, name)->value = arena_strdup(r->a, value);
	/* programs are looked for anew */
	if (sv_is(name, "PATH"))
		r->found.n = 0;
}

void
variable_unset(struct snippet_run *r, sv name)
{
	struct variable *v = variable_own(r, name);

	v->value = NULL;
	v->exported = false;
	if (sv_is(name, "PATH"))
		r->found.n = 0;
}

void
variable_export(struct snippet_run *r, sv name)
{
	variable_own(r, name)->exported = true;
}

static bool
is_set_in(const variable_vec *list, const char *entry)
{
	const char *end = strchr(entry, '=');
	struct variable *v;

	if (end == NULL)
		return false;
	vec_each(list, v)
		if (v->name.n == (size_t)(end - entry) &&
		    memcmp(v->name.p, entry, v->name.n) == 0)
			return true;
	return false;
}

static const char *
entry_of(struct snippet_run *r, sv name, const char *value)
{
	return arena_concat(r->a, sv_cstr(r->a, name), "=", value, NULL);
}

/* bash counts itself; it is there for prun's convenience alone. */
static const char *
shell_level(struct snippet_run *r)
{
	const char *level = env_get(r->env, SV("SHLVL"));

	return level != NULL && strcmp(level, "0") != 0
		   ? arena_concat(r->a, "SHLVL=", level, NULL)
		   : "SHLVL=1";
}

char *const *
run_environment(
    struct snippet_run *r, const variable_vec *before, const char *path)
{
	argv_vec out = { 0 };
	const struct variable *v;

	for (char *const *env = r->env; *env != NULL; env++)
		if (!is_set_in(&r->variables, *env) &&
		    !is_set_in(before, *env) &&
		    (path == NULL || strncmp(*env, "_=", 2) != 0) &&
		    strncmp(*env, "SHLVL=", 6) != 0)
			vec_push(r->a, &out, *env);
	vec_each(&r->variables, v) {
		bool over = false;

		for (size_t i = 0; i < before->n; i++)
			over |= sv_eq(before->v[i].name, v->name);
		if (v->exported && v->value != NULL && !over)
			vec_push(r->a, &out, entry_of(r, v->name, v->value));
	}
	for (size_t i = 0; i < before->n; i++)
		vec_push(r->a, &out,
		    entry_of(r, before->v[i].name, before->v[i].value));
	vec_push(r->a, &out, shell_level(r));
	if (path != NULL)
		vec_push(r->a, &out, arena_concat(r->a, "_=", path, NULL));
	vec_push(r->a, &out, NULL);
	return (char *const *)out.v;
}
