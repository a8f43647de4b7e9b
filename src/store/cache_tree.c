/* SPDX-License-Identifier: MIT */
#include "store/cache_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "store/cache_internal.h"

enum {
	FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
};

/* ---- walking ---- */

/* The folder that was opened last: neighbours follow one another. */
struct walk {
	int root;
	int fd; /* of `dir`; -1: none */
	char dir[CACHE_PATH_MAX];
};
#define WALK_INIT { -1, -1, "" }

static void
walk_end(struct walk *w)
{
	if (w->fd >= 0)
		close(w->fd);
	if (w->root >= 0)
		close(w->root);
	w->fd = w->root = -1;
}
#define cleanup_walk __attribute__((cleanup(walk_end)))

static bool
walk_begin(struct walk *w, const char *root, struct err *e)
{
	w->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return w->root >= 0 || err_sys(e, errno, "open %s", root);
}

static int
open_below(int at, const char *name, bool make)
{
	int fd = openat(at, name, FOLDER);

	if (fd >= 0 || errno != ENOENT || !make ||
	    (mkdirat(at, name, 0777) != 0 && errno != EEXIST))
		return fd;
	return openat(at, name, FOLDER);
}

static bool
walk_error(const char *path, struct err *e)
{
	if (errno == ELOOP || errno == ENOTDIR)
		return err_set(e, ERR_GENERIC,
		    "a link or a file is in the way of %s", path);
	return err_sys(e, errno, "open the folder of %s", path);
}

/* Opens the folder of a path; *name is the rest. */
static bool
walk_to_folder(struct walk *w, const char *path, bool make, const char **name,
    struct err *e)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) : 0;
	sv rest = { path, n }, part;
	int fd;

	*name = slash != NULL ? slash + 1 : path;
	if (w->fd >= 0 && strlen(w->dir) == n && memcmp(w->dir, path, n) == 0)
		return true;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	fd = fcntl(w->root, F_DUPFD_CLOEXEC, 0);
	while (fd >= 0 && rest.n > 0) {
		char one[256];
		int next;

		sv_cut(rest, '/', &part, &rest);
		snprintf(one, sizeof(one), "%.*s", SV_ARG(part));
		next = open_below(fd, one, make);
		if (next < 0) {
			int why = errno;

			close(fd);
			errno = why;
		} else {
			close(fd);
		}
		fd = next;
	}
	if (fd < 0)
		return walk_error(path, e);
	w->fd = fd;
	memcpy(w->dir, path, n);
	w->dir[n] = '\0';
	return true;
}

/* ---- taking ---- */

static bool
take_link(struct arena *a, int dir, const char *name, struct cache_file *f,
    struct err *e)
{
	char to[CACHE_PATH_MAX];
	ssize_t n = readlinkat(dir, name, to, sizeof(to));

	if (n < 0 || n == sizeof(to))
		return err_sys(e, errno, "readlink %s", f->path);
	f->link = arena_strndup(a, to, (size_t)n);
	return cache_link_is_good(f->path, f->link) ||
	       err_set(e, ERR_GENERIC, "%s is a link that leads out of the tree",
		   f->path);
}

static bool
take_file(struct cache *c, struct arena *a, int dir, const char *name,
    struct cache_file *f, struct err *e)
{
	int fd cleanup_close = openat(dir, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ELOOP)
		return take_link(a, dir, name, f, e);
	if (fd < 0 || fstat(fd, &st) != 0)
		return err_sys(e, errno, "open %s", f->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_GENERIC, "%s is no file", f->path);
	f->mode = st.st_mode & 0777;
	return cache_add_fd(c, a, fd, &f->blob, e);
}

bool
cache_take(struct cache *c, struct arena *a, const struct cache_tree *t,
    const cache_paths *paths, struct cache_entry *out, struct err *e)
{
	struct walk w cleanup_walk = WALK_INIT;

	if (!walk_begin(&w, t->root, e))
		return false;
	for (size_t i = 0; i < paths->n; i++) {
		struct cache_file f = { .path = paths->v[i],
			.blob.digest = "" };
		const char *name;

		if (!cache_path_is_good(f.path))
			return err_set(e, ERR_GENERIC,
			    "%s lies outside of the tree", f.path);
		if (!walk_to_folder(&w, f.path, false, &name, e) ||
		    !take_file(c, a, w.fd, name, &f, e))
			return false;
		vec_push(a, &out->files, f);
	}
	return true;
}

