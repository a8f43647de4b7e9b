/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "gate/pushed.h"

#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "gate/remote_side.h"
#include "go/shellword.h"
#include "taskfile/source.h"

enum { CHANGED_FILES_MAX = 100000 };

/* As words of a shell.  More than a command line holds stands as ".", the whole
 * tree: more is run, never less. */
static const char *
as_words(struct gate *g, const string_vec *files)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < files->n; i++) {
		sv file = sv_of(files->v[i] + strlen(g->git.top) + 1);

		if (sv_ends(file, SV("/")))
			file.n--;
		sb_printf(&b, "%s%s", i ? " " : "", shell_quote(g->p->a, file));
	}
	if (b.n > CHANGED_FILES_MAX)
		return ".";
	return sb_take(&b, g->p->a).p;
}

/* A name and a password in a URL are nobody's business. */
static const char *
without_password(struct arena *a, const char *url)
{
	const char *host = strstr(url, "://");
	const char *end, *at = NULL;

	if (host == NULL || strncmp(url, "http", 4) != 0)
		return url;
	host += 3;
	end = host + strcspn(host, "/");
	for (const char *p = host; p < end; p++)
		if (*p == '@')
			at = p;
	return at == NULL ? url : arena_printf(a, "%.*s%s", (int)(host - url),
	    url, at + 1);
}

/* The range and its files for the tasks; a range that is not known stands for
 * everything. */
static void
describe_push(struct gate *g, const struct pushed *p, const char *base,
    const char *commit)
{
	struct err none cleanup_err = ERR_INIT;
	struct arena *a = g->p->a;
	string_vec files = { 0 };

	g->assignments = g->typed;
	g->range =
	    base != NULL ? arena_printf(a, "%s..%s", base, commit) : "";
	if (*g->range != '\0' &&
	    !git_changed_files(&g->git, g->range, &files, &none))
		g->range = "";
	gate_assign(g, "PUSH_REMOTE", p->remote);
	gate_assign(g, "PUSH_URL", without_password(a, p->url));
	gate_assign(g, "PUSH_RANGE", *g->range ? g->range : commit);
	gate_assign(
	    g, "CHANGED_FILES", *g->range ? as_words(g, &files) : ".");
}

/* Was the key new? */
static bool
is_first(struct map *seen, const char *key)
{
	if (map_get(seen, sv_of(key)) != NULL)
		return false;
	map_put(seen, sv_of(key), seen);
	return true;
}

/* ---- which commits are to be checked ---- */

static void
pushed_say(struct gate *g, const char *text)
{
	term_print(
	    g->p->term, STDERR_FILENO, COLOR_DEFAULT, "prun: %s\n", text);
}

/* A tag may name another object than a commit: then *commit is NULL. */
static bool
peel(struct gate *g, const struct push_ref *r, const char **commit,
    struct err *e)
{
	bool yes;
	sv text;

	if (!git_ask(&g->git,
		GIT_WORDS("rev-parse", "-q", "--verify",
		    arena_printf(g->p->a, "%s^{commit}", r->local_id)),
		&yes, &text, e))
		return err_wrap(e, "prun: git could not say what %s is: ",
		    r->local_ref);
	*commit = yes ? sv_cstr(g->p->a, sv_trim(text)) : NULL;
	return true;
}

/* Tags behind all else, so that what also goes to a branch is judged as that.
 * A push of thousands of tags asks git but once for each object. */
static bool
list_pushed(struct gate *g, const struct pushed *p, tip_vec *out, struct err *e)
{
	struct arena *a = g->p->a;
	struct map *seen = map_new(a);

	for (size_t i = 0; i < 2 * p->refs.n; i++) {
		const struct push_ref *r = &p->refs.v[i % p->refs.n];
		struct tip t = { .ref = r };

		if (r->deletes || push_ref_is_tag(r) != (i >= p->refs.n) ||
		    !is_first(seen,
			arena_printf(a, "%s %s", r->local_id, r->remote_id)))
			continue;
		if (!peel(g, r, &t.commit, e))
			return false;
		if (t.commit == NULL)
			pushed_say(g, arena_printf(a, "%s is no commit: nothing to "
			    "check", r->local_ref));
		else
			vec_push(a, out, t);
	}
	return true;
}

/* Has no commit that leads to this one such a file?  `name`: its place; NULL:
 * any Taskfile, anywhere. */
