/* SPDX-License-Identifier: MIT */
/*
 * Lines for one reader outside of prun (`--events`), who may be slow, late or
 * gone; a run waits for none of that.  What the reader does not take at once
 * waits in memory, up to 1 MiB; beyond it lines are dropped, and a line of
 * their number stands in their place.
 * May include: base/, store/, exec/.
 */
#ifndef OUTPUT_EVENT_STREAM_H
#define OUTPUT_EVENT_STREAM_H

#include "base/err.h"
#include "exec/loop.h"

struct event_stream;

/* `file` is emptied, or is a pipe, whose reader may come later; "-" is standard
 * output, which belongs to the lines alone from now on: what else is written
 * there goes to standard error.  NULL with an error where it cannot be
 * written. */
struct event_stream *event_stream_new(const char *file, struct err *e);
/* Whose loop is used while the reader is behind; NULL: none for now. */
void event_stream_attach(struct event_stream *s, struct loop *l);
/* Whole lines; takes them all and never waits.  `ctx` is the stream. */
void event_stream_add(void *ctx, sv lines);
/* Hands over what is left, as long as the reader takes some of it within 5 s,
 * and frees; NULL is fine.  false with an error when something was lost, but
 * for a reader who has gone. */
bool event_stream_end(struct event_stream *s, struct err *e);

#endif
