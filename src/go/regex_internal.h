/* SPDX-License-Identifier: MIT */
/*
 * The state of a pattern's rewriting, shared by regex_parse.c (groups,
 * repetitions, flags) and regex_class.c (escapes and classes of characters).
 * May include: base/, regex.h.
 */
#ifndef GO_REGEX_INTERNAL_H
#define GO_REGEX_INTERNAL_H

#include <stdint.h>

#include "base/vec.h"
#include "go/regex.h"

enum flag { FOLD = 1, MULTI_LINE = 2, DOT_NL = 4, LAZY = 8 };

/* An open group (the whole pattern is the first). */
struct group {
	unsigned flags;	  /* to be restored behind it */
	bool has_operand; /* a repetition has something to repeat */
	bool repeated;	  /* the last item has been repeated */
	int weight;	  /* largest count of nested repetitions inside */
	int last_weight;  /* the same for the last item */
	size_t last_at;	  /* where the last item begins in the output */
	size_t start;	  /* where the group itself begins in the output */
	bool fold_before; /* whether case was folded there */
};

struct parser {
	struct arena *a;
	struct err *e;
	sv pattern;
	size_t at;
	struct sb *out;
	unsigned flags;
	bool fold; /* what the output has been told about FOLD */
	VEC(struct group) groups;
	struct regex_spans *names;
};

/* Sets `error parsing regexp: WHAT: `EXPRESSION``; always false. */
bool rx_fail(struct parser *p, const char *what, sv expression);
/* What is still to be read; what was read from `from` on. */
sv rx_rest(const struct parser *p);
sv rx_since(const struct parser *p, size_t from);
/* The next byte, -1 at the end. */
int rx_peek(const struct parser *p);
/* Takes a rune; false with an error when it is not UTF-8. */
bool rx_next_rune(struct parser *p, uint32_t *out);
/* Around each item that is written; `weight` is how often it is repeated. */
void rx_begin_item(struct parser *p);
void rx_did_item(struct parser *p, int weight);
/* Appends a rune so that nothing in it is special. */
void rx_write_rune(struct sb *out, uint32_t r);

/* \d, \S and the like; false (and nothing done) when there is none. */
bool rx_perl_class(struct parser *p);
/* \pL, \P{Greek}; the parser stands at the backslash. */
bool rx_unicode_class(struct parser *p);
/* An escaped character; the parser stands at the backslash. */
bool rx_escape(struct parser *p, uint32_t *out);
/* [a-z]; the parser stands at the bracket. */
bool rx_char_class(struct parser *p);

#endif
