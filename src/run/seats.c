/* SPDX-License-Identifier: MIT */
/* Nested runs (P-108): the slots that they ask for, and their place in the
 * record of this one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/control.h"

/* ---- slots ---- */

static void
seat_free(struct seat *s)
{
	if (s->granted)
		lend_release(&s->lend);
	else
		lend_cancel(&s->lend);
	free((char *)s->lend.slot.pool);
	free(s);
}

static void
on_seat(void *arg)
{
	struct seat *s = arg;
	char number[16];
	const char *texts[] = { number, NULL };

	s->granted = true;
	snprintf(number, sizeof(number), "%u", (unsigned)s->number);
	/* a connection that fails is noticed when it is read */
	if (s->c->fd >= 0)
		wire_send(s->c->fd, WIRE_GRANT, texts, NULL, false);
}

void
seat_ask(struct client *c, const struct wire_message *m)
{
	struct seat *s = xcalloc(1, sizeof(*s));

	s->c = c;
	s->number = (uint32_t)strtoul(m->v[0], NULL, 10);
	s->next = c->seats;
	c->seats = s;
	s->lend = (struct lend){ .r = c->r,
		.host = c->job,
		.granted = on_seat,
		.arg = s,
		.slot = { .pool = xstrdup(m->v[1]),
		    .n = (int)strtol(m->v[2], NULL, 10),
		    .priority = (int)strtol(m->v[3], NULL, 10),
		    .order = c->pub->id } };
	run_gate(c->r);
	lend_request(&s->lend);
	run_tick_start(c->r);
}

void
seat_back(struct client *c, const struct wire_message *m)
{
	uint32_t number = (uint32_t)strtoul(m->v[0], NULL, 10);

	for (struct seat **p = &c->seats; *p != NULL; p = &(*p)->next) {
		struct seat *s = *p;

		if (s->number != number)
			continue;
		*p = s->next;
		c->r->job_ended = true;
		seat_free(s);
		return;
	}
}

void
seats_free(struct client *c)
{
	while (c->seats != NULL) {
		struct seat *s = c->seats;

		c->seats = s->next;
		seat_free(s);
	}
}

/* ---- the record ---- */

void
nested_begin(struct client *c, const struct wire_message *m)
{
	struct run *r = c->r;
	const struct executor_ops *ops = r->executor->ops;

	c->kind = CLIENT_RUN;
	if (c->job != NULL && c->job->job != NULL && c->pid > 0 &&
	    ops->runner != NULL)
		ops->runner(r->executor, c->job->job, c->pid);
	c->pub = node_record_new(r, c->job ? c->job->node : r->root, m->v[2]);
}

/* One that was killed has not said how it ended. */
void
nested_settle(struct client *c)
{
	struct run_call *pub = c->pub;

	pub->outcome = OUTCOME_PASSED;
	if (c->status != 0) {
		pub->outcome = OUTCOME_FAILED;
		pub->exit_status = c->status;
		if (c->status > 0)
			err_set_status(&pub->err, c->status);
		else
			err_set(&pub->err, ERR_TASK_FAILED,
			    "it ended without a word");
		if (c->job != NULL)
			vec_push(c->job->node->arena, &c->job->failed, pub);
	}
	pub->signal = c->signal;
	pub->end_ns = run_now(c->r);
	run_emit(c->r,
	    &(struct event){ .kind = EVENT_CALL_DONE,
		.call = pub,
		.err = c->status != 0 ? &pub->err : NULL });
	c->pub = NULL;
}
