/* SPDX-License-Identifier: MIT */
/* A job from the wish to run it to its result: slot, streams, process. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/internal.h"

static void work_spawn(struct ready *self);

static void
wake_node(struct command *cm)
{
	live_call_wake(cm->owner);
}

void
command_init(struct command *cm, struct run *r, struct live_call *lc,
    const char *text, const char *dir, char *const *env)
{
	if (command_is_active(cm))
		BUG("a second job in one place");
	err_clear(&cm->err);
	sb_free(&cm->out);
	*cm = (struct command){
		.ready.fn = work_spawn,
		.r = r,
		.owner = lc,
		.record = lc->record,
		.text = text,
		.dir = dir,
		.env = env,
		.done = wake_node,
		.err = ERR_INIT,
	};
	cm->loan.r = r;
	cm->loan.owner = lc;
	cm->loan.slot = (struct slot_request){ .pool = "",
		.n = 1,
		.priority = lc->match.task->priority,
		.order = lc->record->id };
	if (lc->match.task->rare->pool != NULL)
		cm->loan.slot.pool = lc->match.task->rare->pool;
}

void
command_finish(struct command *cm)
{
	cm->state = COMMAND_DONE;
	fp_look_again(cm->r->fp);
	cm->done(cm);
}

void
command_unanswered(struct command *cm, struct err *e)
{
	err_move(e, &cm->err);
	if (cm->unanswered)
		err_wrap(e, "`%s` could not be run: ", cm->text);
}

/* ---- without a process ---- */

bool
command_trivial(const char *text, int *status)
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

/* ---- the process ---- */

static void
works_link(struct command *cm)
{
	struct run *r = cm->r;

	cm->prev = NULL;
	cm->next = r->commands;
	if (r->commands != NULL)
		r->commands->prev = cm;
	r->commands = cm;
	r->n_commands++;
}

static void
works_unlink(struct command *cm)
{
	if (cm->prev != NULL)
		cm->prev->next = cm->next;
	else
		cm->r->commands = cm->next;
	if (cm->next != NULL)
		cm->next->prev = cm->prev;
	cm->r->n_commands--;
}

static void
slot_give_back(struct command *cm)
{
	if (!cm->holds_slot)
		return;
	loan_job_done(cm);
	cm->holds_slot = false;
}

/* What a variable's command prints is held in memory, so it has a bound; one
 * that prints more is ended, and what it goes on to print is dropped. */
static void
capture(struct command *cm, sv bytes)
{
	struct run *r = cm->r;
	int64_t max = r->config.max_var_bytes;

	if (cm->too_long)
		return;
	if (max == 0 || cm->out.n + bytes.n <= (uint64_t)max) {
		sb_addv(&cm->out, bytes);
		return;
	}
	cm->too_long = true;
	sb_free(&cm->out);
	command_cancel(cm, &(struct cancel){ .sig = SIGTERM,
			       .grace_ns = r->config.cancel_grace_ns });
}

static void
on_command_output(void *arg, int stream, sv bytes)
{
	struct command *cm = arg;
	const struct run_hooks *hooks = cm->r->config.hooks;

	if (hooks != NULL && hooks->before_output != NULL)
		hooks->before_output(hooks->ctx, cm);
	if (cm->captures) {
		if (stream == 1)
			capture(cm, bytes);
		return;
	}
	cached_hear(cm->owner, stream, bytes);
	live_call_emit(cm->owner, &(struct event){ .kind = EVENT_OUTPUT,
				      .cmd = cm->cmd,
				      .stream = stream,
				      .bytes = bytes });
}

static void
count_job(const struct command *cm, const struct job_result *res)
{
	struct run_call *record = cm->record;

	record->job_ns += res->end_ns - res->start_ns;
	record->queue_wait_ns += res->queued_ns;
	if (res->queue_id != 0) {
		record->queue_name =
		    arena_strdup(cm->r->arena, res->queue_name);
		record->node = res->host != NULL
				   ? arena_strdup(cm->r->arena, res->host)
				   : NULL;
	}
	record->cpu_ns += res->user_ns + res->sys_ns;
	if (res->max_rss_bytes > record->max_rss_bytes)
		record->max_rss_bytes = res->max_rss_bytes;
	record->read_blocks += res->read_blocks;
	record->written_blocks += res->written_blocks;
}

