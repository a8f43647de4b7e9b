/* SPDX-License-Identifier: MIT */
/*
 * Random nests (P-203, P-108, P-112): Taskfiles of deps, calls, groups,
 * background calls, `run:` modes, mutexes, sources, retries and failures, whose
 * scripts make calls of their own or become nested runs, one after the other,
 * side by side, or left behind; on one to eight slots, some of them cancelled.
 *
 * Whatever the graph: it ends within a bounded number of turns, never more jobs
 * are at work than there are slots, every call settles once, nothing is left,
 * and the result is what a model says that knows nothing of slots and locks.
 *
 * Jobs are fake.  A command that begins with `script` does what its other words
 * say; here the test plays the part of join/.
 */
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "run/fake.h"
#include "run/internal.h"

enum {
	NESTS = 400,
	TASKS = 9,
	STEPS_MAX = 20000,
	CALLS_MAX = 1500,
};

struct task_plan {
	bool fails; /* by what it does itself or by what it needs */
	bool heavy; /* reaches too many calls */
	unsigned calls;
};

struct nest {
	struct world w;
	uint64_t seed, first_seed;
	const char *text; /* the Taskfile */
	int slots;
	bool cancels; /* something may be cancelled, so no result is foreseen */
	bool with_locks;
	bool overdraws; /* links are killed, or nested runs left behind */
	bool overdrawn; /* and it was not for that */
	struct task_plan plan[TASKS];
	unsigned steps;
	int seats;                  /* granted */
	VEC(unsigned char) settled; /* by id of the call */
	VEC(struct guest_call *) guests;
	bool bad;
	const char *why;
	struct world_signal signal;
};

/* ---- random Taskfiles ---- */

static uint64_t
nrnd(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> 11;
}

static bool
nmaybe(uint64_t *seed, unsigned percent)
{
	return nrnd(seed) % 100 < percent;
}

/* Calls go to higher numbers only: nothing calls itself.  The plan of the
 * callee is known, as tasks are made from the last to the first. */
static unsigned
callee(struct nest *n, unsigned from, bool *fails)
{
	struct task_plan *me = &n->plan[from];
	unsigned to =
	    from + 1 + (unsigned)(nrnd(&n->seed) % (TASKS - from - 1));

	if (me->calls + n->plan[to].calls > CALLS_MAX / 4)
		to = TASKS - 1;
	me->calls += n->plan[to].calls + 1;
	*fails = n->plan[to].fails;
	return to;
}

static bool
add_dep(struct nest *n, struct sb *b, unsigned i)
{
	bool fails;

	sb_printf(b, "      - t%u\n", callee(n, i, &fails));
	return fails;
}

/* A job whose process makes calls, or is a nested run (`seat`). */
static bool
add_script(struct nest *n, struct sb *b, unsigned i)
{
	static const char *const how[] = { "seq", "seq", "par", "par", "left" };
	const char *word = how[nrnd(&n->seed) % 5];
	unsigned k = 1 + (unsigned)(nrnd(&n->seed) % 3);
	bool fails = false, any = false;

	sb_printf(b, "script %s", word);
	while (k-- > 0) {
		if (nmaybe(&n->seed, 30)) {
			sb_adds(b, " seat");
			n->overdraws |= strcmp(word, "left") == 0;
			continue;
		}
		sb_printf(b, " task:t%u", callee(n, i, &fails));
		any |= fails;
	}
	return any;
}

static bool
add_cmd(struct nest *n, struct sb *b, unsigned i)
{
	bool fails = false, ignored = nmaybe(&n->seed, 10);

	switch (nrnd(&n->seed) % 8) {
	case 0:
	case 1:
	case 2:
		sb_adds(b, "      - {cmd: '");
		fails = add_script(n, b, i);
		break;
	case 3:
	case 4:
		sb_printf(b, "      - {task: 't%u", callee(n, i, &fails));
		break;
	case 5:
		/* what stands behind it in the background is not stopped */
		sb_printf(b, "      - 'task:t%u &'\n", callee(n, i, &fails));
		return fails;
	case 6:
		fails = nmaybe(&n->seed, 10);
		sb_printf(b, "      - {cmd: '%s", fails ? "fail" : "job");
		break;
	default:
		sb_printf(b, "      - {cmd: 'job %u", i);
		break;
	}
	sb_printf(b, "'%s}\n", ignored ? ", ignore_error: true" : "");
	return fails && !ignored;
}

