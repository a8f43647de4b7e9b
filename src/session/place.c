/* SPDX-License-Identifier: MIT */
/* The work tree of a test, and what of its surroundings it must leave alone. */
#include "config.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "session/worker_internal.h"
#include "store/state.h"
#include "vcs/ports.h"

static enum pool_lfs
lfs_of(const char *word)
{
	return strcmp(word, "pull") == 0   ? POOL_LFS_PULL
	       : strcmp(word, "skip") == 0 ? POOL_LFS_SKIP
					   : POOL_LFS_AUTO;
}

static void
place_note(void *ctx, const char *text)
{
	struct talk note = talk_new("note");

	note.reason = text;
	worker_say(ctx, &note);
}

bool
place_open(struct worker *w, struct err *e)
{
	const struct talk *t = &w->setup;

	if (!git_open(w->a, t->top, environment_block(w->in->env), &w->git, e))
		return false;
	w->pool = (struct pool){ .git = &w->git,
		.dir = t->dir,
		.session = t->session,
		.commit = t->commit,
		.size = (int)t->size,
		.kind =
		    strcmp(t->kind, "clone") == 0 ? POOL_CLONE : POOL_WORKTREE,
		.lfs = lfs_of(t->lfs),
		.keep = t->keep,
		.say = place_note,
		.ctx = w };
	return true;
}

/* What the test before used of the arena goes with the test. */
static void
use_arena(struct worker *w, struct arena *a)
{
	w->git.a = a;
}

bool
place_take(struct worker *w, bool *busy, struct err *e)
{
	struct trial *t = w->now;

	use_arena(w, t->a);
	if (!pool_lease(&w->pool, &t->tree, busy, e))
		return false;
	t->has_tree = true;
	return pool_ready(&w->pool, &t->tree, t->test.name, e);
}

/* Compose takes letters of one case alone. */
static const char *
compose_name(struct worker *w)
{
	struct arena *a = w->now->a;
	char *name = state_file_name(a, path_base(a, sv_of(w->setup.top)));

	for (char *c = name; *c != '\0'; c++)
		*c = *c == '.' ? '-' : (char)tolower((unsigned char)*c);
	return name;
}

bool
place_tell(struct worker *w, string_vec *env, struct err *e)
{
	struct trial *t = w->now;
	struct arena *a = t->a;

	if (t->ports_fd < 0 &&
	    !ports_take(t->tree.path, &t->port, &t->ports_fd, e))
		return err_wrap(e, "no ports: ");
	vec_push(a, env, arena_printf(a, "WORKTREE_ID=%s", t->tree.name));
	vec_push(a, env, arena_printf(a, "WORKTREE_PORT_BASE=%d", t->port));
	if (environment_get(w->in->env, "COMPOSE_PROJECT_NAME") == NULL)
		vec_push(a, env,
		    arena_printf(a, "COMPOSE_PROJECT_NAME=%s-%s",
			compose_name(w), t->tree.name));
	return true;
}

/* ---- what readies it ---- */

bool
place_wants_prepare(struct worker *w)
{
	return *w->setup.prepare != '\0' &&
	       !pool_is_prepared(&w->pool, &w->now->tree, w->setup.prepare,
		   &w->setup.prepare_key);
}

/* One that cannot be noted is prepared again the next time. */
void
place_is_prepared(struct worker *w)
{
	struct err ignored cleanup_err = ERR_INIT;

	pool_mark_prepared(&w->pool, &w->now->tree, w->setup.prepare,
	    &w->setup.prepare_key, &ignored);
}

/* ---- what is not the test's own ---- */

/* The first one by name, the others by number. */
static const char *
foreign_text(struct arena *a, const struct foreign *f, size_t n)
{
	const char *more =
	    n > 1 ? arena_printf(a, " (and %zu more)", n - 1) : "";

	return arena_printf(a,
	    "it would use another tree: the %s %s leads to "
	    "%s%s",
	    f->what, f->path, f->leads, more);
}

