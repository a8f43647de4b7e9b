/* SPDX-License-Identifier: MIT */
#include "run/fake.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "taskfile/taskfile.h"

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
	j->start_ns = f->now_ns;
	if (f->seed != 0)
		ns = (int64_t)(random_next(f) % 1000 + 1) * NS_PER_MS;
	if (j->script != NULL) {
		j->status = j->script->status;
		if (j->script->ns != 0)
			ns = j->script->ns;
	}
	j->end_ns = ns < 0 ? INT64_MAX : f->now_ns + ns;
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
fake_kill(struct executor *x, struct job *job, int sig)
{
	struct fake *f = fake_of(x);
	struct fake_job *j = (struct fake_job *)job;

	if (sig != SIGKILL && ++j->signals > f->max_signals)
		f->max_signals = j->signals;
	if (sig != SIGKILL && j->script != NULL && j->script->ignores_int)
		return;
	j->end_ns = f->now_ns;
	j->signal = sig;
	j->status = 128 + sig;
}

static void
fake_end_tree(struct executor *x, struct job *job, int sig, int64_t grace_ns)
{
	struct fake *f = fake_of(x);
	struct fake_job *j = (struct fake_job *)job;

	fake_kill(x, job, sig);
	if (j->signal != 0 || j->end_ns <= f->now_ns + grace_ns)
		return;
	j->end_ns = f->now_ns + grace_ns;
	j->signal = SIGKILL;
	j->status = 128 + SIGKILL;
}

static int64_t
fake_now(struct executor *x)
{
	return fake_of(x)->now_ns;
}

static struct timer *
fake_timer(struct executor *x, int64_t after_ns, void (*fn)(void *), void *arg)
{
	struct fake *f = fake_of(x);
	struct timer *t = xcalloc(1, sizeof(*t));

	*t = (struct timer){ f->timers, f->now_ns + after_ns, fn, arg };
	f->timers = t;
	return t;
}

static void
fake_timer_stop(struct executor *x, struct timer *t)
{
	struct timer **at = &fake_of(x)->timers;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	free(t);
}

