/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#ifdef PRUN_LINUX
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"
#include "exec/leash.h"
#include "exec/shell.h"

/* The older name first: where both are, older systems have that one alone. */
#if defined(HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCHDIR_NP)
#define addchdir posix_spawn_file_actions_addchdir_np
#elif defined(HAVE_POSIX_SPAWN_FILE_ACTIONS_ADDCHDIR)
#define addchdir posix_spawn_file_actions_addchdir
#endif

/* What prun catches or ignores.  exec() gives caught ones their default by
 * itself, but until then a handler must not run in the child, which shares
 * prun's memory. */
static const int own_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGTSTP,
	SIGCONT, SIGWINCH, SIGPIPE, SIGTTIN, SIGTTOU, SIGQUIT, SIGUSR1,
	SIGUSR2, SIGXFSZ };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

bool
spawn_pipe(int fds[2])
{
#ifdef PRUN_LINUX
	return pipe2(fds, O_CLOEXEC) == 0;
#else
	if (pipe(fds) != 0)
		return false;
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	return true;
#endif
}

/* The signals that prun's own parent had blocked. */
static sigset_t blocked_outside;
static bool knows_outside;

void
spawn_take_signals(void)
{
	struct sigaction chld;
	sigset_t none;

	/* with SIGCHLD ignored the kernel throws the status of a child away */
	if (sigaction(SIGCHLD, NULL, &chld) == 0 && chld.sa_handler == SIG_IGN)
		signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	knows_outside = sigprocmask(SIG_SETMASK, &none, &blocked_outside) == 0;
}

/* What a child blocks. */
static sigset_t
spawn_mask(void)
{
	sigset_t none;

	sigemptyset(&none);
	return knows_outside ? blocked_outside : none;
}

/* Child side ------------------------------------------------------------- */

struct report {
	enum spawn_stage stage;
	int error;
};

