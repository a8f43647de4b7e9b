/* SPDX-License-Identifier: MIT */
/* The loop: whoever can go on goes on; then the executor is asked for more. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "run/internal.h"

/* ---- the ready queue, a ring through its head ---- */

void
ready_push(struct run *r, struct ready *it)
{
	struct ready *head = &r->queue;

	if (it->queued)
		return;
	it->queued = true;
	it->prev = head->prev;
	it->next = head;
	head->prev->next = it;
	head->prev = it;
}

void
ready_remove(struct ready *it)
{
	if (!it->queued)
		return;
	it->queued = false;
	it->prev->next = it->next;
	it->next->prev = it->prev;
}

static void
ready_drain(struct run *r)
{
	do {
		while (r->queue.next != &r->queue) {
			struct ready *it = r->queue.next;

			ready_remove(it);
			it->fn(it);
		}
		mutexes_look(r);
		if (r->queue.next != &r->queue)
			continue;
		/* Who could ask for a slot has asked: the best one gets it. */
		loans_lend(r);
		run_put_in_order(r, false);
		jobserver_take_back(r->config.jobserver);
		slots_cork(r->slots, false);
		slots_cork(r->slots, true);
	} while (r->queue.next != &r->queue);
	jobserver_settle(r->config.jobserver);
	run_tick_start(r);
}

/* ---- events ---- */

void
run_emit(struct run *r, const struct event *ev)
{
	struct event stamped = *ev;

	stamped.at_ns = run_now(r);
	for (size_t i = 0; i < r->n_sinks; i++)
		r->sinks[i].event(r->sinks[i].ctx, &stamped);
}

/* ---- birth and death ---- */

static void
root_run(struct ready *self)
{
	struct live_call *root = (struct live_call *)self;

	root->r->root_settled = group_is_settled(&root->r->roots);
}

struct run *
run_new(const struct run_config *config, struct compiler *compiler,
    struct loop *loop, const struct executor_entry *executors,
    struct slots *slots, struct fp *fp, const struct sink *sinks,
    size_t n_sinks)
{
	struct run *r = xcalloc(1, sizeof(*r));

	r->config = *config;
	r->compiler = compiler;
	r->loop = loop;
	r->executors = executors;
	r->slots = slots;
	r->fp = fp;
	r->sinks = sinks;
	r->n_sinks = n_sinks;
	r->arena = arena_new();
	r->queue.prev = r->queue.next = &r->queue;
	r->onces = map_new(r->arena);
	r->mutexes = map_new(r->arena);
	r->counts = map_new(r->arena);
	r->answers = map_new(r->arena);
	r->has_writers = taskfile_has_writers(compiler->taskfile);
	r->has_locks = taskfile_has_locks(compiler->taskfile);
	r->result.err = r->limit = (struct err)ERR_INIT;
	r->machine = r->steered = (struct machine)MACHINE_INIT;
	r->steer = (struct steer){ .most = config->most_slots };
	r->root = arena_new_of(r->arena, struct live_call);
	r->root->r = r;
	r->root->arena = r->arena;
	r->root->alone = true;
	r->root->ready.fn = root_run;
	return r;
}

void
run_free(struct run *r)
{
	struct err ignored cleanup_err = ERR_INIT;

	if (r == NULL)
		return;
	if (r->void_dir != NULL)
		remove_all(r->void_dir, &ignored);
	for (size_t i = 0; i < r->calls.n; i++)
		err_clear(&r->calls.v[i]->err);
	onces_free(r);
	for (size_t i = 0; i < r->kept.n; i++)
		arena_free(r->kept.v[i]);
	vec_free(&r->kept);
	vec_free(&r->calls);
	free(r->keyed);
	err_clear(&r->result.err);
	err_clear(&r->limit);
	group_free(&r->roots);
	arena_free(r->arena);
	free(r);
}

const struct run_result *
run_get_result(const struct run *r)
{
	return &r->result;
}

/* ---- the run ---- */

/* C-062: all names are looked up before anything runs; --status looks at one
 * after the other. */
static bool
names_known(struct run *r, const struct call *calls, size_t n, struct err *e)
{
	for (size_t i = 0; i < n && !r->config.status_only; i++) {
		struct match m;

		if (!task_find(r->arena, r->compiler, calls[i].task, &m, e))
			return false;
		if (m.task->internal)
			return err_set(e, ERR_TASK_INTERNAL,
			    "task: Task \"%s\" is internal", calls[i].task);
	}
	return r->config.status_only || r->config.watch ||
	       plan_check(r->compiler, calls, n, e);
}

