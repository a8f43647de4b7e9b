/* SPDX-License-Identifier: MIT */
/*
 * Who joins the run: the links named `task:NAME` that a script calls (P-104),
 * and nested runs, which ask for their slots here (P-108).  A socket in a
 * private folder, made when the first process starts and removed with the run;
 * one connection per link or nested run, whose end gives back what it had.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "join/control.h"

extern char **environ;

/* How long a link that the script did not wait for may take to reach the run
 * when the script is over. */
#define LATE_NS      (NS_PER_S / 2)
#define LATE_LOOK_NS (10 * NS_PER_MS)

/* ---- connections ---- */

void
client_hang_up(struct client *c)
{
	struct run *r = c->r;

	if (c->fd < 0)
		return;
	loop_unwatch(r->loop, c->fd);
	close(c->fd);
	c->fd = -1;
}

void
client_free(struct client *c)
{
	struct client **p = &c->r->control->clients;

	client_hang_up(c);
	nested_slots_free(c);
	if (c->record != NULL)
		nested_settle(c);
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	err_clear(&c->group.err);
	message_reader_free(&c->wire);
	sb_free(&c->queue);
	arena_free(c->a);
	free(c);
}

/* ---- messages ---- */

static struct command *
job_of(struct run *r, pid_t pid, const char *mark)
{
	for (struct command *cm = r->commands; cm != NULL; cm = cm->next)
		if (cm->job != NULL &&
		    executor_owns(cm->executor, cm->job, pid, mark))
			return cm;
	for (struct command *cm = r->control->late; cm != NULL;
	     cm = cm->late_next)
		if (pid > 0 && executor_group_has(cm->executor, cm->group, pid))
			return cm;
	return NULL;
}

/* false: this one is not listened to any more. */
static bool
client_begin(struct client *c, const struct message *m)
{
	if (m->n < 3 || strcmp(m->v[0], MESSAGE_VERSION) != 0)
		return false;
	c->job = job_of(c->r, c->pid, m->v[1]);
	if (m->kind == MESSAGE_CALL)
		return script_call_begin(c, m);
	if (m->kind != MESSAGE_RUN)
		return false;
	nested_begin(c, m);
	return true;
}

static bool
client_take(struct client *c, const struct message *m)
{
	if (c->kind == CLIENT_NEW)
		return client_begin(c, m);
	if (c->kind == CLIENT_CALL) {
		if (m->kind == MESSAGE_TAKEN)
			script_call_taken(c, m);
		else if (m->kind == MESSAGE_LOST)
			script_call_lost(c, m);
		return m->kind == MESSAGE_TAKEN || m->kind == MESSAGE_LOST;
	}
	if (m->kind == MESSAGE_ASK && m->n == 4) {
		nested_slot_ask(c, m);
	} else if (m->kind == MESSAGE_BACK && m->n == 1) {
		nested_slot_back(c, m);
	} else if (m->kind == MESSAGE_END && m->n == 2) {
		c->status = message_int(m->v[0]);
		c->signal = message_int(m->v[1]);
	} else {
		return false;
	}
	return true;
}

static void
client_read(struct client *c)
{
	struct arena *a cleanup_arena = arena_new();
	struct message m;
	bool goes_on = true;

	if (c->fd < 0)
		return;
	message_fill(&c->wire, c->fd);
	while (goes_on && message_next(&c->wire, a, &m))
		goes_on = client_take(c, &m);
	if (c->kind == CLIENT_CALL && goes_on && !c->wire.ended)
		script_call_look(c);
	else if (goes_on && !c->wire.ended)
		return;
	else if (c->kind == CLIENT_CALL)
		script_call_abandon(c);
	else
		client_free(c);
}

static void
on_control_readable(void *arg, int fd)
{
	(void)fd;
	client_read(arg);
}

static void
on_connection(void *arg, int listener)
{
	struct run *r = arg;
	struct client *c;
	pid_t pid;
	int fd;

	while ((fd = message_accept(listener, &pid)) >= 0) {
		c = xcalloc(1, sizeof(*c));
		c->r = r;
		c->fd = fd;
		c->pid = pid;
		c->status = -1;
		c->a = arena_new();
		c->group.err = (struct err)ERR_INIT;
		message_reader_init(&c->wire);
		c->next = r->control->clients;
		r->control->clients = c;
		loop_watch(r->loop, fd, on_control_readable, c);
	}
}

static void
hear(struct run *r)
{
	struct control *k = r->control;

	if (k->listener < 0)
		return;
	on_connection(r, k->listener);
	for (struct client *c = k->clients, *next; c != NULL; c = next) {
		next = c->next;
		client_read(c);
	}
}

void
late_forget(struct command *cm)
{
	struct command **p = &cm->r->control->late;

	loop_timer_stop(cm->r->loop, &cm->late);
	cm->group = 0;
	while (*p != NULL && *p != cm)
		p = &(*p)->late_next;
	if (*p != NULL)
		*p = cm->late_next;
}

/* Links are processes of the job's group; one that is connected is waited for
 * by its call. */
static bool
may_come(const struct command *cm)
{
	return run_now(cm->r) < cm->late_until_ns &&
	       executor_group_has(cm->executor, cm->group, 0);
}

