/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "vcs/ports.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"

/* Below what systems give out by themselves (from 32768 on). */
enum {
	PORTS_FIRST = 20000,
	PORTS_END = 32000,
	PORTS_STEP = PORTS_EACH + 1
};
enum {
	PORTS_SLOTS = (PORTS_END - PORTS_FIRST) / PORTS_STEP
};

/* A socket bound to the port on all addresses of the family; -1 with errno. */
static int
bind_port(int family, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_ANY) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port),
		.sin6_addr = in6addr_any };
	int fd = socket(family, SOCK_STREAM, 0), one = 1;
	int r, saved;

	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	r = family == AF_INET6
		? bind(fd, (const struct sockaddr *)&in6, sizeof(in6))
		: bind(fd, (const struct sockaddr *)&in, sizeof(in));
	if (r == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Does nobody have it?  A family that the machine has not is nobody's. */
static bool
port_is_free(int family, int port)
{
	int fd cleanup_close = bind_port(family, port);

	return fd >= 0 || errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL ||
	       errno == EPROTONOSUPPORT;
}

static bool
slot_is_free(int base)
{
	for (int port = base; port < base + PORTS_EACH; port++)
		if (!port_is_free(AF_INET, port) ||
		    !port_is_free(AF_INET6, port))
			return false;
	return port_is_free(AF_INET6, base + PORTS_EACH);
}

/* The port behind them is taken first, and kept: of two pruns one gets it. */
bool
ports_take(const char *seed, int *base, int *fd, struct err *e)
{
	uint64_t start = hash64(sv_of(seed));

	for (uint64_t i = 0; i < PORTS_SLOTS; i++) {
		*base =
		    PORTS_FIRST + (int)((start + i) % PORTS_SLOTS) * PORTS_STEP;
		*fd = bind_port(AF_INET, *base + PORTS_EACH);
		if (*fd < 0 && (errno == EMFILE || errno == ENFILE))
			return err_sys(e, errno, "prun: look for free ports");
		if (*fd < 0)
			continue;
		if (slot_is_free(*base))
			return true;
		close(*fd);
	}
	*fd = -1;
	return err_set(e, ERR_GENERIC,
	    "prun: no %d ports in a row are free between %d and %d", PORTS_STEP,
	    PORTS_FIRST, PORTS_END);
}
