/* SPDX-License-Identifier: MIT */
#include "project/environment.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

extern char **environ;

void
environment_open(struct arena *a, struct environment *out)
{
	*out = (struct environment){ .a = a };
}

static struct environment_change *
change_of(const struct environment *env, sv name)
{
	for (size_t i = 0; i < env->changes.n; i++)
		if (sv_is(name, env->changes.v[i].name))
			return &env->changes.v[i];
	return NULL;
}

void
environment_set(struct environment *env, const char *name, const char *text)
{
	struct environment_change *c = change_of(env, sv_of(name));

	if (c != NULL)
		c->text = text;
	else
		vec_push(env->a, &env->changes,
		    ((struct environment_change){ name, text }));
}

const char *
environment_get(const struct environment *env, const char *name)
{
	const struct environment_change *c = change_of(env, sv_of(name));

	return c != NULL ? c->text : getenv(name);
}

const char *
environment_answer(void *env, const char *name)
{
	return environment_get(env, name);
}

static char *
assignment(const struct environment *env, const struct environment_change *c)
{
	return arena_printf(env->a, "%s=%s", c->name, c->text);
}

char **
environment_block(struct environment *env)
{
	size_t n = 0, there = 0;
	sv name, text;

	if (env->block != NULL)
		return env->block;
	while (environ[there] != NULL)
		there++;
	env->block = arena_alloc(
	    env->a, (there + env->changes.n + 1) * sizeof(*env->block));
	for (char **p = environ; *p != NULL; p++) {
		const struct environment_change *c = NULL;

		if (sv_cut(sv_of(*p), '=', &name, &text))
			c = change_of(env, name);
		if (c == NULL)
			env->block[n++] = *p;
		else if (c->text != NULL)
			env->block[n++] = assignment(env, c);
	}
	for (size_t i = 0; i < env->changes.n; i++)
		if (env->changes.v[i].text != NULL &&
		    getenv(env->changes.v[i].name) == NULL)
			env->block[n++] = assignment(env, &env->changes.v[i]);
	env->block[n] = NULL;
	return env->block;
}

struct map *
environment_map(struct environment *env)
{
	sv name, text;

	if (env->map != NULL)
		return env->map;
	env->map = map_new(env->a);
	for (char **p = environment_block(env); *p != NULL; p++)
		if (sv_cut(sv_of(*p), '=', &name, &text))
			map_put(env->map, name, (void *)text.p);
	return env->map;
}
