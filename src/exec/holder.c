/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "exec/holder.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#ifdef PRUN_LINUX
#include <sys/syscall.h>
#endif

#include "base/io.h"

#ifdef PRUN_LINUX

static enum holder_is
process_holds(struct arena *a, pid_t pid, const struct stat *lock)
{
	DIR *d cleanup_dir = opendir(arena_printf(a, "/proc/%ld/fd", (long)pid));
	struct dirent *entry;
	struct stat st;

	if (d == NULL)
		return path_is_dir("/proc/self/fd") ? HOLDER_NOT
						     : HOLDER_UNTOLD;
	while ((entry = readdir(d)) != NULL)
		if (fstatat(dirfd(d), entry->d_name, &st, 0) == 0 &&
		    st.st_dev == lock->st_dev && st.st_ino == lock->st_ino)
			return HOLDER_IS;
	return HOLDER_NOT;
}

/* A process by more than its number; -1 where the system has no such thing. */
static int
process_open(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	errno = ENOSYS;
	return -1;
#endif
}

static int
process_send(int fd, pid_t pid, int sig)
{
#ifdef SYS_pidfd_send_signal
	if (fd >= 0)
		return (int)syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
#endif
	return kill(pid, sig);
}

#else

static enum holder_is
process_holds(struct arena *a, pid_t pid, const struct stat *lock)
{
	(void)a;
	(void)pid;
	(void)lock;
	return HOLDER_UNTOLD;
}

static int
process_open(pid_t pid)
{
	(void)pid;
	errno = ENOSYS;
	return -1;
}

static int
process_send(int fd, pid_t pid, int sig)
{
	(void)fd;
	return kill(pid, sig);
}

#endif

enum holder_is
holder_open(struct holder *h, long pid, int file)
{
	struct arena *a cleanup_arena = arena_new();
	struct stat st;

	*h = (struct holder){ pid, -1 };
	if (pid <= 1 || fstat(file, &st) != 0)
		return HOLDER_NOT;
	h->fd = process_open((pid_t)pid);
	if (h->fd < 0 && errno == ESRCH)
		return HOLDER_GONE;
	return process_holds(a, (pid_t)pid, &st);
}

bool
holder_tell(const struct holder *h, int sig)
{
	return process_send(h->fd, (pid_t)h->pid, sig) == 0;
}

void
holder_close(struct holder *h)
{
	if (h->fd >= 0)
		close(h->fd);
	h->fd = -1;
}
