/* SPDX-License-Identifier: MIT */
/* Birth, waking, failure and end of a call; the steps between are call.c's. */
#include <signal.h>
#include <string.h>

#include "base/hash.h"
#include "go/fmt.h"
#include "run/internal.h"

void
live_call_emit(struct live_call *lc, const struct event *ev)
{
	struct event copy = *ev;

	copy.call = lc->record;
	run_emit(lc->r, &copy);
}

void
live_call_reads(const struct live_call *lc, bool is_shared)
{
	const struct run_config *c = &lc->r->config;

	if (c->before_read != NULL)
		c->before_read(c->ctx, lc->record, is_shared);
}

void
live_call_wake(struct live_call *lc)
{
	ready_push(lc->r, &lc->ready);
}

static void
on_call_timer(void *arg)
{
	struct live_call *lc = arg;

	lc->timer = NULL;
	live_call_wake(lc);
}

void
live_call_wake_in(struct live_call *lc, int64_t ns)
{
	lc->timer = loop_timer(lc->r->loop, ns, on_call_timer, lc);
}

bool
is_command_failure(const struct err *e)
{
	return e->code == ERR_TIMEOUT || e->status >= 0;
}

/* ---- birth ---- */

static struct run_call *
record_new(struct run *r, struct live_call *parent, const char *name)
{
	struct run_call *record = arena_new_of(r->arena, struct run_call);

	record->id = (unsigned)r->calls.n + 1;
	record->parent = parent == r->root ? NULL : parent->record;
	record->called_name = arena_strdup(r->arena, name);
	record->name = record->task_name = record->called_name;
	record->err = (struct err)ERR_INIT;
	record->exit_status = -1;
	record->created_ns = run_now(r);
	record->is_phase =
	    record->parent != NULL && record->parent->parent == NULL;
	vec_push(NULL, &r->calls, record);
	return record;
}

struct run_call *
record_nested(struct run *r, const struct command *cm, const char *name)
{
	struct run_call *record =
	    record_new(r, cm != NULL ? cm->owner : r->root, name);

	record->is_phase = false;
	record->start_ns = record->created_ns;
	record->attempts = 1;
	run_emit(
	    r, &(struct event){ .kind = EVENT_CALL_CREATED, .call = record });
	return record;
}

void
record_skipped(struct live_call *parent, const char *name, bool is_dep,
    enum skip_reason reason, const struct run_call *because)
{
	struct run *r = parent->r;
	struct run_call *record = record_new(r, parent, name);

	record->is_dep = is_dep;
	record->outcome = OUTCOME_NOT_RUN;
	record->skip = reason;
	record->skip_detail = because ? because->name : NULL;
	record->end_ns = record->created_ns;
	run_emit(
	    r, &(struct event){ .kind = EVENT_CALL_CREATED, .call = record });
	run_emit(r, &(struct event){ .kind = EVENT_CALL_DONE, .call = record });
}

static void
live_lookup(struct live_call *lc)
{
	const struct task *t;

	if (!task_find(lc->arena, lc->r->compiler, lc->call.task, &lc->match,
		&lc->lookup))
		return;
	t = lc->match.task;
	lc->record->task = t;
	lc->record->task_name = t->name;
	lc->record->owes_commit = t->rare->commit.wanted;
	lc->conditional = lc->entry->conditional || lc->parent->conditional ||
			  task_is_conditional(t);
}

void
live_call_link(struct live_call *lc)
{
	struct live_call *parent = lc->parent;

	lc->prev = NULL;
	lc->next = parent->children;
	if (lc->next != NULL)
		lc->next->prev = lc;
	parent->children = lc;
}

void
live_call_unlink(struct live_call *lc)
{
	if (lc->prev != NULL)
		lc->prev->next = lc->next;
	else
		lc->parent->children = lc->next;
	if (lc->next != NULL)
		lc->next->prev = lc->prev;
}

/* Tells calls of one task apart, whatever the order of their variables.  Of a
 * secret nothing is told. */
static uint64_t
hash_of_vars(const vars *v)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct map_entry *e;
	uint64_t sum = 0;

	map_each(v, e) {
		const struct var *var = e->value;

		sb_clear(&b);
		sb_addv(&b, e->key);
		sb_addc(&b, '=');
		if (var->has_value && !var->secret)
			fmt_value(&b, var->value);
		sb_adds(&b, var->sh ? var->sh : "");
		sb_adds(&b, var->ref ? var->ref : "");
		sum += hash64(sb_sv(&b));
	}
	return sum;
}

