/* SPDX-License-Identifier: MIT */
/*
 * Mutexes between runs in one repository (P-112): a lock file per name, locked
 * while it is held and given up by the system when its run dies.  It holds the
 * id of the run, so that a nested run does not wait for the one around it.
 */
#include "config.h"

#include "project/history.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/owner.h"

struct locks {
	struct arena *a;
	const char *dir, *run_id;
	const char *const *runs;
	struct map *held; /* name → int *, the descriptor or -1 */
	bool alone;	  /* other runs could not be kept out of one */
};

struct locks *
locks_new(struct arena *a, const char *dir, const char *run_id,
    const char *const *runs)
{
	struct locks *l = arena_new_of(a, struct locks);

	*l = (struct locks){ a, dir, run_id, runs, map_new(a), false };
	return l;
}

static char *
lock_path(struct locks *l, const char *name)
{
	return arena_printf(l->a, "%s/%.40s-%016" PRIx64, l->dir,
	    state_file_name(l->a, name), hash64(sv_of(name)));
}

static bool
is_outer(const struct locks *l, int fd)
{
	const char *id = lock_holder(l->a, fd);

	for (const char *const *p = l->runs; p != NULL && *p != NULL; p++)
		if (strcmp(id, *p) == 0)
			return true;
	return false;
}

static int
locks_open(const struct locks *l, const char *path)
{
	struct err ignored cleanup_err = ERR_INIT;

	if (!mkdir_all(l->dir, 0700, &ignored) || !dir_is_ours(l->dir))
		return -1;
	return lock_open(path, LOCK_FILE_OURS, 0600);
}

int
locks_take(struct locks *l, const char *name)
{
	int *fd = map_get(l->held, sv_of(name));
	enum lock_result got;
	bool outer;

	if (fd == NULL) {
		fd = arena_new_of(l->a, int);
		map_put(l->held, sv_of(name), fd);
	}
	*fd = locks_open(l, lock_path(l, name));
	got = *fd < 0 ? LOCK_UNSUPPORTED : lock_try(*fd, LOCK_KIND_ALONE);
	if (got == LOCK_TAKEN)
		(void)lock_sign(*fd, sv_of(l->run_id));
	/* Without a lock a mutex is one of this run only. */
	l->alone |= got == LOCK_UNSUPPORTED;
	if (got != LOCK_BUSY)
		return 1;
	outer = is_outer(l, *fd);
	close(*fd);
	*fd = -1;
	return outer ? -1 : 0;
}

bool
locks_are_alone(const struct locks *l)
{
	return l->alone;
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
