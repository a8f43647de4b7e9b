/* SPDX-License-Identifier: MIT */
/*
 * O_NONBLOCK belongs to the open pipe, which others have, too, and would be
 * astonished to find it set.  But a read that waits is only safe where nobody
 * waits for the reader: in a thread.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/jobserver_client.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "exec/spawn.h"

/* Ignored by all who do not ask for it. */
#define WAKE SIGURG

struct jobserver_reader {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned wanted; /* not yet read */
	bool stops, ended;
	atomic_bool reading, leaves; /* for a handler of signals */
	int fd;
	int pipe[2];
	struct sigaction before;
};

static void
on_wake(int sig)
{
	(void)sig; /* it ends a read() that waits */
}

/* False: the thread is to end. */
static bool
reader_pause(struct jobserver_reader *r)
{
	bool goes_on;

	pthread_mutex_lock(&r->lock);
	while (r->wanted == 0 && !r->stops)
		pthread_cond_wait(&r->changed, &r->lock);
	goes_on = !r->stops;
	pthread_mutex_unlock(&r->lock);
	return goes_on;
}

static void
reader_pass(struct jobserver_reader *r, char byte)
{
	/* first: whoever sees the byte says anew how many are wanted */
	pthread_mutex_lock(&r->lock);
	if (r->wanted > 0)
		r->wanted--;
	pthread_mutex_unlock(&r->lock);
	while (write(r->pipe[1], &byte, 1) < 0 && errno == EINTR)
		;
}

static void *
reader_main(void *arg)
{
	struct jobserver_reader *r = arg;
	sigset_t all;
	char byte;
	ssize_t n;

	sigfillset(&all);
	sigdelset(&all, WAKE);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	while (reader_pause(r)) {
		r->reading = true;
		if (r->leaves)
			break;
		n = read(r->fd, &byte, 1);
		if (n == 1)
			reader_pass(r, byte);
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
			break;
		r->reading = false;
	}
	r->reading = false;
	pthread_mutex_lock(&r->lock);
	r->ended = true;
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

struct jobserver_reader *
jobserver_reader_new(int fd)
{
	struct jobserver_reader *r = xcalloc(1, sizeof(*r));
	struct sigaction wake;
	int error;

	r->fd = fd;
	if (!spawn_pipe(r->pipe)) {
		free(r);
		return NULL;
	}
	fcntl(r->pipe[0], F_SETFL, O_NONBLOCK);
	memset(&wake, 0, sizeof(wake));
	wake.sa_handler = on_wake;
	sigaction(WAKE, &wake, &r->before);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	error = pthread_create(&r->thread, NULL, reader_main, r);
	if (error == 0)
		return r;
	r->ended = true;
	r->stops = true;
	jobserver_reader_free(r);
	errno = error;
	return NULL;
}

int
jobserver_reader_fd(const struct jobserver_reader *r)
{
	return r->pipe[0];
}

void
jobserver_reader_want(struct jobserver_reader *r, unsigned n)
{
	pthread_mutex_lock(&r->lock);
	r->wanted = n;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

static bool
reader_has_ended(struct jobserver_reader *r)
{
	bool ended;

	pthread_mutex_lock(&r->lock);
	ended = r->ended;
	pthread_mutex_unlock(&r->lock);
	return ended;
}

void
jobserver_reader_stop(struct jobserver_reader *r)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	if (r->stops)
		return;
	pthread_mutex_lock(&r->lock);
	r->stops = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
	/* one that comes just before it waits is lost */
	while (!reader_has_ended(r)) {
		pthread_kill(r->thread, WAKE);
		nanosleep(&moment, NULL);
	}
	pthread_join(r->thread, NULL);
}

void
jobserver_reader_abandon(struct jobserver_reader *r)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	r->leaves = true;
	for (int i = 0; r->reading && i < 1000; i++) {
		pthread_kill(r->thread, WAKE);
		nanosleep(&moment, NULL);
	}
}

void
jobserver_reader_free(struct jobserver_reader *r)
{
	jobserver_reader_stop(r);
	sigaction(WAKE, &r->before, NULL);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->changed);
	close(r->pipe[0]);
	close(r->pipe[1]);
	free(r);
}
