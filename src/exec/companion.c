/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/companion.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "exec/loop_uv.h"
#include "exec/spawn.h"

enum {
	END_MS = 200, /* from the end of its input to KILL */
	COMPANION_LINE_MAX = 64 * 1024,
};

struct companion {
	struct loop *l;
	struct companion_options o;
	struct child child;
	int fd;
	bool is_watched;
	bool is_gone;
	struct timer *late; /* tells of one that did not read */
	struct sb in;
};

static void
on_companion_ended(void *arg, int status, const struct rusage *u)
{
	(void)arg;
	(void)status;
	(void)u;
}

/* Both ends close-on-exec; one of them does not wait. */
static bool
companion_socket(int fds[2], struct err *e)
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return err_sys(e, errno, "socketpair");
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	return true;
}

static pid_t
companion_spawn(const struct companion_options *o, int fd, struct err *e)
{
	char *const argv[] = { (char *)o->program, (char *)o->word, NULL };
	int null_fd cleanup_close = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct spawn s = { .path = o->program,
		.argv = argv,
		.env = o->env,
		.fd = { fd, fd, o->err_fd > 0 ? o->err_fd : null_fd },
		.own_group = true,
		.dies_with_us = true };
	enum spawn_stage stage;
	int error;
	pid_t pid;

	if (null_fd < 0) {
		err_sys(e, errno, "open /dev/null");
		return -1;
	}
	pid = spawn_process(&s, &stage, &error);
	if (pid < 0)
		err_sys(e, error, "fork/exec %s", o->program);
	return pid;
}

static void
companion_lose(struct companion *c)
{
	if (c->is_gone)
		return;
	companion_listen(c, false);
	c->is_gone = true;
	c->o.gone(c->o.arg);
}

/* Lines that are complete. */
static void
companion_tell(struct companion *c)
{
	sv rest = sb_sv(&c->in), line, after = rest;
	size_t left;

	while (sv_cut(after, '\n', &line, &rest)) {
		after = rest;
		c->o.line(c->o.arg, line);
	}
	left = after.n;
	if (left > 0)
		memmove(c->in.p, c->in.p + c->in.n - left, left);
	c->in.n = left;
}

static void
companion_read(struct companion *c)
{
	ssize_t n;

	sb_reserve(&c->in, COMPANION_LINE_MAX);
	n = read(c->fd, c->in.p + c->in.n, COMPANION_LINE_MAX);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		c->in.n += (size_t)n;
		companion_tell(c);
	}
	if (n <= 0 || c->in.n > COMPANION_LINE_MAX)
		companion_lose(c);
}

static void
on_companion(void *arg, int fd)
{
	(void)fd;
	companion_read(arg);
}

struct companion *
companion_start(
    struct loop *l, const struct companion_options *o, struct err *e)
{
	struct companion *c;
	int fds[2];
	pid_t pid;

	if (!companion_socket(fds, e))
		return NULL;
	pid = companion_spawn(o, fds[1], e);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return NULL;
	}
	c = xcalloc(1, sizeof(*c));
	c->l = l;
	c->o = *o;
	c->fd = fds[0];
	c->child = (struct child){
		.pid = pid, .fn = on_companion_ended, .arg = c, .is_idle = true
	};
	loop_child_add(l, &c->child);
	return c;
}

void
companion_listen(struct companion *c, bool on)
{
	if (c->is_gone || on == c->is_watched)
		return;
	c->is_watched = on;
	if (on)
		loop_watch(c->l, c->fd, on_companion, c);
	else
		loop_unwatch(c->l, c->fd);
}

static void
on_companion_late(void *arg)
{
	struct companion *c = arg;

	c->late = NULL;
	companion_lose(c);
}

void
companion_say(struct companion *c, sv text)
{
	ssize_t n;

	if (c->is_gone || c->late != NULL)
		return;
	do {
		n = send(c->fd, text.p, text.n, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)text.n)
		c->late = loop_timer(c->l, 0, on_companion_late, c);
}

bool
companion_wait(
    struct companion *c, bool (*done)(void *arg), void *arg, int64_t until_ns)
{
	while (!done(arg)) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		int64_t left = until_ns - clock_mono_ns();

		if (c->is_gone || left <= 0)
			return false;
		if (poll(&p, 1, (int)(left / NS_PER_MS) + 1) > 0)
			companion_read(c);
	}
	return true;
}

/* Its socket is open as long as it lives, so until the end of that is seen its
 * pid is its own. */
static bool
companion_has_ended(struct companion *c)
{
	int64_t until = clock_mono_ns() + END_MS * NS_PER_MS;
	char block[4096];

	shutdown(c->fd, SHUT_WR);
	for (;;) {
		struct pollfd p = { .fd = c->fd, .events = POLLIN };
		int64_t left = until - clock_mono_ns();
		ssize_t n;

		if (left <= 0)
			return false;
		if (poll(&p, 1, (int)(left / NS_PER_MS) + 1) <= 0)
			continue;
		n = read(c->fd, block, sizeof(block));
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return true;
	}
}

void
companion_stop(struct companion *c)
{
	if (c == NULL)
		return;
	loop_timer_stop(c->l, &c->late);
	companion_listen(c, false);
	loop_child_remove(c->l, &c->child);
	if (!c->child.ended) {
		if (!companion_has_ended(c))
			kill(c->child.pid, SIGKILL);
		while (waitpid(c->child.pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(c->fd);
	sb_free(&c->in);
	free(c);
}
