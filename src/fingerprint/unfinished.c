/* SPDX-License-Identifier: MIT */
/*
 * Marks of work that is not finished.  A mark is a small file that names who is
 * at work and that its owner holds locked; the lock goes with the process, the
 * file goes with the outcome.  So a locked mark is somebody's work under way
 * (P-114), and an unlocked one is work that never came to its end (D-1).
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/host.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "fingerprint/internal.h"

struct held {
	struct held *next;
	char *path;
	int fd;
	bool was_left; /* it was there, without an owner */
};

static struct held *
unfinished_find(const struct fp *f, const char *path)
{
	for (struct held *h = f->held; h != NULL; h = h->next)
		if (strcmp(h->path, path) == 0)
			return h;
	return NULL;
}

bool
unfinished_is_held(const struct fp *f, const char *path)
{
	return unfinished_find(f, path) != NULL;
}

bool
unfinished_is_contended(const struct fp *f, const char *path)
{
	return map_get(f->contended, sv_of(path)) != NULL;
}

/* "PID RUN SPACE\n" as unfinished_take() wrote it; true: it was this process.
 */
static bool
read_owner(struct arena *a, int fd, struct fp_owner *owner)
{
	char *end;
	sv run, space = { "", 0 };

	if (owner == NULL)
		return false;
	*owner = (struct fp_owner){ 0, "" };
	owner->pid = strtol(lock_holder(a, fd), &end, 10);
	while (*end == ' ')
		end++;
	sv_cut((sv){ end, strcspn(end, "\n") }, ' ', &run, &space);
	owner->run = sv_cstr(a, run);
	return owner->pid == getpid() && sv_is(space, host_pid_space(a));
}

static bool
is_unfinished_empty(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_size == 0;
}

/* Something lies there that prun has not made, a link say: nobody can tell from
 * it that the work came to its end. */
static bool
is_no_mark(int open_errno)
{
	return open_errno == ELOOP || open_errno == EPERM;
}

enum unfinished_state
unfinished_look(
    struct fp *f, struct arena *a, const char *path, struct fp_owner *owner)
{
	const struct held *h = unfinished_find(f, path);
	int fd cleanup_close = -1;

	if (h != NULL)
		return h->was_left ? MARK_LEFT : MARK_NONE;
	fd = lock_open(path, LOCK_FILE_LOOK, 0);
	if (fd < 0)
		return is_no_mark(errno) ? MARK_LEFT : MARK_NONE;
	if (lock_try(fd, LOCK_KIND_SHARED) == LOCK_BUSY) {
		read_owner(a, fd, owner);
		return MARK_BUSY;
	}
	/* Made, but nothing begun: its owner died before the first word. */
	return is_unfinished_empty(fd) ? MARK_NONE : MARK_LEFT;
}

static void
write_owner(const struct fp *f, int fd)
{
	struct arena *a cleanup_arena = arena_new();
	char *text = arena_printf(a, "%ld %s %s\n", (long)getpid(),
	    f->o.run_id ? f->o.run_id : "", host_pid_space(a));

	/* Without its text the mark still is one. */
	(void)lock_sign(fd, sv_of(text));
}

static void
unfinished_hold(struct fp *f, const char *path, int fd)
{
	struct held *h = xcalloc(1, sizeof(*h));

	h->path = xstrdup(path);
	h->fd = fd;
	h->was_left = !is_unfinished_empty(fd);
	h->next = f->held;
	f->held = h;
	write_owner(f, fd);
}

enum fp_lock
unfinished_take(
    struct fp *f, struct arena *a, const char *path, struct fp_owner *owner)
{
	struct err e cleanup_err = ERR_INIT;

