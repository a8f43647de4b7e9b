/* SPDX-License-Identifier: MIT */
/* cd: the snippet has a folder of its own; prun's stays. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "shell/run.h"

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
can_be_entered(const char *path)
{
	return is_folder(path) &&
	       faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* `..` is taken by the name, as bash does, where what is before it is there. */
static bool
parents_are_there(struct snippet_run *r, const char *path)
{
	sv rest = sv_of(path), name;
	size_t at = 0;
	bool more = true;

	while (more) {
		more = sv_cut(rest, '/', &name, &rest);
		if (sv_is(name, "..") && at > 0 &&
		    !is_folder(arena_strndup(r->a, path, at)))
			return false;
		at += name.n + 1;
	}
	return true;
}

static enum builtin_end
enter(struct snippet_run *r, const char *dir)
{
	const char *old = variable_get(r, SV("PWD"));

	variable_set(r, SV("OLDPWD"), old != NULL ? old : "");
	variable_export(r, SV("OLDPWD"));
	variable_set(r, SV("PWD"), dir);
	variable_export(r, SV("PWD"));
	r->dir = dir;
	r->status = 0;
	return BUILTIN_ENDED;
}

/* One argument; bash says why it cannot. */
enum builtin_end
builtin_cd(struct snippet_run *r, const char *const *argv, size_t argc)
{
	bool back = argc == 2 && strcmp(argv[1], "-") == 0;
	const char *to = back ? variable_get(r, SV("OLDPWD")) : argv[1];
	const char *full;

	if (argc != 2 || to == NULL || (!back && argv[1][0] == '-') ||
	    strncmp(to, "//", 2) == 0)
		return BUILTIN_BASHES;
	full = *to != '\0' ? run_path(r, to) : r->dir;
	if (!parents_are_there(r, full))
		return BUILTIN_BASHES;
	full = path_clean(r->a, sv_of(full));
	if (!can_be_entered(full))
		return BUILTIN_BASHES;
	enter(r, full);
	if (back) {
		sb_adds(&r->out, full);
		sb_addc(&r->out, '\n');
	}
	return BUILTIN_ENDED;
}
