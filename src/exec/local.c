/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "base/vec.h"
#include "exec/members.h"
#include "exec/spawn.h"

extern char **environ;

typedef VEC(char *) env_vec;

/* Jobs ------------------------------------------------------------------- */

static struct job **
bucket(struct local *x, pid_t pid)
{
	return &x->by_pid[(unsigned)pid % PID_BUCKETS];
}

struct job *
local_job_of(struct local *x, pid_t pid)
{
	struct job *j = *bucket(x, pid);

	while (j != NULL && j->pid != pid)
		j = j->hash_next;
	return j;
}

static void
forget_pid(struct job *j)
{
	struct job **p = bucket(j->x, j->pid);

	while (*p != NULL && *p != j)
		p = &(*p)->hash_next;
	if (*p != NULL)
		*p = j->hash_next;
}

static struct job *
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
job_free(struct job *j)
{
	struct local *x = j->x;

	if (j->next != NULL)
		j->next->prev = j->prev;
	if (j->prev != NULL)
		j->prev->next = j->next;
	else
		x->jobs = j->next;
	if (j->pid > 0) {
		x->n_running--;
		forget_pid(j);
	}
	for (int i = 0; i < SLOTS; i++)
		if (j->streams[i] != NULL)
			stream_orphan(j->streams[i]);
	loop_timer_stop(x, j->drain);
	loop_timer_stop(x, j->ending_timer);
	members_drop(j);
	err_clear(&j->result.error);
	free(j->script);
	free(j->text);
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
	struct local *x = j->x;

	find_syntax_error(j);
	x->happened = true;
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

	for (int i = 0; i < SLOTS; i++) {
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
	for (int i = 0; i < SLOTS; i++)
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
		j->drain = loop_timer(j->x, DRAIN_NS, drained, j);
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

	r->end_ns = clock_mono_ns();
	r->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	r->status = r->signal != 0 ? 128 + r->signal : WEXITSTATUS(status);
	r->user_ns = timeval_ns(u->ru_utime);
	r->sys_ns = timeval_ns(u->ru_stime);
#ifdef __APPLE__
	r->max_rss_bytes = u->ru_maxrss;
#else
	r->max_rss_bytes = (int64_t)u->ru_maxrss * 1024;
#endif
}

static void
job_exited(struct job *j, int status, const struct rusage *u)
{
	struct local *x = j->x;
	bool had_terminal = j->on_terminal;

	set_result(j, status, u);
	j->exited = true;
	terminal_take_back(x, j);
	for (int i = 0; i < SLOTS; i++)
		if (j->streams[i] != NULL)
			stream_drain(j->streams[i]);
	tree_root_exited(j);
	job_await_end_of_output(j);
	/* ^C went to the foreground alone; the run is meant as well. */
	if (had_terminal && x->on_signal != NULL &&
	    j->result.status == 128 + SIGINT) {
		x->happened = true;
		x->on_signal(x->signal_arg, SIGINT);
	}
	job_maybe_done(j);
}

void
local_reap(struct local *x)
{
	struct rusage u;
	struct job *j;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG | WUNTRACED, &u)) > 0 ||
	    (pid < 0 && errno == EINTR)) {
		/* a stranger is an orphan that came to us as subreaper */
		j = pid > 0 ? local_job_of(x, pid) : NULL;
		if (j == NULL || j->exited)
			continue;
		if (WIFSTOPPED(status))
			terminal_job_stopped(x, j, WSTOPSIG(status));
		else
			job_exited(j, status, &u);
	}
}

/* Jobs without a process --------------------------------------------------- */

static void
job_ready(struct job *j)
{
	struct local *x = j->x;

	*x->ready_end = j;
	x->ready_end = &j->ready_next;
}