static void
add_keys(struct nest *n, struct sb *b)
{
	static const char *const run[] = { "always", "once", "when_changed" };
	uint64_t *s = &n->seed;

	if (nmaybe(s, 50))
		sb_printf(b, "    run: %s\n", run[nrnd(s) % 3]);
	if (n->with_locks && nmaybe(s, 35))
		sb_printf(b, "    mutex: m%u\n", (unsigned)(nrnd(s) % 3));
	if (n->with_locks && nmaybe(s, 15))
		sb_adds(b, "    sources: [Taskfile.yml]\n");
	if (nmaybe(s, 20))
		sb_adds(b, "    vars: {V: {sh: 'value'}}\n");
	if (nmaybe(s, 20))
		sb_printf(b, "    priority: %u\n", (unsigned)(nrnd(s) % 5));
	if (nmaybe(s, 15))
		sb_printf(b, "    slots: %u\n", 1 + (unsigned)(nrnd(s) % 3));
	if (nmaybe(s, 10))
		sb_adds(b, "    retries: 1\n    retry_delay: 10ms\n");
	if (nmaybe(s, 30))
		sb_adds(b, "    parallel: true\n");
	if (nmaybe(s, 10))
		sb_adds(b, "    if: 'ask'\n");
}

static void
add_task(struct nest *n, struct sb *b, unsigned i)
{
	unsigned deps = i < TASKS - 1 ? (unsigned)(nrnd(&n->seed) % 3) : 0;
	unsigned cmds = i < TASKS - 1 ? 1 + (unsigned)(nrnd(&n->seed) % 3) : 0;
	bool fails = false;

	sb_printf(b, "  t%u:\n", i);
	add_keys(n, b);
	if (deps > 0)
		sb_adds(b, "    deps:\n");
	while (deps-- > 0)
		fails |= add_dep(n, b, i);
	sb_adds(b, "    cmds:\n");
	if (cmds == 0)
		sb_adds(b, "      - leaf\n");
	while (cmds-- > 0)
		fails |= add_cmd(n, b, i);
	n->plan[i].fails = fails;
}

static void
random_nest(struct nest *n, struct sb *b)
{
	struct sb part[TASKS] = { 0 };

	for (unsigned i = TASKS; i-- > 0;)
		add_task(n, &part[i], i);
	sb_adds(b, "version: '3'\ntasks:\n");
	for (unsigned i = 0; i < TASKS; i++) {
		sb_addv(b, sb_sv(&part[i]));
		sb_free(&part[i]);
	}
}

/* ---- scripts ---- */

struct script;

struct act { /* one word of a script */
	struct script *s;
	const char *task; /* NULL: a seat */
	struct guest_call *call;
	struct slot_loan *seat;
	bool open;
};

struct script {
	struct nest *n;
	struct command *cm;
	VEC(struct act) acts;
	size_t next, open;
	bool side_by_side, left, failed, over, held;
	struct timer *timer;
};

static int64_t
some_time(struct nest *n)
{
	return (int64_t)(nrnd(&n->seed) % 20 + 1) * NS_PER_MS;
}

static void script_step(void *arg);

static void
script_exit(struct script *s, int status)
{
	for (struct fake_job *j = s->n->w.fake.jobs; j != NULL; j = j->next)
		if (j->spec.arg == s->cm && j->signal == 0) {
			j->end_ns = s->n->w.loop.now_ns;
			j->status = status;
		}
}

/* Goes on in a moment. */
static void
script_soon(struct script *s)
{
	if (s->timer == NULL && !s->over)
		s->timer =
		    loop_timer(&s->n->w.loop.loop, NS_PER_MS, script_step, s);
}

static void
act_over(struct act *a, bool failed)
{
	struct script *s = a->s;

	a->open = false;
	s->open--;
	s->failed |= failed;
	if (!s->held) {
		script_soon(s);
		return;
	}
	if (failed && !err_is_set(&s->cm->err))
		err_set_status(&s->cm->err, 1);
	if (s->open == 0)
		command_finish(s->cm);
}

static void
on_act_settled(void *arg, struct run_call *record, struct err *err)
{
	struct act *a = arg;
	bool failed = err_is_set(err);

	(void)record;
	err_clear(err);
	act_over(a, failed);
}

static void
on_seat_over(void *arg)
{
	struct act *a = arg;

	a->s->n->seats--;
	loan_release(a->seat);
	a->seat = NULL;
	if (a->open)
		act_over(a, false);
}

static void
on_seat_granted(void *arg)
{
	struct act *a = arg;

	a->s->n->seats++;
	loop_timer(&a->s->n->w.loop.loop, some_time(a->s->n), on_seat_over, a);
}

static void
link_killed(void *arg)
{
	struct act *a = arg;

	if (a->open)
		guest_call_cancel(a->call, SIGINT, 2 * NS_PER_S);
}

