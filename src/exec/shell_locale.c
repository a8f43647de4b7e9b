/* SPDX-License-Identifier: MIT */
/*
 * bash warns at its start where LC_ALL names a locale that is not installed
 * ("cannot change locale"), also of a command that has nothing to do with it.
 * go-task's shell has no locale and says nothing.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/shell.h"

#include <locale.h>
#ifdef HAVE_XLOCALE_H
#include <xlocale.h>
#endif

#include "base/map.h"
#include "base/vec.h"

extern char **environ;

static const char known[] = "installed", unknown[] = "missing";

static const char *
locale_look(const char *name)
{
	locale_t l = newlocale(LC_ALL_MASK, name, (locale_t)0);

	if (l == (locale_t)0)
		return unknown;
	freelocale(l);
	return known;
}

/* Loading one takes longer than to remember that it could be. */
static bool
locale_is_missing(const struct shell *sh, const char *name)
{
	const char *answer =
	    sh->locales != NULL ? map_get(sh->locales, sv_of(name)) : NULL;

	if (answer == NULL) {
		answer = locale_look(name);
		if (sh->locales != NULL)
			map_put(sh->locales, sv_of(name), (void *)answer);
	}
	return answer == unknown;
}

void
shell_add_word(struct sb *out, const char *text)
{
	sb_addc(out, '\'');
	for (; *text != '\0'; text++)
		if (*text == '\'')
			sb_adds(out, "'\\''");
		else
			sb_addc(out, *text);
	sb_addc(out, '\'');
}

/* LC_ALL where it is why bash would warn; else NULL. */
static const char *
bad_locale(const struct shell *sh, char *const *env)
{
	const char *name = NULL;

	if (!sh->is_bash)
		return NULL;
	for (; *env != NULL; env++)
		if (str_starts(*env, "LC_ALL="))
			name = *env + 7;
	return name != NULL && *name != '\0' && locale_is_missing(sh, name)
		   ? name
		   : NULL;
}

char *const *
shell_env_plain(struct arena *a, char *const *env)
{
	VEC(const char *) out = { 0 };

	for (env = env != NULL ? env : environ; *env != NULL; env++)
		if (!str_starts(*env, "LC_ALL="))
			vec_push(a, &out, *env);
	vec_push(a, &out, "LC_ALL=C");
	vec_push(a, &out, NULL);
	return (char *const *)out.v;
}

/* Puts the user's value in its place, without the warning for that. */
static void
add_restore(struct sb *out, const char *name)
{
	sb_adds(out, "{ LC_ALL=");
	shell_add_word(out, name);
	sb_adds(out, "; } 2>/dev/null; ");
}

char *const *
shell_plan_hush(struct arena *a, const struct shell *sh, char *const *env,
    struct shell_plan *plan)
{
	VEC(const char *) argv = { 0 };
	struct sb text cleanup_sb = SB_INIT;
	const char *name;

	if (env == NULL)
		env = environ;
	if (plan->by_dash)
		return shell_dash_env(a, env);
	if (plan->kind != SHELL_SCRIPT || (name = bad_locale(sh, env)) == NULL)
		return env;
	add_restore(&text, name);
	sb_adds(&text, plan->script);
	for (const char *const *arg = plan->argv; *arg != NULL; arg++)
		vec_push(a, &argv, *arg);
	plan->script = sb_take(&text, a).p;
	argv.v[plan->script_at] = plan->script;
	vec_push(a, &argv, NULL);
	plan->argv = argv.v;
	return shell_env_plain(a, env);
}

char *const *
shell_file_hush(struct arena *a, const struct shell *sh, char *const *env,
    const char *const **argv)
{
	VEC(const char *) out = { 0 };
	struct sb text cleanup_sb = SB_INIT;
	const char *name = bad_locale(sh, env);

	if (name == NULL)
		return env;
	add_restore(&text, name);
	sb_adds(&text, ". \"$0\"");
	vec_push(a, &out, (*argv)[0]);
	vec_push(a, &out, "-c");
	vec_push(a, &out, sb_take(&text, a).p);
	for (const char *const *arg = *argv + 1; *arg != NULL; arg++)
		vec_push(a, &out, *arg);
	vec_push(a, &out, NULL);
	*argv = out.v;
	return shell_env_plain(a, env);
}
