/* SPDX-License-Identifier: MIT */
/*
 * A file that output is collected in: the log of a call, or an unlinked one.
 * It is the buffer, so memory does not grow with output (P-403).
 * May include: base/, output/term.h.
 */
#ifndef OUTPUT_SPOOL_H
#define OUTPUT_SPOOL_H

#include <stdbool.h>
#include <sys/types.h>

#include "output/term.h"

struct spool {
	int fd;      /* appends; -1: not open */
	off_t size;  /* as of spool_look() and of what was added since */
	bool is_cut; /* what was added last is not whole in it */
};

/* An unlinked file in `dir` (NULL: /tmp); false with errno set. */
bool spool_temporary(struct spool *s, const char *dir);
/* False with errno set: maybe a part of it is there, behind `size`. */
bool spool_add(struct spool *s, sv bytes);
/* Who else writes into it has written so much by now. */
off_t spool_look(struct spool *s);
/* Drops what is there behind `size`, of an addition that failed; where that
 * cannot be done, `size` counts it. */
void spool_repair(struct spool *s);
/* Copies from `from` to `end` to fd 1 or 2, without holding it in memory; that
 * stdout cannot take it is noted in `t`. */
void spool_show(
    const struct spool *s, off_t from, off_t end, struct term *t, int to);
/* The bytes at `from`, at most `n`; fewer at the end of the file. */
void spool_read(const struct spool *s, off_t from, size_t n, struct sb *out);
/* The last `lines` lines (1 or more) of a text. */
sv last_lines(sv text, size_t lines);
void spool_close(struct spool *s);

#endif
