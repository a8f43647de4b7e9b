/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/foreground.h"

#include <sys/wait.h>
#include <unistd.h>

bool
foreground_is_own(int fd)
{
	return tcgetpgrp(fd) == getpgrp();
}

/* A job leads its group, and is a child. */
bool
foreground_is_ours(int fd)
{
	pid_t group = tcgetpgrp(fd);
	siginfo_t info;

	return group == getpgrp() ||
	       (group > 0 && waitid(P_PID, (id_t)group, &info,
				 WEXITED | WNOHANG | WNOWAIT) == 0);
}
