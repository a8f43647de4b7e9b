/* SPDX-License-Identifier: MIT */
/* Birth, waking, failure and end of a call; the steps between are call.c's. */
#include <signal.h>
#include <string.h>

#include "run/internal.h"

void
node_emit(struct node *n, const struct event *ev)
{
	struct event copy = *ev;

	copy.call = n->pub;
	run_emit(n->r, &copy);
}

void
node_wake(struct node *n)
{
	ready_push(n->r, &n->ready);
}

bool
is_command_failure(const struct err *e)
{
	return e->code == ERR_TIMEOUT || e->status >= 0;
}

/* ---- birth ---- */

static struct run_call *
pub_new(struct run *r, struct node *parent, const char *name)
{
	struct run_call *pub = arena_new_of(r->arena, struct run_call);

	pub->id = (unsigned)r->calls.n + 1;
	pub->parent = parent == r->root ? NULL : parent->pub;
	pub->called_name = arena_strdup(r->arena, name);
	pub->name = pub->task_name = pub->called_name;
	pub->err = (struct err)ERR_INIT;
	pub->exit_status = -1;
	pub->created_ns = run_now(r);
	pub->is_phase = pub->parent != NULL && pub->parent->parent == NULL;
	vec_push(NULL, &r->calls, pub);
	return pub;
}

struct run_call *
node_record_new(struct run *r, struct node *parent, const char *name)
{
	struct run_call *pub = pub_new(r, parent, name);

	pub->is_phase = false;
	pub->start_ns = pub->created_ns;
	pub->attempts = 1;
	run_emit(r, &(struct event){ .kind = EVENT_CALL_CREATED, .call = pub });
	return pub;
}

void
node_record_skipped(struct node *parent, const char *name, bool is_dep,
    enum skip_reason reason, const struct run_call *because)
{
	struct run *r = parent->r;
	struct run_call *pub = pub_new(r, parent, name);

	pub->is_dep = is_dep;
	pub->outcome = OUTCOME_NOT_RUN;
	pub->skip = reason;
	pub->skip_detail = because ? because->name : NULL;
	pub->end_ns = pub->created_ns;
	run_emit(r, &(struct event){ .kind = EVENT_CALL_CREATED, .call = pub });
	run_emit(r, &(struct event){ .kind = EVENT_CALL_DONE, .call = pub });
}

static void
lookup(struct node *n)
{
	const struct task *t;

	if (!task_find(n->arena, n->r->compiler, n->call.task, &n->match,
		&n->lookup))
		return;
	t = n->match.task;
	n->pub->task = t;
	n->pub->task_name = t->name;
	n->pub->owes_commit = t->commit.wanted;
	n->conditional = n->entry->conditional || n->parent->conditional ||
	    *t->if_text != '\0' || t->status.n > 0 || t->sources.n > 0 ||
	    t->preconditions.n > 0;
}

static void
node_link(struct node *n)
{
	struct node *parent = n->parent;

	n->next = parent->children;
	if (n->next != NULL)
		n->next->prev = n;
	parent->children = n;
}

static void
node_unlink(struct node *n)
{
	if (n->prev != NULL)
		n->prev->next = n->next;
	else
		n->parent->children = n->next;
	if (n->next != NULL)
		n->next->prev = n->prev;
}

static void call_run(struct ready *self);

struct node *
node_new(struct run *r, struct node *parent, struct entry *entry,
    const struct call *call)
{
	struct arena *a = arena_new();
	struct node *n = arena_new_of(a, struct node);

	n->ready.fn = call_run;
	n->r = r;
	n->arena = a;
	n->parent = parent;
	n->entry = entry;
	n->call = *call;
	n->depth = parent->depth + 1;
	n->lookup = n->inner = n->work.err = (struct err)ERR_INIT;
	n->exit_code = -1;
	n->status_ok = true;
	n->is_status = r->config.status_only;
	n->pub = pub_new(r, parent, call->task);
	n->pub->is_dep = entry->is_dep;
	n->pub->is_background = entry->is_background;
	n->pub->has_vars = call->vars != NULL && map_count(call->vars) > 0;
	n->host = parent->host;
	n->streams = n->pub->streams = parent->streams;
	if (parent->cancelled && !parent->shielded) {
		n->cancelled = true;
		n->cancel_text = parent->cancel_text;
	}
	node_link(n);
	lookup(n);
	n->forced = r->config.force &&
	    !(r->config.force_named_only && call->indirect);
	node_emit(n, &(struct event){ .kind = EVENT_CALL_CREATED });
	return n;
}

/* ---- failure ---- */

void
node_fail(struct node *n, struct err *e, bool wrap)
{
	if (n->has_failed) {
		err_clear(e);
		return;
	}
	n->has_failed = true;
	n->wrap = wrap;
	n->outcome = node_is_cancelled(n) && !n->entry->timed_out ?
	    OUTCOME_CANCELLED : OUTCOME_FAILED;
	err_move(&n->inner, e);
}

