/* SPDX-License-Identifier: MIT */
/*
 * The process that has a file open, to send it a signal.  A number says nothing
 * by itself: it may have been given to another process, or be counted elsewhere
 * (in a container, on another machine).  So a process is opened first, where the
 * system can do that, then looked at, and what is sent goes to just that one.
 * May include: base/.
 */
#ifndef EXEC_HOLDER_H
#define EXEC_HOLDER_H

#include <stdbool.h>

struct holder {
	long pid;
	int fd; /* -1: the system knows processes by numbers only */
};

enum holder_is {
	HOLDER_IS,
	HOLDER_NOT,    /* the process of that number has not the file */
	HOLDER_GONE,   /* there is none */
	HOLDER_UNTOLD, /* the system does not tell who has a file */
};

/* Has the process of that number what `file` is, a descriptor?  *h is to be
 * closed, whatever the answer. */
enum holder_is holder_open(struct holder *h, long pid, int file);
/* false with errno; ESRCH where it is gone by now. */
bool holder_tell(const struct holder *h, int sig);
void holder_close(struct holder *h);

#endif
