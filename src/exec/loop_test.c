/* SPDX-License-Identifier: MIT */
#include "exec/loop.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "exec/exec_fixture.h"
#include "exec/loop_uv.h"
#include "unit.h"

static struct loop *l;

static int
set_up(void **state)
{
	(void)state;
	l = loop_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	loop_free(l);
	return 0;
}

/* ---- signals ---- */

static void
count(void *arg)
{
	++*(int *)arg;
}

static int heard[8], n_heard;

static void
hear(void *arg, int sig)
{
	(void)arg;
	if (n_heard < 8)
		heard[n_heard++] = sig;
}

static void
nothing_happens(void *arg)
{
	(void)arg;
}

/* D-5: a run in which nothing has to be waited for has no libuv. */
static void
signals_are_told_before_there_is_anything_to_wait_for(void **state)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct soon soon = { .fn = nothing_happens };

	(void)state;
	n_heard = 0;
	loop_on_signal(l, hear, NULL);
	for (int i = 0; i < 4; i++)
		raise(sigs[i]);
	assert_int_equal(n_heard, 0);
	assert_true(loop_turn(l));
	assert_int_equal(n_heard, 4);
	assert_memory_equal(heard, sigs, sizeof(sigs));
	assert_false(loop_turn(l));
	/* between two turns, with something that is ready */
	loop_soon(l, &soon);
	raise(SIGINT);
	assert_true(loop_turn(l));
	assert_int_equal(n_heard, 5);
	loop_on_signal(l, NULL, NULL);
	assert_true(loop_turn(l));
	assert_false(loop_turn(l));
}

static void
signals_of_the_change_to_libuv_are_not_lost(void **state)
{
	int fired = 0;

	(void)state;
	n_heard = 0;
	loop_on_signal(l, hear, NULL);
	raise(SIGTERM);
	loop_timer(l, 0, count, &fired);
	raise(SIGINT);
	while (n_heard < 2)
		assert_true(loop_turn(l));
	assert_int_equal(heard[0], SIGTERM);
	assert_int_equal(heard[1], SIGINT);
	loop_on_signal(l, NULL, NULL);
}

static void
signals_of_the_last_moment_are_told(void **state)
{
	struct sigaction now;

	(void)state;
	n_heard = 0;
	loop_on_signal(l, hear, NULL);
	raise(SIGINT);
	loop_on_signal(l, NULL, NULL);
	assert_int_equal(n_heard, 1);
	sigaction(SIGINT, NULL, &now);
	assert_true(now.sa_handler == SIG_DFL);
}

/* As a shell starts a program in the background. */
static void
quit_that_was_ignored_stays_so(void **state)
{
	int fired = 0;

	(void)state;
	n_heard = 0;
	signal(SIGQUIT, SIG_IGN);
	loop_on_signal(l, hear, NULL);
	raise(SIGQUIT);
	assert_false(loop_turn(l));
	loop_timer(l, 0, count, &fired);
	raise(SIGQUIT);
	while (fired == 0)
		assert_true(loop_turn(l));
	assert_int_equal(n_heard, 0);
	loop_on_signal(l, NULL, NULL);
	signal(SIGQUIT, SIG_DFL);
}

/* ---- time ---- */

static void
turn_until(const int *counter, int wanted)
{
	while (*counter < wanted)
		assert_true(loop_turn(l));
}

static void
timer_of_any_length_is_not_due_at_once(void **state)
{
	static const int64_t lengths[] = { INT64_MAX, INT64_MAX - 1,
		INT64_MAX / 2, INT64_MAX / 1000 };
	struct timer *far[4];
	int late = 0, soon = 0;

	(void)state;
	for (int i = 0; i < 4; i++)
		far[i] = loop_timer(l, lengths[i], count, &late);
	loop_timer(l, 2 * NS_PER_MS, count, &soon);
	turn_until(&soon, 1);
	assert_int_equal(late, 0);
	for (int i = 0; i < 4; i++) {
		loop_timer_stop(l, &far[i]);
		assert_null(far[i]);
	}
	assert_false(loop_turn(l));
}

static void
timer_of_the_past_is_due_at_the_next_turn(void **state)
{
	int fired = 0;

	(void)state;
	loop_timer(l, -NS_PER_S, count, &fired);
	loop_timer(l, INT64_MIN, count, &fired);
	assert_int_equal(fired, 0);
	turn_until(&fired, 2);
	assert_false(loop_turn(l));
}

static void
shifting_timers_stops_at_the_end_of_time(void **state)
{
	int late = 0, soon = 0;
	struct timer *far = loop_timer(l, INT64_MAX / 2, count, &late);

	(void)state;
	loop_shift_timers(l, INT64_MAX);
	loop_timer(l, 0, count, &soon);
	turn_until(&soon, 1);
	assert_int_equal(late, 0);
	loop_timer_stop(l, &far);
}

static void
sums_of_times_stay_in_range(void **state)
{
	(void)state;
	assert_true(ns_add(1, 2) == 3);
	assert_true(ns_add(INT64_MAX, 1) == INT64_MAX);
	assert_true(ns_add(1, INT64_MAX) == INT64_MAX);
	assert_true(ns_add(INT64_MIN, -1) == INT64_MIN);
	assert_true(ns_add(INT64_MAX, INT64_MIN) == -1);
	assert_true(ns_add(INT64_MIN, INT64_MAX) == -1);
}

/* ---- the next turn ---- */

static void
queue_again(void *arg)
{
	struct soon *s = arg;

	loop_soon(l, s);
}

