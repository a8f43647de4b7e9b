/* SPDX-License-Identifier: MIT */
#include "base/glob.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/glob_internal.h"
#include "base/io.h"
#include "base/match.h"
#include "base/path.h"
#include "base/vec.h"
#include "base/word.h"

/* Links to directories that one path may go through. */
#define MAX_LINKS 16

struct glob_list {
	struct arena *arena;
	const char *dir;
	struct map *files; /* path → struct glob_mark * */
	bool keeps_links;
	const char *only; /* glob_list_ask() */
};

/* What a file of the map is. */
struct glob_mark {
	bool is_in;
	const struct stat *seen; /* or NULL */
};

static const struct glob_mark included = { .is_in = true }, excluded;

/* A directory of the walk and those above it, to end at loops of links. */
struct level {
	const struct level *up;
	dev_t dev;
	ino_t ino;
};

struct walk {
	struct arena *arena;
	struct map *files;
	bool is_exclude;
	size_t hits;
	struct sb path;
	const sv *parts; /* general walk: lexed parts */
	size_t n_parts;
	sv name;	 /* recursive walk: the name pattern */
	int links;
	bool keeps_links;
	const char *only;
	/* Where several `**` meet: the directories that each of them, by its
	 * number, has walked; NULL with fewer than two. */
	struct map *walked;
};

struct entry {
	const char *name;
	bool is_dir, is_link;
};

static void walk_parts(struct walk *w, int fd, size_t i,
    const struct level *up);

/* ---- directories ---- */

/* The next entry but . and ..; what a dangling link names does not exist. */
static bool
glob_next_entry(const struct walk *w, DIR *d, struct entry *out)
{
	int flags = w->keeps_links ? AT_SYMLINK_NOFOLLOW : 0;
	struct dirent *e;
	struct stat st;

	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		*out = (struct entry){ e->d_name, false, false };
		if (e->d_type == DT_DIR) {
			out->is_dir = true;
		} else if (e->d_type == DT_LNK || e->d_type == DT_UNKNOWN) {
			if (fstatat(dirfd(d), e->d_name, &st, flags) != 0)
				continue;
			out->is_dir = S_ISDIR(st.st_mode);
			out->is_link = e->d_type == DT_LNK;
		}
		return true;
	}
	return false;
}

static int
open_dir(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int
glob_open_below(const struct walk *w, int at, const char *name)
{
	return openat(at, name,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC |
		(w->keeps_links ? O_NOFOLLOW : 0));
}

/* A stream of its own for `fd`, which stays the caller's. */
static DIR *
list_dir(int fd)
{
	int copy = open_dir(fd, ".");
	DIR *d;

	if (copy < 0)
		return NULL;
	d = fdopendir(copy);
	if (d == NULL)
		close(copy);
	return d;
}

/* Fills `here` for `fd`; false when the walk is in that directory already. */
static bool
glob_enter(int fd, const struct level *up, struct level *here)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	*here = (struct level){ up, st.st_dev, st.st_ino };
	for (; up != NULL; up = up->up)
		if (up->dev == st.st_dev && up->ino == st.st_ino)
			return false;
	return true;
}

/* ---- the path that is being walked ---- */

static size_t
glob_push(struct walk *w, const char *name)
{
	size_t n = w->path.n;

	if (n > 0 && w->path.p[n - 1] != '/')
		sb_addc(&w->path, '/');
	sb_adds(&w->path, name);
	return n;
}

static void
pop(struct walk *w, size_t n)
{
	w->path.n = n;
}

/* A file; `st` is what is known of it, or NULL. */
static void
glob_hit(struct walk *w, sv path, const struct stat *st)
{
	const struct glob_mark *mark = w->is_exclude ? &excluded : &included;

	if (st != NULL && mark->is_in) {
		struct glob_mark *own = arena_new_of(w->arena, struct glob_mark);
		struct stat *seen = arena_new_of(w->arena, struct stat);

		*seen = *st;
		*own = (struct glob_mark){ true, seen };
		mark = own;
	}
	w->hits++;
	map_put(w->files, path, (void *)mark);
}

static void
add_file(struct walk *w, const char *name)
{
	size_t n = glob_push(w, name);

	glob_hit(w, sb_sv(&w->path), NULL);
	pop(w, n);
}

/* ---- root/ ** /name: dot files included (C-335) ---- */

