/* SPDX-License-Identifier: MIT */
/*
 * Is a tree that git calls clean what a checkout would make of its commit?  git
 * can be told not to look, or to look less closely.
 */
#include "config.h"

#include <string.h>

#include "base/io.h"
#include "base/path.h"
#include "vcs/git.h"

/* More files than these are not looked at one by one. */
enum {
	FILTERED_MAX = 100
};

/* What the configuration says of it. */
struct view {
	bool is_lenient; /* less is compared than could be */
	bool is_sparse;  /* files may lie here that are none of the checkout */
	string_vec filters;
};

/* A filter of git-lfs's loses nothing. */
static void
add_filter(const struct git *g, sv name, struct view *out)
{
	sv section, filter, rest;

	sv_cut(name, '.', &section, &rest);
	filter = sv_sub(rest, 0,
	    rest.n - (sv_ends(rest, SV(".clean")) ? strlen(".clean")
						  : strlen(".process")));
	if (!sv_is(filter, "lfs"))
		vec_push(g->a, &out->filters, sv_cstr(g->a, filter));
}

static struct view
view_of(const struct git *g)
{
	struct view out = { 0 };
	struct err none cleanup_err = ERR_INIT;
	sv text = { "", 0 }, name, set;
	bool yes;

	/* "no": there is none of these; else git has not answered */
	out.is_lenient = !git_ask(g,
	    GIT_WORDS("config", "-z", "--get-regexp",
		"^core\\.(filemode|trustctime|checkstat|"
		"sparsecheckout)$|^filter\\..*\\.(clean|process)$"),
	    &yes, &text, &none);
	while (text.n > 0) {
		sv_cut(text, '\0', &set, &text);
		sv_cut(set, '\n', &name, &set);
		if (sv_starts(name, SV("filter.")))
			add_filter(g, name, &out);
		else if (sv_is(name, "core.sparsecheckout"))
			out.is_sparse = !sv_is(set, "false");
		else if (!sv_is(set, "true") && !sv_is(set, "default"))
			out.is_lenient = true;
	}
	return out;
}

static bool
differs_strictly(const struct git *g)
{
	return !git_try(g,
		   GIT_WORDS("-c", "core.fileMode=true", "-c",
		       "core.trustctime=true", "-c", "core.checkStat=default",
		       "diff-files", "--quiet", "--ignore-submodules=all"),
		   NULL);
}

/* Is the file what a checkout would write?  What the filter takes out on the
 * way in may be what makes a test pass. */
static bool
is_as_checked_out(const struct git *g, sv path)
{
	struct err none cleanup_err = ERR_INIT;
	const char *entry = arena_printf(g->a, ":0:%.*s", SV_ARG(path));
	sv made, there;

	return git_try(g, GIT_WORDS("cat-file", "--filters", entry), &made) &&
	       read_file(
		   g->a, path_join(g->a, sv_of(g->top), path), &there, &none) &&
	       sv_eq(made, there);
}

static bool
is_filter_lossy(const struct git *g, const char *filter)
{
	const char *spec = arena_printf(g->a, ":(top,attr:filter=%s)", filter);
	size_t n = 0;
	sv text, path;

	if (!git_try(g, GIT_WORDS("ls-files", "-z", "--", spec), &text))
		return true;
	while (text.n > 0) {
		sv_cut(text, '\0', &path, &text);
		if (++n > FILTERED_MAX || !is_as_checked_out(g, path))
			return true;
	}
	return false;
}

/* Are there files at which git was told not to look, here or in submodules? */
static bool
is_told_to_look_away(const struct git *g)
{
	sv text, line;

	if (!git_try(g, GIT_WORDS("ls-files", "-v", "--recurse-submodules"),
		&text))
		return true;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		if (line.n > 0 && line.p[0] != 'H')
			return true;
	}
	return false;
}

bool
git_hides_changes(const struct git *g)
{
	struct view view = view_of(g);
	const char **filter;

	if (view.is_sparse || is_told_to_look_away(g) ||
	    (view.is_lenient && differs_strictly(g)))
		return true;
	vec_each(&view.filters, filter)
		if (is_filter_lossy(g, *filter))
			return true;
	return false;
}
