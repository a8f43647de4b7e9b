/* SPDX-License-Identifier: MIT */
/*
 * What the files of http share: http.c, requests and their answers;
 * http_connection.c, who is connected and for how long; http_stream.c, answers
 * that go on.
 * May include: serve/; libmicrohttpd.
 */
#ifndef SERVE_HTTP_INTERNAL_H
#define SERVE_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>

#include "serve/http.h"

enum {
#ifdef PRUN_LINUX
	HAS_THREAD = false,
#else
	HAS_THREAD = true,
#endif
};

struct connection {
	int fd;
	int64_t since_ns;           /* it has been in this state */
	bool is_answered;           /* an answer is being made or sent */
	struct http_stream *stream; /* or this, for as long as it wishes */
	struct connection *next, **link;
};

struct http_request {
	struct request r;
	struct http *h;
	struct MHD_Connection *c;
	bool is_seen, is_given, is_suspended, is_too_large;
	size_t body_total;
	struct MHD_Response *response;
	unsigned status;
	struct http_stream *stream;
	struct http_request *next_given;
	struct http_request *next, **link;
};

struct http_stream {
	struct http *h;
	struct MHD_Connection *c; /* NULL: nothing has been sent yet */
	const struct stream_ops *ops;
	void *arg;
	bool is_suspended, is_over;
	int64_t since_ns, even_ns; /* all had been sent, last time */
	struct http_stream *next, **link;
};

struct http {
	struct server *s;
	struct MHD_Daemon *daemon;
	struct timer *due, *sweep;
	bool is_due;  /* at the next turn */
	int epoll_fd; /* -1: the library has a thread */
	int given_fd[2];
	bool is_stopping;
	pthread_mutex_t lock; /* of all that follows */
	struct http_request *given, **given_end;
	struct http_request *requests;
	struct connection *connections;
	struct http_stream *streams;
	struct http_counts n;
};

/* Lists whose members know where they hang. */
#define list_add(list, x)                                                      \
	do {                                                                   \
		(x)->next = *(list);                                           \
		(x)->link = (list);                                            \
		if ((x)->next != NULL)                                         \
			(x)->next->link = &(x)->next;                          \
		*(list) = (x);                                                 \
	} while (0)

#define list_remove(x)                                                         \
	do {                                                                   \
		if ((x)->next != NULL)                                         \
			(x)->next->link = (x)->link;                           \
		*(x)->link = (x)->next;                                        \
	} while (0)

/* Under the lock: what was suspended goes on. */
void http_resume(struct http *h, struct MHD_Connection *c);

/* ---- http_connection.c ---- */

/* NULL: it is not known, or no more. */
struct connection *connection_of(struct MHD_Connection *c);
void connection_notify(void *h, struct MHD_Connection *mc, void **context,
    enum MHD_ConnectionNotificationCode what);
/* Once a second: who has had his time is cut. */
void connections_sweep(void *h);

/* ---- http_stream.c ---- */

struct MHD_Response *stream_response(
    struct http_request *hr, const struct answer *an);

#endif
