/* SPDX-License-Identifier: MIT */
#include "base/gitignore.h"

#include "base/err.h"
#include "base/io.h"
#include "base/map.h"
#include "base/match.h"
#include "base/path.h"
#include "base/vec.h"

struct rule {
	sv pattern;
	bool negated;	/* `!`: not ignored after all */
	bool dir_only;	/* written with a slash at the end */
	bool anchored;	/* has a slash: matched against the whole path */
};

/* A folder of the work tree. */
struct folder {
	const struct folder *up; /* NULL for the root */
	sv path;		 /* from the root; "" for the root */
	VEC(struct rule) rules;	 /* of its own .gitignore */
	bool ignored;		 /* with all that is below */
};

struct gitignore {
	struct arena *arena;
	const char *root;
	struct map *folders; /* path from the root → struct folder * */
};

/* Blanks at the end count only behind a backslash. */
static sv
trim_end(sv line)
{
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == '\\' && i + 1 < line.n)
			n = ++i + 1;
		else if (line.p[i] != ' ')
			n = i + 1;
	}
	return sv_sub(line, 0, n);
}

static void
add_rule(struct gitignore *g, struct folder *f, sv line)
{
	struct rule r = { 0 };

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n == 0 || line.p[0] == '#')
		return;
	line = trim_end(line);
	if (line.n > 0 && line.p[0] == '!') {
		r.negated = true;
		line = sv_sub(line, 1, SIZE_MAX);
	}
	if (line.n > 0 && line.p[line.n - 1] == '/') {
		r.dir_only = true;
		line.n--;
	}
	r.anchored = sv_find_char(line, '/', 0) >= 0;
	if (line.n > 0 && line.p[0] == '/')
		line = sv_sub(line, 1, SIZE_MAX);
	if (line.n == 0)
		return;
	r.pattern = line;
	vec_push(g->arena, &f->rules, r);
}

static void
read_rules(struct gitignore *g, struct folder *f)
{
	struct err e cleanup_err = ERR_INIT;
	sv text, line;
	char *dir = path_join(g->arena, sv_of(g->root), f->path);

	if (!read_file(g->arena, path_join(g->arena, sv_of(dir),
	    SV(".gitignore")), &text, &e))
		return;
	if (sv_starts(text, SV("\xef\xbb\xbf")))
		text = sv_sub(text, 3, SIZE_MAX);
	while (sv_cut(text, '\n', &line, &text))
		add_rule(g, f, line);
	add_rule(g, f, line);
}

/* git compares what stands before the first special character apart, and matches
 * the rest as a pattern of its own: so the stars of `/a**` stand at a beginning
 * and cross slashes. */
static bool
anchored_matches(sv pattern, sv path)
{
	size_t n = 0;

	while (n < pattern.n && strchr("*?[\\", pattern.p[n]) == NULL)
		n++;
	return path.n >= n && memcmp(pattern.p, path.p, n) == 0 &&
	    match_git(sv_sub(pattern, n, SIZE_MAX), sv_sub(path, n, SIZE_MAX));
}

static bool
rule_matches(const struct rule *r, const struct folder *f, sv path, bool is_dir)
{
	sv below = f->path.n ? sv_sub(path, f->path.n + 1, SIZE_MAX) : path;
	size_t base = below.n;

	if (r->dir_only && !is_dir)
		return false;
	if (r->anchored)
		return anchored_matches(r->pattern, below);
	while (base > 0 && below.p[base - 1] != '/')
		base--;
	return match_git(r->pattern, sv_sub(below, base, SIZE_MAX));
}

/* The verdict of the deepest file's last rule that matches. */
static bool
is_ignore_ignored(const struct folder *f, sv path, bool is_dir)
{
	if (f->ignored)
		return true;
	for (; f != NULL; f = f->up)
		for (size_t i = f->rules.n; i-- > 0;)
			if (rule_matches(&f->rules.v[i], f, path, is_dir))
				return !f->rules.v[i].negated;
	return false;
}

static sv
ignore_parent_of(sv path)
{
	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	if (path.n > 0)
		path.n--;
	return path;
}

static const struct folder *
ignore_folder_of(struct gitignore *g, sv path)
{
	struct folder *f = map_get(g->folders, path);

	if (f != NULL)
		return f;
	f = arena_new_of(g->arena, struct folder);
	f->path = sv_dup(g->arena, path);
	if (path.n > 0) {
		f->up = ignore_folder_of(g, ignore_parent_of(path));
		f->ignored = is_ignore_ignored(f->up, path, true);
	}
	if (!f->ignored)
		read_rules(g, f);
	map_put(g->folders, path, f);
	return f;
}

struct gitignore *
gitignore_open(struct arena *a, const char *dir)
{
	char *root = path_clean(a, sv_of(dir));
	struct gitignore *g;

	while (!path_exists(path_join(a, sv_of(root), SV(".git")))) {
		if (strcmp(root, "/") == 0 || strcmp(root, ".") == 0)
			return NULL;
		root = path_dir(a, sv_of(root));
	}
	g = arena_new_of(a, struct gitignore);
	*g = (struct gitignore){ a, root, map_new(a) };
	return g;
}

bool
gitignore_matches(struct gitignore *g, const char *path)
{
	sv clean = sv_of(path_clean(g->arena, sv_of(path)));
	size_t n = strlen(g->root);

	if (!sv_starts(clean, sv_of(g->root)) || clean.n <= n)
		return false;
	if (n > 1 && clean.p[n] != '/')
		return false;
	clean = sv_sub(clean, n > 1 ? n + 1 : n, SIZE_MAX);
	return is_ignore_ignored(
	    ignore_folder_of(g, ignore_parent_of(clean)), clean, false);
}
