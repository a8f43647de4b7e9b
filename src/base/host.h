/* SPDX-License-Identifier: MIT */
/*
 * This machine in Go's names, as `platforms`, `OS` and `ARCH` have them.
 */
#ifndef BASE_HOST_H
#define BASE_HOST_H

/* "linux", "darwin" … ; "" where Go has no name for it. */
const char *host_os(void);
/* "amd64", "arm64" … ; "" where Go has no name for it. */
const char *host_arch(void);

#endif