static void emit_job(
    struct command *cm, enum event_kind kind, const struct job_result *res);

/* The clock of its timeout runs from here, and not while it waits in a queue.
 */
static void
on_running(void *arg)
{
	struct command *cm = arg;

	if (cm->started != NULL)
		cm->started(cm);
	if (cm->cmd != NULL)
		emit_job(cm, EVENT_JOB_RUNNING, NULL);
}

/* The slot that the job runs on is that of the first who lends it. */
static void
emit_job(struct command *cm, enum event_kind kind, const struct job_result *res)
{
	const struct slot_loan *loan = &cm->loan;
	struct event_job job;

	while (loan->lender != NULL)
		loan = &loan->lender->loan;
	job = (struct event_job){ .id = cm->number,
		.pool = loan->slot.pool,
		.slot = (unsigned)loan->slot.number,
		.slots = (unsigned)loan->slot.taken,
		.executor = cm->executor->ops->name,
		.job_id = cm->job != NULL
			      ? executor_job_id(cm->executor, cm->job)
			  : res != NULL ? res->queue_id
					: 0,
		.writes_itself = cm->writes_itself };
	live_call_emit(cm->owner, &(struct event){ .kind = kind,
				      .cmd = cm->cmd,
				      .job = &job,
				      .status = res != NULL ? res->status : 0,
				      .result = res });
}

static void
on_done(void *arg, const struct job_result *res)
{
	struct command *cm = arg;
	const struct run_hooks *hooks = cm->r->config.hooks;
	struct run *r = cm->r;

	if (hooks != NULL && hooks->after_exit != NULL &&
	    hooks->after_exit(hooks->ctx, cm, res))
		cm->state = COMMAND_HELD;
	cm->job = NULL;
	works_unlink(cm);
	tokens_leave(cm);
	r->job_ended = true;
	if (cm->too_long) {
		err_clear(&cm->err);
		err_set(&cm->err, ERR_GENERIC,
		    "it prints more than %" PRId64 " bytes ([run] max_var)",
		    r->config.max_var_bytes);
	} else if (res->not_started || res->syntax_error) {
		cm->unanswered = res->not_started;
		err_copy(&cm->err, &res->error);
	} else if (void_was_left(cm, res)) {
		cm->unanswered = true;
		err_clear(&cm->err);
		err_sys(&cm->err, ENOENT, "chdir %s", cm->dir);
	} else if (res->status != 0) {
		/* more than what a call of its script may have left there */
		err_clear(&cm->err);
		err_set_status(&cm->err, res->status);
	}
	if (cm->cmd != NULL) {
		count_job(cm, res);
		cm->record->signal = res->signal;
		emit_job(cm, EVENT_JOB_DONE, res);
		interrupt_killed(cm, res);
		if (res->pipe_held)
			live_call_emit(
			    cm->owner, &(struct event){ .kind = EVENT_DRAINING,
					   .cmd = cm->cmd,
					   .text = cm->cmd->log_text });
	}
	slot_give_back(cm);
	if (cm->state != COMMAND_HELD)
		command_finish(cm);
}

/* P-402: the terminal is for what nothing can run beside, and for who says that
 * it needs it. */
static bool
may_have_terminal(const struct command *cm)
{
	const struct live_call *lc = cm->owner;

	return cm->r->config.on_terminal && !cm->record->keeps_output &&
	       (live_call_is_alone(lc) ||
		   (cm->cmd != NULL && lc->ctask->interactive));
}

/* P-104: the streams of the link that called. */
static void
wire_link(const struct command *cm, struct job_spec *spec)
{
	const int *fds = cm->owner->streams->fds;

	spec->err = (struct job_stdio){ STDIO_FD, fds[2] };
	if (cm->cmd == NULL)
		return;
	spec->out = (struct job_stdio){ STDIO_FD, fds[1] };
	/* nobody reads a terminal beside others */
	if (!spec->here && isatty(fds[0]))
		spec->in.kind = STDIO_NULL;
	else
		spec->in = (struct job_stdio){ STDIO_FD, fds[0] };
}

