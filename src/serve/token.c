/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/token.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hmac.h"
#include "base/io.h"
#include "base/lock.h"

/* Nobody but us could read or write it, and it is a token. */
static bool
token_read(const char *path, struct token *t)
{
	int fd cleanup_close = open_own(path, O_RDONLY, 0);
	char text[TOKEN_HEX + 2];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_uid != geteuid() ||
	    (st.st_mode & 077) != 0)
		return false;
	n = read(fd, text, sizeof(text));
	if (n != TOKEN_HEX + 1 || text[TOKEN_HEX] != '\n' ||
	    !sha256_is_digits((sv){ text, TOKEN_HEX }))
		return false;
	memcpy(t->text, text, TOKEN_HEX);
	return true;
}

static bool
token_make(struct token *t, struct err *e)
{
	int fd cleanup_close = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	uint8_t bytes[SHA256_SIZE];

	if (fd < 0 || read(fd, bytes, sizeof(bytes)) != sizeof(bytes))
		return err_sys(e, errno, "prun: read /dev/urandom");
	sha256_digits(bytes, t->text);
	return true;
}

bool
token_open(struct arena *a, const char *path, struct token *out, struct err *e)
{
	const char *line;

	*out = (struct token){ .path = path };
	if (token_read(path, out))
		return true;
	if (!token_make(out, e))
		return false;
	line = arena_printf(a, "%s\n", out->text);
	return write_atomic(path, sv_of(line), 0600, e) ||
	       err_wrap(e, "prun: the server's token");
}

bool
token_is(const struct token *t, sv text)
{
	return hmac_equal(sv_of(t->text), text);
}

/* When it ends, and the proof that we have said so. */
static char *
cookie_of(struct arena *a, const struct token *t, int64_t ends_s)
{
	char *ends = arena_printf(a, "%" PRId64, ends_s);
	char sum[SHA256_HEX + 1];

	hmac_sha256(
	    sv_of(t->text), sv_of(arena_printf(a, "cookie %s", ends)), sum);
	return arena_printf(a, "%s.%s", ends, sum);
}

char *
token_cookie(struct arena *a, const struct token *t, int64_t now_ns)
{
	return cookie_of(a, t, now_ns / NS_PER_S + COOKIE_S);
}

bool
token_cookie_is(const struct token *t, sv cookie, int64_t now_ns)
{
	struct arena *a cleanup_arena = arena_new();
	int64_t ends_s, now_s = now_ns / NS_PER_S;
	sv ends, sum;
	bool range;

	if (!sv_cut(cookie, '.', &ends, &sum) || ends.n > 18 ||
	    !go_int_parse(sv_cstr(a, ends), 10, &ends_s, &range))
		return false;
	return hmac_equal(sv_of(cookie_of(a, t, ends_s)), cookie) &&
	       ends_s > now_s && ends_s <= now_s + COOKIE_S;
}
