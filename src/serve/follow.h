/* SPDX-License-Identifier: MIT */
/*
 * Runs that somebody listens to: how far their journals are, how long their
 * logs are, whether they live.  One for each run, however many listen; the
 * loop's thread alone comes here but for what is under http_lock(). May
 * include: base/, exec/ (fswatch), serve/.
 */
#ifndef SERVE_FOLLOW_H
#define SERVE_FOLLOW_H

#include "serve/server.h"
#include "serve/stream.h"

/* The log of a job that goes on. */
struct follow_log {
	unsigned job, call;
	char *path;
	int64_t size;
};

struct follow {
	struct server *s;
	char *id, *path, *events;
	struct fswatch *watch; /* NULL: it is over */
	VEC(struct follow_log) logs;
	int64_t scanned; /* of the journal, for logs */
	/* under the lock */
	int64_t size; /* of the journal */
	bool is_live;
	unsigned n_streams;
	struct follow *next;
};

/* Nothing is looked at before somebody listens. */
struct follows *follows_new(struct server *s);
/* Behind http_stop(). */
void follows_free(struct follows *all);
/* Somebody listens from now on. */
void follows_wake(struct follows *all);
/* The one of a run that is there, for one stream more. */
struct follow *follow_join(struct server *s, const char *id);
/* A stream that has begun: hears of the logs that there are. */
void follow_greet(struct follow *f, struct stream *st);

#endif
