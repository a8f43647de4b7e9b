/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "gate/pushed.h"

#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "go/shellword.h"

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

/*
 * What is new on the remote: since its old tip, or since where the commit left
 * what is known of the remote; "" where neither is known here.
 */
static const char *
new_range(struct gate *g, const struct pushed *p, const char *remote_id,
    const char *commit)
{
	struct arena *a = g->p->a;
	VEC(const char *) words = { 0 };
	const char *refs = arena_printf(a, "refs/remotes/%s", p->remote);
	const char *old;
	sv text, line;

	if (strspn(remote_id, "0") < strlen(remote_id))
		return git_try(&g->git, GIT_WORDS("cat-file", "-e",
			   arena_printf(a, "%s^{commit}", remote_id)), NULL)
			? arena_printf(a, "%s..%s", remote_id, commit) : "";
	if (!git_try(&g->git, GIT_WORDS("for-each-ref", "--count=500",
		"--format=%(objectname)", refs), &text) || text.n == 0)
		return "";
	vec_push(a, &words, "merge-base");
	vec_push(a, &words, commit);
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		vec_push(a, &words, sv_cstr(a, line));
	}
	vec_push(a, &words, NULL);
	if (!git_try(&g->git, words.v, &text))
		return "";
	old = sv_cstr(a, sv_trim(text));
	return arena_printf(a, "%s..%s", old, commit);
}

/* The range and its files for the tasks; a range that is not known stands for
 * everything. */
static void
describe_push(struct gate *g, const struct pushed *p, const char *range,
    const char *commit)
{
	struct err none cleanup_err = ERR_INIT;
	string_vec files = { 0 };
	bool known = *range != '\0' &&
	    git_changed_files(&g->git, range, &files, &none);

	g->assignments = g->typed;
	g->range = known ? range : "";
	gate_assign(g, "PUSH_REMOTE", p->remote);
	gate_assign(g, "PUSH_URL", without_password(g->p->a, p->url));
	gate_assign(g, "PUSH_RANGE", known ? range : commit);
	gate_assign(g, "CHANGED_FILES", known ? as_words(g, &files) : ".");
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

/* Each distinct commit once; where ranges narrow the run, once for each range. */
bool
gate_check_pushed(struct gate *g, const struct pushed *p, struct err *e)
{
	struct arena *a = g->p->a;
	struct map *seen = map_new(a);

	for (size_t i = 0; i < p->refs.n; i++) {
		const struct push_ref *r = &p->refs.v[i];
		bool narrow = g->config.only_changed;
		const char *commit, *range;
		bool yes;
		sv text;

		/* a push of thousands of tags asks git but once for each */
		if (r->deletes || !is_first(seen, arena_printf(a, "%s %s",
			r->local_id, narrow ? r->remote_id : "")))
			continue;
		/* a tag may name another object than a commit */
		if (!git_ask(&g->git, GIT_WORDS("rev-parse", "-q", "--verify",
			arena_printf(a, "%s^{commit}", r->local_id)), &yes,
			&text, e))
			return err_wrap(e,
			    "prun: git could not say what %s is: ",
			    r->local_ref);
		if (!yes) {
			term_print(g->p->term, STDERR_FILENO, COLOR_DEFAULT,
			    "prun: %s is no commit: nothing to check\n",
			    r->local_ref);
			continue;
		}
		commit = sv_cstr(a, sv_trim(text));
		if (!narrow && !is_first(seen, commit))
			continue;
		range = new_range(g, p, r->remote_id, commit);
		describe_push(g, p, range, commit);
		if (!gate_check(g, commit, e))
			return false;
	}
	return true;
}
