/* SPDX-License-Identifier: MIT */
#include "fingerprint/content.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"

/* Each half of a digest is kept under a key of its own. */
static struct digest
content_key(const struct file_sig *s, char half)
{
	const uint64_t sign[] = { s->dev, s->ino, s->size,
		(uint64_t)s->mtime_ns, (uint64_t)s->ctime_ns };
	struct xxh128 *h = xxh128_new();
	struct digest d;

	xxh128_add(h, "sha256", 6);
	xxh128_add(h, &half, 1);
	xxh128_add(h, sign, sizeof(sign));
	xxh128_end(h, &d.high, &d.low);
	return d;
}

static bool
content_remembered(
    struct memo *m, const struct file_sig *sig, uint8_t out[SHA256_SIZE])
{
	struct digest half[2];

	for (int i = 0; i < 2; i++)
		if (!memo_set_lookup(
			m, content_key(sig, (char)('0' + i)), &half[i]))
			return false;
	memcpy(out, half, sizeof(half));
	return true;
}

static void
content_remember(struct memo *m, const struct file_sig *sig, const uint8_t *sum)
{
	struct digest half[2];

	memcpy(half, sum, sizeof(half));
	for (int i = 0; i < 2; i++)
		memo_set_put(m, content_key(sig, (char)('0' + i)), half[i]);
}

static bool
content_read(int fd, uint8_t out[SHA256_SIZE])
{
	enum {
		READ_SIZE = 64 * 1024
	};
	char *block cleanup_free = xmalloc(READ_SIZE);
	struct sha256 s;
	ssize_t n;

	sha256_begin(&s);
	while (
	    (n = read(fd, block, READ_SIZE)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			sha256_add(&s, block, (size_t)n);
	sha256_end(&s, out);
	return n == 0;
}

bool
content_sha256(struct memo *m, const char *path, struct file_sig *sig,
    uint8_t out[SHA256_SIZE])
{
	struct file_sig after;
	bool shows;
	int fd cleanup_close = -1;

	if (!file_sig_of(path, sig) || !sig->is_regular)
		return false;
	if (content_remembered(m, sig, out))
		return true;
	shows = memo_shows_writes(m, sig);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || !content_read(fd, out) || !file_sig_of(path, &after) ||
	    !file_sig_same(sig, &after) || after.ctime_ns != sig->ctime_ns)
		return false;
	if (shows)
		content_remember(m, sig, out);
	return true;
}

bool
content_is(
    struct memo *m, const struct stat *st, const uint8_t sum[SHA256_SIZE])
{
	struct file_sig sig = file_sig_of_stat(st);
	uint8_t known[SHA256_SIZE];

	return content_remembered(m, &sig, known) &&
	       memcmp(known, sum, SHA256_SIZE) == 0;
}

void
content_note(
    struct memo *m, const struct stat *st, const uint8_t sum[SHA256_SIZE])
{
	struct file_sig sig = file_sig_of_stat(st);

	if (memo_shows_writes(m, &sig))
		content_remember(m, &sig, sum);
}

void
content_add(struct sb *b, struct memo *m, const char *path)
{
	uint8_t sum[SHA256_SIZE];
	struct file_sig sig;

	if (content_sha256(m, path, &sig, sum))
		sb_add(b, (const char *)sum, sizeof(sum));
	else
		sb_printf(b, "%lld", (long long)clock_real_ns());
}
