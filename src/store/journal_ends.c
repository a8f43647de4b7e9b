/* SPDX-License-Identifier: MIT */
/* The first and the last line of a journal, without those between them. */
#include "store/journal.h"

#include <unistd.h>

/* Read in pieces that grow to that. */
enum {
	LINE_GUESS = 8 * 1024,
	LINE_MOST = 4 * 1024 * 1024,
};

bool
journal_first_line(struct arena *a, int fd, sv *out)
{
	for (size_t n = LINE_GUESS; n <= LINE_MOST; n *= 8) {
		char *block = arena_alloc(a, n);
		ssize_t got = pread(fd, block, n, 0);
		sv line, rest;

		if (got <= 0)
			return false;
		if (sv_cut((sv){ block, (size_t)got }, '\n', &line, &rest)) {
			*out = line;
			return true;
		}
		if ((size_t)got < n)
			return false;
	}
	return false;
}

bool
journal_last_line(struct arena *a, int fd, off_t size, sv *out)
{
	for (size_t n = LINE_GUESS; n <= LINE_MOST; n *= 8) {
		size_t want = (off_t)n < size ? n : (size_t)size;
		char *block = arena_alloc(a, want + 1);
		ssize_t got = pread(fd, block, want, size - (off_t)want);
		size_t end, begin;

		if (got <= 0)
			return false;
		for (end = (size_t)got; end > 0 && block[end - 1] != '\n';)
			end--;
		for (begin = end > 0 ? end - 1 : 0;
		     begin > 0 && block[begin - 1] != '\n';)
			begin--;
		if (end > 0 && (begin > 0 || (off_t)want == size)) {
			*out = (sv){ block + begin, end - 1 - begin };
			return true;
		}
		if ((off_t)want == size)
			return false;
	}
	return false;
}
