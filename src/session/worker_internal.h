/* SPDX-License-Identifier: MIT */
/* What the files of a worker share: worker.c (what it is told, and says),
 * trial.c (one try of a test), place.c (its work tree). */
#ifndef SESSION_WORKER_INTERNAL_H
#define SESSION_WORKER_INTERNAL_H

#include "exec/executor.h"
#include "exec/loop.h"
#include "project/invocation.h"
#include "session/talk.h"
#include "vcs/pool.h"
#include "vcs/shared_mark.h"

/* One try of a test. */
struct trial {
	struct arena *a; /* of this try */
	struct talk test, answer;
	struct pool_tree tree;
	bool has_tree;
	bool has_waited; /* for a tree, and said so */
	bool is_test;    /* the job is, not what readies the tree */
	bool is_cancelled, timed_out;
	bool is_lost; /* it goes on where nobody can end it: so stays its tree */
	struct job *job; /* or NULL */
	struct executor *x; /* that has it */
	const char *log;
	int64_t started_ns;
	int port, ports_fd; /* -1: none are taken yet */
	struct shared_mark mark;
	bool is_marked;
};

struct worker {
	const struct invocation *in;
	struct arena *a; /* as long as the process lives */
	struct loop *l;
	struct executor *x;
	struct executor *far; /* that of the tests; NULL: x */
	struct sb heard; /* a line that is not whole yet */
	bool is_deaf;    /* nothing more will come */
	bool is_over;
	/* What is to be done next, from outside of the loop; or NULL. */
	void (*soon)(struct worker *w);
	struct talk setup;
	struct pool pool;
	struct git git;
	const char *fifo; /* by which the runs of tests tell their ids */
	int fifo_fd;
	struct timer *timer; /* for a tree, or for the time of the test */
	struct trial *now;   /* NULL: idle */
};

void worker_say(struct worker *w, const struct talk *t);
/* Does the loop wait for what the session and runs say? */
void worker_listen(struct worker *w, bool on);
/* What runs have said so far. */
void worker_read_ids(struct worker *w);

/* ---- trial.c ---- */

/* From a message to worker_say("done"), which trial_end() does. */
void trial_begin(struct worker *w, const struct talk *test);
void trial_cancel(struct worker *w);
/* The id of a run came. */
void trial_is_run(struct worker *w, const char *id);

/* ---- far.c ---- */

/* Its jobs run on the cluster, by way of the session. */
struct executor *far_new(struct worker *w);
/* The session is gone, and says nothing of the job any more. */
void far_lose(struct executor *x);
/* What the session says of the job. */
void far_hear(struct executor *x, const struct talk *t);

/* ---- place.c ---- */

/* Its pool; false: it cannot have one. */
bool place_open(struct worker *w, struct err *e);
/* false with *busy: wait. */
bool place_take(struct worker *w, bool *busy, struct err *e);
/* What the test is told, beside the worker's own environment: "NAME=text". */
bool place_tell(struct worker *w, string_vec *env, struct err *e);
/* Before and behind the test: may it run, and did it leave alone what is not
 * its own?  false: *e says why not. */
bool place_check(struct worker *w, struct err *e);
bool place_compare(struct worker *w, struct err *e);
/* Does the tree lack what `prepare` makes; it has it now. */
bool place_wants_prepare(struct worker *w);
void place_is_prepared(struct worker *w);
/* What the test changed in its tree is a commit that a ref names (P-807). */
bool place_commit(struct worker *w, struct err *e);
/* Gives the tree back, or leaves it as it is. */
void place_leave(struct worker *w, bool preserves);

#endif
