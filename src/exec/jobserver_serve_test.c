/* SPDX-License-Identifier: MIT */
#include "exec/jobserver_serve.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "unit.h"

enum {
	JOBS = 6,
	CALLS = 6
};

/* A job as the engine has it, and the make in it. */
struct worker {
	struct slot_request slot;
	struct jobserver_job *job; /* NULL: it does not run */
	int r, w;		   /* the make's ends */
	unsigned held;		   /* tokens that it has taken */
};

static struct {
	struct arena *a;
	struct loop *loop;
	struct slots *slots;
	struct jobserver *js;
	enum jobserver_kind kind;
	unsigned asked;
	char dir[32];
	struct worker jobs[JOBS];
} t;

static enum jobserver_kind
kind_of(void *arg)
{
	(void)arg;
	t.asked++;
	return t.kind;
}

static const char *
make_dir(struct arena *a, int *lock_fd)
{
	(void)a;
	*lock_fd = -1;
	snprintf(t.dir, sizeof(t.dir), "/tmp/prun-serve-XXXXXX");
	return mkdtemp(t.dir);
}

static const char *
no_dir(struct arena *a, int *lock_fd)
{
	(void)a;
	*lock_fd = -1;
	return NULL;
}

static void
nothing(void *arg)
{
	(void)arg;
}

static void
open_server(int bound)
{
	t.slots = slots_new(bound, true);
	t.js = jobserver_new(&(struct jobserver_options){
	    .loop = t.loop,
	    .slots = t.slots,
	    .kind = kind_of,
	    .runtime_dir = make_dir });
}

static int
set_up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.a = arena_new();
	t.loop = loop_new();
	t.kind = JOBSERVER_FIFO;
	for (size_t i = 0; i < JOBS; i++)
		t.jobs[i].slot = (struct slot_request){ .pool = "",
			.n = 1,
			.granted = nothing };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	jobserver_free(t.js);
	slots_free(t.slots);
	loop_free(t.loop);
	arena_free(t.a);
	return 0;
}

/* As the engine does when all who can go on have gone on. */
static void
settle(void)
{
	jobserver_take_back(t.js);
	jobserver_settle(t.js);
}

