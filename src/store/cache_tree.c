/* SPDX-License-Identifier: MIT */
#include "store/cache_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/apart.h"
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
	bool is_new; /* it was not that of the path before */
	char dir[CACHE_PATH_MAX];
};
#define WALK_INIT { -1, -1, false, "" }

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
	w->is_new = w->fd < 0 || strlen(w->dir) != n ||
		    memcmp(w->dir, path, n) != 0;
	if (!w->is_new)
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

/* A folder in which files wait to take their places.  Whoever has some there
 * holds its lock together with others, so that what killed runs have left is
 * what is there while nobody does.  It stays: to remove a folder takes longer
 * than all the rest. */
struct stage {
	const char *path;
	int fd;
	char prefix[48]; /* of the names of this one's files */
};

/* Files that have not come to their places. */
static void
stage_remove(const struct stage *s, const char *prefix)
{
	size_t n = strlen(prefix);
	DIR *d cleanup_dir = opendir(s->path);
	struct dirent *x;

	while (d != NULL && (x = readdir(d)) != NULL)
		if (x->d_name[0] != '.' && strncmp(x->d_name, prefix, n) == 0)
			unlinkat(dirfd(d), x->d_name, 0);
}

static void
stage_end(struct stage *s, bool is_empty)
{
	if (s->fd < 0)
		return;
	if (!is_empty)
		stage_remove(s, s->prefix);
	close(s->fd);
	s->fd = -1;
}

static bool
stage_begin(struct stage *s, const char *path, struct err *e)
{
	static unsigned number;

	s->path = path;
	snprintf(s->prefix, sizeof(s->prefix), "%ld.%u.", (long)getpid(),
	    number++);
	s->fd = open(path, FOLDER);
	if (s->fd < 0 && errno == ENOENT && mkdir_all(path, 0755, e))
		s->fd = open(path, FOLDER);
	if (s->fd < 0)
		return !err_is_set(e) && err_sys(e, errno, "open %s", path);
	if (lock_try(s->fd, LOCK_KIND_ALONE) == LOCK_TAKEN)
		stage_remove(s, "");
	/* where nothing can be locked, names differ by the pid */
	lock_wait(s->fd, LOCK_KIND_SHARED);
	return true;
}

static void
stage_name(const struct stage *s, size_t i, char *out, size_t size)
{
	snprintf(out, size, "%s%zu", s->prefix, i);
}

static bool
stage_file(struct cache *c, int stage, const char *name,
    const struct cache_file *f, struct err *e)
{
	int fd cleanup_close = -1;
	struct stat st;

	if (f->link != NULL)
		return symlinkat(f->link, stage, name) == 0 ||
		       err_sys(e, errno, "symlink %s", f->path);
	fd = openat(stage, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, f->mode);
	if (fd < 0)
		return err_sys(e, errno, "write %s", f->path);
	errno = 0;
	if (!cache_copy(c, &f->blob, fd))
		return errno == ENOSPC || errno == EDQUOT
			   ? err_sys(e, errno, "write %s", f->path)
			   : err_set(e, ERR_GENERIC,
				 "the stored %s is gone or damaged", f->path);
	return (fstat(fd, &st) == 0 && (st.st_mode & 07777) == f->mode) ||
	       fchmod(fd, f->mode) == 0 ||
	       err_sys(e, errno, "chmod %s", f->path);
}

/* ---- the places ---- */

/* Can files take their places in the folder that was opened last? */
static bool
folder_is_free(const struct walk *w, const char *path, dev_t stage,
    struct err *e)
{
	struct stat st;

	if (fstat(w->fd, &st) != 0 || st.st_dev != stage)
		return err_set(e, ERR_GENERIC,
		    "%s lies on another file system", path);
	return faccessat(w->fd, ".", W_OK | X_OK, 0) == 0 ||
	       err_sys(e, errno, "write %s", path);
}

/* Can a file take its place there?  Makes the folders. */
static bool
place_is_free(struct walk *w, const char *path, dev_t stage, struct err *e)
{
	const char *name;
	struct stat st;

	if (!walk_to_folder(w, path, true, &name, e) ||
	    (w->is_new && !folder_is_free(w, path, stage, e)))
		return false;
	return fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	       !S_ISDIR(st.st_mode) ||
	       err_set(e, ERR_GENERIC, "%s is a folder", path);
}

