/* SPDX-License-Identifier: MIT */
/* Where programs are: what a name means on PATH, and which shell there is. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/shell.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/vec.h"
#include "exec/capture.h"

extern char **environ;

static const char *
path_of(char *const *env)
{
	const char *found = NULL;

	for (env = env != NULL ? env : environ; *env != NULL; env++)
		if (str_starts(*env, "PATH="))
			found = *env + 5;
	return found != NULL ? found : "";
}

/* 0 or the errno of not being a program. */
static int
not_executable(const char *path, struct stat *st)
{
	if (stat(path, st) != 0)
		return errno;
	if (S_ISDIR(st->st_mode))
		return EISDIR;
	return (st->st_mode & 0111) != 0 ? 0 : EACCES;
}

static const char *
look_up_path(struct arena *a, const char *name, const char *dir,
    const char **why)
{
	const char *path = name;
	struct stat st;
	int error;

	if (name[0] != '/' && dir != NULL)
		path = path_join(a, sv_of(dir), sv_of(name));
	error = not_executable(path, &st);
	if (error == 0)
		return path;
	if (error == EISDIR || error == EACCES)
		*why = arena_strdup(a, errno_text(error));
	else
		*why = arena_printf(a, "stat %s: %s", path, errno_text(error));
	return NULL;
}

const char *
shell_look_up(struct arena *a, const char *name, const char *dir,
    char *const *env, const char **why)
{
	sv rest = sv_of(path_of(env)), entry;
	size_t name_n = strlen(name);
	bool more = true;

	if (strchr(name, '/') != NULL)
		return look_up_path(a, name, dir, why);
	while (more && name_n > 0) {
		struct arena_mark mark = arena_mark(a);
		struct stat st;
		struct sb path cleanup_sb = SB_INIT;

		more = sv_cut(rest, ':', &entry, &rest);
		if ((entry.n == 0 || entry.p[0] != '/') && dir != NULL) {
			sb_adds(&path, dir);
			sb_addc(&path, '/');
		}
		sb_addv(&path, entry);
		if (path.n > 0 && path.p[path.n - 1] != '/')
			sb_addc(&path, '/');
		sb_add(&path, name, name_n);
		if (not_executable(sb_cstr(&path), &st) == 0)
			return sb_take(&path, a).p;
		arena_release(a, mark);
	}
	*why = arena_printf(a, "%s: executable file not found in $PATH",
	    quote_go(a, sv_of(name)));
	return NULL;
}

/* The shell -------------------------------------------------------------- */

struct candidate {
	const char *path;
	dev_t dev;
	ino_t ino;
};
typedef VEC(struct candidate) candidate_vec;

/* The different files `name` on PATH, in its order. */
static void
find_candidates(struct arena *a, sv path, const char *name, candidate_vec *out)
{
	bool more = true;

	while (more) {
		struct candidate c = { 0 };
		struct stat st;
		bool seen = false;
		sv dir;

		more = sv_cut(path, ':', &dir, &path);
		if (dir.n == 0 || dir.p[0] != '/')
			continue;
		c.path = arena_printf(a, "%.*s/%s", SV_ARG(dir), name);
		if (not_executable(c.path, &st) != 0)
			continue;
		c.dev = st.st_dev;
		c.ino = st.st_ino;
		for (size_t i = 0; i < out->n; i++)
			seen |= out->v[i].dev == c.dev && out->v[i].ino == c.ino;
		if (!seen)
			vec_push(a, out, c);
	}
}

static void
ask_version(struct arena *a, struct shell *sh)
{
	const char *argv[] = { sh->path, "--norc", "-p", "-c",
		"echo ${BASH_VERSINFO[0]} ${BASH_VERSINFO[1]}", NULL };
	struct capture c = { .argv = argv, .env = shell_env_plain(a, NULL) };
	struct err e cleanup_err = ERR_INIT;
	int status;
	char *end;
	sv out;

	if (!capture_run(a, &c, &status, &out, NULL, &e) || status != 0)
		return;
	sh->bash_major = (int)strtol(out.p, &end, 10);
	sh->bash_minor = (int)strtol(end, NULL, 10);
}

static bool
is_newer(const struct shell *one, const struct shell *other)
{
	if (one->bash_major != other->bash_major)
		return one->bash_major > other->bash_major;
	return one->bash_minor > other->bash_minor;
}

bool
shell_has_bash(struct arena *a, const char *path_env)
{
	sv rest = sv_of(path_env != NULL ? path_env : ""), dir;
	bool more = true;

	while (more) {
		struct stat st;

		more = sv_cut(rest, ':', &dir, &rest);
		if (dir.n > 0 && dir.p[0] == '/' &&
		    not_executable(
			arena_printf(a, "%.*s/bash", SV_ARG(dir)), &st) == 0)
			return true;
	}
	return false;
}

static bool
find_bash(struct arena *a, sv path, struct shell *out)
{
	candidate_vec found = { 0 };

	find_candidates(a, path, "bash", &found);
	for (size_t i = 0; i < found.n; i++) {
		struct shell sh = { .path = found.v[i].path, .is_bash = true };

		/* Asking costs a process: only where there is a choice.  A
		 * lone bash is taken to be of this decade, but for the one
		 * that macOS never updates. */
		if (found.n > 1)
			ask_version(a, &sh);
#ifdef __APPLE__
		else if (strcmp(sh.path, "/bin/bash") == 0)
			sh.bash_major = 3, sh.bash_minor = 2;
#endif
		if (i == 0 || is_newer(&sh, out))
			*out = sh;
	}
	return found.n > 0;
}

bool
shell_find(struct arena *a, const char *path_env, struct shell *out,
    struct err *e)
{
	sv path = sv_of(path_env != NULL ? path_env : "");
	candidate_vec sh = { 0 };
	bool fast = out->fast, asks = out->asks;
	bool steps = out->steps, no_dash = out->no_dash;

	*out = (struct shell){ 0 };
	if (!find_bash(a, path, out)) {
		find_candidates(a, path, "sh", &sh);
		if (sh.n == 0)
			find_candidates(a, SV("/bin:/usr/bin"), "sh", &sh);
		if (sh.n == 0)
			return err_set(e, ERR_TASK_FAILED,
			    "\"bash\": executable file not found in $PATH");
		out->path = sh.v[0].path;
	}
	out->fast = fast;
	out->steps = steps;
	out->asks = asks;
	out->no_dash = no_dash;
	return true;
}
