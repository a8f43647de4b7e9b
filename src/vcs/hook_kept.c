/* SPDX-License-Identifier: MIT */
#include "vcs/hook_kept.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"

enum {
	LEVELS_MAX = 99,
	SCRIPT_MAX = 1 << 20
};

bool
hook_is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static bool
is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0');
}

bool
hook_place_find(const struct git *g, const char *name, struct hook_place *out,
    struct err *e)
{
	struct git there = *g;

	*out = (struct hook_place){ .a = g->a, .name = name };
	if (!git_line(g,
		GIT_WORDS("rev-parse", "--path-format=absolute", "--git-path",
		    "hooks"),
		&out->dir, e))
		return false;
	out->real = path_real(g->a, out->dir);
	out->top = path_real(g->a, g->top);
	out->common_dir = path_real(g->a, g->common_dir);
	out->path = path_join(g->a, sv_of(out->dir), sv_of(name));
	/* the repository whose file it is may be another one */
	there.top = out->real;
	out->is_tracked =
	    hook_is_there(out->path) && !is_below(out->real, out->common_dir) &&
	    git_try(&there,
		GIT_WORDS("ls-files", "--error-unmatch", "--", name),
		NULL);
	return true;
}

bool
hook_place_is_own(const struct hook_place *p)
{
	return is_below(p->real, p->common_dir) || is_below(p->real, p->top);
}

const char *
hook_place_shown(const struct hook_place *p, const char *path)
{
	const char *real = path_real_place(p->a, path);

	if (!is_below(real, p->top) || strcmp(real, p->top) == 0)
		return path;
	return real + strlen(p->top) + 1;
}

static const char *
level_folder(const struct hook_place *p, int level)
{
	if (level == 1)
		return arena_printf(p->a, "%s.before-prun", p->real);
	return arena_printf(p->a, "%s.before-prun-%d", p->real, level);
}

const char *
hook_kept_path(const struct hook_place *p, int level)
{
	return path_join(p->a, sv_of(level_folder(p, level)), sv_of(p->name));
}

const char *
hook_kept_old_path(const struct hook_place *p)
{
	return arena_printf(p->a, "%s.before-prun", p->path);
}

/* What a link to a hook's neighbour says. */
static const char *
neighbour_text(const struct hook_place *p, const char *name)
{
	return arena_printf(
	    p->a, "../%s/%s", path_base(p->a, sv_of(p->real)), name);
}

static const char *
kept_link_text(struct arena *a, const char *path)
{
	char text[4096];
	ssize_t n = readlink(path, text, sizeof(text));

	if (n < 0 || (size_t)n == sizeof(text))
		return NULL;
	return arena_strndup(a, text, (size_t)n);
}

static bool
is_our_link(const struct hook_place *p, const char *path, const char *name)
{
	const char *text = kept_link_text(p->a, path);

	return text != NULL && strcmp(text, neighbour_text(p, name)) == 0;
}

void
hook_kept_levels(const struct hook_place *p, level_vec *out)
{
	for (int level = 1; level <= LEVELS_MAX; level++) {
		const char *path = hook_kept_path(p, level);

		if (hook_is_there(path) && !is_our_link(p, path, p->name))
			vec_push(p->a, out, level);
	}
}

bool
hook_is_ours(struct arena *a, const char *path, const char *name, sv *text)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct stat st;
	sv there;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > SCRIPT_MAX || !read_file(a, path, &there, &ignored) ||
	    !hook_script_is_ours(a, there, name))
		return false;
	if (text != NULL)
		*text = there;
	return true;
}

/* Where there are no hard links: as like it as can be. */
static bool
copy_hook(struct arena *a, const char *from, const char *to, struct err *e)
{
	const char *text = kept_link_text(a, from);
	struct stat st;
	sv data;

	if (text != NULL)
		return symlink(text, to) == 0 ||
		       err_sys(e, errno, "symlink %s", to);
	if (stat(from, &st) != 0)
		return err_sys(e, errno, "stat %s", from);
	return read_file(a, from, &data, e) &&
	       write_atomic(to, data, st.st_mode & 07777, e) &&
	       (chmod(to, st.st_mode & 07777) == 0 ||
		   err_sys(e, errno, "chmod %s", to));
}

