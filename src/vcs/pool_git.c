/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/pool_internal.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"

void
pool_say(const struct pool *p, const char *fmt, ...)
{
	va_list ap;

	if (p->say == NULL)
		return;
	va_start(ap, fmt);
	p->say(p->ctx, arena_vprintf(p->git->a, fmt, ap));
	va_end(ap);
}

static const char *const quiet_config[][2] = {
	/* a hook of the user is for the user's trees */
	{ "core.hooksPath", "/dev/null" },
	{ "core.fsmonitor", "false" },
	{ "gc.auto", "0" },
	{ "maintenance.auto", "false" },
	/* milliseconds that a lock of another git is waited for */
	{ "core.filesRefLockTimeout", "5000" },
	{ "core.packedRefsTimeout", "10000" },
	/* a test may have put times back */
	{ "core.trustctime", "true" },
	{ "core.checkStat", "default" },
	{ "core.ignoreStat", "false" },
	{ "core.untrackedCache", "false" },
	{ "checkout.workers", "0" },
	{ "submodule.recurse", "false" },
	/* nothing of a branch is written to the config */
	{ "branch.autoSetupMerge", "false" },
	{ "branch.autoSetupRebase", "never" },
	/* pool_fill() does it; and git-lfs need not be there */
	{ "filter.lfs.smudge", "cat" },
	{ "filter.lfs.process", "" },
	{ "filter.lfs.required", "false" },
};
enum {
	N_QUIET = sizeof(quiet_config) / sizeof(quiet_config[0])
};

struct git
pool_quiet(const struct git *g)
{
	static const char *const more[] = { "GIT_TERMINAL_PROMPT=0",
		"GIT_OPTIONAL_LOCKS=0", "GIT_LFS_SKIP_SMUDGE=1" };
	struct git git = *g;
	struct arena *a = g->a;
	VEC(char *) env = { 0 };

	for (char **v = git_clean_env(a, g->env); *v != NULL; v++)
		vec_push(a, &env, *v);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		vec_push(a, &env, arena_strdup(a, more[i]));
	for (int i = 0; i < N_QUIET; i++) {
		vec_push(a, &env,
		    arena_printf(
			a, "GIT_CONFIG_KEY_%d=%s", i, quiet_config[i][0]));
		vec_push(a, &env,
		    arena_printf(
			a, "GIT_CONFIG_VALUE_%d=%s", i, quiet_config[i][1]));
	}
	vec_push(a, &env, arena_printf(a, "GIT_CONFIG_COUNT=%d", N_QUIET));
	vec_push(a, &env, NULL);
	git.env = env.v;
	/* what is begun is done, whatever is typed */
	git.own_group = true;
	return git;
}

struct git
pool_git_at(const struct git *g, const char *git_dir)
{
	struct git git = pool_quiet(g);
	VEC(char *) env = { 0 };

	for (char **v = git.env; *v != NULL; v++)
		vec_push(g->a, &env, *v);
	vec_push(g->a, &env, arena_printf(g->a, "GIT_DIR=%s", git_dir));
	vec_push(g->a, &env, NULL);
	git.env = env.v;
	git.top = git_dir;
	return git;
}

/* ---- git's bookkeeping of worktrees ---- */

/* A line in a file of the folder; empty where there is none. */
static sv
admin_line(struct arena *a, const char *dir, const char *name)
{
	const char *path = path_join(a, sv_of(dir), sv_of(name));
	struct err none cleanup_err = ERR_INIT;
	sv text;

	if (!path_exists(path) || !read_file(a, path, &text, &none))
		return (sv){ NULL, 0 };
	return sv_trim(text);
}

