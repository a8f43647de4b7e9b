/* SPDX-License-Identifier: MIT */
/* The engine over a Taskfile that is given as text, with fake executors. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "run/fake.h"
#include "taskfile/taskfile.h"

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
	fake_loop_init(&w->loop);
	fake_init(&w->other, &w->loop);
	fake_init(&w->fake, &w->loop);
	w->executors[0] = (struct executor_entry){ .name = "local",
		.x = &w->fake.executor };
	w->executors[1] = (struct executor_entry){ .name = "other",
		.x = &w->other.executor };
	w->arena = arena_new();
	if (mkdtemp(dir) == NULL)
		BUG("no temporary folder");
	w->dir = arena_strdup(w->arena, dir);
	w->templater = templater_new(w->arena, tmpl_env_system());
	w->slots = slots_new(slots, true);
	w->config.grace_ns = w->config.int_grace_ns =
	    w->config.timeout_grace_ns = 5 * NS_PER_S;
	w->config.cancel_grace_ns = 2 * NS_PER_S;
	if (!load(w, taskfile))
		BUG("Taskfile of a test: %s", w->err.message);
	w->fp = fp_new(&(struct fp_options){
	    .temp_dir = arena_printf(w->arena, "%s/.task", w->dir),
	    .root_dir = w->dir,
	    .default_method = w->compiler.taskfile->method,
	    .compiler = &w->compiler,
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

	struct fake_loop *l = &s->w->loop;

	if (l->on_signal != NULL)
		l->on_signal(l->signal_arg, s->sig);
}

void
world_signal_at(struct world_signal *s, struct world *w, int sig, int64_t ns)
{
	*s = (struct world_signal){ w, sig };
	loop_timer(&w->loop.loop, ns, send_signal, s);
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
	w->run = run_new(&w->config, &w->compiler, &w->loop.loop, w->executors,
	    w->slots, w->fp, &sink, 1);
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
	fake_free(&w->other);
	fake_loop_free(&w->loop);
	remove_all(w->dir, &e);
	arena_free(w->arena);
}
