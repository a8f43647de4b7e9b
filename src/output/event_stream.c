/* SPDX-License-Identifier: MIT */
#include "output/event_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "store/journal.h"

enum {
	QUEUE_MAX = 1 << 20,
	RETRY_MS = 20,      /* while the reader is behind */
	PATIENCE_MS = 5000, /* at the end, for each byte */
};

/* How a write is kept from waiting. */
enum stream_way {
	WAY_OWN,    /* the descriptor is this stream's alone: it never waits */
	WAY_PIPE,   /* no more than what is sure to have room */
	WAY_SOCKET, /* each send says so */
	WAY_FILE,   /* it never does */
};

struct event_stream {
	char *path;
	int fd; /* -1: a pipe that has no reader yet */
	enum stream_way way;
	struct sb queue;
	size_t sent;      /* of the queue */
	unsigned dropped; /* lines, since the last one that was queued */
	bool gone;        /* nobody reads any more */
	bool lost;        /* lines were dropped, ever */
	int failed;       /* errno of a write */
	struct loop *loop;
	struct timer *timer;
};

/* ---- opening ---- */

static bool
is_kind(int fd, mode_t kind)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

/* Others may write to the same pipe or terminal: it must not be told never to
 * wait. */
static bool
take_stdout(struct event_stream *s, struct err *e)
{
	s->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (s->fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return err_sys(e, errno, "prun: --events: /dev/stdout");
	s->way = is_kind(s->fd, S_IFSOCK)  ? WAY_SOCKET
		 : is_kind(s->fd, S_IFREG) ? WAY_FILE
					   : WAY_PIPE;
	return true;
}

/* A pipe without a reader is no error: one may come. */
static bool
open_stream(struct event_stream *s)
{
	struct stat st;
	bool is_pipe = stat(s->path, &st) == 0 && S_ISFIFO(st.st_mode);

	s->fd = open(s->path,
	    O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NONBLOCK | O_NOCTTY |
		O_CLOEXEC,
	    0666);
	return s->fd >= 0 || (is_pipe && errno == ENXIO);
}

struct event_stream *
event_stream_new(const char *file, struct err *e)
{
	struct event_stream *s = xcalloc(1, sizeof(*s));
	bool ok;

	s->fd = -1;
	s->path = xstrdup(file);
	if (strcmp(file, "-") == 0)
		ok = take_stdout(s, e);
	else
		ok = open_stream(s) ||
		     err_sys(e, errno, "prun: --events: open %s", file);
	if (ok)
		return s;
	if (s->fd >= 0)
		close(s->fd);
	free(s->path);
	free(s);
	return NULL;
}

/* ---- writing ---- */

static size_t
left(const struct event_stream *s)
{
	return s->queue.n - s->sent;
}

/* A pipe that can be written has room for PIPE_BUF bytes. */
static ssize_t
write_to_pipe(int fd, const char *p, size_t n)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };

	if (poll(&poll_fd, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, p, n < PIPE_BUF ? n : PIPE_BUF);
}

static ssize_t
write_some(struct event_stream *s)
{
	const char *p = s->queue.p + s->sent;

	switch (s->way) {
	case WAY_OWN:
	case WAY_FILE:
		return write(s->fd, p, left(s));
	case WAY_PIPE:
		return write_to_pipe(s->fd, p, left(s));
	case WAY_SOCKET:
		return send(s->fd, p, left(s), MSG_DONTWAIT);
	}
	BUG("way %d", (int)s->way);
}

static void
give_up_writing(struct event_stream *s, int error)
{
	s->gone = true;
	if (error != EPIPE)
		s->failed = error;
	sb_free(&s->queue);
	s->sent = 0;
}

