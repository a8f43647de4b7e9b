/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/phases.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"

static const char installed[] = PKGDATADIR "/taskfiles";

/* The folder of the running program, NULL where it cannot be told. */
static const char *
program_dir(struct arena *a, const char *argv0)
{
#ifdef PRUN_LINUX
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n > 0)
		return path_dir(a, (sv){ path, (size_t)n });
#endif
	if (strchr(argv0, '/') == NULL)
		return NULL;
	return path_dir(a, sv_of(path_abs(a, sv_of(argv0))));
}

const char *
phases_dir(struct arena *a, const char *argv0)
{
	static const char *const beside[] = { "taskfiles",
		"../share/prun/taskfiles" };
	const char *told = getenv("PRUN_TASKFILES");
	const char *dir = program_dir(a, argv0);

	if (told != NULL && *told != '\0')
		return told;
	for (size_t i = 0; dir && i < sizeof(beside) / sizeof(beside[0]); i++) {
		const char *path = path_join(a, sv_of(dir), sv_of(beside[i]));

		/* any folder may be called taskfiles */
		if (path_exists(path_join(a, sv_of(path), SV("python.yml"))))
			return path;
	}
	return installed;
}
