/* SPDX-License-Identifier: MIT */
/*
 * What is on its way over the network at the same time: web files and clones,
 * each a chain of programs.  They are started in the order in which they were
 * added, but for the one that is waited for, and a bounded number is under way
 * at a time.
 */
#include "config.h"

#include "cli/remote_internal.h"

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

bool
flight_land(struct remote *r, struct flight *f, struct err *e)
{
	struct capture_job *jobs[BOUND];

	while (!f->done) {
		size_t n = running(r, f, jobs);
		struct flight **p;

		if (f->done)
			break;
		capture_wait(jobs, n);
		vec_each(&r->flights, p)
			if ((*p)->job != NULL && capture_is_done((*p)->job))
				(*p)->next(r, *p);
	}
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
