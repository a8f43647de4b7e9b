/* SPDX-License-Identifier: MIT */
#include "store/cache_incoming.h"

#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "store/cache_internal.h"

bool
cache_incoming_open(struct cache *c, const struct cache_blob *want,
    struct cache_incoming *in, struct err *e)
{
	*in = (struct cache_incoming){ .c = c, .want = *want, .path = SB_INIT };
	sha256_begin(&in->sum);
	in->fd = cache_temporary(c, &in->path, e);
	if (in->fd < 0)
		cache_incoming_drop(in);
	return in->c != NULL;
}

bool
cache_incoming_add(
    struct cache_incoming *in, const char *p, size_t n, struct err *e)
{
	if (n > in->want.size - in->sum.n)
		return err_set(
		    e, ERR_GENERIC, "it is longer than it should be");
	sha256_add(&in->sum, p, n);
	return write_all(in->fd, p, n) ||
	       err_sys(e, errno, "write %s", in->path.p);
}

bool
cache_incoming_keep(struct cache_incoming *in, struct err *e)
{
	char digits[SHA256_HEX + 1];
	uint8_t sum[SHA256_SIZE];
	bool ok = in->sum.n == in->want.size;

	if (!ok)
		err_set(e, ERR_GENERIC, "it is shorter than it should be");
	sha256_end(&in->sum, sum);
	sha256_digits(sum, digits);
	if (ok && strcmp(digits, in->want.digest) != 0)
		ok = err_set(e, ERR_GENERIC, "its content is not what it says");
	if (ok)
		ok = cache_blob_publish(in->c, in->path.p, &in->want, e);
	cache_incoming_drop(in);
	return ok;
}

void
cache_incoming_drop(struct cache_incoming *in)
{
	if (in->c == NULL)
		return;
	if (in->fd >= 0) {
		close_cleanup(&in->fd);
		/* gone already where it was published */
		unlink(in->path.p);
	}
	sb_free(&in->path);
	*in = (struct cache_incoming){ .fd = -1 };
}

int
cache_open_blob(struct cache *c, const struct cache_blob *b)
{
	char block[16384], digits[SHA256_HEX + 1];
	uint8_t sum[SHA256_SIZE];
	struct sha256 s;
	struct stat st;
	ssize_t n;
	int fd = cache_blob_open(c, b, &st);

	if (fd < 0)
		return -1;
	sha256_begin(&s);
	while ((n = read(fd, block, sizeof(block))) > 0)
		sha256_add(&s, block, (size_t)n);
	sha256_end(&s, sum);
	sha256_digits(sum, digits);
	if (n == 0 && strcmp(digits, b->digest) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close_cleanup(&fd);
	return -1;
}
