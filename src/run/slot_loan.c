/* SPDX-License-Identifier: MIT */
/*
 * Slots for jobs below a job (P-108); member.h has the model.  What is lent is
 * decided in one place, when everybody who can go on has gone on: no event
 * needs to know what it changes of who waits for whom.
 */
#include "run/internal.h"

/* ---- guests ---- */

void
guest_comes(struct command *job)
{
	job->n_guests++;
	job->r->n_guests++;
}

void
guest_goes(struct command *job)
{
	struct slot_loan *l = job->borrower;

	job->n_guests--;
	job->r->n_guests--;
	if (job->n_guests > 0 || l == NULL || l->host == job)
		return;
	/* It goes on while somebody that it does not wait for any more is on
	 * its slot: a link was killed, a nested run was left behind. */
	job->borrower = NULL;
	l->lender = NULL;
	slots_overdraw(l->r->slots, &l->slot);
}

static void
seat_enter(struct slot_loan *l)
{
	l->prev = NULL;
	l->next = l->host->seats;
	if (l->next != NULL)
		l->next->prev = l;
	l->host->seats = l;
	guest_comes(l->host);
}

void
loan_forget_host(struct slot_loan *l)
{
	if (l->host == NULL)
		return;
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		l->host->seats = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	guest_goes(l->host);
	l->host = NULL;
}

/* ---- lending ---- */

static void
lend_to(struct command *job, struct slot_loan *l)
{
	slots_cancel(l->r->slots, &l->slot);
	l->waiting = false;
	job->borrower = l;
	l->lender = job;
	l->granted(l->arg);
}

void
loans_lend(struct run *r)
{
	struct slot_loan *l;

	if (r->n_guests == 0)
		return;
	for (struct command *job = r->commands; job; job = job->next) {
		if (job->n_guests == 0 || !job->holds_slot ||
		    job->borrower != NULL)
			continue;
		if (slots_ungranted(r->slots) == 0)
			return;
		l = waits_find_loan(job);
		if (l != NULL)
			lend_to(job, l);
	}
}

/* ---- from the wish to the end ---- */

static void
on_own(void *arg)
{
	struct slot_loan *l = arg;

	l->waiting = false;
	l->granted(l->arg);
}

double
loan_weight(const struct slot_loan *l)
{
	if (l->owner != NULL)
		return live_call_weight(l->owner);
	return l->host != NULL ? live_call_weight(l->host->owner) : 0;
}

/* Nothing is asked where all that is ready has room. */
static void
loan_take_share(struct slot_loan *l)
{
	const struct run_config *c = &l->r->config;

	if (c->share != NULL && l->owner != NULL &&
	    (c->most_slots > 0 || slots_are_full(l->r->slots, l->slot.pool)))
		l->slot.share = c->share(
		    c->ctx, l->owner->match.task->name, &l->slot.is_small);
}

void
loan_request(struct slot_loan *l)
{
	run_gate(l->r);
	l->slot.granted = on_own;
	l->slot.arg = l;
	l->slot.weight = loan_weight(l);
	loan_take_share(l);
	l->waiting = true;
	if (l->host != NULL)
		seat_enter(l);
	slots_request(l->r->slots, &l->slot);
}

void
loan_cancel(struct slot_loan *l)
{
	loan_forget_host(l);
	l->waiting = false;
	slots_cancel(l->r->slots, &l->slot);
}

void
loan_release(struct slot_loan *l)
{
	loan_forget_host(l);
	if (l->lender == NULL) {
		slots_release(l->r->slots, &l->slot);
		return;
	}
	l->lender->borrower = NULL;
	l->lender = NULL;
}

void
loan_job_done(struct command *cm)
{
	struct slot_loan *own = &cm->loan, *other = cm->borrower;

	if (other == NULL) {
		loan_release(own);
		return;
	}
	cm->borrower = NULL;
	other->lender = own->lender;
	own->lender = NULL;
	if (other->lender != NULL)
		other->lender->borrower = other;
	else
		slots_transfer(own->r->slots, &own->slot, &other->slot);
}