static bool
never_had(const struct git *g, const char *name, const char *commit)
{
	string_vec words = { 0 };
	sv text;

	vec_push(g->a, &words, "rev-list");
	vec_push(g->a, &words, "-1");
	vec_push(g->a, &words, "--full-history");
	vec_push(g->a, &words, commit);
	vec_push(g->a, &words, "--");
	if (name != NULL)
		vec_push(g->a, &words,
		    arena_printf(g->a, ":(top,literal)%s", name));
	for (size_t i = 0; name == NULL && taskfile_names[i] != NULL; i++)
		vec_push(g->a, &words,
		    arena_printf(
			g->a, ":(top,glob)**/%s", taskfile_names[i]));
	vec_push(g->a, &words, NULL);
	return git_try(g, words.v, &text) && text.n == 0;
}

/* One without what a check needs is no failure where it is older than the
 * Taskfile, or of another kind, as a branch of pages is. */
static bool
is_beside_the_check(struct gate *g, const struct tip *t)
{
	const char *own = gate_own_taskfile(g);

	/* one that is committed nowhere would never be there */
	if (g->lacks == GATE_LACKS_NOTHING || own == NULL)
		return false;
	return push_ref_is_tag(t->ref) ||
	       (g->lacks == GATE_LACKS_TASKFILE &&
		   never_had(&g->git, *g->p->s->taskfile ? own : NULL,
		       t->commit));
}

static bool
check_tip(struct gate *g, const struct pushed *p, const string_vec *tips,
    const struct tip *t, struct err *e)
{
	describe_push(g, p, remote_base(&g->git, tips, t->ref, t->commit),
	    t->commit);
	if (gate_check(g, t->commit, e))
		return true;
	if (!is_beside_the_check(g, t))
		return false;
	err_clear(e);
	pushed_say(g, arena_printf(g->p->a, "%s has no %s: nothing to check",
	    t->ref->local_ref, g->lacks == GATE_LACKS_TASKFILE
	    ? "Taskfile" : "such task"));
	return true;
}

static void
say_known(struct gate *g, const struct push_ref *one, size_t n)
{
	if (n == 1)
		pushed_say(g, arena_printf(g->p->a, "the remote has the commit of %s: "
		    "nothing to check", one->local_ref));
	else if (n > 1)
		pushed_say(g, arena_printf(g->p->a, "the remote has the commits of %zu "
		    "refs: nothing to check", n));
}

/* Is nothing of it new there?  What was there as a tip has passed; what lies
 * behind one is no ground to compare the next push with, so where ranges narrow
 * the run a branch that goes there is checked. */
static bool
is_known(struct gate *g, const struct tip *t, const string_vec *tips,
    const struct map *news)
{
	const char **tip;

	if (news == NULL || map_get(news, sv_of(t->commit)) != NULL)
		return false;
	if (!g->config.only_changed || push_ref_is_tag(t->ref))
		return true;
	vec_each(tips, tip)
		if (strcmp(*tip, t->commit) == 0)
			return true;
	return false;
}

/* Each distinct commit that is new on the remote once; where ranges narrow the
 * run, once for each range. */
bool
gate_check_pushed(struct gate *g, const struct pushed *p, struct err *e)
{
	struct map *seen = map_new(g->p->a), *news;
	const struct push_ref *known = NULL;
	tip_vec pushed = { 0 }, checked = { 0 };
	string_vec tips = { 0 };
	const struct tip *t;
	size_t n = 0;

	remote_tips(&g->git, p, &tips);
	if (!list_pushed(g, p, &pushed, e) ||
	    !remote_lacks(&g->git, p, &tips, &pushed, &news, e))
		return false;
	vec_each(&pushed, t)
	{
		const char *from =
		    g->config.only_changed ? t->ref->remote_id : "";

		if (is_known(g, t, &tips, news)) {
			known = t->ref;
			n++;
		} else if (is_first(seen,
			       arena_printf(
				   g->p->a, "%s %s", t->commit, from))) {
			vec_push(g->p->a, &checked, *t);
		}
	}
	say_known(g, known, n);
	vec_each(&checked, t)
		if (!check_tip(g, p, &tips, t, e))
			return false;
	return true;
}

bool
pushed_never_had_taskfile(const struct git *g, const push_ref_vec *refs)
{
	const struct push_ref *r;

	vec_each(refs, r)
		if (!r->deletes && !never_had(g, NULL, r->local_id))
			return false;
	return true;
}
