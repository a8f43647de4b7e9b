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

/* The new process: nothing but signal-safe calls. */
static void
listen_in(pid_t group)
{
	sigset_t none;

	if (setpgid(0, group) != 0)
		_exit(1);
#ifdef PRUN_LINUX
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	signal(SIGINT, SIG_DFL);
	signal(SIGTSTP, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	close_from(0);
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
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)
		li->heard(li->arg);
}

void
listener_start(struct listener *li, struct loop *l, pid_t group,
    void (*heard)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (pid == 0)
		listen_in(group);
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
