/* SPDX-License-Identifier: MIT */
#include "taskfile/source.h"

#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/path.h"

const char *const taskfile_names[] = { "Taskfile.yml", "taskfile.yml",
	"Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml",
	"taskfile.dist.yml", "Taskfile.dist.yaml", "taskfile.dist.yaml",
	NULL };

static enum search_result
stat_result(struct err *e, int errnum, const char *path)
{
	if (errnum == ENOENT)
		return SEARCH_NONE;
	if (errnum == EACCES || errnum == EPERM)
		return SEARCH_DENIED;
	err_sys(e, errnum, "stat %s", path);
	return SEARCH_ERROR;
}

enum search_result
source_search(struct arena *a, const char *path, const char *const *names,
    const char **out, struct err *e)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return stat_result(e, errno, path);
	if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode) ||
	    S_ISBLK(st.st_mode) || S_ISFIFO(st.st_mode)) {
		*out = path_abs(a, sv_of(path));
		return SEARCH_FOUND;
	}
	for (; *names != NULL; names++) {
		char *file = path_join(a, sv_of(path), sv_of(*names));

		if (stat(file, &st) == 0) {
			*out = path_abs(a, sv_of(file));
			return SEARCH_FOUND;
		}
	}
	return SEARCH_NONE;
}

enum search_result
source_walk(struct arena *a, const char *dir, const char *const *names,
    bool all, void (*found)(void *ctx, const char *path), void *ctx,
    struct err *e)
{
	struct stat st;
	uid_t owner;

	if (stat(dir, &st) != 0)
		return stat_result(e, errno, dir);
	for (owner = st.st_uid;; owner = st.st_uid) {
		struct err unused cleanup_err = ERR_INIT;
		const char *path, *parent = path_dir(a, sv_of(dir));

		if (source_search(a, dir, names, &path, &unused) ==
		    SEARCH_FOUND) {
			found(ctx, path);
			if (!all)
				return SEARCH_FOUND;
		}
		if (stat(parent, &st) != 0)
			return stat_result(e, errno, parent);
		if (strcmp(dir, parent) == 0)
			return SEARCH_NONE;
		if (st.st_uid != owner)
			return SEARCH_DENIED;
		dir = parent;
	}
}
