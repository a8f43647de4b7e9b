/* SPDX-License-Identifier: MIT */
/* L-001 to L-010: which Taskfile is meant, and where its tasks run. */
#include "base/path.h"
#include "taskfile/source.h"
#include "taskfile/taskfile.h"

static bool
find_not_found(struct arena *a, const char *given, enum search_result why,
    bool walked, struct err *e)
{
	const char *where = "";

	if (why == SEARCH_DENIED)
		where = " (or any of the parent directories until ownership "
			"changed).";
	else if (walked)
		where = " (or any of the parent directories).";
	return err_set(e, ERR_NO_TASKFILE,
	    "task: No Taskfile found at %s%s Run `task --init` to create a "
	    "new Taskfile.",
	    quote_go(a, sv_of(given)), where);
}

static void
take_path(void *ctx, const char *path)
{
	*(const char **)ctx = path;
}

static bool
find_walk(struct arena *a, const char *dir, const char **path, struct err *e)
{
	enum search_result r;

	*path = NULL;
	r = source_walk(a, dir, taskfile_names, false, take_path, path, e);
	if (*path != NULL)
		return true;
	return r != SEARCH_ERROR && find_not_found(a, "", r, true, e);
}

static bool
find_given(struct arena *a, const char *entrypoint, const char *cwd,
    const char **path, struct err *e)
{
	const char *file = path_resolve(a, sv_of(cwd), sv_of(entrypoint));
	enum search_result r = source_search(a, file, taskfile_names, path, e);

	if (r == SEARCH_FOUND)
		return true;
	return r != SEARCH_ERROR && find_not_found(a, entrypoint, r, false, e);
}

bool
taskfile_find(struct arena *a, const char *entrypoint, const char *dir,
    const char *cwd, const char **path, const char **root_dir, struct err *e)
{
	if (strcmp(entrypoint, "-") == 0) {
		*path = "__stdin__";
		*root_dir = dir;
		return true;
	}
	if (source_kind_of(sv_of(entrypoint)) != SOURCE_FILE) {
		*path = entrypoint;
		*root_dir = dir;
		return true;
	}
	if (*entrypoint == '\0') {
		if (!find_walk(a, *dir != '\0' ? dir : cwd, path, e))
			return false;
	} else if (!find_given(a, entrypoint, cwd, path, e)) {
		return false;
	}
	*root_dir = *entrypoint != '\0' && *dir != '\0'
	    ? dir
	    : path_dir(a, sv_of(*path));
	return true;
}
