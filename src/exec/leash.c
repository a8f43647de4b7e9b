/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "exec/leash.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "exec/spawn.h"

#ifdef PRUN_LINUX
bool
leash_make(int fds[2])
{
	if (!spawn_pipe(fds))
		return false;
	for (int i = 0; i < 2; i++)
		if (fcntl(fds[i], F_SETSIG, SIGKILL) != 0 ||
		    fcntl(fds[i], F_SETFL, O_ASYNC) != 0) {
			leash_free(fds);
			return false;
		}
	return true;
}
#else
bool
leash_make(int fds[2])
{
	(void)fds;
	return false;
}
#endif

static void
set_owner(const int fds[2], pid_t owner)
{
	fcntl(fds[0], F_SETOWN, owner);
	fcntl(fds[1], F_SETOWN, owner);
}

void
leash_take(const int fds[2], bool own_group)
{
	set_owner(fds, own_group ? -getpid() : getpid());
}

void
leash_free(int fds[2])
{
	set_owner(fds, 0);
	close(fds[0]);
	close(fds[1]);
}