static void call_run(struct ready *self);

bool
live_call_is_alone(const struct live_call *lc)
{
	return lc->alone && (lc->background.n == 0 || lc->r->config.serial);
}

/* A call in the background of a script says so itself. */
static bool
is_beside_others(const struct live_call *parent, const struct entry *entry)
{
	const struct group *g = entry->group;

	if (parent->r->config.serial)
		return false;
	return entry->is_background || (g->n > 1 && !g->in_order);
}

/* P-407: what a task with `parallel: true` calls, and all below it. */
static bool
is_in_group(const struct live_call *parent, const struct entry *entry)
{
	const struct task *t = parent->match.task;

	return (parent->record != NULL && parent->record->in_group) ||
	       (t != NULL && t->parallel && entry->cmd != NULL &&
		   !entry->cmd->defer);
}

struct live_call *
live_call_new(struct run *r, struct live_call *parent, struct entry *entry,
    const struct call *call)
{
	struct arena *a = arena_new();
	struct live_call *lc = arena_new_of(a, struct live_call);

	lc->ready.fn = call_run;
	lc->r = r;
	lc->arena = a;
	lc->parent = parent;
	lc->entry = entry;
	lc->call = *call;
	lc->depth = parent->depth + 1;
	lc->lookup = lc->inner = lc->late = lc->command.err = (struct err)ERR_INIT;
	lc->exit_code = -1;
	lc->status_ok = true;
	lc->is_status = r->config.status_only;
	lc->record = record_new(r, parent, call->task);
	lc->record->called_at = call->at;
	lc->record->is_dep = entry->is_dep;
	lc->record->is_background = entry->is_background;
	lc->record->in_group = is_in_group(parent, entry);
	lc->record->has_vars = call->vars != NULL && map_count(call->vars) > 0;
	if (lc->record->has_vars)
		lc->record->vars_hash = hash_of_vars(call->vars);
	lc->host = parent->host;
	lc->alone = live_call_is_alone(parent) &&
		    !is_beside_others(parent, entry);
	lc->streams = lc->record->streams = parent->streams;
	if (parent->cancelled && !parent->shielded) {
		lc->cancelled = true;
		lc->cancel_text = parent->cancel_text;
	}
	live_call_link(lc);
	live_lookup(lc);
	lc->forced =
	    r->config.force && !(r->config.force_named_only && call->indirect);
	live_call_emit(lc, &(struct event){ .kind = EVENT_CALL_CREATED });
	return lc;
}

/* ---- failure ---- */

void
live_call_fail(struct live_call *lc, struct err *e, bool wrap)
{
	if (lc->has_failed) {
		err_clear(e);
		return;
	}
	lc->has_failed = true;
	lc->wrap = wrap;
	lc->outcome = live_call_is_cancelled(lc) && !lc->entry->timed_out
			  ? OUTCOME_CANCELLED
			  : OUTCOME_FAILED;
	err_move(&lc->inner, e);
}

void
live_call_fail_cancelled(struct live_call *lc)
{
	struct err e = ERR_INIT;

	err_set(&e, ERR_TASK_FAILED, "%s",
	    lc->cancel_text ? lc->cancel_text : CANCELLED_TEXT);
	lc->skip = SKIP_CANCELLED;
	live_call_fail(lc, &e, true);
}

/* ---- end ---- */

static void
wrap_with_name(struct live_call *lc, struct err *e)
{
	if (!lc->wrap)
		return;
	if (strlen(e->message) < ERROR_MAX)
		err_wrap(e, "task: Failed to run task %s: ",
		    quote_go(lc->arena, sv_of(lc->record->name)));
	/* The innermost error that has a code decides (C-208). */
	if (e->code == ERR_GENERIC)
		e->code = ERR_TASK_FAILED;
}

/* The record keeps a bounded text: what a long chain passes up is the same
 * error again at every level. */
static void
record_error(struct run_call *record, const struct err *e)
{
	enum {
		KEEP = 4096
	};
	struct err cut = *e;

	if (strlen(e->message) <= KEEP) {
		err_copy(&record->err, e);
	} else {
		err_clear(&record->err);
		record->err = cut;
		record->err.message = xstrndup(e->message, KEEP);
	}
	record->exit_status = e->status;
}

