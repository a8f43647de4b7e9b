/* SPDX-License-Identifier: MIT */
#include "store/runtime.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"

/* Room for a socket's name below the folder. */
#define RUNTIME_NAME 30
#define SUN_PATH_MAX 103 /* the smallest of the systems', with its NUL */
/* So many folders of others are not removed by those runs that end. */
#define RUNTIME_MANY 64
/* A folder that is made anew when it is empty: ext4 never gives back the blocks
 * of names that are gone, and reads all of them whenever it is listed. */
#define RUNTIME_GROWN (64 * 1024)

/* A folder of ours alone, not a link, nobody else's to enter? */
static bool
is_runtime_private(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && st->st_uid == geteuid() &&
	    (st->st_mode & 077) == 0;
}

static int
open_folder_to_lock(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* ---- what nobody has any more ---- */

void
runtime_remove_unused(const char *path, int fd)
{
	struct err ignored cleanup_err = ERR_INIT;

	if (lock_try(fd, LOCK_KIND_ALONE) == LOCK_TAKEN &&
	    lock_is_current(fd, path))
		remove_all(path, &ignored);
}

/* "PID-XXXXXX", of one run, or one that runs share. */
static bool
is_runtime_name(const char *name)
{
	char *end;

	return sv_starts(sv_of(name), SV(RUNTIME_SHARED)) ||
	    (strtol(name, &end, 10) > 0 && *end == '-');
}

/* By the lock, since a pid that is not there may live in another namespace.
 * What others could put there or enter is not what a run has left. */
static void
runtime_sweep(const char *base)
{
	DIR *d cleanup_dir = opendir(base);
	struct dirent *entry;
	struct stat st;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		struct sb path cleanup_sb = SB_INIT;
		int fd cleanup_close = -1;

		if (!is_runtime_name(entry->d_name))
			continue;
		sb_printf(&path, "%s/%s", base, entry->d_name);
		fd = open_folder_to_lock(sb_cstr(&path));
		if (fd >= 0 && fstat(fd, &st) == 0 && is_runtime_private(&st))
			runtime_remove_unused(sb_cstr(&path), fd);
	}
}

/* A folder counts the folders in it as names of its own, beside its name and
 * its dot; 1 where a file system does not count. */
static bool
has_folders(const struct stat *st)
{
	return st->st_nlink != 2;
}

/* Looks for them only where some folder is left.  Who finds the base gone that
 * was there a moment ago makes it again. */
static void
runtime_tidy(const char *base)
{
	struct stat st;

	if (lstat(base, &st) != 0 || !is_runtime_private(&st))
		return;
	if (has_folders(&st))
		runtime_sweep(base);
	if (st.st_size > RUNTIME_GROWN)
		rmdir(base);
}

void
runtime_dir_end(const char *dir, int *lock_fd)
{
	struct err ignored cleanup_err = ERR_INIT;
	char *base cleanup_free = xstrndup(dir, strlen(dir));
	char *slash = strrchr(base, '/');

	remove_all(dir, &ignored);
	if (*lock_fd >= 0)
		close(*lock_fd);
	*lock_fd = -1;
	if (slash != NULL) {
		*slash = '\0';
		runtime_tidy(base);
	}
}

/* ---- a new one ---- */

/* A new folder, held by its lock; before it is locked, somebody may take it for
 * one that is left. */
static char *
runtime_make(struct arena *a, const char *template, int *lock_fd)
{
	for (;;) {
		char *dir = arena_strdup(a, template);

		if (mkdtemp(dir) == NULL)
			return NULL;
		*lock_fd = open_folder_to_lock(dir);
		if (*lock_fd < 0 && errno == ENOENT)
			continue;
		if (*lock_fd < 0) {
			rmdir(dir);
			return NULL;
		}
		if (lock_wait(*lock_fd, LOCK_KIND_ALONE) != LOCK_TAKEN ||
		    lock_is_current(*lock_fd, dir))
			return dir;
		close(*lock_fd);
	}
}

/* Can nobody but us and root put something else in the place of what we make
 * there? */
static bool
is_place_safe(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	    (st.st_uid == geteuid() || st.st_uid == 0) &&
	    ((st.st_mode & 022) == 0 || (st.st_mode & S_ISVTX) != 0);
}

/* A folder for this process below `base`; NULL when it cannot be.  Where each
 * run is killed, none that ends removes what they leave. */
static char *
runtime_in(struct arena *a, const char *base, int *lock_fd)
{
	char *dir = arena_printf(a, "%s/%ld-XXXXXX", base, (long)getpid());
	char *made;
	struct stat st;

	if (strlen(dir) + 1 + RUNTIME_NAME > SUN_PATH_MAX)
		return NULL;
	for (;;) {
		if (mkdir(base, 0700) != 0 && errno != EEXIST)
			return NULL;
		if (lstat(base, &st) != 0)
			continue;
		if (!is_runtime_private(&st))
			return NULL;
		if (st.st_nlink > RUNTIME_MANY)
			runtime_sweep(base);
		made = runtime_make(a, dir, lock_fd);
		if (made != NULL || errno != ENOENT)
			return made;
	}
}

char *
runtime_base(struct arena *a, const struct state_env *env, int i)
{
	if (i > 0)
		return arena_printf(a, "/tmp/prun-%ld", (long)geteuid());
	if (env->xdg_runtime_dir == NULL || *env->xdg_runtime_dir != '/' ||
	    !is_place_safe(env->xdg_runtime_dir))
		return NULL;
	return arena_printf(a, "%s/prun", env->xdg_runtime_dir);
}

bool
runtime_dir_new(struct arena *a, const struct state_env *env, char **out,
    int *lock_fd, struct err *e)
{
	*out = NULL;
	*lock_fd = -1;
	for (int i = 0; i < RUNTIME_BASES && *out == NULL; i++) {
		const char *base = runtime_base(a, env, i);

		if (base != NULL)
			*out = runtime_in(a, base, lock_fd);
	}
	if (*out == NULL) {
		/* Somebody else sits on our name: take one that nobody can
		 * know. */
		*out = arena_strdup(a, "/tmp/prun-XXXXXX");
		if (mkdtemp(*out) == NULL)
			return err_sys(e, errno, "mkdir %s", *out);
	}
	return true;
}
