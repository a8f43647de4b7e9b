/* SPDX-License-Identifier: MIT */
/*
 * What a run and the processes that join it say to each other over its socket
 * (P-104, P-108): messages of a kind and some texts, descriptors beside the
 * first one.  Used by control.c (the run), join.c (a nested run) and cli/ (the
 * program behind `task:NAME`).
 * May include: base/.
 */
#ifndef RUN_WIRE_H
#define RUN_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"

enum wire_kind {
	/* to the run */
	WIRE_RUN = 'R',	  /* version, job mark, name: a nested run begins */
	WIRE_CALL = 'C',  /* version, job mark, task, NAME=value …; with fds
			   * 0, 1, 2 */
	WIRE_ASK = 'A',	  /* number, pool, slots, priority */
	WIRE_BACK = 'B',  /* number: given back, or not wanted any more */
	WIRE_END = 'E',	  /* exit status, signal: the nested run's */
	WIRE_TAKEN = 'T', /* number: bytes of output that are written */
	WIRE_LOST = 'L',  /* error text: output cannot be written */
	/* from the run */
	WIRE_GRANT = 'G', /* number */
	WIRE_OUTPUT = 'O', /* any bytes: for stream 1 */
	WIRE_ERRORS = 'F', /* any bytes: for stream 2 */
	WIRE_DONE = 'D',  /* exit status, error text: the call's */
};
#define WIRE_VERSION "2"

enum { WIRE_FDS = 3, WIRE_MAX = 1 << 20 };

/* What came in and is not a whole message yet. */
struct wire {
	struct sb in;
	int fds[WIRE_FDS]; /* received; -1: none.  The reader's to close */
	bool ended;	   /* the other side is gone, or talks nonsense */
};
void wire_init(struct wire *w);
/* Closes the descriptors that nobody took. */
void wire_free(struct wire *w);

/* A message: kind and texts, cut off at their NULs; or its bytes as they are. */
struct wire_message {
	char kind;
	sv bytes;
	const char *const *v;
	size_t n;
};

/* Sends one message (NULL-ended texts), with three descriptors or NULL.  Never
 * raises SIGPIPE; false when it could not be sent whole.  A socket whose reader
 * does not read is given up rather than waited for unless `patient`. */
bool wire_send(int fd, enum wire_kind kind, const char *const *texts,
    const int *fds, bool patient);
/* A message of any bytes for later, and as much of what waits in `out` as the
 * other side takes now; false when it takes no more ever. */
void wire_add(struct sb *out, enum wire_kind kind, sv bytes);
bool wire_push(int fd, struct sb *out);
/* Takes what there is now, without waiting. */
void wire_fill(struct wire *w, int fd);
/* The next whole message, in `a`; false when there is none yet. */
bool wire_next(struct wire *w, struct arena *a, struct wire_message *out);

/* A connected or listening socket, close-on-exec; -1 with errno. */
int wire_connect(const char *path);
int wire_listen(const char *path);
/* A new connection, non-blocking, of this user only; -1: none.  *pid 0 where it
 * cannot be told. */
int wire_accept(int listener, pid_t *pid);

#endif
