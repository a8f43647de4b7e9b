/* SPDX-License-Identifier: MIT */
/*
 * The terminal: prun's stdout and stderr with go-task's colours (C-130 to
 * C-134).  Every message is one write, so that lines never mix.
 * May include: base/.
 */
#ifndef OUTPUT_TERM_H
#define OUTPUT_TERM_H

#include "base/secrets.h"

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
	bool raw; /* what prun says is written as go-task does: as it is */
	/* else it has these masked (P-406); NULL: there are none */
	struct secrets *secrets;
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
/* What prun itself says, as it may be shown: without secrets and, line ends and
 * tabs aside, control characters; as it is where `raw`. */
void term_add_said(const struct term *t, struct sb *out, sv text);
/* term_add_shown() as an arena string, for one line. */
const char *term_shown(struct arena *a, const char *text);
/* Writes what prun itself says, made up already and with nothing in it that a
 * terminal should not obey: secrets are masked unless `raw`. */
void term_say(struct term *t, int fd, sv text);
/* Formats, shows control characters and masks secrets unless `raw`, wraps in
 * colour (newline included, C-132), writes. */
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