	if (unfinished_find(f, path) != NULL) {
		map_put(f->contended, sv_of(path), f->contended);
		if (owner != NULL)
			*owner = (struct fp_owner){ (long)getpid(),
				f->o.run_id ? f->o.run_id : "" };
		return FP_LOCK_OURS;
	}
	/* Where no mark can be made, nothing can be recorded either. */
	if (!mkdir_all(path_dir(a, sv_of(path)), 0755, &e))
		return FP_LOCK_TAKEN;
	for (;;) {
		/* where users share a tree they share its marks */
		int fd = lock_open(path, LOCK_FILE_SHARED, 0644);
		enum lock_result got;

		if (fd < 0 && is_no_mark(errno) && unlink(path) == 0)
			continue;
		if (fd < 0)
			return FP_LOCK_TAKEN;
		got = lock_try(fd, LOCK_KIND_ALONE);
		f->is_unlocked |= got == LOCK_UNSUPPORTED;
		if (got == LOCK_BUSY) {
			bool ours = read_owner(a, fd, owner);

			close(fd);
			return ours ? FP_LOCK_OURS : FP_LOCK_BUSY;
		}
		/* without locks the file alone tells what did not end (D-1) */
		if (lock_is_current(fd, path)) {
			unfinished_hold(f, path, fd);
			return FP_LOCK_TAKEN;
		}
		close(fd);
	}
}

void
unfinished_release(struct fp *f, const char *path, bool keep)
{
	struct held **link = &f->held;

	while (*link != NULL && strcmp((*link)->path, path) != 0)
		link = &(*link)->next;
	/* Removed while it is locked, so that nobody locks what goes. */
	if (!keep)
		unlink(path);
	if (*link != NULL) {
		struct held *h = *link;

		*link = h->next;
		close(h->fd);
		free(h->path);
		free(h);
	}
}

/* ---- many at once ---- */

/* The names are read again only when something came or went. */
static const string_vec *
mark_names(struct fp *f, const char *dir)
{
	struct mark_list *l = &f->marks;
	struct file_sig now;
	struct dirent *entry;
	DIR *d cleanup_dir = NULL;

	if (!file_sig_of(dir, &now))
		return NULL;
	if (l->arena != NULL && file_sig_same(&l->dir, &now) &&
	    l->dir.ctime_ns == now.ctime_ns)
		return &l->names;
	d = opendir(dir);
	if (d == NULL)
		return NULL;
	arena_free(l->arena);
	*l = (struct mark_list){ .arena = arena_new(), .dir = now };
	while ((entry = readdir(d)) != NULL)
		if (sv_ends(sv_of(entry->d_name), SV(".run")))
			vec_push(l->arena, &l->names,
			    arena_strdup(l->arena, entry->d_name));
	return &l->names;
}

/* The paths of those with that end that this process does not hold. */
static string_vec
marks_of_others(
    struct fp *f, struct arena *a, const char *dir, const char *end)
{
	const string_vec *names = mark_names(f, dir);
	string_vec out = { 0 };

	for (size_t i = 0; names != NULL && i < names->n; i++) {
		const char *path;

		if (!sv_ends(sv_of(names->v[i]), sv_of(end)))
			continue;
		path = path_join(a, sv_of(dir), sv_of(names->v[i]));
		if (!unfinished_is_held(f, path))
			vec_push(a, &out, path);
	}
	return out;
}

enum unfinished_state
unfinished_look_all(
    struct fp *f, struct arena *a, const char *dir, const char *end)
{
	string_vec marks = marks_of_others(f, a, dir, end);
	enum unfinished_state state = MARK_NONE;

	for (size_t i = 0; i < marks.n && state == MARK_NONE; i++)
		state = unfinished_look(f, a, marks.v[i], NULL);
	return state;
}

void
unfinished_clear_all(
    struct fp *f, struct arena *a, const char *dir, const char *end)
{
	string_vec marks = marks_of_others(f, a, dir, end);

	for (size_t i = 0; i < marks.n; i++)
		if (unfinished_take(f, a, marks.v[i], NULL) == FP_LOCK_TAKEN)
			unfinished_release(f, marks.v[i], false);
}

void
unfinished_release_all(struct fp *f)
{
	while (f->held != NULL)
		unfinished_release(f, f->held->path, true);
}
