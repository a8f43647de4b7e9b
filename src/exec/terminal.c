/* SPDX-License-Identifier: MIT */
/*
 * Ptys, and who has prun's own terminal.  A pty is only a job's output device:
 * its controlling terminal stays the real one, so that what asks for a password
 * on /dev/tty still reaches the user (P-402).
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LOOK_AT_SIZE_NS (250 * NS_PER_MS)

static void
window_size(struct winsize *size)
{
	for (int fd = 2; fd >= 0; fd--)
		if (ioctl(fd, TIOCGWINSZ, size) == 0 && size->ws_col > 0)
			return;
	*size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
}

static bool
set_up_slave(int slave)
{
	struct winsize size = { 0 };
	struct termios modes;

	if (tcgetattr(slave, &modes) != 0)
		return false;
	/* Bytes come through as they were written: the terminal at the end
	 * makes CR LF of a newline, and a log wants none. */
	modes.c_oflag &= ~(tcflag_t)OPOST;
	modes.c_lflag &= ~(tcflag_t)ECHO;
	window_size(&size);
	return tcsetattr(slave, TCSANOW, &modes) == 0 &&
	    ioctl(slave, TIOCSWINSZ, &size) == 0;
}

bool
pty_open(int *master, int *slave)
{
	const char *name;

	*slave = -1;
	*master = posix_openpt(O_RDWR | O_NOCTTY);
	if (*master < 0)
		return false;
	fcntl(*master, F_SETFD, FD_CLOEXEC);
	if (grantpt(*master) == 0 && unlockpt(*master) == 0 &&
	    (name = ptsname(*master)) != NULL)
		*slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave >= 0 && set_up_slave(*slave))
		return true;
	if (*slave >= 0)
		close(*slave);
	close(*master);
	return false;
}

static bool
same_size(int fd, const struct winsize *size)
{
	struct winsize now = { 0 };

	return ioctl(fd, TIOCGWINSZ, &now) == 0 &&
	    now.ws_row == size->ws_row && now.ws_col == size->ws_col;
}

void
pty_resize_all(struct local *x)
{
	struct winsize size = { 0 };
	bool changed = false;

	window_size(&size);
	for (struct stream *s = x->streams; s != NULL; s = s->next)
		if (s->slot == PTY_SLOT && !same_size(s->fd, &size))
			changed |= ioctl(s->fd, TIOCSWINSZ, &size) == 0;
	if (!changed)
		return;
	/* No group is in the foreground of such a pty, so nobody tells them. */
	for (struct job *j = x->jobs; j != NULL; j = j->next)
		if (j->on_pty && !j->pty_is_terminal && !j->exited)
			kill(-j->pid, SIGWINCH);
}

/* The foreground --------------------------------------------------------- */

static int
terminal_fd(struct terminal *t)
{
	if (!t->looked) {
		t->looked = true;
		t->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	}
	return t->fd;
}

/* tcsetpgrp() stops a caller in the background unless SIGTTOU is blocked. */
static void
set_foreground(int fd, pid_t group)
{
	sigset_t ttou, before;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &before);
	tcsetpgrp(fd, group);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void
set_modes(int fd, const struct termios *modes)
{
	sigset_t ttou, before;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &before);
	tcsetattr(fd, TCSADRAIN, modes);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

int
terminal_to_give(struct local *x)
{
	struct terminal *t = &x->terminal;
	int fd = terminal_fd(t);

	if (fd < 0 || t->owner != NULL || tcgetpgrp(fd) != getpgrp())
		return -1;
	t->has_modes = tcgetattr(fd, &t->modes) == 0;
	return fd;
}

/* The kernel tells the terminal's foreground of a new size, and that is the job
 * now: prun has to look. */
static void
look_at_size(void *arg)
{
	struct local *x = arg;

	x->terminal.look_timer =
	    loop_timer(x->base.loop, LOOK_AT_SIZE_NS, look_at_size, x);
	pty_resize_all(x);
}

void
terminal_given(struct local *x, struct job *j)
{
	x->terminal.owner = j;
	x->base.loop->on_terminal += !j->on_pty;
	j->on_terminal = true;
	j->wants_terminal = false;
	if (j->on_pty)
		x->terminal.look_timer =
		    loop_timer(x->base.loop, LOOK_AT_SIZE_NS, look_at_size, x);
}

static void
give(struct local *x, struct job *j)
{
	int fd = terminal_to_give(x);

	if (fd < 0)
		return;
	terminal_given(x, j);
	set_foreground(fd, j->pid);
	kill(-j->pid, SIGCONT);
}

static void
terminal_take(struct local *x)
{
	struct terminal *t = &x->terminal;

	x->base.loop->on_terminal -= !t->owner->on_pty;
	t->owner->on_terminal = false;
	t->owner = NULL;
	loop_timer_stop(x->base.loop, &t->look_timer);
	set_foreground(t->fd, getpgrp());
}

void
terminal_take_back(struct local *x, struct job *j)
{
	struct terminal *t = &x->terminal;

	if (t->owner != j)
		return;
	terminal_take(x);
	/* A job that ended well meant what it did to the modes (`stty`). */
	if (t->has_modes && j->result.status != 0)
		set_modes(t->fd, &t->modes);
	for (struct job *k = x->jobs; k != NULL && t->owner == NULL;
	    k = k->next)
		if (k->wants_terminal && !k->exited)
			give(x, k);
}

/* ^Z stopped the job in the foreground: all stops, and goes on after `fg`. */
static void
suspend_owner(struct local *x, struct job *j)
{
	struct terminal *t = &x->terminal;
	struct termios of_job;
	bool has_modes = tcgetattr(t->fd, &of_job) == 0;

	terminal_take(x);
	if (t->has_modes)
		set_modes(t->fd, &t->modes);
	/* prun's own group, with what it is piped into */
	signals_suspend(loop_signals(x->base.loop), 0);
	if (terminal_to_give(x) < 0)
		return;
	if (has_modes)
		set_modes(t->fd, &of_job);
	give(x, j);
}

void
terminal_job_stopped(struct local *x, struct job *j, int sig)
{
	struct terminal *t = &x->terminal;

	if (t->owner == j) {
		if (sig == SIGTSTP || sig == SIGSTOP)
			suspend_owner(x, j);
		return;
	}
	/* A job of the background that reads /dev/tty (a password): it gets the
	 * terminal when it is free, rather than being stuck. */
	if (sig != SIGTTIN && sig != SIGTTOU)
		return;
	if (terminal_fd(t) < 0)
		return;
	j->wants_terminal = true;
	give(x, j);
}
