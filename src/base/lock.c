/* SPDX-License-Identifier: MIT */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

/* Closes it and says why. */
static int
lock_refuse(int fd, int errnum)
{
	close(fd);
	errno = errnum;
	return -1;
}

int
open_own(const char *path, int flags, mode_t mode)
{
	/* O_NONBLOCK: nobody waits for the other end of a pipe put there */
	int fd = open(path,
	    flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0)
		return lock_refuse(fd, errno);
	/* none: it was removed just now, which its user finds out */
	if (!S_ISREG(st.st_mode) || st.st_nlink > 1)
		return lock_refuse(fd, EPERM);
	fd_make_blocking(fd);
	return fd;
}

int
lock_open(const char *path, enum lock_file how, mode_t mode)
{
	int fd = how == LOCK_FILE_LOOK ? open_own(path, O_RDONLY, 0) :
					 open_own(path, O_RDWR | O_CREAT, mode);
	struct stat st;

	if (fd < 0 || how != LOCK_FILE_OURS)
		return fd;
	if (fstat(fd, &st) != 0)
		return lock_refuse(fd, errno);
	return st.st_uid == geteuid() ? fd : lock_refuse(fd, EPERM);
}

static enum lock_result
lock_at(int fd, int how)
{
	while (flock(fd, how) != 0) {
		if (errno == EWOULDBLOCK)
			return LOCK_BUSY;
		if (errno != EINTR)
			return LOCK_UNSUPPORTED;
	}
	return LOCK_TAKEN;
}

enum lock_result
lock_try(int fd, enum lock_kind kind)
{
	return lock_at(
	    fd, (kind == LOCK_KIND_ALONE ? LOCK_EX : LOCK_SH) | LOCK_NB);
}

enum lock_result
lock_wait(int fd, enum lock_kind kind)
{
	return lock_at(fd, kind == LOCK_KIND_ALONE ? LOCK_EX : LOCK_SH);
}

static void
on_lock_alarm(int sig)
{
	(void)sig;
}

/* The alarm may come when nobody waits: so it comes again and again. */
static void
set_alarm(int64_t after_ns)
{
	int64_t us = after_ns > 0 ? after_ns / 1000 + 1 : 0;
	struct itimerval t = { .it_interval = { 0, us > 0 ? 20000 : 0 },
		.it_value = { (time_t)(us / 1000000),
		    (suseconds_t)(us % 1000000) } };

	setitimer(ITIMER_REAL, &t, NULL);
}

/* Waits until it can be had, fails, or the alarm comes: LOCK_BUSY. */
static enum lock_result
lock_wait_alarm(int fd, enum lock_kind kind)
{
	if (flock(fd, kind == LOCK_KIND_ALONE ? LOCK_EX : LOCK_SH) == 0)
		return LOCK_TAKEN;
	return errno == EINTR ? LOCK_BUSY : LOCK_UNSUPPORTED;
}

enum lock_result
lock_wait_until(int fd, enum lock_kind kind, int64_t deadline_ns)
{
	struct sigaction alarm = { .sa_handler = on_lock_alarm }, before;
	enum lock_result r = lock_try(fd, kind);
	sigset_t set, mask;
	int64_t left_ns;

	if (r != LOCK_BUSY)
		return r;
	sigemptyset(&alarm.sa_mask);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigaction(SIGALRM, &alarm, &before);
	sigprocmask(SIG_UNBLOCK, &set, &mask);
	while (r == LOCK_BUSY &&
	       (left_ns = deadline_ns - clock_mono_ns()) > 0) {
		set_alarm(left_ns);
		r = lock_wait_alarm(fd, kind);
	}
	set_alarm(0);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGALRM, &before, NULL);
	return r;
}

bool
lock_is_current(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool
lock_sign(int fd, sv text)
{
	return ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
	       write_all(fd, text.p, text.n);
}

char *
lock_holder(struct arena *a, int fd)
{
	char text[256];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	return arena_strndup(a, text, n > 0 ? (size_t)n : 0);
}
