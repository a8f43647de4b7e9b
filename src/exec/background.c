/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/background.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/loop_uv.h"
#include "exec/spawn.h"

enum {
	BLOCK = 16 * 1024,
};

struct background_stream {
	int fd; /* -1: over */
	struct sb got;
	bool is_cut;
};

struct background {
	struct loop *l;
	struct background_options o;
	struct child child;
	struct background_stream streams[2];
	bool is_stopped;
	int status; /* of wait() */
};

static void
background_close(struct background *b, struct background_stream *s)
{
	if (s->fd < 0)
		return;
	loop_unwatch(b->l, s->fd);
	close(s->fd);
	s->fd = -1;
}

/* What is there now; false: that was its end. */
static bool
background_take(struct background *b, struct background_stream *s)
{
	char block[BLOCK];
	ssize_t n = read(s->fd, block, sizeof(block));
	size_t room;

	if (n < 0)
		return errno == EINTR;
	room = b->o.most - s->got.n;
	s->is_cut |= (size_t)n > room;
	sb_add(&s->got, block, (size_t)n < room ? (size_t)n : room);
	return n > 0;
}

static void
on_background(void *arg, int fd)
{
	struct background *b = arg;

	for (int i = 0; i < 2; i++)
		if (b->streams[i].fd == fd) {
			errno = 0;
			if (!background_take(b, &b->streams[i]) &&
			    errno != EAGAIN)
				background_close(b, &b->streams[i]);
		}
}

static void
background_free(struct background *b)
{
	for (int i = 0; i < 2; i++) {
		background_close(b, &b->streams[i]);
		sb_free(&b->streams[i].got);
	}
	free(b);
}

/* Who holds the other ends beyond its end has nothing to say here. */
static void
on_background_ended(void *arg, int status, const struct rusage *u)
{
	struct background *b = arg;
	struct background_end end;

	(void)u;
	if (WIFSTOPPED(status) || !b->child.ended)
		return;
	if (!b->is_stopped) {
		for (int i = 0; i < 2; i++)
			while (b->streams[i].fd >= 0 &&
			       background_take(b, &b->streams[i]))
				;
		end = (struct background_end){
			.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status)
						      : WEXITSTATUS(status),
			.out = sb_sv(&b->streams[0].got),
			.err = sb_sv(&b->streams[1].got),
			.is_cut = b->streams[0].is_cut || b->streams[1].is_cut,
		};
		b->o.done(b->o.arg, &end);
	}
	loop_child_remove(b->l, &b->child);
	background_free(b);
}

static bool
background_pipes(struct background *b, int theirs[2], struct err *e)
{
	for (int i = 0; i < 2; i++) {
		int fds[2];

		if (!spawn_pipe(fds))
			return err_sys(e, errno, "pipe");
		b->streams[i].fd = fds[0];
		theirs[i] = fds[1];
		fcntl(fds[0], F_SETFL, fcntl(fds[0], F_GETFL) | O_NONBLOCK);
	}
	return true;
}

static pid_t
background_spawn(
    const struct background_options *o, const int theirs[2], struct err *e)
{
	extern char **environ;
	int null_fd cleanup_close = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct spawn s = { .path = o->argv[0],
		.argv = (char *const *)o->argv,
		.env = environ,
		.fd = { null_fd, theirs[0], theirs[1] },
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
		err_sys(e, error, "fork/exec %s", o->argv[0]);
	return pid;
}

struct background *
background_start(
    struct loop *l, const struct background_options *o, struct err *e)
{
	struct background *b = xcalloc(1, sizeof(*b));
	int theirs[2] = { -1, -1 };
	pid_t pid = -1;

	b->l = l;
	b->o = *o;
	b->streams[0].fd = b->streams[1].fd = -1;
	/* before there is a child to be heard of */
	if (loop_up(l, e) && background_pipes(b, theirs, e))
		pid = background_spawn(o, theirs, e);
	close_cleanup(&theirs[0]);
	close_cleanup(&theirs[1]);
	if (pid < 0) {
		background_free(b);
		return NULL;
	}
	for (int i = 0; i < 2; i++)
		loop_watch(l, b->streams[i].fd, on_background, b);
	b->child =
	    (struct child){ .pid = pid, .fn = on_background_ended, .arg = b };
	loop_child_add(l, &b->child);
	return b;
}

void
background_stop(struct background *b)
{
	b->is_stopped = true;
	kill(-b->child.pid, SIGKILL);
}
