/* SPDX-License-Identifier: MIT */
/*
 * Rows below the place where the terminal is written to, for the status block.
 * The cursor stays where it is: what others write meanwhile, on /dev/tty say,
 * is never erased.  On stderr. May include: base/, exec/.
 */
#ifndef OUTPUT_BELOW_H
#define OUTPUT_BELOW_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "base/str.h"

struct below {
	struct termios modes; /* as they were at the begin */
	bool has_modes;
	bool shown;
};

enum below_why {
	BELOW_FREE,
	BELOW_SWITCHED, /* the terminal's modes are others: a password, say */
	BELOW_SMALL,    /* fewer than 20 columns or 8 lines */
	BELOW_AWAY,     /* prun is in the background, or there is no terminal */
};

void below_init(struct below *b);
/* May rows be drawn now?  How many columns and rows the terminal has. */
enum below_why below_look(const struct below *b, size_t *columns, size_t *rows);
/* In place of those that are shown: n rows, each ended by a newline, narrower
 * than the terminal and fewer than it has. */
void below_draw(struct below *b, sv text, size_t n);
void below_erase(struct below *b);
/* They are somebody else's now: not erased. */
void below_leave(struct below *b);

#endif
