/* SPDX-License-Identifier: MIT */
/*
 * The children of this process, fetched in one place and told to whoever
 * started them: wait() for all of them can be called by one only, or one
 * executor would take away what another waits for.  Each loop has a set.
 * For exec/ only.
 * May include: base/.
 */
#ifndef EXEC_CHILDREN_H
#define EXEC_CHILDREN_H

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* One child, embedded in what it is for. */
struct child {
	pid_t pid;
	bool ended; /* and fetched */
	bool is_idle; /* no turn waits for its end */
	/* it has stopped or ended, which `status` of wait() says; ended: told
	 * once, with what it has used */
	void (*fn)(void *arg, int status, const struct rusage *u);
	void *arg;
	struct child *next; /* same bucket */
};

enum {
	CHILD_BUCKETS = 256
};

struct children {
	struct child *by_pid[CHILD_BUCKETS];
};

/* From now on orphans below this process come to it (Linux). */
void children_adopt(void);
void children_add(struct children *all, struct child *c);
/* Its number may be another's from now on. */
void children_remove(struct children *all, struct child *c);
/* Whoever was added under the pid and not removed, ended or not; or NULL. */
struct child *children_find(const struct children *all, pid_t pid);
/* Fetches those that have ended or stopped, without waiting.  Strangers, which
 * came as orphans, are passed over.  true: somebody was told. */
bool children_reap(struct children *all);

#endif
