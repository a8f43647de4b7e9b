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
#include "cli/run_setup.h"
#include "cli/watch_files.h"
#include "output/event_stream.h"

#define INTERVAL_NS (100 * NS_PER_MS)
/* After a time of quiet: just long enough that a file which is made and then
 * written is one change. */
#define SETTLE_NS (2 * NS_PER_MS)
#define RESCAN_NS (5 * NS_PER_S)
/* of the time that looking takes: a huge tree is looked at less often */
#define RESCAN_SHARE 100
#define GRACE_NS (5 * NS_PER_S)

struct watch_mode {
	struct app *app;
	const call_vec *calls;
	struct executor *executor;
	struct sink listener;
	struct watch_files files;
	int64_t interval_ns;

	struct run *run; /* while a generation is on */
	size_t reported; /* its named tasks that have ended */
	bool cancelled;	 /* by a change */
	bool again;	 /* a source has changed: another generation */
	bool found;	 /* a change that no event told of */
	int64_t ended_ns; /* the last generation; of the epoch */
	int sig;	 /* that ends it all */

	struct timer *settle_timer, *rescan_timer;
	int64_t delay_ns;  /* of settle_timer */
	int64_t event_ns;  /* the last event; INT64_MIN / 2: none yet */
	struct arena *pending_arena;
	struct map *pending; /* path → what happened, until it is quiet */
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
	case OUTCOME_SKIPPED:
		term_print(&w->app->term, STDERR_FILENO, COLOR_GREEN,
		    "task: task \"%s\" finished running\n", c->called_name);
		break;
	case OUTCOME_CANCELLED:
		/* of a signal only what a command died of is told (C-402) */
		if (w->cancelled || ev->err == NULL || ev->err->status < 0)
			break;
		/* fallthrough */
	case OUTCOME_FAILED:
		if (ev->err != NULL)
			term_print(&w->app->term, STDERR_FILENO, COLOR_RED,
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
	if (OPT_B(&w->app->o, verbose))
		term_print(&w->app->term, STDERR_FILENO, COLOR_MAGENTA,
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
		if (path_rel(a, sv_of(w->app->root_dir), sv_of(*path), &rel,
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
	map_each(pending, m) {
		tell_event(w, m->value, m->key.p);
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

/* C-405: at once after a time of quiet, else when it is quiet again. */
static void
wait_for_quiet(struct watch_mode *w)
{
	const struct executor_ops *ops = w->executor->ops;
	int64_t now = ops->now(w->executor);

	if (w->settle_timer == NULL)
		w->delay_ns = now - w->event_ns < w->interval_ns ||
			SETTLE_NS > w->interval_ns ?
		    w->interval_ns : SETTLE_NS;
	else
		ops->timer_stop(w->executor, w->settle_timer);
	w->event_ns = now;
	w->settle_timer =
	    ops->timer(w->executor, w->delay_ns, on_watch_settled, w);
}

/* C-405 holds for what a look at everything has found as well. */
static void
found(struct watch_mode *w)
{
	w->found = true;
	if (w->settle_timer == NULL)
		wait_for_quiet(w);
}

static void
on_file(void *ctx, const char *path, bool entry)
{
	struct watch_mode *w = ctx;
	bool verbose = OPT_B(&w->app->o, verbose);
	const char *op = "WRITE";

	if (!verbose && (watch_ignores(path) ||
		map_get(w->others, sv_of(path)) != NULL))
		return;
	if (!entry && watch_files_see(&w->files, path, false) == SEEN_SAME)
		return;
	if (entry)
		op = access(path, F_OK) == 0 ? "CREATE" : "REMOVE";
	if (map_get(w->pending, sv_of(path)) == NULL || strcmp(op, "REMOVE") == 0)
		map_put(w->pending, sv_of(path), (void *)op);
	wait_for_quiet(w);
}

/* C-403: for directories that are new, and for changes that no event told of.
 * What appears during a run is taken for the run's own. */
static void
on_rescan(void *ctx)
{
	struct watch_mode *w = ctx;
	const struct executor_ops *ops = w->executor->ops;
	int64_t begin_ns = ops->now(w->executor), wait_ns;

	if (watch_files_look(&w->files, w->run ? INT64_MAX : w->ended_ns))
		found(w);
	wait_ns = RESCAN_SHARE * (ops->now(w->executor) - begin_ns);
	w->rescan_timer = ops->timer(w->executor,
	    wait_ns > RESCAN_NS ? wait_ns : RESCAN_NS, on_rescan, w);
}

static void
on_watch_signal(void *ctx, int sig)
{
	struct watch_mode *w = ctx;
	const char *name = sig == SIGINT ? "interrupt" :
	    sig == SIGHUP ? "hangup" : "terminated";

	if (w->sig == 0 && !OPT_B(&w->app->o, watch))
		term_print(&w->app->term, STDOUT_FILENO, COLOR_YELLOW,
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
		term_print(&w->app->term, STDERR_FILENO, COLOR_RED, "%s\n",
		    r->err.message);
	status = err_is_set(&r->err) ? err_exit_status(r->err.code) : 0;
	record_end(work, r, status, "");
	setup_leave(work, status);
}

/* Everything of a generation lives in its own arena; dynamic variables are
 * computed anew, the Taskfile is not read again (C-407). */
static void
generation(struct watch_mode *w)
{
	struct arena *a cleanup_arena = arena_new();
	struct err e cleanup_err = ERR_INIT;
	struct app app = *w->app;
	struct run_setup work;

	app.a = a;
	compiler_init(a, &app.compiler);
	w->again = false;
	watch_files_next(&w->files);
	if (!setup_open(&app, w->calls, &work, &e)) {
		term_print(&app.term, STDERR_FILENO, COLOR_RED, "%s\n",
		    e.message);
		return;
	}
	run_once(w, &work);
	if (w->sig == 0 && !w->again) {
		watch_files_add_calls(&w->files, &app.compiler, w->calls);
		watch_files_forget_old(&w->files);
		others_reset(w);
		if (watch_files_look(&w->files, INT64_MAX))
			found(w);
	}
	setup_close(&work);
	w->ended_ns = clock_real_ns();
	w->app->term.stdout_failed |= app.term.stdout_failed;
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
	term_print(&w->app->term, STDERR_FILENO, COLOR_GREEN,
	    "task: Started watching for tasks: %s\n", sb_cstr(&names));
}

static void
watch_begin(struct watch_mode *w, struct app *app, const call_vec *calls)
{
	int64_t flag = OPT_I(&app->o, interval);

	*w = (struct watch_mode){ .app = app,
		.calls = calls,
		.executor = executor_local_new(),
		.listener = { on_watch_event, w },
		.interval_ns = flag > 0 ? flag
			       : app->taskfile->interval_ns > 0
				   ? app->taskfile->interval_ns
				   : INTERVAL_NS,
		.event_ns = INT64_MIN / 2,
		.pending_arena = arena_new() };
	w->pending = map_new(w->pending_arena);
	others_reset(w);
	executor_local_set_fast(w->executor,
	    CFG_B(&app->cfg, features, fast_exec));
	app->executor = w->executor;
	app->listener = &w->listener;
	w->executor->ops->on_signal(w->executor, on_watch_signal, w);
	watch_files_init(&w->files, app,
	    fswatch_new(w->executor, on_file, w));
	w->rescan_timer = w->executor->ops->timer(w->executor, RESCAN_NS,
	    on_rescan, w);
}

/* D-5: what finished jobs left behind ends with the program that a signal
 * ends. */
static void
end_left(struct watch_mode *w)
{
	struct executor *x = w->executor;
	int64_t until = x->ops->now(x) + GRACE_NS + NS_PER_S;

	if (w->settle_timer != NULL)
		x->ops->timer_stop(x, w->settle_timer);
	x->ops->timer_stop(x, w->rescan_timer);
	x->ops->end_left(x, w->sig != 0 ? w->sig : SIGTERM, GRACE_NS);
	while (x->ops->now(x) < until && x->ops->turn(x))
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
	if (w->app->events != NULL)
		event_stream_attach(w->app->events, NULL);
	if (w->sig != 0)
		watch_hold_signals();
	w->executor->ops->on_signal(w->executor, NULL, NULL);
	w->executor->ops->free(w->executor);
	watch_files_free(&w->files);
	arena_free(w->pending_arena);
	arena_free(w->others_arena);
	w->app->executor = NULL;
	w->app->listener = NULL;
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

int
cmd_watch(struct app *app, const call_vec *calls)
{
	struct watch_mode w;
	bool failed;

	watch_begin(&w, app, calls);
	tell_start(&w);
	while (w.sig == 0 && !app->term.stdout_failed) {
		generation(&w);
		while (w.sig == 0 && !w.again && !app->term.stdout_failed)
			w.executor->ops->turn(w.executor);
	}
	failed = w.sig == 0;
	watch_end(&w);
	if (w.sig == SIGHUP)
		die_of_hangup();
	return failed;
}
