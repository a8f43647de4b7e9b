/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "gate/remote_side.h"

#include <string.h>

enum { THERE_MAX = 2000, PUSHED_AT_ONCE = 1000 };

/* Does another remote's name go on behind this one's?  Its refs are not those of
 * this one. */
static bool
is_of_longer_name(sv ref, sv remotes, const char *name)
{
	sv other;
	size_t n = strlen(name);

	while (remotes.n > 0) {
		sv_cut(remotes, '\n', &other, &remotes);
		if (other.n > n && sv_starts(other, sv_of(name)) &&
		    other.p[n] == '/' && sv_starts(ref, other) &&
		    ref.n > other.n && ref.p[other.n] == '/')
			return true;
	}
	return false;
}

/* Do the refs that were fetched tell what a push to the remote finds? */
static bool
is_pushed_where_fetched(const struct git *g, const char *remote)
{
	struct arena *a = g->a;
	sv from, to;

	if (!git_try(g,
		GIT_WORDS("config", "--get-all",
		    arena_printf(a, "remote.%s.url", remote)),
		&from))
		return false;
	return !git_try(g,
		   GIT_WORDS("config", "--get-all",
		       arena_printf(a, "remote.%s.pushurl", remote)),
		   &to) ||
	       sv_eq(from, to);
}

/* What the remote was seen to have: the tips of its branches. */
void
remote_tips(const struct git *g, const struct pushed *p, string_vec *out)
{
	static const char refs[] = "refs/remotes/";
	sv text, line, id, name, remotes;

	if (!is_pushed_where_fetched(g, p->remote) ||
	    !git_try(g, GIT_WORDS("remote"), &remotes) ||
	    !git_try(g,
		GIT_WORDS("for-each-ref", "--count=500",
		    "--sort=-committerdate",
		    "--format=%(objectname) %(refname)",
		    arena_printf(g->a, "%s%s", refs, p->remote)),
		&text))
		return;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		sv_cut(line, ' ', &id, &name);
		name = sv_sub(name, sizeof(refs) - 1, SIZE_MAX);
		if (!is_of_longer_name(name, remotes, p->remote))
			vec_push(g->a, out, sv_cstr(g->a, id));
	}
}

static bool
is_zero_id(const char *id)
{
	return id[strspn(id, "0")] == '\0';
}

/* Where a new branch left what is known of the remote, or NULL. */
static const char *
fork_point(const struct git *g, const string_vec *tips, const char *commit)
{
	struct arena *a = g->a;
	string_vec words = { 0 };
	sv text;

	if (tips->n == 0)
		return NULL;
	vec_push(a, &words, "merge-base");
	vec_push(a, &words, commit);
	for (size_t i = 0; i < tips->n; i++)
		vec_push(a, &words, tips->v[i]);
	vec_push(a, &words, NULL);
	return git_try(g, words.v, &text)
		   ? sv_cstr(a, sv_trim(text))
		   : NULL;
}

/* A tip that has the commit, itself if it is one. */
static const char *
tip_with(const struct git *g, const string_vec *tips, const char *commit)
{
	const char *const *tip;

	vec_each(tips, tip)
		if (strcmp(*tip, commit) == 0)
			return commit;
	vec_each(tips, tip)
		if (git_try(g,
			GIT_WORDS("merge-base", "--is-ancestor", commit, *tip),
			NULL))
			return *tip;
	return NULL;
}

bool
push_ref_is_tag(const struct push_ref *r)
{
	return strncmp(r->remote_ref, "refs/tags/", 10) == 0;
}

const char *
remote_base(const struct git *g, const string_vec *tips,
    const struct push_ref *r, const char *commit)
{
	const char *left;

	/* a tag may have come there without a check */
	if (!is_zero_id(r->remote_id) && !push_ref_is_tag(r))
		return git_try(g,
			   GIT_WORDS("cat-file", "-e",
			       arena_printf(g->a, "%s^{commit}",
				   r->remote_id)),
			   NULL)
			   ? r->remote_id
			   : NULL;
	left = fork_point(g, tips, commit);
	return left == NULL ? NULL : tip_with(g, tips, left);
}

/* What the remote has before this push: the refs that git says are moved or
 * removed, and those that were seen there. */
static void
list_there(const struct git *g, const struct pushed *p, const string_vec *tips,
    string_vec *out)
{
	struct map *seen = map_new(g->a);
	const struct push_ref *r;

	for (size_t i = 0; i < tips->n; i++)
		vec_push(g->a, out, tips->v[i]);
	vec_each(&p->refs, r)
	{
		sv id = sv_of(r->remote_id);

		if (is_zero_id(id.p) || map_get(seen, id) != NULL ||
		    out->n == THERE_MAX)
			continue;
		map_put(seen, id, seen);
		vec_push(g->a, out, r->remote_id);
	}
}

/* Some of the commits, as many as a command line holds. */
static bool
list_new(const struct git *g, const struct tip *pushed, size_t n,
    const string_vec *there, struct map *out, struct err *e)
{
	string_vec words = { 0 };
	sv text, line;

	vec_push(g->a, &words, "rev-list");
	vec_push(g->a, &words, "--ignore-missing");
	for (size_t i = 0; i < n; i++)
		vec_push(g->a, &words, pushed[i].commit);
	vec_push(g->a, &words, "--not");
	for (size_t i = 0; i < there->n; i++)
		vec_push(g->a, &words, there->v[i]);
	vec_push(g->a, &words, NULL);
	if (!git_run(g, words.v, &text, e))
		return false;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		map_put(out, line, out);
	}
	return true;
}

bool
remote_lacks(const struct git *g, const struct pushed *p,
    const string_vec *tips, const tip_vec *pushed, struct map **out,
    struct err *e)
{
	string_vec there = { 0 };

	*out = NULL;
	list_there(g, p, tips, &there);
	if (there.n == 0)
		return true;
	*out = map_new(g->a);
	for (size_t i = 0; i < pushed->n; i += PUSHED_AT_ONCE) {
		size_t n = pushed->n - i;

		if (!list_new(g, pushed->v + i,
			n < PUSHED_AT_ONCE ? n : PUSHED_AT_ONCE, &there, *out,
			e))
			return false;
	}
	return true;
}
