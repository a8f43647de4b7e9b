/* SPDX-License-Identifier: MIT */
/*
 * Who may ask: whoever knows the token.  It lies in a file of mode 0600 and
 * outlives the server; a page gets a cookie for it, which ends by itself, and
 * from which the token cannot be found.
 * May include: base/.
 */
#ifndef SERVE_TOKEN_H
#define SERVE_TOKEN_H

#include "base/err.h"

enum {
	TOKEN_HEX = 64,          /* digits */
	COOKIE_S = 12 * 60 * 60, /* how long a cookie is good */
};
#define COOKIE_NAME "prun"

struct token {
	char text[TOKEN_HEX + 1];
	const char *path; /* of its file */
};

/* The one in the file, or a new one where there is none that nobody else could
 * have read or written. */
bool token_open(
    struct arena *a, const char *path, struct token *out, struct err *e);
/* Both take as long for what is nearly right as for what is not. */
bool token_is(const struct token *t, sv text);
bool token_cookie_is(const struct token *t, sv cookie, int64_t now_ns);
/* The value of a cookie of now (ns of the epoch). */
char *token_cookie(struct arena *a, const struct token *t, int64_t now_ns);

#endif
