/* SPDX-License-Identifier: MIT */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#ifdef PRUN_LINUX
#include <sys/syscall.h>
#endif
#include <unistd.h>

#include "base/clock.h"

enum {
	READ_SIZE = 64 * 1024,
	DEVICE_MAX = 64 << 20, /* of what is no regular file */
};

void
close_cleanup(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

void
fclose_cleanup(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

void
closedir_cleanup(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

static bool
would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* Waits until a descriptor that does not wait itself can be used. */
static bool
wait_ready(int fd, short events)
{
	struct pollfd p = { fd, events, 0 };

	/* what is wrong with it, the next use tells */
	if (poll(&p, 1, -1) < 0)
		return errno == EINTR;
	if (p.revents & POLLNVAL)
		errno = EBADF;
	return (p.revents & POLLNVAL) == 0;
}

void
fd_make_blocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags != -1 && (flags & O_NONBLOCK))
		fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

/* Reads to the end into `b`, whose capacity grows as needed; errno, EFBIG when
 * there is more than a limit that is not 0. */
static bool
io_read_all(int fd, size_t limit, bool waits, struct sb *b)
{
	for (;;) {
		size_t room = b->cap > b->n + 1 ? b->cap - b->n - 1 : 0;
		ssize_t got;

		if (room == 0) {
			sb_reserve(b, b->cap ? b->cap : READ_SIZE);
			room = b->cap - b->n - 1;
		}
		got = read(fd, b->p + b->n, room);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && waits && would_block() &&
		    wait_ready(fd, POLLIN))
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		b->n += (size_t)got;
		if (limit != 0 && b->n > limit) {
			errno = EFBIG;
			return false;
		}
	}
	return true;
}

bool
read_fd(struct arena *a, int fd, size_t limit, sv *out, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;

	if (!io_read_all(fd, limit, true, &b))
		return err_sys(e, errno, "read");
	*out = sb_take(&b, a);
	return true;
}

/* One of the descriptors that this process was started with. */
static bool
names_descriptor(const char *path)
{
	return strcmp(path, "/dev/stdin") == 0 ||
	    strncmp(path, "/dev/fd/", 8) == 0 ||
	    strncmp(path, "/proc/self/fd/", 14) == 0;
}

bool
read_file_into(
    struct sb *out, const char *path, bool waits, bool *again, struct err *e)
{
	int fd cleanup_close = -1;
	struct stat st = { 0 };
	size_t limit = 0;

	waits |= names_descriptor(path);
	fd = open(
	    path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (waits ? 0 : O_NONBLOCK));
	if (fd < 0)
		return err_sys(e, errno, "open %s", path);
	if (fstat(fd, &st) != 0)
		return err_sys(e, errno, "stat %s", path);
	if (!waits && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
		return err_set(e, ERR_GENERIC, "open %s: not a regular file",
		    path);
	*again = S_ISREG(st.st_mode);
	/* one byte more, so that the read of the end needs no new block */
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		sb_reserve(out, (size_t)st.st_size + 1);
	/* a device may have no end */
	if (!S_ISREG(st.st_mode))
		limit = DEVICE_MAX;
	return io_read_all(fd, limit, waits, out) ||
	       err_sys(e, errno, "read %s", path);
}

static bool
read_path(struct arena *a, const char *path, bool waits, sv *out, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	bool again;

	if (!read_file_into(&b, path, waits, &again, e))
		return false;
	*out = sb_take(&b, a);
	return true;
}

bool
read_file(struct arena *a, const char *path, sv *out, struct err *e)
{
	return read_path(a, path, false, out, e);
}

bool
read_file_or_pipe(struct arena *a, const char *path, sv *out, struct err *e)
{
	return read_path(a, path, true, out, e);
}

bool
write_all(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && would_block() && wait_ready(fd, POLLOUT))
			continue;
		if (done < 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

/*
 * A new file beside `path`, named so that a reader of the folder takes it for
 * nothing else.  The mode goes through open() and not mkstemp(), so that the
 * umask holds as it would for the file itself.
 */
static int
open_beside(const char *path, mode_t mode, char **name)
{
	const char *slash = strrchr(path, '/');
	int dir_length = slash ? (int)(slash - path) + 1 : 0;

	for (unsigned i = 0;; i++) {
		int fd;

		*name = xasprintf("%.*s.%s.%ld-%u.tmp", dir_length, path,
		    path + dir_length, (long)getpid(), i);
		fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST)
			return fd;
		free(*name);
	}
}

bool
write_atomic(const char *path, sv data, mode_t mode, struct err *e)
{
	char *name cleanup_free = NULL;
	int fd = open_beside(path, mode, &name);
	int failed = 0;

	if (fd < 0)
		return err_sys(e, errno, "open %s", path);
	if (!write_all(fd, data.p, data.n))
		failed = errno;
	if (close(fd) < 0 && failed == 0)
		failed = errno;
	if (failed == 0 && rename(name, path) < 0)
		failed = errno;
	if (failed == 0)
		return true;
	unlink(name);
	return err_sys(e, failed, "write %s", path);
}

/* The part of `path` before its last element, without trailing slashes of the
 * element; "" when there is none. */
static sv
io_parent_of(const char *path)
{
	size_t n = strlen(path);

	while (n > 0 && path[n - 1] == '/')
		n--;
	while (n > 0 && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	return (sv){ path, n };
}

bool
mkdir_all(const char *path, mode_t mode, struct err *e)
{
	struct stat st;
	sv parent = io_parent_of(path);

	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return true;
		return err_sys(e, ENOTDIR, "mkdir %s", path);
	}
	if (parent.n > 0 && parent.n < strlen(path)) {
		char *p cleanup_free = xstrndup(parent.p, parent.n);

		if (!mkdir_all(p, mode, e))
			return false;
	}
	if (mkdir(path, mode) < 0) {
		int failed = errno;

		/* somebody else may have been quicker, or it ends in "/." */
		if (path_is_dir(path))
			return true;
		return err_sys(e, failed, "mkdir %s", path);
	}
	return true;
}

bool
path_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool
path_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool remove_at(int at, const char *name, struct sb *path,
    struct err *e);

static bool
is_dot_name(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Removes what lies in an open folder; *found counts the entries seen. */
static bool
remove_entries(DIR *dir, struct sb *path, size_t *found, struct err *e)
{
	const struct dirent *entry;
	size_t length = path->n;

	*found = 0;
	rewinddir(dir);
	while ((entry = readdir(dir)) != NULL) {
		bool ok;

		if (is_dot_name(entry->d_name))
			continue;
		++*found;
		sb_printf(path, "/%s", entry->d_name);
		ok = remove_at(dirfd(dir), entry->d_name, path, e);
		path->n = length;
		if (!ok)
			return false;
	}
	return true;
}

static bool
remove_folder(int at, const char *name, struct sb *path, struct err *e)
{
	DIR *dir cleanup_dir = NULL;
	size_t found;
	int fd = openat(at, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ||
		    err_sys(e, errno, "unlinkat %s", sb_cstr(path));
	dir = fdopendir(fd);
	if (dir == NULL) {
		int failed = errno;

		close(fd);
		return err_sys(e, failed, "fdopendir %s", sb_cstr(path));
	}
	/* some file systems skip entries while others are removed */
	do {
		if (!remove_entries(dir, path, &found, e))
			return false;
	} while (found > 0);
	if (unlinkat(at, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(e, errno, "unlinkat %s", sb_cstr(path));
	return true;
}

static bool
remove_at(int at, const char *name, struct sb *path, struct err *e)
{
	struct stat st;
	int failed;

	if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
		return true;
	failed = errno;
	/* a folder gives EISDIR, EPERM or EACCES, depending on the system */
	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode))
		return remove_folder(at, name, path, e);
	return err_sys(e, failed, "unlinkat %s", sb_cstr(path));
}

bool
remove_all(const char *path, struct err *e)
{
	struct sb name cleanup_sb = SB_INIT;

	sb_adds(&name, path);
	return remove_at(AT_FDCWD, path, &name, e);
}

/* macOS has other names for POSIX's members. */
#ifdef HAVE_STRUCT_STAT_ST_MTIMESPEC
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

int64_t
stat_mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * NS_PER_S + st->st_mtim.tv_nsec;
}

int64_t
stat_ctime_ns(const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * NS_PER_S + st->st_ctim.tv_nsec;
}

void
close_from(int lowest)
{
	long max = sysconf(_SC_OPEN_MAX);

#if defined(PRUN_LINUX) && defined(SYS_close_range)
	if (syscall(SYS_close_range, lowest, ~0U, 0) == 0)
		return;
#endif
	if (max < 0 || max > 65536)
		max = 65536;
	for (int fd = lowest; fd < max; fd++)
		close(fd);
}
