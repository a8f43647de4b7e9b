/* SPDX-License-Identifier: MIT */
/*
 * What a run and the processes that join it say to each other over its socket
 * (P-104, P-108): messages of a kind and some texts, descriptors beside the
 * first one.  Used by control.c (the run), outer_run.c (a nested run) and cli/
 * (the program behind `task:NAME`).
 * May include: base/.
 */
#ifndef JOIN_MESSAGE_H
#define JOIN_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/vec.h"

enum message_kind {
	/* to the run */
	MESSAGE_RUN = 'R',  /* version, job mark, name: a nested run begins */
	MESSAGE_CALL = 'C', /* version, job mark, task, how and the parent's pid,
			     * NAME=value …; with fds 0, 1, 2.  How: `f` in the
			     * foreground, `b` in the background, `s` somewhere
			     * in a subshell in the background */
	MESSAGE_ASK = 'A',  /* number, pool, slots, priority */
	MESSAGE_BACK = 'B', /* number: given back, or not wanted any more */
	MESSAGE_LOCK = 'K', /* number, key: a nested run wants the lock */
	MESSAGE_UNLOCK = 'U', /* number: given back, or not wanted any more */
	MESSAGE_END = 'E',  /* exit status, signal: the nested run's */
	MESSAGE_TAKEN = 'T', /* number: bytes of output that are written, or
			      * grants that a nested run has read */
	MESSAGE_LOST = 'L',  /* error text: output cannot be written */
	/* both ways, between runs */
	MESSAGE_SECRET = 'S', /* text: not to be shown or kept (P-406) */
	/* from the run */
	MESSAGE_WELCOME = 'W', /* a nested run was told all that is known now */
	MESSAGE_GRANT = 'G',  /* number */
	MESSAGE_LOCKED = 'H', /* number; "1": it is held, "-1": there is no need
			       * to, "-2": it would be waited for for ever */
	MESSAGE_OUTPUT = 'O', /* any bytes: for stream 1 */
	MESSAGE_ERRORS = 'F', /* any bytes: for stream 2 */
	MESSAGE_DONE = 'D',   /* exit status, error text: the call's */
};
#define MESSAGE_VERSION "4"

enum {
	MESSAGE_FDS = 3,
	MESSAGE_MAX = 1 << 20
};

/* What came in and is not a whole message yet. */
struct message_reader {
	struct sb in;
	int fds[MESSAGE_FDS]; /* received; -1: none.  The reader's to close */
	bool ended;           /* the other side is gone, or talks nonsense */
};
void message_reader_init(struct message_reader *w);
/* Closes the descriptors that nobody took. */
void message_reader_free(struct message_reader *w);

/* A message: kind and texts, cut off at their NULs; or its bytes as they are.
 */
struct message {
	char kind;
	sv bytes;
	const char *const *v;
	size_t n;
};

/* Sends one message (NULL-ended texts), with three descriptors or NULL.  Never
 * raises SIGPIPE; false when it could not be sent whole.  A socket whose reader
 * does not read is given up rather than waited for unless `patient`. */
bool message_send(int fd, enum message_kind kind, const char *const *texts,
    const int *fds, bool patient);
/* A message of any bytes for later, and as much of what waits in `out` as the
 * other side takes now; false when it takes no more ever. */
void message_add(struct sb *out, enum message_kind kind, sv bytes);
bool message_push(int fd, struct sb *out);
/* Takes what there is now, without waiting. */
void message_fill(struct message_reader *w, int fd);
/* The next whole message, in `a`; false when there is none yet. */
bool message_next(
    struct message_reader *w, struct arena *a, struct message *out);

/* A number of a message; what is larger than an int is the largest. */
int message_int(const char *text);
/* A number by which both sides know something; 0 where there is none. */
uint32_t message_uint(const char *text);

/* A connected or listening socket, close-on-exec; -1 with errno.  Where another
 * user listens nothing is said: EACCES. */
int message_connect(const char *path);
int message_listen(const char *path);
/* A new connection, non-blocking, of this user only; -1: none.  *pid 0 where it
 * cannot be told. */
int message_accept(int listener, pid_t *pid);

#endif
