/* SPDX-License-Identifier: MIT */
/* D-5: the grace, and what is said while it runs. */
#include "unit.h"

#include <signal.h>
#include <stdio.h>

#include "run/fake.h"

#define FILE_HEAD "version: '3'\ntasks:\n"
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))

static const struct fake_script scripts[] = {
	{ .text = "hang", .ns = -1 },
	{ .text = "cleans", .ns = -1, .cleans_ns = 8 * NS_PER_S },
	{ .text = "saves", .ns = -1, .cleans_ns = 25 * NS_PER_S },
	{ .text = "deaf", .ns = -1, .ignores_int = true },
	{ .text = "cleanup", .ns = -1 },
	{ .text = "slow cleanup", .ns = 6 * NS_PER_S },
};

/* A run of task `a` that gets signals at these seconds, 0 ends them. */
static void
interrupted(
    struct world *w, const char *tasks, int slots, int sig, const int *at_s)
{
	struct world_signal signals[4];

	world_init(w, tasks, slots);
	world_script(w, scripts, COUNT(scripts));
	w->config.grace_ns = 10 * NS_PER_S;
	w->config.int_grace_ns = 30 * NS_PER_S;
	for (int i = 0; at_s[i] != 0; i++)
		world_signal_at(&signals[i], w, sig, at_s[i] * NS_PER_S);
	assert_false(world_run(w, "a", NULL));
	assert_int_equal(run_get_result(w->run)->signal, sig);
	assert_true(w->fake.max_signals <= 1);
}

#define AT(...) ((const int[]){ __VA_ARGS__, 0 })

static int64_t
seconds(const struct world *w)
{
	return w->loop.now_ns / NS_PER_S;
}

static int
ended_by(const struct world *w, const char *task)
{
	return world_call(w, task, 0)->signal;
}

static void
cleaning_up_takes_the_time_it_takes(void **state)
{
	struct world w;

	(void)state;
	interrupted(&w, FILE_HEAD "  a: {cmds: [cleans]}\n", 1, SIGTERM, AT(1));
	assert_int_equal(ended_by(&w, "a"), SIGTERM);
	assert_int_equal(seconds(&w), 9);
	world_free(&w);
	interrupted(&w, FILE_HEAD "  a: {cmds: [saves]}\n", 1, SIGINT, AT(1));
	assert_int_equal(ended_by(&w, "a"), SIGINT);
	assert_int_equal(seconds(&w), 26);
	world_free(&w);
	interrupted(&w, FILE_HEAD "  a: {cmds: [saves]}\n", 1, SIGQUIT, AT(1));
	assert_int_equal(ended_by(&w, "a"), SIGTERM);
	assert_int_equal(seconds(&w), 26);
	world_free(&w);
}

static void
whoever_takes_longer_is_killed_and_named(void **state)
{
	static const struct {
		const char *cmd, *note;
		int sig;
		int64_t end_s;
	} t[] = {
		{ "saves", "NOTE: a did not end within 10s and was killed",
		    SIGTERM, 11 },
		{ "deaf", "NOTE: a did not end within 10s and was killed",
		    SIGHUP, 11 },
		{ "deaf", "NOTE: a did not end within 30s and was killed",
		    SIGINT, 31 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		char text[100];
		struct world w;

		snprintf(text, sizeof(text), FILE_HEAD "  a: {cmds: [%s]}\n",
		    t[i].cmd);
		interrupted(&w, text, 1, t[i].sig, AT(1));
		assert_int_equal(ended_by(&w, "a"), SIGKILL);
		assert_int_equal(seconds(&w), t[i].end_s);
		assert_true(world_saw(&w, t[i].note));
		world_free(&w);
	}
}

static void
grace_of_a_task_goes_before(void **state)
{
	struct world w;

	(void)state;
	interrupted(&w,
	    FILE_HEAD "  a: {deps: [b, c, d]}\n"
		      "  b: {grace: 40s, cmds: [saves]}\n"
		      "  c: {grace: 3s, cmds: [cleans]}\n"
		      "  d: {grace: 0s, cmds: [deaf]}\n",
	    0, SIGTERM, AT(1));
	assert_int_equal(ended_by(&w, "b"), SIGTERM);
	assert_int_equal(ended_by(&w, "c"), SIGKILL);
	assert_int_equal(ended_by(&w, "d"), SIGKILL);
	assert_true(
	    world_saw(&w, "NOTE: c did not end within 3s and was killed"));
	assert_int_equal(world_call(&w, "d", 0)->end_ns / NS_PER_S, 1);
	assert_int_equal(world_call(&w, "c", 0)->end_ns / NS_PER_S, 4);
	assert_int_equal(seconds(&w), 26);
	world_free(&w);
}

/* P-110, P-111, L-195: a time limit keeps its own, also where a signal has
 * given more. */
static void
time_limits_keep_their_own_grace(void **state)
{
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  a: {grace: 1m, cmds: [{cmd: deaf, timeout: 1s}]}\n"
		      "  b: {grace: 1m, cmds: [deaf]}\n",
	    1);
	world_script(&w, scripts, COUNT(scripts));
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(seconds(&w), 3);
	assert_null(strstr(sb_cstr(&w.events), "was killed"));
	w.config.run_timeout_ns = NS_PER_S;
	assert_false(world_run(&w, "b", NULL));
	assert_int_equal(seconds(&w), 3 + 6);
	world_free(&w);
	interrupted(&w,
	    FILE_HEAD "  a: {grace: 1m, cmds: [{cmd: deaf, timeout: 3s}]}\n", 1,
	    SIGTERM, AT(1));
	assert_int_equal(seconds(&w), 5);
	world_free(&w);
}

