/* SPDX-License-Identifier: MIT */
/* Programs on PATH, as bash finds them. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shell/run.h"

static bool
can_be_run(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode) &&
	       faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

static const char *
find_on_path(struct snippet_run *r, const char *name)
{
	const char *path = variable_get(r, SV("PATH"));
	sv rest = sv_of(path != NULL ? path : ""), folder;
	bool more = path != NULL;

	while (more) {
		const char *file;

		more = sv_cut(rest, ':', &folder, &rest);
		/* bash puts a home folder there */
		if (folder.n > 0 && folder.p[0] == '~')
			return NULL;
		if (folder.n == 0)
			folder = SV(".");
		file =
		    arena_concat(r->a, sv_cstr(r->a, folder), "/", name, NULL);
		if (can_be_run(run_path(r, file)))
			return file;
	}
	return NULL;
}

/* What was found once stays, as in bash. */
const char *
program_find(struct snippet_run *r, const char *name)
{
	struct found found = { .name = name };

	if (strchr(name, '/') != NULL)
		return name;
	for (size_t i = 0; i < r->found.n; i++)
		if (strcmp(r->found.v[i].name, name) == 0)
			return r->found.v[i].path;
	found.path = *name != '\0' ? find_on_path(r, name) : NULL;
	if (found.path != NULL)
		vec_push(r->a, &r->found, found);
	return found.path;
}
