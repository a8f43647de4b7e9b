/* SPDX-License-Identifier: MIT */
/*
 * What is on its way over the network at the same time: web files and clones,
 * each a chain of programs.  They are started in the order in which they were
 * added, but for the one that is waited for, and a bounded number is under way
 * at a time.
 */
#include "config.h"

#include <signal.h>

#include "remote/internal.h"

/* How many are under way at most. */
enum { BOUND = 8 };

void
flight_add(struct remote *r, struct flight *f)
{
	f->done = false;
	f->job = NULL;
	vec_push(r->a, &r->flights, f);
}

/* Starts what may start, `first` before the others, and collects what runs. */
static size_t
running(struct remote *r, struct flight *first, struct capture_job **jobs)
{
	struct flight **p;
	size_t n = 0;

	if (first->job == NULL)
		first->next(r, first);
	if (first->job != NULL)
		jobs[n++] = first->job;
	vec_each(&r->flights, p) {
		struct flight *f = *p;

		if (n == BOUND)
			break;
		if (f == first)
			continue;
		if (!f->done && f->job == NULL)
			f->next(r, f);
		if (f->job != NULL)
			jobs[n++] = f->job;
	}
	return n;
}

/* A signal ends prun as ever, but first what was begun is taken away. */
static volatile sig_atomic_t caught;
static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
enum { N_ENDING = sizeof(ending) / sizeof(ending[0]) };

static void
flight_remember(int sig)
{
	caught = sig;
}

static void
catch(struct sigaction *before)
{
	struct sigaction on = { .sa_handler = flight_remember };

	caught = 0;
	for (int i = 0; i < N_ENDING; i++) {
		sigaction(ending[i], NULL, &before[i]);
		/* what nohup has ignored stays ignored */
		if (before[i].sa_handler != SIG_IGN)
			sigaction(ending[i], &on, NULL);
	}
}

static void
let_go(struct remote *r, const struct sigaction *before)
{
	if (caught != 0)
		remote_close(r);
	for (int i = 0; i < N_ENDING; i++)
		sigaction(ending[i], &before[i], NULL);
	if (caught != 0)
		raise(caught);
}

bool
flight_land(struct remote *r, struct flight *f, struct err *e)
{
	struct capture_job *jobs[BOUND];
	struct sigaction before[N_ENDING];

	catch(before);
	while (!f->done && caught == 0) {
		size_t n = running(r, f, jobs);
		struct flight **p;

		if (f->done)
			break;
		capture_wait(jobs, n);
		vec_each(&r->flights, p)
			if ((*p)->job != NULL && capture_is_done((*p)->job))
				(*p)->next(r, *p);
	}
	let_go(r, before);
	if (!f->done)
		return err_set(e, ERR_GENERIC, "interrupted");
	if (!err_is_set(&f->e))
		return true;
	err_copy(e, &f->e);
	return false;
}

void
flights_give_time(struct remote *r, int64_t ns)
{
	struct flight **p;

	vec_each(&r->flights, p)
		if ((*p)->job != NULL)
			capture_give_time((*p)->job, ns);
}

void
flights_stop(struct remote *r)
{
	struct flight **p;

	vec_each(&r->flights, p)
		if ((*p)->job != NULL)
			capture_stop((*p)->job);
	vec_each(&r->flights, p) {
		struct err ignored cleanup_err = ERR_INIT;
		int status;

		if ((*p)->job != NULL)
			capture_finish((*p)->job, &status, NULL, NULL,
			    &ignored);
		(*p)->job = NULL;
		err_clear(&(*p)->e);
	}
}
