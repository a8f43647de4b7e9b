/* SPDX-License-Identifier: MIT */
/* Which files are others than they were. */
#include <string.h>
#include <sys/stat.h>

#include "base/map.h"
#include "base/path.h"
#include "base/real_path.h"
#include "vcs/git.h"

/* A changed file onto the list, in the words of git_changed_files(). */
static void
add_changed(const struct git *g, sv path, bool leads, string_vec *out)
{
	const char *whole = path_join(g->a, sv_of(g->top), path);

	vec_push(g->a, out, leads ? arena_printf(g->a, "%s/", whole) : whole);
}

static bool
add_uncommitted(const struct git *g, string_vec *out, struct err *e)
{
	change_vec changes;

	if (!git_status(g, &changes, e))
		return false;
	for (size_t i = 0; i < changes.n; i++)
		add_changed(
		    g, sv_of(changes.v[i].path), changes.v[i].leads_on, out);
	return true;
}

/* A range that is one commit is compared with the tree as it is, to which files
 * belong that git does not know yet. */
static bool
add_unknown_files(
    const struct git *g, const char *range, string_vec *out, struct err *e)
{
	bool is_commit;
	sv text, path;

	if (!git_ask(g,
		GIT_WORDS("rev-parse", "-q", "--verify", "--end-of-options",
		    arena_printf(g->a, "%s^{commit}", range)),
		&is_commit, NULL, e))
		return false;
	if (!is_commit)
		return true;
	if (!git_run(g,
		GIT_WORDS("ls-files", "--others", "--exclude-standard", "-z",
		    "--", ":/", ":(top,exclude,glob)**/.task/**"),
		&text, e))
		return false;
	while (text.n > 0) {
		sv_cut(text, '\0', &path, &text);
		if (path.n > 0)
			add_changed(
			    g, path, git_untracked_leads_on(g, path), out);
	}
	return true;
}

/* ":OLDMODE NEWMODE ID ID STATE" of `git diff --raw`. */
static bool
is_raw_lead(sv modes)
{
	sv old, new;

	sv_cut(sv_sub(modes, 1, SIZE_MAX), ' ', &old, &modes);
	sv_cut(modes, ' ', &new, &modes);
	return git_mode_leads_on(old) || git_mode_leads_on(new);
}

static bool
add_range(
    const struct git *g, const char *range, string_vec *out, struct err *e)
{
	sv text, modes, path;

	if (!git_run(g,
		GIT_WORDS("diff", "--raw", "-z", "--no-renames",
		    "--ignore-submodules=none", "--end-of-options", range,
		    "--"),
		&text, e))
		return false;
	while (text.n > 0) {
		sv_cut(text, '\0', &modes, &text);
		sv_cut(text, '\0', &path, &text);
		if (path.n > 0)
			add_changed(g, path, is_raw_lead(modes), out);
	}
	return add_unknown_files(g, range, out, e);
}

/* Does the way of a link pass one of these files? */
static bool
leads_to(const struct git *g, const char *link, const struct map *files)
{
	trail_vec trail = { 0 };

	path_trail(g->a, link, &trail);
	for (size_t i = 0; i < trail.n; i++)
		if (map_get(files, sv_of(trail.v[i])) != NULL)
			return true;
	return false;
}

/* The folders in which the files that are gone were, and these files. */
static struct map *
gone_places(const struct git *g, const string_vec *files)
{
	struct map *places = map_new(g->a);
	size_t top = strlen(g->top);

	for (size_t i = 0; i < files->n; i++) {
		const char *path = files->v[i];
		struct stat st;

		if (lstat(path, &st) == 0)
			continue;
		while (strlen(path) > top &&
		       map_get(places, sv_of(path)) == NULL) {
			map_put(places, sv_of(path), places);
			path = path_dir(g->a, sv_of(path));
		}
	}
	return places;
}

bool
git_add_links_to_gone(const struct git *g, string_vec *files, struct err *e)
{
	struct map *gone = gone_places(g, files);
	sv text, entry, path;

	if (map_count(gone) == 0)
		return true;
	if (!git_run(g, GIT_WORDS("ls-files", "-s", "-z"), &text, e))
		return false;
	while (text.n > 0) {
		sv_cut(text, '\0', &entry, &text);
		sv_cut(entry, '\t', &entry, &path);
		if (sv_starts(entry, SV("120")) &&
		    leads_to(g, path_join(g->a, sv_of(g->top), path), gone))
			add_changed(g, path, true, files);
	}
	return true;
}

/* "H PATH": another letter says that git does not look at it. */
static bool
add_hidden(const struct git *g, string_vec *out, struct err *e)
{
	sv text, path;
	struct stat st;

	if (!git_run(g, GIT_WORDS("ls-files", "-v", "-z"), &text, e))
		return false;
	while (text.n > 0) {
		const char *whole;

		sv_cut(text, '\0', &path, &text);
		if (path.n < 3 || *path.p == 'H')
			continue;
		whole = path_join(
		    g->a, sv_of(g->top), sv_sub(path, 2, SIZE_MAX));
		if (lstat(whole, &st) == 0)
			vec_push(g->a, out, whole);
	}
	return true;
}

bool
git_unknown_files(const struct git *g, string_vec *out, struct err *e)
{
	sv text, path;

	*out = (string_vec){ 0 };
	if (!add_hidden(g, out, e))
		return false;
	if (!git_run(g,
		GIT_WORDS("ls-files", "--others", "--ignored",
		    "--exclude-standard", "--directory", "-z", "--", ":/",
		    ":(top,exclude,glob)**/.task/**"),
		&text, e))
		return false;
	while (text.n > 0) {
		sv_cut(text, '\0', &path, &text);
		if (path.n > 0 && !sv_is(path, ".task/") &&
		    !sv_ends(path, SV("/.task/")))
			vec_push(g->a, out,
			    arena_printf(
				g->a, "%s/%.*s", g->top, SV_ARG(path)));
	}
	return true;
}

bool
git_changed_files(
    const struct git *g, const char *range, string_vec *out, struct err *e)
{
	*out = (string_vec){ 0 };
	return *range == '\0' ? add_uncommitted(g, out, e)
			      : add_range(g, range, out, e);
}