static bool
check_foreign(struct worker *w, struct err *e)
{
	struct trial *t = w->now;
	foreign_vec found = { 0 };
	const char *text;
	size_t n = 0;

	if (strcmp(w->setup.foreign, "allow") == 0)
		return true;
	if (!pool_foreign(&w->pool, &t->tree, &found, &n, e))
		return false;
	if (n == 0)
		return true;
	text = foreign_text(t->a, &found.v[0], n);
	if (strcmp(w->setup.foreign, "warn") != 0)
		return err_set(e, ERR_GENERIC, "%s", text);
	t->answer.warning = text;
	return true;
}

bool
place_check(struct worker *w, struct err *e)
{
	struct trial *t = w->now;
	const char *at_first = arena_printf(t->a, "%s/shared", w->setup.folder);

	if (!check_foreign(w, e))
		return false;
	t->is_marked = shared_mark_take(&w->git, at_first, &t->mark, e);
	return t->is_marked;
}

bool
place_compare(struct worker *w, struct err *e)
{
	struct trial *t = w->now;
	struct sb b cleanup_sb = SB_INIT;
	shared_changes changes = { 0 };
	const struct shared_change *c;

	if (!t->is_marked)
		return true;
	if (!shared_mark_compare(&t->mark, &changes, e))
		return false;
	vec_each(&changes, c)
		sb_printf(&b, "%s%s", b.n > 0 ? "; " : "", c->text);
	return changes.n == 0 || err_set(e, ERR_GENERIC, "%s", sb_cstr(&b));
}

/* ---- what it changed ---- */

#define NO_HOOKS "-c", "core.hooksPath=/dev/null"

bool
place_commit(struct worker *w, struct err *e)
{
	struct trial *t = w->now;
	const char *head, *message;
	struct git git;
	bool same;

	if (!git_open(
		t->a, t->tree.path, environment_block(w->in->env), &git, e) ||
	    !git_run(&git,
		GIT_WORDS(
		    NO_HOOKS, "add", "-A", "--", ":/", ":(top,exclude).task"),
		NULL, e) ||
	    !git_ask(&git, GIT_WORDS("diff", "--cached", "--quiet", "HEAD"),
		&same, NULL, e))
		return false;
	message = arena_printf(t->a, "%s\n\nA test of prun's session %s.",
	    t->test.name, w->setup.session);
	if (!same && !git_run(&git,
			 GIT_WORDS(NO_HOOKS, "commit", "-q", "--no-verify",
			     "-m", message),
			 NULL, e))
		return false;
	if (!git_line(&git, GIT_WORDS("rev-parse", "HEAD"), &head, e))
		return false;
	if (strcmp(head, w->setup.commit) == 0)
		return true;
	t->answer.merge = head;
	return git_run(&git,
	    GIT_WORDS("update-ref",
		arena_printf(t->a, MERGE_REFS "%s/%d", w->setup.session,
		    (int)t->test.number),
		head),
	    NULL, e);
}

/* ---- the end ---- */

static const char *
kept_text(struct arena *a, const struct pool_kept *kept)
{
	return arena_printf(a, "%s (%zu commit%s)", kept->ref, kept->commits.n,
	    kept->commits.n == 1 ? "" : "s");
}

void
place_leave(struct worker *w, bool preserves)
{
	struct trial *t = w->now;
	struct err e cleanup_err = ERR_INIT;
	struct pool_kept kept = { 0 };
	const char *path = t->tree.path;
	bool good;

	if (preserves) {
		good = pool_preserve(&w->pool, &t->tree, t->answer.reason, &e);
		if (good)
			t->answer.path = path;
	} else {
		good = pool_release(&w->pool, &t->tree, &kept, &e);
		if (kept.ref != NULL)
			t->answer.kept = kept_text(t->a, &kept);
	}
	if (!good)
		t->answer.warning = arena_strdup(t->a, e.message);
	if (t->ports_fd >= 0)
		close(t->ports_fd);
	t->ports_fd = -1;
	t->has_tree = false;
}