static void
reset_signals(void)
{
	const int set_anyway[] = { SIGPIPE, SIGTTIN, SIGTTOU, SIGXFSZ };
	struct sigaction now, dfl;

	memset(&dfl, 0, sizeof(dfl));
	dfl.sa_handler = SIG_DFL;
	for (size_t i = 0; i < COUNT(own_signals); i++)
		if (sigaction(own_signals[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN && now.sa_handler != SIG_DFL)
			sigaction(own_signals[i], &dfl, NULL);
	for (size_t i = 0; i < COUNT(set_anyway); i++)
		sigaction(set_anyway[i], &dfl, NULL);
}

/* Its prun may have gone before it could ask. */
static void
die_with(pid_t parent)
{
#ifdef PRUN_LINUX
	prctl(PR_SET_PDEATHSIG, (unsigned long)SIGKILL);
	if (getppid() != parent)
		_exit(127);
#else
	(void)parent;
#endif
}

/* Never returns.  Only what may be called after vfork; `report` is in memory
 * shared with prun after vfork, and sent through a pipe after fork. */
static void
become(const struct spawn *s, pid_t parent, volatile struct report *report)
{
	const sigset_t mask = spawn_mask();

	if (s->dies_with_us)
		die_with(parent);
	if (s->own_session) {
		setsid();
		ioctl(s->fd[0], TIOCSCTTY, 0);
	} else if (s->own_group) {
		setpgid(0, 0);
	}
	if (s->leash != NULL)
		leash_take(s->leash, s->own_group || s->own_session);
	for (int i = 0; i < 3; i++)
		if (s->fd[i] == i)
			fcntl(i, F_SETFD, 0);
		else if (dup2(s->fd[i], i) < 0)
			goto exec_failed;
	if (s->script_fd > 0 && dup2(s->script_fd, SHELL_FD) < 0)
		goto exec_failed;
	for (int i = 0; s->pass != NULL && i < 2; i++)
		if (s->pass_from == NULL)
			fcntl(s->pass[i], F_SETFD, 0);
		else if (dup2(s->pass_from[i], s->pass[i]) < 0)
			goto exec_failed;
	if (s->dir != NULL && chdir(s->dir) != 0) {
		report->stage = SPAWN_CHDIR;
		report->error = errno;
		return;
	}
	reset_signals();
	sigprocmask(SIG_SETMASK, &mask, NULL);
	execve(s->path, s->argv, s->env);
exec_failed:
	report->stage = SPAWN_EXEC;
	report->error = errno;
}

/* Parent side ------------------------------------------------------------ */

#ifdef PRUN_LINUX
static pid_t
start_shared(const struct spawn *s, volatile struct report *report)
{
	pid_t self = getpid(), pid = vfork();

	if (pid == 0) {
		become(s, self, report);
		_exit(127);
	}
	if (pid < 0) {
		report->stage = SPAWN_FORK;
		report->error = errno;
	}
	return pid;
}
#else

static pid_t
start_forked(const struct spawn *s, volatile struct report *report)
{
	struct report got;
	pid_t pid, self = getpid();
	int fds[2];

	if (!spawn_pipe(fds)) {
		report->error = errno;
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		become(s, self, report);
		got.stage = report->stage;
		got.error = report->error;
		while (write(fds[1], &got, sizeof(got)) < 0 && errno == EINTR)
			;
		_exit(127);
	}
	if (pid < 0)
		report->error = errno;
	close(fds[1]);
	if (pid > 0 && read(fds[0], &got, sizeof(got)) == sizeof(got)) {
		report->stage = got.stage;
		report->error = got.error;
	}
	close(fds[0]);
	return pid;
}

#ifdef addchdir
static int
add_actions(posix_spawn_file_actions_t *fa, const struct spawn *s)
{
	int error = 0;

	for (int i = 0; i < 3 && error == 0; i++)
		error = posix_spawn_file_actions_adddup2(fa, s->fd[i], i);
	if (error == 0 && s->script_fd > 0)
		error = posix_spawn_file_actions_adddup2(fa, s->script_fd,
		    SHELL_FD);
	for (int i = 0; s->pass != NULL && i < 2 && error == 0; i++)
		error = posix_spawn_file_actions_adddup2(fa,
		    (s->pass_from != NULL ? s->pass_from : s->pass)[i],
		    s->pass[i]);
	if (error == 0 && s->dir != NULL)
		error = addchdir(fa, s->dir);
	return error;
}

static int
set_attributes(posix_spawnattr_t *at, const struct spawn *s)
{
	short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
	struct sigaction now;
	const sigset_t mask = spawn_mask();
	sigset_t dfl;

	sigemptyset(&dfl);
	for (size_t i = 0; i < COUNT(own_signals); i++)
		if (sigaction(own_signals[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(&dfl, own_signals[i]);
	sigaddset(&dfl, SIGPIPE);
	sigaddset(&dfl, SIGTTIN);
	sigaddset(&dfl, SIGTTOU);
	sigaddset(&dfl, SIGXFSZ);
	posix_spawnattr_setsigmask(at, &mask);
	posix_spawnattr_setsigdefault(at, &dfl);
	if (s->own_group) {
		flags |= POSIX_SPAWN_SETPGROUP;
		posix_spawnattr_setpgroup(at, 0);
	}
	return posix_spawnattr_setflags(at, flags);
}

static pid_t
start_spawned(const struct spawn *s, volatile struct report *report)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	pid_t pid = -1;
	int error;

	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&at);
	error = add_actions(&fa, s);
	if (error == 0)
		error = set_attributes(&at, s);
	if (error == 0)
		error = posix_spawn(&pid, s->path, &fa, &at, s->argv, s->env);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	if (error != 0) {
		/* It does not say which step failed. */
		report->error = error;
		report->stage = error == EAGAIN || error == ENOMEM ?
		    SPAWN_FORK : SPAWN_EXEC;
		if (s->dir != NULL && access(s->dir, X_OK) != 0) {
			report->stage = SPAWN_CHDIR;
			report->error = errno;
		}
		return -1;
	}
	return pid;
}
#endif

/* posix_spawn knows neither sessions nor, on some systems, directories. */
static pid_t
start_shared(const struct spawn *s, volatile struct report *report)
{
#ifdef addchdir
	if (!s->own_session)
		return start_spawned(s, report);
#endif
	return start_forked(s, report);
}
#endif

/* Moves descriptors out of the way of 0, 1, 2, so that the child can dup them
 * one after the other.  extra[] gets what is to be closed again. */
static bool
move_low_fds(struct spawn *s, int extra[3])
{
	for (int i = 0; i < 3; i++) {
		extra[i] = -1;
		if (s->fd[i] == i || s->fd[i] > 2)
			continue;
		extra[i] = fcntl(s->fd[i], F_DUPFD_CLOEXEC, 3);
		if (extra[i] < 0)
			return false;
		s->fd[i] = extra[i];
	}
	return true;
}

pid_t
spawn_process(const struct spawn *s, enum spawn_stage *stage, int *error)
{
	volatile struct report report = { SPAWN_FORK, 0 };
	struct spawn moved = *s;
	int extra[3] = { -1, -1, -1 };
	sigset_t all, before;
	pid_t pid = -1;

	if (move_low_fds(&moved, extra)) {
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, &before);
		pid = start_shared(&moved, &report);
		sigprocmask(SIG_SETMASK, &before, NULL);
	} else {
		report.error = errno;
	}
	for (int i = 0; i < 3; i++)
		if (extra[i] >= 0)
			close(extra[i]);
	if (report.error != 0) {
		if (pid > 0)
			while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
				;
		*stage = report.stage;
		*error = report.error;
		return -1;
	}
	return pid;
}

bool
spawn_memory_open(int *fd)
{
	char path[] = "/tmp/prun-XXXXXX";

#ifdef PRUN_LINUX
	*fd = memfd_create("prun", MFD_CLOEXEC);
	if (*fd >= 0)
		return true;
#endif
	*fd = mkstemp(path);
	if (*fd < 0)
		return false;
	unlink(path);
	fcntl(*fd, F_SETFD, FD_CLOEXEC);
	return true;
}

bool
spawn_script_open(const char *text, int *fd, struct err *e)
{
	int got cleanup_close = -1;

	if (!spawn_memory_open(&got))
		return err_sys(e, errno, "create a file for a script");
	*fd = fcntl(got, F_DUPFD_CLOEXEC, SHELL_FD + 1);
	if (*fd < 0)
		return err_sys(e, errno, "a descriptor for a script");
	return (write_all(got, text, strlen(text)) &&
		   lseek(got, 0, SEEK_SET) == 0) ||
	    err_sys(e, errno, "write a script of %zu bytes", strlen(text));
}
