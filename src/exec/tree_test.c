/* SPDX-License-Identifier: MIT */
/* Ending jobs and everything that they started (D-5, never-events 24, 25). */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "exec/exec_fixture.h"
#include "exec/local.h"
#include "exec/procs.h"
#include "unit.h"

static struct executor *x;
static struct arena *a;
static char *dir;

static int
set_up(void **state)
{
	(void)state;
	x = fixture_executor();
	a = arena_new();
	dir = fixture_mkdir(a);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	fixture_executor_free(x);
	fixture_rmdir(dir);
	arena_free(a);
	return 0;
}

static char *
file(const char *name)
{
	return arena_printf(a, "%s/%s", dir, name);
}

static struct job *
start(struct heard *h, const char *script)
{
	struct err e cleanup_err = ERR_INIT;
	struct job_spec spec;

	fixture_spec(x, h, &spec);
	spec.script = script;
	spec.dir = dir;
	spec.err.kind = STDIO_STDOUT;
	h->job = x->ops->start(x, &spec, &e);
	if (h->job == NULL)
		fail_msg("%s: %s", script, e.message);
	return h->job;
}

static void
wait_for_text(struct heard *h, const char *text)
{
	fixture_wait_text(x, h, text);
}

static void
kill_pid_of(const char *name)
{
	struct err e cleanup_err = ERR_INIT;
	sv text;

	assert_true(read_file(a, file(name), &text, &e));
	kill((pid_t)strtol(text.p, NULL, 10), SIGKILL);
}

/* macOS has no setsid(1); tests/cli/signals.sh brings one of its own. */
static void
needs_setsid(void)
{
	if (system("command -v setsid >/dev/null") != 0)
		skip();
}

/* never-event 25: a signal to the group reaches each of its members once. */
static void
signal_reaches_the_group_once(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&h, "n=0; trap 'n=$((n+1))' INT\n"
	    "(trap 'echo child; exit 0' INT; echo ready; "
	    "while sleep 0.01; do :; done) &\n"
	    "for i in 1 2 3; do wait $! && break; done; echo parent $n");
	wait_for_text(&h, "ready");
	kill(-h.job->pid, SIGINT);
	fixture_wait(x, &h);
	assert_string_equal(sb_cstr(&h.out), "ready\nchild\nparent 1\n");
	fixture_free(&h);
}

static void
tree_ends_at_once_when_it_heeds_the_signal(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&h, "sleep 100 & echo $! >pid; echo ready; wait");
	wait_for_text(&h, "ready");
	x->ops->end_tree(x, h.job, SIGTERM, 60 * NS_PER_S);
	fixture_wait(x, &h);
	assert_int_equal(h.signal, SIGTERM);
	assert_false(h.pipe_held);
	assert_false(fixture_lives(a, file("pid")));
	assert_true(h.wall_ns < 30 * NS_PER_S);
	fixture_free(&h);
}

static void
kill_comes_after_the_grace(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&h, "trap '' TERM INT; (trap '' TERM; echo $BASHPID >pid; "
	    "echo ready; for i in {1..99}; do sleep 1; done) & wait; wait");
	wait_for_text(&h, "ready");
	x->ops->end_tree(x, h.job, SIGTERM, 50 * NS_PER_MS);
	fixture_wait(x, &h);
	assert_int_equal(h.signal, SIGKILL);
	assert_false(fixture_lives(a, file("pid")));
	fixture_free(&h);
}

/* A session of its own, deaf to TERM, with an orphan in it. */
static void
another_session_ends_too(void **state)
{
	struct heard h = { 0 };

	(void)state;
	needs_setsid();
	start(&h, "setsid sh -c '(sh -c \"trap : TERM; echo \\$\\$ >orphan; "
	    "while sleep 0.1; do :; done\" &); echo $$ >pid; "
	    "trap \"\" TERM; while sleep 0.1; do :; done' & "
	    "until [ -s pid ] && [ -s orphan ]; do sleep 0.01; done; "
	    "echo ready; sleep 100");
	wait_for_text(&h, "ready");
	x->ops->end_tree(x, h.job, SIGTERM, 300 * NS_PER_MS);
	fixture_wait(x, &h);
	assert_int_equal(h.signal, SIGTERM);
	assert_false(fixture_lives(a, file("pid")));
	assert_false(fixture_lives(a, file("orphan")));
	fixture_free(&h);
}

