/* SPDX-License-Identifier: MIT */
/*
 * This machine in Go's names, as `platforms`, `OS` and `ARCH` have them, and
 * who is on it.
 * May include: arena.h.
 */
#ifndef BASE_HOST_H
#define BASE_HOST_H

#include "base/arena.h"

#include <stdbool.h>

/* "linux", "darwin" … ; "" where Go has no name for it. */
const char *host_os(void);
/* "amd64", "arm64" … ; "" where Go has no name for it. */
const char *host_arch(void);
/* What a pid means something in: two processes with one pid are one only where
 * this is the same text, too.  "" where all pids of the machine are of one
 * kind. */
char *host_pid_space(struct arena *a);

/* Is there a process of that number on this machine, whosever it is? */
bool process_is_there(long pid);

#endif
