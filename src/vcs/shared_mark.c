/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/shared_mark.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "vcs/pool_internal.h"
#include "vcs/shared_files.h"

/* ---- refs ---- */

/* Is it one of the pool's, of a tree alone, of others, or looked at by itself?
 */
static bool
is_not_shared(sv ref)
{
	static const char *const heads[] = { "refs/heads/worktree-wt-",
		"refs/prun/", "refs/remotes/", "refs/bisect/", "refs/worktree/",
		"refs/rewritten/" };

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (sv_starts(ref, sv_of(heads[i])))
			return true;
	return sv_is(ref, "refs/stash");
}

static bool
take_refs(const struct git *g, struct map **out, struct err *e)
{
	sv text, line, name;

	*out = map_new(g->a);
	if (!git_run(g,
		GIT_WORDS("for-each-ref", "--format=%(refname) %(objectname)"),
		&text, e))
		return false;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		sv_cut(line, ' ', &name, &line);
		if (name.n > 0 && !is_not_shared(name))
			map_put(*out, name, sv_cstr(g->a, line));
	}
	return true;
}

static void
take_stash(const struct git *g, struct map **out)
{
	sv text, line;

	*out = map_new(g->a);
	if (!git_try(g,
		GIT_WORDS("log", "-g", "--format=%H", "refs/stash", "--"),
		&text))
		return;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (line.n > 0)
			map_put(*out, line, *out);
	}
}

/* ---- work trees ---- */

/* What `worktree list` says of one; the pool's, and those that a gate makes for
 * itself, are not the user's. */
static void
take_tree(struct arena *a, sv entry, struct map *out)
{
	sv line, path = { NULL, 0 }, head = { NULL, 0 }, branch = { NULL, 0 };

	while (entry.n > 0) {
		sv_cut(entry, '\n', &line, &entry);
		if (sv_starts(line, SV("worktree ")))
			path = sv_sub(line, 9, SIZE_MAX);
		else if (sv_starts(line, SV("HEAD ")))
			head = sv_sub(line, 5, SIZE_MAX);
		else if (sv_starts(line, SV("branch ")))
			branch = sv_sub(line, 7, SIZE_MAX);
		else if (sv_starts(line, SV("locked prun pool ")))
			return;
	}
	if (path.n == 0 || strncmp(path_base(a, path), "own.", 4) == 0)
		return;
	/* where a branch is, its ref says */
	map_put(out, path, sv_cstr(a, branch.n ? branch : head));
}

static bool
take_trees(const struct git *g, struct map **out, struct err *e)
{
	const struct pool p = { .git = g };
	int book cleanup_close = -1;
	sv text;

	*out = map_new(g->a);
	if (!pool_book_lock(&p, &book, e) ||
	    !git_run(g, GIT_WORDS("worktree", "list", "--porcelain"), &text, e))
		return false;
	while (text.n > 0) {
		ptrdiff_t end = sv_find(text, SV("\n\n"), 0);
		size_t n = end < 0 ? text.n : (size_t)end;

		take_tree(g->a, sv_sub(text, 0, n), *out);
		text = sv_sub(text, n + 2 < text.n ? n + 2 : text.n, SIZE_MAX);
	}
	return true;
}

/* ---- before ---- */

static bool
take_moving(struct shared_mark *m, struct err *e)
{
	struct git git = pool_git_at(m->git, m->git->common_dir);

	take_stash(&git, &m->stash);
	return take_refs(&git, &m->refs, e) && take_trees(&git, &m->trees, e);
}

bool
shared_mark_take(const struct git *g, const char *session_file,
    struct shared_mark *m, struct err *e)
{
	const struct pool p = { .git = g };
	int book cleanup_close = -1;

	*m = (struct shared_mark){ .git = g };
	m->notes =
	    session_file != NULL ? session_file : pool_file(&p, "shared");
	if (!pool_book_lock(&p, &book, e))
		return false;
	if (session_file != NULL && path_exists(session_file)) {
		if (!shared_files_load(g->a, session_file, &m->files, e))
			return false;
	} else {
		shared_files_take(g, &m->files);
		if (session_file != NULL &&
		    !shared_files_save(m->files, session_file, e))
			return false;
	}
	close(book);
	book = -1;
	return take_moving(m, e);
}

/* ---- after ---- */

static void say_change(const struct git *g, shared_changes *out, bool repaired,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
say_change(const struct git *g, shared_changes *out, bool repaired,
    const char *fmt, ...)
{
	struct shared_change c = { .repaired = repaired };
	va_list ap;

	va_start(ap, fmt);
	c.text = arena_vprintf(g->a, fmt, ap);
	va_end(ap);
	vec_push(g->a, out, c);
}

static void
compare_refs_of(
    const struct shared_mark *m, const struct map *now, shared_changes *out)
{
	const struct map_entry *r;

	map_each(m->refs, r) {
		const char *id = map_get(now, r->key), *was = r->value;

		if (id == NULL)
			say_change(m->git, out, false,
			    "%s was removed; git update-ref %s %.12s brings it "
			    "back",
			    r->key.p, r->key.p, was);
		else if (strcmp(id, was) != 0)
			say_change(m->git, out, false,
			    "%s was moved from %.12s to %.12s", r->key.p, was,
			    id);
	}
	map_each(now, r) {
		if (map_get(m->refs, r->key) == NULL)
			say_change(m->git, out, false, "%s was made", r->key.p);
	}
}

static void
compare_stash(
    const struct shared_mark *m, const struct map *now, shared_changes *out)
{
	const struct map_entry *s;

	map_each(m->stash, s) {
		if (map_get(now, s->key) == NULL)
			say_change(m->git, out, false,
			    "the stash %.12s was dropped; git stash store %s "
			    "brings it back",
			    s->key.p, s->key.p);
	}
	map_each(now, s) {
		if (map_get(m->stash, s->key) == NULL)
			say_change(m->git, out, false,
			    "a stash was made: %.12s", s->key.p);
	}
}

static void
compare_heads(
    const struct shared_mark *m, const struct map *now, shared_changes *out)
{
	const struct map_entry *t;

	map_each(m->trees, t) {
		const char *head = map_get(now, t->key), *was = t->value;

		if (head == NULL)
			say_change(m->git, out, false,
			    "the worktree %s was removed", t->key.p);
		else if (strcmp(head, was) != 0)
			say_change(m->git, out, false,
			    "HEAD of %s was moved from %s to %s", t->key.p, was,
			    head);
	}
	map_each(now, t) {
		if (map_get(m->trees, t->key) == NULL)
			say_change(m->git, out, false,
			    "a worktree was added: %s", t->key.p);
	}
}

bool
shared_mark_compare(
    const struct shared_mark *m, shared_changes *out, struct err *e)
{
	struct shared_mark now = { .git = m->git };
	shared_file_changes files;

	*out = (shared_changes){ 0 };
	/* first: git may not run with a config that is damaged */
	shared_files_restore(m->git, m->files, m->notes, &files);
	for (size_t i = 0; i < files.n; i++)
		say_change(
		    m->git, out, files.v[i].repaired, "%s", files.v[i].text);
	if (!take_moving(&now, e))
		return false;
	compare_refs_of(m, now.refs, out);
	compare_stash(m, now.stash, out);
	compare_heads(m, now.trees, out);
	return true;
}
