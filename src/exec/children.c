/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/children.h"

#include <errno.h>
#include <stddef.h>
#include <sys/wait.h>
#ifdef PRUN_LINUX
#include <sys/prctl.h>
#endif

void
children_adopt(void)
{
#ifdef PRUN_LINUX
	prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
#endif
}

static size_t
child_bucket(pid_t pid)
{
	return (unsigned)pid % CHILD_BUCKETS;
}

void
children_add(struct children *all, struct child *c)
{
	struct child **bucket = &all->by_pid[child_bucket(c->pid)];

	c->next = *bucket;
	*bucket = c;
}

void
children_remove(struct children *all, struct child *c)
{
	struct child **p = &all->by_pid[child_bucket(c->pid)];

	while (*p != NULL && *p != c)
		p = &(*p)->next;
	if (*p != NULL)
		*p = c->next;
}

struct child *
children_find(const struct children *all, pid_t pid)
{
	struct child *c = all->by_pid[child_bucket(pid)];

	while (c != NULL && c->pid != pid)
		c = c->next;
	return c;
}

bool
children_reap(struct children *all)
{
	bool told = false;
	struct rusage u;
	struct child *c;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG | WUNTRACED, &u)) > 0 ||
	       (pid < 0 && errno == EINTR)) {
		c = pid > 0 ? children_find(all, pid) : NULL;
		if (c == NULL || c->ended)
			continue;
		c->ended = !WIFSTOPPED(status);
		c->fn(c->arg, status, &u);
		told = true;
	}
	return told;
}
