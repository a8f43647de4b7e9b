/* SPDX-License-Identifier: MIT */
/*
 * prun-serve: the runs and the test sessions of one project over HTTP.  It
 * reads their journals, their logs and the database of sessions; what it starts
 * or ends it starts and ends as `prun --detach` and `prun --cancel`, so that a
 * server which dies takes nothing with it.  `prun --serve` says by arguments
 * whose project it is.
 *
 * One thread does all of that, on exec/loop.h.  Where libmicrohttpd cannot hang
 * on the loop (http.h) it has a thread of its own, which reads requests and
 * sends answers and knows nothing of what is in them. May include: base/ to
 * report/.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include "base/vec.h"
#include "exec/loop.h"
#include "serve/listen.h"
#include "serve/token.h"
#include "store/state.h"

/* What `prun --serve` says. */
struct server_options {
	const char *program; /* prun itself */
	const char *root;    /* folder of the Taskfile */
	const char *cwd;     /* where it was started; its children are, too */
	const char *listen;
	const char *hosts;     /* more names that it may be called by */
	const char *plan_task; /* of plans that name none */
	int workers;           /* of a session that does not say */
	int max_queue;         /* tests that a session takes */
	int64_t grace_ns;      /* from SIGTERM to the end of what was started */
	struct state state;
	VEC(const char *) flags; /* that lead to the Taskfile: -d DIR ... */
};

struct http;
struct follows;
struct watchers;
struct tools;
struct started_key;
struct stream;
struct database;

/* What was started here. */
struct started_id {
	char id[23];
};

struct server {
	struct arena *a; /* to the end of the process */
	struct server_options o;
	struct listen listen;
	struct token token;
	struct loop *l;
	struct http *http;
	struct follows *follows;   /* runs that somebody listens to */
	struct watchers *watchers; /* what is told of all runs and sessions */
	struct stream *streams;    /* under http_lock() */
	struct tools *tools;       /* prun's answers under way */
	struct database *sessions; /* NULL: not open */
	char *const *env;          /* of children */
	struct started_key *keys;  /* of requests under way */
	VEC(struct started_id) started;
	int64_t started_ns;  /* of the epoch */
	int64_t ends_ns;     /* monotonic; 0: nobody has told it to end */
	uint64_t answers[6]; /* by hundreds of their status */
};

#endif