static void
act_begin(struct act *a)
{
	struct script *s = a->s;
	struct arena *arena = run_arena(s->n->w.run);

	a->open = true;
	s->open++;
	if (a->task != NULL) {
		a->call = guest_call_start(&(struct guest_order){ .job = s->cm,
		    .task = a->task,
		    .vars = map_new(arena),
		    .settled = on_act_settled,
		    .arg = a });
		vec_push(NULL, &s->n->guests, a->call);
		if (s->n->cancels && nmaybe(&s->n->seed, 10))
			loop_timer(&s->n->w.loop.loop, some_time(s->n),
			    link_killed, a);
		return;
	}
	a->seat = arena_new_of(arena, struct slot_loan);
	*a->seat = (struct slot_loan){ .r = s->n->w.run,
		.host = s->cm,
		.granted = on_seat_granted,
		.arg = a,
		.slot = { .pool = "", .n = 1 } };
	loan_request(a->seat);
}

static void
script_step(void *arg)
{
	struct script *s = arg;

	s->timer = NULL;
	if (s->over)
		return;
	while (s->next < s->acts.n && (s->side_by_side || s->open == 0))
		act_begin(&s->acts.v[s->next++]);
	if (s->left && s->next == s->acts.n)
		script_exit(s, 0);
	else if (s->open == 0 && s->next == s->acts.n)
		script_exit(s, s->failed);
}

static void
script_read(struct script *s, const char *text)
{
	struct arena *a = run_arena(s->n->w.run);
	sv rest = sv_of(text), word;

	while (rest.n > 0) {
		struct act act = { .s = s };

		sv_cut(rest, ' ', &word, &rest);
		s->left |= sv_is(word, "left");
		s->side_by_side |= sv_is(word, "par") || sv_is(word, "left");
		if (sv_starts(word, SV("task:")))
			act.task = sv_cstr(a, sv_sub(word, 5, SIZE_MAX));
		if (act.task != NULL || sv_is(word, "seat"))
			vec_push(a, &s->acts, act);
	}
}

static void
on_spawn(void *ctx, struct command *cm, struct job_spec *spec)
{
	struct nest *n = ctx;
	struct script *s;

	if (strncmp(spec->script, "script", 6) != 0)
		return;
	s = arena_new_of(run_arena(n->w.run), struct script);
	s->n = n;
	s->cm = cm;
	cm->guest = s;
	script_read(s, spec->script);
	script_soon(s);
}

/* What it left behind: calls are waited for, nested runs are nobody's. */
static bool
on_exit_of(void *ctx, struct command *cm, const struct job_result *result)
{
	struct script *s = cm->guest;

	(void)ctx;
	if (s == NULL)
		return false;
	s->over = true;
	for (size_t i = 0; i < s->acts.n; i++) {
		struct act *a = &s->acts.v[i];

		if (!a->open)
			continue;
		if (a->seat != NULL) {
			loan_forget_host(a->seat);
			a->open = false;
			s->open--;
		} else if (result->signal != 0) {
			guest_call_cancel(a->call, SIGINT, 2 * NS_PER_S);
		}
	}
	s->held = s->open > 0;
	return s->held;
}

static void
on_cancel_of(void *ctx, struct command *cm, int sig, int64_t grace_ns)
{
	struct script *s = cm->guest;

	(void)ctx;
	for (size_t i = 0; i < s->acts.n; i++)
		if (s->acts.v[i].open)
			guest_call_cancel(s->acts.v[i].call, sig, grace_ns);
}

/* ---- what must hold ---- */

static void
nest_tell(const struct nest *n, const char *why)
{
	print_message("%s: -C %d, NEST_SEED=%llu\n", why, n->slots,
	    (unsigned long long)n->first_seed);
	fputs(n->text, stderr);
}

static void
wrong(struct nest *n, const char *why)
{
	if (!n->bad)
		n->why = why;
	n->bad = true;
}

/* Jobs that wait for guests are not at work. */
static int
jobs_at_work(const struct nest *n)
{
	int at_work = n->seats;

	for (struct command *cm = run_jobs(n->w.run); cm; cm = cm->next)
		at_work += cm->n_guests == 0;
	return at_work;
}

/* What a killed link waited for, or a run left behind, goes on beside the job
 * on whose slot it was; it is counted.  Else only a lock may bring that about
 * that was yielded to whom its keeper waits for; hardly ever. */
static void
too_many(struct nest *n, int at_work)
{
	n->overdrawn = !n->overdraws;
	if (at_work > slots_held(n->w.slots) ||
	    (!n->overdraws && !n->with_locks))
		wrong(n, "more jobs than slots");
}

