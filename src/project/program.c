/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/program.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"

static const char installed[] = PKGDATADIR "/taskfiles",
		  schema_name[] = "Taskfile.schema.json";

const char *
program_path(struct arena *a, const char *argv0)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n > 0)
		return arena_strndup(a, path, (size_t)n);
	/* a name alone was found on the PATH */
	return *argv0 == '/' || strchr(argv0, '/') == NULL
		   ? argv0
		   : path_abs(a, sv_of(argv0));
}

static bool
is_same_file(const char *x, const char *y)
{
	struct stat a, b;

	return stat(x, &a) == 0 && stat(y, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

const char *
program_asked_for(
    struct arena *a, const char *argv0, const char *path, const char *program)
{
	sv rest = sv_of(path != NULL ? path : ""), dir;
	const char *name;

	if (strchr(argv0, '/') != NULL) {
		name = path_abs(a, sv_of(argv0));
		return is_same_file(name, program) ? name : program;
	}
	while (rest.n > 0) {
		sv_cut(rest, ':', &dir, &rest);
		name = path_abs(a, sv_of(path_join(a, dir, sv_of(argv0))));
		if (access(name, X_OK) == 0 && is_same_file(name, program))
			return name;
	}
	return program;
}

const char *
program_schema(struct arena *a, const char *program)
{
	static const char *const beside[] = { "src/cli/schema.json",
		"../share/prun/Taskfile.schema.json" };

	for (size_t i = 0; strchr(program, '/') != NULL &&
			   i < sizeof(beside) / sizeof(beside[0]);
	     i++) {
		const char *path = path_join(
		    a, sv_of(path_dir(a, sv_of(program))), sv_of(beside[i]));

		if (path_exists(path))
			return path;
	}
	return arena_printf(a, "%s/%s", PKGDATADIR, schema_name);
}

const char *
program_phases_dir(struct arena *a, const char *program, const char *told)
{
	static const char *const beside[] = { "taskfiles",
		"../share/prun/taskfiles" };

	if (told != NULL && *told != '\0')
		return told;
	if (strchr(program, '/') == NULL)
		return installed;
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		const char *path = path_join(
		    a, sv_of(path_dir(a, sv_of(program))), sv_of(beside[i]));

		/* any folder may be called taskfiles */
		if (path_exists(path_join(a, sv_of(path), SV("python.yml"))))
			return path;
	}
	return installed;
}
