/* SPDX-License-Identifier: MIT */
/*
 * What tests changed, in the branch that the session was started on (P-807).
 * Each test's changes are a commit that a ref below refs/prun/merge names; the
 * merges are made without any work tree, one behind the other, and the branch
 * moves at the end or not at all.
 */
#include "config.h"

#include <string.h>

#include "session/session_internal.h"

struct merge {
	struct session *s;
	struct git git;
	const char *at; /* what is merged so far */
	int n;
};

static const char *
merge_ref(const struct session *s, const struct test *t)
{
	return arena_printf(s->a, MERGE_REFS "%s/%d", s->dir.id, t->row.number);
}

/* Those before it that changed the file, too. */
static const char *
who_changed(struct merge *m, const struct test *t, const char *file)
{
	struct sb b cleanup_sb = SB_INIT;
	sv text;

	for (const struct test *o = m->s->tests; o < t; o++)
		if (*o->merge != '\0' &&
		    git_try(&m->git,
			GIT_WORDS("diff", "--name-only", m->s->row.head,
			    o->merge, "--", file),
			&text) &&
		    text.n > 0)
			sb_printf(&b, "%s%s", b.n > 0 ? ", " : "", o->row.name);
	return b.n > 0 ? sb_take(&b, m->s->a).p : "the branch";
}

/* The files stand behind the tree, one a line. */
static bool
say_conflict(struct merge *m, const struct test *t, sv text, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	sv line;

	sv_cut(text, '\n', &line, &text);
	while (text.n > 0) {
		const char *file;

		sv_cut(text, '\n', &line, &text);
		file = sv_cstr(m->s->a, line);
		if (line.n > 0)
			sb_printf(&b, "%s%s (with %s)", b.n > 0 ? ", " : "",
			    file, who_changed(m, t, file));
	}
	return err_set(e, ERR_GENERIC, "%s conflicts in %s", t->row.name,
	    b.n > 0 ? sb_cstr(&b) : "what it changed");
}

static bool
is_ancestor(struct merge *m, const char *old, const char *new)
{
	return git_try(
	    &m->git, GIT_WORDS("merge-base", "--is-ancestor", old, new), NULL);
}

static bool
merge_test(struct merge *m, const struct test *t, struct err *e)
{
	const char *tree, *subject;
	bool clean;
	sv text, line, rest;

	if (is_ancestor(m, t->merge, m->at))
		return true;
	m->n++;
	if (is_ancestor(m, m->at, t->merge)) {
		m->at = t->merge;
		return true;
	}
	if (!git_ask(&m->git,
		GIT_WORDS("merge-tree", "--write-tree", "--name-only",
		    "--no-messages", m->at, t->merge),
		&clean, &text, e))
		return false;
	if (!clean)
		return say_conflict(m, t, text, e);
	sv_cut(text, '\n', &line, &rest);
	tree = sv_cstr(m->s->a, line);
	subject = arena_printf(
	    m->s->a, "Merge %s of session %s", t->row.name, m->s->dir.id);
	return git_line(&m->git,
	    GIT_WORDS("commit-tree", tree, "-p", m->at, "-p", t->merge, "-m",
		subject),
	    &m->at, e);
}

/* Only what git itself would let forward. */
static bool
move_branch(struct merge *m, const char *from, struct err *e)
{
	if (m->n == 0) {
		tell_note(m->s, "--merge: the tests changed nothing");
		return true;
	}
	if (!git_run(
		&m->git, GIT_WORDS("merge", "--ff-only", "-q", m->at), NULL, e))
		return false;
	tell_note(m->s,
	    arena_printf(m->s->a, "--merge: %d test%s merged, %.10s..%.10s",
		m->n, m->n == 1 ? "" : "s", from, m->at));
	return true;
}

static bool
merge_all(struct merge *m, struct err *e)
{
	struct session *s = m->s;
	const char *from;

	if (!git_line(&m->git, GIT_WORDS("rev-parse", "HEAD"), &from, e))
		return false;
	m->at = from;
	for (int i = 0; i < s->n; i++)
		if (*s->tests[i].merge != '\0' &&
		    !merge_test(m, &s->tests[i], e))
			return false;
	return move_branch(m, from, e);
}

static void
drop_refs(struct merge *m)
{
	for (int i = 0; i < m->s->n; i++)
		if (*m->s->tests[i].merge != '\0')
			git_try(&m->git,
			    GIT_WORDS("update-ref", "-d",
				merge_ref(m->s, &m->s->tests[i])),
			    NULL);
}

static void
say_kept(struct session *s)
{
	for (int i = 0; i < s->n; i++)
		if (*s->tests[i].merge != '\0')
			tell_trouble(
			    s, arena_printf(s->a, "what %s changed is kept: %s",
				   s->tests[i].row.name,
				   merge_ref(s, &s->tests[i])));
}

void
session_merge(struct session *s)
{
	struct err e cleanup_err = ERR_INIT;
	struct merge m = { .s = s, .git = s->git };
	const char *why = "not all tests passed";

	if (s->row.tests_passed == s->n && s->signal == 0 && s->fault == NULL) {
		if (merge_all(&m, &e)) {
			drop_refs(&m);
			return;
		}
		why = e.message;
		s->fault = arena_printf(s->a, "nothing is merged: %s", why);
	} else {
		tell_trouble(
		    s, arena_printf(s->a, "nothing is merged: %s", why));
	}
	say_kept(s);
}
