/* SPDX-License-Identifier: MIT */
/*
 * Mutexes between runs in one repository (P-112): a lock file per name, locked
 * while it is held and given up by the system when its run dies.  It holds the
 * id of the run, so that a nested run does not wait for the one around it.
 */
#include "config.h"

#include "project/history.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"

struct locks {
	struct arena *a;
	const char *dir, *run_id;
	const char *const *runs;
	struct map *held; /* name → int *, the descriptor or -1 */
};

struct locks *
locks_new(struct arena *a, const char *dir, const char *run_id,
    const char *const *runs)
{
	struct locks *l = arena_new_of(a, struct locks);

	*l = (struct locks){ a, dir, run_id, runs, map_new(a) };
	return l;
}

static char *
lock_path(struct locks *l, const char *name)
{
	return arena_printf(l->a, "%s/%.40s-%016" PRIx64, l->dir,
	    state_file_name(l->a, name), hash64(sv_of(name)));
}

static bool
is_outer(const struct locks *l, const char *path)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv id;

	if (l->runs == NULL || !read_file(l->a, path, &id, &ignored))
		return false;
	for (const char *const *p = l->runs; *p != NULL; p++)
		if (sv_is(id, *p))
			return true;
	return false;
}

int
locks_take(struct locks *l, const char *name)
{
	struct err ignored cleanup_err = ERR_INIT;
	char *path = lock_path(l, name);
	int *fd = map_get(l->held, sv_of(name));

	if (fd == NULL) {
		fd = arena_new_of(l->a, int);
		map_put(l->held, sv_of(name), fd);
	}
	/* Without a state folder a mutex is one of this run only. */
	*fd = -1;
	if (mkdir_all(l->dir, 0700, &ignored))
		*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return 1;
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0) {
		if (ftruncate(*fd, 0) == 0)
			write_all(*fd, l->run_id, strlen(l->run_id));
		return 1;
	}
	close(*fd);
	*fd = -1;
	return is_outer(l, path) ? -1 : 0;
}

void
locks_give(struct locks *l, const char *name)
{
	int *fd = map_get(l->held, sv_of(name));

	if (fd != NULL && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
}
