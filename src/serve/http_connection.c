/* SPDX-License-Identifier: MIT */
/* Who is connected, for how long, and who goes when there are too many. */
#include "config.h"

#include "serve/http_internal.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "base/clock.h"

enum {
	SWEEP_S = 1,
	STREAM_LIFE_S = 60 * 60,
	SPARE = 32, /* connections for who comes next */
};

struct connection *
connection_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

/* The library notices that its socket is at its end. */
static void
connection_cut(const struct connection *c)
{
	shutdown(c->fd, SHUT_RDWR);
}

/* There will be no room for the next one: who has waited longest goes. */
static void
connections_make_room(struct http *h)
{
	struct connection *oldest = NULL;

	if (h->n.connections + SPARE < CONNECTIONS_MAX)
		return;
	for (struct connection *c = h->connections; c != NULL; c = c->next)
		if (!c->is_answered && c->stream == NULL &&
		    (oldest == NULL || c->since_ns < oldest->since_ns))
			oldest = c;
	if (oldest != NULL)
		connection_cut(oldest);
}

static void
connection_come(struct http *h, struct MHD_Connection *mc, void **context)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct connection *c = xcalloc(1, sizeof(*c));

	c->fd = info->connect_fd;
	c->since_ns = clock_mono_ns();
	*context = c;
	connections_make_room(h);
	list_add(&h->connections, c);
	h->n.connections++;
}

void
connection_notify(void *arg, struct MHD_Connection *mc, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct http *h = arg;
	struct connection *c = *context;

	http_lock(h);
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		connection_come(h, mc, context);
	} else if (c != NULL) {
		list_remove(c);
		h->n.connections--;
		free(c);
		*context = NULL;
	}
	http_unlock(h);
}

static bool
connection_is_late(const struct connection *c, int64_t now)
{
	int64_t age = now - c->since_ns;

	if (c->stream != NULL)
		return !c->stream->is_suspended &&
		       now - c->stream->even_ns > STREAM_BEHIND_S * NS_PER_S;
	return age > (c->is_answered ? RESPONSE_S : CONNECTION_S) * NS_PER_S;
}

void
connections_sweep(void *arg)
{
	struct http *h = arg;
	int64_t now = clock_mono_ns();

	h->sweep =
	    loop_timer(h->s->l, SWEEP_S * NS_PER_S, connections_sweep, h);
	http_lock(h);
	for (struct connection *c = h->connections; c != NULL; c = c->next)
		if (connection_is_late(c, now))
			connection_cut(c);
	for (struct http_stream *st = h->streams; st != NULL; st = st->next)
		if (now - st->since_ns > STREAM_LIFE_S * NS_PER_S)
			st->is_over = true;
	for (struct http_stream *st = h->streams; st != NULL; st = st->next)
		if (st->is_over)
			http_stream_wake(st);
	http_unlock(h);
}
