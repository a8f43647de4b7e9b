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
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "run/internal.h"
#include "run/wire.h"

extern char **environ;

enum { LINK_DEPTH_MAX = 100 };

/* How long a link that the script did not wait for may take to reach the run
 * when the script is over. */
#define LATE_NS (NS_PER_S / 2)
#define LATE_LOOK_NS (10 * NS_PER_MS)

/* One slot that a nested run asked for. */
struct seat {
	struct lend lend;
	uint32_t number;
	bool granted;
	struct client *c;
	struct seat *next;
};

enum client_kind { CLIENT_NEW, CLIENT_RUN, CLIENT_CALL };

struct client {
	struct run *r;
	struct client *next;
	int fd; /* -1: it is gone */
	struct wire wire;
	pid_t pid;
	enum client_kind kind;
	struct work *job; /* whose process it is; NULL: over, or nobody's */
	/* CLIENT_RUN */
	struct run_call *pub;
	struct seat *seats;
	int status, signal; /* -1: it did not say */
	/* CLIENT_CALL */
	struct arena *a; /* of its words */
	const char *task;
	vars *vars;
	bool waiting; /* for an earlier one of the same script (P-107) */
	struct entry entry;
	struct group group;
};

struct control {
	const char *dir, *bin, *path;
	const char *variable; /* PRUN_CONTROL=… */
	int listener; /* -1: it could not be made, nobody joins */
	struct client *clients;
	struct map *links;
	struct work *late; /* jobs that are over, whose links may still come */
};

/* ---- slots of a nested run ---- */

static void
seat_free(struct seat *s)
{
	if (s->granted)
		lend_release(&s->lend);
	else
		lend_cancel(&s->lend);
	free((char *)s->lend.slot.pool);
	free(s);
}

static void
on_seat(void *arg)
{
	struct seat *s = arg;
	char number[16];
	const char *texts[] = { number, NULL };

	s->granted = true;
	snprintf(number, sizeof(number), "%u", (unsigned)s->number);
	/* a connection that fails is noticed when it is read */
	if (s->c->fd >= 0)
		wire_send(s->c->fd, WIRE_GRANT, texts, NULL, false);
}

static void
seat_ask(struct client *c, const struct wire_message *m)
{
	struct seat *s = xcalloc(1, sizeof(*s));

	s->c = c;
	s->number = (uint32_t)strtoul(m->v[0], NULL, 10);
	s->next = c->seats;
	c->seats = s;
	s->lend = (struct lend){ .r = c->r,
		.host = c->job,
		.granted = on_seat,
		.arg = s,
		.slot = { .pool = xstrdup(m->v[1]),
		    .n = (int)strtol(m->v[2], NULL, 10),
		    .priority = (int)strtol(m->v[3], NULL, 10),
		    .order = c->pub->id } };
	run_gate(c->r);
	lend_request(&s->lend);
	run_tick_start(c->r);
}

static void
seat_back(struct client *c, const struct wire_message *m)
{
	uint32_t number = (uint32_t)strtoul(m->v[0], NULL, 10);

	for (struct seat **p = &c->seats; *p != NULL; p = &(*p)->next) {
		struct seat *s = *p;

		if (s->number != number)
			continue;
		*p = s->next;
		c->r->job_ended = true;
		seat_free(s);
		return;
	}
}

static void
seats_free(struct client *c)
{
	while (c->seats != NULL) {
		struct seat *s = c->seats;

		c->seats = s->next;
		seat_free(s);
	}
}

/* ---- the record of a nested run ---- */

static void
run_begin(struct client *c, const struct wire_message *m)
{
	struct run *r = c->r;

	c->kind = CLIENT_RUN;
	c->pub = node_record_new(r, c->job ? c->job->node : r->root, m->v[2]);
}