/* As much as the reader takes now. */
static void
pour(struct event_stream *s)
{
	ssize_t n;

	if (s->fd < 0 && !s->gone && !open_stream(s))
		give_up_writing(s, errno);
	while (s->fd >= 0 && !s->gone && left(s) > 0) {
		n = write_some(s);
		if (n >= 0)
			s->sent += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			break;
		else if (errno != EINTR)
			give_up_writing(s, errno);
	}
	if (left(s) == 0 || s->sent > QUEUE_MAX / 2) {
		if (left(s) > 0)
			memmove(s->queue.p, s->queue.p + s->sent, left(s));
		s->queue.n = left(s);
		s->sent = 0;
	}
}

static void pour_later(struct event_stream *s);

static void
on_pour_time(void *arg)
{
	struct event_stream *s = arg;

	s->timer = NULL;
	pour(s);
	pour_later(s);
}

static void
pour_later(struct event_stream *s)
{
	if (s->timer == NULL && s->loop != NULL && !s->gone && left(s) > 0)
		s->timer = loop_timer(s->loop, RETRY_MS * NS_PER_MS, on_pour_time, s);
}

void
event_stream_attach(struct event_stream *s, struct loop *l)
{
	if (s->loop == l)
		return;
	if (s->loop != NULL)
		loop_timer_stop(s->loop, &s->timer);
	s->loop = l;
	pour(s);
	pour_later(s);
}

static void
tell_dropped(struct event_stream *s)
{
	const struct journal_gap gap = { .lines = s->dropped };

	if (s->dropped == 0)
		return;
	journal_add_line(&s->queue, JOURNAL_LINE_DROPPED, &gap);
	s->dropped = 0;
}

/* How a run begins and ends is told whatever the reader does. */
static bool
is_dear(sv line)
{
	return sv_starts(line, SV("{\"ev\":\"run\"")) ||
	       sv_starts(line, SV("{\"ev\":\"end\""));
}

/* After a gap there is none soon again: half of the room must be free. */
static void
queue_line(struct event_stream *s, sv line)
{
	size_t room = s->dropped > 0 ? QUEUE_MAX / 2 : QUEUE_MAX;

	if (left(s) + line.n > room && !is_dear(line)) {
		s->dropped++;
		s->lost = true;
		return;
	}
	tell_dropped(s);
	sb_addv(&s->queue, line);
}

void
event_stream_add(void *ctx, sv lines)
{
	struct event_stream *s = ctx;
	sv line, rest;

	if (s->gone)
		return;
	pour(s);
	while (!s->gone && sv_cut(lines, '\n', &line, &rest)) {
		line.n++;
		queue_line(s, line);
		lines = rest;
	}
	pour(s);
	pour_later(s);
}

/* ---- the end ---- */

static void
wait_a_moment(struct event_stream *s)
{
	struct pollfd poll_fd = { .fd = s->fd, .events = POLLOUT };

	/* a negative descriptor is passed over */
	poll(&poll_fd, 1, s->fd < 0 ? RETRY_MS : PATIENCE_MS);
}

static void
pour_all(struct event_stream *s)
{
	int64_t until = clock_mono_ns() + PATIENCE_MS * NS_PER_MS;

	pour(s);
	while (!s->gone && left(s) > 0 && clock_mono_ns() < until) {
		size_t before = left(s);

		wait_a_moment(s);
		pour(s);
		if (left(s) < before)
			until = clock_mono_ns() + PATIENCE_MS * NS_PER_MS;
	}
}

bool
event_stream_end(struct event_stream *s, struct err *e)
{
	bool ok = true;

	if (s == NULL)
		return true;
	if (s->loop != NULL)
		event_stream_attach(s, NULL);
	if (!s->gone)
		tell_dropped(s);
	pour_all(s);
	if (s->fd >= 0 && close(s->fd) != 0 && s->failed == 0 && !s->gone)
		s->failed = errno;
	if (s->failed != 0)
		ok = err_sys(e, s->failed, "write %s", s->path);
	else if (!s->gone && left(s) > 0)
		ok = err_set(e, ERR_GENERIC, "nobody reads %s", s->path);
	else if (!s->gone && s->lost)
		ok = err_set(e, ERR_GENERIC, "%s is read too slowly", s->path);
	sb_free(&s->queue);
	free(s->path);
	free(s);
	return ok;
}
