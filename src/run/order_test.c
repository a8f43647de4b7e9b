/* SPDX-License-Identifier: MIT */
/*
 * Random graphs in random orders: whatever they look like, the engine keeps its
 * promises.  A failing seed is printed and can be given to one_graph() alone.
 */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "run/fake.h"

enum { TASKS = 12, GRAPHS = 1500 };

static uint64_t
next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static unsigned
below(uint64_t *seed, unsigned n)
{
	return (unsigned)(next(seed) % n);
}

static bool
chance(uint64_t *seed, unsigned percent)
{
	return below(seed, 100) < percent;
}

/* ---- a graph as a Taskfile ---- */

struct shape {
	bool fails;    /* some commands do */
	bool cancels;  /* failfast, timeouts */
	bool locks;    /* mutex, writes */
	bool retries;
};

/* Calls go to higher numbers only, so that no cycle comes about. */
static unsigned
callee(uint64_t *seed, unsigned from)
{
	return from + 1 + below(seed, TASKS - from - 1);
}

static void
add_command(struct sb *b, uint64_t *seed, const struct shape *s, unsigned i)
{
	unsigned kind = i + 1 < TASKS ? below(seed, 6) : 0;

	switch (kind) {
	case 0:
	case 1:
		sb_printf(b, "      - {cmd: 'c%u-%u'%s}\n", i,
		    below(seed, 1000),
		    chance(seed, 10) ? ", ignore_error: true" : "");
		break;
	case 2:
		sb_printf(b, "      - {task: t%u%s}\n", callee(seed, i),
		    s->cancels && chance(seed, 20) ? ", timeout: 700ms" : "");
		break;
	case 3:
		sb_printf(b, "      - 'task:t%u &'\n", callee(seed, i));
		break;
	case 4:
		sb_printf(b, "      - {defer: 'd%u'}\n", i);
		break;
	case 5:
		sb_adds(b, s->fails && chance(seed, 30) ? "      - 'bad'\n" :
							  "      - wait\n");
		break;
	}
}

static void
add_task(struct sb *b, uint64_t *seed, const struct shape *s, unsigned i)
{
	unsigned deps = i + 1 < TASKS ? below(seed, 4) : 0;
	unsigned cmds = below(seed, 5);

	sb_printf(b, "  t%u:\n", i);
	if (chance(seed, 25))
		sb_adds(b, "    run: once\n");
	if (chance(seed, 30))
		sb_adds(b, "    parallel: true\n");
	if (s->locks && chance(seed, 20))
		sb_printf(b, "    mutex: m%u\n", below(seed, 2));
	if (s->locks && chance(seed, 20))
		sb_adds(b, "    writes: true\n");
	if (s->cancels && chance(seed, 20))
		sb_adds(b, "    failfast: true\n");
	if (s->retries && chance(seed, 20))
		sb_adds(b, "    retries: 1\n");
	if (chance(seed, 20))
		sb_printf(b, "    priority: %u\n", below(seed, 3));
	if (chance(seed, 15))
		sb_adds(b, "    slots: 2\n");
	sb_adds(b, "    deps:\n");
	for (unsigned k = 0; k < deps; k++)
		sb_printf(b, "      - {task: t%u%s}\n", callee(seed, i),
		    s->cancels && chance(seed, 15) ? ", timeout: 500ms" : "");
	sb_adds(b, "    cmds:\n");
	for (unsigned k = 0; k < cmds; k++)
		add_command(b, seed, s, i);
	sb_printf(b, "      - 'c%u-end'\n", i);
}

static void
graph(struct sb *b, uint64_t seed, const struct shape *s)
{
	sb_adds(b, "version: '3'\ntasks:\n");
	for (unsigned i = 0; i < TASKS; i++)
		add_task(b, &seed, s, i);
}

/* ---- what must hold at every event ---- */

struct watch {
	size_t created, settled;
	size_t cap;
	unsigned char *state; /* by call id: 1 created, 2 settled */
	unsigned jobs;        /* the last number of one */
	VEC(unsigned) on_slot; /* by number - 1: the job that has it; 0: none */
};

static void
note(struct watch *t, unsigned id, unsigned char from, unsigned char to)
{
	if (id >= t->cap) {
		size_t cap = id * 2 + 64;

		t->state = realloc(t->state, cap);
		memset(t->state + t->cap, 0, cap - t->cap);
		t->cap = cap;
	}
	assert_int_equal(t->state[id], from);
	t->state[id] = to;
}

