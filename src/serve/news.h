/* SPDX-License-Identifier: MIT */
/*
 * What streams that hear of all are told: a run has begun or ended, something
 * has changed in a session.
 * May include: base/, exec/ (fswatch), serve/.
 */
#ifndef SERVE_NEWS_H
#define SERVE_NEWS_H

#include "serve/server.h"
#include "serve/stream.h"

/* Looks whether there is something; called once a second while there are
 * streams, besides when a file changes. */
void news_look(struct server *s);
/* A stream that has begun: hears of what goes on. */
void news_greet(struct server *s, struct stream *st);
void watchers_free(struct watchers *w);

#endif
