/* SPDX-License-Identifier: MIT */
/*
 * Server-sent events.  A stream holds a place in the journal of its run rather
 * than what it has not sent: who reads slowly costs nothing, and the id of an
 * event, the place behind its line, is all that is needed to go on.  What has
 * no id (logs that grow, news of other runs) waits in a buffer with a bound.
 * May include: base/, serve/.
 */
#ifndef SERVE_STREAM_H
#define SERVE_STREAM_H

#include "serve/http.h"

enum {
	REPLAY_BYTES_MAX = 4 * 1024 * 1024, /* of a journal, sent again */
	REPLAY_EVENTS_MAX = 20000,
	NEWS_MAX = 256 * 1024, /* who has that much waiting is cut */
	HEARTBEAT_S = 15,
};

struct follow;

struct stream {
	struct server *s;
	struct http_stream *http;
	struct follow *follow; /* NULL: of no run */
	bool hears_all;        /* of runs and sessions */
	int fd;                /* of the journal */
	int64_t at;            /* what comes next of it */
	bool has_ended;        /* its last line was sent */
	bool said_bye, is_over;
	struct sb out;    /* being sent */
	size_t sent;      /* of it */
	struct sb news;   /* what comes behind it */
	int64_t spoke_ns; /* monotonic, when it last had something to say */
	struct stream *next, **link;
};

/* The streams that there are; under http_lock(). */
struct stream *streams_first(struct server *s);
/* Under the lock: says something to one, and wakes it.  data: one line. */
void stream_tell(struct stream *st, const char *event, sv data);
void stream_comment(struct stream *st);

#endif
