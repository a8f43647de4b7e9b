/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "exec/shell.h"
#include "exec/spawn.h"

extern char **environ;

enum { IN, OUT, ERR };
enum { QUIET_MS = 500 };
/* from TERM to KILL at the deadline */
#define GRACE_NS (2 * NS_PER_S)
/* wait status of exit(255): the real one was lost */
#define STATUS_LOST (255 << 8)

/* A program and what goes to and fro. */
struct capture_job {
	pid_t pid;
	int fd[3]; /* prun's ends; -1: none or done */
	int64_t deadline_ns;
	bool late; /* the deadline has passed */
	int64_t moved_ns; /* when something last came, or its end was seen */
	bool idle; /* poll() found nothing since then */
	bool ended; /* reaped; `status` is its wait status */
	bool done;
	int status;
	const char *name;
	struct arena *a;
	sv input;
	struct sb got[3];
	size_t most; /* of each of them */
	bool copy;
	void (*on_stdout)(void *ctx, sv bytes);
	void *ctx;
};

/*
 * Signals that are sent on to the program that is being waited for.  A handler
 * can reach nothing but statics; there is one program at a time.
 */
static const int sent_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
enum { N_SENT_ON = sizeof(sent_on) / sizeof(sent_on[0]) };
static volatile pid_t group_waited_for;
static volatile sig_atomic_t first_signal, n_signals;

static void
send_on(int sig)
{
	int saved = errno;

	if (first_signal == 0)
		first_signal = sig;
	/* the third one ends what does not hear */
	if (group_waited_for > 0)
		kill(-group_waited_for, ++n_signals > 2 ? SIGKILL : sig);
	errno = saved;
}

struct held {
	sigset_t set, before;
	struct sigaction actions[N_SENT_ON];
};

/* Held back from before the start until the handlers know the group. */
static void
capture_hold_signals(struct held *h)
{
	sigemptyset(&h->set);
	for (int i = 0; i < N_SENT_ON; i++)
		sigaddset(&h->set, sent_on[i]);
	sigprocmask(SIG_BLOCK, &h->set, &h->before);
}

static void
start_sending(struct held *h, pid_t group)
{
	struct sigaction on = { .sa_handler = send_on };

	group_waited_for = group;
	first_signal = n_signals = 0;
	for (int i = 0; i < N_SENT_ON; i++) {
		sigaction(sent_on[i], NULL, &h->actions[i]);
		/* what nohup has ignored stays ignored */
		if (h->actions[i].sa_handler != SIG_IGN)
			sigaction(sent_on[i], &on, NULL);
	}
	sigprocmask(SIG_UNBLOCK, &h->set, NULL);
}

