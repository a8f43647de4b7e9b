/* SPDX-License-Identifier: MIT */
/*
 * Where a run stands in a trace of others: W3C's TRACEPARENT, which a run takes
 * from outside and each of its jobs gets anew.
 * May include: arena.h, str.h, hash.h.
 */
#ifndef BASE_TRACE_CONTEXT_H
#define BASE_TRACE_CONTEXT_H

#include <stdbool.h>

#include "base/str.h"

enum {
	TRACE_TEXT = 56 /* with its NUL */
};

/* Lower-case digits; all are "" where there is none. */
struct trace_context {
	char trace[33], span[17], flags[3];
};

/* false where the text is none, as its rules have it: *out is empty. */
bool trace_context_read(const char *text, struct trace_context *out);
void trace_context_write(const struct trace_context *t, char out[TRACE_TEXT]);
/* A trace and a span that nobody else has, if nobody else has `seed`. */
void trace_context_begin(sv seed, struct trace_context *out);
/* The span of what is number n of its kind ('c' a call, 'j' a job) in the run
 * whose own span is *run; the same each time. */
void trace_context_below(const struct trace_context *run, char kind, unsigned n,
    struct trace_context *out);

#endif