/* One that was killed has not said how it ended. */
static void
run_settle(struct client *c)
{
	struct run_call *pub = c->pub;

	pub->outcome = OUTCOME_PASSED;
	if (c->status != 0) {
		pub->outcome = OUTCOME_FAILED;
		pub->exit_status = c->status;
		if (c->status > 0)
			err_set_status(&pub->err, c->status);
		else
			err_set(&pub->err, ERR_TASK_FAILED,
			    "it ended without a word");
		if (c->job != NULL)
			vec_push(c->job->node->arena, &c->job->failed, pub);
	}
	pub->signal = c->signal;
	pub->end_ns = run_now(c->r);
	run_emit(c->r,
	    &(struct event){ .kind = EVENT_CALL_DONE,
		.call = pub,
		.err = c->status != 0 ? &pub->err : NULL });
	c->pub = NULL;
}

/* ---- connections ---- */

static void
client_hang_up(struct client *c)
{
	struct run *r = c->r;

	if (c->fd < 0)
		return;
	r->executor->ops->unwatch(r->executor, c->fd);
	close(c->fd);
	c->fd = -1;
}

static void
client_free(struct client *c)
{
	struct client **p = &c->r->control->clients;

	client_hang_up(c);
	seats_free(c);
	if (c->pub != NULL)
		run_settle(c);
	while (*p != c)
		p = &(*p)->next;
	*p = c->next;
	err_clear(&c->group.err);
	wire_free(&c->wire);
	arena_free(c->a);
	free(c);
}

/* ---- calls of links ---- */

static void
say_done(struct client *c, int status, const char *text)
{
	char code[16];
	const char *texts[] = { code, text, NULL };

	snprintf(code, sizeof(code), "%d", status);
	/* What it lent is closed before it hears that all is over: the reader
	 * of a pipe must see its end then. */
	for (int i = 0; i < WIRE_FDS; i++) {
		if (c->wire.fds[i] >= 0)
			close(c->wire.fds[i]);
		c->wire.fds[i] = -1;
	}
	if (c->fd >= 0)
		wire_send(c->fd, WIRE_DONE, texts, NULL, false);
}

static void call_start(struct client *c);

/* P-107: the next call of the script, in the order in which they came. */
static void
call_next(struct run *r, const struct work *job)
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

static void
late_forget(struct work *w)
{
	struct work **p = &w->r->control->late;

	run_timer_stop(w->r, &w->late);
	w->group = 0;
	while (*p != NULL && *p != w)
		p = &(*p)->late_next;
	if (*p != NULL)
		*p = w->late_next;
}

/* The last one of a job that is over: now the command is. */
static void
job_joined(struct work *w)
{
	struct run *r = w->r;

	w->open_calls--;
	if (w->joins && w->open_calls == 0 && w->late == NULL) {
		late_forget(w);
		w->joins = false;
		work_finish(w);
	} else if (r->config.serial) {
		call_next(r, w);
	}
}

static bool
script_is_over(const struct work *w)
{
	struct executor *x = w->r->executor;

	return w->job == NULL || x->ops->exited(x, w->job);
}

static void
on_settled(struct entry *en, struct err *err)
{
	struct client *c = en->arg;
	struct run_call *pub = en->pub;
	struct work *w = c->job;
	bool failed = err_is_set(err);

	/* Nobody is left to make good for it. */
	if (failed && script_is_over(w) && !err_is_set(&w->err))
		err_copy(&w->err, err);
	say_done(c, status_of(err), failed ? err->message : "");
	err_clear(err);
	if (failed)
		vec_push(w->node->arena, &w->failed, pub);
	client_free(c);
	job_joined(w);
}

static void
call_start(struct client *c)
{
	struct run *r = c->r;
	struct node *parent = c->job->node, *n;

	c->waiting = false;
	c->group = (struct group){ .owner = parent, .err = ERR_INIT };
	c->entry = (struct entry){ .owner = parent,
		.group = &c->group,
		.state = ENTRY_OPEN,
		.conditional = true,
		.settled = on_settled,
		.arg = c,
		.err = ERR_INIT,
		.call = { .task = c->task, .indirect = true } };
	n = node_new(r, parent, &c->entry, &c->entry.call);
	n->call.task = arena_strdup(n->arena, c->task);
	n->call.vars = c->vars;
	n->host = c->job;
	n->streams = n->pub->streams = c->wire.fds;
	c->entry.child = n;
	node_wake(n);
}

