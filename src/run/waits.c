/* SPDX-License-Identifier: MIT */
/* A walk along what is waited for, from a job to whoever wants a slot for it;
 * member.h has the model. */
#include "run/internal.h"

struct walk {
	unsigned epoch;
	VEC(struct live_call *) todo;
	struct slot_loan *best;
};

static void
walk_to(struct walk *w, struct live_call *lc)
{
	if (lc == NULL || lc->seen == w->epoch)
		return;
	lc->seen = w->epoch;
	vec_push(NULL, &w->todo, lc);
}

static void
walk_loan(struct walk *w, struct slot_loan *l)
{
	if (l->waiting && (w->best == NULL ||
			      slot_goes_before(&l->slot, &w->best->slot)))
		w->best = l;
}

static void
walk_seats(struct walk *w, const struct command *job)
{
	for (struct slot_loan *l = job->seats; l != NULL; l = l->next)
		walk_loan(w, l);
}

static void
walk_command(struct walk *w, struct command *cm)
{
	if (cm == NULL)
		return;
	if (cm->state == COMMAND_WAITING)
		walk_loan(w, &cm->loan);
	walk_seats(w, cm);
}

/* Its jobs, those of its questions too. */
static void
walk_jobs(struct walk *w, struct live_call *lc)
{
	walk_command(w, &lc->command);
	for (size_t i = 0; i < lc->n_sh_vars; i++)
		walk_command(w, &lc->sh_vars[i]);
	if (lc->group.owner == NULL)
		return;
	for (size_t i = 0; i < lc->group.n; i++)
		walk_command(w, lc->group.v[i].command);
}

/* The calls that are asking for a variable of this one. */
static void
walk_variables(struct walk *w, const struct live_call *lc)
{
	void *other;

	if (lc->state != STATE_COMPILE)
		return;
	for (size_t i = 0; compile_waits_for(lc->cursor, i, &other); i++)
		walk_to(w, other);
}

/* Who holds it; of a lock that nobody works under, who keeps it. */
static void
walk_hold(struct walk *w, const struct hold *h)
{
	const struct mutex *m = (const struct mutex *)h;

	if (h == NULL)
		return;
	walk_to(w, h->holder);
	if (h->is_mutex && h->holder == NULL && m->kept != NULL)
		walk_to(w, m->kept->by);
}

static void
walk_live_call(struct walk *w, struct live_call *lc)
{
	/* A lock of a nested run (guest_lock.c) is let go when that run has come
	 * further, and for that it asks at its job. */
	if (lc->record == NULL && lc->guest_of != NULL)
		walk_seats(w, lc->guest_of);
	walk_jobs(w, lc);
	walk_variables(w, lc);
	walk_hold(w, lc->waits_for);
	for (struct live_call *c = lc->children; c != NULL; c = c->next)
		walk_to(w, c);
}

struct slot_loan *
waits_find_loan(struct command *job)
{
	struct walk w = { .epoch = ++job->r->epoch };

	walk_seats(&w, job);
	for (struct live_call *c = job->owner->children; c; c = c->next)
		if (c->guest_of == job)
			walk_to(&w, c);
	for (size_t i = 0; i < w.todo.n; i++)
		walk_live_call(&w, w.todo.v[i]);
	vec_free(&w.todo);
	return w.best;
}