static bool
is_good(const struct run_call *c)
{
	return c->outcome == OUTCOME_PASSED ||
	    c->outcome == OUTCOME_SKIPPED || c->outcome == OUTCOME_UP_TO_DATE;
}

/* Deps before dependents; quadratic, for small graphs. */
static void
deps_are_done(struct world *w, const struct run_call *c)
{
	const struct run_call *const *calls = w->check_calls.v;

	for (size_t i = 0; i < w->check_calls.n; i++)
		if (calls[i]->parent == c && calls[i]->is_dep)
			assert_true(is_good(calls[i]));
}

/* P-1205: jobs have numbers in their order, and each a slot that no other one
 * has at the time. */
static void
check_job(struct watch *t, const struct event *ev)
{
	const struct event_job *job = ev->job;

	assert_string_equal(job->pool, "");
	assert_string_equal(job->executor, "fake");
	assert_in_range(job->slots, 1, 4);
	while (t->on_slot.n < job->slot)
		vec_push(NULL, &t->on_slot, 0);
	if (ev->kind == EVENT_JOB_STARTED) {
		assert_int_equal(job->id, ++t->jobs);
		assert_int_equal(t->on_slot.v[job->slot - 1], 0);
		t->on_slot.v[job->slot - 1] = job->id;
		return;
	}
	assert_int_equal(t->on_slot.v[job->slot - 1], job->id);
	if (ev->kind == EVENT_JOB_RUNNING)
		assert_true(job->job_id > 0);
	else
		t->on_slot.v[job->slot - 1] = 0;
}

static void
check(struct world *w, const struct event *ev)
{
	struct watch *t = w->check_arg;

	switch (ev->kind) {
	case EVENT_CALL_CREATED:
		t->created++;
		note(t, ev->call->id, 0, 1);
		vec_push(w->arena, &w->check_calls, ev->call);
		break;
	case EVENT_CALL_DONE:
		t->settled++;
		note(t, ev->call->id, 1, 2);
		break;
	case EVENT_JOB_STARTED:
		assert_int_equal(t->state[ev->call->id], 1);
		deps_are_done(w, ev->call);
		check_job(t, ev);
		break;
	case EVENT_JOB_RUNNING:
	case EVENT_JOB_DONE:
		check_job(t, ev);
		break;
	default:
		break;
	}
}

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What ran, regardless of the order. */
static char *
sorted_starts(struct world *w)
{
	struct sb out = SB_INIT;
	VEC(char *) lines = { 0 };
	char *text = xstrdup(sb_cstr(&w->fake.log)), *save, *line;

	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "start ", 6) == 0)
			vec_push(NULL, &lines, line);
	if (lines.n > 0)
		qsort(lines.v, lines.n, sizeof(*lines.v), compare_lines);
	for (size_t i = 0; i < lines.n; i++)
		sb_printf(&out, "%s\n", lines.v[i]);
	vec_free(&lines);
	free(text);
	sb_cstr(&out);
	return out.p ? out.p : xstrdup("");
}

struct how {
	int slots;
	uint64_t times; /* seed of the jobs' durations */
	bool serial, parallel;
	int64_t signal_ns; /* 0: none */
};

static void
interrupt(void *arg)
{
	struct world *w = arg;

	if (w->loop.on_signal != NULL)
		w->loop.on_signal(w->loop.signal_arg, SIGINT);
}

/* never-event 34: the calls say what the run says. */
static void
calls_tell_the_verdict(const struct run_result *res, bool ok)
{
	size_t bad = 0;

	for (size_t i = 0; i < res->n; i++)
		bad += !is_good(res->calls[i]) && !res->calls[i]->excused;
	if (ok)
		assert_int_equal(bad, 0);
	else if (res->n > 0 && res->signal == 0)
		assert_int_not_equal(bad, 0);
}