static bool
write_patiently(int fd, sv text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n >= 0) {
			text = sv_sub(text, (size_t)n, SIZE_MAX);
		} else if (errno == EAGAIN) {
			struct pollfd p = { fd, POLLOUT, 0 };

			poll(&p, 1, -1);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
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
		ok = write_patiently(stream, text);
		break;
	case STDIO_FD:
		ok = write_patiently(to->fd, text);
		break;
	case STDIO_PIPE:
	case STDIO_PTY:
		j->text = xstrndup(text.p, text.n);
		j->text_n = text.n;
		j->text_stream = to->kind == STDIO_PTY ? 1 : stream;
		break;
	}
	if (!ok && j->result.status == 0)
		j->result.status = 1; /* as a shell's echo says */
}

static struct job *
start_known(struct local *x, const struct job_spec *spec,
    const struct shell_plan *plan)
{
	struct job *j = job_new(x, spec);
	const struct job_stdio *err = &spec->err;
	int stream = 2;

	j->result.status = plan->status;
	if (err->kind == STDIO_STDOUT) {
		err = &spec->out;
		stream = 1;
	}
	if (plan->kind == SHELL_ECHO)
		job_print(j, 1, &spec->out, plan->text);
	else if (plan->kind == SHELL_REFUSED)
		job_print(j, stream, err, plan->text);
	j->exited = true;
	j->result.end_ns = clock_mono_ns();
	job_ready(j);
	return j;
}

/* Those that were ready when the turn began. */
static bool
run_ready(struct local *x)
{
	struct job *j = x->ready, *next;

	if (j == NULL)
		return false;
	x->ready = NULL;
	x->ready_end = &x->ready;
	for (; j != NULL; j = next) {
		next = j->ready_next;
		if (j->text_n > 0 && j->output != NULL)
			j->output(j->arg, j->text_stream,
			    (sv){ j->text, j->text_n });
		job_finish(j);
	}
	return true;
}

/* Starting ----------------------------------------------------------------- */

/* The job's environment with what the shell of go-task sets: PWD (L-115).  A
 * shell that is only prun's means shows in no SHLVL. */
static char *const *
job_env(struct job *j, const struct job_spec *spec, bool by_shell)
{
	struct arena *a = j->x->scratch;
	char *const *env = spec->env != NULL ? spec->env : environ;
	bool sets_pwd = spec->dir != NULL && path_is_abs(sv_of(spec->dir));
	struct sb mark cleanup_sb = SB_INIT;
	env_vec out = { 0 };

	for (; *env != NULL; env++) {
		const char *v = *env;

		if (v[0] == 'P' && ((sets_pwd && strncmp(v, "PWD=", 4) == 0) ||
		    strncmp(v, "PRUN_JOB=", 9) == 0))
			continue;
		if (by_shell && v[0] == 'S' && strncmp(v, "SHLVL=", 6) == 0 &&
		    strtol(v + 6, NULL, 10) > 0)
			v = arena_printf(a, "SHLVL=%ld", strtol(v + 6, NULL, 10) - 1);
		vec_push(a, &out, (char *)v);
	}
	if (sets_pwd)
		vec_push(a, &out, arena_printf(a, "PWD=%s", spec->dir));
	tree_mark(j, getenv("PRUN_JOB"), &mark);
	vec_push(a, &out, sv_cstr(a, sb_sv(&mark)));
	vec_push(a, &out, NULL);
	return out.v;
}

/* Descriptors of one start: what the child gets, prun's ends of pipes, and what
 * to close behind the spawn. */
struct wiring {
	int child[3];
	int ours[SLOTS]; /* -1: none */
	int close[SLOTS];
	int n_close;
	int pty_slave;
};

static bool
wire_pipe(struct wiring *w, int stream, struct err *e)
{
	int fds[2];

	if (!spawn_pipe(fds))
		return err_sys(e, errno, "pipe");
	w->child[stream] = fds[1];
	w->ours[stream] = fds[0];
	w->close[w->n_close++] = fds[1];
	return true;
}

