/* SPDX-License-Identifier: MIT */
/*
 * What the two halves of the parser share: parse_expr.c reads what stands
 * inside an action, parse.c the actions and what lies between them.
 * May include: base/, lex.h, parse.h.
 */
#ifndef TEMPLATE_PARSE_INTERNAL_H
#define TEMPLATE_PARSE_INTERNAL_H

#include "base/vec.h"
#include "template/lex.h"
#include "template/parse.h"

/* Parentheses and blocks nest at most this deep, so that neither parsing nor
 * running hostile input overflows the stack. */
enum { PARSE_DEPTH_MAX = 1000 };

struct parser {
	struct arena *a;
	struct tmpl *tmpl;
	struct lexer lex;
	struct item token[3]; /* look-ahead; [0] is the newest */
	int ahead;
	struct name_vec vars; /* declared at this point */
	int action_line;      /* of the "{{" of the action being read, or 0 */
	int range_depth, depth;
	struct err *e;
};

/* The next token; parse_backup() gives the last one back.  Peeking does both,
 * and what it points to is there until the next token is read. */
struct item parse_next(struct parser *p);
void parse_backup(struct parser *p);
/* Gives back a token in front of the newest one. */
void parse_backup2(struct parser *p, struct item first);
const struct item *parse_peek(struct parser *p);
struct item parse_next_non_space(struct parser *p);
const struct item *parse_peek_non_space(struct parser *p);

/* Sets the error with name and line; returns NULL. */
struct node *parse_fail(struct parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
struct node *parse_unexpected(struct parser *p, struct item it,
    const char *context);
bool parse_expect(struct parser *p, enum item_type type, const char *context,
    struct item *it);

struct node *parse_new_node(struct parser *p, enum node_type type,
    size_t pos);
/* A node as text for messages. */
const char *parse_node_text(struct parser *p, const struct node *n);
/* Text of a quoted token. */
bool parse_unquote(struct parser *p, struct item it, sv *out);
/* Declarations and commands up to and with the token `end`; NULL on error.
 * `context` is what errors call the place. */
struct node *parse_pipeline(struct parser *p, const char *context,
    enum item_type end);

#endif
