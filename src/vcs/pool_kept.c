/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/pool_internal.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/map.h"
#include "base/path.h"

/* ---- which commits does a tree name? ---- */

/* Zeros are no object; whatever else there is none of, git passes over. */
static void
add_id(struct map *ids, sv text)
{
	if (git_is_object_id(text) && strspn(text.p, "0") < text.n)
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

/* Has the work tree refs of its own?  Most have not, and git need not be asked.
 */
static bool
has_own_refs(struct arena *a, const char *admin)
{
	static const char *const names[] = { "refs/worktree", "refs/bisect",
		"refs/rewritten", "packed-refs" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (path_exists(path_join(a, sv_of(admin), sv_of(names[i]))))
			return true;
	return false;
}

/* What git's folder of a work tree names; where HEAD is on a branch, that is
 * the pool's or has a ref anyway. */
static void
add_of_worktree(const struct pool *p, const char *admin, struct map *ids)
{
	static const char *const files[] = { "HEAD", "ORIG_HEAD", "MERGE_HEAD",
		"CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge/orig-head",
		"rebase-apply/orig-head", "BISECT_START" };
	struct git git = pool_git_at(p->git, admin);
	struct arena *a = p->git->a;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		add_id(ids, sv_trim(text_of(a, admin, files[i])));
	add_reflog(ids, a, admin, "logs/HEAD");
	if (path_exists(path_join(a, sv_of(admin), SV("reftable"))))
		/* references are no files */
		add_printed(
		    ids, &git, GIT_WORDS("log", "-g", "--format=%H", "HEAD"));
	else if (!has_own_refs(a, admin))
		return;
	add_printed(ids, &git,
	    GIT_WORDS("for-each-ref", "--format=%(objectname)", "refs/worktree",
		"refs/bisect", "refs/rewritten"));
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

/* Those of the ids, and what they stand on, that no ref of the repository
 * reaches.  `known` (NULL-ended): commits that were there before. */
static bool
find_tips(const struct git *g, struct map *ids, const char *const *known,
    string_vec *out, struct err *e)
{
	static const char *const head[] = { "rev-list", "--topo-order",
		"--parents", "--ignore-missing",
		/* the HEAD of this very tree is no reason to let it go */
		"--single-worktree" };
	VEC(const char *) words = { 0 };
	const struct map_entry *id;
	struct arena *a = g->a;
	sv text;

	for (size_t i = 0; known[i] != NULL; i++)
		map_del(ids, sv_of(known[i]));
	if (map_count(ids) == 0)
		return true;
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		vec_push(a, &words, head[i]);
	map_each(ids, id) {
		if (words.n < IDS_MOST)
			vec_push(a, &words, id->key.p);
	}
	vec_push(a, &words, "--not");
	/* those of the pool move while this is looked at */
	vec_push(a, &words, "--exclude=refs/heads/worktree-wt-*");
	vec_push(a, &words, "--all");
	for (; *known != NULL; known++)
		if (**known != '\0')
			vec_push(a, &words, *known);
	vec_push(a, &words, NULL);
	if (!git_run(g, words.v, &text, e))
		return false;
	take_tips(a, text, out);
	return true;
}

static bool
tips_of_worktree(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, string_vec *out, struct err *e)
{
	struct git git = pool_git_at(p->git, p->git->common_dir);
	const char *admin = pool_admin_dir(p, r->path);
	struct map *ids = map_new(p->git->a);

	if (admin != NULL)
		add_of_worktree(p, admin, ids);
	add_of_branch(p, t, ids);
	return find_tips(&git, ids, GIT_WORDS(p->commit, r->commit), out, e);
}

/* By its folder: a test may have said that it has no work tree. */
static struct git
clone_git(const struct pool *p, const char *path)
{
	return pool_git_at(
	    p->git, path_join(p->git->a, sv_of(path), SV(".git")));
}

/* All that a clone has and the repository that it borrows from has not. */
static bool
tips_of_clone(const struct pool *p, const struct pool_record *r,
    string_vec *out, struct err *e)
{
	static const char *const head[] = { "rev-list", "--topo-order",
		"--parents", "--ignore-missing", "--all", "--reflog", "--not",
		"--alternate-refs" };
	const char *const known[] = { p->commit, r->commit };
	struct git clone = clone_git(p, r->path);
	VEC(const char *) words = { 0 };
	sv text;

	/* nothing that git can read */
	if (!git_try(&clone, GIT_WORDS("rev-parse", "--git-dir"), NULL))
		return true;
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		vec_push(clone.a, &words, head[i]);
	for (size_t i = 0; i < 2; i++)
		if (*known[i] != '\0')
			vec_push(clone.a, &words, known[i]);
	vec_push(clone.a, &words, NULL);
	if (!git_run(&clone, words.v, &text, e))
		return false;
	take_tips(clone.a, text, out);
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

/* Whoever has the lease (and the book) is the only one who writes the ref: its
 * lock is one that a git that was killed has left. */
static void
unlock_ref(const struct git *g, const char *ref)
{
	unlink(arena_printf(g->a, "%s/%s.lock", g->top, ref));
}

/* Adds the tips to what the ref holds.  `g`: of the repository that the ref is
 * in; `clone`: NULL, or where the commits still are. */
static bool
write_ref(const struct pool *p, const struct git *g, const char *clone,
    const char *ref, const string_vec *tips, struct err *e)
{
	const char *before = NULL, *joined;
	int book cleanup_close = -1;
	struct git from = *g;
	sv text;

	if (!pool_book_lock(p, &book, e))
		return false;
	unlock_ref(g, ref);
	if (git_try(g, GIT_WORDS("rev-parse", "-q", "--verify", ref), &text))
		before = sv_cstr(g->a, sv_trim(text));
	if (clone == NULL)
		return join_tips(g, before, tips, &joined, e) &&
		       git_run(g,
			   GIT_WORDS("update-ref", "-m", "prun: kept", ref,
			       joined, before != NULL ? before : ""),
			   NULL, e);
	/* the clone sees the repository's objects, not the other way */
	from = clone_git(p, clone);
	unlock_ref(&from, ref);
	return join_tips(&from, before, tips, &joined, e) &&
	       git_run(&from, GIT_WORDS("update-ref", ref, joined), NULL, e) &&
	       git_run(g,
		   GIT_WORDS("fetch", "--quiet", "--no-tags",
		       "--no-write-fetch-head", "--no-auto-maintenance",
		       "--no-recurse-submodules", "--refmap=", from.top,
		       arena_printf(g->a, "+%s:%s", ref, ref)),
		   NULL, e);
}

static void
keep_module(const struct pool *p, const struct pool_tree *t, const char *ref,
    const char *git_dir, const char *place)
{
	const char *admin = pool_admin_in(p->git->a, git_dir, place);
	struct git git = pool_git_at(p->git, git_dir);
	struct map *ids = map_new(p->git->a);
	struct err e cleanup_err = ERR_INIT;
	string_vec tips = { 0 };

	if (admin == NULL)
		return;
	add_of_worktree(p, admin, ids);
	if (!find_tips(&git, ids, GIT_WORDS(NULL), &tips, &e) ||
	    (tips.n > 0 && !write_ref(p, &git, NULL, ref, &tips, &e)))
		pool_say(p, "%s: commits in %s: %s", t->name, place, e.message);
	else
		for (size_t i = 0; i < tips.n; i++)
			pool_say(p, "%s: commit %.12s of %s is kept in %s: %s",
			    t->name, tips.v[i], place, git_dir, ref);
}

/* By the notes of who was told of a work tree (submodules.h). */
static void
keep_modules(const struct pool *p, const struct pool_tree *t, const char *ref)
{
	const char *notes = pool_tree_file(p, t->name, ".modules");
	struct err none cleanup_err = ERR_INIT;
	struct arena *a = p->git->a;
	sv text, git_dir, place;

	if (!path_exists(notes) || !read_file(a, notes, &text, &none))
		return;
	while (text.n > 0) {
		sv_cut(text, '\0', &git_dir, &text);
		sv_cut(text, '\0', &place, &text);
		keep_module(p, t, ref, sv_cstr(a, git_dir), sv_cstr(a, place));
	}
}

bool
pool_keep(const struct pool *p, const struct pool_tree *t,
    const struct pool_record *r, struct pool_kept *kept, struct err *e)
{
	struct git git = pool_git_at(p->git, p->git->common_dir);
	const char *ref = arena_printf(p->git->a, "refs/prun/kept/%s/%s",
	    *r->session != '\0' ? r->session : p->session, t->name);
	string_vec tips = { 0 };

	keep_modules(p, t, ref);
	if (r->kind == POOL_CLONE ? !tips_of_clone(p, r, &tips, e)
				  : !tips_of_worktree(p, t, r, &tips, e))
		return err_wrap(e, "prun: %s: ", t->name);
	if (tips.n == 0)
		return true;
	if (!write_ref(
		p, &git, r->kind == POOL_CLONE ? r->path : NULL, ref, &tips, e))
		return err_wrap(e, "prun: %s: ", t->name);
	for (size_t i = 0; i < tips.n; i++)
		pool_say(
		    p, "%s: commit %.12s is kept: %s", t->name, tips.v[i], ref);
	if (kept != NULL)
		*kept = (struct pool_kept){ ref, tips };
	return true;
}

/* ---- how long ---- */

enum {
	KEPT_MOST = 20,
	KEPT_DAYS = 30
};

/* Ids of sessions begin with their time. */
static const char *
oldest_session(struct arena *a)
{
	time_t t = (time_t)(clock_real_ns() / NS_PER_S) -
		   (time_t)KEPT_DAYS * 24 * 60 * 60;
	char text[32];
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y%m%d-%H%M%S", &tm) == 0)
		return "";
	return arena_strdup(a, text);
}

static int
compare_refs(const void *x, const void *y)
{
	return -strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void
drop_kept(
    const struct pool *p, const struct git *g, const char *ref, const char *why)
{
	struct err e cleanup_err = ERR_INIT;

	if (git_run(g, GIT_WORDS("update-ref", "-d", ref), NULL, &e))
		pool_say(p, "%s is %s: removed", ref, why);
	else
		pool_say(p, "%s is %s: %s", ref, why, e.message);
}

/* Of gits that were killed: these refs are written under the bookkeeping's lock
 * alone, which is held. */
static void
remove_dead_locks(struct arena *a, const char *dir)
{
	DIR *d cleanup_dir = opendir(dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		const char *path =
		    path_join(a, sv_of(dir), sv_of(entry->d_name));

		if (entry->d_name[0] == '.')
			continue;
		if (sv_ends(sv_of(path), SV(".lock")))
			unlink(path);
		else if (path_is_dir(path))
			remove_dead_locks(a, path);
	}
}

/* Those of this session stay, however many. */
void
pool_kept_expire(const struct pool *p)
{
	static const char all[] = "refs/prun/kept/";
	struct git git = pool_git_at(p->git, p->git->common_dir);
	const char *own = arena_printf(git.a, "%s%s/", all, p->session);
	struct err none cleanup_err = ERR_INIT;
	const char *oldest = oldest_session(git.a);
	int book cleanup_close = -1;
	string_vec refs = { 0 };
	sv text, line;

	if (!pool_book_lock(p, &book, &none))
		return;
	remove_dead_locks(git.a,
	    path_join(git.a, sv_of(p->git->common_dir), SV("refs/prun/kept")));
	if (!git_try(&git,
		GIT_WORDS("for-each-ref", "--format=%(refname)", all), &text))
		return;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (line.n > 0 && !sv_starts(line, sv_of(own)))
			vec_push(git.a, &refs, sv_cstr(git.a, line));
	}
	if (refs.n == 0)
		return;
	qsort(refs.v, refs.n, sizeof(*refs.v), compare_refs);
	for (size_t i = 0; i < refs.n; i++)
		if (strcmp(refs.v[i] + sizeof(all) - 1, oldest) < 0)
			drop_kept(p, &git, refs.v[i], "older than 30 days");
		else if (i >= KEPT_MOST)
			drop_kept(p, &git, refs.v[i], "beyond the last 20");
}
