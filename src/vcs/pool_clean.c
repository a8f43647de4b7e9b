/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/pool_internal.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"

static bool
same_place(struct arena *a, const char *x, const char *y)
{
	return strcmp(path_real(a, x), path_real(a, y)) == 0;
}

static const char *
own_git_file(const struct git *tree, const char *name)
{
	return path_join(tree->a, sv_of(tree->git_dir), sv_of(name));
}

const char *
pool_own_config(const struct git *tree)
{
	static const char *const names[] = { "config.worktree",
		"info/sparse-checkout" };
	struct err none cleanup_err = ERR_INIT;
	struct sb b cleanup_sb = SB_INIT;
	sv text;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = own_git_file(tree, names[i]);

		if (path_exists(path) && read_file(tree->a, path, &text, &none))
			sb_printf(
			    &b, "%s %zu\n%.*s", names[i], text.n, SV_ARG(text));
	}
	return b.n == 0 ? "" : sha256_hex(tree->a, sb_sv(&b));
}

bool
pool_is_sound(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, struct git *tree, const char **why)
{
	struct err said cleanup_err = ERR_INIT;
	struct arena *a = p->git->a;
	const char *admin;

	*why = NULL;
	if (!git_open(a, t->path, p->git->env, tree, &said)) {
		*why = arena_strdup(a, said.message);
		return false;
	}
	if (!same_place(a, tree->top, t->path)) {
		*why = "it has no .git of its own any more";
		return false;
	}
	if (r->kind == POOL_CLONE)
		return true; /* its git folder is made anew */
	admin = pool_admin_dir(p, t->path);
	if (admin == NULL || !same_place(a, tree->git_dir, admin) ||
	    !same_place(a, tree->common_dir, p->git->common_dir))
		*why = "its .git leads to another repository";
	else if (strcmp(r->own, pool_own_config(tree)) != 0)
		*why = "its own config was changed";
	return *why == NULL;
}

/* ---- what lies in git's folder of a worktree ---- */

static bool
is_own_name(const char *name)
{
	static const char *const names[] = { ".", "..", "HEAD", "commondir",
		"gitdir", "locked", "index", "logs", "refs", "config.worktree",
		"info", "reftable" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, "sharedindex.", 12) == 0;
}

/* A merge or rebase under way, locks of gits that are gone (nobody but the
 * holder of the lease works here), refs of this tree alone.  The commits that
 * they name are kept by now. */
static void
sweep_git_dir(
    const struct pool *p, const struct pool_tree *t, const struct git *tree)
{
	static const char *const refs[] = { "refs/worktree", "refs/bisect",
		"refs/rewritten" };
	struct err none cleanup_err = ERR_INIT;
	DIR *d cleanup_dir = opendir(tree->git_dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL)
		if (!is_own_name(entry->d_name))
			pool_remove_folder(
			    own_git_file(tree, entry->d_name), &none);
	for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++)
		remove_all(own_git_file(tree, refs[i]), &none);
	pool_unlock_branch(p, t);
}

/* Nobody's branch is moved: HEAD is ours again before anything is reset. */
static bool
put_head_back(const struct pool *p, const struct pool_tree *t,
    const struct git *quiet, struct err *e)
{
	const char *ref = arena_printf(p->git->a, "refs/heads/%s", t->branch);
	struct err none cleanup_err = ERR_INIT;
	const char *commit, *where;
	sv text = { NULL, 0 };

	/* a file that says so is believed */
	if (read_file(quiet->a, own_git_file(quiet, "HEAD"), &text, &none) &&
	    sv_is(sv_trim(text), arena_printf(quiet->a, "ref: %s", ref)))
		return true;
	text.n = 0;
	if (git_try(quiet, GIT_WORDS("symbolic-ref", "-q", "HEAD"), &text) &&
	    sv_is(sv_trim(text), ref))
		return true;
	if (!pool_branch_look(p, t->branch, &commit, &where, e))
		return false;
	if (*where != '\0' && !same_place(p->git->a, where, t->path))
		return err_set(e, ERR_GENERIC,
		    "prun: the branch %s is checked out in %s", t->branch,
		    where);
	text = sv_trim(text);
	pool_say(p, "%s: HEAD was %s%.*s; put back on %s", t->name,
	    text.n ? "on " : "detached", SV_ARG(text), t->branch);
	return git_run(quiet,
	    GIT_WORDS("symbolic-ref", "-m", "prun: put back", "HEAD", ref),
	    NULL, e);
}