static void
walk_names(struct walk *w, int fd, const struct level *up)
{
	DIR *d cleanup_dir = NULL;
	struct level here;
	struct entry e;

	if (!glob_enter(fd, up, &here) || (d = list_dir(fd)) == NULL)
		return;
	while (glob_next_entry(w, d, &e)) {
		int sub cleanup_close = -1;
		size_t n;

		if (!e.is_dir) {
			if (match_name(w->name, sv_of(e.name), MATCH_DOTS))
				add_file(w, e.name);
			continue;
		}
		if (w->links + e.is_link > MAX_LINKS ||
		    (sub = glob_open_below(w, fd, e.name)) < 0)
			continue;
		n = glob_push(w, e.name);
		w->links += e.is_link;
		walk_names(w, sub, &here);
		w->links -= e.is_link;
		pop(w, n);
	}
}

/* ---- the general walk, part by part (C-332) ---- */

/* Goes on with part i below the directory `name`. */
static void
descend(struct walk *w, int fd, const struct entry *e, size_t i,
    const struct level *up)
{
	int sub cleanup_close = -1;
	size_t n;

	if (w->links + e->is_link > MAX_LINKS ||
	    (sub = glob_open_below(w, fd, e->name)) < 0)
		return;
	n = glob_push(w, e->name);
	w->links += e->is_link;
	walk_parts(w, sub, i, up);
	w->links -= e->is_link;
	pop(w, n);
}

/* Was this directory walked for part i before?  What lies behind a link is not
 * remembered: the way there decides where loops end. */
static bool
was_walked(struct walk *w, size_t i)
{
	static char mark;
	size_t n = w->path.n;
	bool before;

	if (w->walked == NULL || w->links > 0)
		return false;
	sb_printf(&w->path, "/%zu", i);
	before = map_get(w->walked, sb_sv(&w->path)) != NULL;
	if (!before)
		map_put(w->walked, sb_sv(&w->path), &mark);
	pop(w, n);
	return before;
}

/* `**`: this directory and all below it whose names have no leading dot. */
static void
walk_deep(struct walk *w, int fd, size_t i, const struct level *up)
{
	bool last = i + 1 == w->n_parts;
	DIR *d cleanup_dir = NULL;
	struct level here;
	struct entry e;

	if (was_walked(w, i) || !glob_enter(fd, up, &here))
		return;
	if (!last)
		walk_parts(w, fd, i + 1, NULL);
	if ((d = list_dir(fd)) == NULL)
		return;
	while (glob_next_entry(w, d, &e)) {
		if (e.name[0] == '.')
			continue;
		if (e.is_dir)
			descend(w, fd, &e, i, &here);
		else if (last)
			add_file(w, e.name);
	}
}

static void
walk_wild(struct walk *w, int fd, size_t i)
{
	bool last = i + 1 == w->n_parts;
	DIR *d cleanup_dir = list_dir(fd);
	struct entry e;

	while (d != NULL && glob_next_entry(w, d, &e)) {
		if (e.is_dir == last ||
		    !match_name(w->parts[i], sv_of(e.name), MATCH_SHELL))
			continue;
		if (last)
			add_file(w, e.name);
		else
			descend(w, fd, &e, i + 1, NULL);
	}
}

static void
walk_literal(struct walk *w, int fd, size_t i)
{
	struct entry e = { .name = word_unescape(w->arena, w->parts[i]).p };
	int flags = w->keeps_links ? AT_SYMLINK_NOFOLLOW : 0;
	struct stat st;

	if (i + 1 < w->n_parts)
		descend(w, fd, &e, i + 1, NULL);
	else if (fstatat(fd, e.name, &st, flags) == 0 && !S_ISDIR(st.st_mode))
		add_file(w, e.name);
}

static void
walk_parts(struct walk *w, int fd, size_t i, const struct level *up)
{
	sv part = w->parts[i];

	if (part.n == 0) {
		/* A doubled slash; at the end it asks for a directory. */
		if (i + 1 < w->n_parts)
			walk_parts(w, fd, i + 1, NULL);
	} else if (sv_is(part, "**")) {
		walk_deep(w, fd, i, up);
	} else if (match_has_meta(part)) {
		walk_wild(w, fd, i);
	} else {
		walk_literal(w, fd, i);
	}
}

/* ---- one pattern ---- */

