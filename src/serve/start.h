/* SPDX-License-Identifier: MIT */
/*
 * Starting and ending runs and sessions, as `prun --detach` and `prun
 * --cancel`; a request with an Idempotency-Key starts one thing, however often
 * it comes. May include: base/, go/, store/, serve/.
 */
#ifndef SERVE_START_H
#define SERVE_START_H

#include "go/value.h"
#include "serve/answers.h"
#include "serve/tools.h"

/* A request that is to start something. */
struct start {
	struct request *r;
	value body;
	faults faults;
	const char *pointer; /* where what prun refuses stands in the body */
	const char *prefix;  /* of its address: "/api/v1/runs/" */
	const char *suffix;  /* "" or "/status" */
	void (*accept)(struct start *st, const char *id, struct json_out *j);
	/* with Idempotency-Key; NULL without */
	const char *key, *body_hash;
	struct tool tool;
	int tests; /* of a session */
	int workers;
};

/* The body as an object, and what the key says; NULL: it was answered. */
struct start *start_read(struct request *r);
/* Starts it, or answers the faults that were found. */
void start_go(struct start *st);

/* Members of an object that are not in the NULL-ended list are faults. */
void start_check_keys(struct start *st, value object, const char *pointer,
    const char *const *known);
/* What is no variable is a fault. */
void start_check_vars(struct start *st, value vars, const char *pointer);
value start_member(value object, const char *key);

/* Ends a run or a session by prun --cancel: 202, or 409 where it has ended.
 * key: of its id in the answer. */
void start_cancel(struct request *r, const char *key, const char *id,
    bool (*is_live)(struct request *r, const char *id));

/* ---- start_key.c ---- */

/* Whether the request has been answered before: true: no, it may go on. */
bool key_read(struct start *st);
/* While it is under way no other may come. */
void key_hold(struct start *st);
void key_let_go(struct start *st);
/* Its answer, before it is sent, so that who has it gets it again. */
void key_keep(struct start *st, const char *location, sv body);
/* Requests that nobody answers any more. */
void starts_free(struct server *s);

#endif