/* NAME=value … in an arena that outlives the call. */
static bool
read_vars(struct client *c, const struct wire_message *m)
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
link_depth(const struct work *w)
{
	unsigned depth = 0;

	for (; w != NULL; w = w->node->host)
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

static bool
call_begin(struct client *c, const struct wire_message *m)
{
	struct work *w = c->job;

	for (int i = 0; i < WIRE_FDS; i++)
		if (c->wire.fds[i] < 0)
			return false;
	if (w == NULL || w->cmd == NULL)
		return call_refuse(c, "it is not called by a task's command");
	if (link_depth(w) >= LINK_DEPTH_MAX)
		return call_refuse(c, "scripts call tasks more than 100 deep: "
		    "does one call itself?");
	if (!read_vars(c, m))
		return false;
	c->kind = CLIENT_CALL;
	c->task = arena_strdup(c->a, m->v[2]);
	w->open_calls++;
	if (c->r->config.serial && has_open_call(c))
		c->waiting = true;
	else
		call_start(c);
	return true;
}

/* The link is gone before its call is done: killed, so the call ends too. */
static void
call_abandon(struct client *c)
{
	const struct cancel why = { .sig = SIGINT,
		.grace_ns = c->r->config.cancel_grace_ns,
		.text = CANCELLED_TEXT };
	struct work *w = c->job;

	client_hang_up(c);
	if (c->waiting) {
		client_free(c);
		job_joined(w);
	} else {
		node_cancel(c->entry.child, &why);
	}
}

/* ---- messages ---- */

static struct work *
job_of(struct run *r, pid_t pid, const char *mark)
{
	const struct executor_ops *ops = r->executor->ops;

	for (struct work *w = r->works; w != NULL; w = w->next)
		if (w->job != NULL && ops->owns != NULL &&
		    ops->owns(r->executor, w->job, pid, mark))
			return w;
	for (struct work *w = r->control->late; w != NULL; w = w->late_next)
		if (pid > 0 && w->group > 0 && getpgid(pid) == w->group)
			return w;
	return NULL;
}

/* false: this one is not listened to any more. */
static bool
client_begin(struct client *c, const struct wire_message *m)
{
	if (m->n < 3 || strcmp(m->v[0], WIRE_VERSION) != 0)
		return false;
	c->job = job_of(c->r, c->pid, m->v[1]);
	if (m->kind == WIRE_CALL)
		return call_begin(c, m);
	if (m->kind != WIRE_RUN)
		return false;
	run_begin(c, m);
	return true;
}

static bool
client_take(struct client *c, const struct wire_message *m)
{
	if (c->kind == CLIENT_NEW)
		return client_begin(c, m);
	if (c->kind != CLIENT_RUN)
		return false;
	if (m->kind == WIRE_ASK && m->n == 4) {
		seat_ask(c, m);
	} else if (m->kind == WIRE_BACK && m->n == 1) {
		seat_back(c, m);
	} else if (m->kind == WIRE_END && m->n == 2) {
		c->status = (int)strtol(m->v[0], NULL, 10);
		c->signal = (int)strtol(m->v[1], NULL, 10);
	} else {
		return false;
	}
	return true;
}

static void
client_read(struct client *c)
{
	struct arena *a cleanup_arena = arena_new();
	struct wire_message m;
	bool goes_on = true;

	if (c->fd < 0)
		return;
	wire_fill(&c->wire, c->fd);
	while (goes_on && wire_next(&c->wire, a, &m))
		goes_on = client_take(c, &m);
	if (goes_on && !c->wire.ended)
		return;
	if (c->kind == CLIENT_CALL)
		call_abandon(c);
	else
		client_free(c);
}

static void
on_readable(void *arg, int fd)
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

	while ((fd = wire_accept(listener, &pid)) >= 0) {
		c = xcalloc(1, sizeof(*c));
		c->r = r;
		c->fd = fd;
		c->pid = pid;
		c->status = -1;
		c->a = arena_new();
		c->group.err = (struct err)ERR_INIT;
		wire_init(&c->wire);
		c->next = r->control->clients;
		r->control->clients = c;
		r->executor->ops->watch(r->executor, fd, on_readable, c);
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

/* Links are processes of the job's group; one that is connected is waited for
 * by its call. */
static bool
may_come(const struct work *w)
{
	return run_now(w->r) < w->late_until_ns && kill(-w->group, 0) == 0;
}

static void
on_late(void *arg)
{
	struct work *w = arg;

	/* not NULL while it hears, so that nothing finishes w meanwhile */
	hear(w->r);
	w->late = NULL;
	if (may_come(w)) {
		w->late = run_timer_start(w->r, LATE_LOOK_NS, on_late, w);
	} else if (w->open_calls == 0) {
		late_forget(w);
		w->joins = false;
		work_finish(w);
	}
}

/* A script is over that did not wait for all of its links. */
static bool
wait_for_late(struct work *w)
{
	struct run *r = w->r;
	struct control *k = r->control;

	if (!w->has_links || w->signalled)
		return false;
	w->group = r->executor->ops->group(r->executor, w->job);
	w->late_until_ns = run_now(r) + LATE_NS;
	if (!may_come(w))
		return false;
	w->late_next = k->late;
	k->late = w;
	w->late = run_timer_start(r, LATE_LOOK_NS, on_late, w);
	return true;
}

bool
control_job_ended(struct work *w)
{
	struct control *k = w->r->control;

	if (k == NULL)
		return false;
	hear(w->r);
	for (struct client *c = k->clients; c != NULL; c = c->next) {
		if (c->job != w || c->kind == CLIENT_CALL)
			continue;
		/* it was left behind: from now on it is nobody's */
		for (struct seat *s = c->seats; s != NULL; s = s->next)
			lend_forget_host(&s->lend);
		c->job = NULL;
	}
	return (w->job != NULL && wait_for_late(w)) || w->open_calls > 0;
}

void
control_cancel_calls(struct work *w, int sig, int64_t grace_ns)
{
	const struct cancel why = { sig, grace_ns, false, CANCELLED_TEXT };

	for (struct client *c = w->r->control->clients; c != NULL; c = c->next)
		if (c->job == w && c->entry.child != NULL)
			node_cancel(c->entry.child, &why);
	w->late_until_ns = 0;
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
	k->listener = wire_listen(k->path);
	if (k->listener < 0)
		return;
	k->variable = arena_printf(r->arena, "PRUN_CONTROL=%s", k->path);
	k->links = map_new(r->arena);
	r->executor->ops->watch(r->executor, k->listener, on_connection, r);
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
		r->executor->ops->unwatch(r->executor, k->listener);
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
environment(struct work *w, char *const *env)
{
	const struct control *k = w->r->control;
	struct arena *a = w->node->arena;
	bool path = w->cmd != NULL || strstr(w->text, "task") != NULL;
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
			out[m++] = arena_printf(a, "PATH=%s:%s", k->bin,
			    env[i] + 5);
		else
			out[m++] = env[i];
	}
	out[m++] = arena_strdup(a, k->variable);
	out[m] = NULL;
	return out;
}

void
control_prepare(struct work *w, struct job_spec *spec)
{
	struct run *r = w->r;
	const struct executor_ops *ops = r->executor->ops;

	if (r->config.program == NULL)
		return;
	if (r->control == NULL &&
	    (ops->spawns == NULL || !ops->spawns(r->executor, spec)))
		return;
	if (r->control == NULL)
		control_open(r);
	if (r->control->listener < 0)
		return;
	spec->env = environment(w, spec->env);
	if (w->cmd != NULL)
		w->has_links = links_make(w->node, w->text, r->control->bin,
		    r->config.program, r->control->links);
}