/* ---- what is there ---- */

struct restore {
	struct cache *c;
	struct arena *a;
	const struct cache_tree *t;
	const struct cache_entry *x;
	struct cache_put *put;
	struct walk w;
	struct stage s;
	bool *stays; /* of the entry's files */
	cache_paths edited;
};

static const struct cache_file *
file_in_entry(const struct cache_entry *x, const char *path)
{
	return cache_entry_file(x, sv_of(path));
}

/* The digest of a file that somebody has left there; false: it cannot be read. */
static bool
digest_of_present(int fd, char digits[SHA256_HEX + 1])
{
	uint8_t sum[SHA256_SIZE];
	char block[16 * 1024];
	struct sha256 s;
	ssize_t n;

	sha256_begin(&s);
	while ((n = read(fd, block, sizeof(block))) > 0 ||
	       (n < 0 && errno == EINTR))
		if (n > 0)
			sha256_add(&s, block, (size_t)n);
	sha256_end(&s, sum);
	sha256_digits(sum, digits);
	return n == 0;
}

static bool
is_other_link(int dir, const char *name, const struct cache_file *f)
{
	char to[CACHE_PATH_MAX];
	ssize_t n = readlinkat(dir, name, to, sizeof(to) - 1);

	if (n < 0)
		return false; /* it is no file either */
	to[n] = '\0';
	return f == NULL || f->link == NULL || strcmp(f->link, to) != 0;
}

