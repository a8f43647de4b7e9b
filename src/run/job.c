/* SPDX-License-Identifier: MIT */
/* A job from the wish to run it to its result: slot, streams, process. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/internal.h"

static void work_spawn(struct ready *self);

static void
wake_node(struct work *w)
{
	node_wake(w->node);
}

void
work_init(struct work *w, struct run *r, struct node *n, const char *text,
    const char *dir, char *const *env)
{
	if (work_is_active(w))
		BUG("a second job in one place");
	err_clear(&w->err);
	sb_free(&w->out);
	*w = (struct work){
		.ready.fn = work_spawn,
		.r = r,
		.node = n,
		.pub = n->pub,
		.text = text,
		.dir = dir,
		.env = env,
		.done = wake_node,
		.err = ERR_INIT,
	};
	w->lend.r = r;
	w->lend.host = n->host;
	w->lend.slot = (struct slot_request){ .pool = "",
		.n = 1,
		.priority = n->match.task->priority,
		.weight = node_weight(n),
		.order = n->pub->id };
	if (n->match.task->pool != NULL)
		w->lend.slot.pool = n->match.task->pool;
}

void
work_finish(struct work *w)
{
	w->state = WORK_DONE;
	w->done(w);
}

/* ---- without a process ---- */

bool
work_trivial(const char *text, int *status)
{
	sv t = sv_trim(sv_of(text));

	*status = 0;
	if (t.n == 0 || sv_is(t, "true") || sv_is(t, ":"))
		return true;
	if (sv_is(t, "false") || sv_is(t, "exit 1")) {
		*status = 1;
		return true;
	}
	return sv_is(t, "exit 0");
}

/* go-task's interpreter looks at the directory itself; a missing one is left to
 * the command (C-199). */
static bool
dir_check(const char *dir, struct err *e)
{
	struct stat st;

	if (dir == NULL || *dir == '\0')
		return true;
	if (stat(dir, &st) != 0)
		return errno == ENOENT ||
		    err_sys(e, errno, "could not stat: stat %s", dir);
	return S_ISDIR(st.st_mode) ||
	    err_set(e, ERR_GENERIC, "%s is not a directory", dir);
}

/* The reference asks its questions before the directory is made, and what is
 * built into its shell needs none (C-313): such a question runs in an empty
 * folder under the directory's name. */
static void
ask_in_the_void(struct work *w, struct job_spec *spec)
{
	struct arena *a = w->node->arena;
	struct sb b cleanup_sb = SB_INIT;
	const char *dir = run_void_dir(w->r);

	if (dir == NULL)
		return;
	sb_adds(&b, "pwd() { printf '%s\\n' \"$PWD\"; }; PWD='");
	for (const char *p = w->dir; *p != '\0'; p++)
		if (*p == '\'')
			sb_adds(&b, "'\\''");
		else
			sb_addc(&b, *p);
	sb_adds(&b, "'; ");
	/* No program can start in a directory that is not there: what such a
	 * one would say must not make the task up to date. */
	if (w->node->state == STATE_STATUS)
		sb_adds(&b, "PATH=; ");
	sb_adds(&b, w->text);
	spec->script = arena_strdup(a, sb_cstr(&b));
	spec->dir = dir;
}

/* ---- the process ---- */

static void
works_link(struct work *w)
{
	struct run *r = w->r;

	w->prev = NULL;
	w->next = r->works;
	if (r->works != NULL)
		r->works->prev = w;
	r->works = w;
	r->n_works++;
}

static void
works_unlink(struct work *w)
{
	if (w->prev != NULL)
		w->prev->next = w->next;
	else
		w->r->works = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	w->r->n_works--;
}

static void
slot_give_back(struct work *w)
{
	if (!w->holds_slot)
		return;
	lend_job_done(w);
	w->holds_slot = false;
}

