/* SPDX-License-Identifier: MIT */
/* dash in bash's place: where it is, and what it is started with. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/shell.h"

#include <sys/stat.h>

#include "base/vec.h"
#include "exec/posix.h"

extern char **environ;

static bool
dash_is_program(const char *path, struct stat *st)
{
	return stat(path, st) == 0 && S_ISREG(st->st_mode) &&
	       (st->st_mode & 0111) != 0;
}

/* The first of that name on PATH. */
static const char *
first_on_path(
    struct arena *a, const char *path_env, const char *name, struct stat *st)
{
	sv rest = sv_of(path_env), dir;
	bool more = true;

	while (more) {
		const char *path;

		more = sv_cut(rest, ':', &dir, &rest);
		if (dir.n == 0 || dir.p[0] != '/')
			continue;
		path = arena_printf(a, "%.*s/%s", SV_ARG(dir), name);
		if (dash_is_program(path, st))
			return path;
	}
	return NULL;
}

/* Many a program could be called dash; the one that is this system's sh, too,
 * is a shell, and no other shell has that name. */
void
shell_find_dash(struct arena *a, const char *path_env, struct shell *sh)
{
	struct stat dash, posix;
	const char *path;

	sh->dash = NULL;
	if (!sh->is_bash || path_env == NULL)
		return;
	path = first_on_path(a, path_env, "dash", &dash);
	if (path != NULL && dash_is_program("/bin/sh", &posix) &&
	    dash.st_dev == posix.st_dev && dash.st_ino == posix.st_ino)
		sh->dash = path;
}

static bool
is_only_errexit(const char *const *set)
{
	for (; set != NULL && *set != NULL; set++)
		if (strcmp(*set, "e") != 0 && strcmp(*set, "errexit") != 0)
			return false;
	return true;
}

bool
shell_plan_by_dash(struct arena *a, const struct shell *sh, const char *text,
    const char *const *set, const char *const *shopt, const char *dir,
    char *const *env, struct shell_plan *out)
{
	struct posix_job job = { sv_of(text), env != NULL ? env : environ, dir,
		sh->path };
	VEC(const char *) argv = { 0 };

	if (sh->dash == NULL || sh->no_dash || !is_only_errexit(set) ||
	    (shopt != NULL && *shopt != NULL) ||
	    (out->script = posix_script(a, &job)) == NULL)
		return false;
	vec_push(a, &argv, sh->dash);
	vec_push(a, &argv, "-e");
	vec_push(a, &argv, "-c");
	out->script_at = argv.n;
	vec_push(a, &argv, out->script);
	vec_push(a, &argv, "gosh");
	vec_push(a, &argv, NULL);
	out->kind = SHELL_SCRIPT;
	out->by_dash = true;
	out->program = sh->dash;
	out->argv = argv.v;
	return true;
}

/* bash counts its level, and forgets a folder that is no more. */
char *const *
shell_dash_env(struct arena *a, char *const *env)
{
	VEC(const char *) out = { 0 };
	bool has_level = false;
	struct stat st;

	for (; *env != NULL; env++) {
		has_level |= str_starts(*env, "SHLVL=");
		if (!str_starts(*env, "OLDPWD=") ||
		    (stat(*env + 7, &st) == 0 && S_ISDIR(st.st_mode)))
			vec_push(a, &out, *env);
	}
	if (!has_level)
		vec_push(a, &out, "SHLVL=1");
	vec_push(a, &out, NULL);
	return (char *const *)out.v;
}
