/* SPDX-License-Identifier: MIT */
/*
 * Ptys, and who has prun's own terminal.  A pty is only a job's output device:
 * its controlling terminal stays the real one, so that what asks for a password
 * on /dev/tty still reaches the user (P-402).
 *
 * A job that is `here` shares the terminal with prun, in prun's process group:
 * nothing is to be given or taken.  One of another group that reads the
 * terminal is stopped by the kernel, and gets it when it is free.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/local.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LOOK_AT_SIZE_NS (250 * NS_PER_MS)
/* A job that fails so soon after ^C has failed of it. */
#define INT_COUNTS_NS (2 * NS_PER_S)

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
	int saved;

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
	saved = errno;
	if (*slave >= 0)
		close(*slave);
	close(*master);
	errno = saved;
	return false;
}

bool
executor_local_has_pty(void)
{
	int master, slave, saved;

	if (!pty_open(&master, &slave))
		return false;
	saved = errno;
	close(master);
	close(slave);
	errno = saved;
	return true;
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
		if (s->is_pty && !same_size(s->fd, &size))
			changed |= ioctl(s->fd, TIOCSWINSZ, &size) == 0;
	if (!changed)
		return;
	/* No group is in the foreground of such a pty, so nobody tells them. */
	for (struct job *j = x->jobs; j != NULL; j = j->next)
		if (j->on_pty && !j->pty_is_terminal && !j->exited)
			job_kill(j, SIGWINCH);
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

/* What changes the terminal stops a caller in the background, unless SIGTTOU is
 * blocked. */
static void
block_ttou(sigset_t *before)
{
	sigset_t ttou;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, before);
}

static void
set_foreground(int fd, pid_t group)
{
	sigset_t before;

	block_ttou(&before);
	tcsetpgrp(fd, group);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void
set_modes(int fd, const struct termios *modes)
{
	sigset_t before;

	block_ttou(&before);
	tcsetattr(fd, TCSADRAIN, modes);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static bool
is_in_front(int fd)
{
	return fd >= 0 && tcgetpgrp(fd) == getpgrp();
}

static void
remember_modes(struct terminal *t)
{
	t->has_modes = is_in_front(t->fd) && tcgetattr(t->fd, &t->modes) == 0;
}

static void
count_terminal(struct job *j)
{
	j->has_terminal = true;
	j->x->base.loop->on_terminal++;
}

static void
uncount_terminal(struct job *j)
{
	if (j->has_terminal)
		j->x->base.loop->on_terminal--;
	j->has_terminal = false;
}

/* ---- jobs here ---- */

bool
terminal_is_there(struct local *x)
{
	return terminal_fd(&x->terminal) >= 0;
}

void
terminal_before(struct local *x)
{
	struct terminal *t = &x->terminal;

	/* whose ^C may come with the job's first word */
	loop_uv(x->base.loop);
	signals_watch_keys(terminal_fd(t));
	if (t->fd >= 0 && t->n_here == 0 && t->owner == NULL)
		remember_modes(t);
}

void
terminal_lent(struct local *x, struct job *j, bool reads)
{
	j->here = true;
	if (x->terminal.n_here++ == 0)
		x->terminal.kept_int = false;
	if (reads)
		count_terminal(j);
}

bool
terminal_keeps_int(void *local)
{
	struct local *x = local;
	struct terminal *t = &x->terminal;

	if (t->n_here == 0 || !is_in_front(t->fd) || !signals_int_was_key())
		return false;
	t->kept_int = true;
	return true;
}

/* A shell inside, with job control, may be gone without giving the terminal
 * back; nobody else takes it then. */
static void
take_from_the_dead(struct terminal *t)
{
	pid_t group = tcgetpgrp(t->fd);

	if (t->has_modes && group > 0 && group != getpgrp() &&
	    kill(-group, 0) != 0 && errno == ESRCH)
		set_foreground(t->fd, getpgrp());
}

static void
back_from_here(struct local *x, struct job *j)
{
	struct terminal *t = &x->terminal;

	if (--t->n_here > 0 || t->owner != NULL || t->fd < 0)
		return;
	take_from_the_dead(t);
	/* A job that ended well meant what it did to the modes (`stty`). */
	if (j->result.status != 0 && t->has_modes && is_in_front(t->fd))
		set_modes(t->fd, &t->modes);
}

/* ---- jobs in groups of their own ---- */

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

static void listen_to_owner(struct local *x);

/* A reader of keys takes ^C for one of them. */
static void
owner_got_int(void *arg, bool was_key)
{
	struct local *x = arg;
	struct terminal *t = &x->terminal;

	if (t->owner == NULL)
		return;
	if (t->owner->ending == ENDING_NOT && !was_key)
		t->int_ns = clock_mono_ns();
	listen_to_owner(x);
}

static void
listen_to_owner(struct local *x)
{
	listener_start(&x->terminal.listener, x->base.loop,
	    x->terminal.owner->pid, x->terminal.fd, owner_got_int, x);
}

bool
terminal_was_interrupted(const struct job *j)
{
	const struct terminal *t = &j->x->terminal;

	return t->owner == j && t->int_ns != 0 &&
	       clock_mono_ns() - t->int_ns < INT_COUNTS_NS;
}

static void
terminal_give(struct local *x, struct job *j)
{
	struct terminal *t = &x->terminal;

	if (t->owner != NULL || t->n_here > 0 || !is_in_front(terminal_fd(t)))
		return;
	remember_modes(t);
	t->owner = j;
	j->wants_terminal = false;
	count_terminal(j);
	t->look_timer =
	    loop_timer(x->base.loop, LOOK_AT_SIZE_NS, look_at_size, x);
	t->int_ns = 0;
	listen_to_owner(x);
	set_foreground(t->fd, j->pid);
	kill(-j->pid, SIGCONT);
}

static void
terminal_take(struct local *x)
{
	struct terminal *t = &x->terminal;

	uncount_terminal(t->owner);
	listener_stop(&t->listener);
	t->owner = NULL;
	loop_timer_stop(x->base.loop, &t->look_timer);
	set_foreground(t->fd, getpgrp());
}

static void
give_to_next(struct local *x)
{
	for (struct job *k = x->jobs; k != NULL && x->terminal.owner == NULL;
	     k = k->next)
		if (k->wants_terminal && !k->exited)
			terminal_give(x, k);
}

void
terminal_take_back(struct local *x, struct job *j)
{
	struct terminal *t = &x->terminal;

	if (j->here) {
		uncount_terminal(j);
		back_from_here(x, j);
	} else if (t->owner == j) {
		terminal_take(x);
		if (t->has_modes && j->result.status != 0)
			set_modes(t->fd, &t->modes);
	} else {
		return;
	}
	give_to_next(x);
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
	if (!is_in_front(t->fd)) {
		j->wants_terminal = true;
		return;
	}
	if (has_modes)
		set_modes(t->fd, &of_job);
	terminal_give(x, j);
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
	if (j->here) {
		/* What it does to itself is meant for all of its group: a
		 * pager stops itself once it has put the modes back. */
		if (sig == SIGTSTP || sig == SIGSTOP)
			signals_suspend(loop_signals(x->base.loop), 0);
		return;
	}
	/* A job of the background that reads /dev/tty (a password): it gets the
	 * terminal when it is free, rather than being stuck. */
	if (sig != SIGTTIN && sig != SIGTTOU)
		return;
	if (terminal_fd(t) < 0)
		return;
	j->wants_terminal = true;
	terminal_give(x, j);
}
