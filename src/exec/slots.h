/* SPDX-License-Identifier: MIT */
/*
 * Slots: the right to run one job, in named bounded pools (P-201 to P-205).
 * Pure bookkeeping: who may go on is told through the request's callback, from
 * inside slots_request(), slots_release() or slots_tick().  Slots have numbers;
 * who asks gets the lowest that are free.
 * May include: base/, executor.h.
 */
#ifndef EXEC_SLOTS_H
#define EXEC_SLOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "exec/machine.h"

struct slots;

enum {
	SLOT_WHOLE = 1000, /* shares of a slot are thousandths */
	SLOTS_UNLIMITED = 0,
	SLOTS_MAX = 1 << 20 /* of a pool that has a bound, and of a request */
};

/* A bound that somebody asked for, as large as there is one; less than 1:
 * unlimited. */
int slots_bound(int64_t n);

/* `cpu` slots for the default pool; io has 10.  `user_bound` says that the
 * bound was asked for, so that P-204 never exceeds it. */
struct slots *slots_new(int cpu, bool user_bound);
void slots_free(struct slots *s);
/* Sets or adds a pool (SLOTS_UNLIMITED allowed). */
void slots_pool(struct slots *s, const char *name, int n);
/* From now on the shares of requests count in cpu; false: that pool was set,
 * and they do not. */
bool slots_use_shares(struct slots *s);
/* Another bound for cpu that nobody asked for (P-1105): what runs stays. */
void slots_move_bound(struct slots *s, int n);
/* Jobs that ran beside as many others as there are slots, and why they might.
 */
struct slots_beyond {
	unsigned batched;  /* it is over at once */
	unsigned light;    /* what ran hardly used the processor in the past */
	unsigned admitted; /* what ran hardly used it now (P-204) */
};
const struct slots_beyond *slots_get_beyond(const struct slots *s);
/* Slots of a pool; an unknown one is cpu's.  0: unlimited. */
int slots_size(const struct slots *s, const char *pool);

struct slot_request {
	const char *pool; /* "" : cpu */
	int n;            /* slots at once; any number: 1 to the pool's size
			   * are asked for */
	int priority;	  /* higher first */
	double weight;	  /* expected remaining path in s: longer first */
	uint64_t order;	  /* declared order: smaller first */
	/* What it counts as in thousandths of a slot of cpu, where it takes one
	 * and shares are used: less where it hardly uses the processor or is
	 * over at once, more where it uses several.  0: not known, a whole one.
	 */
	int share;
	bool is_small; /* that is so since it is over at once (P-1106) */
	bool elsewhere; /* its job runs on another machine */
	void (*granted)(void *arg);
	void *arg;
	/* private */
	struct slot_pool *of;
	size_t at;	/* place in the pool's heap, while waiting */
	uint64_t asked; /* breaks ties: first come, first served */
	int taken;	/* slots, while held */
	int64_t cost;   /* thousandths, while held */
	int number;	/* of the first of them in its pool, from 1; read only */
	bool waiting, held;
	bool asking; /* held here, not yet granted by the outer run */
	uint32_t upstream; /* what the outer run knows it by; 0: nothing */
};

/* Asks; granted() may be called before this returns, where slots are not
 * corked.  The request belongs to
 * the caller and must stay until released or cancelled.  Requests are granted
 * strictly in their order within a pool: one that needs more slots than are
 * free holds back those behind it, so it is never starved. */
void slots_request(struct slots *s, struct slot_request *r);
void slots_cancel(struct slots *s, struct slot_request *r);
void slots_release(struct slots *s, struct slot_request *r);
/* Hands held slots over to a request that neither waits nor holds; granted() of
 * that one is not called. */
void slots_transfer(struct slots *s, struct slot_request *from,
    struct slot_request *to);

/* Takes slots for one that has run on another's, which does not wait any more:
 * there may be too few, and then nothing is granted until enough came back. */
void slots_overdraw(struct slots *s, struct slot_request *r);

/* A nested run's slots are those of the run around it (P-108): a request that
 * fits the own bound is then asked for there, by a number of its own. */
struct slots_upstream {
	/* answered by slots_answer() with the same number, sooner or later */
	void (*ask)(void *arg, uint32_t number, const struct slot_request *r);
	/* it is not needed any more, granted or not */
	void (*give_back)(void *arg, uint32_t number);
	void *arg;
};
/* NULL: alone from now on; what waits for an answer is granted.  `u` is
 * copied. */
void slots_set_upstream(struct slots *s, const struct slots_upstream *u);
/* The outer run grants; a number that nobody waits for is passed over. */
void slots_answer(struct slots *s, uint32_t number);

/* Corked, requests only queue up, so that the best of all that are ready gets
 * the slot, not the first to ask (P-301); uncorking grants. */
void slots_cork(struct slots *s, bool corked);
/* Is there something to choose: do more wait in a pool than would go now?  With
 * `any`, are there two in one that wait at all? */
bool slots_have_choice(const struct slots *s, bool any);
/* Sets the weights of all that wait anew. */
void slots_weigh(struct slots *s,
    double (*weigh)(void *ctx, struct slot_request *r), void *ctx);
/* Does the one go before the other, in one pool? */
bool slot_goes_before(
    const struct slot_request *a, const struct slot_request *b);
/* Would a request wait there now, behind those that wait already? */
bool slots_are_full(const struct slots *s, const char *pool);
/* Slots in use and requests that wait, in all pools. */
int64_t slots_held(const struct slots *s);
int slots_waiting(const struct slots *s);
/* Requests that are not granted: these, and what the outer run is asked for. */
size_t slots_ungranted(const struct slots *s);
/* P-204, P-205: called while calls wait: time, cpu time used by running jobs
 * since the last tick; may admit one more.  Returns how long to wait for the
 * next one, at most half a second. */
int64_t slots_tick(struct slots *s, int64_t now_ns, int64_t cpu_used_ns,
    bool job_ended);
/* P-205: while closed (see machine_allows()) nothing is granted unless no slot
 * is held at all: one job may always run.  Open at first. */
void slots_gate(struct slots *s, bool open);

/* slots_spare.c: cpu slots for what jobs start themselves (P-206). */
/* How many could be lent: free ones, while nobody waits for them. */
int slots_spare(const struct slots *s);
/* How many of those that are lent are wanted back now. */
int slots_lacking(const struct slots *s);
/* They count as used from now on; less than 0: not any more. */
void slots_lend(struct slots *s, int n);
int slots_lent(const struct slots *s);

/* `min(usable cores, 4)` of P-201. */
int slots_default(void);

#endif
