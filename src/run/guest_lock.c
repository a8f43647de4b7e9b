/* SPDX-License-Identifier: MIT */
/*
 * A lock that a nested run wants (P-112): a call that does nothing but take it,
 * below the call whose job is the nested run.  So what holds for calls holds
 * for it: who is let in, who lends a slot to whom, which waits have no end.
 */
#include "run/internal.h"

struct guest_lock {
	struct live_call call; /* first */
	struct lock_wish wish;
	bool is_answered;
	void (*answer)(void *arg, enum guest_lock_answer what);
	void *arg;
};

static void
guest_lock_run(struct ready *self)
{
	struct guest_lock *g = (struct guest_lock *)self;
	struct live_call *lc = &g->call;
	struct err e cleanup_err = ERR_INIT;
	enum guest_lock_answer what;

	if (g->is_answered || lc->cancelled)
		return;
	if (mutex_take(lc, &g->wish, &e))
		what = g->wish.m->hold.holder == lc ? GUEST_LOCK_HELD
						    : GUEST_LOCK_ENTERED;
	else if (err_is_set(&e))
		what = GUEST_LOCK_REFUSED;
	else
		return;
	g->is_answered = true;
	g->answer(g->arg, what);
}

static void
belong_to(struct guest_lock *g, struct command *job)
{
	struct live_call *lc = &g->call;

	lc->parent = job != NULL ? job->owner : lc->r->root;
	lc->guest_of = lc->host = job;
	live_call_link(lc);
	if (job != NULL)
		guest_comes(job);
}

static void
belong_to_nobody(struct guest_lock *g)
{
	if (g->call.guest_of != NULL)
		guest_goes(g->call.guest_of);
	live_call_unlink(&g->call);
}

struct guest_lock *
guest_lock_ask(struct run *r, struct command *job, const char *key,
    void (*answer)(void *arg, enum guest_lock_answer what), void *arg)
{
	struct arena *a = arena_new();
	struct guest_lock *g = arena_new_of(a, struct guest_lock);

	g->call = (struct live_call){ .r = r,
		.arena = a,
		.ready.fn = guest_lock_run,
		.state = STATE_LOCK };
	g->wish.m = mutex_get(r, key);
	vec_push(a, &g->call.locks, g->wish);
	g->answer = answer;
	g->arg = arg;
	belong_to(g, job);
	live_call_wake(&g->call);
	return g;
}

void
guest_lock_free(struct guest_lock *g)
{
	struct live_call *lc = &g->call;

	loop_timer_stop(lc->r->loop, &lc->timer);
	ready_remove(&lc->ready);
	if (lc->waits_for != NULL)
		hold_unwait(lc);
	holds_settle(lc, OUTCOME_PASSED, NULL);
	belong_to_nobody(g);
	arena_free(lc->arena);
}

void
guest_lock_forget_job(struct guest_lock *g)
{
	belong_to_nobody(g);
	belong_to(g, NULL);
}
