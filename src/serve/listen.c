/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/io.h"

enum {
	LISTEN_BACKLOG = 128
};

/* ---- in the file system ---- */

/* Nobody answers at it: it was left by a server that was killed. */
static bool
socket_is_dead(const struct sockaddr_un *at)
{
	int fd cleanup_close = socket(AF_UNIX, SOCK_STREAM, 0);
	struct stat st;

	return lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	       st.st_uid == geteuid() && fd >= 0 &&
	       connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 &&
	       errno == ECONNREFUSED;
}

static bool
bind_unix(int fd, const struct sockaddr_un *at, struct err *e)
{
	mode_t before = umask(0177);
	int failed =
	    bind(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 ? errno : 0;

	umask(before);
	return failed == 0 ||
	       err_sys(e, failed, "prun: listen at unix:%s", at->sun_path);
}

static bool
listen_unix(struct listen *out, const char *path, struct err *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (*path == '\0' || strlen(path) >= sizeof(at.sun_path))
		return err_set(e, ERR_USAGE,
		    "prun: listen at unix:%s: the path has to have 1 to %zu "
		    "bytes",
		    path, sizeof(at.sun_path) - 1);
	memcpy(at.sun_path, path, strlen(path));
	if (socket_is_dead(&at))
		unlink(path);
	out->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (out->fd < 0)
		return err_sys(e, errno, "prun: socket");
	if (!bind_unix(out->fd, &at, e))
		return false;
	out->path = path;
	out->is_loopback = true;
	return true;
}

/* ---- by number ---- */

static bool
address_is_loopback(const struct sockaddr *at)
{
	if (at->sa_family == AF_INET)
		return ntohl(
			   ((const struct sockaddr_in *)at)->sin_addr.s_addr) >>
			   24 ==
		       127;
	return IN6_IS_ADDR_LOOPBACK(
	    &((const struct sockaddr_in6 *)at)->sin6_addr);
}

/* The last colon is before the port; the address may be in brackets. */
static bool
listen_split(
    struct arena *a, const char *text, const char **host, const char **port)
{
	const char *colon = strrchr(text, ':');
	sv name;

	if (colon == NULL || colon == text || colon[1] == '\0' ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    strlen(colon + 1) > 5 || strtol(colon + 1, NULL, 10) > 65535)
		return false;
	name = (sv){ text, (size_t)(colon - text) };
	if (sv_starts(name, SV("[")) && sv_ends(name, SV("]")))
		name = sv_sub(name, 1, name.n - 2);
	else if (sv_find_char(name, ':', 0) >= 0)
		return false;
	*host = sv_cstr(a, name);
	*port = colon + 1;
	return true;
}

/* "127.0.0.1:8377" of what the system made of port 0, too. */
static bool
listen_name(struct arena *a, struct listen *out, struct err *e)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);
	char host[INET6_ADDRSTRLEN + 32], port[8];

	if (getsockname(out->fd, (struct sockaddr *)&at, &n) != 0)
		return err_sys(e, errno, "prun: getsockname");
	if (getnameinfo((struct sockaddr *)&at, n, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return err_set(e, ERR_GENERIC, "prun: no name of the socket");
	out->is_loopback = address_is_loopback((struct sockaddr *)&at);
	out->address = arena_printf(
	    a, at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	vec_push(a, &out->hosts, out->address);
	if (!out->is_loopback)
		return true;
	vec_push(a, &out->hosts, arena_printf(a, "localhost:%s", port));
	vec_push(a, &out->hosts, arena_printf(a, "127.0.0.1:%s", port));
	vec_push(a, &out->hosts, arena_printf(a, "[::1]:%s", port));
	return true;
}

static bool
listen_bind(struct listen *out, const struct addrinfo *at, const char *text,
    struct err *e)
{
	int on = 1;

	out->fd = socket(at->ai_family, SOCK_STREAM, 0);
	if (out->fd < 0)
		return err_sys(e, errno, "prun: socket");
	setsockopt(out->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (at->ai_family == AF_INET6)
		setsockopt(out->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(out->fd, at->ai_addr, at->ai_addrlen) == 0)
		return true;
	if (errno == EADDRINUSE)
		return err_set(e, ERR_GENERIC,
		    "prun: somebody listens at %s already; --listen "
		    "127.0.0.1:0 takes a free port",
		    text);
	return err_sys(e, errno, "prun: listen at %s", text);
}

static bool
listen_tcp(struct arena *a, struct listen *out, const char *text, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	struct addrinfo *found;
	const char *host, *port;
	bool ok;

	if (!listen_split(a, text, &host, &port))
		return err_set(e, ERR_USAGE,
		    "prun: listen at %s: it is no ADDRESS:PORT, [ADDRESS]:PORT "
		    "or unix:PATH",
		    quote_go(a, sv_of(text)));
	if (strcasecmp(host, "localhost") == 0)
		host = "127.0.0.1";
	if (getaddrinfo(host, port, &hints, &found) != 0)
		return err_set(e, ERR_USAGE,
		    "prun: listen at %s: %s is no address in numbers", text,
		    quote_go(a, sv_of(host)));
	ok = listen_bind(out, found, text, e);
	freeaddrinfo(found);
	return ok && listen_name(a, out, e);
}

/* ---- both ---- */

static void
listen_add_hosts(struct arena *a, struct listen *out, const char *more)
{
	sv rest = sv_of(more), name;

	while (rest.n > 0) {
		sv_cut(rest, ' ', &name, &rest);
		if (name.n > 0)
			vec_push(a, &out->hosts, sv_cstr(a, name));
	}
}

bool
listen_open(struct arena *a, const char *text, const char *more,
    struct listen *out, struct err *e)
{
	bool is_unix = strncmp(text, "unix:", 5) == 0;

	*out = (struct listen){ .fd = -1, .address = text };
	if (is_unix ? !listen_unix(out, text + 5, e)
		    : !listen_tcp(a, out, text, e))
		return false;
	if (is_unix) {
		vec_push(a, &out->hosts, "localhost");
		vec_push(a, &out->hosts, "127.0.0.1");
	}
	listen_add_hosts(a, out, more);
	fcntl(out->fd, F_SETFD, FD_CLOEXEC);
	fcntl(out->fd, F_SETFL, O_NONBLOCK);
	return listen(out->fd, LISTEN_BACKLOG) == 0 ||
	       err_sys(e, errno, "prun: listen at %s", text);
}

void
listen_close(struct listen *l)
{
	if (l->path != NULL)
		unlink(l->path);
	l->path = NULL;
}

bool
listen_is_host(const struct listen *l, sv host)
{
	for (size_t i = 0; i < l->hosts.n; i++)
		if (strlen(l->hosts.v[i]) == host.n &&
		    strncasecmp(l->hosts.v[i], host.p, host.n) == 0)
			return true;
	return false;
}
