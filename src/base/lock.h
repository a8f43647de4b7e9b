/* SPDX-License-Identifier: MIT */
/*
 * Locks on files that the kernel frees when their holder dies, and the text in
 * such a file that says who holds it.  A lock file is never opened through a
 * link, and is a regular file with one name: what somebody put in its place so
 * that another file is written over is no lock.
 * May include: base/.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

/* Opens what prun itself writes (locks, logs, journals): `flags` and mode as for
 * open(), but no link as its last part, nothing that is no regular file or has
 * a second name, close-on-exec.  -1 with errno; ELOOP for a link, EPERM for
 * what is no such file. */
int open_own(const char *path, int flags, mode_t mode);

/* How a lock file is opened. */
enum lock_file {
	LOCK_FILE_OURS,	  /* made when missing; another user's is refused: EPERM */
	LOCK_FILE_SHARED, /* made when missing, whoever it belongs to */
	LOCK_FILE_LOOK,	  /* as it is there, to read only */
};
/* `mode` for one that is made.  -1 with errno. */
int lock_open(const char *path, enum lock_file how, mode_t mode);

enum lock_kind { LOCK_KIND_SHARED, LOCK_KIND_ALONE };
enum lock_result {
	LOCK_TAKEN,	  /* until the descriptor is closed */
	LOCK_BUSY,	  /* somebody else has it */
	LOCK_UNSUPPORTED, /* the file system has no locks, or none left: nobody
			   * can have it, and waiting would not help */
};
/* Does not wait. */
enum lock_result lock_try(int fd, enum lock_kind kind);
/* Waits while it is busy. */
enum lock_result lock_wait(int fd, enum lock_kind kind);
/* The same, but no longer than until that time (monotonic ns): LOCK_BUSY then.
 * It takes SIGALRM and the process's interval timer meanwhile. */
enum lock_result lock_wait_until(
    int fd, enum lock_kind kind, int64_t deadline_ns);

/* Is `fd` still what the path names, or was it removed or replaced? */
bool lock_is_current(int fd, const char *path);
/* Replaces the text of a lock that is held; false with errno. */
bool lock_sign(int fd, sv text);
/* The text, up to 255 bytes of it; "" where there is none. */
char *lock_holder(struct arena *a, int fd);

#endif
