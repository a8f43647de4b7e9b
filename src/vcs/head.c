/* SPDX-License-Identifier: MIT */
#include "vcs/head.h"

#include <string.h>

#include "base/io.h"
#include "base/path.h"

/* The first line of a file; false: there is none. */
static bool
read_line_of(struct arena *a, const char *folder, const char *name, sv *out)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text;

	if (!read_file(
		a, path_join(a, sv_of(folder), sv_of(name)), &text, &ignored))
		return false;
	sv_cut(text, '\n', out, &text);
	*out = sv_trim(*out);
	return true;
}

static bool
is_head_id(sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hex_value((unsigned char)s.p[i]) < 0)
			return false;
	return s.n == 40 || s.n == 64;
}

/* The folder of git's files: .git, or what a file of that name says. */
static const char *
head_git_dir(struct arena *a, const char *dir)
{
	for (;;) {
		const char *git = path_join(a, sv_of(dir), SV(".git"));
		sv line;

		if (path_is_dir(git))
			return git;
		if (read_line_of(a, dir, ".git", &line))
			return sv_starts(line, SV("gitdir: "))
				   ? path_resolve(a, sv_of(dir),
					 sv_sub(line, 8, SIZE_MAX))
				   : NULL;
		if (strcmp(dir, "/") == 0 || strcmp(dir, ".") == 0)
			return NULL;
		dir = path_dir(a, sv_of(dir));
	}
}

/* "ID refs/heads/main" */
static const char *
find_packed(struct arena *a, const char *folder, sv ref)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text, line, id;

	if (!read_file(a, path_join(a, sv_of(folder), SV("packed-refs")), &text,
		&ignored))
		return "";
	while (sv_cut(text, '\n', &line, &text))
		if (sv_cut(line, ' ', &id, &line) && sv_eq(line, ref) &&
		    is_head_id(id))
			return sv_cstr(a, id);
	return "";
}

const char *
git_head_read(struct arena *a, const char *dir)
{
	const char *git = head_git_dir(a, dir), *common;
	sv head, id, to;

	if (git == NULL || !read_line_of(a, git, "HEAD", &head))
		return "";
	if (is_head_id(head))
		return sv_cstr(a, head);
	if (!sv_starts(head, SV("ref: ")))
		return "";
	head = sv_sub(head, 5, SIZE_MAX);
	common = read_line_of(a, git, "commondir", &to)
		     ? path_resolve(a, sv_of(git), to)
		     : git;
	if (read_line_of(a, common, sv_cstr(a, head), &id) && is_head_id(id))
		return sv_cstr(a, id);
	return find_packed(a, common, head);
}
