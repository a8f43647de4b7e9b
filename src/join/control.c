/* SPDX-License-Identifier: MIT */
/*
 * The door of a run for its guests.  A socket in a
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

#include "base/path.h"
#include "join/internal.h"
#include "store/runtime.h"

extern char **environ;

/* ---- connections ---- */

void
client_hang_up(struct client *c)
{
	if (c->fd < 0)
		return;
	loop_unwatch(c->k->loop, c->fd);
	close(c->fd);
	c->fd = -1;
}

void
client_free(struct client *c)
{
	struct client **p = &c->k->clients;

	client_hang_up(c);
	nested_slots_free(c);
	nested_locks_free(c);
	if (c->record != NULL)
		nested_settle(c);
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	guest_call_free(c->call);
	message_reader_free(&c->wire);
	sb_free(&c->queue);
	arena_free(c->a);
	free(c);
}

/* ---- messages ---- */

static struct command *
job_of(struct control *k, pid_t pid, const char *mark)
{
	for (struct command *cm = run_jobs(k->r); cm != NULL; cm = cm->next)
		if (cm->job != NULL &&
		    executor_owns(cm->executor, cm->job, pid, mark))
			return cm;
	for (struct joined_job *j = k->late; j != NULL; j = j->late_next)
		if (pid > 0 &&
		    executor_group_has(j->cm->executor, j->group, pid))
			return j->cm;
	return NULL;
}

/* false: this one is not listened to any more. */
static bool
client_begin(struct client *c, const struct message *m)
{
	if (m->n < 3 || strcmp(m->v[0], MESSAGE_VERSION) != 0)
		return false;
	c->job = job_of(c->k, c->pid, m->v[1]);
	if (m->kind == MESSAGE_CALL)
		return script_call_begin(c, m);
	if (m->kind != MESSAGE_RUN)
		return false;
	nested_begin(c, m);
	nested_welcome(c);
	return true;
}

/* What a run below must not show is not for the logs of this one either, nor
 * for the other runs below. */
static void
client_learn(struct client *c, const char *secret)
{
	if (c->k->o.secrets == NULL)
		return;
	c->k->told_by = c;
	secrets_add(c->k->o.secrets, sv_of(secret));
	c->k->told_by = NULL;
}

static void
on_secret(void *arg, const char *text)
{
	struct control *k = arg;

	for (struct client *c = k->clients; c != NULL; c = c->next)
		if (c->kind == CLIENT_RUN && c != k->told_by)
			nested_tell(c, text);
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
	} else if (m->kind == MESSAGE_LOCK && m->n == 2) {
		nested_lock_ask(c, m);
	} else if (m->kind == MESSAGE_UNLOCK && m->n == 1) {
		nested_lock_back(c, m);
	} else if (m->kind == MESSAGE_TAKEN) {
		nested_run_reads(c);
	} else if (m->kind == MESSAGE_END && m->n == 2) {
		c->status = message_int(m->v[0]);
		c->signal = message_int(m->v[1]);
	} else if (m->kind == MESSAGE_SECRET && m->n == 1) {
		client_learn(c, m->v[0]);
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
	struct control *k = arg;
	struct client *c;
	pid_t pid;
	int fd;

	while ((fd = message_accept(listener, &pid)) >= 0) {
		c = xcalloc(1, sizeof(*c));
		c->k = k;
		c->fd = fd;
		c->pid = pid;
		c->status = -1;
		c->a = arena_new();
		message_reader_init(&c->wire);
		c->next = k->clients;
		k->clients = c;
		loop_watch(k->loop, fd, on_control_readable, c);
	}
}

void
control_hear(struct control *k)
{
	if (k->listener < 0)
		return;
	on_connection(k, k->listener);
	for (struct client *c = k->clients, *next; c != NULL; c = next) {
		next = c->next;
		client_read(c);
	}
}

/* ---- the folder ---- */

static bool
make_folder(struct control *k)
{
	struct state_env env = state_env_of_process();
	struct arena *a = run_arena(k->r);
	const char *dir = k->o.runtime_dir(a, &k->dir_lock);

	if (dir == NULL)
		return false;
	k->dir = dir;
	k->path = arena_printf(a, "%s/control", dir);
	if (k->o.root != NULL &&
	    bin_dir_open(a, &env, k->o.root, k->o.program, &k->shared)) {
		k->bin = k->shared.path;
		return true;
	}
	k->bin = arena_printf(a, "%s/bin", dir);
	return mkdir(k->bin, 0700) == 0 &&
	       bin_dir_link(a, k->bin, "task", k->o.program);
}

/* Where it cannot be made the run goes on without. */
static void
control_open(struct control *k)
{
	struct arena *a = run_arena(k->r);

	k->is_open = true;
	if (!make_folder(k))
		return;
	k->listener = message_listen(k->path);
	if (k->listener < 0)
		return;
	k->variables[0] = arena_printf(a, "PRUN_CONTROL=%s", k->path);
	k->variables[1] = arena_printf(a, "PRUN_BIN=%s", k->bin);
	k->links = map_new(a);
	loop_watch(k->loop, k->listener, on_connection, k);
}

/* ---- the hooks ---- */

/* The job's environment with the way to the run: the socket, and its `bin`
 * folder first on PATH.  What a question's answer may depend on stays as it is
 * unless it asks for `task`. */
