/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/lfs.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"

/* What stands for the file: git-lfs's own first line. */
static bool
is_pointer(const struct git *g, sv path)
{
	static const char head[] = "version https://git-lfs.github.com/spec/";
	char text[sizeof(head) - 1];
	int fd cleanup_close =
	    open(path_join(g->a, sv_of(g->top), path), O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, text, sizeof(text)) == sizeof(text) &&
	       sv_eq((sv){ text, sizeof(text) }, sv_of(head));
}

/* All files that git-lfs is for, each ended by NUL. */
static sv
list_lfs(const struct git *tree)
{
	sv text = { NULL, 0 };

	if (!git_try(tree,
		GIT_WORDS("ls-files", "-z", "--", ":(top,attr:filter=lfs)"),
		&text))
		text.n = 0;
	return text;
}

const char *
lfs_pointer(const struct git *tree, const struct git *user)
{
	sv text = list_lfs(tree), path;

	while (text.n > 0) {
		sv_cut(text, '\0', &path, &text);
		if (is_pointer(tree, path) &&
		    (user == NULL || (path_exists(path_join(
					  tree->a, sv_of(user->top), path)) &&
					 !is_pointer(user, path))))
			return sv_cstr(tree->a, path);
	}
	return NULL;
}

void
lfs_filled(const struct git *tree, string_vec *out)
{
	sv text = list_lfs(tree), path;

	while (text.n > 0) {
		sv_cut(text, '\0', &path, &text);
		if (path_exists(path_join(tree->a, sv_of(tree->top), path)) &&
		    !is_pointer(tree, path))
			vec_push(tree->a, out, sv_cstr(tree->a, path));
	}
}

void
lfs_fill(const struct git *tree, const struct git *user)
{
	if (lfs_pointer(tree, user) != NULL)
		git_try(tree,
		    GIT_WORDS(
			"-c", "core.hooksPath=/dev/null", "lfs", "checkout"),
		    NULL);
}
