/* SPDX-License-Identifier: MIT */
/*
 * Watch mode (C-400 to C-413).  One generation after the other: a run of all
 * watched tasks side by side; then, or while it still goes on, a source
 * changes, the run is cancelled and the next begins.
 */
#include "config.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "output/event_stream.h"
#include "project/run_setup.h"
#include "watch/watch.h"
#include "watch/watch_files.h"

#define INTERVAL_NS (100 * NS_PER_MS)
/* After a time of quiet: just long enough that a file which is made and then
 * written is one change. */
#define SETTLE_NS (2 * NS_PER_MS)
/* Where nobody still writes what has changed: that several files are one. */
#define WHOLE_NS  (1 * NS_PER_MS)
#define RESCAN_NS (5 * NS_PER_S)
/* of the time that looking takes: a huge tree is looked at less often */
#define RESCAN_SHARE 100
#define GRACE_NS (5 * NS_PER_S)

struct pending {
	const char *op;
	bool is_whole;
};

struct watch_mode {
	struct project *p;
	const call_vec *calls;
	struct loop *loop;
	struct executor *executor;
	struct sink listener;
	struct watch_files files;
	int64_t interval_ns;
	const struct watch_after *after;

	struct run *run; /* while a generation is on */
	size_t reported; /* its named tasks that have ended */
	bool cancelled;	 /* by a change */
	bool again;	 /* a source has changed: another generation */
	bool found;	 /* a change that no event told of */
	int64_t ended_ns; /* the last generation; of the epoch */
	int sig;	 /* that ends it all */

	struct timer *settle_timer, *rescan_timer;
	bool at_once;      /* settle_timer is not for the interval */
	int64_t event_ns;  /* the last event; INT64_MIN / 2: none yet */
	struct arena *pending_arena;
	struct map *pending; /* path → struct pending *, until it is quiet */
	size_t unfinished;   /* those of them that may still be written */
	struct arena *others_arena;
	struct map *others; /* no sources, as the last generation has it */
};

/* ---- what the tasks came to ---- */

static void
report(struct watch_mode *w, const struct event *ev)
{
	const struct run_call *c = ev->call;

	w->reported++;
	switch (c->outcome) {
	case OUTCOME_PASSED:
	case OUTCOME_UP_TO_DATE:
	case OUTCOME_CACHED:
	case OUTCOME_SKIPPED:
		term_print(w->p->term, STDERR_FILENO, COLOR_GREEN,
		    "task: task \"%s\" finished running\n", c->called_name);
		break;
	case OUTCOME_CANCELLED:
		/* of a signal only what a command died of is told (C-402) */
		if (w->cancelled || ev->err == NULL || ev->err->status < 0)
			break;
		/* fallthrough */
	case OUTCOME_FAILED:
		if (ev->err != NULL)
			term_print(w->p->term, STDERR_FILENO, COLOR_RED,
			    "%s\n", ev->err->message);
		break;
	case OUTCOME_NONE:
	case OUTCOME_NOT_RUN:
		break;
	}
}

static void
on_watch_event(void *ctx, const struct event *ev)
{
	struct watch_mode *w = ctx;

	if (ev->kind == EVENT_CALL_STARTED)
		watch_files_add(&w->files, ev->call->ctask);
	else if (ev->kind == EVENT_CALL_DONE && ev->call->parent == NULL)
		report(w, ev);
}

/* ---- changes ---- */

static void
start_again(struct watch_mode *w)
{
	w->again = true;
	if (w->run == NULL || w->cancelled)
		return;
	w->cancelled = true;
	run_cancel(w->run);
}

static void
watch_tell(struct watch_mode *w, const char *what, const char *about)
{
	if (w->p->s->verbose)
		term_print(w->p->term, STDERR_FILENO, COLOR_MAGENTA,
		    "task: %s: %s\n", what, about);
}

static void
tell_event(struct watch_mode *w, const char *op, const char *path)
{
	struct sb text cleanup_sb = SB_INIT;

	sb_printf(&text, "%-13s ", op);
	sb_quote_go(&text, sv_of(path));
	watch_tell(w, "received watch event", sb_cstr(&text));
}

