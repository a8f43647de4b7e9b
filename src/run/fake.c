/* SPDX-License-Identifier: MIT */
#include "run/fake.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

/* ---- the executor ---- */

struct timer {
	struct timer *next;
	int64_t at_ns;
	void (*fn)(void *);
	void *arg;
};

struct job; /* a fake_job under its public name */

static uint64_t
random_next(struct fake *f)
{
	f->seed ^= f->seed << 13;
	f->seed ^= f->seed >> 7;
	f->seed ^= f->seed << 17;
	return f->seed;
}

static struct fake *
fake_of(struct executor *x)
{
	return (struct fake *)x;
}

static const struct fake_script *
script_of(const struct fake *f, const char *text)
{
	for (size_t i = 0; i < f->n_scripts; i++)
		if (strcmp(f->scripts[i].text, text) == 0)
			return &f->scripts[i];
	return NULL;
}

static struct job *
fake_start(struct executor *x, const struct job_spec *spec, struct err *e)
{
	struct fake *f = fake_of(x);
	struct fake_job *j = xcalloc(1, sizeof(*j));
	struct fake_job **at = &f->jobs;
	int64_t ns = NS_PER_MS;

	(void)e;
	j->spec = *spec;
	j->text = xstrdup(spec->script);
	j->script = script_of(f, spec->script);
	j->start_ns = f->l->now_ns;
	if (f->seed != 0)
		ns = (int64_t)(random_next(f) % 1000 + 1) * NS_PER_MS;
	if (f->how_long != NULL)
		ns = f->how_long(f->how_long_arg, spec);
	if (j->script != NULL) {
		j->status = j->script->status;
		if (j->script->ns != 0)
			ns = j->script->ns;
	}
	j->end_ns = ns < 0 ? INT64_MAX : f->l->now_ns + ns;
	while (*at != NULL)
		at = &(*at)->next;
	*at = j;
	j->number = ++f->started;
	if (++f->running > f->max_running)
		f->max_running = f->running;
	sb_printf(&f->log, "start %s\n", j->text);
	return (struct job *)j;
}

static void
job_signal(struct executor *x, struct job *job, int sig)
{
	struct fake *f = fake_of(x);
	struct fake_job *j = (struct fake_job *)job;

	if (sig != SIGKILL && ++j->signals > f->max_signals)
		f->max_signals = j->signals;
	if (sig != SIGKILL && j->script != NULL && j->script->ignores_int)
		return;
	j->end_ns = f->l->now_ns;
	if (sig != SIGKILL && j->script != NULL)
		j->end_ns += j->script->cleans_ns;
	j->signal = sig;
	j->status = 128 + sig;
}

static void
fake_end_tree(struct executor *x, struct job *job, int sig, int64_t grace_ns)
{
	struct fake *f = fake_of(x);
	struct fake_job *j = (struct fake_job *)job;

	if (sig != 0)
		job_signal(x, job, sig);
	if (j->end_ns <= f->l->now_ns + grace_ns)
		return;
	j->end_ns = f->l->now_ns + grace_ns;
	j->signal = SIGKILL;
	j->status = 128 + SIGKILL;
}

static struct fake_job *
first_job(const struct fake *f)
{
	struct fake_job *first = NULL;

	for (struct fake_job *j = f->jobs; j != NULL; j = j->next)
		if (j->end_ns != INT64_MAX &&
		    (first == NULL || j->end_ns < first->end_ns))
			first = j;
	return first;
}

static void
finish(struct fake *f, struct fake_job *j)
{
	struct fake_job **at = &f->jobs;
	struct job_result res = { .status = j->status,
		.signal = j->signal,
		.start_ns = j->start_ns,
		.end_ns = j->end_ns,
		.error = ERR_INIT };

	if (j->script != NULL && j->script->out != NULL &&
	    j->spec.out.kind != STDIO_NULL)
		j->spec.output(j->spec.arg, 1, sv_of(j->script->out));
	while (*at != j)
		at = &(*at)->next;
	*at = j->next;
	f->running--;
	sb_printf(&f->log, "end %s\n", j->text);
	j->spec.done(j->spec.arg, &res);
	free(j->text);
	free(j);
}

static bool
fake_spawns(struct executor *x, const struct job_spec *spec)
{
	(void)x;
	(void)spec;
	return true;
}

/* The text of a job is the mark of its processes. */
static bool
fake_owns(struct executor *x, const struct job *j, pid_t pid, const char *mark)
{
	(void)x;
	(void)pid;
	return strcmp(((const struct fake_job *)j)->text, mark) == 0;
}

