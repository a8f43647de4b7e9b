/* SPDX-License-Identifier: MIT */
/* Calls that links make (P-104): `task:NAME` in a script. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "join/control.h"

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
	for (struct command *cm = c->r->commands; cm != NULL; cm = cm->next)
		if (cm->job != NULL && cm->owner->streams == &c->streams)
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
call_cancel(struct client *c)
{
	const struct cancel why = { .sig = SIGINT,
		.grace_ns = c->r->config.cancel_grace_ns,
		.text = CANCELLED_TEXT };

	c->ahead = 0;
	scall_hold(c, false);
	if (c->entry.child != NULL)
		live_call_cancel(c->entry.child, &why);
}

/* It cannot write, so the call has failed, whoever waits for it. */
void
script_call_lost(struct client *c, const struct message *m)
{
	c->lost = arena_strdup(c->a, m->n == 1 ? m->v[0] : "");
	sb_clear(&c->queue);
	call_cancel(c);
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

/* P-107: the next call of the script, in the order in which they came. */
static void
call_next(struct run *r, const struct command *job)
{
	struct client *next = NULL;

	for (struct client *c = r->control->clients; c != NULL; c = c->next)
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

/* How much of the job's time it had calls under way. */
static void
count_calls(struct command *cm)
{
	if (cm->job != NULL)
		cm->record->calls_ns += run_now(cm->r) - cm->calls_since_ns;
}

/* The last one of a job that is over: now the command is. */
static void
job_joined(struct command *cm)
{
	struct run *r = cm->r;

	cm->open_calls--;
	if (cm->open_calls == 0)
		count_calls(cm);
	if (cm->joins && cm->open_calls == 0 && cm->late == NULL) {
		late_forget(cm);
		cm->joins = false;
		command_finish(cm);
	} else if (r->config.serial) {
		call_next(r, cm);
	}
}

static bool
script_is_over(const struct command *cm)
{
	return cm->job == NULL || executor_exited(cm->executor, cm->job);
}

static void
on_scall_settled(struct entry *en, struct err *err)
{
	struct client *c = en->arg;
	struct run_call *record = en->record;
	struct command *cm = c->job;
	bool failed;

	if (c->lost != NULL) {
		err_clear(err);
		err_set(err, ERR_TASK_FAILED, "%s", c->lost);
	}
	failed = err_is_set(err);
	/* Nobody is left to make good for it; of a link that was killed the
	 * script has seen the status. */
	if (failed && c->fd >= 0 && script_is_over(cm) && !err_is_set(&cm->err))
		err_copy(&cm->err, err);
	c->is_over = true;
	c->status = status_of(err);
	c->text = arena_strdup(c->a, failed ? err->message : "");
	err_clear(err);
	record->streams = NULL;
	if (failed)
		vec_push(cm->owner->arena, &cm->failed, record);
	script_call_look(c);
}

/* The call is over when all that it wrote is where it belongs. */
void
script_call_look(struct client *c)
{
	struct command *cm = c->job;

	if (!c->is_over || c->ahead > 0)
		return;
	say_done(c, c->status, c->text);
	client_free(c);
	job_joined(cm);
}

static void
call_start(struct client *c)
{
	struct run *r = c->r;
	struct live_call *parent = c->job->owner, *lc;

	c->waiting = false;
	c->group = (struct group){ .owner = parent, .err = ERR_INIT };
	c->entry = (struct entry){ .owner = parent,
		.group = &c->group,
		.state = ENTRY_OPEN,
		.conditional = true,
		.settled = on_scall_settled,
		.arg = c,
		.err = ERR_INIT,
		.call = { .task = c->task, .indirect = true } };
	lc = live_call_new(r, parent, &c->entry, &c->entry.call);
	lc->call.task = arena_strdup(lc->arena, c->task);
	lc->call.vars = c->vars;
	lc->host = c->job;
	c->streams = (struct call_streams){ .write = scall_relay, .arg = c };
	memcpy(c->streams.fds, c->wire.fds, sizeof(c->streams.fds));
	lc->streams = lc->record->streams = &c->streams;
	c->entry.child = lc;
	live_call_wake(lc);
}

/* NAME=value … in an arena that outlives the call. */
static bool
read_vars(struct client *c, const struct message *m)
{
	struct arena *a = c->r->arena;

	c->vars = map_new(a);
	for (size_t i = 3; i < m->n; i++) {
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

	for (; cm != NULL; cm = cm->owner->host)
		depth++;
	return depth;
}

static bool
has_open_call(const struct client *me)
{
	for (struct client *c = me->r->control->clients; c; c = c->next)
		if (c != me && c->job == me->job && c->kind == CLIENT_CALL)
			return true;
	return false;
}

static bool
call_refuse(struct client *c, const char *text)
{
	say_done(c, 1, text);
	return false;
}

bool
script_call_begin(struct client *c, const struct message *m)
{
	struct command *cm = c->job;

	for (int i = 0; i < MESSAGE_FDS; i++)
		if (c->wire.fds[i] < 0)
			return false;
	if (cm == NULL || cm->cmd == NULL)
		return call_refuse(c, "it is not called by a task's command");
	if (link_depth(cm) >= LINK_DEPTH_MAX)
		return call_refuse(c, "scripts call tasks more than 100 deep: "
				      "does one call itself?");
	if (!read_vars(c, m))
		return false;
	c->kind = CLIENT_CALL;
	c->task = arena_strdup(c->a, m->v[2]);
	if (cm->open_calls++ == 0)
		cm->calls_since_ns = run_now(cm->r);
	if (c->r->config.serial && has_open_call(c))
		c->waiting = true;
	else
		call_start(c);
	return true;
}

void
script_call_abandon(struct client *c)
{
	struct command *cm = c->job;

	client_hang_up(c);
	call_cancel(c);
	if (c->is_over) {
		script_call_look(c);
	} else if (c->waiting) {
		client_free(c);
		job_joined(cm);
	}
}
