/* SPDX-License-Identifier: MIT */
/*
 * What the files of slots.h share: slots.c (requests and who goes first),
 * slots_spare.c (what nobody asks for).  For exec/ only.
 * May include: base/, slots.h.
 */
#ifndef EXEC_SLOTS_INTERNAL_H
#define EXEC_SLOTS_INTERNAL_H

#include "base/vec.h"
#include "exec/slots.h"

/* A bounded pool and the heap of those that wait for it. */
struct slot_pool {
	char *name;
	int size; /* 0: unlimited */
	int64_t held;
	int64_t used;  /* thousandths of a slot: what they count as */
	int lent;      /* of `used`: tokens of jobservers */
	bool adaptive; /* nobody asked for this bound: P-204 may exceed it */
	bool asked;    /* a pool that was set */
	bool granting;
	VEC(struct slot_request *) heap;
	/* who has the slot of number i + 1; NULL: nobody; none before `low` is
	 * free */
	VEC(struct slot_request *) numbers;
	size_t low;
	/* jobs that use no cpu time let further ones in (P-204) */
	bool measuring, ended, growing;
	int64_t window_ns; /* since when cpu_ns is counted */
	int64_t no_end_ns; /* last end or admission */
	int64_t cpu_ns;
	struct slot_pool *next;
};

struct slots {
	struct slot_pool *pools; /* cpu first */
	int64_t held;
	int waiting;
	uint64_t asked;
	struct slots_beyond beyond;
	bool closed;
	bool shares;
	struct slots_upstream up; /* ask NULL: there is none */
	uint32_t number; /* of the last one asked for there */
	VEC(struct slot_request *) asking;
	bool corked;
};

/* slots.c */
/* What the request would count as, in thousandths. */
int64_t slots_cost(const struct slots *s, const struct slot_pool *p,
    const struct slot_request *r);
/* Grants what there is room for, unless corked. */
void slots_pump(struct slots *s, struct slot_pool *p);

#endif
