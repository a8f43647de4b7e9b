/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/pool_internal.h"

#include "base/io.h"
#include "base/map.h"
#include "base/path.h"

/* ---- which commits does a tree name? ---- */

static bool
is_object_id(sv text)
{
	size_t zeros = 0;

	if (text.n != 40 && text.n != 64)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		if (hex_value((unsigned char)text.p[i]) < 0)
			return false;
		zeros += text.p[i] == '0';
	}
	return zeros < text.n;
}

static void
add_id(struct map *ids, sv text)
{
	if (is_object_id(text))
		map_put(ids, text, ids);
}

static sv
text_of(struct arena *a, const char *dir, const char *name)
{
	const char *path = path_join(a, sv_of(dir), sv_of(name));
	struct err none cleanup_err = ERR_INIT;
	sv text;

	if (!path_exists(path) || !read_file(a, path, &text, &none))
		return (sv){ NULL, 0 };
	return text;
}

/* "OLD NEW WHO …" a line; read as a file, because git reads none of it where
 * HEAD is damaged. */
static void
add_reflog(struct map *ids, struct arena *a, const char *dir, const char *name)
{
	sv text = text_of(a, dir, name), line, id;

	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		sv_cut(line, ' ', &id, &line);
		add_id(ids, id);
		sv_cut(line, ' ', &id, &line);
		add_id(ids, id);
	}
}

/* What git prints, an id a line. */
static void
add_printed(struct map *ids, const struct git *g, const char *const *words)
{
	sv text, line;

	if (!git_try(g, words, &text))
		return;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		add_id(ids, line);
	}
}

static void
add_of_worktree(const struct pool *p, const struct pool_tree *t,
    const char *admin, struct map *ids)
{
	static const char *const files[] = { "HEAD", "ORIG_HEAD", "MERGE_HEAD",
		"CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge/orig-head",
		"rebase-apply/orig-head", "BISECT_START" };
	const char *const dir = arena_printf(p->git->a, "--git-dir=%s", admin);
	struct arena *a = p->git->a;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		add_id(ids, sv_trim(text_of(a, admin, files[i])));
	add_reflog(ids, a, admin, "logs/HEAD");
	add_printed(ids, p->git,
	    GIT_WORDS(dir, "for-each-ref", "--format=%(objectname)",
		"refs/worktree", "refs/bisect", "refs/rewritten"));
	add_printed(ids, p->git, GIT_WORDS(dir, "rev-parse", "HEAD"));
	/* where references are no files */
	if (path_exists(path_join(a, sv_of(admin), SV("reftable"))))
		add_printed(ids, p->git,
		    GIT_WORDS(
			dir, "log", "-g", "--format=%H", "HEAD", t->branch));
}

static void
add_of_branch(const struct pool *p, const struct pool_tree *t, struct map *ids)
{
	const char *ref = arena_printf(p->git->a, "refs/heads/%s", t->branch);

	add_printed(ids, p->git, GIT_WORDS("rev-parse", "-q", "--verify", ref));
	add_reflog(ids, p->git->a, p->git->common_dir,
	    arena_printf(p->git->a, "logs/%s", ref));
}

/* ---- which of them has nobody else? ---- */

/* From `rev-list --parents`, children first: those that are nobody's parents.
 */
static void
take_tips(struct arena *a, sv text, string_vec *out)
{
	struct map *parents = map_new(a);
	string_vec all = { 0 };
	sv line, id;

	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		sv_cut(line, ' ', &id, &line);
		if (id.n > 0)
			vec_push(a, &all, sv_cstr(a, id));
		while (line.n > 0) {
			sv_cut(line, ' ', &id, &line);
			map_put(parents, id, parents);
		}
	}
	for (size_t i = 0; i < all.n; i++)
		if (map_get(parents, sv_of(all.v[i])) == NULL)
			vec_push(a, out, all.v[i]);
}

/* More names than this are of no test that anybody wrote, and words for a
 * program have a bound. */
enum {
	IDS_MOST = 20000
};

static bool
tips_of_worktree(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, string_vec *out, struct err *e)
{
	const char *admin = pool_admin_dir(p, r->path);
	struct arena *a = p->git->a;
	struct map *ids = map_new(a);
	VEC(const char *) words = { 0 };
	const struct map_entry *id;
	sv text;

	if (admin != NULL)
		add_of_worktree(p, t, admin, ids);
	add_of_branch(p, t, ids);
	map_del(ids, sv_of(r->commit));
	map_del(ids, sv_of(p->commit));
	if (map_count(ids) == 0)
		return true;
	vec_push(a, &words, "rev-list");
	vec_push(a, &words, "--topo-order");
	vec_push(a, &words, "--parents");
	vec_push(a, &words, "--ignore-missing");
	/* the HEAD of this very tree is no reason to let it go */
	vec_push(a, &words, "--single-worktree");
	map_each(ids, id) {
		if (words.n < IDS_MOST)
			vec_push(a, &words, id->key.p);
	}
	vec_push(a, &words, "--not");
	/* those of the pool move while this is looked at */
	vec_push(a, &words, "--exclude=refs/heads/worktree-wt-*");
	vec_push(a, &words, "--all");
	vec_push(a, &words, p->commit);
	if (*r->commit != '\0')
		vec_push(a, &words, r->commit);
	vec_push(a, &words, NULL);
	if (!git_run(p->git, words.v, &text, e))
		return false;
	take_tips(a, text, out);
	return true;
}

