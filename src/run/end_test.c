/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>

#include "run/fake.h"

#define FILE_HEAD "version: '3'\ntasks:\n"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- retries ---- */

struct flip {
	struct fake_script s[1];
	int left;
};

static void
heal(void *ctx, const struct event *ev)
{
	struct flip *f = ctx;

	if (ev->kind == EVENT_ATTEMPT_FAILED && --f->left == 0)
		f->s[0].status = 0;
}

/* P-110 */
static void
retries_rerun_a_failed_call_and_mark_it_flaky(void **state)
{
	struct flip f = { { { .text = "bad", .status = 4 } }, 2 };
	const struct sink sink = { heal, &f };
	struct call call = { .task = "a" };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {retries: 2, retry_delay: 5s, cmds: [{defer: late}, bad]}\n",
	    1);
	world_script(&w, f.s, 1);
	w.run = run_new(&w.config, &w.compiler, &w.loop.loop, w.executors,
	    w.slots, w.fp, &sink, 1);
	assert_true(run_loop(w.run, &call, 1));
	assert_int_equal(world_call(&w, "a", 0)->attempts, 3);
	assert_true(world_call(&w, "a", 0)->flaky);
	assert_int_not_equal(world_at(&w, "end late", 2), -1);
	assert_true(w.loop.now_ns > 10 * NS_PER_S);
	world_free(&w);
}

static void
retries_end_with_the_last_failure(void **state)
{
	static const struct fake_script s[] = { { .text = "bad", .status = 4 } };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD "  a: {retries: 1, cmds: [bad]}\n", 1);
	world_script(&w, s, COUNT(s));
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(w.fake.started, 2);
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": exit status 4");
	world_free(&w);
}

/* ---- signals ---- */

/* D-5, never-events 24 and 25 */
static void
signal_reaches_each_group_once_and_defers_run(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "hang", .ns = -1 },
		{ .text = "deaf", .ns = -1, .ignores_int = true },
	};
	struct world w;
	struct world_signal at;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {deps: [x, y], cmds: [never]}\n"
	    "  x: {cmds: [{defer: late}, hang, never]}\n"
	    "  y: {cmds: [{defer: later}, deaf, never]}\n", 0);
	world_script(&w, s, COUNT(s));
	world_signal_at(&at, &w, SIGTERM, NS_PER_S);
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(run_get_result(w.run)->signal, SIGTERM);
	assert_int_equal(w.fake.max_signals, 1);
	assert_int_equal(world_at(&w, "start never", 0), -1);
	assert_int_not_equal(world_at(&w, "end late", 0), -1);
	assert_int_not_equal(world_at(&w, "end later", 0), -1);
	assert_int_equal(w.loop.now_ns, 1 + 6 * NS_PER_S + NS_PER_MS);
	assert_int_equal(world_call(&w, "x", 0)->outcome, OUTCOME_CANCELLED);
	world_free(&w);
}

static void
second_signal_skips_the_defers(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "hang", .ns = -1 },
		{ .text = "cleanup", .ns = -1 },
	};
	struct world w;
	struct world_signal first, second;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {cmds: [{defer: never}, {defer: cleanup}, hang]}\n", 0);
	world_script(&w, s, COUNT(s));
	world_signal_at(&first, &w, SIGINT, NS_PER_S);
	world_signal_at(&second, &w, SIGINT, 2 * NS_PER_S);
	assert_false(world_run(&w, "a", NULL));
	assert_int_not_equal(world_at(&w, "end cleanup", 0), -1);
	assert_int_equal(world_at(&w, "start never", 0), -1);
	assert_int_equal(w.fake.max_signals, 1);
	world_free(&w);
}

/* P-111, never-events 35: what it cut short is a deferred entry, whose own
 * failure would count for nothing. */
static void
run_timeout_in_a_deferred_entry_fails_the_run(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "cleanup", .ns = -1, .ignores_int = true },
	};
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {cmds: [{defer: never}, {defer: cleanup}, quick]}\n", 0);
	world_script(&w, s, COUNT(s));
	w.config.run_timeout_ns = 30 * NS_PER_S;
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(world_code(&w), ERR_TIMEOUT);
	assert_string_equal(world_error(&w),
	    "task: run timeout exceeded (30s)");
	assert_int_equal(world_at(&w, "start never", 0), -1);
	world_free(&w);
}

