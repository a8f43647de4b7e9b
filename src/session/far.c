/* SPDX-License-Identifier: MIT */
/*
 * An executor of a worker whose jobs the session runs, on a cluster: one at a
 * time, by messages (cluster_jobs.c).
 */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "session/worker_internal.h"

struct far {
	struct executor base;
	struct worker *w;
	bool is_busy;
	int64_t start_ns;
	void (*running)(void *arg);
	void (*done)(void *arg, const struct job_result *result);
	void *arg;
};

/* Bytes of a variable need be no text, so they go by way of a file. */
static bool
write_environment(const char *path, char *const *env, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;

	for (; *env != NULL; env++) {
		sb_adds(&b, *env);
		sb_addc(&b, '\0');
	}
	return write_atomic(path, sb_sv(&b), 0600, e);
}

static struct job *
far_start(struct executor *x, const struct job_spec *spec, struct err *e)
{
	struct far *f = (struct far *)x;
	struct trial *t = f->w->now;
	struct talk m = talk_new("job");

	if (f->is_busy)
		BUG("two jobs of one worker on the cluster");
	m.number = t->test.number;
	m.path = spec->dir;
	m.log = t->log;
	m.env = arena_printf(t->a, "%s.env", t->log);
	m.timeout_ns = spec->timeout_ns;
	for (const char *const *word = spec->argv; *word != NULL; word++)
		vec_push(t->a, &m.words, *word);
	if (!write_environment(m.env, spec->env, e))
		return NULL;
	f->is_busy = true;
	f->running = spec->running;
	f->done = spec->done;
	f->arg = spec->arg;
	f->start_ns = clock_mono_ns();
	worker_say(f->w, &m);
	return (struct job *)f;
}

static void
far_end_tree(struct executor *x, struct job *j, int sig, int64_t grace_ns)
{
	struct far *f = (struct far *)x;
	struct talk m = talk_new("job_cancel");

	(void)j;
	(void)grace_ns; /* the session's */
	m.number = f->w->now->test.number;
	m.signal = sig;
	worker_say(f->w, &m);
}

static void
far_free(struct executor *x)
{
	free(x);
}

static const struct executor_ops far_ops = {
	.name = "slurm",
	.queues = true,
	.start = far_start,
	.end_tree = far_end_tree,
	.free = far_free,
};

struct executor *
far_new(struct worker *w)
{
	struct far *f = xcalloc(1, sizeof(*f));

	f->base.ops = &far_ops;
	f->base.loop = w->l;
	f->w = w;
	return &f->base;
}

void
far_hear(struct executor *x, const struct talk *t)
{
	struct far *f = (struct far *)x;
	struct job_result r = { .status = (int)t->exit_status,
		.signal = (int)t->signal,
		.error = ERR_INIT };

	if (!f->is_busy)
		return;
	if (strcmp(t->say, "job_runs") == 0) {
		f->start_ns = clock_mono_ns();
		f->running(f->arg);
		return;
	}
	f->is_busy = false;
	r.not_started = *t->reason != '\0';
	if (r.not_started)
		err_set(&r.error, ERR_GENERIC, "%s", t->reason);
	r.start_ns = f->start_ns;
	r.end_ns = clock_mono_ns();
	f->done(f->arg, &r);
	err_clear(&r.error);
}

void
far_lose(struct executor *x)
{
	struct far *f = (struct far *)x;
	struct talk end = talk_new("job_end");

	if (!f->is_busy)
		return;
	f->w->now->is_lost = true;
	end.exit_status = -1;
	end.reason = "the session is gone";
	far_hear(x, &end);
}
