/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"

struct search {
	struct arena *a;
	const char *top; /* without links, as all of them */
	string_vec others;
	foreign_vec *out;
	size_t n;
};

/* How deep in the path it is a parent; 0: it is none. */
static size_t
depth_in(const char *root, const char *path)
{
	size_t n = strlen(root);

	return strncmp(root, path, n) == 0 &&
		       (path[n] == '/' || path[n] == '\0')
		   ? n
		   : 0;
}

/* One tree may lie in another: the innermost that the path is in counts. */
static bool
is_elsewhere(const struct search *s, const char *path)
{
	size_t own = depth_in(s->top, path), n;

	for (size_t i = 0; i < s->others.n; i++) {
		n = depth_in(s->others.v[i], path);
		if (n > own)
			return true;
	}
	return false;
}

static void
add_foreign(
    struct search *s, const char *path, const char *what, const char *leads)
{
	const struct foreign x = { arena_strdup(s->a, path), what,
		arena_strdup(s->a, leads) };

	if (s->n++ < FOREIGN_MOST)
		vec_push(s->a, s->out, x);
}

/* ---- texts with paths in them ---- */

/* "/a" in "/b/a" is another place; "file:///a" is not. */
static bool
begins_path(sv text, size_t at)
{
	unsigned char c = at > 0 ? (unsigned char)text.p[at - 1] : ' ';

	return !is_name_byte(c) && c != '.' && c != '-' && c != '~' && c < 0x80;
}

static bool
ends_path(char c)
{
	return c == '\0' || c == '\n' || c == '\r' || c == '"' || c == '\'' ||
	       c == ',' || c == ';' || c == ':' || c == ')' || c == ']' ||
	       c == '}';
}

/* The first place in the text where one of the other trees is named. */
static const char *
path_in_text(const struct search *s, sv text)
{
	for (size_t i = 0; i < s->others.n; i++) {
		sv root = sv_of(s->others.v[i]);
		ptrdiff_t at = -1;

		while ((at = sv_find(text, root, (size_t)(at + 1))) >= 0) {
			size_t from = (size_t)at, to = from + root.n;

			if (!begins_path(text, from) ||
			    (to < text.n && text.p[to] != '/' &&
				!ends_path(text.p[to])))
				continue;
			while (to < text.n && !ends_path(text.p[to]))
				to++;
			root = sv_sub(text, from, to - from);
			if (is_elsewhere(s, sv_cstr(s->a, root)))
				return sv_cstr(s->a, root);
			root = sv_of(s->others.v[i]);
		}
	}
	return NULL;
}

/* A line of a .pth file is a folder, as seen from where the file lies. */
static const char *
path_in_lines(const struct search *s, const char *dir, sv text)
{
	sv line;

	while (text.n > 0) {
		const char *path;

		sv_cut(text, '\n', &line, &text);
		line = sv_trim(line);
		if (line.n == 0 || line.n > 4096 || line.p[0] == '#' ||
		    sv_starts(line, SV("import ")))
			continue;
		path = path_real(s->a, path_resolve(s->a, sv_of(dir), line));
		if (is_elsewhere(s, path))
			return path;
	}
	return NULL;
}

/* ---- files that say where others lie ---- */

enum way {
	BY_TEXT,
	BY_LINES
};

static const struct {
	const char *head, *tail; /* of the file's name */
	const char *what;
	enum way way;
} tellers[] = {
	{ "", ".pth", ".pth file", BY_LINES },
	{ "", ".pth", ".pth file", BY_TEXT },
	{ "", ".egg-link", "editable install", BY_LINES },
	{ "__editable__", ".py", "editable install", BY_TEXT },
	{ "direct_url.json", "", "editable install", BY_TEXT },
	{ "pyvenv.cfg", "", "virtual environment", BY_TEXT },
};
/* of what is no such file at all */
enum {
	TELLER_MOST = 1 << 20
};

static bool
read_start(struct arena *a, const char *path, size_t most, sv *out)
{
	int fd cleanup_close =
	    open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *text = xmalloc(most);
	ssize_t n = fd < 0 ? -1 : read(fd, text, most);

	if (n > 0)
		*out = sv_dup(a, (sv){ text, (size_t)n });
	free(text);
	return n > 0;
}

