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

struct exchange {
	int fd[3]; /* prun's ends; -1: none or done */
	int64_t deadline_ns;
	bool late; /* the deadline has passed */
	sv input;
	struct sb got[3];
	bool copy;
};

/*
 * Signals that are sent on to the program that is being waited for.  A handler
 * can reach nothing but statics; there is one program at a time.
 */
static const int sent_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
enum { N_SENT_ON = sizeof(sent_on) / sizeof(sent_on[0]) };
static volatile pid_t group_waited_for;
static volatile sig_atomic_t first_signal;

static void
send_on(int sig)
{
	int saved = errno;

	if (first_signal == 0)
		first_signal = sig;
	if (group_waited_for > 0)
		kill(-group_waited_for, sig);
	errno = saved;
}

struct held {
	sigset_t set, before;
	struct sigaction actions[N_SENT_ON];
};

/* Held back from before the start until the handlers know the group. */
static void
hold_signals(struct held *h)
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
	first_signal = 0;
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
feed(struct exchange *x)
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
take(struct exchange *x, int stream)
{
	ssize_t n;

	sb_reserve(&x->got[stream], 65536);
	n = read(x->fd[stream], x->got[stream].p + x->got[stream].n, 65536);
	if (n > 0 && x->copy)
		write_all(STDERR_FILENO, x->got[stream].p + x->got[stream].n,
		    (size_t)n);
	if (n > 0)
		x->got[stream].n += (size_t)n;
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		close_fd(&x->fd[stream]);
}

/* Whether the program has ended; *status then is its wait status. */
static bool
has_ended(pid_t pid, int *status)
{
	return waitpid(pid, status, WNOHANG) == pid;
}

/* At the deadline the program is asked to end, later it is made to. */
static int
wait_ms(struct exchange *x, pid_t pid)
{
	int64_t now, left;

	if (x->deadline_ns == 0)
		return QUIET_MS;
	now = clock_mono_ns();
	left = x->deadline_ns - now;
	if (left <= 0) {
		kill(pid, x->late ? SIGKILL : SIGTERM);
		x->late = true;
		x->deadline_ns = now + GRACE_NS;
		left = GRACE_NS;
	}
	return left / NS_PER_MS < QUIET_MS ? (int)(left / NS_PER_MS) + 1
					   : QUIET_MS;
}

/* Until all of prun's ends are closed: both streams and the input at once, so
 * that neither side waits for the other.  A child that the program left behind
 * may hold the other ends for ever: once it has ended and nothing comes any
 * more, that is the end.  True when the program is reaped. */
static bool
exchange(struct exchange *x, pid_t pid, int *status)
{
	bool ended = false;

	while (x->fd[IN] >= 0 || x->fd[OUT] >= 0 || x->fd[ERR] >= 0) {
		struct pollfd p[3] = {
			{ x->fd[IN], POLLOUT, 0 },
			{ x->fd[OUT], POLLIN, 0 },
			{ x->fd[ERR], POLLIN, 0 },
		};

		int n = poll(p, 3, ended ? QUIET_MS : wait_ms(x, pid));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			BUG("poll: %s", errno_text(errno));
		if (n == 0) {
			if (ended)
				return true;
			ended = has_ended(pid, status);
			continue;
		}
		if (x->fd[IN] >= 0 && p[IN].revents != 0)
			feed(x);
		if (x->fd[OUT] >= 0 && p[OUT].revents != 0)
			take(x, OUT);
		if (x->fd[ERR] >= 0 && p[ERR].revents != 0)
			take(x, ERR);
	}
	return ended;
}

/* The child's end of stream i; prun's goes to *ours. */
static bool
wire(int i, bool pipe_wanted, bool pass, int null_fd, int *theirs, int *ours)
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
    const bool piped[3], struct exchange *x, struct err *e)
{
	struct spawn s = { .path = program, .dir = c->dir, .tty = -1,
		.own_group = c->own_group || c->caught != NULL,
		.own_session = c->own_session,
		.argv = (char *const *)c->argv,
		.env = c->env != NULL ? c->env : environ };
	const bool pass[3] = { false, c->pass_stdout, c->pass_stderr };
	enum spawn_stage stage = SPAWN_FORK;
	bool ok = true;
	int error = 0;
	pid_t pid = -1;

	for (int i = 0; i < 3; i++) {
		s.fd[i] = null_fd;
		if (ok && !wire(i, piped[i], pass[i], null_fd, &s.fd[i],
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

bool
capture_run(struct arena *a, const struct capture *c, int *status, sv *out,
    sv *err, struct err *e)
{
	struct exchange x = { .fd = { -1, -1, -1 }, .input = c->input,
		.copy = c->copy_to_stderr,
		.deadline_ns = c->deadline_ns };
	const bool piped[3] = { c->input.n > 0,
		out != NULL && !c->pass_stdout,
		err != NULL && !c->pass_stderr };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	int null_fd cleanup_close = open("/dev/null", O_RDWR | O_CLOEXEC);
	const char *program, *why = "";
	struct held held;
	int waited = 0;
	bool reaped = false;
	pid_t pid;

	if (null_fd < 0)
		return err_sys(e, errno, "open /dev/null");
	program = shell_look_up(a, c->argv[0], c->dir, c->env, &why);
	if (program == NULL)
		return err_set(e, ERR_GENERIC, "exec: %s", why);
	sigaction(SIGPIPE, &ignore, &before);
	if (c->caught != NULL)
		hold_signals(&held);
	pid = start(c, program, null_fd, piped, &x, e);
	if (pid > 0 && c->caught != NULL)
		start_sending(&held, pid);
	if (pid > 0)
		reaped = exchange(&x, pid, &waited);
	sigaction(SIGPIPE, &before, NULL);
	for (int i = 0; i < 3; i++)
		close_fd(&x.fd[i]);
	while (pid > 0 && !reaped)
		reaped = waitpid(pid, &waited, 0) >= 0 || errno != EINTR;
	if (pid > 0)
		*status = shell_status(waited);
	if (pid > 0 && c->caught != NULL)
		stop_sending(&held, c->caught);
	if (c->caught != NULL)
		sigprocmask(SIG_SETMASK, &held.before, NULL);
	if (out != NULL)
		*out = sb_take(&x.got[OUT], a);
	if (err != NULL)
		*err = sb_take(&x.got[ERR], a);
	sb_free(&x.got[OUT]);
	sb_free(&x.got[ERR]);
	if (x.late)
		return err_set(e, ERR_FETCH_TIMEOUT, "%s timed out",
		    c->argv[0]);
	return pid > 0;
}
