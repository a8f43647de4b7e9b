/* SPDX-License-Identifier: MIT */
/*
 * Starting one process, with everything prepared beforehand: nothing is
 * allocated or looked up between vfork and exec.  For exec/ only.
 * May include: base/.
 */
#ifndef EXEC_SPAWN_H
#define EXEC_SPAWN_H

#include <sys/types.h>

#include "base/err.h"

enum spawn_stage {
	SPAWN_FORK,  /* no process could be made */
	SPAWN_CHDIR, /* `dir` cannot be entered */
	SPAWN_EXEC,  /* the program cannot be executed */
};

struct spawn {
	const char *path;	 /* of the program; relative: to `dir` */
	char *const *argv, *const *env;
	const char *dir;	 /* NULL: here */
	int fd[3];		 /* becomes 0, 1, 2; fd[i] == i: inherited */
	int script_fd;		 /* > SHELL_FD: becomes that; 0: none */
	const int *pass;	 /* two that are inherited as they are; or NULL */
	const int *pass_from; /* these under those numbers; NULL: themselves */
	bool own_group;		 /* a process group of its own */
	bool own_session;	 /* a session; fd[0] becomes its terminal */
	const int *leash;        /* of leash.h, for the new process; or NULL */
	bool dies_with_us;       /* killed when prun is gone, where the system
				  * can do that (Linux) */
};

/* Once, at the very start of the program: whatever its parent blocked or
 * ignored, prun hears of its children's ends and of signals. */
void spawn_take_signals(void);

/* The pid, or -1 with the stage that failed and its errno.  The child blocks
 * what prun's own parent had blocked.  Signals are at their defaults in it, but
 * what was ignored when prun started stays so, besides SIGCHLD, SIGPIPE,
 * SIGTTIN, SIGTTOU and SIGXFSZ. */
pid_t spawn_process(const struct spawn *s, enum spawn_stage *stage,
    int *error);

/* Both ends close-on-exec; false with errno. */
bool spawn_pipe(int fds[2]);

/* An empty file without a name, in memory where the system has that;
 * close-on-exec; false with errno. */
bool spawn_memory_open(int *fd);

/* A file without a name that holds the text, to be read from its start: a
 * script_fd, close-on-exec. */
bool spawn_script_open(const char *text, int *fd, struct err *e);

#endif
