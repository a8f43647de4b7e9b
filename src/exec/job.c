/* SPDX-License-Identifier: MIT */
/* A job from its record to its done(): output, exit, what is still awaited. */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/members.h"

static void job_told(void *arg, int status, const struct rusage *u);

void
job_has_pid(struct job *j, pid_t pid)
{
	j->pid = pid;
	j->exited = false;
	j->x->spawned = true;
	j->child = (struct child){ .pid = pid, .fn = job_told, .arg = j };
	loop_child_add(j->x->base.loop, &j->child);
	guard_job_started(j->x, j);
}

struct job *
job_new(struct local *x, const struct job_spec *spec)
{
	struct job *j = xcalloc(1, sizeof(*j));

	j->x = x;
	j->serial = ++x->serial;
	j->output = spec->output;
	j->done = spec->done;
	j->arg = spec->arg;
	j->result.error = (struct err)ERR_INIT;
	j->result.start_ns = clock_mono_ns();
	j->next = x->jobs;
	if (x->jobs != NULL)
		x->jobs->prev = j;
	x->jobs = j;
	return j;
}

static void
drop_texts(struct job *j)
{
	while (j->texts != NULL) {
		struct job_text *t = j->texts;

		j->texts = t->next;
		free(t);
	}
}

static void
not_ready(struct job *j)
{
	struct local *x = j->x;
	struct job **p = &x->ready;

	while (*p != NULL && *p != j)
		p = &(*p)->ready_next;
	if (*p == NULL)
		return;
	*p = j->ready_next;
	if (x->ready_end == &j->ready_next)
		x->ready_end = p;
}

void
job_free(struct job *j)
{
	struct local *x = j->x;

	if (j->is_ready)
		not_ready(j);
	if (j->next != NULL)
		j->next->prev = j->prev;
	if (j->prev != NULL)
		j->prev->next = j->next;
	else
		x->jobs = j->next;
	if (j->pid > 0)
		loop_child_remove(x->base.loop, &j->child);
	for (int i = 0; i < STREAMS; i++)
		if (j->streams[i] != NULL)
			stream_orphan(j->streams[i]);
	loop_timer_stop(x->base.loop, &j->drain);
	loop_timer_stop(x->base.loop, &j->ending_timer);
	members_drop(j);
	err_clear(&j->result.error);
	drop_texts(j);
	steps_free(j);
	free(j->script);
	free(j);
}

/* bash says 2 (once 1) of a script that it cannot read; so may the script of
 * anything else.  Only now, that it has failed, is it worth a process to know
 * which (L-218). */
static void
find_syntax_error(struct job *j)
{
	struct job_result *r = &j->result;

	if (j->script == NULL || r->signal != 0 ||
	    (r->status != 2 && r->status != 1))
		return;
	r->syntax_error = !shell_can_parse(&j->x->shell, j->script, &r->error);
}

static void
job_finish(struct job *j)
{
	find_syntax_error(j);
	loop_happened(j->x->base.loop);
	if (j->done != NULL)
		j->done(j->arg, &j->result);
	job_free(j);
}

static bool
has_streams(const struct job *j)
{
	return j->streams[0] != NULL || j->streams[1] != NULL ||
	    j->streams[2] != NULL;
}

void
job_maybe_done(struct job *j)
{
	if (!j->exited || has_streams(j))
		return;
	if (j->ending != ENDING_NOT && j->ending != ENDING_OVER)
		return;
	job_finish(j);
}

/* Was its output left unread in this time?  Then there may be more of it. */
static bool
was_held(const struct job *j)
{
	bool held = false;

	for (int i = 0; i < STREAMS; i++) {
		struct stream *s = j->streams[i];

		if (s == NULL)
			continue;
		held |= s->was_held;
		s->was_held = s->is_held;
	}
	return held;
}

static void
drained(void *arg)
{
	struct job *j = arg;

	j->drain = NULL;
	if (was_held(j) && j->ending == ENDING_NOT) {
		job_await_end_of_output(j);
		return;
	}
	j->result.pipe_held = true;
	for (int i = 0; i < STREAMS; i++)
		if (j->streams[i] != NULL)
			stream_orphan(j->streams[i]);
	job_maybe_done(j);
}

/* Whoever holds the output of a tree that is being ended will not for long. */
void
job_await_end_of_output(struct job *j)
{
	if (has_streams(j) && j->drain == NULL &&
	    (j->ending == ENDING_NOT || j->ending == ENDING_OVER))
		j->drain = loop_timer(j->x->base.loop, DRAIN_NS, drained, j);
}

static int64_t
timeval_ns(struct timeval t)
{
	return (int64_t)t.tv_sec * NS_PER_S + (int64_t)t.tv_usec * 1000;
}

