/* SPDX-License-Identifier: MIT */
/*
 * Whose is the terminal now?  For those who draw or ask on it.
 * May include: nothing.
 */
#ifndef EXEC_FOREGROUND_H
#define EXEC_FOREGROUND_H

#include <stdbool.h>

/* Is the foreground of that terminal prun's own process group, so that prun may
 * read it? */
bool foreground_is_own(int fd);
/* That, or a job's?  If not, prun is in the background, or fd is no terminal.
 */
bool foreground_is_ours(int fd);

#endif