/* Has somebody made it what it is?  *right: it is what the entry has. */
static bool
is_edited(struct restore *r, const char *name, const struct cache_file *f,
    bool *right)
{
	char digits[SHA256_HEX + 1];
	struct stat st;
	int fd cleanup_close = openat(
	    r->w.fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	*right = false;
	if (fd < 0)
		return errno == EACCES || is_other_link(r->w.fd, name, f);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	if (!digest_of_present(fd, digits))
		return true;
	*right = f != NULL && f->link == NULL &&
		 strcmp(f->blob.digest, digits) == 0;
	return !*right && !cache_has(r->c, digits);
}

/* A right content with another mode is put in place anew. */
static void
let_stay(struct restore *r, const char *name, const struct cache_file *f)
{
	struct stat st;

	if (f != NULL &&
	    fstatat(r->w.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && (st.st_mode & 07777) == f->mode)
		r->stays[f - r->x->files.v] = true;
}

static bool
look_at_present(struct restore *r, struct err *e)
{
	const cache_paths *strange = r->put->strange, *all = r->put->right;

	for (size_t i = 0; all != NULL && i < all->n; i++) {
		const char *name;

		if (!walk_to_folder(&r->w, all->v[i], false, &name, e))
			return false;
		let_stay(r, name, file_in_entry(r->x, all->v[i]));
	}
	for (size_t i = 0; i < strange->n; i++) {
		const char *path = strange->v[i], *name;
		const struct cache_file *f = file_in_entry(r->x, path);
		bool right;

		if (!walk_to_folder(&r->w, path, false, &name, e))
			return false;
		if (is_edited(r, name, f, &right))
			vec_push(r->a, &r->edited, path);
		else if (right)
			let_stay(r, name, f);
	}
	return true;
}

/* The next free name for a copy: NAME, NAME.1, … */
static bool
keep_aside(struct restore *r, const char *name, const char *path, struct err *e)
{
	struct arena *a = r->a;
	char *base = path_join(a, sv_of(r->t->kept), sv_of(path)), *to = base;

	if (!mkdir_all(path_dir(a, sv_of(base)), 0755, e))
		return false;
	for (unsigned i = 1; linkat(r->w.fd, name, AT_FDCWD, to, 0) != 0; i++) {
		if (errno != EEXIST)
			return err_sys(e, errno, "keep a copy of %s", path);
		to = arena_printf(a, "%s.%u", base, i);
	}
	vec_push(a, &r->put->saved, to);
	return true;
}

static bool
keep_edited(struct restore *r, struct err *e)
{
	for (size_t i = 0; i < r->edited.n; i++) {
		const char *path = r->edited.v[i], *name;

		if (!walk_to_folder(&r->w, path, false, &name, e) ||
		    !keep_aside(r, name, path, e))
			return false;
	}
	return true;
}

/* ---- taking their places ---- */

static bool
all_free(struct restore *r, struct err *e)
{
	const cache_paths *present = r->put->present;
	struct stat st;

	if (fstat(r->s.fd, &st) != 0)
		return err_sys(e, errno, "stat %s", r->s.path);
	for (size_t i = 0; i < r->x->files.n; i++)
		if (!place_is_free(
			&r->w, r->x->files.v[i].path, st.st_dev, e))
			return false;
	for (size_t i = 0; i < present->n; i++)
		if (!cache_path_is_good(present->v[i]))
			return err_set(e, ERR_GENERIC,
			    "%s lies outside of the tree", present->v[i]);
		else if (!place_is_free(
			     &r->w, present->v[i], st.st_dev, e))
			return false;
	return true;
}

static bool
stage_all(struct restore *r, struct err *e)
{
	for (size_t i = 0; i < r->x->files.n; i++) {
		char name[80];

		stage_name(&r->s, i, name, sizeof(name));
		if (!r->stays[i] &&
		    !stage_file(r->c, r->s.fd, name, &r->x->files.v[i], e))
			return false;
	}
	return true;
}

static bool
remove_others(struct restore *r, struct err *e)
{
	const cache_paths *present = r->put->present;
	const char *name;

	for (size_t i = 0; i < present->n; i++)
		if (file_in_entry(r->x, present->v[i]) == NULL &&
		    (!walk_to_folder(
			 &r->w, present->v[i], false, &name, e) ||
			(unlinkat(r->w.fd, name, 0) != 0 && errno != ENOENT &&
			    !err_sys(e, errno, "remove %s", present->v[i]))))
			return false;
	return true;
}

/* All outputs are as old as the youngest, also those that stay: what is made
 * of them by their times is made again. */
static bool
put_in_place(struct restore *r, struct err *e)
{
	for (size_t i = 0; i < r->x->files.n; i++) {
		const char *name, *path = r->x->files.v[i].path;
		char from[80];

		stage_name(&r->s, i, from, sizeof(from));
		if (!walk_to_folder(&r->w, path, true, &name, e))
			return false;
		if (r->stays[i])
			utimensat(r->w.fd, name, NULL, AT_SYMLINK_NOFOLLOW);
		else if (renameat(r->s.fd, from, r->w.fd, name) != 0)
			return err_sys(e, errno, "rename %s", path);
	}
	return true;
}

struct swap {
	struct restore *r;
	struct err *e;
	bool ok;
};

static void
swap_outputs(void *arg)
{
	struct swap *x = arg;

	x->ok = remove_others(x->r, x->e) && put_in_place(x->r, x->e);
}

/* Could a kill leave some of them?  One rename is whole by itself. */
static bool
is_many(const struct restore *r)
{
	size_t n = r->x->files.n + r->put->present->n;

	for (size_t i = 0; i < r->x->files.n; i++)
		n -= r->stays[i];
	return n > 1;
}

static bool
restore_all(struct restore *r, bool *begun, struct err *e)
{
	struct swap swap = { r, e, false };

	if (!walk_begin(&r->w, r->t->root, e) || !look_at_present(r, e) ||
	    !stage_begin(&r->s, r->t->stage, e) || !stage_all(r, e) ||
	    !all_free(r, e) || !keep_edited(r, e))
		return false;
	*begun = true;
	if (is_many(r))
		apart_call(swap_outputs, &swap);
	else
		swap_outputs(&swap);
	return swap.ok;
}

bool
cache_restore(struct cache *c, struct arena *a, const struct cache_tree *t,
    const struct cache_entry *x, struct cache_put *put, bool *begun,
    struct err *e)
{
	struct restore r = { .c = c, .a = a, .t = t, .x = x, .put = put,
		.w = WALK_INIT, .s = { "", -1, "" } };
	bool ok;

	*begun = false;
	r.stays = arena_alloc(a, x->files.n + 1);
	memset(r.stays, 0, x->files.n + 1);
	ok = restore_all(&r, begun, e);
	stage_end(&r.s, ok);
	walk_end(&r.w);
	return ok;
}