static void
on_late(void *arg)
{
	struct command *cm = arg;

	/* not NULL while it hears, so that nothing finishes cm meanwhile */
	hear(cm->r);
	cm->late = NULL;
	if (may_come(cm)) {
		cm->late = loop_timer(cm->r->loop, LATE_LOOK_NS, on_late, cm);
	} else if (cm->open_calls == 0) {
		late_forget(cm);
		cm->joins = false;
		command_finish(cm);
	}
}

/* A script is over that did not wait for all of its links. */
static bool
wait_for_late(struct command *cm)
{
	struct run *r = cm->r;
	struct control *k = r->control;

	if (!cm->has_links || cm->signalled)
		return false;
	cm->group = executor_group(cm->executor, cm->job);
	cm->late_until_ns = run_now(r) + LATE_NS;
	if (!may_come(cm))
		return false;
	cm->late_next = k->late;
	k->late = cm;
	cm->late = loop_timer(r->loop, LATE_LOOK_NS, on_late, cm);
	return true;
}

bool
control_job_ended(struct command *cm)
{
	struct control *k = cm->r->control;

	if (k == NULL)
		return false;
	hear(cm->r);
	for (struct client *c = k->clients; c != NULL; c = c->next) {
		if (c->job != cm || c->kind == CLIENT_CALL)
			continue;
		/* it was left behind: from now on it is nobody's */
		for (struct nested_slot *s = c->asked; s != NULL; s = s->next)
			loan_forget_host(&s->loan);
		c->job = NULL;
	}
	return (cm->job != NULL && wait_for_late(cm)) || cm->open_calls > 0;
}

void
control_cancel_calls(struct command *cm, int sig, int64_t grace_ns)
{
	const struct cancel why = { sig, grace_ns, false, CANCELLED_TEXT };

	for (struct client *c = cm->r->control->clients; c != NULL;
	     c = c->next) {
		if (c->job != cm)
			continue;
		if (c->entry.child != NULL)
			live_call_cancel(c->entry.child, &why);
		else if (c->is_over && c->fd >= 0)
			shutdown(c->fd, SHUT_RDWR); /* read as its end */
	}
	cm->late_until_ns = 0;
}

/* ---- the folder ---- */

static bool
make_folder(struct run *r, struct control *k)
{
	const char *dir = r->config.runtime_dir(r->arena);

	if (dir == NULL)
		return false;
	k->dir = dir;
	k->bin = arena_printf(r->arena, "%s/bin", dir);
	k->path = arena_printf(r->arena, "%s/control", dir);
	return mkdir(k->bin, 0700) == 0 &&
	       symlink(r->config.program,
		   arena_printf(r->arena, "%s/task", k->bin)) == 0;
}

/* Where it cannot be made the run goes on without. */
static void
control_open(struct run *r)
{
	struct control *k = arena_new_of(r->arena, struct control);

	r->control = k;
	k->listener = -1;
	if (!make_folder(r, k))
		return;
	k->listener = message_listen(k->path);
	if (k->listener < 0)
		return;
	k->variable = arena_printf(r->arena, "PRUN_CONTROL=%s", k->path);
	k->links = map_new(r->arena);
	loop_watch(r->loop, k->listener, on_connection, r);
}

void
control_close(struct run *r)
{
	struct control *k = r->control;
	struct err ignored cleanup_err = ERR_INIT;

	if (k == NULL)
		return;
	while (k->clients != NULL)
		client_free(k->clients);
	if (k->listener >= 0) {
		loop_unwatch(r->loop, k->listener);
		close(k->listener);
		k->listener = -1;
	}
	if (k->dir != NULL)
		remove_all(k->dir, &ignored);
	k->dir = NULL;
}

/* ---- jobs ---- */

/* The job's environment with the way to the run: the socket, and its `bin`
 * folder first on PATH.  What a question's answer may depend on stays as it is
 * unless it asks for `task`. */
static char *const *
control_environment(struct command *cm, char *const *env)
{
	const struct control *k = cm->r->control;
	struct arena *a = cm->owner->arena;
	bool path = cm->cmd != NULL || strstr(cm->text, "task") != NULL;
	size_t n = 0, m = 0;
	char **out;

	if (env == NULL)
		env = environ;
	while (env[n] != NULL)
		n++;
	out = arena_alloc(a, (n + 2) * sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		if (strncmp(env[i], "PRUN_CONTROL=", 13) == 0)
			continue;
		if (path && strncmp(env[i], "PATH=", 5) == 0)
			out[m++] =
			    arena_printf(a, "PATH=%s:%s", k->bin, env[i] + 5);
		else
			out[m++] = env[i];
	}
	out[m++] = arena_strdup(a, k->variable);
	out[m] = NULL;
	return out;
}

void
control_prepare(struct command *cm, struct job_spec *spec)
{
	struct run *r = cm->r;

	if (r->config.program == NULL)
		return;
	if (r->control == NULL && !executor_spawns(cm->executor, spec))
		return;
	if (r->control == NULL)
		control_open(r);
	if (r->control->listener < 0)
		return;
	spec->env = control_environment(cm, spec->env);
	if (cm->cmd != NULL)
		cm->has_links = script_links_make(cm->owner, cm->text,
		    r->control->bin, r->config.program, r->control->links);
}