static void
stop_sending(struct held *h, int *caught)
{
	sigprocmask(SIG_BLOCK, &h->set, NULL);
	for (int i = 0; i < N_SENT_ON; i++)
		sigaction(sent_on[i], &h->actions[i], NULL);
	group_waited_for = 0;
	if (*caught == 0)
		*caught = first_signal;
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
feed(struct capture_job *x)
{
	ssize_t n = write(x->fd[IN], x->input.p, x->input.n);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		x->input = sv_sub(x->input, (size_t)n, SIZE_MAX);
	/* A program that does not want all of its input may end early. */
	if (n < 0 || x->input.n == 0)
		close_fd(&x->fd[IN]);
}

static void
capture_take(struct capture_job *x, int stream)
{
	ssize_t n;

	sb_reserve(&x->got[stream], 65536);
	n = read(x->fd[stream], x->got[stream].p + x->got[stream].n, 65536);
	if (n > 0 && x->copy && stream == ERR)
		write_all(STDERR_FILENO, x->got[stream].p + x->got[stream].n,
		    (size_t)n);
	if (n > 0 && x->on_stdout != NULL && stream == OUT)
		x->on_stdout(x->ctx,
		    (sv){ x->got[stream].p + x->got[stream].n, (size_t)n });
	if (n > 0)
		x->got[stream].n += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		close_fd(&x->fd[stream]);
	if (x->most != 0 && x->got[stream].n > x->most)
		close_fd(&x->fd[stream]);
}

/* Both streams and the input at once, so that neither side waits for the
 * other. */
static void
move(struct capture_job *x, const struct pollfd *p, int64_t now)
{
	x->idle = true;
	for (int i = 0; i < 3; i++) {
		if (x->fd[i] < 0 || p[i].revents == 0)
			continue;
		x->idle = false;
		x->moved_ns = now;
		if (i == IN)
			feed(x);
		else
			capture_take(x, i);
	}
}

/* A child that the program left behind may hold the other ends for ever: once
 * it has ended and nothing comes any more, that is the end.  At the deadline
 * the program is asked to end, later it is made to. */
static void
capture_look(struct capture_job *x, int64_t now)
{
	if (x->fd[IN] < 0 && x->fd[OUT] < 0 && x->fd[ERR] < 0) {
		x->done = true;
	} else if (x->idle && now - x->moved_ns >= QUIET_MS * NS_PER_MS) {
		x->done = x->ended;
		x->ended = x->ended ||
		    waitpid(x->pid, &x->status, WNOHANG) == x->pid;
		x->moved_ns = now;
		x->idle = false;
	}
	if (x->done || x->ended || x->deadline_ns == 0 || now < x->deadline_ns)
		return;
	kill(x->pid, x->late ? SIGKILL : SIGTERM);
	x->late = true;
	x->deadline_ns = now + GRACE_NS;
}

/* Milliseconds until capture_look() has something to do. */
static int
wait_ms(const struct capture_job *x, int64_t now)
{
	int64_t until = x->moved_ns + QUIET_MS * NS_PER_MS;

	if (x->deadline_ns != 0 && !x->ended && x->deadline_ns < until)
		until = x->deadline_ns;
	return until <= now ? 0 : (int)((until - now) / NS_PER_MS) + 1;
}

/* One look at all; true when one is done or a signal came. */
static bool
exchange(struct capture_job *const *jobs, size_t n, struct pollfd *p)
{
	int64_t now = clock_mono_ns();
	int wait = QUIET_MS;
	bool done = false;

	for (size_t i = 0; i < n; i++) {
		int ms;

		capture_look(jobs[i], now);
		done |= jobs[i]->done;
		ms = wait_ms(jobs[i], now);
		wait = ms < wait ? ms : wait;
		for (int k = 0; k < 3; k++)
			p[3 * i + (size_t)k] = (struct pollfd){ jobs[i]->fd[k],
				k == IN ? POLLOUT : POLLIN, 0 };
	}
	if (done)
		return true;
	if (poll(p, (nfds_t)(3 * n), wait) < 0) {
		if (errno != EINTR)
			BUG("poll: %s", errno_text(errno));
		return true;
	}
	now = clock_mono_ns();
	for (size_t i = 0; i < n; i++)
		move(jobs[i], p + 3 * i, now);
	return false;
}

bool
capture_has_terminal(void)
{
	int fd cleanup_close = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 && tcgetpgrp(fd) == getpgrp();
}

/* The child's end of stream i; prun's goes to *ours. */
static bool
capture_wire(
    int i, bool pipe_wanted, bool pass, int null_fd, int *theirs, int *ours)
{
	int fds[2];

	*ours = -1;
	*theirs = pass ? i : null_fd;
	if (!pipe_wanted)
		return true;
	if (!spawn_pipe(fds))
		return false;
	*theirs = fds[i == IN ? 0 : 1];
	*ours = fds[i == IN ? 1 : 0];
	fcntl(*ours, F_SETFL, fcntl(*ours, F_GETFL) | O_NONBLOCK);
	return true;
}

static pid_t
start(const struct capture *c, const char *program, int null_fd,
    const bool piped[3], struct capture_job *x, struct err *e)
{
	struct spawn s = { .path = program, .dir = c->dir,
		.own_group = c->own_group || c->caught != NULL,
		.own_session = c->own_session,
		.dies_with_us = c->caught != NULL,
		.argv = (char *const *)c->argv,
		.env = c->env != NULL ? c->env : environ };
	const bool pass[3] = { false, c->pass_stdout, c->pass_stderr };
	enum spawn_stage stage = SPAWN_FORK;
	bool ok = true;
	int error = 0, script_fd cleanup_close = -1;
	pid_t pid = -1;

	if (c->script != NULL && !spawn_script_open(c->script, &script_fd, e))
		return -1;
	s.script_fd = script_fd > 0 ? script_fd : 0;
	for (int i = 0; i < 3; i++) {
		s.fd[i] = null_fd;
		if (ok && !capture_wire(i, piped[i], pass[i], null_fd, &s.fd[i],
			      &x->fd[i])) {
			error = errno;
			ok = false;
		}
	}
	if (ok)
		pid = spawn_process(&s, &stage, &error);
	for (int i = 0; i < 3; i++)
		if (x->fd[i] >= 0)
			close(s.fd[i]);
	if (pid < 0 && stage == SPAWN_CHDIR)
		err_sys(e, error, "chdir %s", c->dir);
	else if (pid < 0)
		err_sys(e, error, "fork/exec %s", program);
	return pid;
}

static int
shell_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

/* Streams that nobody wants go to /dev/null. */
static struct capture_job *
capture_start_job(struct arena *a, const struct capture *c, bool wants_out,
    bool wants_err, struct err *e)
{
	const bool piped[3] = { c->input.n > 0, wants_out && !c->pass_stdout,
		wants_err && !c->pass_stderr };
	struct capture_job *x = arena_new_of(a, struct capture_job);
	int null_fd cleanup_close = open("/dev/null", O_RDWR | O_CLOEXEC);
	const char *program, *why = "";

	*x = (struct capture_job){ .fd = { -1, -1, -1 },
		.input = c->input,
		.copy = c->copy_stderr,
		.on_stdout = c->on_stdout,
		.ctx = c->ctx,
		.most = c->most,
		.deadline_ns = c->deadline_ns,
		.a = a,
		.name = c->argv[0],
		.moved_ns = clock_mono_ns() };
	if (null_fd < 0) {
		err_sys(e, errno, "open /dev/null");
		return NULL;
	}
	program = shell_look_up(a, c->argv[0], c->dir, c->env, &why);
	if (program == NULL) {
		err_set(e, ERR_GENERIC, "exec: %s", why);
		return NULL;
	}
	x->pid = start(c, program, null_fd, piped, x, e);
	if (x->pid > 0)
		return x;
	for (int i = 0; i < 3; i++)
		close_fd(&x->fd[i]);
	return NULL;
}

struct capture_job *
capture_start(struct arena *a, const struct capture *c, struct err *e)
{
	return capture_start_job(a, c, true, true, e);
}

void
capture_wait(struct capture_job *const *jobs, size_t n)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct pollfd *p = xmalloc((3 * n + 1) * sizeof(*p));

	sigaction(SIGPIPE, &ignore, &before);
	while (n > 0 && !exchange(jobs, n, p))
		;
	sigaction(SIGPIPE, &before, NULL);
	free(p);
}