static void
what_is_soon_comes_once_a_turn_and_can_be_stopped(void **state)
{
	int a = 0, b = 0;
	struct soon one = { .fn = count, .arg = &a };
	struct soon two = { .fn = count, .arg = &b };
	struct soon again = { .fn = queue_again };

	(void)state;
	again.arg = &again;
	loop_soon(l, &one);
	loop_soon(l, &one);
	loop_soon(l, &two);
	loop_soon_stop(l, &two);
	loop_soon(l, &again);
	assert_true(loop_turn(l));
	assert_int_equal(a, 1);
	assert_int_equal(b, 0);
	assert_true(again.queued);
	loop_soon_stop(l, &again);
	loop_soon(l, &two);
	assert_true(loop_turn(l));
	assert_int_equal(b, 1);
	assert_false(loop_turn(l));
}

/* ---- children ---- */

struct raw {
	struct child child;
	int told, status;
};

static void
raw_told(void *arg, int status, const struct rusage *u)
{
	struct raw *r = arg;

	assert_non_null(u);
	r->told++;
	r->status = status;
}

static pid_t
fork_exit(int status)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(status);
	assert_true(pid > 0);
	return pid;
}

/* What a second executor starts (a program that submits jobs, say) beside the
 * local one's jobs. */
static void
children_go_to_whoever_started_them(void **state)
{
	struct raw r = { .child = { .fn = raw_told, .arg = &r } };
	struct executor *x = executor_local_new(l);
	struct heard h = { 0 };

	(void)state;
	loop_uv(l);
	r.child.pid = fork_exit(7);
	loop_child_add(l, &r.child);
	fixture_start(x, &h, "sh -c 'exit 3'");
	fixture_wait(x, &h);
	while (r.told == 0)
		assert_true(loop_turn(l));
	assert_int_equal(h.status, 3);
	assert_int_equal(r.told, 1);
	assert_true(r.child.ended);
	assert_int_equal(WEXITSTATUS(r.status), 7);
	assert_ptr_equal(loop_child_find(l, r.child.pid), &r.child);
	loop_child_remove(l, &r.child);
	assert_null(loop_child_find(l, r.child.pid));
	assert_false(loop_turn(l));
	fixture_free(&h);
	x->ops->free(x);
}

static void
two_executors_on_a_loop_keep_their_jobs_apart(void **state)
{
	enum {
		JOBS = 20
	};
	struct executor *x[2] = { executor_local_new(l),
		executor_local_new(l) };
	struct heard h[JOBS] = { 0 };
	char script[64];

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		snprintf(script, sizeof(script), "echo %d; sh -c 'exit %d'", i,
		    i + 1);
		fixture_start(x[i % 2], &h[i], script);
	}
	for (int i = 0; i < JOBS; i++)
		fixture_wait(x[i % 2], &h[i]);
	for (int i = 0; i < JOBS; i++) {
		snprintf(script, sizeof(script), "%d\n", i);
		assert_string_equal(sb_cstr(&h[i].out), script);
		assert_int_equal(h[i].status, i + 1);
		assert_int_equal(h[i].done, 1);
		fixture_free(&h[i]);
	}
	assert_false(loop_turn(l));
	x[0]->ops->free(x[0]);
	x[1]->ops->free(x[1]);
}

/* D-5: what one left behind is ended; the jobs of the other are none of that,
 * nor does the end of a tree reach them. */
static void
ending_what_is_one_executors_spares_the_other(void **state)
{
	struct executor *one = executor_local_new(l);
	struct executor *two = executor_local_new(l);
	struct heard ended = { 0 }, daemon = { 0 }, spared = { 0 };

	(void)state;
	fixture_start(two, &spared, "echo up; read x || exec sleep 300");
	fixture_wait_text(two, &spared, "up");
	fixture_start(one, &ended, "echo up; sleep 300");
	fixture_wait_text(one, &ended, "up");
	fixture_run(one, &daemon, "sleep 300 >/dev/null 2>&1 & echo gone");
	one->ops->end_tree(one, ended.job, SIGTERM, 60 * NS_PER_S);
	fixture_wait(one, &ended);
	executor_end_left(one, SIGTERM, 60 * NS_PER_S);
	for (int i = 0; i < 20; i++) {
		int fired = 0;

		loop_timer(l, 5 * NS_PER_MS, count, &fired);
		turn_until(&fired, 1);
	}
	assert_int_equal(spared.done, 0);
	/* the first one's end takes nothing from the loop */
	one->ops->free(one);
	two->ops->end_tree(two, spared.job, SIGTERM, 60 * NS_PER_S);
	fixture_wait(two, &spared);
	assert_int_equal(spared.signal, SIGTERM);
	fixture_free(&ended);
	fixture_free(&daemon);
	fixture_free(&spared);
	two->ops->free(two);
}

int
test_exec_loop(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(signals_are_told_before_there_is_anything_to_wait_for),
		T(signals_of_the_change_to_libuv_are_not_lost),
		T(signals_of_the_last_moment_are_told),
		T(quit_that_was_ignored_stays_so),
		T(timer_of_any_length_is_not_due_at_once),
		T(timer_of_the_past_is_due_at_the_next_turn),
		T(shifting_timers_stops_at_the_end_of_time),
		T(sums_of_times_stay_in_range),
		T(what_is_soon_comes_once_a_turn_and_can_be_stopped),
		T(children_go_to_whoever_started_them),
		T(two_executors_on_a_loop_keep_their_jobs_apart),
		T(ending_what_is_one_executors_spares_the_other),
	};

	return cmocka_run_group_tests_name("exec/loop", tests, NULL, NULL);
}
