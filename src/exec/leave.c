/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "exec/leave.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/spawn.h"

enum {
	TOLD_FD = 3, /* of what goes on: the way to whoever asked */
};

/* ---- whoever asked ---- */

/* Its ends of the pipes: output, errors, and what it is told. */
struct waiting {
	int fds[3];
	char *told; /* LEAVE_TOLD_MAX bytes */
	size_t n;
};

/* What has come on one of them; false: that was its end. */
static bool
take_some(struct waiting *w, int i)
{
	char block[4096];
	bool tells = i == 2;
	ssize_t n = tells ? read(w->fds[i], w->told + w->n,
				LEAVE_TOLD_MAX - 1 - w->n)
			  : read(w->fds[i], block, sizeof(block));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (tells)
		w->n += (size_t)n;
	else if (n > 0)
		(void)write_all(
		    i == 0 ? STDOUT_FILENO : STDERR_FILENO, block, (size_t)n);
	return n > 0;
}

/* All that is there already. */
static void
take_rest(struct waiting *w, int i)
{
	if (w->fds[i] < 0)
		return;
	fcntl(w->fds[i], F_SETFL, fcntl(w->fds[i], F_GETFL) | O_NONBLOCK);
	while (poll(&(struct pollfd){ .fd = w->fds[i], .events = POLLIN }, 1,
		   0) > 0 &&
	       take_some(w, i))
		;
}

/* Until it says something whole, or ends. */
static void
leave_hear(struct waiting *w)
{
	while (w->fds[2] >= 0 && memchr(w->told, '\n', w->n) == NULL) {
		struct pollfd p[3];

		for (int i = 0; i < 3; i++)
			p[i] = (struct pollfd){ .fd = w->fds[i],
				.events = POLLIN };
		if (poll(p, 3, -1) < 0)
			continue;
		for (int i = 0; i < 3; i++)
			if (p[i].fd >= 0 && p[i].revents != 0 &&
			    !take_some(w, i)) {
				close(w->fds[i]);
				w->fds[i] = -1;
			}
	}
	w->told[w->n] = '\0';
	take_rest(w, 0);
	take_rest(w, 1);
}

/* ---- what goes on ---- */

bool
leave_input(void)
{
	int fd cleanup_close = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return fd >= 0 && dup2(fd, STDIN_FILENO) >= 0;
}

/* Whoever gave the caller more descriptors than three may wait for the end of
 * those as well. */
static void
leave_caller(int fds[3])
{
	if (isatty(STDIN_FILENO))
		(void)leave_input();
	dup2(fds[0], STDOUT_FILENO);
	dup2(fds[1], STDERR_FILENO);
	if (fds[2] != TOLD_FD)
		dup2(fds[2], TOLD_FD);
	close_from(TOLD_FD + 1);
	fcntl(TOLD_FD, F_SETFD, FD_CLOEXEC);
}

static bool
open_pipes(int in[3], int out[3], struct err *e)
{
	for (int i = 0; i < 3; i++) {
		int fds[2];

		if (!spawn_pipe(fds))
			return err_sys(e, errno, "prun: --detach: pipe");
		in[i] = fds[0];
		out[i] = fds[1];
	}
	return true;
}

bool
leave_begin(char *told, struct err *e)
{
	struct waiting w = { .told = told };
	int out[3];
	pid_t pid;

	*told = '\0';
	fflush(NULL);
	if (!open_pipes(w.fds, out, e))
		return false;
	pid = fork();
	if (pid < 0) {
		err_sys(e, errno, "prun: --detach: fork");
		return false;
	}
	if (pid == 0) {
		setsid();
		pid = fork();
		if (pid != 0)
			_exit(pid < 0);
		leave_caller(out);
		return true;
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	for (int i = 0; i < 3; i++)
		close(out[i]);
	leave_hear(&w);
	return false;
}

bool
leave_tell(const char *line)
{
	bool ok = write_all(TOLD_FD, line, strlen(line));

	close(TOLD_FD);
	return ok;
}

static bool term_is_held;

static void
term_mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(how, &set, NULL);
	term_is_held = how == SIG_BLOCK;
}

void
leave_hold_term(void)
{
	term_mask(SIG_BLOCK);
}

void
leave_let_term(void)
{
	if (term_is_held)
		term_mask(SIG_UNBLOCK);
}