static const char *
env_of_process(void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

const sv *
glob_split_parts(struct arena *a, sv pattern, size_t *n)
{
	VEC(sv) parts = { 0 };
	sv head;

	while (sv_cut(pattern, '/', &head, &pattern)) {
		if (sv_is(head, "**") && parts.n > 0 &&
		    sv_is(parts.v[parts.n - 1], "**"))
			continue;
		vec_push(a, &parts, head);
	}
	if (!sv_is(head, "**") || parts.n == 0 ||
	    !sv_is(parts.v[parts.n - 1], "**"))
		vec_push(a, &parts, head);
	*n = parts.n;
	return parts.v;
}

static size_t
count_deep(const struct walk *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_parts; i++)
		n += sv_is(w->parts[i], "**");
	return n;
}

/* As it is written, doubled slashes and all. */
static void
glob_plain(struct walk *w, sv word)
{
	int flags = w->keeps_links ? AT_SYMLINK_NOFOLLOW : 0;
	const char *path;
	struct stat st;

	glob_push(w, word_unescape(w->arena, word).p);
	path = sb_cstr(&w->path);
	if (fstatat(AT_FDCWD, path, &st, flags) == 0 && !S_ISDIR(st.st_mode))
		glob_hit(w, sb_sv(&w->path), &st);
}

/* One word after braces, below the literal directory `base`. */
static void
glob_word(struct walk *w, const char *base, sv word)
{
	int fd cleanup_close = -1;
	struct arena *scratch cleanup_arena = NULL;

	sb_clear(&w->path);
	sb_adds(&w->path, base);
	if (w->only != NULL) {
		if (glob_word_names(w->arena, base, word, w->only))
			glob_hit(w, sv_of(w->only), NULL);
		return;
	}
	if (!match_has_meta(word)) {
		glob_plain(w, word);
		return;
	}
	w->parts = glob_split_parts(w->arena, word, &w->n_parts);
	if (count_deep(w) > 1) {
		scratch = arena_new();
		w->walked = map_new(scratch);
	}
	fd = open_dir(AT_FDCWD, base);
	if (fd >= 0)
		walk_parts(w, fd, 0, NULL);
	w->walked = NULL;
}

/* Is `rest` of the shape root/ ** /name that is walked natively (C-335)?  Then
 * *root and *name are its ends. */
static bool
is_recursive(const char *base, sv rest, sv *root, sv *name)
{
	ptrdiff_t deep = sv_starts(rest, SV("**/")) ? 0 :
						      sv_find(rest, SV("/**/"), 0);

	if (deep < 0 || (deep == 0 && strcmp(base, "/") == 0))
		return false;
	*root = sv_sub(rest, 0, (size_t)deep);
	*name = sv_sub(rest, (size_t)deep + (deep == 0 ? 3 : 4), SIZE_MAX);
	for (size_t i = 0; i < root->n; i++)
		if (strchr("*?[]{}", root->p[i]) != NULL)
			return false;
	return name->n > 0 && sv_find_char(*name, '/', 0) < 0 &&
	    sv_find_char(*name, '{', 0) < 0 && sv_find_char(*name, '}', 0) < 0;
}

static void
glob_recursive(struct walk *w, const char *base, sv root, sv name)
{
	int fd cleanup_close = -1;

	if (!match_is_valid(name))
		return;
	sb_clear(&w->path);
	sb_adds(&w->path, base);
	if (root.n > 0)
		glob_push(w, sv_cstr(w->arena, root));
	if (w->only != NULL) {
		if (glob_recursive_names(sb_cstr(&w->path), name, w->only))
			glob_hit(w, sv_of(w->only), NULL);
		return;
	}
	w->name = name;
	fd = open_dir(AT_FDCWD, sb_cstr(&w->path));
	if (fd >= 0)
		walk_names(w, fd, NULL);
}

/* Takes off the leading parts of an absolute pattern that are those of `dir`:
 * the project's own path is never a pattern (C-338). */
static const char *
common_base(struct arena *a, const char *dir, sv pattern, sv *rest)
{
	size_t base = 1, i = 1;

	while (i < pattern.n && dir[i] != '\0' && dir[i] == pattern.p[i]) {
		i++;
		if (i < pattern.n && pattern.p[i] == '/' &&
		    (dir[i] == '/' || dir[i] == '\0'))
			base = i + 1;
	}
	*rest = sv_sub(pattern, base, SIZE_MAX);
	return base == 1 ? "/" : arena_strndup(a, dir, base - 1);
}

