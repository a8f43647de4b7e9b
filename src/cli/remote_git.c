/* SPDX-License-Identifier: MIT */
/*
 * C-640: files of git repositories, cloned once per run by the git program.
 * The clones of a run lie in a folder of their own, so that runs side by side
 * neither remove nor reuse what another is reading.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"
#include "cli/remote_internal.h"
#include "exec/capture.h"
#include "vcs/git.h"

extern char **environ;

enum { STALE_SECONDS = 24 * 3600 };

/* ---- where clones lie ---- */

static const char prefix[] = "prun-git-";

/* Folders that killed runs have left. */
static void
sweep(struct remote *r, const char *folder)
{
	DIR *d cleanup_dir = opendir(folder);
	const struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct err ignored cleanup_err = ERR_INIT;
		const char *path = arena_printf(r->a, "%s/%s", folder,
		    entry->d_name);
		struct stat st;

		if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) == 0 &&
		    lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
		    st.st_uid == geteuid() &&
		    st.st_mtime < time(NULL) - STALE_SECONDS)
			remove_all(path, &ignored);
	}
}

static const char *
make_in(struct remote *r, const char *folder)
{
	struct err ignored cleanup_err = ERR_INIT;
	char *path = arena_printf(r->a, "%s/%sXXXXXX", folder, prefix);

	if (!mkdir_all(folder, 0700, &ignored))
		return NULL;
	sweep(r, folder);
	return mkdtemp(path);
}

static bool
open_clones(struct remote *r, struct err *e)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	const char *tmp = getenv("TMPDIR");

	if (r->clones != NULL)
		return true;
	if ((cache == NULL || *cache != '/') && home != NULL && *home == '/')
		cache = path_join(r->a, sv_of(home), SV(".cache"));
	if (cache != NULL && *cache == '/')
		r->clones = make_in(r,
		    path_join(r->a, sv_of(cache), SV("prun")));
	if (r->clones == NULL)
		r->clones = make_in(r, tmp && *tmp ? tmp : "/tmp");
	return r->clones != NULL ||
	    err_sys(e, errno, "mkdir %s", tmp && *tmp ? tmp : "/tmp");
}

/* ---- git ---- */

static void
add_env(struct arena *a, string_vec *env, const char *name, const char *text)
{
	vec_push(a, env, arena_printf(a, "%s=%s", name, text));
}

/* The password comes to git by the environment: arguments can be seen by
 * other users, and git hands a URL on to its helpers as one. */
static char *const *
environment(struct remote *r, const struct url *repo)
{
	char **clean = git_clean_env(r->a, environ);
	string_vec env = { 0 };
	const char *told = getenv("GIT_CONFIG_COUNT");
	long n = told ? strtol(told, NULL, 10) : 0;

	for (; *clean != NULL; clean++)
		vec_push(r->a, &env, *clean);
	if (repo->has_password) {
		const char *helper = "!f() { printf 'password=%s\\n' "
				     "\"$PRUN_GIT_PASSWORD\"; }; f";

		n = n < 0 ? 0 : n;
		add_env(r->a, &env, "PRUN_GIT_PASSWORD",
		    sv_cstr(r->a, repo->password));
		add_env(r->a, &env,
		    arena_printf(r->a, "GIT_CONFIG_KEY_%ld", n),
		    "credential.helper");
		add_env(r->a, &env,
		    arena_printf(r->a, "GIT_CONFIG_VALUE_%ld", n), helper);
		add_env(r->a, &env, "GIT_CONFIG_COUNT",
		    arena_printf(r->a, "%ld", n + 1));
	}
	vec_push(r->a, &env, NULL);
	return (char *const *)env.v;
}

static bool
run_git(struct remote *r, const struct remote_file *f, const char *folder,
    struct err *e)
{
	struct url repo = f->at.repo;
	const char *ref = sv_cstr(r->a, f->at.ref);
	VEC(const char *) argv = { 0 };
	struct capture c = { .deadline_ns = r->deadline_ns };
	sv out, said;
	int status;

	c.env = environment(r, &repo);
	repo.has_password = false;
	repo.password = SV("");
#define ARG(s) vec_push(r->a, &argv, s)
	ARG("git");
	ARG("clone");
	ARG("--depth=1");
	if (*ref != '\0')
		ARG(arena_printf(r->a, "--branch=%s", ref));
	ARG("--recurse-submodules");
	ARG("--shallow-submodules");
	ARG("--");
	ARG(source_text(r->a, &repo, false));
	ARG(folder);
	ARG(NULL);
#undef ARG
	c.argv = argv.v;
	if (!capture_run(r->a, &c, &status, &out, &said, e))
		return e->code == ERR_FETCH_TIMEOUT
		    ? false
		    : err_wrap(e, "failed to clone repository: ");
	return status == 0 ||
	    err_set(e, ERR_GENERIC,
		"failed to clone repository: git exited with %d: %.*s", status,
		SV_ARG(sv_trim(said)));
}

/* The folder of the clone that a file lies in. */
static const char *
clone_of(struct remote *r, const struct remote_file *f, struct err *e)
{
	sv path = f->at.repo.path, ref = f->at.ref;
	const char *id;
	char *folder;

	while (path.n > 0 && path.p[0] == '/')
		path = sv_sub(path, 1, SIZE_MAX);
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	if (ref.n == 0)
		ref = SV("_default_");
	id = arena_printf(r->a, "%.*s/%.*s/%.*s", SV_ARG(f->at.repo.host),
	    SV_ARG(path), SV_ARG(ref));
	folder = map_get(r->by_repo, sv_of(id));
	if (folder != NULL)
		return folder;
	if (!open_clones(r, e))
		return NULL;
	/* hashed, so that a hostile ref is no path */
	folder = arena_printf(r->a, "%s/git/%s", r->clones,
	    sha256_hex(r->a, sv_of(id)));
	if (!mkdir_all(path_dir(r->a, sv_of(folder)), 0700, e) ||
	    !run_git(r, f, folder, e))
		return NULL;
	map_put(r->by_repo, sv_of(id), folder);
	return folder;
}

bool
remote_git_read(struct remote *r, const struct remote_file *f, sv *text,
    struct err *e)
{
	const char *folder = clone_of(r, f, e), *path;
	struct stat st;

	if (folder == NULL)
		return false;
	/* cleaned as if the repository were the root: no way leads out */
	path = arena_printf(r->a, "%s%s", folder,
	    path_clean(r->a,
		sv_of(arena_printf(r->a, "/%.*s", SV_ARG(f->at.inside)))));
	if (stat(path, &st) != 0)
		return err_sys(e, errno, "stat %s", path);
	if (S_ISDIR(st.st_mode) &&
	    source_search(r->a, path, taskfile_names, &path, e) !=
		SEARCH_FOUND)
		return err_set(e, ERR_GENERIC, "file does not exist");
	return read_file(r->a, path, text, e);
}
