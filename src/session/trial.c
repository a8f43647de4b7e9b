/* SPDX-License-Identifier: MIT */
/* One try of a test: a tree, what readies it, the test, what became of it. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "session/worker_internal.h"
#include "store/state.h"

/* ---- the end ---- */

/* What the test said of itself, a line each: tasks_passed=N, tasks_failed=N,
 * report=FILE (seen from where it ran). */
static const char *
results_path(const struct worker *w)
{
	const struct talk *t = &w->now->test;

	return arena_printf(w->now->a, "%s/results/%04d.%d", w->setup.folder,
	    (int)t->number, (int)t->attempt);
}

static const char *
trial_dir(const struct worker *w)
{
	return path_join(
	    w->now->a, sv_of(w->now->tree.path), sv_of(w->setup.below));
}

/* The tree is cleaned in a moment. */
static void
save_report(struct worker *w, sv path)
{
	struct trial *t = w->now;
	struct err e cleanup_err = ERR_INIT;
	char *from = path_resolve(t->a, sv_of(trial_dir(w)), path);
	const char *name = arena_printf(t->a, "reports/%04d.%d-%s",
	    (int)t->test.number, (int)t->test.attempt,
	    state_file_name(t->a, path_base(t->a, path)));
	const char *to = path_join(t->a, sv_of(w->setup.folder), sv_of(name));
	sv text;

	if (read_file(t->a, from, &text, &e) &&
	    mkdir_all(path_dir(t->a, sv_of(to)), 0700, &e) &&
	    write_atomic(to, text, 0600, &e))
		t->answer.report = name;
}

static void
read_result(struct worker *w, sv line)
{
	struct talk *answer = &w->now->answer;
	sv name, text;

	if (!sv_cut(line, '=', &name, &text))
		return;
	text = sv_trim(text);
	if (sv_is(name, "report"))
		save_report(w, text);
	if (!sv_is(name, "tasks_passed") && !sv_is(name, "tasks_failed"))
		return;
	answer->has_tasks = 1;
	*(sv_is(name, "tasks_passed") ? &answer->tasks_passed
				      : &answer->tasks_failed) =
	    strtol(sv_cstr(w->now->a, text), NULL, 10);
}

static void
read_results(struct worker *w)
{
	struct err ignored cleanup_err = ERR_INIT;
	sv text, line;

	if (!read_file(w->now->a, results_path(w), &text, &ignored))
		return;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		read_result(w, line);
	}
}

/* Nothing of the test may write into a tree that is another's by now.  The
 * session is not heard meanwhile. */
static void
end_what_is_left(struct worker *w)
{
	worker_listen(w, false);
	executor_end_left(w->x, SIGTERM, w->setup.grace_ns);
	while (loop_turn(w->l))
		;
	worker_listen(w, true);
}

static void
trial_end(struct worker *w)
{
	struct trial *t = w->now;
	bool passed = *t->answer.reason == '\0' && *t->answer.damage == '\0';
	int64_t before = clock_mono_ns();

	t->answer.passed = passed;
	if (t->has_tree && !t->is_lost)
		place_leave(w, !passed && t->test.is_last != 0 &&
				   w->setup.preserves != 0 && !t->is_cancelled);
	t->answer.pool_ns += clock_mono_ns() - before;
	worker_say(w, &t->answer);
	w->now = NULL;
	arena_free(t->a);
	free(t);
}

static void
trial_fail(struct worker *w, const char *reason)
{
	struct talk *answer = &w->now->answer;

	if (*answer->reason == '\0')
		answer->reason = arena_strdup(w->now->a, reason);
	trial_end(w);
}

/* ---- jobs: prepare and the test ---- */

static void
on_trial_late(void *arg)
{
	struct worker *w = arg;

	w->timer = NULL;
	w->now->timed_out = true;
	w->now->x->ops->end_tree(
	    w->now->x, w->now->job, SIGTERM, w->setup.grace_ns);
}

/* The words of its command line and its environment. */
static char **
trial_environment(struct worker *w, struct err *e)
{
	struct trial *t = w->now;
	struct protocol told = w->in->outer;
	string_vec env = { 0 };
	char **base;

	told.id_to = w->fifo;
	base = protocol_environment(t->a, environment_block(w->in->env), &told);
	for (; *base != NULL; base++)
		vec_push(t->a, &env, *base);
	if (!place_tell(w, &env, e))
		return NULL;
	vec_push(
	    t->a, &env, arena_printf(t->a, "WORKER_ID=%s", w->setup.worker));
	vec_push(
	    t->a, &env, arena_printf(t->a, "RESULT_FILE=%s", results_path(w)));
	if (*t->test.plan_file != '\0') {
		vec_push(t->a, &env,
		    arena_printf(t->a, "PLAN_FILE=%s", t->test.plan_file));
		vec_push(t->a, &env,
		    arena_printf(t->a, "BATCH_RANGE=%s", t->test.batch_range));
	}
	vec_push(t->a, &env, NULL);
	return (char **)env.v;
}

