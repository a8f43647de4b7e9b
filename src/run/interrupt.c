/* SPDX-License-Identifier: MIT */
/*
 * What signals do to a run (D-5).  The first ends what runs, deferred commands
 * follow; the second ends these; the third kills.  Whoever waits longer than a
 * moment is told for whom.
 */
#include <signal.h>

#include "run/internal.h"

#define TELL_WHO_NS (2 * NS_PER_S)

enum {
	NAMES_MAX = 5
};

/* More time after what a user typed. */
static int64_t
signal_grace(const struct run *r)
{
	int sig = r->result.signal;

	if (r->signals > 2)
		return 0;
	return sig == SIGINT || sig == SIGQUIT ? r->config.int_grace_ns
					       : r->config.grace_ns;
}

static void
interrupt_note(struct run *r, const char *text)
{
	run_emit(r, &(struct event){ .kind = EVENT_NOTE, .text = text });
}

/* ---- who is waited for ---- */

static bool
is_named_before(const struct run *r, const struct command *cm)
{
	const struct command *c = r->commands;

	while (c != cm && c->record != cm->record)
		c = c->next;
	return c != cm;
}

static bool
is_deferred(const struct live_call *lc)
{
	while (lc != NULL && !lc->shielded)
		lc = lc->parent;
	return lc != NULL;
}

static void
say_who(void *arg)
{
	struct arena *a cleanup_arena = arena_new();
	struct sb names cleanup_sb = SB_INIT;
	struct run *r = arg;
	size_t n = 0;

	r->who_timer = NULL;
	for (const struct command *cm = r->commands; cm != NULL;
	     cm = cm->next) {
		if (is_named_before(r, cm) || ++n > NAMES_MAX)
			continue;
		sb_printf(&names, "%s%s%s", n > 1 ? ", " : "", cm->record->name,
		    is_deferred(cm->owner) ? " (deferred)" : "");
	}
	if (n > NAMES_MAX)
		sb_printf(&names, " and %zu more", n - NAMES_MAX);
	if (n == 0)
		return;
	interrupt_note(
	    r, arena_printf(a, "waiting for %s; %s", sb_cstr(&names),
		   r->signals > 1 ? "the third signal kills"
				  : "a second signal ends deferred commands, a "
				    "third one kills"));
}

void
interrupt_killed(const struct command *cm, const struct job_result *res)
{
	struct arena *a cleanup_arena = arena_new();

	if (!cm->signalled || res->signal != SIGKILL || cm->r->signals == 0 ||
	    cm->r->signals > 2)
		return;
	interrupt_note(
	    cm->r, arena_printf(a, "%s did not end within %s and was killed",
		       cm->record->name, duration_text(a, cm->grace_ns)));
}

/* ---- signals ---- */

void
run_signal(struct run *r, int sig)
{
	r->signals++;
	if (r->result.signal == 0)
		r->result.signal = sig;
	if (!r->config.watching)
		run_emit(
		    r, &(struct event){ .kind = EVENT_SIGNAL, .status = sig });
	if (r->signals == 2)
		interrupt_note(r,
		    "deferred commands are ended; a third signal kills what "
		    "still runs");
	r->no_defers = r->signals > 1;
	loop_timer_stop(r->loop, &r->who_timer);
	if (r->signals < 3 && !r->root_settled)
		r->who_timer = loop_timer(r->loop, TELL_WHO_NS, say_who, r);
	/* the terminal's QUIT ends no shell: bash does not hear it */
	if (sig == SIGQUIT)
		sig = SIGTERM;
	live_call_cancel(
	    r->root, &(struct cancel){ .sig = r->signals > 2 ? SIGKILL : sig,
			 .grace_ns = signal_grace(r),
			 .by_signal = r->signals < 3,
			 .deep = r->no_defers });
}

/* ---- what finished jobs left behind ---- */

/* Returns when KILL comes. */
static int64_t
left_end(struct run *r)
{
	int64_t grace_ns = r->result.signal != 0 ? signal_grace(r)
						 : r->config.timeout_grace_ns;
	int sig = r->signals > 2 ? SIGKILL
		  : r->result.signal == 0 || r->result.signal == SIGQUIT
		      ? SIGTERM
		      : r->result.signal;

	for (const struct executor_entry *x = r->executors; x->name; x++)
		executor_end_left(x->x, sig, grace_ns);
	return ns_add(run_now(r), grace_ns);
}

void
run_end_left(struct run *r)
{
	int64_t tell_ns = ns_add(run_now(r), TELL_WHO_NS);
	int64_t kill_ns = left_end(r);
	int seen = r->signals;

	while (run_now(r) < ns_add(kill_ns, NS_PER_S) && loop_turn(r->loop)) {
		if (r->signals > 2 && seen <= 2)
			kill_ns = left_end(r);
		seen = r->signals;
		if (run_now(r) < tell_ns || seen > 2)
			continue;
		interrupt_note(r,
		    "waiting for what finished tasks left behind; a third "
		    "signal kills");
		tell_ns = INT64_MAX;
	}
}