static bool
wire_pty(struct wiring *w, int stream, struct err *e)
{
	if (w->pty_slave < 0) {
		if (!pty_open(&w->ours[PTY_SLOT], &w->pty_slave))
			return err_sys(e, errno, "open /dev/ptmx");
		w->close[w->n_close++] = w->pty_slave;
	}
	w->child[stream] = w->pty_slave;
	return true;
}

static bool
wire(struct local *x, struct wiring *w, int stream, const struct job_stdio *io,
    struct err *e)
{
	switch (io->kind) {
	case STDIO_INHERIT:
		w->child[stream] = stream;
		return true;
	case STDIO_FD:
		w->child[stream] = io->fd;
		return true;
	case STDIO_PIPE:
		if (stream != 0)
			return wire_pipe(w, stream, e);
		break;
	case STDIO_PTY:
		return wire_pty(w, stream, e);
	case STDIO_STDOUT:
		if (stream == 2) {
			w->child[2] = w->child[1];
			return true;
		}
		break;
	case STDIO_NULL:
		break;
	}
	if (x->null_fd < 0)
		x->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (x->null_fd < 0)
		return err_sys(e, errno, "open /dev/null");
	w->child[stream] = x->null_fd;
	return true;
}

static void
unwire(struct wiring *w, bool ours_too)
{
	for (int i = 0; i < w->n_close; i++)
		close(w->close[i]);
	for (int i = 0; ours_too && i < SLOTS; i++)
		if (w->ours[i] >= 0)
			close(w->ours[i]);
}

static bool
wire_all(struct local *x, const struct job_spec *spec, struct wiring *w,
    struct err *e)
{
	const struct job_stdio *io[3] = { &spec->in, &spec->out, &spec->err };

	*w = (struct wiring){ .ours = { -1, -1, -1 }, .pty_slave = -1 };
	for (int i = 0; i < 3; i++)
		if (!wire(x, w, i, io[i], e)) {
			unwire(w, true);
			return false;
		}
	return true;
}

/* A file without a shebang is a script for the shell (L-220). */
static pid_t
spawn_plan(struct local *x, struct spawn *s, enum spawn_stage *stage,
    int *error)
{
	struct err ignored cleanup_err = ERR_INIT;
	const char *program = s->path;
	pid_t pid = spawn_process(s, stage, error);

	if (pid >= 0 || *stage != SPAWN_EXEC || *error != ENOEXEC)
		return pid;
	if (!x->shell_found && !shell_find(x->keep, getenv("PATH"), &x->shell,
	    &ignored))
		return -1;
	x->shell_found = true;
	s->argv = (char *const *)shell_argv_of_file(x->scratch, &x->shell,
	    program, (const char *const *)s->argv);
	s->path = x->shell.path;
	return spawn_process(s, stage, error);
}

static bool
spawn_error(const struct spawn *s, enum spawn_stage stage, int error,
    struct err *e)
{
	if (stage == SPAWN_CHDIR)
		return err_sys(e, error, "chdir %s", s->dir);
	return err_sys(e, error, "fork/exec %s", s->path);
}

static struct job *
start_process(struct local *x, const struct job_spec *spec,
    const struct shell_plan *plan, struct err *e)
{
	struct spawn s = { .path = plan->program, .dir = spec->dir,
		.argv = (char *const *)plan->argv, .own_group = true };
	enum spawn_stage stage = SPAWN_FORK;
	struct wiring w;
	struct job *j;
	int error = 0;

	loop_need(x);
	if (!wire_all(x, spec, &w, e))
		return NULL;
	j = job_new(x, spec);
	s.env = job_env(j, spec, plan->kind == SHELL_SCRIPT);
	memcpy(s.fd, w.child, sizeof(s.fd));
	s.own_session = spec->in.kind == STDIO_PTY;
	s.tty = spec->foreground && !s.own_session ? terminal_to_give(x) : -1;
	j->pid = spawn_plan(x, &s, &stage, &error);
	unwire(&w, j->pid < 0);
	if (j->pid < 0) {
		j->pid = 0;
		spawn_error(&s, stage, error, e);
		job_free(j);
		return NULL;
	}
	x->n_running++;
	j->hash_next = *bucket(x, j->pid);
	*bucket(x, j->pid) = j;
	j->on_pty = w.pty_slave >= 0;
	j->pty_is_terminal = s.own_session;
	if (s.tty >= 0)
		terminal_given(x, j);
	if (plan->kind == SHELL_SCRIPT)
		j->script = xstrdup(plan->script);
	for (int i = 0; i < SLOTS; i++)
		if (w.ours[i] >= 0)
			stream_start(j, i, w.ours[i]);
	return j;
}

