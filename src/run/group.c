/* SPDX-License-Identifier: MIT */
/*
 * Calls side by side: deps, stretches of a parallel task, background calls and
 * the named tasks themselves; a single `task:` command is a group of one.  A
 * group settles wholly (P-105): a failure stops nobody unless failfast says so.
 */
#include <signal.h>

#include "run/internal.h"

static void entry_start(struct entry *en);

void
group_init(struct group *g, struct live_call *owner, struct entry *v, size_t n)
{
	const struct run *r = owner->r;

	*g = (struct group){ .owner = owner,
		.v = v,
		.n = n,
		.open = n,
		.serial = r->config.serial,
		.failfast = r->config.failfast ||
		    (owner->ctask != NULL && owner->ctask->failfast),
		.err = ERR_INIT };
	for (size_t i = 0; i < n; i++) {
		v[i].owner = owner;
		v[i].group = g;
		v[i].err = (struct err)ERR_INIT;
		if (v[i].state != ENTRY_READY)
			v[i].state = ENTRY_NEW;
	}
}

void
group_free(struct group *g)
{
	err_clear(&g->err);
}

/* ---- timeouts ---- */

static void
on_timeout(void *arg)
{
	struct entry *en = arg;
	const struct cancel why = { .sig = SIGINT,
		.grace_ns = en->owner->r->config.cancel_grace_ns,
		.hurries = true,
		.text = DEADLINE_TEXT };

	en->timer = NULL;
	en->timed_out = true;
	if (en->command != NULL)
		command_cancel(en->command, &why);
	if (en->child != NULL)
		live_call_cancel(en->child, &why);
}

void
entry_clock(struct entry *en)
{
	if (en->timeout_ns > 0 && en->timer == NULL && !en->timed_out)
		en->timer = loop_timer(
		    en->owner->r->loop, en->timeout_ns, on_timeout, en);
}

void
entry_clock_stop(struct entry *en)
{
	if (en->timer != NULL)
		loop_timer_stop(en->owner->r->loop, &en->timer);
}

void
entry_timeout_error(struct entry *en, struct err *err)
{
	struct arena *a;

	if (!en->timed_out)
		return;
	a = arena_new();
	err_clear(err);
	err_set(err, ERR_TIMEOUT, "task: [%s] command timeout exceeded (%s)",
	    en->timeout_name, duration_text(a, en->timeout_ns));
	err->status = 124;
	arena_free(a);
}

/* ---- entries ---- */

static void
entry_done(struct entry *en)
{
	struct group *g = en->group;

	entry_clock_stop(en);
	if (en->state == ENTRY_OPEN) {
		g->running--;
		g->writers -= en->writes;
	}
	en->state = ENTRY_DONE;
	g->open--;
	if (err_is_set(&en->err)) {
		if (!err_is_set(&g->err)) {
			err_move(&g->err, &en->err);
			g->err_record = en->record;
		}
		err_clear(&en->err);
		if (g->in_order || g->failfast)
			group_stop(g);
	}
	group_start(g);
	live_call_wake(g->owner);
}

/* Its own failure, which whoever called it does not hear of; not that it was
 * cancelled, or that something it needs has failed. */
static void
quarantine_failure(
    const struct run *r, struct run_call *record, struct err *err)
{
	const struct run_call *own =
	    record->twin != NULL ? record->twin : record;

	if (record->task == NULL || r->config.today == 0 ||
	    r->config.today > record->task->rare->quarantine.last_day ||
	    record->outcome != OUTCOME_FAILED || own->cause != NULL ||
	    !is_command_failure(err))
		return;
	record->quarantined = record->excused = true;
	err_clear(err);
}

void
entry_settled(struct entry *en, struct run_call *record, struct err *err)
{
	en->child = NULL;
	en->record = record;
	if (err_is_set(err))
		quarantine_failure(en->owner->r, record, err);
	if (en->settled != NULL) {
		en->settled(en, err);
		return;
	}
	if (err_is_set(err) && en->cmd != NULL && en->cmd->ignore_error &&
	    is_command_failure(err)) {
		live_call_emit(
		    en->owner, &(struct event){ .kind = EVENT_CALL_IGNORED,
				   .cmd = en->cmd,
				   .text = err->message });
		err_clear(err);
		record->excused = true;
	}
	err_move(&en->err, err);
	entry_done(en);
}

