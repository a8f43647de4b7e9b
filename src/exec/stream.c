/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	READS_A_TURN = 4, /* then the others have their turn */
	WIDE_PIPE = 262144,
	/* What a pipe can hold at most when its writer is gone; more means that
	 * somebody else goes on writing. */
	DRAIN_READS = 64,
};

static void
stream_freed(uv_handle_t *handle)
{
	free(handle->data);
}

/* Out of the loop first, then closed: a child between vfork and exec holds a
 * copy of the descriptor, and epoll would go on reporting its number. */
void
stream_close(struct stream *s)
{
	struct job *j = s->job;

	uv_close((uv_handle_t *)&s->poll, stream_freed);
	close(s->fd);
	if (s->next != NULL)
		s->next->prev = s->prev;
	if (s->prev != NULL)
		s->prev->next = s->next;
	else
		s->x->streams = s->next;
	if (j != NULL)
		j->streams[s->slot] = NULL;
}

/* A job that fills a whole buffer at once will write more: with a larger pipe
 * it and prun take turns less often. */
static void
widen(struct stream *s)
{
	s->is_wide = true;
#ifdef F_SETPIPE_SZ
	if (!s->is_pty)
		fcntl(s->fd, F_SETPIPE_SZ, WIDE_PIPE);
#endif
}

/* At most `reads` buffers; false when the stream has ended (and is closed). */
static bool
stream_read(struct stream *s, int reads)
{
	while (reads-- > 0 && !s->is_held) {
		ssize_t n = read(s->fd, s->x->buffer, READ_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return true;
		/* a pty without slaves is at its end with EIO */
		if (n <= 0) {
			stream_close(s);
			return false;
		}
		if (n == READ_SIZE && !s->is_wide)
			widen(s);
		if (s->job != NULL && s->job->output != NULL) {
			loop_happened(s->x->base.loop);
			s->job->output(s->job->arg, s->slot,
			    (sv){ s->x->buffer, (size_t)n });
		}
		/* before its end a short read means that no more is there */
		if (n < READ_SIZE && (s->job == NULL || !s->job->exited))
			return true;
	}
	return true;
}

static void
readable(uv_poll_t *poll, int status, int events)
{
	struct stream *s = poll->data;
	struct job *j = s->job;

	(void)status;
	(void)events;
	if (!stream_read(s, READS_A_TURN) && j != NULL)
		job_maybe_done(j);
}

void
stream_start(struct job *j, int slot, int fd, bool is_pty)
{
	struct stream *s = xcalloc(1, sizeof(*s));
	struct local *x = j->x;
	int error;

	s->x = x;
	s->job = j;
	s->fd = fd;
	s->slot = slot;
	s->is_pty = is_pty;
	if (x->buffer == NULL)
		x->buffer = xmalloc(READ_SIZE);
	error = uv_poll_init(loop_uv(x->base.loop), &s->poll, fd);
	if (error == 0) {
		s->poll.data = s;
		error = uv_poll_start(&s->poll, UV_READABLE, readable);
	}
	if (error != 0)
		BUG("poll of a pipe: %s", uv_strerror(error));
	s->next = x->streams;
	if (x->streams != NULL)
		x->streams->prev = s;
	x->streams = s;
	j->streams[slot] = s;
}

void
stream_drain(struct stream *s)
{
	stream_read(s, DRAIN_READS);
}

void
stream_hold(struct stream *s, bool held)
{
	if (s->is_held == held)
		return;
	s->is_held = held;
	s->was_held = true;
	if (held)
		uv_poll_stop(&s->poll);
	else
		uv_poll_start(&s->poll, UV_READABLE, readable);
}

void
stream_orphan(struct stream *s)
{
	stream_hold(s, false);
	s->job->streams[s->slot] = NULL;
	s->job = NULL;
}
