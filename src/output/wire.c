/* SPDX-License-Identifier: MIT */
/* Ways in which a job's streams are wired, for the modes to choose from. */
#include "output/internal.h"

#include <errno.h>
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
	if (o->c.no_stdin || (o->c.stdin_is_tty && !spec->here))
		spec->in.kind = STDIO_NULL;
	else
		spec->in.kind = STDIO_INHERIT;
}

bool
wire_lends(const struct output *o, const struct run_call *call,
    const struct job_spec *spec)
{
	const int *fds = call->streams != NULL ? call->streams->fds : NULL;

	if (!spec->here || !o->c.mode->lends_terminal || o->c.no_stdin ||
	    o->c.captures_all)
		return false;
	if (fds != NULL)
		return isatty(fds[STDIN_FILENO]) && isatty(fds[STDOUT_FILENO]);
	return o->c.stdin_is_tty && o->c.stdout_is_tty;
}

/* Said once, and not by the program that says no line of its own. */
static bool
has_pty(struct output *o)
{
	if (o->asked_pty)
		return !o->has_no_pty;
	o->asked_pty = true;
	o->has_no_pty = !executor_local_has_pty();
	if (o->has_no_pty && !o->c.compat)
		term_print(o->c.term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: there are no pseudo-terminals (%s): what runs side "
		    "by side writes into pipes\n",
		    strerror(errno));
	return !o->has_no_pty;
}

static enum stdio_kind
through(struct output *o, bool is_tty)
{
	return is_tty && has_pty(o) ? STDIO_PTY : STDIO_PIPE;
}

void
wire_pipes(struct job_spec *spec)
{
	spec->out.kind = STDIO_PIPE;
	spec->err.kind = same_file(STDOUT_FILENO, STDERR_FILENO)
			     ? STDIO_STDOUT
			     : STDIO_PIPE;
}

/* A terminal stays one, whichever of the two it is. */
void
wire_through(struct output *o, struct job_spec *spec)
{
	if (o->c.run_dir == NULL) {
		spec->out.kind = STDIO_INHERIT;
		spec->err.kind = STDIO_INHERIT;
		return;
	}
	wire_pipes(spec);
	spec->out.kind = through(o, o->c.stdout_is_tty);
	if (spec->err.kind != STDIO_STDOUT)
		spec->err.kind = through(o, o->c.stderr_is_tty);
}

/* What a script calls writes to the script's streams; through prun, so that it
 * has a log, which goes on as a terminal where there is one. */
void
wire_relayed(
    struct output *o, const struct run_call *call, struct job_spec *spec)
{
	const int *fds = call->streams->fds;

	if (o->c.run_dir == NULL)
		return;
	spec->out.kind = through(o, isatty(fds[STDOUT_FILENO]));
	spec->err.kind =
	    same_file(fds[STDOUT_FILENO], fds[STDERR_FILENO])
		? STDIO_STDOUT
		: through(o, isatty(fds[STDERR_FILENO]));
}
