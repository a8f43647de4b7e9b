/* SPDX-License-Identifier: MIT */
#include "exec/slots.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "exec/slots_internal.h"

/* For so long little cpu time must have been used before one more is let in,
 * and then before each further one. */
#define IDLE_WINDOW_NS (500 * NS_PER_MS)
#define NEXT_WINDOW_NS (100 * NS_PER_MS)
#define NO_END_NS (10 * NS_PER_S)

enum {
	/* slots of one request where there is no bound: they are counted, and
	 * whoever asks for a million of them shall not cost that much memory */
	UNBOUNDED_MAX = 1024,
};

static struct slot_pool *
pool_named(const struct slots *s, const char *name)
{
	for (struct slot_pool *p = s->pools; p != NULL; p = p->next)
		if (name != NULL && strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

static struct slot_pool *
pool_for(const struct slots *s, const char *name)
{
	struct slot_pool *p = pool_named(s, name);

	return p != NULL ? p : s->pools;
}

static struct slot_pool *
pool_add(struct slots *s, const char *name, int size, bool adaptive)
{
	struct slot_pool *p = xcalloc(1, sizeof(*p)), **end = &s->pools;

	p->name = xstrdup(name);
	p->size = slots_bound(size);
	p->adaptive = adaptive;
	while (*end != NULL)
		end = &(*end)->next;
	*end = p;
	return p;
}

int
slots_bound(int64_t n)
{
	if (n < 1)
		return SLOTS_UNLIMITED;
	return n < SLOTS_MAX ? (int)n : SLOTS_MAX;
}

struct slots *
slots_new(int cpu, bool user_bound)
{
	struct slots *s = xcalloc(1, sizeof(*s));

	pool_add(s, "cpu", cpu, !user_bound);
	pool_add(s, "io", 10, true);
	return s;
}

void
slots_free(struct slots *s)
{
	struct slot_pool *p, *next;

	if (s == NULL)
		return;
	for (p = s->pools; p != NULL; p = next) {
		next = p->next;
		vec_free(&p->heap);
		vec_free(&p->numbers);
		free(p->name);
		free(p);
	}
	vec_free(&s->asking);
	free(s);
}

/* The heap: who goes first ------------------------------------------------- */

bool
slot_goes_before(const struct slot_request *a, const struct slot_request *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (a->weight > b->weight || a->weight < b->weight)
		return a->weight > b->weight;
	if (a->order != b->order)
		return a->order < b->order;
	return a->asked < b->asked;
}

static void
heap_set(struct slot_pool *p, size_t at, struct slot_request *r)
{
	p->heap.v[at] = r;
	r->at = at;
}

static void
heap_up(struct slot_pool *p, size_t at)
{
	struct slot_request *r = p->heap.v[at];

	while (at > 0 && slot_goes_before(r, p->heap.v[(at - 1) / 2])) {
		heap_set(p, at, p->heap.v[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_set(p, at, r);
}

static void
heap_down(struct slot_pool *p, size_t at)
{
	struct slot_request *r = p->heap.v[at];

	for (;;) {
		size_t child = at * 2 + 1;

		if (child + 1 < p->heap.n &&
		    slot_goes_before(p->heap.v[child + 1], p->heap.v[child]))
			child++;
		if (child >= p->heap.n || !slot_goes_before(p->heap.v[child], r))
			break;
		heap_set(p, at, p->heap.v[child]);
		at = child;
	}
	heap_set(p, at, r);
}

static void
heap_remove(struct slots *s, struct slot_request *r)
{
	struct slot_pool *p = r->of;
	struct slot_request *last = p->heap.v[--p->heap.n];
	size_t at = r->at;

	if (last != r) {
		heap_set(p, at, last);
		heap_down(p, at);
		heap_up(p, last->at);
	}
	r->waiting = false;
	s->waiting--;
}

/* Granting ----------------------------------------------------------------- */

static int
wanted(const struct slot_pool *p, const struct slot_request *r)
{
	int max = p->size == SLOTS_UNLIMITED ? UNBOUNDED_MAX : p->size;

	if (r->n < 1)
		return 1;
	return r->n < max ? r->n : max;
}

/* Less than a slot, or more, only where that is wanted, and only of the
 * processor.  Alone in its pool it always fits. */
int64_t
slots_cost(const struct slots *s, const struct slot_pool *p,
    const struct slot_request *r)
{
	int64_t whole = (int64_t)wanted(p, r) * SLOT_WHOLE;
	int64_t all = (int64_t)p->size * SLOT_WHOLE;

	if (r->share <= 0 || r->n > 1 || p != s->pools || !s->shares ||
	    p->size == SLOTS_UNLIMITED)
		return whole;
	return r->share < all ? r->share : all;
}

static void
slots_hold(struct slots *s, struct slot_pool *p, struct slot_request *r)
{
	r->held = true;
	p->held += r->taken;
	p->used += r->cost;
	s->held += r->taken;
}

/* The lowest that are free, which need not lie side by side. */
static void
numbers_take(struct slot_pool *p, struct slot_request *r)
{
	size_t at = p->low;
	int left = r->taken;

	r->number = 0;
	for (; left > 0; at++) {
		if (at == p->numbers.n)
			vec_push(NULL, &p->numbers, NULL);
		if (p->numbers.v[at] != NULL)
			continue;
		p->numbers.v[at] = r;
		if (r->number == 0)
			r->number = (int)at + 1;
		left--;
	}
	p->low = at;
}

/* To another request, or to nobody. */
static void
numbers_give(struct slot_request *r, struct slot_request *to)
{
	struct slot_pool *p = r->of;
	int left = r->taken;

	if (to == NULL && (size_t)r->number - 1 < p->low)
		p->low = (size_t)r->number - 1;
	for (size_t at = (size_t)r->number - 1; left > 0; at++)
		if (p->numbers.v[at] == r) {
			p->numbers.v[at] = to;
			left--;
		}
}

static void
grant(struct slots *s, struct slot_pool *p)
{
	struct slot_request *r = p->heap.v[0];

	heap_remove(s, r);
	r->taken = wanted(p, r);
	r->cost = slots_cost(s, p, r);
	numbers_take(p, r);
	slots_hold(s, p, r);
	if (s->up.ask == NULL) {
		r->granted(r->arg);
		return;
	}
	r->asking = true;
	r->upstream = ++s->number;
	vec_push(NULL, &s->asking, r);
	s->up.ask(s->up.arg, r->upstream, r);
}

static bool
slots_fits(const struct slots *s, const struct slot_pool *p)
{
	if (p->heap.n == 0)
		return false;
	/* Over the gate one job may go: the first in the order of pools. */
	if (s->closed && s->held > 0)
		return false;
	return p->size == SLOTS_UNLIMITED ||
	       p->used + slots_cost(s, p, p->heap.v[0]) <=
		   (int64_t)p->size * SLOT_WHOLE;
}

/* It goes since others count as less than a slot. */
static void
count_beyond(struct slots *s, const struct slot_pool *p)
{
	const struct slot_request *r = p->heap.v[0];

	if (p->size == SLOTS_UNLIMITED || p->held + wanted(p, r) <= p->size)
		return;
	if (r->is_small)
		s->beyond.batched++;
	else
		s->beyond.light++;
}

/* granted() may request and release again: the outer loop sees to that. */
void
slots_pump(struct slots *s, struct slot_pool *p)
{
	if (p->granting || s->corked)
		return;
	p->granting = true;
	while (slots_fits(s, p)) {
		count_beyond(s, p);
		grant(s, p);
	}
	p->granting = false;
}

static void
pump_all(struct slots *s)
{
	for (struct slot_pool *p = s->pools; p != NULL; p = p->next)
		slots_pump(s, p);
}

void
slots_cork(struct slots *s, bool corked)
{
	s->corked = corked;
	if (!corked)
		pump_all(s);
}

void
slots_pool(struct slots *s, const char *name, int n)
{
	struct slot_pool *p = pool_named(s, name);

	if (p == NULL)
		p = pool_add(s, name, n, false);
	p->size = slots_bound(n);
	p->adaptive = false;
	p->asked = true;
	slots_pump(s, p);
}

bool
slots_use_shares(struct slots *s)
{
	s->shares = !s->pools->asked;
	return s->shares;
}

void
slots_move_bound(struct slots *s, int n)
{
	bool corked = s->corked;

	s->pools->size = slots_bound(n);
	s->corked = false;
	slots_pump(s, s->pools);
	s->corked = corked;
}

const struct slots_beyond *
slots_get_beyond(const struct slots *s)
{
	return &s->beyond;
}

int
slots_size(const struct slots *s, const char *pool)
{
	return pool_for(s, pool)->size;
}

bool
slots_are_full(const struct slots *s, const char *pool)
{
	const struct slot_pool *p = pool_for(s, pool);

	return p->size != SLOTS_UNLIMITED &&
	       p->held + (int64_t)p->heap.n >= p->size;
}

void
slots_request(struct slots *s, struct slot_request *r)
{
	struct slot_pool *p = pool_for(s, r->pool);

	if (r->waiting || r->held)
		BUG("slot asked for twice");
	r->of = p;
	r->asked = s->asked++;
	r->waiting = true;
	s->waiting++;
	vec_push(NULL, &p->heap, r);
	heap_up(p, p->heap.n - 1);
	slots_pump(s, p);
}

void
slots_cancel(struct slots *s, struct slot_request *r)
{
	struct slot_pool *p = r->of;

	if (r->asking)
		slots_release(s, r);
	if (!r->waiting)
		return;
	heap_remove(s, r);
	/* it may have held others back */
	slots_pump(s, p);
}

static void
asking_remove(struct slots *s, struct slot_request *r)
{
	size_t i = 0;

	while (s->asking.v[i] != r)
		i++;
	memmove(s->asking.v + i, s->asking.v + i + 1,
	    (--s->asking.n - i) * sizeof(*s->asking.v));
	r->asking = false;
}

static void
upstream_give_back(struct slots *s, struct slot_request *r)
{
	if (r->asking)
		asking_remove(s, r);
	if (r->upstream != 0 && s->up.give_back != NULL)
		s->up.give_back(s->up.arg, r->upstream);
	r->upstream = 0;
}

void
slots_release(struct slots *s, struct slot_request *r)
{
	struct slot_pool *p = r->of;

	if (!r->held)
		return;
	upstream_give_back(s, r);
	numbers_give(r, NULL);
	r->held = false;
	p->held -= r->taken;
	p->used -= r->cost;
	s->held -= r->taken;
	p->ended = true;
	if (s->closed)
		pump_all(s);
	else
		slots_pump(s, p);
}

void
slots_overdraw(struct slots *s, struct slot_request *r)
{
	struct slot_pool *p = pool_for(s, r->pool);

	if (r->waiting || r->held)
		BUG("slot taken twice");
	r->of = p;
	r->taken = wanted(p, r);
	r->cost = (int64_t)r->taken * SLOT_WHOLE;
	r->asking = false;
	r->upstream = 0;
	numbers_take(p, r);
	slots_hold(s, p, r);
}

void
slots_transfer(struct slots *s, struct slot_request *from,
    struct slot_request *to)
{
	if (!from->held || from->asking || to->held || to->waiting)
		BUG("slots cannot be handed over");
	(void)s;
	numbers_give(from, to);
	to->of = from->of;
	to->number = from->number;
	to->taken = from->taken;
	to->cost = from->cost;
	to->held = true;
	to->asking = false;
	to->upstream = from->upstream;
	from->held = false;
	from->upstream = 0;
}

void
slots_set_upstream(struct slots *s, const struct slots_upstream *u)
{
	s->up = u != NULL ? *u : (struct slots_upstream){ 0 };
	while (u == NULL && s->asking.n > 0)
		slots_answer(s, s->asking.v[0]->upstream);
}

void
slots_answer(struct slots *s, uint32_t number)
{
	for (size_t i = 0; i < s->asking.n; i++) {
		struct slot_request *r = s->asking.v[i];

		if (r->upstream != number)
			continue;
		asking_remove(s, r);
		r->granted(r->arg);
		return;
	}
}

bool
slots_have_choice(const struct slots *s, bool any)
{
	for (struct slot_pool *p = s->pools; p != NULL; p = p->next) {
		int64_t room = p->size - p->held;

		if (p->heap.n < 2 || (p->size == SLOTS_UNLIMITED && !s->closed))
			continue;
		if (any || s->closed || (room > 0 && p->heap.n > (uint64_t)room))
			return true;
		for (size_t i = 0; room > 0 && i < p->heap.n; i++)
			if (p->heap.v[i]->n > 1)
				return true;
	}
	return false;
}

void
slots_weigh(struct slots *s, double (*weigh)(void *ctx, struct slot_request *r),
    void *ctx)
{
	for (struct slot_pool *p = s->pools; p != NULL; p = p->next) {
		for (size_t i = 0; i < p->heap.n; i++)
			p->heap.v[i]->weight = weigh(ctx, p->heap.v[i]);
		for (size_t i = p->heap.n / 2; i-- > 0;)
			heap_down(p, i);
	}
}

int64_t
slots_held(const struct slots *s)
{
	return s->held;
}

int
slots_waiting(const struct slots *s)
{
	return s->waiting;
}

size_t
slots_ungranted(const struct slots *s)
{
	return (size_t)s->waiting + s->asking.n;
}

void
slots_gate(struct slots *s, bool open)
{
	s->closed = !open;
	pump_all(s);
}

/* P-204 ------------------------------------------------------------------ */

static void
measure_from(struct slot_pool *p, int64_t now_ns)
{
	p->window_ns = now_ns;
	p->cpu_ns = 0;
}

static void
admit_one_more(struct slots *s, struct slot_pool *p, int64_t now_ns)
{
	measure_from(p, now_ns);
	p->no_end_ns = now_ns;
	if (p->granting)
		return;
	s->beyond.admitted++;
	grant(s, p);
}

/* Returns how long to wait for the next one. */
static int64_t
tick_pool(struct slots *s, struct slot_pool *p, int64_t now_ns,
    int64_t cpu_used_ns, bool job_ended)
{
	int64_t window_ns, least_ns;
	double bound_ns;

	if (!p->measuring || job_ended || p->ended || p->heap.n == 0 ||
	    s->closed) {
		p->measuring = true;
		p->ended = p->growing = false;
		p->no_end_ns = now_ns;
		measure_from(p, now_ns);
		return IDLE_WINDOW_NS;
	}
	p->cpu_ns += cpu_used_ns;
	window_ns = now_ns - p->window_ns;
	bound_ns = (double)window_ns * s->pools->size;
	least_ns = p->growing ? NEXT_WINDOW_NS : IDLE_WINDOW_NS;
	if (now_ns - p->no_end_ns >= NO_END_NS) {
		admit_one_more(s, p, now_ns);
	} else if (window_ns >= least_ns) {
		p->growing = (double)p->cpu_ns < bound_ns / 2;
		if (p->growing)
			admit_one_more(s, p, now_ns);
		else
			measure_from(p, now_ns);
	}
	return p->growing ? NEXT_WINDOW_NS : IDLE_WINDOW_NS;
}

int64_t
slots_tick(struct slots *s, int64_t now_ns, int64_t cpu_used_ns, bool job_ended)
{
	int64_t next_ns = IDLE_WINDOW_NS;

	for (struct slot_pool *p = s->pools; p != NULL; p = p->next) {
		int64_t ns;

		if (!p->adaptive)
			continue;
		ns = tick_pool(s, p, now_ns, cpu_used_ns, job_ended);
		if (ns < next_ns)
			next_ns = ns;
	}
	return next_ns;
}

int
slots_default(void)
{
	int cores = cores_usable();

	return cores < 4 ? cores : 4;
}