static void
on_output(void *arg, int stream, sv bytes)
{
	struct work *w = arg;

	if (w->captures) {
		if (stream == 1)
			sb_addv(&w->out, bytes);
		return;
	}
	node_emit(w->node,
	    &(struct event){ .kind = EVENT_OUTPUT,
		.cmd = w->cmd,
		.stream = stream,
		.bytes = bytes });
}

static void
count_job(struct run_call *pub, const struct job_result *res)
{
	pub->job_ns += res->end_ns - res->start_ns;
	pub->cpu_ns += res->user_ns + res->sys_ns;
	if (res->max_rss_bytes > pub->max_rss_bytes)
		pub->max_rss_bytes = res->max_rss_bytes;
}

static void
on_done(void *arg, const struct job_result *res)
{
	struct work *w = arg;
	struct run *r = w->r;

	w->joins = control_job_ended(w);
	w->job = NULL;
	works_unlink(w);
	r->job_ended = true;
	if (res->not_started || res->syntax_error) {
		err_copy(&w->err, &res->error);
	} else if (res->status != 0) {
		/* more than what a call of its script may have left there */
		err_clear(&w->err);
		err_set_status(&w->err, res->status);
	}
	if (w->cmd != NULL) {
		count_job(w->pub, res);
		if (w->open_calls > 0 && res->end_ns > w->calls_since_ns)
			w->pub->calls_ns += res->end_ns - w->calls_since_ns;
		w->pub->signal = res->signal;
		node_emit(w->node,
		    &(struct event){ .kind = EVENT_JOB_DONE,
			.cmd = w->cmd,
			.status = res->status,
			.result = res });
		if (res->pipe_held)
			node_emit(w->node,
			    &(struct event){ .kind = EVENT_DRAINING,
				.cmd = w->cmd,
				.text = w->cmd->log_text });
	}
	slot_give_back(w);
	if (!w->joins)
		work_finish(w);
}

/* P-402: the terminal can be read by one job only, the one that runs alone. */
static void
wire_terminal(struct work *w, struct job_spec *spec)
{
	struct run *r = w->r;

	if (!r->config.stdin_is_tty || spec->in.kind != STDIO_INHERIT)
		return;
	if (r->n_works > 0 && !w->node->ctask->interactive)
		spec->in.kind = STDIO_NULL;
	else
		spec->foreground = true;
}

/* P-104: the streams of the link that called. */
static void
wire_link(const struct work *w, struct job_spec *spec)
{
	const int *fds = w->node->streams->fds;

	spec->err = (struct job_stdio){ STDIO_FD, fds[2] };
	if (w->cmd == NULL)
		return;
	spec->out = (struct job_stdio){ STDIO_FD, fds[1] };
	/* nobody reads a terminal from the background */
	if (isatty(fds[0]))
		spec->in.kind = STDIO_NULL;
	else
		spec->in = (struct job_stdio){ STDIO_FD, fds[0] };
}

static void
wire(struct work *w, struct job_spec *spec)
{
	struct run *r = w->r;

	if (w->node->streams != NULL && (w->cmd != NULL || w->captures)) {
		spec->out.kind = STDIO_PIPE;
		wire_link(w, spec);
		if (w->cmd != NULL && r->config.stdio != NULL)
			r->config.stdio(r->config.ctx, w->pub, w->cmd, spec);
		return;
	}
	if (w->cmd == NULL) {
		/* C-312a: questions have no stdin, and only `sh:` is heard */
		spec->out.kind = w->captures ? STDIO_PIPE : STDIO_NULL;
		spec->err.kind = w->captures ? STDIO_INHERIT : STDIO_NULL;
		return;
	}
	spec->in.kind = spec->out.kind = spec->err.kind = STDIO_INHERIT;
	if (r->config.stdio != NULL)
		r->config.stdio(r->config.ctx, w->pub, w->cmd, spec);
	wire_terminal(w, spec);
}

static const char *const *
null_ended(struct arena *a, const string_vec *v)
{
	const char **out;

	if (v->n == 0)
		return NULL;
	out = arena_alloc(a, (v->n + 1) * sizeof(*out));
	memcpy(out, v->v, v->n * sizeof(*out));
	return out;
}

