/* SPDX-License-Identifier: MIT */
/*
 * Slots for jobs below a job (P-108).  A job that waits for a call or a run
 * that it started holds a slot and does nothing: the first of them runs on it,
 * the others ask for slots of their own and take this one when it is free
 * sooner. So one slot is enough for any depth.
 */
#include "run/internal.h"

static void
queue_leave(struct slot_loan *l)
{
	struct command *host = l->host;

	if (!l->queued)
		return;
	l->queued = false;
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		host->wants_first = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	else
		host->wants_last = l->prev;
}

static void
queue_enter(struct slot_loan *l)
{
	struct command *host = l->host;

	l->queued = true;
	l->next = NULL;
	l->prev = host->wants_last;
	if (l->prev != NULL)
		l->prev->next = l;
	else
		host->wants_first = l;
	host->wants_last = l;
}

static bool
can_lend(const struct command *host)
{
	return host != NULL && host->holds_slot &&
	       host->state == COMMAND_RUNNING && host->borrower == NULL;
}

static void
lend_to(struct command *host, struct slot_loan *l)
{
	host->borrower = l;
	l->lender = host;
	l->granted(l->arg);
}

/* The slot is free again for those who wait for it. */
static void
lend_on(struct command *host)
{
	struct slot_loan *l = host->wants_first;

	if (l == NULL || !can_lend(host))
		return;
	queue_leave(l);
	slots_cancel(l->r->slots, &l->slot);
	lend_to(host, l);
}

static void
on_own(void *arg)
{
	struct slot_loan *l = arg;

	queue_leave(l);
	l->granted(l->arg);
}

double
loan_weight(const struct slot_loan *l)
{
	if (l->owner != NULL)
		return live_call_weight(l->owner);
	return l->host != NULL ? live_call_weight(l->host->owner) : 0;
}

void
loan_request(struct slot_loan *l)
{
	run_gate(l->r);
	if (can_lend(l->host)) {
		lend_to(l->host, l);
		return;
	}
	l->slot.granted = on_own;
	l->slot.arg = l;
	l->slot.weight = loan_weight(l);
	if (l->host != NULL)
		queue_enter(l);
	slots_request(l->r->slots, &l->slot);
}

void
loan_cancel(struct slot_loan *l)
{
	queue_leave(l);
	slots_cancel(l->r->slots, &l->slot);
}

void
loan_release(struct slot_loan *l)
{
	struct command *host = l->lender;

	if (host == NULL) {
		slots_release(l->r->slots, &l->slot);
		return;
	}
	l->lender = NULL;
	host->borrower = NULL;
	lend_on(host);
}

void
loan_forget_host(struct slot_loan *l)
{
	queue_leave(l);
	l->host = NULL;
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
