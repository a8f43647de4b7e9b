/* SPDX-License-Identifier: MIT */
/*
 * HTTP itself, by libmicrohttpd, of which no other file knows: connections,
 * requests as they are read, answers as they are sent, and the bounds of all of
 * them.  On Linux the library hangs on the loop by its epoll descriptor;
 * elsewhere it has a thread of its own, and everything below is called by the
 * loop's all the same, but for stream_ops.fill, free and what guard.h checks.
 *
 * Bounds: a connection has CONNECTION_S for a whole request and for the pause
 * between two, RESPONSE_S to take an answer; who is slower is cut.  Where there
 * are too many, the one that has been idle longest goes.
 * May include: base/, exec/ (loop), serve/ (server); libmicrohttpd.
 */
#ifndef SERVE_HTTP_H
#define SERVE_HTTP_H

#include "base/vec.h"
#include "serve/server.h"

enum {
	BODY_MAX = 1024 * 1024,
	TARGET_MAX = 4096,       /* bytes of the address behind the host */
	HEADERS_MAX = 16 * 1024, /* bytes of all of them */
	HEADERS_N_MAX = 100,
	CONNECTIONS_MAX = 768,
	CONNECTION_S = 30,
	RESPONSE_S = 300,
	STREAM_BEHIND_S = 30, /* a stream whose reader has taken nothing new */
	STREAMS_MAX = 256,
};

struct http_pair {
	const char *name, *value;
};
typedef VEC(struct http_pair) http_pairs;

/* What is sent piece by piece, for as long as there is something to come. */
struct stream_ops {
	/* Writes at most n bytes; 0: nothing is there now, http_stream_wake()
	 * will tell; -1: it is over. */
	long (*fill)(void *arg, char *to, size_t n);
	void (*free)(void *arg);
};
struct http_stream;

/* One request; what it points to lives until it is answered. */
struct request {
	struct server *s;
	struct arena *a;
	const char *method;
	const char *target;      /* as it came, with the query */
	sv path;                 /* likewise, without it */
	VEC(const char *) parts; /* of the path, decoded */
	http_pairs query;        /* decoded */
	http_pairs headers;
	struct sb body;
	const struct route *route;
	bool by_cookie; /* who asks is known by one */
};
/* NULL: it has none.  Of several the first. */
const char *request_header(const struct request *r, const char *name);
const char *request_query(const struct request *r, const char *name);

struct answer {
	int status;
	const char *type; /* Content-Type; NULL: there is no body */
	sv text;          /* copied */
	int fd;           /* then `n` bytes from `from` of it; closed */
	int64_t from, n;
	const struct stream_ops *stream; /* then what it gives */
	void *arg;
	struct http_stream **handle; /* where its handle goes */
	http_pairs headers;
};
#define ANSWER_INIT                                                            \
	{                                                                      \
		.status = 200, .fd = -1                                        \
	}

/* Begins; false with an error. */
bool http_start(struct server *s, struct err *e);
/* Nobody can come any more, those who are there are cut. */
void http_stop(struct server *s);

/* Answers a request, once; the request is not to be used afterwards. */
void http_answer(struct request *r, const struct answer *an);
/* There is more to be sent; NULL: nothing has been so far. */
void http_stream_wake(struct http_stream *h);
/* Around what both threads see: what streams have. */
void http_lock(struct http *h);
void http_unlock(struct http *h);

struct http_counts {
	unsigned connections, streams;
};
struct http_counts http_counts(struct http *h);

/* ---- by the others, for http.c ---- */

/* Looks at the head of a request, from either thread: true: it may go on.  Else
 * *an is what to answer. */
bool guard_check(struct request *r, struct answer *an);
/* Answers a whole request, now or later. */
void router_take(struct request *r);

#endif
