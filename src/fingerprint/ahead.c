/* SPDX-License-Identifier: MIT */
#include "fingerprint/ahead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crew.h"
#include "base/io.h"

enum {
	BLOCK_FILES = 1024,
	BLOCK_SIZE = 4 * 1024 * 1024,
	FILE_MAX = 1024 * 1024, /* a bigger one is read piece by piece */
};

struct ahead {
	unsigned threads;
	char *block;
	struct ahead_file *files;
	/* of the block that is being read */
	struct source *const *sources;
	int64_t (*now)(void);
};

struct ahead *
ahead_new(unsigned threads)
{
	struct ahead *h;

	if (threads < 2)
		return NULL;
	h = xcalloc(1, sizeof(*h));
	h->threads = threads;
	h->block = xmalloc(BLOCK_SIZE);
	h->files = xcalloc(BLOCK_FILES, sizeof(*h->files));
	return h;
}

void
ahead_free(struct ahead *h)
{
	if (h == NULL)
		return;
	free(h->block);
	free(h->files);
	free(h);
}

/* All of it, or more than there is room for. */
static ssize_t
ahead_fill(int fd, char *room, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t k = read(fd, room + n, size - n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -1;
		if (k == 0)
			break;
		n += (size_t)k;
	}
	return (ssize_t)n;
}

/* On any thread: touches its own file, and takes no memory. */
static void
ahead_one(void *ctx, size_t i)
{
	struct ahead *h = ctx;
	struct ahead_file *f = &h->files[i];
	int fd cleanup_close = -1;
	struct file_sig after;
	struct stat st;
	ssize_t n;

	if (f->room == NULL)
		return;
	fd = open(h->sources[i]->path,
	    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	f->read_at = h->now();
	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	f->sig = file_sig_of_stat(&st);
	if (!f->sig.is_regular || f->sig.size > f->size)
		return;
	n = ahead_fill(fd, f->room, f->size + 1);
	if (n < 0 || (uint64_t)n != f->sig.size || fstat(fd, &st) != 0)
		return;
	after = file_sig_of_stat(&st);
	if (!file_sig_same(&f->sig, &after) || f->sig.ctime_ns != after.ctime_ns)
		return;
	f->content = (sv){ f->room, (size_t)n };
	xxh128_of(f->content, &f->digest.high, &f->digest.low);
	f->is_done = true;
}

size_t
ahead_read(struct ahead *h, struct source *const *v, size_t n,
    int64_t (*now)(void), const struct ahead_file **out)
{
	size_t used = 0, k;

	for (k = 0; k < n && k < BLOCK_FILES; k++) {
		struct ahead_file *f = &h->files[k];
		uint64_t size = v[k]->sig.size;

		*f = (struct ahead_file){ .is_done = false };
		if (size > FILE_MAX)
			continue;
		if (used + size + 1 > BLOCK_SIZE)
			break;
		f->room = h->block + used;
		f->size = (size_t)size;
		used += f->size + 1;
	}
	h->sources = v;
	h->now = now;
	crew_each(h->threads, k, ahead_one, h);
	*out = h->files;
	return k;
}