/* Literal directory and pattern below it, both cleaned as text. */
static const char *
split_base(struct arena *a, const char *dir, sv pattern, sv *rest)
{
	const char *base = dir;

	if (path_is_abs(pattern))
		return common_base(a, dir, pattern, rest);
	*rest = sv_of(path_clean(a, pattern));
	while (sv_is(*rest, "..") || sv_starts(*rest, SV("../"))) {
		base = path_dir(a, sv_of(base));
		*rest = sv_sub(*rest, 3, SIZE_MAX);
	}
	return base;
}

/* Is there nothing in a relative pattern that could mean anything but itself?
 * Most have a name only, and are done here. */
static bool
is_plain_pattern(sv pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (!is_name_byte((unsigned char)pattern.p[i]) &&
		    strchr("./-+=@%,", pattern.p[i]) == NULL)
			return false;
	return !path_is_abs(pattern);
}

static bool
glob_pattern(const struct glob_list *l, sv pattern, bool is_exclude)
{
	struct arena *a = l->arena;
	const char *dir = l->dir;
	struct walk w = { .arena = a,
		.files = l->files,
		.is_exclude = is_exclude,
		.keeps_links = l->keeps_links,
		.only = l->only };
	word_vec words = { 0 };
	const char *base;
	sv rest, clean, root, name, word;

	/* A block scalar's line end is no part of the word. */
	while (pattern.n > 0 && strchr("\n\t\r", pattern.p[pattern.n - 1]))
		pattern.n--;
	if (pattern.n == 0)
		return false;
	base = split_base(a, dir, pattern, &rest);
	if (is_plain_pattern(pattern)) {
		glob_word(&w, base, rest);
		goto out;
	}
	clean = path_is_abs(pattern) ? sv_of(path_clean(a, pattern)) : pattern;
	if (path_is_abs(pattern)) {
		const char *clean_base = common_base(a, dir, clean, &clean);

		if (is_recursive(clean_base, clean, &root, &name)) {
			glob_recursive(&w, clean_base, root, name);
			goto out;
		}
	} else if (is_recursive(base, rest, &root, &name)) {
		glob_recursive(&w, base, root, name);
		goto out;
	}
	if (word_lex(a, rest, env_of_process, NULL, &word) &&
	    word_braces(a, word, &words))
		for (size_t i = 0; i < words.n; i++)
			glob_word(&w, base, words.v[i]);
out:
	sb_free(&w.path);
	return w.hits > 0;
}

/* ---- lists ---- */

struct glob_list *
glob_list_new(struct arena *a, const char *dir)
{
	struct glob_list *l = arena_new_of(a, struct glob_list);

	l->arena = a;
	l->dir = path_clean(a, sv_of(dir));
	l->files = map_new(a);
	return l;
}

bool
glob_list_add(struct glob_list *l, const char *pattern, bool exclude)
{
	return glob_pattern(l, sv_of(pattern), exclude);
}

void
glob_list_keep_links(struct glob_list *l)
{
	l->keeps_links = true;
}

void
glob_list_ask(struct glob_list *l, const char *path)
{
	l->only = path;
}

void
glob_list_ignore(struct glob_list *l, struct gitignore *rules)
{
	const struct map_entry *e;

	if (rules == NULL)
		return;
	map_each(l->files, e) {
		const struct glob_mark *mark = e->value;

		if (mark->is_in && gitignore_matches(rules, e->key.p))
			map_put(l->files, e->key, (void *)&excluded);
	}
}

size_t
glob_list_found(const struct glob_list *l, struct glob_found **found)
{
	const struct map_entry **sorted = map_sorted(l->arena, l->files);
	size_t n = 0, count = map_count(l->files);
	struct glob_found *out =
	    arena_alloc(l->arena, (count + 1) * sizeof(*out));

	for (size_t i = 0; i < count; i++) {
		const struct glob_mark *mark = sorted[i]->value;

		if (mark->is_in)
			out[n++] = (struct glob_found){ sorted[i]->key.p,
				mark->seen };
	}
	*found = out;
	return n;
}

size_t
glob_list_files(const struct glob_list *l, const char ***files)
{
	struct glob_found *found;
	size_t n = glob_list_found(l, &found);
	const char **out = arena_alloc(l->arena, (n + 1) * sizeof(*out));

	for (size_t i = 0; i < n; i++)
		out[i] = found[i].path;
	*files = out;
	return n;
}
