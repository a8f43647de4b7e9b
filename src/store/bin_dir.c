/* SPDX-License-Identifier: MIT */
#include "store/bin_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/lock.h"
#include "store/runtime.h"

/* The folder, made where it is missing: ours, no link, nobody else's to enter.
 * -1: it is something else. */
static int
open_private(const char *path)
{
	struct stat st;
	int fd;

	mkdir(path, 0700);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && (fstat(fd, &st) != 0 || st.st_uid != geteuid() ||
			   (st.st_mode & 077) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* The folder with a lock that others share, which only a run that removes the
 * folder keeps waiting; -1: there can be none. */
static int
open_shared(const char *path)
{
	int fd;

	while ((fd = open_private(path)) >= 0) {
		if (lock_wait(fd, LOCK_KIND_SHARED) == LOCK_TAKEN) {
			if (lock_is_current(fd, path))
				return fd;
			close(fd);
			continue;
		}
		close(fd);
		return -1;
	}
	return -1;
}

static bool
bin_dir_in(struct arena *a, const char *base, const char *name,
    const char *program, struct bin_dir *out)
{
	char *path = arena_printf(a, "%s/%s", base, name);
	int above cleanup_close = -1;

	/* no part of PATH can have a colon */
	if (strchr(path, ':') != NULL)
		return false;
	above = open_private(base);
	if (above < 0)
		return false;
	out->fd = open_shared(path);
	if (out->fd < 0)
		return false;
	out->path = path;
	if (bin_dir_link(a, path, "task", program))
		return true;
	bin_dir_close(out);
	return false;
}

bool
bin_dir_open(struct arena *a, const struct state_env *env, const char *root,
    const char *program, struct bin_dir *out)
{
	/* two programs do not share links */
	const char *name = arena_printf(a, RUNTIME_SHARED "%s-%08" PRIx32,
	    state_key(a, root), (uint32_t)hash64(sv_of(program)));
	const char *base;

	*out = (struct bin_dir)BIN_DIR_INIT;
	for (int i = 0; i < RUNTIME_BASES; i++) {
		base = runtime_base(a, env, i);
		if (base != NULL && bin_dir_in(a, base, name, program, out))
			return true;
	}
	return false;
}

static bool
links_to(struct arena *a, const char *path, const char *program)
{
	size_t n = strlen(program);
	char *to = arena_alloc(a, n + 2);
	ssize_t got = readlink(path, to, n + 1);

	return got >= 0 && sv_eq((sv){ to, (size_t)got }, sv_of(program));
}

bool
bin_dir_link(
    struct arena *a, const char *dir, const char *name, const char *program)
{
	const char *path = arena_printf(a, "%s/%s", dir, name), *beside;

	if (symlink(program, path) == 0)
		return true;
	if (errno != EEXIST)
		return false;
	if (links_to(a, path, program))
		return true;
	beside = arena_printf(a, "%s/.%ld", dir, (long)getpid());
	unlink(beside);
	return symlink(program, beside) == 0 && rename(beside, path) == 0;
}

void
bin_dir_close(struct bin_dir *d)
{
	if (d->fd < 0)
		return;
	runtime_remove_unused(d->path, d->fd);
	close(d->fd);
	*d = (struct bin_dir)BIN_DIR_INIT;
}
