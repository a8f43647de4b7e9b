/* SPDX-License-Identifier: MIT */
/*
 * The door of a run from outside: a script's links and nested runs are played
 * by the test over the real socket, the jobs by the fake executor.
 */
#include "join/control.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "join/message.h"
#include "run/fake.h"
#include "unit.h"

#define FILE_HEAD "version: '3'\ntasks:\n"

static char folder[40];

static const char *
new_folder(struct arena *a, int *lock_fd)
{
	*lock_fd = -1;
	return arena_strdup(a, folder);
}

/* One that comes, and what was said to it. */
struct visitor {
	struct world *w;
	int fd;
	struct message_reader reader;
	struct sb heard; /* "KIND text text\n", or "KIND bytes\n" */
	const char *job; /* whose mark it has */
	const char *task;
	const char *version;
	bool ended;
	int out; /* the end of its stdout that the test reads */
};

static const char *
socket_of(struct world *w, const char *job)
{
	for (struct fake_job *j = w->fake.jobs; j != NULL; j = j->next)
		for (char *const *e = j->spec.env; *e != NULL; e++)
			if (strcmp(j->text, job) == 0 &&
			    strncmp(*e, "PRUN_CONTROL=", 13) == 0)
				return *e + 13;
	fail_msg("%s cannot reach the run", job);
	return NULL;
}

static void
visitor_hear(struct visitor *v)
{
	struct arena *a cleanup_arena = arena_new();
	struct message m;

	if (v->fd < 0)
		return;
	message_fill(&v->reader, v->fd);
	while (message_next(&v->reader, a, &m)) {
		sb_addc(&v->heard, m.kind);
		if (m.kind == MESSAGE_OUTPUT || m.kind == MESSAGE_ERRORS) {
			char n[16];
			const char *texts[] = { n, NULL };

			sb_printf(&v->heard, " %.*s", SV_ARG(m.bytes));
			snprintf(n, sizeof(n), "%zu", m.bytes.n);
			message_send(v->fd, MESSAGE_TAKEN, texts, NULL, true);
			m.n = 0;
		}
		for (size_t i = 0; i < m.n; i++)
			sb_printf(&v->heard, " %s", m.v[i]);
		sb_addc(&v->heard, '\n');
	}
	v->ended = v->reader.ended;
}

static void
visitor_connect(struct visitor *v, const char *job)
{
	v->fd = message_connect(socket_of(v->w, job));
	assert_true(v->fd >= 0);
	message_reader_init(&v->reader);
}

/* As the link `task:NAME` would. */
static void
link_calls(void *arg)
{
	struct visitor *v = arg;
	const char *texts[] = { v->version ? v->version : MESSAGE_VERSION,
		v->job, v->task, "f1", "V=x", NULL };
	int p[2], fds[3];

	visitor_connect(v, "script");
	assert_int_equal(pipe(p), 0);
	fds[0] = fds[2] = p[0];
	fds[1] = p[1];
	assert_true(message_send(v->fd, MESSAGE_CALL, texts, fds, true));
	close(p[1]);
	v->out = p[0];
}

static void
link_is_killed(void *arg)
{
	struct visitor *v = arg;

	close(v->fd);
	v->fd = -1;
}

static void
on_visitor_look(void *arg)
{
	struct visitor *v = arg;

	visitor_hear(v);
	if (!v->ended && v->fd >= 0)
		loop_timer(&v->w->loop.loop, NS_PER_MS, on_visitor_look, v);
}

/* The visitor comes after 10 ms and looks every ms. */
static void
comes(struct visitor *v, struct world *w, void (*does)(void *arg))
{
	v->w = w;
	v->fd = v->out = -1;
	loop_timer(&w->loop.loop, 10 * NS_PER_MS, does, v);
	loop_timer(&w->loop.loop, 11 * NS_PER_MS, on_visitor_look, v);
}

static void
leaves(struct visitor *v)
{
	visitor_hear(v);
	if (v->fd >= 0)
		close(v->fd);
	if (v->out >= 0)
		close(v->out);
	message_reader_free(&v->reader);
	sb_free(&v->heard);
}

/* As output/ does with what belongs to a link. */
static void
relay(struct world *w, const struct event *ev)
{
	(void)w;
	if (ev->kind == EVENT_OUTPUT && ev->call->streams != NULL)
		ev->call->streams->write(
		    ev->call->streams->arg, ev->stream, ev->bytes);
}

struct house {
	struct world w;
	struct control *k;
	struct secrets *secrets;
};

static void
house_open(struct house *h, const char *taskfile, int slots,
    const struct fake_script *scripts, size_t n)
{
	snprintf(folder, sizeof(folder), "/tmp/prun-door-XXXXXX");
	assert_non_null(mkdtemp(folder));
	world_init(&h->w, taskfile, slots);
	world_script(&h->w, scripts, n);
	h->secrets = secrets_new();
	h->k = control_new(&(struct control_options){ .program = "/bin/true",
	    .runtime_dir = new_folder,
	    .secrets = h->secrets });
	h->w.config.hooks = control_hooks(h->k);
	h->w.check = relay;
}