static void
trial_words(struct trial *t, string_vec *argv, const string_vec *words)
{
	for (size_t i = 0; i < words->n; i++)
		vec_push(t->a, argv, words->v[i]);
}

static const char *const *
trial_argv(struct worker *w, const char *task, bool is_test)
{
	struct trial *t = w->now;
	string_vec argv = { 0 };

	vec_push(t->a, &argv, w->setup.program);
	/* the status of the command that failed says more */
	vec_push(t->a, &argv, "--exit-code");
	trial_words(t, &argv, &t->test.flags);
	if (*w->setup.taskfile != '\0') {
		vec_push(t->a, &argv, "--taskfile");
		vec_push(t->a, &argv, w->setup.taskfile);
	}
	vec_push(t->a, &argv, task);
	if (is_test)
		trial_words(t, &argv, &t->test.words);
	if (is_test && *t->test.plan_file != '\0') {
		vec_push(t->a, &argv,
		    arena_printf(t->a, "PLAN_FILE=%s", t->test.plan_file));
		vec_push(t->a, &argv,
		    arena_printf(t->a, "BATCH_RANGE=%s", t->test.batch_range));
	}
	if (is_test && t->test.behind.n > 0)
		vec_push(t->a, &argv, "--");
	if (is_test)
		trial_words(t, &argv, &t->test.behind);
	vec_push(t->a, &argv, NULL);
	return argv.v;
}

