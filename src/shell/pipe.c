/* SPDX-License-Identifier: MIT */
/* A pipe between builtins: a text. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "shell/run.h"

static int
open_nameless(struct snippet_run *r)
{
	char *path =
	    arena_concat(r->a, path_temp_dir(), "/prun-pipe-XXXXXX", NULL);
	int fd = mkstemp(path);

	if (fd < 0)
		return -1;
	unlink(path);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

void
pipe_lend(struct snippet_run *r)
{
	for (int i = 0; i < 3; i++) {
		struct snippet_sink *sink = &r->want.sink[i];

		if (sink->slot != SINK_PIPE)
			continue;
		if (r->pipe_fd == 0)
			r->pipe_fd = open_nameless(r);
		sink->slot = r->pipe_fd > 0 ? SNIPPET_FILE : SNIPPET_NULL;
		sink->fd = r->pipe_fd;
	}
}

void
pipe_take_back(struct snippet_run *r)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text;

	if (r->pipe_fd > 0 && lseek(r->pipe_fd, 0, SEEK_SET) == 0 &&
	    read_fd(r->a, r->pipe_fd, 0, &text, &ignored))
		sb_addv(&r->pipe, text);
	if (r->pipe_fd > 0)
		close(r->pipe_fd);
	r->pipe_fd = 0;
}

/* ---- read ---- */

/* A line; `quoted` says which of its characters a backslash stood before. */
struct line {
	struct sb text, quoted;
	bool ended; /* by its newline, not by the end */
};

static void
line_read(struct snippet_run *r, bool raw, struct line *out)
{
	while (r->pipe_at < r->pipe.n && !out->ended) {
		char c = r->pipe.p[r->pipe_at++];
		bool quoted = false;

		if (c == '\\' && !raw) {
			if (r->pipe_at == r->pipe.n)
				break;
			c = r->pipe.p[r->pipe_at++];
			if (c == '\n')
				continue;
			quoted = true;
		} else if (c == '\n') {
			out->ended = true;
			break;
		}
		/* the shell's variables hold none */
		if (c == '\0')
			continue;
		sb_addc(&out->text, c);
		sb_addc(&out->quoted, quoted);
	}
}

static bool
parts_words(const struct line *l, size_t i)
{
	char c = l->text.p[i];

	return (c == ' ' || c == '\t') && !l->quoted.p[i];
}

/* The next word, or (last) all that is left, without blanks at its ends. */
static const char *
line_next(struct snippet_run *r, const struct line *l, size_t *at, bool last)
{
	size_t from, to;

	while (*at < l->text.n && parts_words(l, *at))
		++*at;
	from = to = *at;
	while (to < l->text.n && (last || !parts_words(l, to)))
		to++;
	*at = to;
	while (to > from && parts_words(l, to - 1))
		to--;
	return arena_strndup(
	    r->a, from < to ? l->text.p + from : "", to - from);
}

enum builtin_end
builtin_read(struct snippet_run *r, const char *const *argv, size_t argc)
{
	bool raw = strcmp(argv[1], "-r") == 0;
	struct line line = { 0 };
	size_t at = 0;

	line_read(r, raw, &line);
	for (size_t i = 1 + raw; i < argc; i++)
		variable_set(
		    r, sv_of(argv[i]), line_next(r, &line, &at, i + 1 == argc));
	r->status = !line.ended;
	sb_free(&line.text);
	sb_free(&line.quoted);
	return BUILTIN_ENDED;
}
