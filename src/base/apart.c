/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/apart.h"

#include <stdlib.h>

#ifdef PRUN_LINUX
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

/* Their shadow of a stack is the thread's. */
#if defined(__SANITIZE_ADDRESS__)
#define APART_IS_CHECKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define APART_IS_CHECKED 1
#endif
#endif

#if defined(PRUN_LINUX) && !defined(APART_IS_CHECKED)

enum {
	STACK = 256 * 1024
};

struct apart {
	void (*fn)(void *arg);
	void *arg;
};

static int
apart_main(void *arg)
{
	const struct apart *x = arg;

	setsid();
	x->fn(x->arg);
	_exit(0);
}

/* false: there is no process for it. */
static bool
apart_try(struct apart *x)
{
	char *stack = malloc(STACK);
	sigset_t all, before;
	pid_t pid;

	if (stack == NULL)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* no signal at its end: nobody else waits for it */
	pid = clone(
	    apart_main, stack + STACK, CLONE_VM | CLONE_FILES | CLONE_VFORK, x);
	while (pid > 0 && waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	free(stack);
	return pid > 0;
}

#else

struct apart {
	void (*fn)(void *arg);
	void *arg;
};

static bool
apart_try(struct apart *x)
{
	(void)x;
	return false;
}

#endif

void
apart_call(void (*fn)(void *arg), void *arg)
{
	struct apart x = { fn, arg };

	if (!apart_try(&x))
		fn(arg);
}
