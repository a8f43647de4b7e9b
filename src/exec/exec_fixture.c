/* SPDX-License-Identifier: MIT */
#include "exec/exec_fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "unit.h"

static void
heard_output(void *arg, int stream, sv bytes)
{
	struct heard *h = arg;

	assert_int_equal(h->done, 0);
	h->bytes += bytes.n;
	if (!h->drop)
		sb_addv(stream == 1 ? &h->out : &h->err, bytes);
	if (h->on_output != NULL)
		h->on_output(h);
}

static void
heard_done(void *arg, const struct job_result *r)
{
	struct heard *h = arg;

	h->done++;
	h->status = r->status;
	h->signal = r->signal;
	h->pipe_held = r->pipe_held;
	h->syntax_error = r->syntax_error;
	h->wall_ns = r->end_ns - r->start_ns;
	h->cpu_ns = r->user_ns + r->sys_ns;
	h->rss = r->max_rss_bytes;
	if (r->error.message != NULL)
		h->error = xstrdup(r->error.message);
}

struct executor *
fixture_executor(void)
{
	return executor_local_new(loop_new());
}

void
fixture_executor_free(struct executor *x)
{
	struct loop *l = x->loop;

	x->ops->free(x);
	loop_free(l);
}

void
fixture_spec(struct executor *x, struct heard *h, struct job_spec *spec)
{
	*spec = (struct job_spec){ .in = { STDIO_NULL, 0 },
		.out = { STDIO_PIPE, 0 }, .err = { STDIO_PIPE, 0 },
		.output = heard_output, .done = heard_done, .arg = h };
	h->x = x;
}

struct job *
fixture_start(struct executor *x, struct heard *h, const char *script)
{
	struct err e cleanup_err = ERR_INIT;
	struct job_spec spec;

	fixture_spec(x, h, &spec);
	spec.script = script;
	h->job = x->ops->start(x, &spec, &e);
	if (h->job == NULL)
		fail_msg("%s: %s", script, e.message);
	return h->job;
}

/* A test that waits for what never comes fails rather than hangs, and leaves
 * nothing behind: tear-down frees the executor, which ends its jobs. */
static void
too_late(void *arg)
{
	fail_msg("%s", (const char *)arg);
}

void
fixture_wait(struct executor *x, struct heard *h)
{
	struct timer *t = loop_timer(x->loop, 60 * NS_PER_S, too_late,
	    (void *)"a job did not end within a minute");

	while (h->done == 0)
		assert_true(loop_turn(x->loop));
	assert_int_equal(h->done, 1);
	loop_timer_stop(x->loop, &t);
}

void
fixture_wait_text(struct executor *x, struct heard *h, const char *text)
{
	struct timer *t = loop_timer(x->loop, 60 * NS_PER_S, too_late,
	    (void *)"a job did not print within a minute");

	while (strstr(sb_cstr(&h->out), text) == NULL)
		assert_true(loop_turn(x->loop));
	loop_timer_stop(x->loop, &t);
}

void
fixture_run(struct executor *x, struct heard *h, const char *script)
{
	fixture_start(x, h, script);
	fixture_wait(x, h);
}

void
fixture_free(struct heard *h)
{
	sb_free(&h->out);
	sb_free(&h->err);
	free(h->error);
	*h = (struct heard){ 0 };
}

char *
fixture_mkdir(struct arena *a)
{
	char *dir = arena_strdup(a, "/tmp/prun-test-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

void
fixture_rmdir(const char *dir)
{
	struct err e cleanup_err = ERR_INIT;

	assert_true(remove_all(dir, &e));
}

void
fixture_wait_file(const char *path)
{
	struct timespec pause = { 0, 2000000 };

	/* two minutes at most: a failure must not hang the suite */
	for (int i = 0; i < 60000 && !path_exists(path); i++)
		nanosleep(&pause, NULL);
	assert_true(path_exists(path));
}

/* Dead, but its parent has yet to fetch it; never so without /proc. */
static bool
is_zombie(struct arena *a, pid_t pid)
{
	struct err e cleanup_err = ERR_INIT;
	sv text;
	ptrdiff_t at;

	if (!read_file(a, arena_printf(a, "/proc/%ld/stat", (long)pid), &text,
		&e))
		return false;
	at = sv_find(text, SV(") "), 0);
	return at >= 0 && (size_t)at + 2 < text.n && text.p[at + 2] == 'Z';
}

bool
fixture_lives(struct arena *a, const char *pid_file)
{
	struct err e cleanup_err = ERR_INIT;
	sv text;
	pid_t pid;

	assert_true(read_file(a, pid_file, &text, &e));
	pid = (pid_t)strtol(text.p, NULL, 10);
	assert_true(pid > 0);
	return (kill(pid, 0) == 0 || errno != ESRCH) && !is_zombie(a, pid);
}