/* C-407: what is no source changes nothing. */
static void
tell_others(struct watch_mode *w, struct arena *a, const string_vec *unknown)
{
	const char *const *path;

	vec_each(unknown, path) {
		struct err ignored cleanup_err = ERR_INIT;
		char *rel;

		if (watch_files_see(&w->files, *path, true) != SEEN_NO_SOURCE)
			continue;
		map_put(w->others, sv_of(*path), w);
		if (path_rel(a, sv_of(w->p->root_dir), sv_of(*path), &rel,
			&ignored))
			watch_tell(w, "skipped for file not in sources", rel);
	}
}

/* All that happened since it was quiet last. */
static void
on_watch_settled(void *ctx)
{
	struct watch_mode *w = ctx;
	struct arena *a cleanup_arena = w->pending_arena;
	const struct map *pending = w->pending;
	const struct map_entry *m;
	string_vec unknown = { 0 };
	bool changed = w->found;

	w->found = false;
	w->settle_timer = NULL;
	w->pending_arena = arena_new();
	w->pending = map_new(w->pending_arena);
	w->unfinished = 0;
	map_each(pending, m) {
		tell_event(w, ((struct pending *)m->value)->op, m->key.p);
		if (watch_ignores(m->key.p)) {
			watch_tell(w, "event skipped for being an ignored dir",
			    m->key.p);
			continue;
		}
		switch (watch_files_see(&w->files, m->key.p, true)) {
		case SEEN_CHANGED:
			changed = true;
			break;
		case SEEN_NO_SOURCE:
			vec_push(a, &unknown, m->key.p);
			break;
		case SEEN_SAME:
			break;
		}
	}
	/* a new file is a source if a look at all of them meets it */
	if (unknown.n > 0)
		changed |= watch_files_look(&w->files, 0);
	tell_others(w, a, &unknown);
	if (changed)
		start_again(w);
}

static int64_t
quiet_ns(const struct watch_mode *w)
{
	if (!w->at_once)
		return w->interval_ns;
	return w->unfinished > 0 || w->found ? SETTLE_NS : WHOLE_NS;
}

/* C-405: at once after a time of quiet, else when it is quiet again. */
static void
wait_for_quiet(struct watch_mode *w)
{
	int64_t now = loop_now(w->loop);

	if (w->settle_timer == NULL)
		w->at_once = now - w->event_ns >= w->interval_ns &&
			     SETTLE_NS <= w->interval_ns;
	else
		loop_timer_stop(w->loop, &w->settle_timer);
	w->event_ns = now;
	w->settle_timer = loop_timer(w->loop, quiet_ns(w), on_watch_settled, w);
}

/* C-405 holds for what a look at everything has found as well. */
static void
found(struct watch_mode *w)
{
	w->found = true;
	if (w->settle_timer == NULL)
		wait_for_quiet(w);
}

static bool
is_of_name(enum fswatch_event what)
{
	return what == FSWATCH_ENTRY || what == FSWATCH_PLACED;
}

/* false: it is nothing that waits, and the end of no writing. */
static bool
note_pending(struct watch_mode *w, const char *path, enum fswatch_event what)
{
	struct pending *p = map_get(w->pending, sv_of(path));
	bool is_whole = what == FSWATCH_CLOSED || what == FSWATCH_PLACED;

	if (p == NULL && what == FSWATCH_CLOSED)
		return false;
	if (p == NULL) {
		p = arena_new_of(w->pending_arena, struct pending);
		p->op = is_of_name(what) ? "CREATE" : "WRITE";
		p->is_whole = true;
		map_put(w->pending, sv_of(path), p);
	}
	if (is_of_name(what) && access(path, F_OK) != 0)
		p->op = "REMOVE";
	w->unfinished += (size_t)p->is_whole - (size_t)is_whole;
	p->is_whole = is_whole;
	return true;
}

static void
on_file(void *ctx, const char *path, enum fswatch_event what)
{
	struct watch_mode *w = ctx;
	bool verbose = w->p->s->verbose;

	if (!verbose && (watch_ignores(path) ||
		map_get(w->others, sv_of(path)) != NULL))
		return;
	if (!is_of_name(what) &&
	    watch_files_see(&w->files, path, false) == SEEN_SAME)
		return;
	if (note_pending(w, path, what))
		wait_for_quiet(w);
}

