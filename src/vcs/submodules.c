/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/submodules.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"
#include "vcs/lfs.h"

bool
submodules_list(const struct git *g, git_link_vec *out, struct err *e)
{
	sv text, entry, path, tag, mode, id;

	*out = (git_link_vec){ 0 };
	if (!git_run(g, GIT_WORDS("ls-files", "-s", "-v", "-z"), &text, e))
		return false;
	while (text.n > 0) {
		struct git_link l;

		sv_cut(text, '\0', &entry, &text);
		sv_cut(entry, '\t', &entry, &path);
		sv_cut(entry, ' ', &tag, &entry);
		sv_cut(entry, ' ', &mode, &entry);
		sv_cut(entry, ' ', &id, &entry);
		if (!sv_is(mode, "160000") || sv_is(tag, "S") ||
		    sv_is(tag, "s"))
			continue;
		l.path = sv_cstr(g->a, path);
		l.commit = sv_cstr(g->a, id);
		vec_push(g->a, out, l);
	}
	return true;
}

static const char *
place_in(const struct git *g, const char *path)
{
	return path_join(g->a, sv_of(g->top), sv_of(path));
}

/* Words for a repository by its folder, wherever the work tree that its
 * configuration names may be. */
static const char *const *
words_there(
    const struct git *g, const char *git_dir, const char *const *words)
{
	const char *const head[] = { "--git-dir", git_dir, "--work-tree",
		g->top, "-c", "core.hooksPath=/dev/null" };
	VEC(const char *) all = { 0 };

	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		vec_push(g->a, &all, head[i]);
	while (*words != NULL)
		vec_push(g->a, &all, *words++);
	vec_push(g->a, &all, NULL);
	return all.v;
}

static bool
has_commit(const struct git *g, const char *git_dir, const char *commit)
{
	const char *name = arena_printf(g->a, "%s^{commit}", commit);

	return git_try(g,
		   words_there(g, git_dir, GIT_WORDS("cat-file", "-e", name)),
		   NULL);
}

bool
submodule_is_there(const struct git *g, const char *path, struct git *inner)
{
	struct err none cleanup_err = ERR_INIT;
	const char *place = place_in(g, path);

	return path_exists(path_join(g->a, sv_of(place), SV(".git"))) &&
	       git_open(g->a, place, g->env, inner, &none) &&
	       strcmp(inner->top, path_real(g->a, place)) == 0;
}

static bool
is_empty_folder(const char *path)
{
	DIR *d cleanup_dir = opendir(path);
	struct dirent *entry;

	if (d == NULL)
		return false;
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			return false;
	return true;
}

/* May a folder be called so?  The name is whoever wrote the commit's. */
static bool
is_plain_name(sv name)
{
	sv part;

	for (bool more = true; more;) {
		more = sv_cut(name, '/', &part, &name);
		if (part.n == 0 || sv_is(part, ".") || sv_is(part, ".."))
			return false;
	}
	return true;
}

/* What the commit calls it, or NULL. */
static const char *
submodule_name(const struct git *tree, const char *path)
{
	static const char head[] = "submodule.", tail[] = ".path";
	const size_t around = sizeof(head) + sizeof(tail) - 2;
	sv text, entry, key, at, name;

	if (!git_try(tree,
		GIT_WORDS("config", "-z", "--blob", "HEAD:.gitmodules",
		    "--get-regexp", "^submodule\\..*\\.path$"),
		&text))
		return NULL;
	while (text.n > 0) {
		sv_cut(text, '\0', &entry, &text);
		sv_cut(entry, '\n', &key, &at);
		if (!sv_is(at, path) || key.n <= around)
			continue;
		name = sv_sub(key, sizeof(head) - 1, key.n - around);
		return is_plain_name(name) ? sv_cstr(tree->a, name) : NULL;
	}
	return NULL;
}

/* Has the user made it ready for use? */
static bool
is_active(const struct git *user, const struct git *tree, const char *name)
{
	struct arena *a = tree->a;
	const char *active = arena_printf(a, "submodule.%s.active", name);
	const char *url = arena_printf(a, "submodule.%s.url", name);
	sv text;

	/* the user's work tree may not be there */
	if (git_try(tree,
		words_there(tree, user->git_dir,
		    GIT_WORDS("config", "--type=bool", "--get", active)),
		&text))
		return sv_is(sv_trim(text), "true");
	return git_try(tree,
		   words_there(tree, user->git_dir,
		       GIT_WORDS("config", "--get", url)),
		   NULL);
}

/* The repositories of the user that may have it, the nearest first. */
static void
list_sources(const struct git *user, const struct git *tree, const char *path,
    string_vec *out)
{
	struct arena *a = tree->a;
	const char *const folders[] = { user->git_dir, user->common_dir };
	const char *git_dir, *name;
	struct git inner;

	if (submodule_is_there(user, path, &inner))
		vec_push(a, out, inner.git_dir);
	else if (is_empty_folder(place_in(user, path)))
		return;
	name = submodule_name(tree, path);
	if (name == NULL || !is_active(user, tree, name))
		return;
	for (size_t i = 0; i < 2; i++) {
		git_dir = path_join(a, sv_of(folders[i]),
		    sv_of(arena_printf(a, "modules/%s", name)));
		if (path_exists(path_join(a, sv_of(git_dir), SV("HEAD"))))
			vec_push(a, out, git_dir);
	}
}