static void
work_spawn(struct ready *self)
{
	struct work *w = (struct work *)self;
	struct run *r = w->r;
	struct job_spec spec = { .script = w->text,
		.dir = w->dir,
		.env = w->env,
		.output = on_output,
		.done = on_done,
		.arg = w };

	w->pub->slot_wait_ns += run_now(r) - w->asked_ns;
	if (!dir_check(w->dir, &w->err)) {
		slot_give_back(w);
		work_finish(w);
		return;
	}
	wire(w, &spec);
	if (w->cmd == NULL && w->dir != NULL && *w->dir != '\0' &&
	    access(w->dir, F_OK) != 0)
		ask_in_the_void(w, &spec);
	if (w->cmd != NULL) {
		spec.set = null_ended(w->node->arena, &w->cmd->set);
		spec.shopt = null_ended(w->node->arena, &w->cmd->shopt);
	}
	control_prepare(w, &spec);
	if (w->cmd != NULL) {
		w->pub->jobs++;
		node_emit(w->node,
		    &(struct event){ .kind = EVENT_JOB_STARTED, .cmd = w->cmd });
	} else {
		node_emit(w->node,
		    &(struct event){ .kind = EVENT_QUESTION,
			.status = w->captures });
	}
	w->state = WORK_RUNNING;
	works_link(w);
	if (w->started != NULL)
		w->started(w);
	w->job = r->executor->ops->start(r->executor, &spec, &w->err);
	if (w->job != NULL)
		return;
	if (!err_is_set(&w->err))
		BUG("a job was not started for no reason");
	on_done(w, &(struct job_result){ .not_started = true,
		.status = 127,
		.error = w->err,
		.start_ns = run_now(r),
		.end_ns = run_now(r) });
}

static void
on_granted(void *arg)
{
	struct work *w = arg;

	w->holds_slot = true;
	w->state = WORK_GRANTED;
	ready_push(w->r, &w->ready);
}

void
work_start(struct work *w)
{
	struct run *r = w->r;
	int status;

	w->asked_ns = run_now(r);
	if (w->cmd == NULL && !w->captures && work_trivial(w->text, &status)) {
		if (w->started != NULL)
			w->started(w);
		if (status != 0)
			err_set_status(&w->err, status);
		work_finish(w);
		return;
	}
	w->state = WORK_WAITING;
	run_gate(r);
	w->lend.granted = on_granted;
	w->lend.arg = w;
	if (w->cmd != NULL && w->node->match.task->slots > 1)
		w->lend.slot.n = w->node->match.task->slots;
	lend_request(&w->lend);
	if (w->state == WORK_WAITING)
		node_emit(w->node,
		    &(struct event){ .kind = EVENT_SLOT_WAIT, .cmd = w->cmd });
}

void
work_cancel(struct work *w, int sig, int64_t grace_ns)
{
	struct run *r = w->r;

	switch (w->state) {
	case WORK_IDLE:
	case WORK_DONE:
		return;
	case WORK_WAITING:
		lend_cancel(&w->lend);
		err_set(&w->err, ERR_TASK_FAILED, CANCELLED_TEXT);
		work_finish(w);
		return;
	case WORK_GRANTED:
		ready_remove(&w->ready);
		slot_give_back(w);
		err_set(&w->err, ERR_TASK_FAILED, CANCELLED_TEXT);
		work_finish(w);
		return;
	case WORK_RUNNING:
		/* A second signal to the same group would be one too many
		 * (D-5); only KILL may follow. */
		if (w->signalled && sig != SIGKILL)
			return;
		w->signalled = true;
		if (w->joins)
			control_cancel_calls(w, sig, grace_ns);
		if (w->job != NULL)
			r->executor->ops->end_tree(r->executor, w->job, sig,
			    grace_ns);
		return;
	}
}
