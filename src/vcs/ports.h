/* SPDX-License-Identifier: MIT */
/*
 * Ports of a test's own (P-803): PORTS_EACH numbers from a base on that nobody
 * listens on, neither on IPv4 nor on IPv6, and that no other test of any prun
 * on this machine is given meanwhile. May include: base/.
 */
#ifndef VCS_PORTS_H
#define VCS_PORTS_H

#include "base/err.h"

enum {
	PORTS_EACH = 19
};

/* `seed`: any text; the same one gives the same base where that is free.  *base
 * is theirs until *fd is closed, which holds the port behind them;
 * close-on-exec. */
bool ports_take(const char *seed, int *base, int *fd, struct err *e);

#endif