/* The session outlives the job's own process, which ends by itself after the
 * signal: what was seen before is not forgotten. */
static void
orphans_of_the_end_end_too(void **state)
{
	struct heard h = { 0 };

	(void)state;
	needs_setsid();
	start(&h, "trap 'exit 7' TERM; setsid sh -c 'trap \"\" TERM HUP; "
	    "echo $$ >pid; while sleep 0.1; do :; done' >/dev/null 2>&1 & "
	    "until [ -s pid ]; do sleep 0.01; done; "
	    "echo ready; while sleep 0.05; do :; done");
	wait_for_text(&h, "ready");
	x->ops->end_tree(x, h.job, SIGTERM, 600 * NS_PER_MS);
	fixture_wait(x, &h);
	assert_int_equal(h.status, 7);
	assert_false(fixture_lives(a, file("pid")));
	fixture_free(&h);
}

static void
another_jobs_session_is_left_alone(void **state)
{
	struct heard one = { 0 }, two = { 0 };

	(void)state;
	needs_setsid();
	start(&one, "setsid sh -c 'echo $$ >one; exec sleep 100' & "
	    "until [ -s one ]; do sleep 0.01; done; echo ready; wait");
	start(&two, "setsid sh -c 'echo $$ >two; exec sleep 100' & "
	    "until [ -s two ]; do sleep 0.01; done; echo ready; wait");
	wait_for_text(&one, "ready");
	wait_for_text(&two, "ready");
	x->ops->end_tree(x, one.job, SIGTERM, NS_PER_S);
	fixture_wait(x, &one);
	assert_int_equal(two.done, 0);
	assert_false(fixture_lives(a, file("one")));
	assert_true(fixture_lives(a, file("two")));
	x->ops->end_tree(x, two.job, SIGTERM, NS_PER_S);
	fixture_wait(x, &two);
	assert_false(fixture_lives(a, file("two")));
	fixture_free(&one);
	fixture_free(&two);
}

static void
group_that_is_left_behind_can_be_ended(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&h, "(sh -c 'trap \"\" TERM; echo $$ >pid; sleep 100; "
	    "sleep 100' >/dev/null 2>&1 &); "
	    "until [ -s pid ]; do sleep 0.01; done");
	fixture_wait(x, &h);
	assert_true(fixture_lives(a, file("pid")));
	executor_end_left(x, SIGTERM, 20 * NS_PER_MS);
	while (loop_turn(x->loop))
		;
	assert_false(fixture_lives(a, file("pid")));
	fixture_free(&h);
}

#ifdef PRUN_LINUX
/* A session of its own, twice forked, deaf to TERM, and holding the pipe. */
static void
children_that_left_the_group_end_too(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&h, "setsid sh -c '(trap \"\" TERM; echo $$ >lost; "
	    "exec sleep 100) & (exec setsid sh -c \"echo \\$\\$ >pid; "
	    "trap : TERM; while sleep 0.1; do :; done\") & exit 0' & "
	    "wait $!; until [ -s pid ]; do sleep 0.01; done; echo ready; "
	    "sleep 100");
	wait_for_text(&h, "ready");
	/* longer than prun waits for the output of what is not being ended */
	x->ops->end_tree(x, h.job, SIGTERM, 2500 * NS_PER_MS);
	fixture_wait(x, &h);
	assert_int_equal(h.signal, SIGTERM);
	assert_false(h.pipe_held);
	assert_false(fixture_lives(a, file("pid")));
	fixture_free(&h);
}