static int
trial_log(struct worker *w, struct err *e)
{
	struct trial *t = w->now;
	const char *path = arena_printf(t->a, "%s/logs/%04d.%d-%s.log",
	    w->setup.folder, (int)t->test.number, (int)t->test.attempt,
	    state_file_name(t->a, t->test.name));
	int fd;

	if (!mkdir_all(path_dir(t->a, sv_of(path)), 0700, e) ||
	    !mkdir_all(path_dir(t->a, sv_of(results_path(w))), 0700, e))
		return -1;
	t->log = path;
	fd = open_own(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		err_sys(e, errno, "open %s", path);
	return fd;
}

static void
start_clock(struct worker *w)
{
	w->now->started_ns = clock_mono_ns();
	if (w->now->test.timeout_ns > 0)
		w->timer = loop_timer(
		    w->l, w->now->test.timeout_ns, on_trial_late, w);
}

/* In a queue it does not run yet. */
static void
on_trial_runs(void *arg)
{
	start_clock(arg);
}

static void
trial_start(struct worker *w, const char *task, bool is_test,
    void (*done)(void *, const struct job_result *))
{
	struct trial *t = w->now;
	struct err e cleanup_err = ERR_INIT;
	int log cleanup_close = trial_log(w, &e);
	struct job_spec spec = { .argv = trial_argv(w, task, is_test),
		.dir = trial_dir(w),
		.env = trial_environment(w, &e),
		.in = { STDIO_NULL, 0 },
		.out = { STDIO_FD, log },
		.err = { STDIO_STDOUT, 0 },
		.timeout_ns = t->test.timeout_ns,
		.running = on_trial_runs,
		.done = done,
		.arg = w };

	t->started_ns = clock_mono_ns();
	t->is_test = is_test;
	t->x = is_test && w->far != NULL ? w->far : w->x;
	t->job = log < 0 || spec.env == NULL
		     ? NULL
		     : t->x->ops->start(t->x, &spec, &e);
	if (t->job == NULL) {
		trial_fail(w, e.message);
		return;
	}
	executor_runner(t->x, t->job, executor_job_id(t->x, t->job));
	if (!t->x->ops->queues)
		start_clock(w);
}

/* In words; "" : it passed. */
static const char *
why_failed(struct worker *w, const struct job_result *r)
{
	struct trial *t = w->now;

	if (t->is_cancelled)
		return "cancelled";
	if (t->timed_out)
		return arena_printf(t->a, "not done after %s",
		    duration_text(t->a, t->test.timeout_ns));
	if (r->not_started)
		return arena_strdup(t->a, r->error.message);
	if (r->signal != 0)
		return arena_printf(t->a, "killed by signal %d", r->signal);
	return r->status == 0 ? "" : arena_printf(t->a, "exit %d", r->status);
}

static void
job_is_over(struct worker *w, const struct job_result *r)
{
	struct trial *t = w->now;

	loop_timer_stop(w->l, &w->timer);
	t->job = NULL;
	t->answer.exit_status = r->status;
	t->answer.reason = why_failed(w, r);
}

/* ---- the steps; each but the first begins outside of the loop ---- */

static void
trial_finish(struct worker *w)
{
	struct trial *t = w->now;
	struct err e cleanup_err = ERR_INIT;

	worker_read_ids(w);
	end_what_is_left(w);
	read_results(w);
	if (!place_compare(w, &e))
		t->answer.damage = arena_strdup(t->a, e.message);
	err_clear(&e);
	if (*t->answer.reason == '\0' && *t->answer.damage == '\0' &&
	    w->setup.merges != 0 && !place_commit(w, &e))
		t->answer.reason = arena_printf(
		    t->a, "what it changed is no commit: %s", e.message);
	trial_end(w);
}

static void
on_trial_done(void *arg, const struct job_result *r)
{
	struct worker *w = arg;

	job_is_over(w, r);
	w->now->answer.test_ns = clock_mono_ns() - w->now->started_ns;
	w->soon = trial_finish;
}

static void
trial_test(struct worker *w)
{
	struct err e cleanup_err = ERR_INIT;

	if (w->now->is_cancelled) {
		trial_fail(w, "cancelled");
	} else if (!place_check(w, &e)) {
		w->now->answer.no_retry = 1;
		trial_fail(w, e.message);
	} else {
		trial_start(w, w->now->test.task, true, on_trial_done);
	}
}

static void
on_prepared(void *arg, const struct job_result *r)
{
	struct worker *w = arg;
	struct talk *answer = &w->now->answer;

	job_is_over(w, r);
	answer->pool_ns += clock_mono_ns() - w->now->started_ns;
	if (*answer->reason == '\0')
		place_is_prepared(w);
	else
		answer->reason = arena_printf(w->now->a, "%s (prepare): %s",
		    w->setup.prepare, answer->reason);
	w->soon = *answer->reason == '\0' ? trial_test : trial_finish;
}

static void
trial_prepare(struct worker *w)
{
	if (!w->now->is_cancelled && place_wants_prepare(w))
		trial_start(w, w->setup.prepare, false, on_prepared);
	else
		trial_test(w);
}

static void trial_lease(struct worker *w);

static void
on_lease_again(void *arg)
{
	struct worker *w = arg;

	w->timer = NULL;
	w->soon = trial_lease;
}

/* All trees are somebody's: another session's. */
static void
await_tree(struct worker *w)
{
	struct talk waits = { .say = "waits", .number = w->now->test.number };

	if (!w->now->has_waited)
		worker_say(w, &waits);
	w->now->has_waited = true;
	w->timer =
	    loop_timer(w->l, POOL_POLL_MS * NS_PER_MS, on_lease_again, w);
}

static void
trial_lease(struct worker *w)
{
	struct trial *t = w->now;
	struct err e cleanup_err = ERR_INIT;
	struct talk has = { .say = "tree", .number = t->test.number };
	int64_t before = clock_mono_ns();
	bool busy = false;

	if (t->is_cancelled) {
		trial_fail(w, "cancelled");
	} else if (place_take(w, &busy, &e)) {
		t->answer.pool_ns += clock_mono_ns() - before;
		has.tree = t->tree.name;
		has.path = t->tree.path;
		has.pool_ns = t->answer.pool_ns;
		worker_say(w, &has);
		trial_prepare(w);
	} else if (busy) {
		await_tree(w);
	} else {
		trial_fail(w, e.message);
	}
}

void
trial_begin(struct worker *w, const struct talk *test)
{
	struct trial *t = xcalloc(1, sizeof(*t));

	t->a = arena_new();
	t->ports_fd = -1;
	t->test = *test;
	t->answer = talk_new("done");
	t->answer.number = test->number;
	t->answer.attempt = test->attempt;
	t->answer.exit_status = -1;
	w->now = t;
	w->soon = trial_lease;
}

void
trial_cancel(struct worker *w)
{
	struct trial *t = w->now;

	if (t == NULL || t->is_cancelled)
		return;
	t->is_cancelled = true;
	if (t->job != NULL)
		t->x->ops->end_tree(t->x, t->job, SIGTERM, w->setup.grace_ns);
}

void
trial_is_run(struct worker *w, const char *id)
{
	struct talk says = { .say = "run", .run = id };

	/* that of `prepare` is not the test's */
	if (w->now == NULL || !w->now->is_test)
		return;
	says.number = w->now->test.number;
	w->now->answer.run = arena_strdup(w->now->a, id);
	worker_say(w, &says);
}
