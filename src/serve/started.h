/* SPDX-License-Identifier: MIT */
/*
 * What was started here and goes on: noted in a file, so that the server which
 * takes the place of one that was killed knows it, too, and ends it when it is
 * ended itself.
 * May include: base/, store/, serve/.
 */
#ifndef SERVE_STARTED_H
#define SERVE_STARTED_H

#include "serve/server.h"

/* Reads the note. */
void started_open(struct server *s);
/* Before anybody is told of it. */
void started_note(struct server *s, const char *id);
/* Asks all to end that go on, as `prun --cancel` does. */
void started_cancel(struct server *s);
/* Has all of it ended? */
bool started_is_over(struct server *s);

#endif
