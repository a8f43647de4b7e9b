/* SPDX-License-Identifier: MIT */
#include "project/trust.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/owner.h"
#include "base/path.h"
#include "exec/capture.h"
#include "taskfile/model.h"

struct trust {
	struct arena *a;
	struct environment *env;
	string_vec *safe; /* NULL: nobody asked yet */
	struct map *refused;
	string_vec lines; /* to be told */
};

struct trust *
trust_new(struct arena *a, struct environment *env)
{
	struct trust *t = arena_new_of(a, struct trust);

	*t = (struct trust){ .a = a, .env = env, .refused = map_new(a) };
	return t;
}

/* ---- safe.directory ---- */

/* The environment for a git that looks at no repository, wherever it is
 * started: what a repository says of its own safety does not count. */
static char **
safe_environment(struct trust *t)
{
	static const char *const names[] = { "GIT_DIR=", "GIT_CONFIG=",
		"GIT_WORK_TREE=", "GIT_COMMON_DIR=" };
	char **all = environment_block(t->env), **out;
	size_t n = 0, kept = 0;

	while (all[n] != NULL)
		n++;
	out = arena_alloc(t->a, (n + 2) * sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		bool other = true;

		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			other &= !sv_starts(sv_of(all[i]), sv_of(names[k]));
		if (other)
			out[kept++] = all[i];
	}
	out[kept++] = (char *)"GIT_DIR=/dev/null";
	out[kept] = NULL;
	return out;
}

/* Each text ends with a NUL; an empty one takes back those before it. */
static void
safe_read(struct trust *t, sv all)
{
	sv one;

	while (all.n > 0) {
		sv_cut(all, '\0', &one, &all);
		if (one.n == 0)
			t->safe->n = 0;
		else
			vec_push(t->a, t->safe, sv_cstr(t->a, one));
	}
}

static const string_vec *
safe_directories(struct trust *t)
{
	static const char *const words[] = { "git", "config", "--type=path",
		"-z", "--get-all", "safe.directory", NULL };
	struct err ignored cleanup_err = ERR_INIT;
	struct capture c = { .argv = words, .dir = "/" };
	int status;
	sv out;

	if (t->safe != NULL)
		return t->safe;
	t->safe = arena_new_of(t->a, string_vec);
	*t->safe = (string_vec){ 0 };
	c.env = safe_environment(t);
	if (capture_run(t->a, &c, &status, &out, NULL, &ignored) &&
	    status == 0)
		safe_read(t, out);
	return t->safe;
}

static const char *
real_path(struct arena *a, const char *path)
{
	char *real = realpath(path, NULL);
	const char *out = arena_strdup(a, real ? real : path);

	free(real);
	return out;
}

/* `pattern` is a folder, "*", or what ends with a slash and a star. */
static bool
safe_matches(struct trust *t, const char *pattern, const char *dir)
{
	size_t n = strlen(pattern);

	if (strcmp(pattern, "*") == 0)
		return true;
	if (n >= 2 && strcmp(pattern + n - 2, "/*") == 0)
		return sv_starts(sv_of(dir), (sv){ pattern, n - 1 });
	return strcmp(real_path(t->a, pattern), dir) == 0;
}

static bool
is_safe_directory(struct trust *t, const char *dir)
{
	const string_vec *safe = safe_directories(t);
	const char *const *pattern;

	vec_each (safe, pattern)
		if (safe_matches(t, *pattern, dir))
			return true;
	return false;
}

/* The folder or one above it: who believes a repository believes what is in
 * it. */
static bool
is_below_safe(struct trust *t, const char *dir)
{
	dir = real_path(t->a, dir);
	while (!is_safe_directory(t, dir)) {
		if (strcmp(dir, "/") == 0 || strcmp(dir, ".") == 0)
			return false;
		dir = path_dir(t->a, sv_of(dir));
	}
	return true;
}

/* ---- what is asked ---- */

/* Always false. */
static bool
trust_refuse(struct trust *t, const char *path, const char *line)
{
	if (map_get(t->refused, sv_of(path)) == NULL) {
		map_put(t->refused, sv_of(path), t);
		vec_push(t->a, &t->lines, line);
	}
	return false;
}

bool
trust_file(void *trust, const char *path)
{
	struct trust *t = trust;
	const char *dir = path_dir(t->a, sv_of(path));
	const char *home = environment_get(t->env, "HOME");

	if (file_is_ours(path) ||
	    (home != NULL && strcmp(real_path(t->a, home),
				 real_path(t->a, dir)) == 0) ||
	    is_below_safe(t, dir))
		return true;
	return trust_refuse(t, path,
	    arena_printf(t->a,
		"%s is not read: it belongs to another user (to read it: git "
		"config --global --add safe.directory %s)",
		path, dir));
}

/* A .git that is a file names the folder. */
static bool
git_folder_is_ours(struct trust *t, const char *dot_git)
{
	struct err ignored cleanup_err = ERR_INIT;
	const char *dir;
	sv text;

	if (!file_is_ours(dot_git))
		return false;
	if (path_is_dir(dot_git))
		return dir_is_ours(dot_git);
	if (!read_file(t->a, dot_git, &text, &ignored) ||
	    !sv_starts(text, SV("gitdir: ")))
		return true; /* git will tell what is wrong with it */
	dir = path_resolve(t->a, sv_of(path_dir(t->a, sv_of(dot_git))),
	    sv_trim(sv_sub(text, 8, SIZE_MAX)));
	return !path_exists(dir) || dir_is_ours(dir);
}

bool
trust_repository(struct trust *t, const char *dir)
{
	const char *dot_git = path_join(t->a, sv_of(dir), SV(".git"));

	if ((dir_is_ours(dir) && git_folder_is_ours(t, dot_git)) ||
	    is_safe_directory(t, real_path(t->a, dir)))
		return true;
	return trust_refuse(t, dot_git,
	    arena_printf(t->a,
		"%s is not used: it or its folder belongs to another user (to "
		"use it: git config --global --add safe.directory %s)",
		dot_git, dir));
}

void
trust_refuse_state(struct trust *t, const char *dir)
{
	trust_refuse(t, dir,
	    arena_printf(t->a, "%s is not used: it belongs to another user",
		dir));
}

void
trust_tell(struct trust *t, struct term *term)
{
	const char *const *line;

	vec_each (&t->lines, line)
		term_print(term, STDERR_FILENO, COLOR_YELLOW, "prun: %s\n",
		    *line);
	t->lines.n = 0;
}