static bool
make_plan(struct local *x, const struct job_spec *spec,
    struct shell_plan *plan, struct err *e)
{
	const char *why = "";

	if (spec->script != NULL) {
		shell_plan(x->scratch, &x->shell, spec->script, spec->set,
		    spec->shopt, spec->dir, spec->env, plan, e);
		if (plan->kind != SHELL_SCRIPT || x->shell_found)
			return plan->kind != SHELL_INVALID;
		/* the first script of the run: which shell? */
		if (!shell_find(x->keep, getenv("PATH"), &x->shell, e))
			return false;
		x->shell_found = true;
		return make_plan(x, spec, plan, e);
	}
	*plan = (struct shell_plan){ .kind = SHELL_DIRECT, .argv = spec->argv };
	plan->program = shell_look_up(x->scratch, spec->argv[0], spec->dir,
	    spec->env, &why);
	if (plan->program == NULL) {
		plan->kind = SHELL_REFUSED;
		plan->status = 127;
		plan->text = sv_of(arena_printf(x->scratch, "%s\n", why));
	}
	return true;
}

static struct job *
local_start(struct executor *ex, const struct job_spec *spec, struct err *e)
{
	struct local *x = (struct local *)ex;
	struct arena_mark mark = arena_mark(x->scratch);
	struct shell_plan plan;
	struct job *j = NULL;

	if (make_plan(x, spec, &plan, e)) {
		if (plan.kind == SHELL_DIRECT || plan.kind == SHELL_SCRIPT)
			j = start_process(x, spec, &plan, e);
		else
			j = start_known(x, spec, &plan);
	}
	arena_release(x->scratch, mark);
	return j;
}

/* The other operations --------------------------------------------------- */

static void
local_kill(struct executor *ex, struct job *j, int sig)
{
	(void)ex;
	if (j->pid > 0 && !j->exited)
		kill(-j->pid, sig);
}

static void
local_end_tree(struct executor *ex, struct job *j, int sig, int64_t grace_ns)
{
	(void)ex;
	tree_end(j, sig, grace_ns);
}

static int64_t
local_now(struct executor *ex)
{
	(void)ex;
	return clock_mono_ns();
}

static struct timer *
local_timer(struct executor *ex, int64_t after_ns, void (*fn)(void *),
    void *arg)
{
	return loop_timer((struct local *)ex, after_ns, fn, arg);
}

static void
local_timer_stop(struct executor *ex, struct timer *t)
{
	loop_timer_stop((struct local *)ex, t);
}

static void
local_watch(struct executor *ex, int fd, void (*fn)(void *, int fd), void *arg)
{
	loop_watch((struct local *)ex, fd, fn, arg);
}

static void
local_unwatch(struct executor *ex, int fd)
{
	loop_unwatch((struct local *)ex, fd);
}

static void
local_on_signal(struct executor *ex, void (*fn)(void *, int sig), void *arg)
{
	loop_on_signal((struct local *)ex, fn, arg);
}

static bool
has_to_wait(const struct local *x)
{
	return x->n_running > 0 || x->n_timers > 0 || x->watches != NULL;
}

static bool
local_turn(struct executor *ex)
{
	struct local *x = (struct local *)ex;

	x->turns++;
	if (run_ready(x)) {
		if (x->loop_up)
			uv_run(&x->loop, UV_RUN_NOWAIT);
		return true;
	}
	if (!x->loop_up || !has_to_wait(x))
		return false;
	x->happened = false;
	while (!x->happened && x->ready == NULL && has_to_wait(x)) {
		uv_run(&x->loop, UV_RUN_ONCE);
		x->turns++;
	}
	return true;
}