/* Entries whose files git was told not to look at, or a file that is no index:
 * it is made anew, from which every file follows. */
static void
check_index(
    const struct pool *p, const struct pool_tree *t, const struct git *quiet)
{
	const char *what = NULL;
	bool skips = false;
	sv text, entry;

	if (!path_exists(own_git_file(quiet, "index")))
		return;
	if (!git_try(quiet, GIT_WORDS("ls-files", "-v", "-z"), &text)) {
		what = "the index was damaged";
		text.n = 0;
	}
	while (what == NULL && text.n > 0) {
		sv_cut(text, '\0', &entry, &text);
		if (entry.n > 0 && entry.p[0] >= 'a' && entry.p[0] <= 'z')
			what = "the index hid changes";
		skips = skips || (entry.n > 0 && entry.p[0] == 'S');
	}
	/* a sparse checkout has them, too */
	if (what == NULL && skips &&
	    (!git_try(quiet,
		 GIT_WORDS("config", "--type=bool", "core.sparseCheckout"),
		 &text) ||
		!sv_is(sv_trim(text), "true")))
		what = "the index hid changes";
	if (what == NULL)
		return;
	pool_say(p, "%s: %s; made anew", t->name, what);
	unlink(own_git_file(quiet, "index"));
}

static bool
reset_and_clean(const struct pool *p, const struct git *quiet, struct err *e)
{
	VEC(const char *) words = { 0 };

	if (!git_run(quiet, GIT_WORDS("reset", "--quiet", "--hard", p->commit),
		NULL, e))
		return false;
	vec_push(quiet->a, &words, "clean");
	vec_push(quiet->a, &words, "-ffdxq");
	for (size_t i = 0; i < p->keep.n; i++) {
		vec_push(quiet->a, &words, "-e");
		vec_push(quiet->a, &words, p->keep.v[i]);
	}
	vec_push(quiet->a, &words, NULL);
	return git_run(quiet, words.v, NULL, e);
}

/* What was kept, or is the session's commit, need not be found there again. */
static void
forget_reflogs(const struct git *quiet, const char *ref)
{
	struct stat st;

	/* most tests move neither */
	if (stat(own_git_file(quiet, "logs/HEAD"), &st) == 0 && st.st_size == 0)
		return;
	git_try(quiet,
	    GIT_WORDS("reflog", "expire", "--expire=all",
		"--expire-unreachable=all", "HEAD", ref),
	    NULL);
}

bool
pool_clean_tree(const struct pool *p, const struct pool_tree *t,
    const struct git *tree, struct err *e)
{
	const char *ref = arena_printf(p->git->a, "refs/heads/%s", t->branch);
	struct err first cleanup_err = ERR_INIT;
	struct git quiet = pool_quiet(tree);

	/* that of a clone is as new */
	if (strcmp(tree->git_dir, tree->common_dir) != 0)
		sweep_git_dir(p, t, tree);
	check_index(p, t, &quiet);
	if (!put_head_back(p, t, &quiet, e))
		return false;
	if (!reset_and_clean(p, &quiet, &first)) {
		/* what a test has made read-only */
		pool_make_writable(t->path);
		if (!reset_and_clean(p, &quiet, e))
			return false;
	}
	forget_reflogs(&quiet, ref);
	return true;
}
