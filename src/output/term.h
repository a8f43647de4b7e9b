/* SPDX-License-Identifier: MIT */
/*
 * The terminal: prun's stdout and stderr with go-task's colours (C-130 to
 * C-134).  Every message is one write, so that lines never mix.
 * May include: base/.
 */
#ifndef OUTPUT_TERM_H
#define OUTPUT_TERM_H

#include "base/str.h"

enum color {
	COLOR_DEFAULT,
	COLOR_RED,
	COLOR_GREEN,
	COLOR_YELLOW,
	COLOR_BLUE,
	COLOR_MAGENTA,
	COLOR_CYAN,
	COLOR_BRIGHT_RED,
	COLOR_BRIGHT_GREEN,
	COLOR_BRIGHT_YELLOW,
	COLOR_BRIGHT_BLUE,
	COLOR_BRIGHT_MAGENTA,
	COLOR_BRIGHT_CYAN,
	COLOR_COUNT
};

struct term {
	bool color;
	bool raw; /* term_print() writes its text as go-task does: as it is */
	const char *codes[COLOR_COUNT]; /* "32", "38;2;1;2;3" */
	bool ascii; /* nothing but ASCII of prun's own: NO_COLOR, TERM=dumb, or
		     * a locale without UTF-8 */
	/* called before each write while a status block is shown */
	void (*before)(void *ctx);
	void *ctx;
	/* in place of fds 1 and 2 for now; NULL: not */
	void (*redirect)(void *to, int fd, sv text);
	void *redirect_to;
	bool asking;        /* a question waits for its answer: nobody draws */
	bool stdout_failed; /* a write failed: the run must not end well */
	int stdout_errno;
};

/* Colour decision of C-130: NO_COLOR wins over all; then `forced`, which is 1
 * on, 0 off, -1 not said. `env`, called with `ctx`, gives NO_COLOR, FORCE_COLOR,
 * CI, TERM, TASK_COLOR_*, and the locale: LC_ALL, LC_CTYPE, LANG. */
void term_init(struct arena *a, struct term *t, int forced,
    const char *(*env)(void *ctx, const char *), void *ctx);
/* Makes room for who writes to fd 1 or 2 by other means. */
void term_hold(struct term *t);
/* Writes text as it is to fd 1 or 2. */
void term_write(struct term *t, int fd, sv text);
/* Appends a text that somebody else wrote, a file's name say, without what a
 * terminal would obey: control characters as `\x1b`, those of C1 as `\u009b`;
 * line ends and tabs stay where `lines`. */
void term_add_shown(struct sb *out, sv text, bool lines);
/* The same as an arena string, for one line. */
const char *term_shown(struct arena *a, const char *text);
/* Formats, shows control characters unless `raw`, wraps in colour (newline
 * included, C-132), writes. */
void term_print(struct term *t, int fd, enum color c, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Appends coloured text to a buffer, for lines of several colours. */
void term_add(const struct term *t, struct sb *out, enum color c, sv text);
/* C-200: asks on stdout, yellow; the answer is one line of stdin, of which no
 * more is read.  1: yes, 0: anything else, -1: there is no answer, also where
 * the input ends before the line does. */
int term_ask(struct term *t, const char *text);

/* The same in pieces: the question, then byte by byte, -1 for the end. */
struct term_answer {
	char text[8];
	size_t n;
};
enum {
	TERM_ANSWER_GOES_ON = 2
};
void term_ask_begin(struct term *t, const char *text);
int term_answer_add(struct term_answer *a, int c);

#endif
