/* SPDX-License-Identifier: MIT */
/* Slurm's own programs, beside everything else that goes on. */
#include "exec/slurm_job.h"

#include <signal.h>
#include <stdlib.h>

#define GRACE_NS (2 * NS_PER_S)

static void
ask_heard(void *arg, int stream, sv bytes)
{
	struct slurm_ask *q = arg;

	sb_addv(stream == 2 ? &q->err : &q->out, bytes);
}

static void
ask_unlink(struct slurm_ask *q)
{
	struct slurm_ask **p = &q->x->asks;

	while (*p != q)
		p = &(*p)->next;
	*p = q->next;
}

static void
ask_free(struct slurm_ask *q)
{
	loop_timer_stop(q->x->base.loop, &q->limit);
	ask_unlink(q);
	sb_free(&q->out);
	sb_free(&q->err);
	free(q);
}

static void
ask_over(void *arg, const struct job_result *r)
{
	struct slurm_ask *q = arg;

	q->job = NULL;
	q->status = r->status;
	if (r->not_started)
		sb_adds(&q->err, r->error.message);
	q->done(q->arg, q);
	ask_free(q);
}

/* One that hangs is as good as one that was not answered. */
static void
ask_late(void *arg)
{
	struct slurm_ask *q = arg;

	q->limit = NULL;
	q->x->local->ops->end_tree(q->x->local, q->job, SIGTERM, GRACE_NS);
}

void
slurm_ask(struct slurm *x, const char *const *argv,
    void (*done)(void *arg, const struct slurm_ask *answer), void *arg)
{
	struct slurm_ask *q = xcalloc(1, sizeof(*q));
	struct err e cleanup_err = ERR_INIT;
	struct job_spec spec = { .argv = argv,
		.out = { .kind = STDIO_PIPE },
		.err = { .kind = STDIO_PIPE },
		.output = ask_heard,
		.done = ask_over,
		.arg = q };

	*q = (struct slurm_ask){
		.x = x, .done = done, .arg = arg, .status = 127, .next = x->asks
	};
	x->asks = q;
	q->job = x->local->ops->start(x->local, &spec, &e);
	if (q->job != NULL) {
		q->limit = loop_timer(x->base.loop, SLURM_ASK_NS, ask_late, q);
		return;
	}
	sb_adds(&q->err, e.message);
	done(arg, q);
	ask_free(q);
}

bool
slurm_ask_unanswered(const struct slurm_ask *q)
{
	static const char *const words[] = { "timed out", "Unable to contact",
		"onnection refused", "onnection reset", "temporarily",
		"Zero Bytes", "ommunication", "Slurm backup", "standby mode",
		"Transport endpoint", "No route", "unreachable", "Rate limit",
		NULL };

	if (q->status > 128) /* it hung */
		return true;
	for (const char *const *w = words; *w != NULL; w++)
		if (sv_find(sb_sv(&q->err), sv_of(*w), 0) >= 0)
			return true;
	return false;
}

static void
ask_drop(void *arg, const struct slurm_ask *answer)
{
	(void)arg;
	(void)answer;
}

void
slurm_asks_free(struct slurm *x)
{
	for (struct slurm_ask *q = x->asks; q != NULL; q = q->next) {
		q->done = ask_drop;
		x->local->ops->end_tree(x->local, q->job, SIGKILL, 0);
	}
	while (x->asks != NULL && loop_turn(x->base.loop))
		;
}