static void
house_close(struct house *h)
{
	world_free(&h->w);
	control_free(h->k);
	secrets_free(h->secrets);
	/* nothing of the door is left */
	assert_false(path_exists(folder));
}

#define SCRIPT                                                                 \
	FILE_HEAD "  all: {cmds: [script, after]}\n"                           \
		  "  called: {cmds: ['say {{.V}}']}\n"

/* P-104: a call of the run with its variables and output, which the link hears
 * of; the command is over when both it and its script are. */
static void
call_of_a_script_is_one_of_the_run(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "script", .ns = 50 * NS_PER_MS },
		{ .text = "say x", .ns = 200 * NS_PER_MS, .out = "hello" },
	};
	struct visitor v = { .job = "script", .task = "called" };
	struct house h;

	(void)state;
	house_open(&h, SCRIPT, 1, s, 2);
	comes(&v, &h.w, link_calls);
	assert_true(world_run(&h.w, "all", NULL));
	assert_true(
	    world_at(&h.w, "end script", 0) < world_at(&h.w, "end say x", 0));
	assert_true(
	    world_at(&h.w, "end say x", 0) < world_at(&h.w, "start after", 0));
	assert_ptr_equal(
	    world_call(&h.w, "called", 0)->parent, world_call(&h.w, "all", 0));
	assert_true(world_call(&h.w, "all", 0)->calls_ns > 0);
	visitor_hear(&v);
	/* and not before its output was taken */
	assert_string_equal(sb_cstr(&v.heard), "O hello\nD 0 \n");
	assert_true(v.ended);
	leaves(&v);
	house_close(&h);
}

static void
failure_is_told_to_the_link_and_is_the_scripts_to_judge(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "script", .ns = 50 * NS_PER_MS },
		{ .text = "say x", .status = 3 },
	};
	struct visitor v = { .job = "script", .task = "called" };
	struct house h;

	(void)state;
	house_open(&h, SCRIPT, 1, s, 2);
	comes(&v, &h.w, link_calls);
	assert_true(world_run(&h.w, "all", NULL));
	visitor_hear(&v);
	assert_string_equal(sb_cstr(&v.heard),
	    "D 3 task: Failed to run task \"called\": exit status 3\n");
	leaves(&v);
	house_close(&h);
}

/* A link that is killed takes its call with it. */
static void
call_ends_with_its_link(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "script", .ns = NS_PER_S },
		{ .text = "say x", .ns = -1 },
	};
	struct visitor v = { .job = "script", .task = "called" };
	struct house h;

	(void)state;
	house_open(&h, SCRIPT, 1, s, 2);
	comes(&v, &h.w, link_calls);
	loop_timer(&h.w.loop.loop, 30 * NS_PER_MS, link_is_killed, &v);
	assert_true(world_run(&h.w, "all", NULL));
	assert_int_equal(
	    world_call(&h.w, "called", 0)->outcome, OUTCOME_CANCELLED);
	assert_true(
	    world_at(&h.w, "end say x", 0) < world_at(&h.w, "end script", 0));
	leaves(&v);
	house_close(&h);
}

static void
strangers_and_other_versions_are_turned_away(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "script", .ns = NS_PER_S },
	};
	struct visitor stranger = { .job = "nobody's", .task = "called" };
	struct visitor old = {
		.job = "script", .task = "called", .version = "1"
	};
	struct house h;

	(void)state;
	house_open(&h, SCRIPT, 1, s, 1);
	comes(&stranger, &h.w, link_calls);
	comes(&old, &h.w, link_calls);
	assert_true(world_run(&h.w, "all", NULL));
	assert_int_equal(world_count(&h.w, "called"), 0);
	visitor_hear(&stranger);
	assert_string_equal(sb_cstr(&stranger.heard),
	    "D 1 it is not called by a task's command\n");
	assert_string_equal(sb_cstr(&old.heard), "");
	assert_true(old.ended);
	leaves(&stranger);
	leaves(&old);
	house_close(&h);
}

/* ---- nested runs ---- */

static void
say(struct visitor *v, enum message_kind kind, const char *a, const char *b,
    const char *c, const char *d)
{
	const char *texts[] = { a, b, c, d, NULL };

	assert_true(message_send(v->fd, kind, texts, NULL, true));
}

static void
nested_asks(void *arg)
{
	struct visitor *v = arg;

	visitor_connect(v, "script");
	say(v, MESSAGE_RUN, MESSAGE_VERSION, v->job, "task inner", NULL);
	say(v, MESSAGE_ASK, "1", "", "99999999999", "0");
	say(v, MESSAGE_ASK, "2", "", "-99999999999", "-99999999999");
}

static void
nested_gives_back(void *arg)
{
	struct visitor *v = arg;

	visitor_hear(v);
	assert_string_equal(sb_cstr(&v->heard), "W\nG 1\n");
	say(v, MESSAGE_BACK, "1", NULL, NULL, NULL);
}