/* ---- the stage ---- */

/* A folder that is held by a lock while it is in use, so that what a killed run
 * left can be told from what another one does. */
struct stage {
	const char *path, *parent;
	int fd;
};

static void
stage_end(struct stage *s)
{
	struct err ignored cleanup_err = ERR_INIT;

	if (s->fd < 0)
		return;
	remove_all(s->path, &ignored);
	close(s->fd);
	s->fd = -1;
	rmdir(s->parent);
}
#define cleanup_stage __attribute__((cleanup(stage_end)))

static void
stage_remove_left(const char *parent)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	DIR *d cleanup_dir = opendir(parent);
	struct dirent *x;

	while (d != NULL && (x = readdir(d)) != NULL) {
		char *path = path_join(a, sv_of(parent), sv_of(x->d_name));
		int fd cleanup_close = -1;

		if (x->d_name[0] == '.')
			continue;
		fd = open(path, FOLDER);
		if (fd >= 0 && lock_try(fd, LOCK_KIND_ALONE) == LOCK_TAKEN)
			remove_all(path, &ignored);
		err_clear(&ignored);
	}
}

static bool
stage_begin(struct stage *s, struct arena *a, const char *parent, struct err *e)
{
	static unsigned number;

	stage_remove_left(parent);
	s->parent = parent;
	s->path = arena_printf(
	    a, "%s/%ld.%u", parent, (long)getpid(), number++);
	if ((!path_is_dir(parent) && !mkdir_all(parent, 0755, e)) ||
	    (mkdir(s->path, 0700) != 0 &&
		!err_sys(e, errno, "mkdir %s", s->path)))
		return false;
	s->fd = open(s->path, FOLDER);
	if (s->fd < 0)
		return err_sys(e, errno, "open %s", s->path);
	/* without locks it is the pid that tells */
	return lock_try(s->fd, LOCK_KIND_ALONE) != LOCK_BUSY ||
	       err_set(e, ERR_GENERIC, "%s is in use", s->path);
}

static bool
stage_file(struct cache *c, int stage, const char *name,
    const struct cache_file *f, struct err *e)
{
	int fd cleanup_close = -1;

	if (f->link != NULL)
		return symlinkat(f->link, stage, name) == 0 ||
		       err_sys(e, errno, "symlink %s", f->path);
	fd = openat(stage, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_sys(e, errno, "write %s", f->path);
	errno = 0;
	if (!cache_copy(c, &f->blob, fd))
		return errno == ENOSPC || errno == EDQUOT
			   ? err_sys(e, errno, "write %s", f->path)
			   : err_set(e, ERR_GENERIC,
				 "the stored %s is gone or damaged", f->path);
	return fchmod(fd, f->mode) == 0 ||
	       err_sys(e, errno, "chmod %s", f->path);
}

/* ---- the places ---- */

/* Can a file take its place there?  Makes the folders. */
static bool
place_is_free(struct walk *w, const char *path, dev_t stage, struct err *e)
{
	const char *name;
	struct stat st;

	if (!walk_to_folder(w, path, true, &name, e))
		return false;
	if (fstat(w->fd, &st) != 0 || st.st_dev != stage)
		return err_set(e, ERR_GENERIC,
		    "%s lies on another file system", path);
	if (fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode))
		return err_set(e, ERR_GENERIC, "%s is a folder", path);
	return faccessat(w->fd, ".", W_OK | X_OK, 0) == 0 ||
	       err_sys(e, errno, "write %s", path);
}