/* All that a clone has and the repository that it borrows from has not. */
static bool
tips_of_clone(const struct pool *p, const struct pool_record *r,
    string_vec *out, struct err *e)
{
	struct err none cleanup_err = ERR_INIT;
	struct git clone;
	sv text;

	if (!git_open(p->git->a, r->path, p->git->env, &clone, &none) ||
	    strcmp(clone.common_dir, p->git->common_dir) == 0)
		return true;
	if (!git_run(&clone,
		GIT_WORDS("rev-list", "--topo-order", "--parents",
		    "--ignore-missing", "--all", "--reflog", "--not",
		    "--alternate-refs", p->commit,
		    *r->commit != '\0' ? r->commit : p->commit),
		&text, e))
		return false;
	take_tips(p->git->a, text, out);
	return true;
}

/* ---- the ref ---- */

/* One commit that all tips are parents of. */
static bool
join_tips(const struct git *g, const char *before, const string_vec *tips,
    const char **out, struct err *e)
{
	VEC(const char *) words = { 0 };
	struct arena *a = g->a;

	if (tips->n == 1 && before == NULL) {
		*out = tips->v[0];
		return true;
	}
	vec_push(a, &words, "-c");
	vec_push(a, &words, "user.name=prun");
	vec_push(a, &words, "-c");
	vec_push(a, &words, "user.email=prun@localhost");
	vec_push(a, &words, "commit-tree");
	vec_push(a, &words, "-m");
	vec_push(a, &words, "Commits that tests made in a tree of prun's pool");
	for (size_t i = 0; i < tips->n; i++) {
		vec_push(a, &words, "-p");
		vec_push(a, &words, tips->v[i]);
	}
	if (before != NULL) {
		vec_push(a, &words, "-p");
		vec_push(a, &words, before);
	}
	vec_push(a, &words, arena_printf(a, "%s^{tree}", tips->v[0]));
	vec_push(a, &words, NULL);
	return git_line(g, words.v, out, e);
}

static bool
write_ref(const struct pool *p, const struct pool_record *r, const char *ref,
    const string_vec *tips, struct err *e)
{
	struct git git = pool_quiet(p->git), from = git;
	const char *before = NULL, *joined;
	int book cleanup_close = -1;
	sv text;

	if (!pool_book_lock(p, &book, e))
		return false;
	if (git_try(&git, GIT_WORDS("rev-parse", "-q", "--verify", ref), &text))
		before = sv_cstr(git.a, sv_trim(text));
	if (r->kind == POOL_CLONE) {
		/* the clone sees the repository's objects, not the other way */
		from.top = r->path;
		if (!join_tips(&from, before, tips, &joined, e))
			return false;
		return git_run(&from, GIT_WORDS("update-ref", ref, joined),
			   NULL, e) &&
		       git_run(&git,
			   GIT_WORDS("fetch", "--quiet", "--no-tags",
			       "--no-write-fetch-head", "--no-auto-maintenance",
			       "--no-recurse-submodules", "--refmap=", r->path,
			       arena_printf(git.a, "+%s:%s", ref, ref)),
			   NULL, e);
	}
	return join_tips(&git, before, tips, &joined, e) &&
	       git_run(&git,
		   GIT_WORDS("update-ref", "-m", "prun: kept", ref, joined,
		       before != NULL ? before : ""),
		   NULL, e);
}

bool
pool_keep(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, struct pool_kept *kept, struct err *e)
{
	struct arena *a = p->git->a;
	string_vec tips = { 0 };
	const char *ref;

	if (r->kind == POOL_CLONE ? !tips_of_clone(p, r, &tips, e)
				  : !tips_of_worktree(p, t, r, &tips, e))
		return err_wrap(e, "prun: %s: ", t->name);
	if (tips.n == 0)
		return true;
	ref = arena_printf(a, "refs/prun/kept/%s/%s",
	    *r->session != '\0' ? r->session : p->session, t->name);
	if (!write_ref(p, r, ref, &tips, e))
		return err_wrap(e, "prun: %s: ", t->name);
	for (size_t i = 0; i < tips.n; i++)
		pool_say(
		    p, "%s: commit %.12s is kept: %s", t->name, tips.v[i], ref);
	if (kept != NULL)
		*kept = (struct pool_kept){ ref, tips };
	return true;
}
