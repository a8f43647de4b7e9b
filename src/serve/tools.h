/* SPDX-License-Identifier: MIT */
/*
 * What prun itself answers: children of the program that `--serve` was asked
 * of, a few at a time, the others in a queue with a bound. May include: base/,
 * exec/ (errand), serve/.
 */
#ifndef SERVE_TOOLS_H
#define SERVE_TOOLS_H

#include "exec/errand.h"
#include "serve/http.h"

struct tool {
	VEC(const char *)
	words; /* behind the flags that lead to the Taskfile */
	sv input;
	bool starts; /* what it starts outlives it, and us */
	/* Answers the request. */
	void (*fn)(struct request *r, void *ctx, const struct errand_end *end);
	void *ctx; /* of that, in the request's arena */
};

struct tools *tools_new(struct server *s);
/* Nobody is called any more. */
void tools_free(struct tools *all);
/* May one more wait?  false: answered, with 503. */
bool tools_have_room(struct request *r);
/* For a request; the same where there is no room.  What `t` points to is in the
 * request's arena. */
void tool_run(struct request *r, const struct tool *t);
/* prun failed: says so, with the last of what it said. */
void tool_failed(struct request *r, const struct errand_end *end);
/* What it said on stderr, in one line, without its name. */
const char *tool_words(struct arena *a, const struct errand_end *end);
/* For nobody: prun --cancel ID. */
void tool_cancel(struct server *s, const char *id);
/* Are there none under way? */
bool tools_are_idle(const struct tools *all);

#endif