bool
hook_keep(
    const struct hook_place *p, const char *from, int level, struct err *e)
{
	const char *folder = level_folder(p, level);
	const char *to = hook_kept_path(p, level);
	const char *ignore = path_join(p->a, sv_of(folder), SV(".gitignore"));
	struct stat st;

	if (lstat(from, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(
		    e, ERR_GENERIC, "prun: %s is a folder, not a hook", from);
	if (!mkdir_all(folder, 0777, e))
		return false;
	/* in a work tree it is nobody's business */
	if (!is_below(p->real, p->common_dir) && !path_exists(ignore) &&
	    !write_atomic(ignore, SV("*\n"), 0666, e))
		return false;
	if (unlink(to) != 0 && errno != ENOENT)
		return err_sys(e, errno, "remove %s", to);
	if (linkat(AT_FDCWD, from, AT_FDCWD, to, 0) == 0)
		return true;
	return copy_hook(p->a, from, to, e);
}

/* Folders of kept hooks have the neighbours as links, but for prun's own: a
 * hook that starts them would start itself. */
static bool
link_neighbours(const struct hook_place *p, const char *folder, struct err *e)
{
	DIR *d cleanup_dir = opendir(p->real);
	struct dirent *entry;

	if (d == NULL)
		return err_sys(e, errno, "open %s", p->real);
	while ((entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		const char *path = path_join(p->a, sv_of(p->real), sv_of(name));
		const char *to = path_join(p->a, sv_of(folder), sv_of(name));

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (hook_is_ours(p->a, path, NULL, NULL)) {
			if (is_our_link(p, to, name))
				unlink(to);
		} else if (!hook_is_there(to) &&
			   symlink(neighbour_text(p, name), to) != 0) {
			return err_sys(e, errno, "symlink %s", to);
		}
	}
	return true;
}

bool
hook_kept_link(const struct hook_place *p, struct err *e)
{
	for (int level = 1; level <= LEVELS_MAX; level++) {
		const char *folder = level_folder(p, level);

		if (path_is_dir(folder) && !link_neighbours(p, folder, e))
			return false;
	}
	return true;
}

/* Is there anything in it that nobody but prun has put there? */
static bool
keeps_something(const struct hook_place *p, const char *folder)
{
	DIR *d cleanup_dir = opendir(folder);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    strcmp(name, ".gitignore") != 0 &&
		    !is_our_link(
			p, path_join(p->a, sv_of(folder), sv_of(name)), name))
			return true;
	}
	return false;
}

void
hook_kept_tidy(const struct hook_place *p)
{
	for (int level = 1; level <= LEVELS_MAX; level++) {
		struct err none cleanup_err = ERR_INIT;
		const char *folder = level_folder(p, level);

		if (path_is_dir(folder) && !keeps_something(p, folder))
			remove_all(folder, &none);
	}
}

bool
hook_is_same_program(struct arena *a, const char *x, const char *y)
{
	struct err none cleanup_err = ERR_INIT;
	const char *link = kept_link_text(a, x), *other = kept_link_text(a, y);
	sv first, second;

	if (link != NULL || other != NULL)
		return link != NULL && other != NULL &&
		       strcmp(link, other) == 0;
	if (!read_file(a, x, &first, &none) || !read_file(a, y, &second, &none))
		return false;
	/* pre-commit runs the hook that it has renamed, and refuses where that
	 * leads to another one of its own; they differ by where Python lies */
	return sv_eq(first, second) ||
	       (sv_find(first, SV("generated by pre-commit"), 0) >= 0 &&
		   sv_find(second, SV("generated by pre-commit"), 0) >= 0);
}