static bool
note_source(const struct submodules *s, const struct git *tree, const char *git_dir,
    const char *place, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	sv text = { "", 0 };

	if (path_exists(s->notes) && !read_file(tree->a, s->notes, &text, e))
		return false;
	sb_addv(&b, text);
	sb_printf(&b, "%s%c%s%c", git_dir, 0, place, 0);
	return write_atomic(s->notes, sb_sv(&b), 0600, e);
}

static bool
clone_source(const struct git *tree, const char *git_dir, const char *place,
    const char *commit, struct err *e)
{
	struct git inner = *tree;

	inner.top = place;
	return git_run(tree,
		   GIT_WORDS("-c", "core.hooksPath=/dev/null", "clone",
		       "--quiet", "--local", "--shared", "--no-checkout",
		       "--template=", git_dir, place),
		   NULL, e) &&
	       git_run(&inner,
		   GIT_WORDS("-c", "core.hooksPath=/dev/null", "checkout",
		       "--quiet", "--detach", commit),
		   NULL, e);
}

static bool
add_worktree(const struct submodules *s, const struct git *tree,
    const char *git_dir, const char *place, const char *commit, struct err *e)
{
	return note_source(s, tree, git_dir, place, e) &&
	       git_run(tree,
		   words_there(tree, git_dir,
		       GIT_WORDS("worktree", "add", "--quiet", "--detach",
			   "--force", place, commit)),
		   NULL, e);
}

static bool
fill_one(const struct submodules *s, const struct git *tree,
    const struct git_link *l, const char *git_dir, struct err *e)
{
	struct arena *a = tree->a;
	const char *place = place_in(tree, l->path);
	struct git inner, user = *s->user;
	struct submodules below = { &user, s->notes, s->clones };

	/* whatever else the commit has on the way */
	if (strcmp(path_real(a, place),
		path_join(a, sv_of(path_real(a, tree->top)),
		    sv_of(l->path))) != 0)
		return err_set(e, ERR_GENERIC,
		    "prun: the submodule %s lies behind a link", l->path);
	if (!(s->clones
		    ? clone_source(tree, git_dir, place, l->commit, e)
		    : add_worktree(s, tree, git_dir, place, l->commit, e)) ||
	    !git_open(a, place, tree->env, &inner, e))
		return false;
	user.top = place_in(s->user, l->path);
	user.git_dir = git_dir;
	user.common_dir = inner.common_dir;
	lfs_fill(&inner, &user);
	return submodules_fill(&below, &inner, e);
}

/* With all below it: what lies there was filled as a whole. */
static bool
is_filled(const struct git *tree, const struct git_link *l)
{
	struct err none cleanup_err = ERR_INIT;
	struct git inner;
	const char *head;

	return submodule_is_there(tree, l->path, &inner) &&
	       git_line(&inner,
		   GIT_WORDS("rev-parse", "-q", "--verify", "HEAD"), &head,
		   &none) &&
	       strcmp(head, l->commit) == 0;
}

bool
submodules_fill(
    const struct submodules *s, const struct git *tree, struct err *e)
{
	const struct git_link *l;
	git_link_vec links;

	if (!submodules_list(tree, &links, e))
		return false;
	vec_each(&links, l)
	{
		string_vec sources = { 0 };
		size_t i = 0;

		list_sources(s->user, tree, l->path, &sources);
		while (i < sources.n &&
		       !has_commit(tree, sources.v[i], l->commit))
			i++;
		if (sources.n == 0 || is_filled(tree, l))
			continue;
		if (i == sources.n)
			return err_set(e, ERR_GENERIC,
			    "prun: commit %.10s of the submodule %s is not "
			    "here; fetch it there",
			    l->commit, l->path);
		if (!fill_one(s, tree, l, sources.v[i], e))
			return false;
	}
	return true;
}

void
submodules_forget(const struct git *g, const char *notes)
{
	struct err none cleanup_err = ERR_INIT;
	struct git git = *g;
	sv text, git_dir, place;

	if (!path_exists(notes) || !read_file(g->a, notes, &text, &none))
		return;
	git.own_group = true;
	while (text.n > 0) {
		sv_cut(text, '\0', &git_dir, &text);
		sv_cut(text, '\0', &place, &text);
		/* what is still there may be reached through a link by now */
		if (!path_exists(sv_cstr(g->a, place)))
			git_try(&git,
			    words_there(&git, sv_cstr(g->a, git_dir),
				GIT_WORDS("worktree", "remove", "--force",
				    "--force", sv_cstr(g->a, place))),
			    NULL);
	}
	unlink(notes);
}

static void
add_there(const struct git *g, const char *above, struct sb *out)
{
	struct err none cleanup_err = ERR_INIT;
	const struct git_link *l;
	git_link_vec links;
	struct git inner;

	if (!submodules_list(g, &links, &none))
		return;
	vec_each(&links, l)
	{
		bool there = submodule_is_there(g, l->path, &inner);

		sb_printf(out, "%s%s %s\n", above, l->path,
		    there ? "there" : "not there");
		if (there)
			add_there(&inner,
			    arena_printf(g->a, "%s%s/", above, l->path), out);
	}
}

const char *
submodules_there(const struct git *g)
{
	struct sb b cleanup_sb = SB_INIT;

	add_there(g, "", &b);
	return sb_take(&b, g->a).p;
}