static int64_t
local_cpu_used(struct executor *ex)
{
	(void)ex;
	return tree_cpu_ns();
}

static void
local_end_left(struct executor *ex, int sig, int64_t grace_ns)
{
	tree_end_left((struct local *)ex, sig, grace_ns);
}

static bool
local_owns(struct executor *ex, const struct job *j, pid_t pid,
    const char *mark)
{
	struct sb ours cleanup_sb = SB_INIT;

	(void)ex;
	if (j->pid == 0)
		return false;
	if (pid > 0 && getpgid(pid) == j->pid)
		return true;
	if (*mark == '\0')
		return false;
	tree_mark(j, getenv("PRUN_JOB"), &ours);
	return sv_is(sb_sv(&ours), mark);
}

static bool
local_exited(struct executor *ex, const struct job *j)
{
	(void)ex;
	return j->exited;
}

static pid_t
local_group(struct executor *ex, const struct job *j)
{
	(void)ex;
	return j->pid;
}

static void
local_hold(struct executor *ex, struct job *j, bool held)
{
	(void)ex;
	for (int i = 0; i < SLOTS; i++)
		if (j->streams[i] != NULL)
			stream_hold(j->streams[i], held);
}

static bool
local_spawns(struct executor *ex, const struct job_spec *spec)
{
	struct local *x = (struct local *)ex;
	struct arena_mark mark = arena_mark(x->scratch);
	bool known = spec->script != NULL && shell_is_known(x->scratch,
	    &x->shell, spec->script, spec->set, spec->env);

	arena_release(x->scratch, mark);
	return !known;
}

/* Jobs that still run are ended: whoever frees the executor waits for none. */
static void
local_free(struct executor *ex)
{
	struct local *x = (struct local *)ex;

	while (x->jobs != NULL) {
		struct job *j = x->jobs;

		if (j->pid > 0 && !j->exited) {
			kill(-j->pid, SIGKILL);
			while (waitpid(j->pid, NULL, 0) < 0 && errno == EINTR)
				;
			j->exited = true;
			terminal_take_back(x, j);
		}
		job_free(j);
	}
	loop_free(x);
	members_drop_left(x);
	if (x->null_fd >= 0)
		close(x->null_fd);
	if (x->terminal.looked && x->terminal.fd >= 0)
		close(x->terminal.fd);
	arena_free(x->keep);
	arena_free(x->scratch);
	free(x->buffer);
	free(x);
}

static void
local_runner(struct executor *ex, struct job *j, pid_t pid)
{
	(void)ex;
	members_runner(j, pid);
}

static const struct executor_ops local_ops = {
	.start = local_start,
	.kill = local_kill,
	.end_tree = local_end_tree,
	.now = local_now,
	.timer = local_timer,
	.timer_stop = local_timer_stop,
	.watch = local_watch,
	.unwatch = local_unwatch,
	.turn = local_turn,
	.on_signal = local_on_signal,
	.free = local_free,
	.cpu_used = local_cpu_used,
	.end_left = local_end_left,
	.owns = local_owns,
	.exited = local_exited,
	.group = local_group,
	.hold = local_hold,
	.spawns = local_spawns,
	.runner = local_runner,
};

struct executor *
executor_local_new(void)
{
	struct local *x = xcalloc(1, sizeof(*x));

	x->base.ops = &local_ops;
	x->keep = arena_new();
	x->scratch = arena_new();
	x->null_fd = -1;
	x->terminal.fd = -1;
	x->ready_end = &x->ready;
	x->shell.fast = true;
	return &x->base;
}

void
executor_local_set_fast(struct executor *x, bool fast_exec)
{
	((struct local *)x)->shell.fast = fast_exec;
}
