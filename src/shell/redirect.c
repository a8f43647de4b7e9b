/* SPDX-License-Identifier: MIT */
/* Redirections to files. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "shell/run.h"

const char *
run_path(struct snippet_run *r, const char *path)
{
	if (*path == '/' || *path == '\0')
		return path;
	return arena_concat(r->a, r->dir, "/", path, NULL);
}

static bool
lies_below(const char *path, const char *folder)
{
	return strncmp(path, folder, strlen(folder)) == 0;
}

bool
path_is_strange(struct snippet_run *r, const char *path)
{
	const char *full = run_path(r, path);
	const char *clean = path_clean(r->a, sv_of(full));

	return lies_below(full, "/dev/") || lies_below(full, "/proc/") ||
	       lies_below(clean, "/dev/") || lies_below(clean, "/proc/");
}

/* Only regular files: another may be a pipe, whose other end nobody has opened
 * yet.  A link may lead to one that is each process's own. */
static bool
may_be_opened(const char *path, bool is_new)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return is_new && errno == ENOENT;
	return S_ISREG(st.st_mode);
}

static bool
redirect_open(struct snippet_run *r, const struct redirect *redirect,
    const char *target, struct snippet_sink *sink)
{
	static const int flags[] = {
		[REDIRECT_IN] = O_RDONLY,
		[REDIRECT_OUT] = O_WRONLY | O_CREAT | O_TRUNC,
		[REDIRECT_APPEND] = O_WRONLY | O_CREAT | O_APPEND,
		[REDIRECT_BOTH] = O_WRONLY | O_CREAT | O_TRUNC,
	};
	const char *path = run_path(r, target);
	int fd;

	*sink = (struct snippet_sink){ .slot = SNIPPET_NULL };
	if (strcmp(path, "/dev/null") == 0)
		return true;
	if (path_is_strange(r, target) ||
	    !may_be_opened(path, redirect->kind != REDIRECT_IN))
		return false;
	fd = open(path, flags[redirect->kind] | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return false;
	vec_push(r->a, &r->open, fd);
	sink->slot = SNIPPET_FILE;
	sink->fd = fd;
	return true;
}

static void
sinks_reset(struct snippet_run *r)
{
	for (int i = 0; i < 3; i++)
		r->sink[i] = (struct snippet_sink){ .slot = i };
	if (r->piping)
		r->sink[1].slot = SINK_PIPE;
	else if (r->pipe.n > 0)
		r->sink[0].slot = SNIPPET_NULL;
}

bool
redirects_open(struct snippet_run *r, const struct simple *c)
{
	sinks_reset(r);
	for (size_t i = 0; i < c->redirects.n; i++) {
		const struct redirect *redirect = &c->redirects.v[i];
		struct snippet_sink *sink = &r->sink[redirect->fd];
		const char *target;

		if (redirect->kind == REDIRECT_COPY) {
			*sink = r->sink[redirect->from];
			continue;
		}
		target = word_value(r, redirect->target);
		if (target == NULL || !redirect_open(r, redirect, target, sink))
			return false;
		if (redirect->kind == REDIRECT_BOTH)
			r->sink[2] = r->sink[1];
	}
	return true;
}

void
redirects_close(struct snippet_run *r)
{
	for (size_t i = 0; i < r->open.n; i++)
		close(r->open.v[i]);
	r->open.n = 0;
	sinks_reset(r);
}
