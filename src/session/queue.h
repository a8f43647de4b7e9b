/* SPDX-License-Identifier: MIT */
/*
 * The tests of a session between the request and their verdicts (P-802): which
 * one is next, who waits for whom, what a failure means.  Pure: no clock, no
 * files, no processes; whoever runs the tests says how they ended, and how long
 * they took.
 * May include: base/, store/ (the words for states).
 */
#ifndef SESSION_QUEUE_H
#define SESSION_QUEUE_H

#include "base/err.h"
#include "base/vec.h"
#include "exec/machine.h"
#include "store/sessions.h"

enum queue_order {
	QUEUE_FIFO,
	QUEUE_SHORTEST, /* by what is expected; unknown ones last */
	QUEUE_LONGEST,  /* unknown ones first */
};
/* "shortest", "longest", "fifo"; false: none of them. */
bool queue_order_parse(const char *word, enum queue_order *out);

struct queue_test {
	int number;       /* from 1 on, in the order in which they were added */
	const char *name; /* lent */
	int priority;     /* higher ones first, before all else */
	int64_t expected_ns;       /* of one try; 0: not known */
	VEC(const char *) mutexes; /* held by one test at a time; lent */
	VEC(int) needs;            /* numbers of tests that must pass before */
	/* the queue's: */
	enum session_state state;
	int attempt;        /* tries that were begun */
	bool is_alone;      /* nothing runs beside it from now on */
	const char *reason; /* of SKIPPED and, where it never ran, FAILED */
};

struct queue_options {
	int max_waiting; /* more are refused */
	int retries;     /* tries after the first one */
	enum queue_order order;
	/* No test is begun that is expected to bring the sum of times over it;
	 * 0: no bound. */
	int64_t budget_ns;
};

struct queue;

/* In the arena, which it uses as long as it lives. */
struct queue *queue_new(struct arena *a, const struct queue_options *o);
/* As the next number; what it needs may come later.  false: so many wait
 * already, which *e says with the test's name. */
bool queue_add(struct queue *q, const struct queue_test *t, struct err *e);
/* The test that is to begin now, RUNNING from now on; NULL: none can.  Tests
 * that can never begin any more (one that they need has failed, the budget,
 * needs in a circle) become SKIPPED on the way. */
struct queue_test *queue_take(struct queue *q);
/* Its try is over: COMPLETED, PENDING again where it failed and has tries left
 * (and `may_retry`), or FAILED.  Returns that. */
enum session_state queue_done(struct queue *q, struct queue_test *t,
    bool passed, bool may_retry, int64_t took_ns);
/* Its try is over and says nothing, since another test may be why: it is
 * PENDING again, whatever its tries, and runs alone then. */
void queue_again_alone(struct queue *q, struct queue_test *t, int64_t took_ns);
/* Whatever waits is CANCELLED, and no try follows any more. */
void queue_cancel(struct queue *q);

struct queue_counts {
	int total, pending, running, completed, failed, skipped, cancelled;
};
struct queue_counts queue_count(const struct queue *q);
/* Nothing waits, nothing runs. */
bool queue_is_over(const struct queue *q);
/* By place, from 0 on. */
struct queue_test *queue_at(struct queue *q, int i);

/*
 * How many workers there should be (`workers = auto`): no more than tests that
 * wait or run, nor than `most`; one less than there are (`now`) while the
 * machine is busier than it can serve, one more while it has room.  At least 1.
 */
int queue_workers(
    const struct queue_counts *n, int now, int most, const struct machine *m);

#endif