/* P-111 */
static void
run_timeout_ends_everything(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "deaf", .ns = -1, .ignores_int = true },
	};
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD "  a: [deaf, never]\n", 0);
	world_script(&w, s, COUNT(s));
	w.config.run_timeout_ns = 30 * NS_PER_S;
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(world_code(&w), ERR_TIMEOUT);
	assert_string_equal(world_error(&w),
	    "task: run timeout exceeded (30s)");
	assert_int_equal(w.loop.now_ns, 1 + 35 * NS_PER_S);
	world_free(&w);
}

/* ---- prompts ---- */

/* A user who answers after a while; `log` has what was asked. */
struct user {
	struct world *w;
	int reply;
	int64_t thinks_ns;
	struct timer *timer;
	void (*told)(void *arg, int answer);
	void *arg;
	struct sb log;
};

static void
user_answers(void *arg)
{
	struct user *u = arg;

	u->timer = NULL;
	u->told(u->arg, u->reply);
}

static void
user_ask(
    void *ctx, const char *text, void (*told)(void *arg, int answer), void *arg)
{
	struct user *u = ctx;

	assert_null(u->timer);
	sb_printf(
	    &u->log, "%s %d\n", text, (int)(u->w->loop.now_ns / NS_PER_S));
	u->told = told;
	u->arg = arg;
	if (u->thinks_ns == 0)
		told(arg, u->reply);
	else
		u->timer =
		    loop_timer(&u->w->loop.loop, u->thinks_ns, user_answers, u);
}

static void
user_ask_stop(void *ctx)
{
	struct user *u = ctx;

	assert_non_null(u->timer);
	loop_timer_stop(&u->w->loop.loop, &u->timer);
	sb_adds(&u->log, "stop\n");
}

static void
user_at(struct user *u, struct world *w)
{
	*u = (struct user){ .w = w, .reply = 1 };
	w->config.stdin_is_tty = w->config.stdout_is_tty = true;
	w->config.ask = user_ask;
	w->config.ask_stop = user_ask_stop;
	w->config.ctx = u;
}

/* L-201, D-5: who waits for an answer holds nobody up, and hears signals. */
static void
questions_wait_one_after_the_other(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "long", .ns = 7 * NS_PER_S },
		{ .text = "hang", .ns = -1 },
		{ .text = "breaks", .status = 1 },
	};
	struct world_signal at;
	struct world w;
	struct user u;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [a, b, c]}\n"
		      "  a: {prompt: [a1, a2], cmds: [one]}\n"
		      "  b: {prompt: b1, cmds: [two]}\n"
		      "  c: {cmds: [long]}\n"
		      "  cut: {deps: [a, b, d]}\n"
		      "  d: {cmds: [hang]}\n"
		      "  fails: {failfast: true, deps: [a, b, e]}\n"
		      "  e: {cmds: [long, breaks]}\n",
	    2);
	world_script(&w, s, COUNT(s));
	user_at(&u, &w);
	u.thinks_ns = 3 * NS_PER_S;
	assert_true(world_run(&w, "all", NULL));
	assert_string_equal(sb_cstr(&u.log), "a1 0\na2 3\nb1 6\n");
	/* the command of c ran meanwhile, on one of the slots */
	assert_true(world_at(&w, "end long", 0) < world_at(&w, "end two", 0));
	assert_int_equal(w.loop.now_ns / NS_PER_S, 9);

	sb_clear(&u.log);
	w.loop.now_ns = 1;
	world_signal_at(&at, &w, SIGINT, 4 * NS_PER_S);
	assert_false(world_run(&w, "cut", NULL));
	assert_string_equal(sb_cstr(&u.log), "a1 0\na2 3\nstop\n");
	assert_int_equal(w.loop.now_ns / NS_PER_S, 4);

	sb_clear(&u.log);
	w.loop.now_ns = 1;
	u.thinks_ns = 60 * NS_PER_S;
	assert_false(world_run(&w, "fails", NULL));
	assert_string_equal(sb_cstr(&u.log), "a1 0\nstop\n");
	assert_int_equal(w.loop.now_ns / NS_PER_S, 7);
	sb_free(&u.log);
	world_free(&w);
}

