/* SPDX-License-Identifier: MIT */
/* The input as a file, for what reads files only. */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"

/* One file per process, without a name, written anew each time. */
static inline const char *
fuzz_file(sv text)
{
	static char path[64];
	static int fd = -1;

	if (fd < 0) {
		char name[] = "/tmp/prun-fuzz-XXXXXX";

		fd = mkstemp(name);
		unlink(name);
		snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, text.p, text.n, 0) != (ssize_t)text.n)
		BUG("no file for the input");
	return path;
}

#endif