static char *const *
control_environment(
    const struct control *k, const struct command *cm, char *const *env)
{
	struct arena *a = command_arena(cm);
	bool path = cm->cmd != NULL || strstr(cm->text, "task") != NULL;
	size_t n = 0, m = 0;
	char **out;

	if (env == NULL)
		env = environ;
	while (env[n] != NULL)
		n++;
	out = arena_alloc(a, (n + 3) * sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		if (str_starts(env[i], "PRUN_CONTROL=") ||
		    str_starts(env[i], "PRUN_BIN="))
			continue;
		if (path && str_starts(env[i], "PATH="))
			out[m++] = arena_concat(
			    a, "PATH=", k->bin, ":", env[i] + 5, NULL);
		else
			out[m++] = env[i];
	}
	for (size_t i = 0; i < 2; i++)
		out[m++] = arena_strdup(a, k->variables[i]);
	out[m] = NULL;
	return out;
}

static void
control_begin(void *ctx, struct run *r)
{
	struct control *k = ctx;

	k->r = r;
	k->loop = run_get_loop(r);
}

/* What the job needs to reach the run, in its environment, and links for the
 * tasks that its script calls. */
static void
control_before_spawn(void *ctx, struct command *cm, struct job_spec *spec)
{
	struct control *k = ctx;
	struct joined_job *j;

	if (k->o.program == NULL)
		return;
	if (!k->is_open && !executor_spawns(cm->executor, spec))
		return;
	if (!k->is_open)
		control_open(k);
	if (k->listener < 0)
		return;
	spec->env = control_environment(k, cm, spec->env);
	j = arena_new_of(command_arena(cm), struct joined_job);
	j->cm = cm;
	cm->guest = j;
	if (cm->cmd != NULL)
		j->has_links =
		    script_links_make(cm, k->bin, k->o.program, k->links);
	if (j->has_links)
		script_wait_wrap(k, cm, spec);
}

/* What the runs of the job have said is known before what they print: they say
 * it first. */
static void
control_before_output(void *ctx, struct command *cm)
{
	const struct control *k = ctx;

	for (struct client *c = k->clients, *next; c != NULL; c = next) {
		next = c->next;
		if (c->kind == CLIENT_RUN && c->job == cm)
			client_read(c);
	}
}

/* How much of the job's time it had calls under way. */
static void
count_rest_of_calls(const struct joined_job *j, const struct job_result *result)
{
	if (j->open_calls > 0 && result->end_ns > j->calls_since_ns)
		j->cm->record->calls_ns += result->end_ns - j->calls_since_ns;
}

/* Hears what was said before, and lets go of what joined through the job. */
static bool
control_after_exit(
    void *ctx, struct command *cm, const struct job_result *result)
{
	struct control *k = ctx;
	struct joined_job *j = joined_job(cm);

	if (k->listener < 0)
		return false;
	control_hear(k);
	for (struct client *c = k->clients; c != NULL; c = c->next) {
		if (c->job != cm || c->kind == CLIENT_CALL)
			continue;
		nested_run_is_left(c);
	}
	if (j == NULL)
		return false;
	count_rest_of_calls(j, result);
	script_wait_judge(j, result);
	return joined_job_holds(k, j);
}

static void
control_cancel(void *ctx, struct command *cm, int sig, int64_t grace_ns)
{
	struct control *k = ctx;

	for (struct client *c = k->clients; c != NULL; c = c->next) {
		if (c->job != cm)
			continue;
		if (c->call != NULL && !c->is_over)
			guest_call_cancel(c->call, sig, grace_ns);
		else if (c->is_over && c->fd >= 0)
			shutdown(c->fd, SHUT_RDWR); /* read as its end */
	}
	joined_job(cm)->late_until_ns = 0;
}

static void
control_close(void *ctx)
{
	struct control *k = ctx;

	while (k->clients != NULL)
		client_free(k->clients);
	if (k->listener >= 0) {
		loop_unwatch(k->loop, k->listener);
		close(k->listener);
		k->listener = -1;
	}
	bin_dir_close(&k->shared);
	if (k->dir != NULL)
		runtime_dir_end(k->dir, &k->dir_lock);
	k->dir = NULL;
	if (k->o.outer != NULL)
		outer_run_rest(k->o.outer);
}

struct control *
control_new(const struct control_options *o)
{
	struct control *k = xcalloc(1, sizeof(*k));

	k->o = *o;
	k->listener = -1;
	k->shared = (struct bin_dir)BIN_DIR_INIT;
	k->dir_lock = -1;
	k->hooks = (struct run_hooks){ .begin = control_begin,
		.before_spawn = control_before_spawn,
		.before_output = control_before_output,
		.after_exit = control_after_exit,
		.cancel = control_cancel,
		.close = control_close,
		.ctx = k };
	k->learns = (struct secrets_reader){ on_secret, k, NULL };
	if (o->secrets != NULL)
		secrets_tell(o->secrets, &k->learns);
	return k;
}

const struct run_hooks *
control_hooks(const struct control *k)
{
	return &k->hooks;
}

void
control_free(struct control *k)
{
	if (k != NULL)
		secrets_leave(k->o.secrets, &k->learns);
	free(k);
}
