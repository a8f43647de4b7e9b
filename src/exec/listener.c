/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/listener.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef PRUN_LINUX
#include <sys/prctl.h>
#endif

#include "base/io.h"
#include "exec/signals.h"

enum {
	HEARD_LINE = 2, /* statuses of the listener */
	HEARD_KEY
};

/* Its terminal is 0. */
static void
hear(int sig)
{
	(void)sig;
	_exit(reads_keys(0) ? HEARD_KEY : HEARD_LINE);
}

/* The new process: nothing but signal-safe calls. */
static void
listen_in(pid_t group, int terminal)
{
	sigset_t none;

	dup2(terminal, 0);
	close_from(1);
#ifdef PRUN_LINUX
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	signal(SIGINT, hear);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	if (setpgid(0, group) != 0)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (;;)
		pause();
}

static void
on_listener_told(void *arg, int status, const struct rusage *u)
{
	struct listener *li = arg;

	(void)u;
	if (WIFSTOPPED(status))
		return;
	loop_child_remove(li->l, &li->child);
	li->l = NULL;
	if (WIFEXITED(status) && WEXITSTATUS(status) >= HEARD_LINE)
		li->heard(li->arg, WEXITSTATUS(status) == HEARD_KEY);
}

void
listener_start(struct listener *li, struct loop *l, pid_t group, int terminal,
    void (*heard)(void *arg, bool was_key), void *arg)
{
	sigset_t all, before;
	pid_t pid;

	/* until the child has its own handlers */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		listen_in(group, terminal);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid < 0)
		return;
	setpgid(pid, group); /* whoever is first */
	*li = (struct listener){ .l = l, .heard = heard, .arg = arg };
	li->child = (struct child){
		.pid = pid, .fn = on_listener_told, .arg = li, .is_idle = true
	};
	loop_child_add(l, &li->child);
}

void
listener_stop(struct listener *li)
{
	if (li->l == NULL)
		return;
	loop_child_remove(li->l, &li->child);
	kill(li->child.pid, SIGKILL);
	while (waitpid(li->child.pid, NULL, 0) < 0 && errno == EINTR)
		;
	li->l = NULL;
}