static void
who_is_waited_for_is_said_after_two_seconds(void **state)
{
	struct world w;

	(void)state;
	interrupted(&w, FILE_HEAD "  a: {cmds: [hang]}\n", 1, SIGTERM, AT(1));
	assert_null(strstr(sb_cstr(&w.events), "waiting for"));
	world_free(&w);
	interrupted(&w,
	    FILE_HEAD "  a: {deps: [b, c, d]}\n"
		      "  b: {cmds: [cleans]}\n"
		      "  c: {cmds: [hang]}\n"
		      "  d: {cmds: [{defer: {task: e}}, hang]}\n"
		      "  e: {cmds: [slow cleanup]}\n",
	    0, SIGTERM, AT(1));
	assert_true(world_saw(&w,
	    "NOTE: waiting for e (deferred), b; a second signal ends "
	    "deferred commands, a third one kills"));
	world_free(&w);
	interrupted(&w,
	    FILE_HEAD "  a: {deps: [{for: [1, 2, 3, 4, 5, 6, 7], task: b, "
		      "vars: {N: '{{.ITEM}}'}}]}\n"
		      "  b: {label: 'b{{.N}}', cmds: [cleans]}\n",
	    0, SIGTERM, AT(1));
	assert_non_null(strstr(sb_cstr(&w.events),
	    "NOTE: waiting for b7, b6, b5, b4, b3 and 2 more; a second"));
	world_free(&w);
}

static void
second_signal_ends_what_is_deferred_third_kills(void **state)
{
	struct world w;

	(void)state;
	interrupted(&w,
	    FILE_HEAD "  a: {cmds: [{defer: never}, {defer: cleanup}, hang]}\n",
	    1, SIGINT, AT(1, 5));
	assert_true(world_saw(&w,
	    "NOTE: deferred commands are ended; a third signal kills what "
	    "still runs"));
	assert_int_equal(world_at(&w, "start never", 0), -1);
	assert_int_equal(seconds(&w), 5);
	world_free(&w);
	interrupted(&w,
	    FILE_HEAD "  a: {cmds: [{defer: never}, {defer: deaf}, hang]}\n", 1,
	    SIGINT, AT(1, 5, 9));
	assert_true(
	    world_saw(&w, "NOTE: waiting for a (deferred); the third signal "
			  "kills"));
	assert_int_equal(seconds(&w), 9);
	assert_int_equal(world_at(&w, "start never", 0), -1);
	assert_null(strstr(sb_cstr(&w.events), "was killed"));
	world_free(&w);
	interrupted(&w, FILE_HEAD "  a: {grace: 1m, cmds: [deaf]}\n", 1,
	    SIGTERM, AT(1, 2, 3));
	assert_int_equal(seconds(&w), 3);
	assert_int_equal(ended_by(&w, "a"), SIGKILL);
	world_free(&w);
}

#define T(name) cmocka_unit_test(name)

int
test_run_interrupt(void)
{
	const struct CMUnitTest tests[] = {
		T(cleaning_up_takes_the_time_it_takes),
		T(whoever_takes_longer_is_killed_and_named),
		T(grace_of_a_task_goes_before),
		T(time_limits_keep_their_own_grace),
		T(who_is_waited_for_is_said_after_two_seconds),
		T(second_signal_ends_what_is_deferred_third_kills),
	};

	return cmocka_run_group_tests_name("run interrupt", tests, NULL, NULL);
}
