/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "output/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#ifdef PRUN_LINUX
#include <sys/sendfile.h>
#endif

#include "base/io.h"

bool
spool_temporary(struct spool *s, const char *dir)
{
	struct arena *a cleanup_arena = arena_new();
	char *path = arena_printf(
	    a, "%s/prun-XXXXXX", dir != NULL && *dir == '/' ? dir : "/tmp");

	*s = (struct spool){ .fd = mkstemp(path) };
	if (s->fd < 0)
		return false;
	unlink(path);
	fcntl(s->fd, F_SETFD, FD_CLOEXEC);
	fcntl(s->fd, F_SETFL, O_APPEND);
	return true;
}

bool
spool_add(struct spool *s, sv bytes)
{
	s->is_cut = !write_all(s->fd, bytes.p, bytes.n);
	if (!s->is_cut)
		s->size += (off_t)bytes.n;
	return !s->is_cut;
}

off_t
spool_look(struct spool *s)
{
	struct stat st;

	if (s->fd >= 0 && fstat(s->fd, &st) == 0)
		s->size = st.st_size;
	return s->size;
}

void
spool_repair(struct spool *s)
{
	if (ftruncate(s->fd, s->size) != 0)
		spool_look(s);
}

static bool
copy_by_hand(int fd, off_t from, off_t end, int to)
{
	char block[64 * 1024];

	while (from < end) {
		size_t want = (size_t)(end - from) < sizeof(block)
				  ? (size_t)(end - from)
				  : sizeof(block);
		ssize_t n = pread(fd, block, want, from);

		if (n <= 0)
			return true;
		if (!write_all(to, block, (size_t)n))
			return false;
		from += n;
	}
	return true;
}

void
spool_show(const struct spool *s, off_t from, off_t end, struct term *t, int to)
{
#ifdef PRUN_LINUX
	while (from < end) {
		ssize_t n = sendfile(to, s->fd, &from, (size_t)(end - from));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
	}
#endif
	if (from < end && !copy_by_hand(s->fd, from, end, to)) {
		t->stdout_errno = errno;
		t->stdout_failed = true;
	}
}

void
spool_read(const struct spool *s, off_t from, size_t n, struct sb *out)
{
	while (n > 0) {
		ssize_t got;

		sb_reserve(out, n);
		got = pread(s->fd, out->p + out->n, n, from);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return;
		out->n += (size_t)got;
		from += got;
		n -= (size_t)got;
	}
}

sv
last_lines(sv text, size_t lines)
{
	size_t n = text.n;

	if (n > 0 && text.p[n - 1] == '\n')
		n--;
	while (n > 0 && (text.p[n - 1] != '\n' || --lines > 0))
		n--;
	return sv_sub(text, n, SIZE_MAX);
}

void
spool_close(struct spool *s)
{
	if (s->fd < 0)
		return;
	spool_look(s);
	close(s->fd);
	s->fd = -1;
}
