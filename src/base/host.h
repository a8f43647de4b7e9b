/* SPDX-License-Identifier: MIT */
/*
 * This machine in Go's names, as `platforms`, `OS` and `ARCH` have them, and
 * who is on it.
 */
#ifndef BASE_HOST_H
#define BASE_HOST_H

#include <stdbool.h>

/* "linux", "darwin" … ; "" where Go has no name for it. */
const char *host_os(void);
/* "amd64", "arm64" … ; "" where Go has no name for it. */
const char *host_arch(void);

/* Is there a process of that number on this machine, whosever it is? */
bool process_is_there(long pid);

#endif
