/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include <signal.h>

#include "run/fake.h"
#include "run/member.h"

#define FILE_HEAD "version: '3'\ntasks:\n"

/* Somebody who takes part in a run: notes what he hears, and may hold commands
 * open and make calls. */
struct guest {
	struct run *r;
	struct sb heard;
	const char *holds;      /* a text; NULL: none */
	int64_t ns;             /* how long */
	const char *calls, *by; /* that task, when this text starts */
	struct command *held;
	struct guest_call *call;
	int settled;
};

static void
guest_begin(void *ctx, struct run *r)
{
	struct guest *g = ctx;

	g->r = r;
	sb_adds(&g->heard, "begin\n");
}

static void
on_guest_call(void *arg, struct run_call *record, struct err *err)
{
	struct guest *g = arg;

	g->settled++;
	sb_printf(&g->heard, "settled %s: %s\n", record->name,
	    err_is_set(err) ? err->message : "passed");
	if (err_is_set(err))
		command_add_failed(g->held, record);
	err_clear(err);
	guest_call_free(g->call);
	g->call = NULL;
}

static void
guest_before_spawn(void *ctx, struct command *cm, struct job_spec *spec)
{
	struct guest *g = ctx;

	assert_string_equal(spec->script, cm->text);
	assert_null(cm->guest);
	cm->guest = g;
	sb_printf(&g->heard, "spawn %s\n", cm->text);
	if (g->calls == NULL || strcmp(cm->text, g->by) != 0)
		return;
	g->held = cm;
	g->call = guest_call_start(&(struct guest_order){
	    .job = cm, .task = g->calls, .settled = on_guest_call, .arg = g });
}

static void
let_go(void *arg)
{
	struct guest *g = arg;

	assert_int_equal(g->held->state, COMMAND_HELD);
	assert_null(g->held->job);
	sb_printf(&g->heard, "let go %s\n", g->held->text);
	command_finish(g->held);
}

static bool
guest_after_exit(void *ctx, struct command *cm, const struct job_result *res)
{
	struct guest *g = ctx;

	assert_ptr_equal(cm->guest, g);
	sb_printf(&g->heard, "exit %s %d\n", cm->text, res->status);
	if (g->holds == NULL || strcmp(cm->text, g->holds) != 0)
		return false;
	g->held = cm;
	if (g->ns >= 0)
		loop_timer(run_get_loop(g->r), g->ns, let_go, g);
	return true;
}

static void
guest_cancel(void *ctx, struct command *cm, int sig, int64_t grace_ns)
{
	struct guest *g = ctx;

	assert_ptr_equal(cm, g->held);
	assert_true(grace_ns > 0);
	sb_printf(&g->heard, "cancel %s %d\n", cm->text, sig);
	command_finish(cm);
}

static void
guest_close(void *ctx)
{
	struct guest *g = ctx;

	sb_adds(&g->heard, "close\n");
}

static struct run_hooks
hooks_of(struct guest *g)
{
	return (struct run_hooks){ .begin = guest_begin,
		.before_spawn = guest_before_spawn,
		.after_exit = guest_after_exit,
		.cancel = guest_cancel,
		.close = guest_close,
		.ctx = g };
}

static void
hooks_hear_of_the_run_and_its_jobs(void **state)
{
	struct guest g = { 0 };
	struct run_hooks hooks = hooks_of(&g);
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD "  all: {if: ask, cmds: [one, two]}\n", 0);
	w.config.hooks = &hooks;
	assert_true(world_run(&w, "all", NULL));
	assert_string_equal(sb_cstr(&g.heard),
	    "begin\nspawn ask\nexit ask 0\nspawn one\nexit one 0\n"
	    "spawn two\nexit two 0\nclose\n");
	sb_free(&g.heard);
	world_free(&w);
}

/* The next command waits for the one that is held; its slot does not. */
static void
held_command_is_open_without_a_slot(void **state)
{
	struct guest g = { .holds = "one", .ns = NS_PER_S };
	struct run_hooks hooks = hooks_of(&g);
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {deps: [a, b]}\n"
		      "  a: {cmds: [one, two]}\n"
		      "  b: {cmds: [three]}\n",
	    1);
	w.config.hooks = &hooks;
	assert_true(world_run(&w, "all", NULL));
	assert_true(
	    world_at(&w, "start three", 0) < world_at(&w, "start two", 0));
	assert_true(w.loop.now_ns > NS_PER_S);
	assert_non_null(strstr(sb_cstr(&g.heard), "let go one\nspawn two\n"));
	sb_free(&g.heard);
	world_free(&w);
}

/* D-5 */
static void
signal_reaches_a_held_command_by_its_guest(void **state)
{
	struct guest g = { .holds = "one", .ns = -1 };
	struct run_hooks hooks = hooks_of(&g);
	struct world_signal sig;
	struct world w;

	(void)state;
	world_init(&w, FILE_HEAD "  all: {cmds: [one, never]}\n", 0);
	w.config.hooks = &hooks;
	world_signal_at(&sig, &w, SIGTERM, NS_PER_S);
	assert_false(world_run(&w, "all", NULL));
	assert_string_equal(sb_cstr(&g.heard),
	    "begin\nspawn one\nexit one 0\ncancel one 15\nclose\n");
	sb_free(&g.heard);
	world_free(&w);
}

/* P-104, P-108: on the slot of the job that waits for it; if that one fails
 * with its status, it is the cause. */
static void
guest_call_runs_on_the_slot_of_its_job(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "script", .ns = NS_PER_S, .status = 3 },
		{ .text = "bad", .status = 3 },
	};
	struct guest g = { .calls = "called", .by = "script" };
	struct run_hooks hooks = hooks_of(&g);
	const struct run_call *call;
	struct world w;

	(void)state;
	world_init(&w,
	    FILE_HEAD "  all: {cmds: [script]}\n"
		      "  called: {cmds: [bad]}\n",
	    1);
	world_script(&w, s, 2);
	w.config.hooks = &hooks;
	assert_false(world_run(&w, "all", NULL));
	assert_int_equal(g.settled, 1);
	assert_non_null(strstr(sb_cstr(&g.heard),
	    "settled called: task: Failed to run task \"called\": "
	    "exit status 3\n"));
	call = world_call(&w, "called", 0);
	assert_ptr_equal(call->parent, world_call(&w, "all", 0));
	assert_ptr_equal(world_call(&w, "all", 0)->cause, call);
	assert_true(world_at(&w, "end bad", 0) < world_at(&w, "end script", 0));
	sb_free(&g.heard);
	world_free(&w);
}

int
test_run_hooks(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_hear_of_the_run_and_its_jobs),
		cmocka_unit_test(held_command_is_open_without_a_slot),
		cmocka_unit_test(signal_reaches_a_held_command_by_its_guest),
		cmocka_unit_test(guest_call_runs_on_the_slot_of_its_job),
	};

	return cmocka_run_group_tests_name("run/hooks", tests, NULL, NULL);
}