static void
nested_ends(void *arg)
{
	struct visitor *v = arg;

	visitor_hear(v);
	assert_string_equal(sb_cstr(&v->heard), "W\nG 1\nG 2\n");
	say(v, MESSAGE_END, "7", "0", NULL, NULL);
	close(v->fd);
	v->fd = -1;
}

/* P-108: its jobs run on the slot of the job that it is, one after the other,
 * whatever numbers it names; it is a record of this run. */
static void
nested_run_has_the_slot_of_its_job(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "script", .ns = NS_PER_S, .status = 7 },
	};
	struct visitor v = { .job = "script" };
	const struct run_call *record;
	struct house h;

	(void)state;
	house_open(&h, SCRIPT, 1, s, 1);
	comes(&v, &h.w, nested_asks);
	loop_timer(&h.w.loop.loop, 100 * NS_PER_MS, nested_gives_back, &v);
	loop_timer(&h.w.loop.loop, 200 * NS_PER_MS, nested_ends, &v);
	assert_false(world_run(&h.w, "all", NULL));
	record = world_call(&h.w, "task inner", 0);
	assert_non_null(record);
	assert_int_equal(record->outcome, OUTCOME_FAILED);
	assert_int_equal(record->exit_status, 7);
	assert_ptr_equal(world_call(&h.w, "all", 0)->cause, record);
	assert_int_equal(slots_held(h.w.slots), 0);
	assert_int_equal(slots_waiting(h.w.slots), 0);
	leaves(&v);
	house_close(&h);
}

static void
nested_tells(void *arg)
{
	struct visitor *v = arg;

	visitor_connect(v, "script");
	say(v, MESSAGE_RUN, MESSAGE_VERSION, v->job, "task inner", NULL);
	say(v, MESSAGE_SECRET, "of this one", NULL, NULL, NULL);
}

static void
outer_learns_more(void *arg)
{
	struct house *h = arg;

	/* it came with the last message, or before the output behind it */
	assert_int_equal(secrets_count(h->secrets), 2);
	assert_string_equal(secrets_texts(h->secrets)[1], "of this one");
	secrets_add(h->secrets, SV("found late"));
}

/* P-406: what either side must not show the other hears of, at the start all
 * that is known, and nobody hears what it said itself. */
static void
nested_run_and_this_one_share_secrets(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "script", .ns = NS_PER_S },
	};
	struct visitor v = { .job = "script" };
	struct house h;

	(void)state;
	house_open(&h, SCRIPT, 2, s, 1);
	secrets_add(h.secrets, SV("known before"));
	comes(&v, &h.w, nested_tells);
	loop_timer(&h.w.loop.loop, 100 * NS_PER_MS, outer_learns_more, &h);
	assert_true(world_run(&h.w, "all", NULL));
	visitor_hear(&v);
	assert_string_equal(
	    sb_cstr(&v.heard), "S known before\nW\nS found late\n");
	leaves(&v);
	house_close(&h);
}

static void
nested_run_that_is_killed_gives_all_back(void **state)
{
	static const struct fake_script s[] = {
		{ .text = "script", .ns = NS_PER_S },
	};
	struct visitor v = { .job = "script" };
	const struct run_call *record;
	struct house h;

	(void)state;
	house_open(&h, SCRIPT, 2, s, 1);
	comes(&v, &h.w, nested_asks);
	loop_timer(&h.w.loop.loop, 100 * NS_PER_MS, link_is_killed, &v);
	assert_true(world_run(&h.w, "all", NULL));
	record = world_call(&h.w, "task inner", 0);
	assert_string_equal(record->err.message, "it ended without a word");
	assert_int_equal(slots_held(h.w.slots), 0);
	leaves(&v);
	house_close(&h);
}

/* Where nothing of prun's can be reached, nothing is offered. */
static void
without_a_program_nobody_is_let_in(void **state)
{
	struct control *k = control_new(&(struct control_options){ 0 });
	struct world w;

	(void)state;
	world_init(&w, SCRIPT, 1);
	w.config.hooks = control_hooks(k);
	assert_true(world_run(&w, "all", NULL));
	assert_int_equal(w.loop.watches.n, 0);
	world_free(&w);
	control_free(k);
}

int
test_join_control(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_of_a_script_is_one_of_the_run),
		cmocka_unit_test(
		    failure_is_told_to_the_link_and_is_the_scripts_to_judge),
		cmocka_unit_test(call_ends_with_its_link),
		cmocka_unit_test(strangers_and_other_versions_are_turned_away),
		cmocka_unit_test(nested_run_has_the_slot_of_its_job),
		cmocka_unit_test(nested_run_and_this_one_share_secrets),
		cmocka_unit_test(nested_run_that_is_killed_gives_all_back),
		cmocka_unit_test(without_a_program_nobody_is_let_in),
	};

	return cmocka_run_group_tests_name("join/control", tests, NULL, NULL);
}
