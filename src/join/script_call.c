/* SPDX-License-Identifier: MIT */
/* Calls that links make (P-104): `task:NAME` in a script. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "join/internal.h"

enum {
	LINK_DEPTH_MAX = 100,
	PIECE = 64 * 1024, /* of a message */
	/* What is on its way to a link that has not written it.  More than that
	 * waits in the pipe of the job, as it would without prun. */
	AHEAD_MAX = 128 * 1024,
};

/* ---- what a call writes ---- */

/* The jobs that write into these streams. */
static void
scall_hold(struct client *c, bool held)
{
	if (!held && !c->is_held)
		return;
	c->is_held = held;
	for (struct command *cm = run_jobs(c->k->r); cm != NULL; cm = cm->next)
		if (cm->job != NULL && cm->record->streams == &c->streams)
			executor_hold(cm->executor, cm->job, held);
}

/* A link that is gone is noticed when its socket is read. */
static void
scall_relay(void *arg, int stream, sv bytes)
{
	struct client *c = arg;

	if (c->fd < 0 || c->lost != NULL)
		return;
	while (bytes.n > 0) {
		sv piece = sv_sub(bytes, 0, PIECE);

		message_add(&c->queue,
		    stream == 2 ? MESSAGE_ERRORS : MESSAGE_OUTPUT, piece);
		c->ahead += piece.n;
		bytes = sv_sub(bytes, PIECE, SIZE_MAX);
	}
	message_push(c->fd, &c->queue);
	if (c->ahead >= AHEAD_MAX)
		scall_hold(c, true);
}

void
script_call_taken(struct client *c, const struct message *m)
{
	size_t n = m->n == 1 ? strtoul(m->v[0], NULL, 10) : 0;

	c->ahead -= n < c->ahead ? n : c->ahead;
	message_push(c->fd, &c->queue);
	if (c->ahead < AHEAD_MAX)
		scall_hold(c, false);
}

static void
scall_cancel(struct client *c)
{
	c->ahead = 0;
	scall_hold(c, false);
	if (c->call != NULL && !c->is_over)
		guest_call_cancel(
		    c->call, SIGINT, run_get_config(c->k->r)->cancel_grace_ns);
}

/* It cannot write, so the call has failed, whoever waits for it. */
void
script_call_lost(struct client *c, const struct message *m)
{
	c->lost = arena_strdup(c->a, m->n == 1 ? m->v[0] : "");
	sb_clear(&c->queue);
	scall_cancel(c);
	if (!c->is_over)
		return;
	c->status = err_exit_status(ERR_TASK_FAILED);
	c->text = c->lost;
	if (!err_is_set(&c->job->err))
		err_set(&c->job->err, ERR_TASK_FAILED, "%s", c->lost);
}

/* ---- calls ---- */

static void
say_done(struct client *c, int status, const char *text)
{
	char code[16];
	const char *texts[] = { code, text, NULL };

	snprintf(code, sizeof(code), "%d", status);
	/* What it lent is closed before it hears that all is over: the reader
	 * of a pipe must see its end then. */
	for (int i = 0; i < MESSAGE_FDS; i++) {
		if (c->wire.fds[i] >= 0)
			close(c->wire.fds[i]);
		c->wire.fds[i] = -1;
	}
	if (c->fd >= 0)
		message_send(c->fd, MESSAGE_DONE, texts, NULL, false);
}

static void call_start(struct client *c);

void
script_call_next(struct control *k, const struct command *job)
{
	struct client *next = NULL;

	for (struct client *c = k->clients; c != NULL; c = c->next)
		if (c->job == job && c->waiting)
			next = c; /* the list has the newest first */
	if (next != NULL)
		call_start(next);
}

static int
status_of(const struct err *e)
{
	if (!err_is_set(e))
		return 0;
	if (e->status >= 0)
		return e->status;
	return e->code == ERR_TIMEOUT ? 124 : err_exit_status(e->code);
}

static bool
script_is_over(const struct command *cm)
{
	return cm->job == NULL || executor_exited(cm->executor, cm->job);
}