void
node_fail_cancelled(struct node *n)
{
	struct err e = ERR_INIT;

	err_set(&e, ERR_TASK_FAILED, "%s",
	    n->cancel_text ? n->cancel_text : CANCELLED_TEXT);
	n->skip = SKIP_CANCELLED;
	node_fail(n, &e, true);
}

/* ---- end ---- */

static void
wrap_with_name(struct node *n, struct err *e)
{
	if (!n->wrap)
		return;
	if (strlen(e->message) < ERROR_MAX)
		err_wrap(e, "task: Failed to run task %s: ",
		    quote_go(n->arena, sv_of(n->pub->name)));
	/* The innermost error that has a code decides (C-208). */
	if (e->code == ERR_GENERIC)
		e->code = ERR_TASK_FAILED;
}

/* The record keeps a bounded text: what a long chain passes up is the same
 * error again at every level. */
static void
record_error(struct run_call *pub, const struct err *e)
{
	enum { KEEP = 4096 };
	struct err cut = *e;

	if (strlen(e->message) <= KEEP) {
		err_copy(&pub->err, e);
	} else {
		err_clear(&pub->err);
		pub->err = cut;
		pub->err.message = xstrndup(e->message, KEEP);
	}
	pub->exit_status = e->status;
}

static void
node_free(struct node *n)
{
	struct run *r = n->r;
	bool keep = n->pub->owes_commit || n->pub->parent == NULL;

	run_timer_stop(r, &n->timer);
	ready_remove(&n->ready);
	err_clear(&n->inner);
	err_clear(&n->lookup);
	err_clear(&n->work.err);
	sb_free(&n->work.out);
	if (keep) {
		vec_push(NULL, &r->kept, n->arena);
		return;
	}
	n->pub->ctask = NULL;
	arena_free(n->arena);
}

/* The last act: results go to twins, waiters and the parent. */
static void
node_settle(struct node *n)
{
	struct run_call *pub = n->pub;
	struct entry *entry = n->entry;
	struct err e = ERR_INIT;

	if (pub->parent == NULL && !pub->is_phase && n->group.owner == NULL &&
	    n->background.n == 0)
		pub->is_phase = true;
	pub->outcome = n->outcome;
	pub->skip = n->skip;
	pub->cause = n->cause;
	pub->end_ns = run_now(n->r);
	share_settle(n, n->outcome, &n->inner);
	cycle_leave(n);
	if (n->has_failed) {
		err_copy(&e, &n->inner);
		wrap_with_name(n, &e);
		entry_timeout_error(entry, &e);
		if (!err_is_set(&entry->group->err))
			entry->group->err_wrapped = n->wrap;
		record_error(pub, &e);
	}
	node_emit(n,
	    &(struct event){ .kind = EVENT_CALL_DONE,
		.err = n->has_failed ? &e : NULL });
	node_unlink(n);
	node_free(n);
	entry_settled(entry, pub, &e);
	err_clear(&e);
}

/* ---- cancelling ---- */

static void
cancel_one(struct node *n, const struct cancel *why)
{
	if (!n->cancelled)
		n->cancel_text = why->text;
	n->cancelled = true;
	work_cancel(&n->work, why->sig, why->grace_ns);
	if (n->group.owner != NULL)
		for (size_t i = 0; i < n->group.n; i++)
			if (n->group.v[i].work != NULL &&
			    n->group.v[i].work != &n->work)
				work_cancel(n->group.v[i].work, why->sig,
				    why->grace_ns);
	if (n->waits_for != NULL)
		share_unwait(n);
	needs_cancel(n, why->sig, why->grace_ns);
	run_timer_stop(n->r, &n->timer);
	node_wake(n);
}

/* The next node of a walk over the tree below `top`, without recursion. */
static struct node *
next_in_tree(struct node *n, const struct node *top, bool enter)
{
	if (enter && n->children != NULL)
		return n->children;
	while (n != top && n->next == NULL)
		n = n->parent;
	return n == top ? NULL : n->next;
}

void
node_cancel(struct node *top, const struct cancel *why)
{
	struct node *n = top;

	while (n != NULL) {
		bool spared = n->shielded && !why->deep;

		if (n->state == STATE_DONE || spared)
			n->cancelled = true;
		else
			cancel_one(n, why);
		n = next_in_tree(n, top, !spared);
	}
}

/* ---- the walk through the states ---- */

/* Goes on until the call waits for something; true when it is at its end. */
static bool
call_walk(struct node *n)
{
	for (;;) {
		switch (n->state) {
#define X(name, fn)                                                           \
	case STATE_##name:                                                    \
		if (!fn(n))                                                   \
			return false;                                         \
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
	struct node *n = (struct node *)self;

	if (call_walk(n))
		node_settle(n);
}