static struct timer *
first_timer(const struct fake *f)
{
	struct timer *first = f->timers;

	for (struct timer *t = first; t != NULL; t = t->next)
		if (t->at_ns <= first->at_ns)
			first = t;
	return first;
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
fake_turn(struct executor *x)
{
	struct fake *f = fake_of(x);
	struct timer *t = first_timer(f);
	struct fake_job *j = first_job(f);

	if (t == NULL && j == NULL)
		return false;
	if (j != NULL && (t == NULL || j->end_ns <= t->at_ns)) {
		if (j->end_ns > f->now_ns)
			f->now_ns = j->end_ns;
		finish(f, j);
		return true;
	}
	if (t->at_ns > f->now_ns)
		f->now_ns = t->at_ns;
	{
		struct timer copy = *t;

		fake_timer_stop(x, t);
		copy.fn(copy.arg);
	}
	return true;
}

static void
fake_on_signal(struct executor *x, void (*fn)(void *, int), void *arg)
{
	fake_of(x)->on_signal = fn;
	fake_of(x)->signal_arg = arg;
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
	.kill = fake_kill,
	.end_tree = fake_end_tree,
	.now = fake_now,
	.timer = fake_timer,
	.timer_stop = fake_timer_stop,
	.turn = fake_turn,
	.on_signal = fake_on_signal,
};

void
fake_init(struct fake *f)
{
	*f = (struct fake){ .executor.ops = &fake_ops, .now_ns = 1 };
}

void
fake_free(struct fake *f)
{
	while (f->timers != NULL)
		fake_timer_stop(&f->executor, f->timers);
	sb_free(&f->log);
}

/* ---- the world ---- */

static void
on_event(void *ctx, const struct event *ev)
{
	struct world *w = ctx;
	uint64_t bit = UINT64_C(1) << ev->kind;
	const uint64_t dull = UINT64_C(1) << EVENT_JOB_STARTED |
	    UINT64_C(1) << EVENT_JOB_RUNNING | UINT64_C(1) << EVENT_PAUSE |
	    UINT64_C(1) << EVENT_QUESTION |
	    UINT64_C(1) << EVENT_JOB_DONE | UINT64_C(1) << EVENT_SLOT_WAIT;

	if (w->check != NULL)
		w->check(w, ev);
	if (w->wanted ? !(w->wanted & bit) : (dull & bit) != 0)
		return;
	sb_adds(&w->events, event_name(ev->kind));
	if (ev->call != NULL)
		sb_printf(&w->events, " %s", ev->call->name);
	if (ev->kind == EVENT_OUTPUT)
		sb_printf(&w->events, ": %.*s", SV_ARG(ev->bytes));
	else if (ev->text != NULL)
		sb_printf(&w->events, ": %s", ev->text);
	if (ev->kind == EVENT_CALL_DONE)
		sb_printf(&w->events, ": %s", outcome_name(ev->call->outcome));
	if (ev->quiet)
		sb_adds(&w->events, " (quiet)");
	sb_addc(&w->events, '\n');
}

static bool
load(struct world *w, const char *text)
{
	struct taskfile *tf = NULL;
	struct load_options o = { .root_dir = w->dir,
		.cwd = w->dir,
		.templater = w->templater };

	o.path = arena_printf(w->arena, "%s/Taskfile.yml", w->dir);
	if (!write_atomic(o.path, sv_of(text), 0644, &w->err) ||
	    !taskfile_load(w->arena, &o, &tf, &w->err))
		return false;
	w->compiler.taskfile = tf;
	w->compiler.templater = w->templater;
	w->compiler.root_dir = w->compiler.cwd = w->dir;
	w->compiler.task_exe = "prun";
	w->compiler.os_env = map_new(w->arena);
	compiler_init(w->arena, &w->compiler);
	return true;
}

void
world_init(struct world *w, const char *taskfile, int slots)
{
	char dir[] = "/tmp/prun-run-XXXXXX";

	*w = (struct world){ .err = ERR_INIT };
	fake_init(&w->fake);
	w->arena = arena_new();
	if (mkdtemp(dir) == NULL)
		BUG("no temporary folder");
	w->dir = arena_strdup(w->arena, dir);
	w->templater = templater_new(w->arena, tmpl_env_system());
	w->slots = slots_new(slots, true);
	w->config.grace_ns = 5 * NS_PER_S;
	w->config.cancel_grace_ns = 2 * NS_PER_S;
	if (!load(w, taskfile))
		BUG("Taskfile of a test: %s", w->err.message);
	w->fp = fp_new(&(struct fp_options){
	    .temp_dir = arena_printf(w->arena, "%s/.task", w->dir),
	    .root_dir = w->dir,
	    .default_method = w->compiler.taskfile->method,
	    .dry = w->config.dry });
}

void
world_script(struct world *w, const struct fake_script *scripts, size_t n)
{
	w->fake.scripts = scripts;
	w->fake.n_scripts = n;
}

static void
send_signal(void *arg)
{
	struct world_signal *s = arg;

	if (s->w->fake.on_signal != NULL)
		s->w->fake.on_signal(s->w->fake.signal_arg, s->sig);
}

void
world_signal_at(struct world_signal *s, struct world *w, int sig, int64_t ns)
{
	*s = (struct world_signal){ w, sig };
	fake_timer(&w->fake.executor, ns, send_signal, s);
}

bool
world_run(struct world *w, ...)
{
	const struct sink sink = { on_event, w };
	VEC(struct call) calls = { 0 };
	const char *name;
	va_list ap;
	bool ok;

	va_start(ap, w);
	while ((name = va_arg(ap, const char *)) != NULL) {
		struct call c = { .task = name };

		vec_push(w->arena, &calls, c);
	}
	va_end(ap);
	run_free(w->run);
	w->run = run_new(&w->config, &w->compiler, &w->fake.executor, w->slots,
	    w->fp, &sink, 1);
	ok = run_loop(w->run, calls.v, calls.n);
	return ok;
}

const char *
world_error(const struct world *w)
{
	const char *text = run_get_result(w->run)->err.message;

	return text ? text : "";
}

enum err_code
world_code(const struct world *w)
{
	return run_get_result(w->run)->err.code;
}

const struct run_call *
world_call(const struct world *w, const char *task, size_t n)
{
	const struct run_result *res = run_get_result(w->run);

	for (size_t i = 0; i < res->n; i++)
		if (strcmp(res->calls[i]->task_name, task) == 0 && n-- == 0)
			return res->calls[i];
	return NULL;
}

size_t
world_count(const struct world *w, const char *task)
{
	size_t n = 0;

	while (world_call(w, task, n) != NULL)
		n++;
	return n;
}

static long
line_at(const struct sb *log, const char *line, size_t n)
{
	size_t len = strlen(line), at = 0;

	while (at < log->n) {
		const char *p = log->p + at;
		const char *nl = memchr(p, '\n', log->n - at);

		if ((size_t)(nl - p) == len && memcmp(p, line, len) == 0 &&
		    n-- == 0)
			return (long)at;
		at = (size_t)(nl - log->p) + 1;
	}
	return -1;
}

long
world_at(const struct world *w, const char *line, size_t n)
{
	return line_at(&w->fake.log, line, n);
}

bool
world_saw(const struct world *w, const char *line)
{
	return line_at(&w->events, line, 0) >= 0;
}

void
world_free(struct world *w)
{
	struct err e cleanup_err = ERR_INIT;

	run_free(w->run);
	fp_free(w->fp);
	slots_free(w->slots);
	sb_free(&w->events);
	fake_free(&w->fake);
	remove_all(w->dir, &e);
	arena_free(w->arena);
}