static int64_t
fake_id(struct executor *x, const struct job *j)
{
	(void)x;
	return ((const struct fake_job *)j)->number;
}

static const struct executor_ops fake_ops = {
	.name = "fake",
	.id = fake_id,
	.start = fake_start,
	.end_tree = fake_end_tree,
	.spawns = fake_spawns,
	.owns = fake_owns,
};

void
fake_init(struct fake *f, struct fake_loop *l)
{
	*f = (struct fake){ .executor = { &fake_ops, &l->loop },
		.l = l,
		.next = l->executors };
	l->executors = f;
}

void
fake_free(struct fake *f)
{
	sb_free(&f->log);
}

/* ---- the loop ---- */

static struct fake_loop *
loop_of(struct loop *l)
{
	return (struct fake_loop *)l;
}

static int64_t
fake_now(struct loop *l)
{
	return loop_of(l)->now_ns;
}

static struct timer *
fake_timer(struct loop *l, int64_t after_ns, void (*fn)(void *), void *arg)
{
	struct fake_loop *f = loop_of(l);
	struct timer *t = xcalloc(1, sizeof(*t));

	*t = (struct timer){ f->timers, ns_add(f->now_ns, after_ns), fn, arg };
	f->timers = t;
	return t;
}

static void
fake_timer_stop(struct loop *l, struct timer *t)
{
	struct timer **at = &loop_of(l)->timers;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t);
}

static struct timer *
first_timer(const struct fake_loop *f)
{
	struct timer *first = f->timers;

	for (struct timer *t = first; t != NULL; t = t->next)
		if (t->at_ns <= first->at_ns)
			first = t;
	return first;
}

static void
fake_watch(struct loop *l, int fd, void (*fn)(void *, int fd), void *arg)
{
	struct fake_watch w = { fd, fn, arg };

	vec_push(NULL, &loop_of(l)->watches, w);
}

static void
fake_unwatch(struct loop *l, int fd)
{
	struct fake_loop *f = loop_of(l);
	size_t i = 0;

	while (i < f->watches.n && f->watches.v[i].fd != fd)
		i++;
	if (i < f->watches.n)
		f->watches.v[i] = f->watches.v[--f->watches.n];
}

/* What can be read now, without waiting. */
static bool
hear_watches(struct fake_loop *f)
{
	for (size_t i = 0; i < f->watches.n; i++) {
		struct fake_watch w = f->watches.v[i];
		struct pollfd p = { w.fd, POLLIN, 0 };

		if (poll(&p, 1, 0) > 0) {
			w.fn(w.arg, w.fd);
			return true;
		}
	}
	return false;
}

static bool
fake_turn(struct loop *l)
{
	struct fake_loop *f = loop_of(l);
	struct fake_job *j = NULL;
	struct fake *at = NULL;
	struct timer *t;

	if (hear_watches(f))
		return true;
	t = first_timer(f);
	for (struct fake *x = f->executors; x != NULL; x = x->next) {
		struct fake_job *its = first_job(x);

		if (its == NULL || (j != NULL && j->end_ns <= its->end_ns))
			continue;
		j = its;
		at = x;
	}
	if (t == NULL && j == NULL)
		return false;
	if (j != NULL && (t == NULL || j->end_ns <= t->at_ns)) {
		if (j->end_ns > f->now_ns)
			f->now_ns = j->end_ns;
		finish(at, j);
		return true;
	}
	if (t->at_ns > f->now_ns)
		f->now_ns = t->at_ns;
	{
		struct timer copy = *t;

		fake_timer_stop(l, t);
		copy.fn(copy.arg);
	}
	return true;
}

static void
fake_on_signal(struct loop *l, void (*fn)(void *, int), void *arg)
{
	loop_of(l)->on_signal = fn;
	loop_of(l)->signal_arg = arg;
}

/* There is no terminal. */
static void
fake_hear(struct loop *l, struct group_owner *o, bool on)
{
	(void)l;
	(void)o;
	(void)on;
}

static const struct loop_ops fake_loop_ops = {
	.now = fake_now,
	.timer = fake_timer,
	.timer_stop = fake_timer_stop,
	.watch = fake_watch,
	.unwatch = fake_unwatch,
	.on_signal = fake_on_signal,
	.hear = fake_hear,
	.turn = fake_turn,
};

void
fake_loop_init(struct fake_loop *l)
{
	*l = (struct fake_loop){ .loop.ops = &fake_loop_ops, .now_ns = 1 };
}

void
fake_loop_free(struct fake_loop *l)
{
	while (l->timers != NULL)
		fake_timer_stop(&l->loop, l->timers);
	vec_free(&l->watches);
}