bool
capture_is_done(const struct capture_job *job)
{
	return job->done;
}

void
capture_stop(struct capture_job *job)
{
	job->deadline_ns = 1;
}

void
capture_give_time(struct capture_job *job, int64_t ns)
{
	if (job->deadline_ns != 0 && !job->late)
		job->deadline_ns += ns;
}

/* Waits for the end of the program; false with errno where its status is not to
 * be had: what is not known to have passed has failed. */
static bool
capture_reap(struct capture_job *job)
{
	while (waitpid(job->pid, &job->status, 0) < 0)
		if (errno != EINTR) {
			job->status = STATUS_LOST;
			return false;
		}
	job->ended = true;
	return true;
}

bool
capture_finish(struct capture_job *job, int *status, sv *out, sv *err,
    struct err *e)
{
	bool ok = true;

	while (!job->done)
		capture_wait(&job, 1);
	for (int i = 0; i < 3; i++)
		close_fd(&job->fd[i]);
	if (!job->ended && !capture_reap(job))
		ok = err_sys(e, errno, "wait for %s", job->name);
	*status = shell_status(job->status);
	if (out != NULL)
		*out = sb_take(&job->got[OUT], job->a);
	if (err != NULL)
		*err = sb_take(&job->got[ERR], job->a);
	sb_free(&job->got[OUT]);
	sb_free(&job->got[ERR]);
	if (job->late)
		return err_set(e, ERR_FETCH_TIMEOUT, "%s timed out", job->name);
	return ok;
}

bool
capture_run(struct arena *a, const struct capture *c, int *status, sv *out,
    sv *err, struct err *e)
{
	struct capture_job *job;
	struct held held;
	bool good = false;

	if (c->caught != NULL)
		capture_hold_signals(&held);
	job = capture_start_job(a, c, out != NULL, err != NULL, e);
	if (job != NULL && c->caught != NULL)
		start_sending(&held, job->pid);
	if (job != NULL)
		good = capture_finish(job, status, out, err, e);
	if (job != NULL && c->caught != NULL)
		stop_sending(&held, c->caught);
	if (c->caught != NULL)
		sigprocmask(SIG_SETMASK, &held.before, NULL);
	return good;
}
