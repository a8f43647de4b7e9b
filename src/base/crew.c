/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/crew.h"

#ifdef PRUN_THREADS

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

struct crew {
	atomic_size_t next;
	size_t n;
	void (*fn)(void *ctx, size_t i);
	void *ctx;
};

static void *
crew_work(void *arg)
{
	struct crew *c = arg;
	size_t i;

	while ((i = atomic_fetch_add(&c->next, 1)) < c->n)
		c->fn(c->ctx, i);
	return NULL;
}

/* Where there can be no more threads those that there are do it. */
static unsigned
crew_begin(struct crew *c, pthread_t *threads, unsigned n)
{
	sigset_t all, before;
	unsigned k = 0;

	/* signals are the caller's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (k < n && pthread_create(&threads[k], NULL, crew_work, c) == 0)
		k++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return k;
}

void
crew_each(
    unsigned threads, size_t n, void (*fn)(void *ctx, size_t i), void *ctx)
{
	struct crew c = { .n = n, .fn = fn, .ctx = ctx };
	pthread_t others[CREW_MAX];
	unsigned k = 0;

	if (threads > CREW_MAX)
		threads = CREW_MAX;
	if (threads > n)
		threads = (unsigned)n;
	if (threads > 1)
		k = crew_begin(&c, others, threads - 1);
	crew_work(&c);
	while (k-- > 0)
		pthread_join(others[k], NULL);
}

#else

void
crew_each(
    unsigned threads, size_t n, void (*fn)(void *ctx, size_t i), void *ctx)
{
	(void)threads;
	for (size_t i = 0; i < n; i++)
		fn(ctx, i);
}

#endif