static void
roots_start(struct run *r, const struct call *calls, size_t n)
{
	struct entry *v = arena_alloc(r->arena, (n + 1) * sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i].call = calls[i];
	group_init(&r->roots, r->root, v, n);
	r->roots.in_order = !r->config.parallel || r->config.status_only;
	if (r->config.watching)
		r->roots.in_order = r->roots.failfast = false;
	group_start(&r->roots);
}

static void
run_turns(struct run *r)
{
	for (;;) {
		ready_drain(r);
		run_emit(r, &(struct event){ .kind = EVENT_PAUSE });
		if (r->root_settled || group_is_settled(&r->roots))
			return;
		if (!loop_turn(r->loop))
			BUG("calls wait for nothing");
		fp_look_again(r->fp);
	}
}

static void
on_run_signal(void *arg, int sig)
{
	run_signal(arg, sig);
}

/* A caller that has passed made good for what failed below it. */
static void
excuse_calls(struct run *r)
{
	for (size_t i = 0; i < r->calls.n; i++) {
		struct run_call *c = r->calls.v[i];
		const struct run_call *by = c->parent; /* stands before it */

		if (by != NULL)
			c->excused |= by->excused || !outcome_is_bad(by->outcome);
		c->excused &= outcome_is_bad(c->outcome);
	}
	/* an execution that is shared counts where anyone else failed by it */
	for (size_t i = 0; i < r->calls.n; i++)
		if (outcome_is_bad(r->calls.v[i]->outcome) &&
		    !r->calls.v[i]->excused)
			for (struct run_call *c = r->calls.v[i]->cause;
			     c != NULL && c->excused; c = c->cause)
				c->excused = false;
}

/* The error of the run: of the first named task that failed, unless something
 * ended the whole. */
static void
conclude(struct run *r)
{
	struct run_result *res = &r->result;
	struct group *g = &r->roots;

	if (r->run_timed_out) {
		struct arena *a cleanup_arena = arena_new();

		err_clear(&res->err);
		err_set(&res->err, ERR_TIMEOUT,
		    "task: run timeout exceeded (%s)",
		    duration_text(a, r->config.run_timeout_ns));
		res->err.status = 124;
	} else if (err_is_set(&r->limit)) {
		err_move(&res->err, &r->limit);
	} else if (err_is_set(&g->err)) {
		err_move(&res->err, &g->err);
		if (g->err_wrapped)
			res->err_call = g->err_record;
	}
	excuse_calls(r);
	res->calls = r->calls.v;
	res->n = r->calls.n;
	res->end_ns = run_now(r);
}

bool
run_loop(struct run *r, const struct call *calls, size_t n)
{
	const struct run_hooks *hooks = r->config.hooks;

	r->result.start_ns = run_now(r);
	fp_look_again(r->fp);
	run_emit(r, &(struct event){ .kind = EVENT_RUN_STARTED });
	if (names_known(r, calls, n, &r->result.err) &&
	    ask_ahead(r, calls, n, &r->result.err)) {
		if (!r->config.watching)
			loop_on_signal(r->loop, on_run_signal, r);
		run_timeout_start(r);
		slots_cork(r->slots, true);
		if (hooks != NULL && hooks->begin != NULL)
			hooks->begin(hooks->ctx, r);
		roots_start(r, calls, n);
		run_turns(r);
		loop_timer_stop(r->loop, &r->run_timer);
		loop_timer_stop(r->loop, &r->tick_timer);
		loop_timer_stop(r->loop, &r->who_timer);
		if (hooks != NULL && hooks->close != NULL)
			hooks->close(hooks->ctx);
		if ((r->result.signal != 0 && !r->config.watching) ||
		    r->run_timed_out)
			run_end_left(r);
		if (!r->config.watching)
			loop_on_signal(r->loop, NULL, NULL);
	}
	conclude(r);
	run_emit(r,
	    &(struct event){ .kind = EVENT_RUN_DONE, .err = &r->result.err });
	return !err_is_set(&r->result.err) && r->result.signal == 0 &&
	    !r->cancelled;
}

bool
run_status(struct run *r, const struct call *calls, size_t n, struct err *e)
{
	bool ok;

	r->config.status_only = true;
	ok = run_loop(r, calls, n);
	if (!ok)
		err_copy(e, &r->result.err);
	return ok;
}