static void
enter(struct worker *w)
{
	struct jobserver_auth auth;
	struct err e = ERR_INIT;
	const int *fds;

	w->job = jobserver_enter(t.js, w->slot.taken - 1, &e);
	assert_non_null(w->job);
	jobserver_auth_read(t.a,
	    jobserver_flags(t.a, NULL, 9, jobserver_job_auth(w->job)), &auth);
	fds = jobserver_job_fds(w->job);
	if (auth.kind == JOBSERVER_FIFO) {
		assert_null(fds);
		w->r = open(auth.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		w->w = open(auth.path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	} else {
		assert_int_equal(auth.fds[0], fds[0]);
		assert_int_equal(auth.fds[1], fds[1]);
		assert_true(fds[0] >= 10 && fds[1] >= 10);
		assert_false(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
		assert_false(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
		w->r = dup(fds[0]);
		w->w = dup(fds[1]);
		fcntl(w->r, F_SETFL, O_NONBLOCK);
	}
	jobserver_job_started(w->job);
	assert_null(jobserver_job_fds(w->job));
	assert_true(w->r >= 0 && w->w >= 0);
	w->held = 0;
}

static unsigned
leave(struct worker *w)
{
	unsigned surplus = jobserver_leave(w->job);

	w->job = NULL;
	close(w->r);
	close(w->w);
	return surplus;
}

static bool
take(struct worker *w)
{
	char byte;

	if (read(w->r, &byte, 1) != 1)
		return false;
	w->held++;
	return true;
}

static void
give(struct worker *w, unsigned n)
{
	while (n-- > 0)
		assert_int_equal(write(w->w, "+", 1), 1);
}

static unsigned
take_all(struct worker *w)
{
	while (take(w))
		;
	return w->held;
}

/* P-206: what nobody else wants is in the pipe, by either kind. */
static void
job_gets_all_that_is_free(void **state)
{
	struct worker *w = t.jobs;

	(void)state;
	for (int kind = JOBSERVER_PIPE; kind <= JOBSERVER_FIFO; kind++) {
		t.kind = (enum jobserver_kind)kind;
		open_server(4);
		slots_request(t.slots, &w->slot);
		enter(w);
		settle();
		assert_int_equal(slots_lent(t.slots), 3);
		assert_int_equal(take_all(w), 3);
		give(w, 3);
		assert_int_equal(leave(w), 0);
		slots_release(t.slots, &w->slot);
		assert_int_equal(slots_lent(t.slots), 0);
		assert_int_equal(slots_spare(t.slots), 4);
		jobserver_free(t.js);
		assert_int_equal(access(t.dir, F_OK), -1);
		slots_free(t.slots);
	}
	assert_int_equal(t.asked, 2);
	open_server(1);
}

/* P-206: a call that is ready goes before tokens that nobody has taken. */
static void
ready_call_takes_tokens_back(void **state)
{
	(void)state;
	open_server(4);
	slots_request(t.slots, &t.jobs[0].slot);
	enter(&t.jobs[0]);
	settle();
	assert_true(take(&t.jobs[0]));
	slots_request(t.slots, &t.jobs[1].slot);
	slots_request(t.slots, &t.jobs[2].slot);
	assert_true(t.jobs[1].slot.waiting && t.jobs[2].slot.waiting);
	settle();
	assert_true(t.jobs[1].slot.held && t.jobs[2].slot.held);
	assert_int_equal(slots_lent(t.slots), 1);
	/* the last one is in use: it is waited for, not polled */
	slots_request(t.slots, &t.jobs[3].slot);
	settle();
	assert_true(t.jobs[3].slot.waiting);
	give(&t.jobs[0], 1);
	while (t.jobs[3].slot.waiting)
		assert_true(loop_turn(t.loop));
	assert_int_equal(slots_lent(t.slots), 0);
	assert_int_equal(leave(&t.jobs[0]), 0);
	for (size_t i = 0; i < 4; i++)
		slots_release(t.slots, &t.jobs[i].slot);
	assert_int_equal(slots_held(t.slots), 0);
}

/* P-206: a job that is killed while it holds tokens loses none. */
static void
dead_job_loses_none(void **state)
{
	(void)state;
	open_server(5);
	for (int i = 0; i < 50; i++) {
		slots_request(t.slots, &t.jobs[0].slot);
		enter(&t.jobs[0]);
		settle();
		assert_int_equal(slots_lent(t.slots), 4);
		for (int k = 0; k < i % 5; k++)
			assert_true(take(&t.jobs[0]));
		assert_int_equal(leave(&t.jobs[0]), 0);
		slots_release(t.slots, &t.jobs[0].slot);
		assert_int_equal(slots_spare(t.slots), 5);
	}
}

/* P-206: surplus is thrown away and told of. */
static void
surplus_is_thrown_away(void **state)
{
	(void)state;
	open_server(3);
	slots_request(t.slots, &t.jobs[0].slot);
	enter(&t.jobs[0]);
	settle();
	give(&t.jobs[0], 7);
	/* what is taken back is what was given, no more */
	slots_request(t.slots, &t.jobs[1].slot);
	slots_request(t.slots, &t.jobs[2].slot);
	slots_request(t.slots, &t.jobs[3].slot);
	settle();
	assert_int_equal(slots_held(t.slots), 3);
	assert_true(t.jobs[3].slot.waiting);
	assert_int_equal(slots_lent(t.slots), 0);
	/* and nothing is waited for: this returns */
	assert_false(loop_turn(t.loop));
	assert_int_equal(leave(&t.jobs[0]), 7);
	slots_cancel(t.slots, &t.jobs[3].slot);
	for (size_t i = 0; i < 3; i++)
		slots_release(t.slots, &t.jobs[i].slot);
}

/* P-206: a pipe that is full of surplus holds nobody up. */
static void
full_pipe_holds_nobody_up(void **state)
{
	char much[4096];

	(void)state;
	memset(much, 'x', sizeof(much));
	open_server(3);
	slots_request(t.slots, &t.jobs[0].slot);
	slots_request(t.slots, &t.jobs[1].slot);
	enter(&t.jobs[0]);
	while (write(t.jobs[0].w, much, sizeof(much)) > 0)
		;
	settle();
	assert_int_equal(slots_lent(t.slots), 0);
	assert_true(leave(&t.jobs[0]) >= sizeof(much));
	for (size_t i = 0; i < 2; i++)
		slots_release(t.slots, &t.jobs[i].slot);
}

/* P-206, P-202: slots that a task takes beside its first are its own. */
static void
slots_of_a_task_are_its_tokens(void **state)
{
	(void)state;
	open_server(4);
	t.jobs[0].slot.n = 3;
	slots_request(t.slots, &t.jobs[0].slot);
	slots_request(t.slots, &t.jobs[1].slot);
	slots_request(t.slots, &t.jobs[2].slot);
	enter(&t.jobs[0]);
	settle();
	assert_true(t.jobs[2].slot.waiting);
	assert_int_equal(slots_lent(t.slots), 0);
	assert_int_equal(take_all(&t.jobs[0]), 2);
	assert_int_equal(leave(&t.jobs[0]), 0);
	slots_release(t.slots, &t.jobs[0].slot);
	assert_true(t.jobs[2].slot.held);
	slots_release(t.slots, &t.jobs[1].slot);
	slots_release(t.slots, &t.jobs[2].slot);
}

/* P-206: while nothing may start (P-205), nothing starts below a job. */
static void
closed_gate_takes_tokens_back(void **state)
{
	(void)state;
	open_server(4);
	slots_request(t.slots, &t.jobs[0].slot);
	enter(&t.jobs[0]);
	settle();
	assert_int_equal(slots_lent(t.slots), 3);
	slots_gate(t.slots, false);
	settle();
	assert_int_equal(slots_lent(t.slots), 0);
	slots_gate(t.slots, true);
	settle();
	assert_int_equal(slots_lent(t.slots), 3);
	leave(&t.jobs[0]);
	slots_release(t.slots, &t.jobs[0].slot);
}

/* P-206: of two jobs the one that takes tokens gets those of the other. */
static void
tokens_go_where_they_are_taken(void **state)
{
	(void)state;
	open_server(6);
	slots_request(t.slots, &t.jobs[0].slot);
	slots_request(t.slots, &t.jobs[1].slot);
	enter(&t.jobs[0]);
	enter(&t.jobs[1]);
	settle();
	assert_int_equal(slots_lent(t.slots), 4);
	while (take_all(&t.jobs[0]) < 4)
		assert_true(loop_turn(t.loop));
	assert_false(take(&t.jobs[1]));
	assert_int_equal(leave(&t.jobs[0]), 0);
	assert_int_equal(leave(&t.jobs[1]), 0);
	slots_release(t.slots, &t.jobs[0].slot);
	slots_release(t.slots, &t.jobs[1].slot);
	assert_int_equal(slots_spare(t.slots), 6);
}

/* P-206: there may be no folder; the job then has none, and says why. */
static void
without_a_folder_there_is_none(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	t.slots = slots_new(4, true);
	t.js = jobserver_new(&(struct jobserver_options){
	    .loop = t.loop,
	    .slots = t.slots,
	    .kind = kind_of,
	    .runtime_dir = no_dir });
	assert_null(jobserver_enter(t.js, 0, &e));
	assert_true(err_is_set(&e));
	err_clear(&e);
	settle();
	assert_int_equal(slots_lent(t.slots), 0);
}

/* P-206: in any order of things what runs, prun's jobs and theirs, is within
 * the bound, and each token comes back. */
static void
walk_stays_within_the_bound(void **state)
{
	uint64_t seed = 2061;

	(void)state;
	t.kind = JOBSERVER_FIFO;
	open_server(5);
	for (unsigned step = 0; step < 6000; step++) {
		struct worker *w;
		int running = 0;

		seed = seed * 6364136223846793005U + 1442695040888963407U;
		w = &t.jobs[(seed >> 40) % JOBS];
		switch ((seed >> 33) % 8) {
		case 0:
		case 1:
			if (!w->slot.waiting && !w->slot.held) {
				w->slot.n = 1 + (int)(seed >> 55) % 2;
				slots_request(t.slots, &w->slot);
			}
			break;
		case 2: /* also with tokens in its hands */
			if (w->job != NULL) {
				assert_int_equal(leave(w), 0);
				w->held = 0;
				slots_release(t.slots, &w->slot);
			} else {
				slots_cancel(t.slots, &w->slot);
			}
			break;
		case 3:
			if (w->job != NULL && w->held > 0) {
				give(w, 1);
				w->held--;
			}
			break;
		default:
			if (w->job != NULL)
				take(w);
		}
		settle();
		for (size_t i = 0; i < JOBS; i++)
			if (t.jobs[i].slot.held && t.jobs[i].job == NULL)
				enter(&t.jobs[i]);
		settle();
		for (size_t i = 0; i < JOBS; i++)
			if (t.jobs[i].job != NULL)
				running += 1 + (int)t.jobs[i].held;
		assert_true(running <= 5);
		assert_true(slots_held(t.slots) + slots_lent(t.slots) <= 5);
	}
	for (size_t i = 0; i < JOBS; i++)
		if (t.jobs[i].job == NULL)
			slots_cancel(t.slots, &t.jobs[i].slot);
	for (size_t i = 0; i < JOBS; i++)
		if (t.jobs[i].job != NULL) {
			assert_int_equal(leave(&t.jobs[i]), 0);
			slots_release(t.slots, &t.jobs[i].slot);
		}
	assert_int_equal(slots_held(t.slots), 0);
	assert_int_equal(slots_spare(t.slots), 5);
}

int
test_exec_jobserver_serve(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(job_gets_all_that_is_free),
		T(ready_call_takes_tokens_back),
		T(dead_job_loses_none),
		T(surplus_is_thrown_away),
		T(full_pipe_holds_nobody_up),
		T(slots_of_a_task_are_its_tokens),
		T(closed_gate_takes_tokens_back),
		T(tokens_go_where_they_are_taken),
		T(without_a_folder_there_is_none),
		T(walk_stays_within_the_bound),
	};

	return cmocka_run_group_tests_name(
	    "exec/jobserver_serve", tests, NULL, NULL);
}