/* C-403: for directories that are new, and for changes that no event told of.
 * What appears during a run is taken for the run's own. */
static void
on_rescan(void *ctx)
{
	struct watch_mode *w = ctx;
	int64_t begin_ns = loop_now(w->loop), wait_ns;

	if (watch_files_look(&w->files, w->run ? INT64_MAX : w->ended_ns))
		found(w);
	wait_ns = RESCAN_SHARE * (loop_now(w->loop) - begin_ns);
	w->rescan_timer = loop_timer(
	    w->loop, wait_ns > RESCAN_NS ? wait_ns : RESCAN_NS, on_rescan, w);
}

static void
on_watch_signal(void *ctx, int sig)
{
	struct watch_mode *w = ctx;
	const char *name = sig == SIGINT ? "interrupt"
	    : sig == SIGHUP		 ? "hangup"
	    : sig == SIGQUIT		 ? "quit"
					 : "terminated";

	if (w->sig == 0 && !w->p->s->watch)
		term_print(w->p->term, STDOUT_FILENO, COLOR_YELLOW,
		    "task: Signal received: \"%s\"\n", name);
	if (w->sig == 0)
		w->sig = sig;
	if (w->run != NULL)
		run_signal(w->run, sig);
}

/* ---- generations ---- */

static void
others_reset(struct watch_mode *w)
{
	if (w->others_arena != NULL)
		arena_free(w->others_arena);
	w->others_arena = arena_new();
	w->others = map_new(w->others_arena);
}

static void
run_once(struct watch_mode *w, struct run_setup *work)
{
	const struct run_result *r;
	int status;

	w->run = work->run;
	w->reported = 0;
	w->cancelled = false;
	run_loop(work->run, w->calls->v, w->calls->n);
	w->run = NULL;
	r = run_get_result(work->run);
	if (w->reported == 0 && err_is_set(&r->err))
		term_print(w->p->term, STDERR_FILENO, COLOR_RED, "%s\n",
		    r->err.message);
	status = err_is_set(&r->err) ? err_exit_status(r->err.code) : 0;
	record_end(work, r, status, output_verdict(work->p->a, r, NULL), "");
	run_setup_leave(work, status);
}

/* Everything of a generation lives in its own arena; dynamic variables are
 * computed anew, the Taskfile is not read again (C-407). */
static void
generation(struct watch_mode *w)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct project p = *w->p;
	struct run_request q = { .calls = *w->calls,
		.executor = w->executor,
		.listener = &w->listener };
	struct run_setup work;

	p.a = a;
	compiler_init(a, &p.compiler);
	w->again = false;
	watch_files_next(&w->files);
	if (!run_setup_open(&p, &q, &work, &e)) {
		term_print(p.term, STDERR_FILENO, COLOR_RED, "%s\n",
		    e.message);
		return;
	}
	run_once(w, &work);
	if (w->sig == 0 && !w->again) {
		watch_files_add_calls(&w->files, &p.compiler, w->calls);
		watch_files_forget_old(&w->files);
		others_reset(w);
		if (watch_files_look(&w->files, INT64_MAX))
			found(w);
	}
	run_setup_close(&work);
	w->after->fn(w->after->ctx, &p, work.dir.id, work.dir.path);
	w->ended_ns = clock_real_ns();
}

/* Has the task, or one that it calls, sources that could change? */
static bool
watches_something(const struct taskfile *tf, const char *name, struct map *seen)
{
	const struct task *t = map_get(tf->tasks, sv_of(name));
	bool any;

	/* what only the run can tell may well have some */
	if (t == NULL)
		return strstr(name, "{{") != NULL;
	if (map_get(seen, sv_of(name)) != NULL)
		return false;
	map_put(seen, sv_of(name), (void *)t);
	any = t->sources.n > 0;
	for (size_t i = 0; i < t->deps.n && !any; i++)
		any = watches_something(tf, t->deps.v[i]->task, seen);
	for (size_t i = 0; i < t->cmds.n && !any; i++)
		any = t->cmds.v[i]->kind == CMD_TASK &&
		      watches_something(tf, t->cmds.v[i]->task, seen);
	return any;
}

