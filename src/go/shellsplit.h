/* SPDX-License-Identifier: MIT */
/*
 * The state of a text being split into words, shared by shellsplit.c and
 * shellbrace.c; callers use shellword.h.
 * May include: base/, shellword.h.
 */
#ifndef GO_SHELLSPLIT_H
#define GO_SHELLSPLIT_H

#include <stdint.h>

#include "go/shellword.h"

struct splitter {
	struct arena *a;
	struct err *e;
	sv text;
	const char *(*getenv_fn)(void *, const char *);
	void *ctx;
	struct shell_words *out;
	/* the word being made */
	struct sb word;
	bool has_word;
	int depth;    /* of ${…} in each other */
	size_t steps; /* bytes looked at and copied for braces */
};

/* Counts work that may be quadratic; false with an error at the bound. */
bool shell_count_steps(struct splitter *s, size_t n);

/* Steps over one part of a raw word: a quoted text, a parameter, a byte. */
bool shell_skip_part(struct splitter *s, sv w, size_t *i);
/* Quotes, escapes and parameters of one raw word, its braces being gone. */
bool shell_expand_raw(struct splitter *s, sv raw);
/* Adds the word being made, if there is one, to the words. */
void shell_end_word(struct splitter *s);
/* All of one raw word: braces from `from` on, then the rest. */
bool shell_expand_word(struct splitter *s, sv raw, size_t from);

#endif
