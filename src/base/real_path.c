/* SPDX-License-Identifier: MIT */
#include "base/real_path.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

/* As many as Linux follows; in a loop of links the name stays what it is. */
enum {
	LINKS_MAX = 40
};

/* The text of a link; NULL: it is none. */
static const char *
link_text(struct arena *a, const char *path)
{
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof(text));

	return n <= 0 || (size_t)n == sizeof(text)
		   ? NULL
		   : arena_strndup(a, text, (size_t)n);
}

void
path_trail(struct arena *a, const char *path, trail_vec *out)
{
	const char *done = "/", *target;
	sv rest = sv_of(path_abs(a, sv_of(path))), name;
	int links = 0;

	while (rest.n > 0) {
		sv_cut(rest, '/', &name, &rest);
		if (name.n == 0 || sv_is(name, "."))
			continue;
		/* the links before it are resolved: this is its real parent */
		if (sv_is(name, "..")) {
			done = path_dir(a, sv_of(done));
			continue;
		}
		path = path_join(a, sv_of(done), name);
		target = links < LINKS_MAX ? link_text(a, path) : NULL;
		if (target == NULL) {
			done = path;
			continue;
		}
		links++;
		vec_push(a, out, path);
		if (*target == '/')
			done = "/";
		rest = sv_of(arena_printf(a, "%s/%.*s", target, SV_ARG(rest)));
	}
	vec_push(a, out, done);
}

const char *
path_real(struct arena *a, const char *path)
{
	trail_vec trail = { 0 };

	path_trail(a, path, &trail);
	return trail.v[trail.n - 1];
}

const char *
path_real_place(struct arena *a, const char *path)
{
	const char *whole = path_abs(a, sv_of(path));

	return path_join(a, sv_of(path_real(a, path_dir(a, sv_of(whole)))),
	    sv_of(path_base(a, sv_of(whole))));
}