static bool
is_edited(struct cache *c, int dir, const char *name)
{
	char digits[SHA256_HEX + 1];
	uint8_t sum[SHA256_SIZE];
	char block[16 * 1024];
	struct sha256 s;
	struct stat st;
	ssize_t n;
	int fd cleanup_close = openat(
	    dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return errno == EACCES;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	sha256_begin(&s);
	while ((n = read(fd, block, sizeof(block))) > 0)
		sha256_add(&s, block, (size_t)n);
	sha256_end(&s, sum);
	sha256_digits(sum, digits);
	return n != 0 || !cache_has(c, digits);
}

/* The next free name for a copy: NAME, NAME.1, … */
static bool
keep_aside(struct arena *a, const struct cache_tree *t, int dir,
    const char *name, const char *path, struct cache_put *put, struct err *e)
{
	char *base = path_join(a, sv_of(t->kept), sv_of(path)), *to = base;

	if (!mkdir_all(path_dir(a, sv_of(base)), 0755, e))
		return false;
	for (unsigned i = 1; path_exists(to); i++)
		to = arena_printf(a, "%s.%u", base, i);
	if (linkat(dir, name, AT_FDCWD, to, 0) != 0)
		return err_sys(e, errno, "keep a copy of %s", path);
	vec_push(a, &put->saved, to);
	return true;
}

static bool
keep_edited(struct cache *c, struct arena *a, const struct cache_tree *t,
    struct walk *w, struct cache_put *put, struct err *e)
{
	for (size_t i = 0; i < put->strange->n; i++) {
		const char *path = put->strange->v[i], *name;

		if (!walk_to_folder(w, path, false, &name, e))
			return false;
		if (is_edited(c, w->fd, name) &&
		    !keep_aside(a, t, w->fd, name, path, put, e))
			return false;
	}
	return true;
}

static bool
is_in_entry(const struct cache_entry *x, const char *path)
{
	size_t low = 0, high = x->files.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(x->files.v[mid].path, path);

		if (order == 0)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static bool
remove_others(struct walk *w, const struct cache_entry *x,
    const cache_paths *present, struct err *e)
{
	const char *name;

	for (size_t i = 0; i < present->n; i++)
		if (!is_in_entry(x, present->v[i]) &&
		    (!walk_to_folder(w, present->v[i], false, &name, e) ||
			(unlinkat(w->fd, name, 0) != 0 && errno != ENOENT &&
			    !err_sys(e, errno, "remove %s", present->v[i]))))
			return false;
	return true;
}

static bool
put_in_place(struct walk *w, int stage, const struct cache_entry *x,
    struct err *e)
{
	for (size_t i = 0; i < x->files.n; i++) {
		char from[32];
		const char *name, *path = x->files.v[i].path;

		snprintf(from, sizeof(from), "%zu", i);
		if (!walk_to_folder(w, path, true, &name, e))
			return false;
		if (renameat(stage, from, w->fd, name) != 0)
			return err_sys(e, errno, "rename %s", path);
	}
	return true;
}

static bool
all_free(struct walk *w, const struct stage *s, const struct cache_entry *x,
    const cache_paths *present, struct err *e)
{
	struct stat st;

	if (fstat(s->fd, &st) != 0)
		return err_sys(e, errno, "stat %s", s->path);
	for (size_t i = 0; i < x->files.n; i++)
		if (!place_is_free(w, x->files.v[i].path, st.st_dev, e))
			return false;
	for (size_t i = 0; i < present->n; i++)
		if (!cache_path_is_good(present->v[i]) ||
		    !place_is_free(w, present->v[i], st.st_dev, e))
			return err_is_set(e) ||
			       err_set(e, ERR_GENERIC,
				   "%s lies outside of the tree",
				   present->v[i]);
	return true;
}

bool
cache_restore(struct cache *c, struct arena *a, const struct cache_tree *t,
    const struct cache_entry *x, struct cache_put *put, bool *begun,
    struct err *e)
{
	struct walk w cleanup_walk = WALK_INIT;
	struct stage s cleanup_stage = { "", "", -1 };

	*begun = false;
	if (!walk_begin(&w, t->root, e) || !stage_begin(&s, a, t->stage, e))
		return false;
	for (size_t i = 0; i < x->files.n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%zu", i);
		if (!stage_file(c, s.fd, name, &x->files.v[i], e))
			return false;
	}
	if (!all_free(&w, &s, x, put->present, e) ||
	    !keep_edited(c, a, t, &w, put, e))
		return false;
	*begun = true;
	return remove_others(&w, x, put->present, e) &&
	       put_in_place(&w, s.fd, x, e);
}
