/* SPDX-License-Identifier: MIT */
/*
 * What time does to a run: the tick of the slots (P-204), the bound of the
 * whole run (P-111).
 */
#include <signal.h>

#include "run/internal.h"

#define FIRST_TICK_NS (50 * NS_PER_MS)

/* ---- the tick of the slots ---- */

/* P-205: nothing more starts on a machine that is busy or short of memory. */
void
run_gate(struct run *r)
{
	const struct run_config *c = &r->config;
	int64_t now;

	if (c->max_load <= 0 && c->min_free_bytes <= 0)
		return;
	now = run_now(r);
	if (r->gate_ns != 0 && now - r->gate_ns < NS_PER_S / 2)
		return;
	r->gate_ns = now;
	machine_read(&r->machine);
	slots_gate(r->slots,
	    machine_allows(&r->machine, c->max_load, c->min_free_bytes));
}

static int64_t
cpu_used_since(struct run *r)
{
	int64_t all = 0, since;

	for (const struct executor_entry *x = r->executors; x->name; x++)
		all += executor_cpu_used(x->x);
	since = all - r->cpu_ns;
	r->cpu_ns = all;
	return since;
}

/* P-1105: nothing is let in beside the bound while memory is short. */
static bool
steer_slots(struct run *r, int64_t cpu_ns)
{
	if (r->config.most_slots <= 0)
		return false;
	steer_count(&r->steer, cpu_ns);
	if (steer_is_due(&r->steer, run_now(r))) {
		if (r->steer.cores == 0)
			r->steer.cores = cores_online();
		machine_read(&r->steered);
		slots_move_bound(r->slots,
		    steer_bound(&r->steer, slots_size(r->slots, ""),
			slots_held(r->slots), &r->steered, run_now(r)));
	}
	return steer_is_pressed(&r->steered);
}

static void
on_tick(void *arg)
{
	struct run *r = arg;
	bool is_first = r->tick_ns == 0, holds;
	int64_t cpu_ns;

	r->tick_timer = NULL;
	run_gate(r);
	/* a short run needs no plan */
	if (!is_first)
		run_put_in_order(r, true);
	cpu_ns = cpu_used_since(r);
	holds = steer_slots(r, cpu_ns);
	r->tick_ns =
	    slots_tick(r->slots, run_now(r), cpu_ns, r->job_ended || holds);
	r->job_ended = false;
	run_tick_start(r);
	if (r->tick_timer == NULL)
		r->tick_ns = 0;
}

void
run_tick_start(struct run *r)
{
	if (r->tick_timer != NULL || slots_waiting(r->slots) == 0)
		return;
	/* the first one begins to measure */
	r->tick_timer = loop_timer(
	    r->loop, r->tick_ns > 0 ? r->tick_ns : FIRST_TICK_NS, on_tick, r);
}

void
run_cancel(struct run *r)
{
	r->cancelled = true;
	live_call_cancel(r->root, &(struct cancel){ .sig = SIGINT,
				      .grace_ns = r->config.cancel_grace_ns,
				      .text = CANCELLED_TEXT });
}

/* ---- the bound of the run ---- */

static void
on_run_timeout(void *arg)
{
	struct run *r = arg;
	bool again = r->run_timed_out;

	r->run_timed_out = true;
	r->no_defers = again;
	r->run_timer = again ? NULL
			     : loop_timer(r->loop, r->config.timeout_grace_ns,
				   on_run_timeout, r);
	live_call_cancel(r->root, &(struct cancel){ .sig = SIGTERM,
				      .grace_ns = r->config.timeout_grace_ns,
				      .hurries = true,
				      .deep = again,
				      .text = DEADLINE_TEXT });
}

void
run_timeout_start(struct run *r)
{
	if (r->config.run_timeout_ns > 0)
		r->run_timer = loop_timer(
		    r->loop, r->config.run_timeout_ns, on_run_timeout, r);
}
