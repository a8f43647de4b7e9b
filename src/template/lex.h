/* SPDX-License-Identifier: MIT */
/*
 * Tokens of a template, on demand.  Texts between actions are cut by the trim
 * markers here, so the parser never sees them (L-132).
 * May include: base/.
 */
#ifndef TEMPLATE_LEX_H
#define TEMPLATE_LEX_H

#include "base/str.h"

enum item_type {
	ITEM_ERROR, /* text: the message */
	ITEM_BOOL,
	ITEM_CHAR, /* some other printable character, "," for one */
	ITEM_CHAR_CONSTANT,
	ITEM_COMPLEX,
	ITEM_ASSIGN,
	ITEM_DECLARE,
	ITEM_EOF,
	ITEM_FIELD, /* with its dot */
	ITEM_IDENTIFIER,
	ITEM_LEFT_DELIM,
	ITEM_LEFT_PAREN,
	ITEM_NUMBER,
	ITEM_PIPE,
	ITEM_RAW_STRING, /* with its quotes */
	ITEM_RIGHT_DELIM,
	ITEM_RIGHT_PAREN,
	ITEM_SPACE,
	ITEM_STRING, /* with its quotes */
	ITEM_TEXT,
	ITEM_VARIABLE, /* with its dollar sign */
	/* what follows are keywords; error texts show them as <word> */
	ITEM_KEYWORD,
	ITEM_BLOCK,
	ITEM_BREAK,
	ITEM_CONTINUE,
	ITEM_DOT,
	ITEM_DEFINE,
	ITEM_ELSE,
	ITEM_END,
	ITEM_IF,
	ITEM_NIL,
	ITEM_RANGE,
	ITEM_TEMPLATE,
	ITEM_WITH,
};

struct item {
	enum item_type type;
	size_t pos; /* byte offset in the text */
	sv text;
	int line; /* of its first byte, from 1 */
};

struct lexer {
	struct arena *a; /* for error messages */
	sv input;
	size_t pos, start;
	int line, start_line;
	int paren_depth;
	bool inside_action;
	struct item *item; /* where the token goes */
};

void lex_init(struct lexer *l, struct arena *a, sv input);
/* The next token; ITEM_EOF again and again at the end, ITEM_ERROR once. */
void lex_next(struct lexer *l, struct item *out);

#endif