static void
on_scall_settled(void *arg, struct run_call *record, struct err *err)
{
	struct client *c = arg;
	struct command *cm = c->job;
	bool failed;

	if (c->lost != NULL) {
		err_clear(err);
		err_set(err, ERR_TASK_FAILED, "%s", c->lost);
	}
	failed = err_is_set(err);
	/* Nobody is left to make good for it; of a link that was killed the
	 * script has seen the status. */
	if (failed && c->fd >= 0 && script_is_over(cm)) {
		record->is_unseen = true;
		if (!err_is_set(&cm->err))
			err_copy(&cm->err, err);
	} else if (failed && c->fd >= 0) {
		script_wait_failed(c, record, err);
	}
	c->is_over = true;
	c->status = status_of(err);
	c->text = arena_strdup(c->a, failed ? err->message : "");
	err_clear(err);
	if (failed)
		command_add_failed(cm, record);
	script_call_look(c);
}

/* The call is over when all that it wrote is where it belongs. */
void
script_call_look(struct client *c)
{
	struct joined_job *j = joined_job(c->job);
	struct control *k = c->k;

	if (!c->is_over || c->ahead > 0)
		return;
	say_done(c, c->status, c->text);
	client_free(c);
	joined_job_call_over(k, j);
}

static void
call_start(struct client *c)
{
	c->waiting = false;
	c->streams = (struct call_streams){ .write = scall_relay, .arg = c };
	memcpy(c->streams.fds, c->wire.fds, sizeof(c->streams.fds));
	c->call = guest_call_start(&(struct guest_order){ .job = c->job,
	    .task = c->task,
	    .vars = c->vars,
	    .streams = &c->streams,
	    .alone = c->how == 'f',
	    .settled = on_scall_settled,
	    .arg = c });
}

/* NAME=value … in an arena that outlives the call. */
static bool
read_vars(struct client *c, const struct message *m)
{
	struct arena *a = run_arena(c->k->r);

	c->vars = map_new(a);
	for (size_t i = 4; i < m->n; i++) {
		struct var *v = arena_new_of(a, struct var);
		sv name, text;

		if (!sv_cut(sv_of(m->v[i]), '=', &name, &text))
			return false;
		v->has_value = true;
		v->value = value_cstr(sv_cstr(a, text));
		map_put(c->vars, sv_dup(a, name), v);
	}
	return true;
}

static unsigned
link_depth(const struct command *cm)
{
	unsigned depth = 0;

	for (; cm != NULL; cm = command_host(cm))
		depth++;
	return depth;
}

static bool
has_open_call(const struct client *me)
{
	for (struct client *c = me->k->clients; c; c = c->next)
		if (c != me && c->job == me->job && c->kind == CLIENT_CALL)
			return true;
	return false;
}

static bool
call_refuse(struct client *c, int status, const char *text)
{
	say_done(c, status, text);
	return false;
}

bool
script_call_begin(struct client *c, const struct message *m)
{
	struct command *cm = c->job;

	for (int i = 0; i < MESSAGE_FDS; i++)
		if (c->wire.fds[i] < 0)
			return false;
	if (cm == NULL || cm->cmd == NULL || joined_job(cm) == NULL)
		return call_refuse(
		    c, 1, "it is not called by a task's command");
	if (link_depth(cm) >= LINK_DEPTH_MAX)
		return call_refuse(c, 1,
		    "scripts call tasks more than 100 deep: "
		    "does one call itself?");
	if (m->n < 4 || m->v[3][0] == '\0' || !read_vars(c, m))
		return false;
	/* the link is there for another run of the repository, whose Taskfile
	 * has that task */
	if (!command_knows_task(cm, m->v[2]))
		return call_refuse(c, 127, "command not found");
	c->kind = CLIENT_CALL;
	c->task = arena_strdup(c->a, m->v[2]);
	c->how = m->v[3][0];
	c->parent = strtol(m->v[3] + 1, NULL, 10);
	joined_job_call_begins(c->k, joined_job(cm));
	if (run_get_config(c->k->r)->serial && has_open_call(c))
		c->waiting = true;
	else
		call_start(c);
	return true;
}

void
script_call_abandon(struct client *c)
{
	struct joined_job *j = joined_job(c->job);
	struct control *k = c->k;

	client_hang_up(c);
	scall_cancel(c);
	if (c->is_over) {
		script_call_look(c);
	} else if (c->waiting) {
		client_free(c);
		joined_job_call_over(k, j);
	}
}