static void
live_call_free(struct live_call *lc)
{
	struct run *r = lc->r;
	bool keep = lc->record->owes_commit || lc->record->parent == NULL;

	loop_timer_stop(r->loop, &lc->timer);
	ready_remove(&lc->ready);
	err_clear(&lc->inner);
	err_clear(&lc->late);
	err_clear(&lc->lookup);
	err_clear(&lc->command.err);
	sb_free(&lc->command.out);
	sb_free(&lc->printed);
	if (keep) {
		vec_push(NULL, &r->kept, lc->arena);
		return;
	}
	lc->record->ctask = NULL;
	arena_free(lc->arena);
}

/* The last act: results go to twins, waiters and the parent. */
static void
live_call_settle(struct live_call *lc)
{
	struct run_call *record = lc->record;
	struct entry *entry = lc->entry;
	struct err e = ERR_INIT;

	if (record->parent == NULL && !record->is_phase &&
	    lc->group.owner == NULL && lc->background.n == 0)
		record->is_phase = true;
	record->outcome = lc->outcome;
	record->skip = lc->skip;
	record->cause = lc->cause;
	record->end_ns = run_now(lc->r);
	holds_settle(lc, lc->outcome, &lc->inner);
	cycle_leave(lc);
	if (lc->has_failed) {
		err_copy(&e, &lc->inner);
		wrap_with_name(lc, &e);
		entry_timeout_error(entry, &e);
		if (!err_is_set(&entry->group->err))
			entry->group->err_wrapped = lc->wrap;
		record_error(record, &e);
		if (lc->ctask != NULL && lc->cause == NULL)
			record->dir =
			    arena_strdup(lc->r->arena, lc->ctask->dir);
	}
	live_call_emit(lc, &(struct event){ .kind = EVENT_CALL_DONE,
			       .err = lc->has_failed ? &e : NULL });
	live_call_unlink(lc);
	live_call_free(lc);
	entry_settled(entry, record, &e);
	err_clear(&e);
}

/* ---- cancelling ---- */

static int64_t
grace_of(const struct live_call *lc, const struct cancel *why)
{
	const struct task *t = lc->match.task;

	return why->by_signal && t != NULL && t->rare->grace.is_given
		   ? t->rare->grace.ns
		   : why->grace_ns;
}

static void
cancel_one(struct live_call *lc, const struct cancel *why)
{
	struct cancel own = *why;

	own.grace_ns = grace_of(lc, why);
	if (!lc->cancelled)
		lc->cancel_text = why->text;
	lc->cancelled = true;
	command_cancel(&lc->command, &own);
	if (lc->group.owner != NULL)
		for (size_t i = 0; i < lc->group.n; i++)
			if (lc->group.v[i].command != NULL &&
			    lc->group.v[i].command != &lc->command)
				command_cancel(lc->group.v[i].command, &own);
	if (lc->waits_for != NULL)
		hold_unwait(lc);
	sh_vars_cancel(lc, &own);
	loop_timer_stop(lc->r->loop, &lc->timer);
	live_call_wake(lc);
}

/* The next node of a walk over the tree below `top`, without recursion. */
static struct live_call *
next_in_tree(struct live_call *lc, const struct live_call *top, bool enter)
{
	if (enter && lc->children != NULL)
		return lc->children;
	while (lc != top && lc->next == NULL)
		lc = lc->parent;
	return lc == top ? NULL : lc->next;
}

void
live_call_cancel(struct live_call *top, const struct cancel *why)
{
	struct live_call *lc = top;

	while (lc != NULL) {
		bool spared = lc->shielded && !why->deep;

		if (lc->state == STATE_DONE || spared)
			lc->cancelled = true;
		else
			cancel_one(lc, why);
		lc = next_in_tree(lc, top, !spared);
	}
}

/* ---- the walk through the states ---- */

/* Goes on until the call waits for something; true when it is at its end. */
static bool
call_walk(struct live_call *lc)
{
	for (;;) {
		switch (lc->state) {
#define X(name, fn)                                                            \
	case STATE_##name:                                                     \
		if (!fn(lc))                                                   \
			return false;                                          \
		break;
			STATES(X)
#undef X
		case STATE_DONE:
			return true;
		}
	}
}

static void
call_run(struct ready *self)
{
	struct live_call *lc = (struct live_call *)self;

	if (call_walk(lc))
		live_call_settle(lc);
}
