/* SPDX-License-Identifier: MIT */
#include "run/member.h"

#include <stdlib.h>

#include "compile/task_words.h"
#include "run/internal.h"

const struct run_config *
run_get_config(const struct run *r)
{
	return &r->config;
}

struct loop *
run_get_loop(const struct run *r)
{
	return r->loop;
}

struct arena *
run_arena(struct run *r)
{
	return r->arena;
}

struct command *
run_jobs(const struct run *r)
{
	return r->commands;
}

void
run_job_ended(struct run *r)
{
	r->job_ended = true;
}

struct arena *
command_arena(const struct command *cm)
{
	return cm->owner->arena;
}

struct command *
command_host(const struct command *cm)
{
	return cm->owner->host;
}

bool
command_knows_task(const struct command *cm, const char *name)
{
	return task_is_known(cm->owner->arena, cm->r->compiler, name);
}

void
command_add_failed(struct command *cm, struct run_call *record)
{
	vec_push(cm->owner->arena, &cm->failed, record);
}

/* ---- calls of guests ---- */

struct guest_call {
	struct entry entry;
	struct group group;
	struct guest_order order;
};

static void
on_guest_settled(struct entry *en, struct err *err)
{
	struct guest_call *g = en->arg;
	struct run_call *record = en->record;

	record->streams = NULL;
	guest_goes(g->order.job);
	g->order.settled(g->order.arg, record, err);
}

struct guest_call *
guest_call_start(const struct guest_order *o)
{
	struct guest_call *g = xcalloc(1, sizeof(*g));
	struct live_call *parent = o->job->owner, *lc;

	g->order = *o;
	g->group = (struct group){ .owner = parent, .err = ERR_INIT };
	g->entry = (struct entry){ .owner = parent,
		.group = &g->group,
		.state = ENTRY_OPEN,
		.conditional = true,
		.settled = on_guest_settled,
		.arg = g,
		.err = ERR_INIT,
		.call = { .task = o->task, .indirect = true } };
	lc = live_call_new(parent->r, parent, &g->entry, &g->entry.call);
	lc->call.task = arena_strdup(lc->arena, o->task);
	lc->call.vars = o->vars;
	lc->guest_of = lc->host = o->job;
	guest_comes(o->job);
	lc->alone = o->alone && live_call_is_alone(parent);
	lc->streams = lc->record->streams = o->streams;
	g->entry.child = lc;
	live_call_wake(lc);
	return g;
}

void
guest_call_cancel(struct guest_call *g, int sig, int64_t grace_ns)
{
	const struct cancel why = {
		.sig = sig, .grace_ns = grace_ns, .text = CANCELLED_TEXT
	};

	if (g->entry.child != NULL)
		live_call_cancel(g->entry.child, &why);
}

void
guest_call_free(struct guest_call *g)
{
	if (g == NULL)
		return;
	err_clear(&g->group.err);
	free(g);
}
