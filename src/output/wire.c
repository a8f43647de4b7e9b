/* SPDX-License-Identifier: MIT */
/* Ways in which a job's streams are wired, for the modes to choose from. */
#include "output/internal.h"

#include <sys/stat.h>
#include <unistd.h>

static bool
same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

void
wire_stdin(const struct output *o, struct job_spec *spec)
{
	/* side by side nobody may read the terminal (P-402) */
	if (o->c.no_stdin || (o->c.stdin_is_tty && !spec->foreground))
		spec->in.kind = STDIO_NULL;
	else
		spec->in.kind = STDIO_INHERIT;
}

static void
wire_as_pty(struct job_spec *spec, bool merged)
{
	spec->out.kind = STDIO_PTY;
	spec->err.kind = merged ? STDIO_PTY : STDIO_PIPE;
}

static void
wire_as_pipe(struct job_spec *spec, bool merged)
{
	spec->out.kind = STDIO_PIPE;
	spec->err.kind = merged ? STDIO_STDOUT : STDIO_PIPE;
}

void
wire_pipes(struct job_spec *spec)
{
	wire_as_pipe(spec, same_file(STDOUT_FILENO, STDERR_FILENO));
}

void
wire_through(const struct output *o, struct job_spec *spec)
{
	if (o->c.run_dir == NULL) {
		spec->out.kind = STDIO_INHERIT;
		spec->err.kind = STDIO_INHERIT;
	} else if (o->c.pty && o->c.stdout_is_tty) {
		wire_as_pty(spec, same_file(STDOUT_FILENO, STDERR_FILENO));
	} else {
		wire_pipes(spec);
	}
}

/* What a script calls writes to the script's streams; through prun, so that it
 * has a log, which goes on as a terminal where there is one. */
void
wire_relayed(
    const struct output *o, const struct run_call *call, struct job_spec *spec)
{
	const int *fds = call->streams->fds;
	bool merged = same_file(fds[STDOUT_FILENO], fds[STDERR_FILENO]);

	if (o->c.run_dir == NULL)
		return;
	if (isatty(fds[STDOUT_FILENO]))
		wire_as_pty(spec, merged);
	else
		wire_as_pipe(spec, merged);
}