/* `if` of an entry in a parallel stretch. */
static void
on_if_done(struct command *cm)
{
	struct entry *en = cm->arg;

	if (en->state != ENTRY_IF)
		return;
	if (!err_is_set(&cm->err) && !en->timed_out) {
		en->state = ENTRY_READY;
		group_start(en->group);
		return;
	}
	if (en->timed_out || cm->unanswered) {
		command_unanswered(cm, &en->err);
		entry_timeout_error(en, &en->err);
	} else {
		live_call_emit(
		    en->owner, &(struct event){ .kind = EVENT_CMD_SKIPPED,
				   .cmd = en->cmd,
				   .reason = SKIP_IF });
		err_clear(&cm->err);
	}
	entry_done(en);
}

static void
on_if_started(struct command *cm)
{
	entry_clock(cm->arg);
}

static void
entry_if(struct entry *en)
{
	struct live_call *lc = en->owner;

	en->state = ENTRY_IF;
	en->command = arena_new_of(lc->arena, struct command);
	en->command->err = (struct err)ERR_INIT;
	command_init(
	    en->command, lc->r, lc, en->cmd->if_text, lc->ctask->dir,
	    live_call_env(lc));
	en->command->done = on_if_done;
	en->command->started = on_if_started;
	en->command->arg = en;
	command_start(en->command);
}

static bool
has_if(const struct entry *en)
{
	return en->cmd != NULL && en->cmd->if_text != NULL &&
	    sv_trim(sv_of(en->cmd->if_text)).n > 0;
}

static void
entry_start(struct entry *en)
{
	struct group *g = en->group;

	en->state = ENTRY_OPEN;
	g->running++;
	en->child = live_call_new(g->owner->r, g->owner, en, &en->call);
	entry_clock(en);
	live_call_wake(en->child);
}

/* ---- the group ---- */

/* P-113: who writes the tree goes first. */
static void
group_put_in_order(struct group *g)
{
	struct live_call *lc = g->owner;
	bool *writes;

	if (!lc->r->has_writers || g->in_order)
		return;
	writes = arena_alloc(lc->arena, g->n * sizeof(*writes));
	for (size_t i = 0; i < g->n; i++)
		writes[i] = g->v[i].writes =
		    task_writes(lc->arena, lc->r->compiler, g->v[i].call.task);
	g->order = writers_first(lc->arena, writes, g->n);
}

/* All `if`s are decided before the first call starts (P-102). */
static bool
ifs_decided(struct group *g)
{
	bool decided = true;

	if (g->decided)
		return true;
	if (!g->asked) {
		g->asked = true;
		group_put_in_order(g);
		for (size_t i = 0; i < g->n; i++) {
			struct entry *en = &g->v[i];

			if (en->state != ENTRY_NEW)
				continue;
			if (has_if(en))
				entry_if(en);
			else
				en->state = ENTRY_READY;
		}
	}
	for (size_t i = 0; i < g->n && decided; i++)
		decided = g->v[i].state != ENTRY_IF;
	g->decided = decided;
	return decided;
}

/* The next one that may start, or NULL. */
static struct entry *
group_next_entry(struct group *g)
{
	size_t window = g->serial || g->in_order ? 1 : GROUP_WINDOW;

	if (g->running >= window || g->writers > 0)
		return NULL;
	for (; g->next < g->n; g->next++) {
		struct entry *en =
		    &g->v[g->order ? g->order[g->next] : g->next];

		if (en->state != ENTRY_READY)
			continue;
		/* one writer at a time, and nobody beside it */
		if (en->writes && g->running > 0)
			return NULL;
		g->writers += en->writes;
		g->next++;
		return en;
	}
	return NULL;
}

void
group_start(struct group *g)
{
	struct entry *en;

	if (g->starting)
		return;
	g->starting = true;
	if (!g->stopped && ifs_decided(g))
		while (!g->stopped && (en = group_next_entry(g)) != NULL)
			entry_start(en);
	g->starting = false;
}

static const char *
entry_name(const struct entry *en)
{
	return en->call.task;
}

void
group_stop(struct group *g)
{
	const struct cancel why = { .sig = SIGINT,
		.grace_ns = g->owner->r->config.cancel_grace_ns,
		.text = CANCELLED_TEXT };

	if (g->stopped)
		return;
	g->stopped = true;
	for (size_t i = 0; i < g->n; i++) {
		struct entry *en = &g->v[i];

		switch (en->state) {
		case ENTRY_NEW:
		case ENTRY_READY:
			en->state = ENTRY_DONE;
			g->open--;
			record_skipped(g->owner, entry_name(en), en->is_dep,
			    g->err_record ? SKIP_EARLIER_FAILED
					  : SKIP_CANCELLED,
			    g->err_record);
			break;
		case ENTRY_IF:
			command_cancel(en->command, &why);
			break;
		case ENTRY_OPEN:
			if (en->child != NULL)
				live_call_cancel(en->child, &why);
			break;
		case ENTRY_DONE:
			break;
		}
	}
	live_call_wake(g->owner);
}