static void
command_wire(struct command *cm, struct job_spec *spec)
{
	struct run *r = cm->r;

	spec->here = may_have_terminal(cm);
	if (cm->owner->streams != NULL && (cm->cmd != NULL || cm->captures)) {
		spec->out.kind = STDIO_PIPE;
		wire_link(cm, spec);
		if (cm->cmd != NULL && r->config.stdio != NULL)
			r->config.stdio(
			    r->config.ctx, cm->record, cm->cmd, spec);
		return;
	}
	if (cm->cmd == NULL) {
		/* C-312a: questions have no stdin, and only `sh:` is heard */
		spec->out.kind = cm->captures ? STDIO_PIPE : STDIO_NULL;
		spec->err.kind = cm->captures ? STDIO_INHERIT : STDIO_NULL;
		return;
	}
	spec->in.kind = spec->out.kind = spec->err.kind = STDIO_INHERIT;
	if (r->config.stdio != NULL)
		r->config.stdio(r->config.ctx, cm->record, cm->cmd, spec);
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

/* One's own TRACEPARENT, so that whatever the job records is below it. */
static char *const *
command_env(const struct command *cm, char *const *env)
{
	const struct run_config *c = &cm->r->config;
	struct arena *a = cm->owner->arena;
	struct trace_context t;
	char text[TRACE_TEXT];
	size_t n = 0, k = 0;
	char **out;

	if (c->trace == NULL || env == NULL)
		return env;
	while (env[n] != NULL)
		n++;
	out = arena_alloc(a, (n + 2) * sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		if (!str_starts(env[i], "TRACEPARENT="))
			out[k++] = env[i];
		else if (strcmp(env[i] + 12, c->trace_outer) != 0)
			return env;
	}
	trace_context_below(c->trace, 'j', cm->number, &t);
	trace_context_write(&t, text);
	out[k] = arena_concat(a, "TRACEPARENT=", text, NULL);
	return out;
}

static void
work_spawn(struct ready *self)
{
	struct command *cm = (struct command *)self;
	const struct run_hooks *hooks = cm->r->config.hooks;
	struct run *r = cm->r;
	struct job_spec spec = { .script = cm->text,
		.dir = cm->dir,
		.env = cm->env,
		.hidden = r->compiler->taskfile->has_secrets ||
			  secrets_count(r->compiler->secrets) > 0,
		.output = on_command_output,
		.done = on_done,
		.arg = cm };
	struct err why = ERR_INIT;

	cm->record->slot_wait_ns += run_now(r) - cm->asked_ns;
	if (cm->begins != NULL)
		cm->begins(cm);
	if (!dir_check(cm->dir, &cm->err)) {
		cm->unanswered = true;
		slot_give_back(cm);
		command_finish(cm);
		return;
	}
	command_wire(cm, &spec);
	if (cm->cmd != NULL)
		cached_wire(cm->owner, &spec);
	cm->writes_itself =
	    spec.out.kind == STDIO_INHERIT || spec.err.kind == STDIO_INHERIT;
	if (cm->cmd == NULL && cm->dir != NULL && *cm->dir != '\0' &&
	    access(cm->dir, F_OK) != 0)
		void_ask(cm, &spec);
	if (cm->cmd != NULL) {
		spec.set = null_ended(cm->owner->arena, &cm->cmd->set);
		spec.shopt = null_ended(cm->owner->arena, &cm->cmd->shopt);
		spec.slots = cm->owner->match.task->slots;
		spec.memory_bytes = cm->owner->match.task->rare->memory_bytes;
		spec.timeout_ns = cm->cmd->timeout_ns;
		spec.running = on_running;
	}
	if (hooks != NULL && hooks->before_spawn != NULL)
		hooks->before_spawn(hooks->ctx, cm, &spec);
	live_call_reads(cm->owner, cm->cmd == NULL && cm->captures);
	if (cm->cmd != NULL) {
		cm->record->jobs++;
		cm->number = ++r->jobs;
		spec.env = command_env(cm, spec.env);
		emit_job(cm, EVENT_JOB_STARTED, NULL);
	} else {
		live_call_emit(
		    cm->owner, &(struct event){ .kind = EVENT_QUESTION,
				   .status = cm->captures });
	}
	cm->state = COMMAND_RUNNING;
	works_link(cm);
	if (cm->started != NULL && !cm->executor->ops->queues)
		cm->started(cm);
	tokens_enter(cm, &spec);
	cm->job = cm->executor->ops->start(cm->executor, &spec, &cm->err);
	tokens_started(cm);
	if (cm->job != NULL) {
		if (cm->cmd != NULL && !cm->executor->ops->queues)
			emit_job(cm, EVENT_JOB_RUNNING, NULL);
		return;
	}
	if (!err_is_set(&cm->err))
		BUG("a job was not started for no reason");
	/* on_done() sets the command's own */
	err_move(&why, &cm->err);
	on_done(cm, &(struct job_result){ .not_started = true,
			.status = 127,
			.error = why,
			.start_ns = run_now(r),
			.end_ns = run_now(r) });
	err_clear(&why);
}

static void
on_granted(void *arg)
{
	struct command *cm = arg;

	cm->holds_slot = true;
	cm->state = COMMAND_GRANTED;
	ready_push(cm->r, &cm->ready);
}

/* Which executor is it for?  Questions are the engine's own. */
static bool
executor_choose(struct command *cm, struct err *e)
{
	const struct run_config *c = &cm->r->config;
	const char *name = NULL;

	cm->executor = cm->r->executors->x;
	if (cm->cmd != NULL && c->executor != NULL)
		name = c->executor(c->ctx, cm->record, cm->cmd);
	if (name == NULL)
		return true;
	for (const struct executor_entry *x = cm->r->executors; x->name; x++)
		if (strcmp(x->name, name) == 0) {
			cm->executor = x->x;
			cm->loan.slot.elsewhere = x->x->ops->queues;
			if (x->pool != NULL)
				cm->loan.slot.pool = x->pool;
			return true;
		}
	return err_set(e, ERR_GENERIC, "there is no executor \"%s\"", name);
}

void
command_start(struct command *cm)
{
	struct run *r = cm->r;
	int status;

	cm->asked_ns = run_now(r);
	if (cm->cmd == NULL && !cm->captures &&
	    command_trivial(cm->text, &status)) {
		if (cm->started != NULL)
			cm->started(cm);
		if (status != 0)
			err_set_status(&cm->err, status);
		command_finish(cm);
		return;
	}
	if (!executor_choose(cm, &cm->err)) {
		command_finish(cm);
		return;
	}
	cm->state = COMMAND_WAITING;
	cm->loan.granted = on_granted;
	cm->loan.arg = cm;
	if (cm->cmd != NULL && cm->owner->match.task->slots > 1 &&
	    !cm->executor->ops->queues)
		cm->loan.slot.n = cm->owner->match.task->slots;
	loan_request(&cm->loan);
	if (cm->state == COMMAND_WAITING)
		live_call_emit(cm->owner,
		    &(struct event){ .kind = EVENT_SLOT_WAIT, .cmd = cm->cmd });
}

/* A second signal to the same group would be one too many (D-5); only KILL may
 * follow, and it may come earlier. */
static void
end_job(struct command *cm, const struct cancel *why)
{
	const struct run_hooks *hooks = cm->r->config.hooks;
	bool is_first = !cm->signalled || why->sig == SIGKILL;

	if (!is_first && (!why->hurries || why->grace_ns >= cm->grace_ns))
		return;
	cm->signalled = true;
	cm->grace_ns = why->grace_ns;
	if (cm->state == COMMAND_RUNNING && cm->job != NULL)
		cm->executor->ops->end_tree(cm->executor, cm->job,
		    is_first ? why->sig : 0, why->grace_ns);
	else if (cm->state == COMMAND_HELD && is_first)
		hooks->cancel(hooks->ctx, cm, why->sig, why->grace_ns);
}

void
command_cancel(struct command *cm, const struct cancel *why)
{
	switch (cm->state) {
	case COMMAND_IDLE:
	case COMMAND_DONE:
		return;
	case COMMAND_WAITING:
		loan_cancel(&cm->loan);
		break;
	case COMMAND_GRANTED:
		ready_remove(&cm->ready);
		slot_give_back(cm);
		break;
	case COMMAND_RUNNING:
	case COMMAND_HELD:
		end_job(cm, why);
		return;
	}
	err_set(&cm->err, ERR_TASK_FAILED, CANCELLED_TEXT);
	command_finish(cm);
}