static void
set_result(struct job *j, int status, const struct rusage *u)
{
	struct job_result *r = &j->result;
	int64_t rss = u->ru_maxrss;

	r->end_ns = clock_mono_ns();
	r->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	r->status = r->signal != 0 ? 128 + r->signal : WEXITSTATUS(status);
	r->user_ns += timeval_ns(u->ru_utime);
	r->sys_ns += timeval_ns(u->ru_stime);
	r->read_blocks += u->ru_inblock;
	r->written_blocks += u->ru_oublock;
#ifndef __APPLE__
	rss *= 1024;
#endif
	if (r->max_rss_bytes < rss)
		r->max_rss_bytes = rss;
}

/* ^C that went to the job alone: the run is meant as well. */
static bool
died_of_int_key(const struct job *j)
{
	const struct terminal *t = &j->x->terminal;

	/* who is being ended was told by prun */
	if (j->ending != ENDING_NOT || j->result.status == 0)
		return false;
	/* a login that is left by ^C may well end with 1 */
	if (terminal_was_interrupted(j))
		return true;
	return j->result.status == 128 + SIGINT &&
	       (t->owner == j || (j->here && t->kept_int));
}

bool
job_process_ended(struct job *j, int status, const struct rusage *u)
{
	struct local *x = j->x;
	bool is_interrupt;

	set_result(j, status, u);
	j->exited = true;
	guard_job_ended(x, j);
	is_interrupt = died_of_int_key(j);
	terminal_take_back(x, j);
	return is_interrupt;
}

void
job_over(struct job *j, bool is_interrupt)
{
	for (int i = 0; i < STREAMS; i++)
		if (j->streams[i] != NULL)
			stream_drain(j->streams[i]);
	tree_root_exited(j);
	job_await_end_of_output(j);
	if (is_interrupt)
		signals_raise(loop_signals(j->x->base.loop), SIGINT);
	job_maybe_done(j);
}

static void
job_told(void *arg, int status, const struct rusage *u)
{
	struct job *j = arg;

	if (WIFSTOPPED(status))
		terminal_job_stopped(j->x, j, WSTOPSIG(status));
	else if (j->steps != NULL)
		steps_told(j, status, u);
	else
		job_over(j, job_process_ended(j, status, u));
}

/* Jobs without a process --------------------------------------------------- */

void
job_add_text(struct job *j, int stream, sv text)
{
	struct job_text *t = xmalloc(sizeof(*t) + text.n), **end = &j->texts;

	t->next = NULL;
	t->stream = stream;
	t->n = text.n;
	memcpy(t->text, text.p, text.n);
	while (*end != NULL)
		end = &(*end)->next;
	*end = t;
}

void
job_tell_texts(struct job *j)
{
	struct job_text *t = j->texts, *next;

	j->texts = NULL;
	for (; t != NULL; t = next) {
		next = t->next;
		if (j->output != NULL)
			j->output(j->arg, t->stream, (sv){ t->text, t->n });
		free(t);
	}
}

void
job_ready(struct job *j)
{
	struct local *x = j->x;

	if (j->is_ready)
		return;
	j->is_ready = true;
	j->ready_next = NULL;

	*x->ready_end = j;
	x->ready_end = &j->ready_next;
	loop_soon(x->base.loop, &x->soon);
}

/* Text of prun's own in place of a process, into the job's stream. */
void
job_print(struct job *j, int stream, const struct job_stdio *to, sv text)
{
	bool ok = true;

	switch (to->kind) {
	case STDIO_NULL:
	case STDIO_STDOUT:
		break;
	case STDIO_INHERIT:
		ok = write_all(stream, text.p, text.n);
		break;
	case STDIO_FD:
		ok = write_all(to->fd, text.p, text.n);
		break;
	case STDIO_PIPE:
	case STDIO_PTY:
		job_add_text(j, stream, text);
		break;
	}
	if (!ok && j->result.status == 0)
		j->result.status = 1; /* as a shell's echo says */
}

void
jobs_run_ready(void *local)
{
	struct local *x = local;
	struct job *j;
	size_t n = 0;

	for (j = x->ready; j != NULL; j = j->ready_next)
		n++;
	while (n-- > 0 && x->ready != NULL) {
		j = x->ready;
		x->ready = j->ready_next;
		if (x->ready == NULL)
			x->ready_end = &x->ready;
		j->is_ready = false;
		job_tell_texts(j);
		if (j->pid == 0)
			job_finish(j);
	}
}

/* ---- all of them ---- */

void
job_kill(const struct job *j, int sig)
{
	kill(j->here ? j->pid : -j->pid, sig);
}

void
jobs_told(void *local, int sig)
{
	struct local *x = local;
	bool heard = signals_from_terminal(loop_signals(x->base.loop), sig);

	if (sig == SIGWINCH) {
		pty_resize_all(x);
		return;
	}
	for (struct job *j = x->jobs; j != NULL; j = j->next)
		if (j->pid > 0 && !j->exited && !j->here)
			kill(-j->pid, sig);
		else if (j->pid > 0 && !j->exited && !heard)
			members_signal(j, 0, sig);
}