static void
look_into_file(struct search *s, const char *dir, const char *path,
    const char *shown, const char *name)
{
	sv text = { NULL, 0 };

	for (size_t i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++) {
		const char *leads;

		if (!sv_starts(sv_of(name), sv_of(tellers[i].head)) ||
		    !sv_ends(sv_of(name), sv_of(tellers[i].tail)))
			continue;
		if (text.n == 0 && !read_start(s->a, path, TELLER_MOST, &text))
			return;
		leads = tellers[i].way == BY_LINES ? path_in_lines(s, dir, text)
						   : path_in_text(s, text);
		if (leads != NULL) {
			add_foreign(s, shown, tellers[i].what, leads);
			return;
		}
	}
}

/* "#!/elsewhere/.venv/bin/python": the programs of an environment that was
 * copied are those of the one that it was copied from. */
static void
look_at_script(struct search *s, const char *path, const char *shown)
{
	const char *leads;
	sv line, rest;

	if (!read_start(s->a, path, 512, &line) || !sv_starts(line, SV("#!")))
		return;
	sv_cut(line, '\n', &line, &rest);
	leads = path_in_text(s, line);
	if (leads != NULL)
		add_foreign(s, shown, "interpreter of a script", leads);
}

static void
look_at_link(struct search *s, const char *path, const char *shown)
{
	const char *leads = path_real(s->a, path);

	if (is_elsewhere(s, leads))
		add_foreign(s, shown, "link", leads);
}

/* ---- the walk ---- */

static bool
is_programs_folder(const char *dir, const char *name)
{
	char *cfg cleanup_free = xasprintf("%s/pyvenv.cfg", dir);

	return strcmp(name, "bin") == 0 && path_exists(cfg);
}

/* DT_UNKNOWN where the file system does not say. */
static unsigned char
entry_kind(int dir_fd, const struct dirent *entry)
{
	struct stat st;

#ifdef DT_UNKNOWN
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
#endif
	if (fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	if (S_ISLNK(st.st_mode))
		return DT_LNK;
	if (S_ISDIR(st.st_mode))
		return DT_DIR;
	return S_ISREG(st.st_mode) ? DT_REG : 0;
}

static void
look_through(struct search *s, const char *below, bool programs)
{
	char *dir cleanup_free =
	    *below ? xasprintf("%s/%s", s->top, below) : xstrdup(s->top);
	DIR *d cleanup_dir = opendir(dir);
	struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		const struct arena_mark mark = arena_mark(s->a);
		const char *name = entry->d_name;
		char *shown cleanup_free =
		    xasprintf("%s%s%s", below, *below ? "/" : "", name);
		char *path cleanup_free = xasprintf("%s/%s", dir, name);
		const size_t before = s->n;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    strcmp(name, ".git") == 0)
			continue;
		switch (entry_kind(dirfd(d), entry)) {
		case DT_LNK:
			look_at_link(s, path, shown);
			break;
		case DT_DIR:
			look_through(s, shown, is_programs_folder(dir, name));
			break;
		case DT_REG:
			look_into_file(s, dir, path, shown, name);
			if (programs)
				look_at_script(s, path, shown);
			break;
		default:
			break;
		}
		if (s->n == before)
			arena_release(s->a, mark);
	}
}

static int
compare_paths(const void *x, const void *y)
{
	const struct foreign *a = x, *b = y;

	return strcmp(a->path, b->path);
}

void
foreign_find(struct arena *a, const char *top, const string_vec *others,
    foreign_vec *out, size_t *n)
{
	struct search s = { .a = a, .top = path_real(a, top), .out = out };

	*out = (foreign_vec){ 0 };
	for (size_t i = 0; i < others->n; i++) {
		const char *real = path_real(a, others->v[i]);

		if (strcmp(real, s.top) != 0)
			vec_push(a, &s.others, real);
	}
	look_through(&s, "", false);
	if (out->n > 1)
		qsort(out->v, out->n, sizeof(*out->v), compare_paths);
	*n = s.n;
}
