/* SPDX-License-Identifier: MIT */
/*
 * A yes-or-no question that is waited for by the loop (C-200): everything else
 * goes on meanwhile.  No more than the line of the answer is read; the rest is
 * for whoever reads next.
 * May include: base/, exec/.
 */
#ifndef OUTPUT_PROMPT_H
#define OUTPUT_PROMPT_H

#include "exec/loop.h"
#include "output/term.h"

struct prompt {
	struct term *term;
	struct loop *loop;
	bool asks_again; /* behind what others wrote after it; not in compat */

	/* while one is open */
	const char *text; /* NULL: none is */
	void (*told)(void *arg, int answer);
	void *arg;
	struct term_answer answer;
	bool is_asked; /* the terminal has it */
	bool is_watched;
	bool is_left; /* somebody wrote behind it */
	struct timer *timer;
	struct group_owner ear;
	void (*before)(void *ctx); /* the terminal's own */
	void *before_ctx;
};

/* Asks on stdout; told(arg, answer) comes from a turn of the loop: 1 yes, 0
 * anything else, -1 there is no answer.  Waits while a job has the terminal;
 * in the background prun stops, as whoever reads a terminal does.  `text` is
 * lent until then; one question at a time. */
void prompt_ask(struct prompt *p, const char *text,
    void (*told)(void *arg, int answer), void *arg);
/* Without an answer; harmless when no question is open. */
void prompt_stop(struct prompt *p);

#endif
