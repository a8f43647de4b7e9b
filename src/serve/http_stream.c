/* SPDX-License-Identifier: MIT */
/* Answers that go on: asked for more when there is room, and suspended when
 * there is none to be had. */
#include "config.h"

#include "serve/http_internal.h"

#include <stdlib.h>

#include "base/clock.h"

enum {
	STREAM_BLOCK = 16 * 1024,
};

static ssize_t
on_stream_fill(void *arg, uint64_t at, char *to, size_t n)
{
	struct http_stream *st = arg;
	long filled;

	(void)at;
	http_lock(st->h);
	filled = st->is_over || st->h->is_stopping
		     ? -1
		     : st->ops->fill(st->arg, to, n);
	if (filled == 0) {
		st->even_ns = clock_mono_ns();
		st->is_suspended = true;
		MHD_suspend_connection(st->c);
	}
	http_unlock(st->h);
	return filled < 0 ? MHD_CONTENT_READER_END_OF_STREAM : filled;
}

static void
on_stream_free(void *arg)
{
	struct http_stream *st = arg;
	struct http *h = st->h;

	http_lock(h);
	list_remove(st);
	h->n.streams--;
	for (struct connection *c = h->connections; c != NULL; c = c->next)
		if (c->stream == st)
			c->stream = NULL;
	st->ops->free(st->arg);
	http_unlock(h);
	free(st);
}

void
http_stream_wake(struct http_stream *st)
{
	if (st == NULL)
		return;
	http_lock(st->h);
	if (st->is_suspended) {
		st->is_suspended = false;
		st->even_ns = clock_mono_ns();
		http_resume(st->h, st->c);
	}
	http_unlock(st->h);
}

struct MHD_Response *
stream_response(struct http_request *hr, const struct answer *an)
{
	struct http_stream *st = xcalloc(1, sizeof(*st));
	int64_t now = clock_mono_ns();

	*st = (struct http_stream){ .h = hr->h,
		.c = hr->c,
		.ops = an->stream,
		.arg = an->arg,
		.since_ns = now,
		.even_ns = now };
	hr->stream = st;
	*an->handle = st;
	http_lock(hr->h);
	list_add(&hr->h->streams, st);
	hr->h->n.streams++;
	http_unlock(hr->h);
	return MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, STREAM_BLOCK, on_stream_fill, st, on_stream_free);
}
