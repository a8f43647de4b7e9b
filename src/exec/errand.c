/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/loop_uv.h"
#include "exec/spawn.h"

struct errand {
	struct loop *l;
	struct child child;
	int fd[2]; /* of its stdout and stderr; -1: over */
	struct sb text[2];
	size_t most;
	struct timer *late;
	struct soon soon;
	int status;
	bool has_ended, too_much, too_late;
	void (*fn)(void *arg, const struct errand_end *end);
	void *arg;
};

static void
errand_free(struct errand *r)
{
	loop_timer_stop(r->l, &r->late);
	loop_soon_stop(r->l, &r->soon);
	for (int i = 0; i < 2; i++) {
		if (r->fd[i] >= 0) {
			loop_unwatch(r->l, r->fd[i]);
			close(r->fd[i]);
		}
		sb_free(&r->text[i]);
	}
	free(r);
}

static void
errand_kill(struct errand *r)
{
	if (!r->child.ended)
		kill(-r->child.pid, SIGKILL);
}

static void
errand_over(void *arg)
{
	struct errand *r = arg;
	struct errand_end end = { r->status, sb_sv(&r->text[0]),
		sb_sv(&r->text[1]), r->too_much, r->too_late };

	r->fn(r->arg, &end);
	errand_free(r);
}

/* What it has left running may hold its streams for ever: its end is the end.
 */
static void
errand_look(struct errand *r)
{
	if (r->has_ended)
		loop_soon(r->l, &r->soon);
}

/* Reads what is there; false: nothing will come any more. */
static bool
errand_read(struct errand *r, int i)
{
	char block[16 * 1024];
	ssize_t n;

	while ((n = read(r->fd[i], block, sizeof(block))) > 0) {
		if (r->text[i].n + (size_t)n > r->most) {
			r->too_much = true;
			errand_kill(r);
			return false;
		}
		sb_add(&r->text[i], block, (size_t)n);
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static void
on_errand_text(void *arg, int fd)
{
	struct errand *r = arg;
	int i = fd == r->fd[1];

	if (errand_read(r, i))
		return;
	loop_unwatch(r->l, fd);
	close(fd);
	r->fd[i] = -1;
}

static void
on_errand_ended(void *arg, int status, const struct rusage *u)
{
	struct errand *r = arg;

	(void)u;
	if (WIFSTOPPED(status))
		return;
	r->has_ended = true;
	r->status =
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	for (int i = 0; i < 2; i++)
		if (r->fd[i] >= 0)
			errand_read(r, i);
	loop_child_remove(r->l, &r->child);
	errand_look(r);
}

static void
on_errand_late(void *arg)
{
	struct errand *r = arg;

	r->late = NULL;
	r->too_late = true;
	errand_kill(r);
}

static void
close_all(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* fds: read and write ends of stdout and stderr, stdin. */
static bool
errand_open(const struct errand_options *o, int fds[5], struct err *e)
{
	struct arena *a cleanup_arena = arena_new();

	if (!spawn_pipe(fds) || !spawn_pipe(fds + 2))
		return err_sys(e, errno, "pipe");
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	fcntl(fds[2], F_SETFL, O_NONBLOCK);
	if (o->input.n > 0)
		return spawn_script_open(sv_cstr(a, o->input), &fds[4], e);
	fds[4] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return fds[4] >= 0 || err_sys(e, errno, "open /dev/null");
}

static pid_t
errand_spawn(const struct errand_options *o, const int fds[5], struct err *e)
{
	extern char **environ;
	struct spawn s = { .path = o->argv[0],
		.argv = (char *const *)o->argv,
		.env = o->env != NULL ? o->env : environ,
		.dir = o->dir,
		.fd = { fds[4], fds[1], fds[3] },
		.own_group = true,
		.dies_with_us = !o->outlives_us };
	enum spawn_stage stage;
	int error;
	pid_t pid = spawn_process(&s, &stage, &error);

	if (pid < 0)
		err_sys(e, error, "fork/exec %s", o->argv[0]);
	return pid;
}

struct errand *
errand_start(struct loop *l, const struct errand_options *o,
    void (*fn)(void *arg, const struct errand_end *end), void *arg,
    struct err *e)
{
	int fds[5] = { -1, -1, -1, -1, -1 };
	struct errand *r;
	pid_t pid;

	if (!loop_up(l, e) || !errand_open(o, fds, e) ||
	    (pid = errand_spawn(o, fds, e)) < 0) {
		close_all(fds, 5);
		return NULL;
	}
	close(fds[1]);
	close(fds[3]);
	close(fds[4]);
	r = xcalloc(1, sizeof(*r));
	*r = (struct errand){ .l = l,
		.fd = { fds[0], fds[2] },
		.most = o->most,
		.fn = fn,
		.arg = arg,
		.child = { .pid = pid, .fn = on_errand_ended, .arg = r },
		.soon = { .fn = errand_over, .arg = r } };
	loop_watch(l, fds[0], on_errand_text, r);
	loop_watch(l, fds[2], on_errand_text, r);
	loop_child_add(l, &r->child);
	if (o->timeout_ns > 0)
		r->late = loop_timer(l, o->timeout_ns, on_errand_late, r);
	return r;
}

void
errand_stop(struct errand *r)
{
	errand_kill(r);
	if (!r->has_ended) {
		loop_child_remove(r->l, &r->child);
		while (waitpid(r->child.pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	errand_free(r);
}
