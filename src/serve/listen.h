/* SPDX-License-Identifier: MIT */
/*
 * Where the server can be reached, and by which names: a request whose Host is
 * none of them comes from a page that had its own name lead here.
 * May include: base/.
 */
#ifndef SERVE_LISTEN_H
#define SERVE_LISTEN_H

#include "base/err.h"
#include "base/vec.h"

struct listen {
	int fd;
	const char *path;    /* of a socket in the file system; NULL */
	const char *address; /* "127.0.0.1:8377", with the port that it got */
	bool is_loopback;    /* no other machine can reach it */
	VEC(const char *) hosts;
};

/* Opens "ADDRESS:PORT", ADDRESS a number or localhost, "[::1]:PORT", or
 * "unix:PATH".  `more`: names by which others call it, with blanks between. */
bool listen_open(struct arena *a, const char *text, const char *more,
    struct listen *out, struct err *e);
/* Nobody can connect any more; the socket's file goes. */
void listen_close(struct listen *l);
bool listen_is_host(const struct listen *l, sv host);

#endif