static void
tell_what_never_changes(struct watch_mode *w)
{
	const struct call *c;

	vec_each(w->calls, c) {
		struct err none cleanup_err = ERR_INIT;
		struct match m;

		if (task_find(w->p->a, &w->p->compiler, c->task, &m, &none) &&
		    !watches_something(
			w->p->taskfile, m.task->name, map_new(w->p->a)))
			term_print(w->p->term, STDERR_FILENO, COLOR_YELLOW,
			    "prun: %s has no sources: no change will start it "
			    "again\n",
			    c->task);
	}
}

static void
tell_start(struct watch_mode *w)
{
	struct sb names cleanup_sb = SB_INIT;
	const struct call *c;

	vec_each(w->calls, c) {
		sb_adds(&names, names.n > 0 ? ", " : "");
		sb_adds(&names, c->task);
	}
	term_print(w->p->term, STDERR_FILENO, COLOR_GREEN,
	    "task: Started watching for tasks: %s\n", sb_cstr(&names));
	if (!w->p->s->is_compat)
		tell_what_never_changes(w);
}

static void
watch_begin(struct watch_mode *w, struct project *p, const call_vec *calls,
    int64_t interval_ns)
{
	*w = (struct watch_mode){ .p = p,
		.calls = calls,
		.loop = loop_new(),
		.listener = { on_watch_event, w },
		.interval_ns = interval_ns > 0 ? interval_ns
			       : p->taskfile->interval_ns > 0
				   ? p->taskfile->interval_ns
				   : INTERVAL_NS,
		.event_ns = INT64_MIN / 2,
		.pending_arena = arena_new() };
	w->pending = map_new(w->pending_arena);
	others_reset(w);
	w->executor = executor_local_new(w->loop);
	executor_local_set_fast(w->executor,
	    CFG_B(&p->config, features, fast_exec),
	    CFG_B(&p->config, features, fast_shell));
	loop_on_signal(w->loop, on_watch_signal, w);
	watch_files_init(&w->files, p, fswatch_new(w->loop, on_file, w));
	w->rescan_timer = loop_timer(w->loop, RESCAN_NS, on_rescan, w);
}

/* D-5: what finished jobs left behind ends with the program that a signal
 * ends. */
static void
end_left(struct watch_mode *w)
{
	int64_t until = loop_now(w->loop) + GRACE_NS + NS_PER_S;

	loop_timer_stop(w->loop, &w->settle_timer);
	loop_timer_stop(w->loop, &w->rescan_timer);
	executor_end_left(
	    w->executor, w->sig != 0 ? w->sig : SIGTERM, GRACE_NS);
	while (loop_now(w->loop) < until && loop_turn(w->loop))
		continue;
}

/* C-410: the first one has decided.  One more while prun leaves, such as the
 * second that timeout(1) sends, must not find the defaults restored. */
static void
watch_hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* C-410: whoever hangs up is told by a death of it. */
static void
die_of_hangup(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	raise(SIGHUP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void
watch_end(struct watch_mode *w)
{
	fswatch_free(w->files.fs);
	end_left(w);
	if (w->p->events != NULL)
		event_stream_attach(w->p->events, NULL);
	if (w->sig != 0)
		watch_hold_signals();
	loop_on_signal(w->loop, NULL, NULL);
	w->executor->ops->free(w->executor);
	loop_free(w->loop);
	watch_files_free(&w->files);
	arena_free(w->pending_arena);
	arena_free(w->others_arena);
}

static void
leave(int sig)
{
	(void)sig;
	_exit(0);
}

void
watch_expect_signals(void)
{
	const struct sigaction sa = { .sa_handler = leave };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

bool
watch_run(struct project *p, const call_vec *calls, int64_t interval_ns,
    const struct watch_after *after)
{
	struct watch_mode w;
	bool failed;

	watch_begin(&w, p, calls, interval_ns);
	w.after = after;
	tell_start(&w);
	while (w.sig == 0 && !p->term->stdout_failed) {
		generation(&w);
		while (w.sig == 0 && !w.again && !p->term->stdout_failed)
			loop_turn(w.loop);
	}
	failed = w.sig == 0;
	watch_end(&w);
	if (w.sig == SIGHUP)
		die_of_hangup();
	return !failed;
}