/* All folders of it, as paths. */
static void
list_admin_dirs(struct arena *a, const char *common_dir, string_vec *out)
{
	const char *all = path_join(a, sv_of(common_dir), SV("worktrees"));
	DIR *d cleanup_dir = opendir(all);
	struct dirent *entry;

	*out = (string_vec){ 0 };
	while (d != NULL && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			vec_push(a, out,
			    path_join(a, sv_of(all), sv_of(entry->d_name)));
}

/* The work tree that the folder is for; NULL: it does not say. */
static const char *
admin_tree(struct arena *a, const char *dir)
{
	sv file = admin_line(a, dir, "gitdir");

	if (file.n == 0)
		return NULL;
	/* git may note it as seen from the folder */
	return path_real(
	    a, path_dir(a, sv_of(path_resolve(a, sv_of(dir), file))));
}

const char *
pool_admin_in(struct arena *a, const char *common_dir, const char *path)
{
	const char *real = path_real(a, path), *tree;
	string_vec dirs;

	list_admin_dirs(a, common_dir, &dirs);
	for (size_t i = 0; i < dirs.n; i++)
		if ((tree = admin_tree(a, dirs.v[i])) != NULL &&
		    strcmp(tree, real) == 0)
			return dirs.v[i];
	return NULL;
}

const char *
pool_admin_dir(const struct pool *p, const char *path)
{
	return pool_admin_in(p->git->a, p->git->common_dir, path);
}

void
pool_all_trees(const struct pool *p, string_vec *out)
{
	struct arena *a = p->git->a;
	struct pool_record r;
	pool_numbers known;
	string_vec dirs;
	const char *tree;

	*out = (string_vec){ 0 };
	vec_push(a, out, p->git->top);
	if (strcmp(path_base(a, sv_of(p->git->common_dir)), ".git") == 0)
		vec_push(a, out, path_dir(a, sv_of(p->git->common_dir)));
	list_admin_dirs(a, p->git->common_dir, &dirs);
	for (size_t i = 0; i < dirs.n; i++)
		if ((tree = admin_tree(a, dirs.v[i])) != NULL)
			vec_push(a, out, tree);
	/* of clones git knows nothing */
	pool_known(p, &known);
	for (size_t i = 0; i < known.n; i++)
		if (pool_record_read(p, pool_tree_name(a, known.v[i]), &r))
			vec_push(a, out, r.path);
}

sv
pool_admin_reason(const struct pool *p, const char *admin)
{
	return admin_line(p->git->a, admin, "locked");
}

const char *
pool_reason(const struct pool *p, const char *tree)
{
	return arena_printf(p->git->a,
	    "prun pool %s session %s pid %ld; to remove it: prun --worktrees "
	    "clean",
	    tree, p->session, (long)getpid());
}

bool
pool_reason_is_ours(sv reason, const char *tree)
{
	sv name;

	if (!sv_starts(reason, SV("prun pool ")))
		return false;
	sv_cut(sv_sub(reason, sizeof("prun pool ") - 1, SIZE_MAX), ' ', &name,
	    &reason);
	return sv_is(name, tree);
}

/* What a git that was killed has left: a folder with our reason that no tree
 * goes with, or an empty one of the name that git gives it.  The bookkeeping is
 * locked, and so is the lease. */
void
pool_admin_sweep_dead(const struct pool *p, const char *tree, const char *path)
{
	struct err none cleanup_err = ERR_INIT;
	struct arena *a = p->git->a;
	const char *whole = pool_admin_dir(p, path);
	string_vec dirs;

	list_admin_dirs(a, p->git->common_dir, &dirs);
	for (size_t i = 0; i < dirs.n; i++) {
		const char *dir = dirs.v[i];

		if (whole != NULL && strcmp(whole, dir) == 0)
			continue;
		if (pool_reason_is_ours(admin_line(a, dir, "locked"), tree))
			remove_all(dir, &none);
		else if (sv_starts(
			     sv_of(path_base(a, sv_of(dir))), sv_of(tree)))
			rmdir(dir); /* fails where anything is in it */
	}
	rmdir(path_join(a, sv_of(p->git->common_dir), SV("worktrees")));
}

bool
pool_branch_look(const struct pool *p, const char *branch, const char **commit,
    const char **where, struct err *e)
{
	const char *ref = arena_printf(p->git->a, "refs/heads/%s", branch);
	sv text, id;

	if (!git_run(p->git,
		GIT_WORDS("for-each-ref",
		    "--format=%(objectname) %(worktreepath)", ref),
		&text, e))
		return false;
	sv_cut(sv_trim(text), ' ', &id, &text);
	*commit = sv_cstr(p->git->a, id);
	*where = sv_cstr(p->git->a, sv_trim(text));
	return true;
}
