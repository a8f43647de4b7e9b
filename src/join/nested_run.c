/* SPDX-License-Identifier: MIT */
/* Nested runs (P-108): the slots that they ask for, and their place in the
 * record of this one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "join/internal.h"

/* ---- slots ---- */

static void
seat_free(struct nested_slot *s)
{
	if (s->granted)
		loan_release(&s->loan);
	else
		loan_cancel(&s->loan);
	free((char *)s->loan.slot.pool);
	free(s);
}

static void
on_seat(void *arg)
{
	struct nested_slot *s = arg;
	struct client *c = s->c;
	char number[16];
	int n;

	s->granted = true;
	n = snprintf(number, sizeof(number), "%u", (unsigned)s->number);
	message_add(&c->queue, MESSAGE_GRANT, (sv){ number, (size_t)n + 1 });
	nested_run_reads(c);
}

/* What does not fit the socket goes when it has read (MESSAGE_TAKEN).  A
 * connection that fails is noticed when it is read. */
void
nested_run_reads(struct client *c)
{
	if (c->fd >= 0)
		message_push(c->fd, &c->queue);
}

void
nested_slot_ask(struct client *c, const struct message *m)
{
	struct nested_slot *s = xcalloc(1, sizeof(*s));

	s->c = c;
	s->number = message_uint(m->v[0]);
	s->next = c->asked;
	c->asked = s;
	s->loan = (struct slot_loan){ .r = c->k->r,
		.host = c->job,
		.granted = on_seat,
		.arg = s,
		.slot = { .pool = xstrdup(m->v[1]),
		    .n = message_int(m->v[2]),
		    .priority = message_int(m->v[3]),
		    .order = c->record->id } };
	loan_request(&s->loan);
}

void
nested_slot_back(struct client *c, const struct message *m)
{
	uint32_t number = message_uint(m->v[0]);

	for (struct nested_slot **p = &c->asked; *p != NULL; p = &(*p)->next) {
		struct nested_slot *s = *p;

		if (s->number != number)
			continue;
		*p = s->next;
		run_job_ended(c->k->r);
		seat_free(s);
		return;
	}
}

void
nested_slots_free(struct client *c)
{
	while (c->asked != NULL) {
		struct nested_slot *s = c->asked;

		c->asked = s->next;
		seat_free(s);
	}
}

/* ---- secrets ---- */

void
nested_tell(struct client *c, const char *secret)
{
	message_add(&c->queue, MESSAGE_SECRET,
	    (sv){ secret, strlen(secret) + 1 });
	nested_run_reads(c);
}

/* It waits for nothing else, so it reads. */
void
nested_welcome(struct client *c)
{
	struct secrets *known = c->k->o.secrets;
	const char *texts[] = { NULL, NULL };

	for (size_t i = 0; i < secrets_count(known); i++) {
		texts[0] = secrets_texts(known)[i];
		message_send(c->fd, MESSAGE_SECRET, texts, NULL, true);
	}
	texts[0] = NULL;
	message_send(c->fd, MESSAGE_WELCOME, texts, NULL, true);
}

/* ---- locks ---- */

static void
on_nested_lock(void *arg, enum guest_lock_answer what)
{
	static const char *const how[] = {
		[GUEST_LOCK_HELD] = "1",
		[GUEST_LOCK_ENTERED] = "-1",
		[GUEST_LOCK_REFUSED] = "-2",
	};
	struct nested_lock *l = arg;
	char text[24];
	int n;

	n = snprintf(
	    text, sizeof(text), "%u%c%s", (unsigned)l->number, '\0', how[what]);
	message_add(&l->c->queue, MESSAGE_LOCKED, (sv){ text, (size_t)n + 1 });
	nested_run_reads(l->c);
}

void
nested_lock_ask(struct client *c, const struct message *m)
{
	struct nested_lock *l = xcalloc(1, sizeof(*l));

	l->c = c;
	l->number = message_uint(m->v[0]);
	l->next = c->locks;
	c->locks = l;
	l->lock = guest_lock_ask(c->k->r, c->job, m->v[1], on_nested_lock, l);
}

void
nested_lock_back(struct client *c, const struct message *m)
{
	uint32_t number = message_uint(m->v[0]);

	for (struct nested_lock **p = &c->locks; *p != NULL; p = &(*p)->next) {
		struct nested_lock *l = *p;

		if (l->number != number)
			continue;
		*p = l->next;
		guest_lock_free(l->lock);
		free(l);
		return;
	}
}

void
nested_locks_free(struct client *c)
{
	while (c->locks != NULL) {
		struct nested_lock *l = c->locks;

		c->locks = l->next;
		guest_lock_free(l->lock);
		free(l);
	}
}

void
nested_run_is_left(struct client *c)
{
	for (struct nested_slot *s = c->asked; s != NULL; s = s->next)
		loan_forget_host(&s->loan);
	for (struct nested_lock *l = c->locks; l != NULL; l = l->next)
		guest_lock_forget_job(l->lock);
	c->job = NULL;
}

/* ---- the record ---- */

void
nested_begin(struct client *c, const struct message *m)
{
	c->kind = CLIENT_RUN;
	c->record = record_nested(c->k->r, c->job, m->v[2]);
	/* it was left behind: its job has nothing to lend, and may be gone
	 * while it goes on */
	if (c->job != NULL && c->job->job == NULL)
		c->job = NULL;
	if (c->job != NULL && c->pid > 0)
		executor_runner(c->job->executor, c->job->job, c->pid);
}

/* One that was killed has not said how it ended. */
void
nested_settle(struct client *c)
{
	struct run_call *record = c->record;

	record->outcome = OUTCOME_PASSED;
	if (c->status != 0) {
		record->outcome = OUTCOME_FAILED;
		record->exit_status = c->status;
		if (c->status > 0)
			err_set_status(&record->err, c->status);
		else
			err_set(&record->err, ERR_TASK_FAILED,
			    "it ended without a word");
		if (c->job != NULL)
			command_add_failed(c->job, record);
	}
	record->signal = c->signal;
	record->end_ns = loop_now(c->k->loop);
	run_emit(c->k->r, &(struct event){ .kind = EVENT_CALL_DONE,
			      .call = record,
			      .err = c->status != 0 ? &record->err : NULL });
	c->record = NULL;
}
