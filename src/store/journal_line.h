/* SPDX-License-Identifier: MIT */
/*
 * A line of a journal as the writer makes nearly all of them: one flat object,
 * the keys in the order of the table, no blanks, texts of plain characters.
 * Reading those is most of what the history costs; whatever else a line may be
 * is a JSON library's business.
 * May include: base/.
 */
#ifndef STORE_JOURNAL_LINE_H
#define STORE_JOURNAL_LINE_H

#include "store/journal.h"

struct line_value {
	enum { LINE_INT, LINE_BOOL, LINE_TEXT, LINE_WORDS } kind;
	sv key;
	int64_t n;	/* INT and BOOL */
	sv text;	/* TEXT; of WORDS what is between the brackets */
	const struct journal_field *field;
};

struct line {
	enum journal_line kind;
	struct line_value v[64]; /* without "ev" */
	size_t n;
};

/* Views into `text`.  false: it is no such line, for whatever reason. */
bool line_scan(sv text, struct line *out);
/* The next of the words, whose rest is in *words; false: there is none. */
bool line_next_word(sv *words, sv *word);

#endif