static void
see_nest(struct world *w, const struct event *ev)
{
	struct nest *n = w->check_arg;
	int at_work;

	if (ev->kind == EVENT_CALL_CREATED)
		while (n->settled.n <= ev->call->id)
			vec_push(NULL, &n->settled, 0);
	if (ev->kind == EVENT_CALL_DONE && ++n->settled.v[ev->call->id] > 1)
		wrong(n, "a call settles twice");
	if (ev->kind != EVENT_PAUSE)
		return;
	at_work = jobs_at_work(n);
	if (at_work > n->slots)
		too_many(n, at_work);
	if (++n->steps > STEPS_MAX) {
		nest_tell(n, "it does not end");
		fail();
	}
}

static int64_t
nest_time(void *ctx, const struct job_spec *spec)
{
	struct nest *n = ctx;

	return strncmp(spec->script, "script", 6) == 0 ? -1 : some_time(n);
}

static void
nothing_is_left(struct nest *n)
{
	const struct run_result *r = run_get_result(n->w.run);
	const struct map_entry *m;

	for (size_t i = 0; i < r->n; i++)
		if (n->settled.v[r->calls[i]->id] != 1)
			wrong(n, "a call did not settle");
	while (n->seats > 0 && loop_turn(&n->w.loop.loop))
		continue; /* left behind */
	if (n->w.fake.running != 0)
		wrong(n, "a job still runs");
	if (n->w.run->n_guests != 0)
		wrong(n, "a guest is left");
	map_each(n->w.run->mutexes, m)
		if (((struct mutex *)m->value)->hold.holder != NULL ||
		    ((struct mutex *)m->value)->hold.first != NULL)
			wrong(n, "a lock is left");
}

static void
nest_configure(struct nest *n)
{
	static const struct fake_script scripts[] = { { .text = "fail",
	    .status = 1 } };
	struct world *w = &n->w;

	world_script(w, scripts, 1);
	w->config.parallel = nmaybe(&n->seed, 50);
	w->config.failfast = n->cancels && nmaybe(&n->seed, 50);
	w->config.serial = n->slots == 1 && nmaybe(&n->seed, 30);
	w->check = see_nest;
	w->check_arg = n;
	w->wanted = 1;
	w->fake.how_long = nest_time;
	w->fake.how_long_arg = n;
	if (n->cancels && nmaybe(&n->seed, 50))
		world_signal_at(&n->signal, w, SIGINT, some_time(n) * 5);
	else if (n->cancels && nmaybe(&n->seed, 30))
		w->config.run_timeout_ns = some_time(n) * 5;
}

static bool
nest_run(struct nest *n)
{
	struct run_hooks hooks = { .before_spawn = on_spawn,
		.after_exit = on_exit_of,
		.cancel = on_cancel_of,
		.ctx = n };
	bool ok;

	n->w.config.hooks = &hooks;
	ok = world_run(&n->w, "t0", "t1", NULL);
	nothing_is_left(n);
	if (!n->cancels && ok != !(n->plan[0].fails || n->plan[1].fails))
		wrong(n, ok ? "it passed" : world_error(&n->w));
	return !n->bad;
}

static bool
try_nest(uint64_t seed, unsigned *overdrawn)
{
	struct sb text cleanup_sb = SB_INIT;
	struct nest n = { .seed = seed, .first_seed = seed };
	bool ok;

	n.slots = 1 + (int)(nrnd(&n.seed) % 8);
	n.cancels = nmaybe(&n.seed, 40);
	n.overdraws = n.cancels;
	n.with_locks = nmaybe(&n.seed, 70);
	random_nest(&n, &text);
	n.text = sb_cstr(&text);
	world_init(&n.w, n.text, n.slots);
	nest_configure(&n);
	ok = nest_run(&n);
	if (!ok)
		nest_tell(&n, n.why);
	*overdrawn += n.overdrawn;
	vec_free(&n.settled);
	for (size_t i = 0; i < n.guests.n; i++)
		guest_call_free(n.guests.v[i]);
	vec_free(&n.guests);
	world_free(&n.w);
	return ok;
}

/* NESTS: how many; NEST_SEED: just that one. */
static void
every_nest_ends(void **state)
{
	const char *many = getenv("NESTS"), *one = getenv("NEST_SEED");
	unsigned nests = many ? (unsigned)strtoul(many, NULL, 10) : NESTS;
	unsigned overdrawn = 0;

	(void)state;
	if (one != NULL) {
		assert_true(try_nest(strtoull(one, NULL, 10), &overdrawn));
		return;
	}
	for (unsigned i = 1; i <= nests; i++)
		assert_true(
		    try_nest(i * UINT64_C(0x9E3779B97F4A7C15), &overdrawn));
	assert_true(overdrawn * 200 <= nests);
}

int
test_run_nest(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_nest_ends),
	};

	return cmocka_run_group_tests_name("run nest", tests, NULL, NULL);
}