/* The tree of one job is not that of another. */
static void
other_jobs_are_left_alone(void **state)
{
	struct heard one = { 0 }, two = { 0 };

	(void)state;
	start(&one, "(setsid sh -c 'echo $$ >one; exec sleep 100' &); "
	    "until [ -s one ]; do sleep 0.01; done; echo ready; sleep 100");
	start(&two, "(setsid sh -c 'echo $$ >two; exec sleep 100' &); "
	    "until [ -s two ]; do sleep 0.01; done; echo ready; read x <go");
	wait_for_text(&one, "ready");
	wait_for_text(&two, "ready");
	x->ops->end_tree(x, one.job, SIGTERM, NS_PER_S);
	fixture_wait(x, &one);
	assert_int_equal(two.done, 0);
	assert_false(fixture_lives(a, file("one")));
	assert_true(fixture_lives(a, file("two")));
	x->ops->end_tree(x, two.job, SIGTERM, NS_PER_S);
	fixture_wait(x, &two);
	assert_false(fixture_lives(a, file("two")));
	fixture_free(&one);
	fixture_free(&two);
}

static void
what_is_left_behind_can_be_ended(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&h, "(setsid sh -c 'trap \"\" TERM; echo $$ >pid; "
	    "sleep 100; sleep 100' >/dev/null 2>&1 &); "
	    "until [ -s pid ]; do sleep 0.01; done");
	fixture_wait(x, &h);
	assert_true(fixture_lives(a, file("pid")));
	executor_end_left(x, SIGTERM, 20 * NS_PER_MS);
	while (loop_turn(x->loop))
		;
	assert_false(fixture_lives(a, file("pid")));
	fixture_free(&h);
}

static void
expect_cpu_time_of(const char *script)
{
	struct heard h = { 0 };
	int64_t before = executor_cpu_used(x);

	start(&h, script);
	wait_for_text(&h, "ready");
	while (executor_cpu_used(x) - before < 30 * NS_PER_MS)
		;
	kill(-h.job->pid, SIGKILL);
	fixture_wait(x, &h);
	assert_true(executor_cpu_used(x) - before >= 30 * NS_PER_MS);
	fixture_free(&h);
}

static void
cpu_time_of_running_jobs_is_seen(void **state)
{
	(void)state;
	expect_cpu_time_of("ulimit -t 20; echo ready; while :; do :; done");
	/* whoever is below them, at any depth */
	expect_cpu_time_of("ulimit -t 20; (sh -c 'while :; do :; done'; :) & "
			   "echo ready; wait");
}
#endif

/* D-5: a daemon lives on; prun waits 2 s for its pipe and says so. */
static void
daemon_lives_on_and_is_not_waited_for(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&h, "echo before; (echo $BASHPID >pid; while sleep 0.05; "
	    "do echo again; done) & echo after");
	fixture_wait(x, &h);
	assert_int_equal(h.status, 0);
	assert_true(h.pipe_held);
	assert_non_null(strstr(sb_cstr(&h.out), "before"));
	assert_non_null(strstr(sb_cstr(&h.out), "after"));
	assert_true(h.wall_ns < NS_PER_S);
	assert_true(fixture_lives(a, file("pid")));
	/* its pipe is still read, so that it does not die of writing */
	for (int i = 0; i < 3; i++) {
		struct heard other = { 0 };

		start(&other, "sleep 0.06");
		fixture_wait(x, &other);
		fixture_free(&other);
	}
	assert_true(fixture_lives(a, file("pid")));
	kill_pid_of("pid");
	fixture_free(&h);
}

static void
short_lived_child_is_waited_for(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&h, "(until [ -e go ]; do sleep 0.01; done; echo late) & "
	    "echo early; (sleep 0.05; touch go) &");
	fixture_wait(x, &h);
	assert_false(h.pipe_held);
	assert_string_equal(sb_cstr(&h.out), "early\nlate\n");
	fixture_free(&h);
}

static void
stopped_job_can_be_ended(void **state)
{
	struct heard h = { 0 };

	(void)state;
	start(&h, "echo ready; kill -STOP $$; echo no");
	wait_for_text(&h, "ready");
	x->ops->end_tree(x, h.job, SIGTERM, 60 * NS_PER_S);
	fixture_wait(x, &h);
	assert_string_equal(sb_cstr(&h.out), "ready\n");
	fixture_free(&h);
}

static int last_signal, n_signals;