/* Runs a graph and checks; the verdict and what was started are returned. */
static bool
run_graph(const char *text, const struct how *how, const struct shape *s,
    char **starts)
{
	static const struct fake_script scripts[] = { { .text = "bad",
	    .status = 9 } };
	const struct run_result *res;
	struct watch t = { 0 };
	struct world w;
	bool ok;

	world_init(&w, text, how->slots);
	w.fake.scripts = scripts;
	w.fake.n_scripts = 1;
	w.fake.seed = how->times;
	w.check = check;
	w.check_arg = &t;
	w.wanted = UINT64_C(1) << EVENT_RUN_DONE;
	w.config.serial = how->serial;
	w.config.parallel = how->parallel;
	if (how->signal_ns > 0)
		loop_timer(&w.loop.loop, how->signal_ns, interrupt, &w);
	ok = world_run(&w, "t0", "t1", NULL);
	res = run_get_result(w.run);
	if (how->slots > 0) {
		assert_true(w.fake.max_running <= how->slots);
		assert_true(t.on_slot.n <= (size_t)how->slots);
	}
	if (how->serial)
		assert_true(w.fake.max_running <= 1);
	assert_int_equal(w.fake.running, 0);
	assert_int_equal(slots_held(w.slots), 0);
	assert_int_equal(slots_waiting(w.slots), 0);
	assert_int_equal(t.created, t.settled);
	assert_int_equal(t.created, res->n);
	for (size_t i = 0; i < res->n; i++) {
		assert_int_not_equal(res->calls[i]->outcome, OUTCOME_NONE);
		if (!s->cancels && how->signal_ns == 0)
			assert_int_not_equal(res->calls[i]->outcome,
			    OUTCOME_CANCELLED);
	}
	if (!s->fails && !s->cancels && how->signal_ns == 0)
		assert_true(ok || world_code(&w) == ERR_CALL_LIMIT);
	assert_int_equal(ok, world_error(&w)[0] == '\0' && res->signal == 0);
	calls_tell_the_verdict(res, ok);
	*starts = sorted_starts(&w);
	free(t.state);
	vec_free(&t.on_slot);
	world_free(&w);
	return ok;
}

static void
one_graph(uint64_t seed, const struct shape *s, bool stable)
{
	struct sb text cleanup_sb = SB_INIT;
	char *first = NULL, *other = NULL;
	uint64_t rnd = seed * 77 + 1;
	bool verdict;

	graph(&text, seed, s);
	verdict = run_graph(sb_cstr(&text), &(struct how){ .slots = 1,
	    .times = seed, .serial = true }, s, &first);
	for (int k = 0; k < 3; k++) {
		struct how how = { .slots = (int)below(&rnd, 5),
			.times = next(&rnd) };
		bool again = run_graph(sb_cstr(&text), &how, s, &other);

		if (stable) { /* never-event 33, P-107 */
			assert_int_equal(again, verdict);
			assert_string_equal(other, first);
		}
		free(other);
	}
	if (!stable) {
		struct how how = { .slots = (int)below(&rnd, 4),
			.times = next(&rnd),
			.parallel = true,
			.signal_ns = (int64_t)(below(&rnd, 5000) + 1) *
			    NS_PER_MS };

		run_graph(sb_cstr(&text), &how, s, &other);
		free(other);
	}
	free(first);
}

static void
many_graphs(const struct shape *s, bool stable, uint64_t salt)
{
	for (uint64_t i = 1; i <= GRAPHS / 5; i++)
		one_graph(i * 2654435761u + salt, s, stable);
}

static void
every_order_gives_the_same_result(void **state)
{
	(void)state;
	many_graphs(&(struct shape){ 0 }, true, 1);
}

static void
failures_settle_wholly_in_every_order(void **state)
{
	(void)state;
	many_graphs(&(struct shape){ .fails = true }, true, 2);
}

static void
cancels_leave_nothing_behind(void **state)
{
	(void)state;
	many_graphs(&(struct shape){ .fails = true, .cancels = true }, false,
	    3);
}

/* never-event 23 */
static void
locks_never_hang(void **state)
{
	(void)state;
	many_graphs(&(struct shape){ .locks = true, .fails = true }, false, 4);
}

static void
retries_settle_too(void **state)
{
	(void)state;
	many_graphs(&(struct shape){ .retries = true,
	    .locks = true,
	    .cancels = true,
	    .fails = true }, false, 5);
}

#define T(name) cmocka_unit_test(name)

int
test_run_order(void)
{
	const struct CMUnitTest tests[] = {
		T(every_order_gives_the_same_result),
		T(failures_settle_wholly_in_every_order),
		T(cancels_leave_nothing_behind),
		T(locks_never_hang),
		T(retries_settle_too),
	};

	return cmocka_run_group_tests_name("run order", tests, NULL, NULL);
}