/* L-201, C-200, C-201 */
static void
prompts_are_asked_or_assumed(void **state)
{
	struct world w;
	struct user u;

	(void)state;
	world_init(&w, FILE_HEAD "  a: {prompt: Sure?, cmds: [one]}\n", 0);
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(world_code(&w), ERR_CANCELLED);
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": task: Task \"a\" cancelled because "
	    "it has a prompt and the environment is not a terminal. Use --yes "
	    "(-y) to run anyway.");
	user_at(&u, &w);
	u.reply = 0;
	assert_false(world_run(&w, "a", NULL));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": task: Task \"a\" cancelled by user");
	u.reply = -1;
	assert_false(world_run(&w, "a", NULL));
	assert_string_equal(world_error(&w),
	    "task: Failed to run task \"a\": EOF");
	assert_int_equal(world_code(&w), ERR_TASK_FAILED);
	u.reply = 1;
	assert_true(world_run(&w, "a", NULL));
	w.config.ask = NULL;
	w.config.stdin_is_tty = false;
	w.config.yes = true;
	assert_true(world_run(&w, "a", NULL));
	assert_int_equal(w.fake.started, 2);
	sb_free(&u.log);
	world_free(&w);
}

static const char *
give(void *ctx, struct arena *a, const char *name, const string_vec *allowed)
{
	int *asked = ctx;

	(void)allowed;
	return ++*asked > 2 ? NULL : arena_printf(a, "<%s>", name);
}

/* L-077, C-202, C-203 */
static void
missing_variables_are_asked_for_once(void **state)
{
	struct world w;
	int asked = 0;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {deps: [b, c], cmds: [{task: d}]}\n"
	    "  b: {requires: {vars: [X]}, cmds: ['b {{.X}}']}\n"
	    "  c: {requires: {vars: [X]}, cmds: ['c {{.X}}']}\n"
	    "  d: {requires: {vars: [Y]}, cmds: ['d {{.Y}}']}\n"
	    "  e: {requires: {vars: [Z]}}\n", 0);
	assert_false(world_run(&w, "a", NULL));
	assert_int_equal(world_code(&w), ERR_MISSING_VARS);
	w.config.interactive = w.config.stdin_is_tty = true;
	w.config.ask_var = give;
	w.config.ctx = &asked;
	assert_true(world_run(&w, "a", NULL));
	assert_int_equal(asked, 2);
	assert_int_not_equal(world_at(&w, "end b <X>", 0), -1);
	assert_int_not_equal(world_at(&w, "end c <X>", 0), -1);
	assert_int_not_equal(world_at(&w, "end d <Y>", 0), -1);
	assert_false(world_run(&w, "e", NULL));
	assert_string_equal(world_error(&w),
	    "task: Task \"interactive prompt\" cancelled by user");
	assert_int_equal(world_code(&w), ERR_CANCELLED);
	world_free(&w);
}

/* P-703 */
static void
calls_without_changed_sources_are_skipped(void **state)
{
	string_vec changed = { 0 };
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  all: {deps: [a, b, c]}\n"
	    "  a: {sources: ['src/*.c'], cmds: [one]}\n"
	    "  b: {sources: ['doc/**'], cmds: [two]}\n"
	    "  c: [three]\n", 0);
	vec_push(w.arena, &changed,
	    (const char *)arena_printf(w.arena, "%s/src/gone.c", w.dir));
	w.config.changed = &changed;
	assert_true(world_run(&w, "all", NULL));
	assert_int_not_equal(world_at(&w, "end one", 0), -1);
	assert_int_equal(world_at(&w, "end two", 0), -1);
	assert_int_not_equal(world_at(&w, "end three", 0), -1);
	assert_int_equal(world_call(&w, "b", 0)->skip, SKIP_CHANGED);
	assert_true(run_get_result(w.run)->narrowed);
	world_free(&w);
}

/* C-313: questions come before the directory is made */
static void
questions_need_no_directory(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD
	    "  a: {dir: new, if: test yes, status: [ask], cmds: [one]}\n", 1);
	assert_true(world_run(&w, "a", NULL));
	assert_non_null(strstr(sb_cstr(&w.fake.log), "/new'; test yes\n"));
	assert_non_null(strstr(sb_cstr(&w.fake.log), "/new'; ask\n"));
	world_free(&w);
}

#define T(name) cmocka_unit_test(name)

int
test_run_end(void)
{
	const struct CMUnitTest tests[] = {
		T(retries_rerun_a_failed_call_and_mark_it_flaky),
		T(retries_end_with_the_last_failure),
		T(signal_reaches_each_group_once_and_defers_run),
		T(second_signal_skips_the_defers),
		T(run_timeout_in_a_deferred_entry_fails_the_run),
		T(run_timeout_ends_everything),
		T(prompts_are_asked_or_assumed),
		T(questions_wait_one_after_the_other),
		T(missing_variables_are_asked_for_once),
		T(calls_without_changed_sources_are_skipped),
		T(questions_need_no_directory),
	};

	return cmocka_run_group_tests_name("run end", tests, NULL, NULL);
}