static void
heard_signal(void *arg, int sig)
{
	(void)arg;
	last_signal = sig;
	n_signals++;
}

static void
own_signals_are_told_and_not_passed_on(void **state)
{
	struct heard h = { 0 };

	(void)state;
	n_signals = 0;
	loop_on_signal(x->loop, heard_signal, NULL);
	start(&h, "echo ready; until [ -e go ]; do sleep 0.01; done; "
	    "echo alive");
	wait_for_text(&h, "ready");
	kill(getpid(), SIGINT);
	while (n_signals == 0)
		loop_turn(x->loop);
	fclose(fopen(file("go"), "w"));
	fixture_wait(x, &h);
	assert_int_equal(n_signals, 1);
	assert_int_equal(last_signal, SIGINT);
	assert_string_equal(sb_cstr(&h.out), "ready\nalive\n");
	fixture_free(&h);
	loop_on_signal(x->loop, NULL, NULL);
}

/* never-event 23: many jobs side by side, each is told once. */
static void
five_hundred_jobs_on_four_slots(void **state)
{
	struct heard h[4] = { 0 };
	int started = 0, finished = 0;

	(void)state;
	while (finished < 500) {
		for (int i = 0; i < 4; i++) {
			if (h[i].job != NULL && h[i].done == 0)
				continue;
			if (h[i].job != NULL) {
				assert_int_equal(h[i].status, 3);
				assert_string_equal(sb_cstr(&h[i].out), "x\n");
				finished++;
				fixture_free(&h[i]);
			}
			if (started < 500) {
				start(&h[i], started % 10 == 0 ?
				    "echo x; exit 3" : "sh -c 'echo x; exit 3'");
				started++;
			}
		}
		loop_turn(x->loop);
	}
	assert_int_equal(finished, 500);
	assert_false(loop_turn(x->loop));
}

#ifdef PRUN_LINUX
/* Which of those that run are marked for the run. */
static size_t
count_marked(const char *run, uint64_t since)
{
	proc_vec all;
	size_t n = 0;

	assert_true(procs_list(a, run, since, &all));
	for (size_t i = 0; i < all.n; i++)
		n += all.v[i].is_marked;
	return n;
}

static void
processes_of_a_run_are_known_by_their_mark(void **state)
{
	const struct local *local = (const struct local *)x;
	char *other = arena_strdup(a, local->run);
	struct heard h = { 0 };

	(void)state; /* P-116 */
	start(&h, "setsid sh -c 'echo up; exec sleep 100' & wait");
	wait_for_text(&h, "up");
	assert_int_equal(count_marked(local->run, local->since), 2);
	assert_int_equal(count_marked(local->run, procs_start_now() + 1000), 0);
	/* the same pid in another namespace, or some time ago */
	other[strlen(other) - 2] ^= 1;
	assert_int_equal(count_marked(other, local->since), 0);
	x->ops->end_tree(x, h.job, SIGKILL, 0);
	fixture_wait(x, &h);
	assert_int_equal(count_marked(local->run, local->since), 0);
	fixture_free(&h);
}
#endif

int
test_exec_tree(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(signal_reaches_the_group_once),
		T(tree_ends_at_once_when_it_heeds_the_signal),
		T(kill_comes_after_the_grace),
		T(another_session_ends_too),
		T(orphans_of_the_end_end_too),
		T(another_jobs_session_is_left_alone),
		T(group_that_is_left_behind_can_be_ended),
#ifdef PRUN_LINUX
		T(children_that_left_the_group_end_too),
		T(other_jobs_are_left_alone),
		T(processes_of_a_run_are_known_by_their_mark),
		T(what_is_left_behind_can_be_ended),
		T(cpu_time_of_running_jobs_is_seen),
#endif
		T(daemon_lives_on_and_is_not_waited_for),
		T(short_lived_child_is_waited_for),
		T(stopped_job_can_be_ended),
		T(own_signals_are_told_and_not_passed_on),
		T(five_hundred_jobs_on_four_slots),
	};

	return cmocka_run_group_tests_name("exec/tree", tests, NULL, NULL);
}
