/* SPDX-License-Identifier: MIT */
/*
 * Slots that nobody asks for may be lent to jobs as tokens of a jobserver
 * (P-206).  They count as used until they are back.
 */
#include "exec/slots_internal.h"

/* In thousandths; less than 0 where the bound has become smaller, or slots were
 * overdrawn. */
static int64_t
free_of(const struct slot_pool *p)
{
	return (int64_t)p->size * SLOT_WHOLE - p->used;
}

int
slots_spare(const struct slots *s)
{
	const struct slot_pool *p = s->pools;
	int64_t n = free_of(p) / SLOT_WHOLE;

	if (p->size == SLOTS_UNLIMITED || s->closed || p->heap.n > 0 || n < 0)
		return 0;
	return (int)n;
}

int
slots_lacking(const struct slots *s)
{
	const struct slot_pool *p = s->pools;
	int64_t lacks = -free_of(p);

	if (p->lent == 0 || p->size == SLOTS_UNLIMITED)
		return 0;
	/* nothing shall start, so nothing below a job either */
	if (s->closed)
		return p->lent;
	if (p->heap.n > 0)
		lacks += slots_cost(s, p, p->heap.v[0]) +
			 (int64_t)(p->heap.n - 1) * SLOT_WHOLE;
	if (lacks <= 0)
		return 0;
	lacks = (lacks + SLOT_WHOLE - 1) / SLOT_WHOLE;
	return lacks < p->lent ? (int)lacks : p->lent;
}

void
slots_lend(struct slots *s, int n)
{
	struct slot_pool *p = s->pools;

	p->lent += n;
	p->held += n;
	p->used += (int64_t)n * SLOT_WHOLE;
	if (p->lent < 0)
		BUG("more slots come back than were lent");
	if (n < 0)
		slots_pump(s, p);
}

int
slots_lent(const struct slots *s)
{
	return s->pools->lent;
}
