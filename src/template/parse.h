/* SPDX-License-Identifier: MIT */
/*
 * The syntax tree of a template.  Nodes know their byte offset, from which
 * errors get line and column, and can be written out again for the `at <…>`
 * of an error (L-142).
 * May include: base/, lex.h, funcs.h.
 */
#ifndef TEMPLATE_PARSE_H
#define TEMPLATE_PARSE_H

#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "template/funcs.h"

enum node_type {
	NODE_TEXT,
	NODE_ACTION,
	NODE_LIST,
	NODE_PIPE,
	NODE_COMMAND,
	NODE_IDENTIFIER,
	NODE_VARIABLE,
	NODE_DOT,
	NODE_NIL,
	NODE_FIELD,
	NODE_CHAIN,
	NODE_BOOL,
	NODE_NUMBER,
	NODE_STRING,
	NODE_IF,
	NODE_RANGE,
	NODE_WITH,
	NODE_TEMPLATE,
	NODE_BREAK,
	NODE_CONTINUE,
	/* only seen inside the parser */
	NODE_END,
	NODE_ELSE,
};

struct node;
struct node_vec {
	struct node **v;
	size_t n, cap;
};
struct name_vec {
	sv *v;
	size_t n, cap;
};

/* Built-ins which the evaluator treats itself. */
enum special { SPECIAL_NONE, SPECIAL_AND, SPECIAL_OR, SPECIAL_CALL };

struct node_pipe {
	struct node_vec decl; /* NODE_VARIABLE */
	struct node_vec cmds; /* NODE_COMMAND */
	bool assign;	      /* "=" and not ":=" */
};
struct node_identifier {
	sv name;
	const struct func *func;
	enum special special;
};
/* NODE_CHAIN: fields of `base`; NODE_VARIABLE: the first name is "$x". */
struct node_fields {
	struct node *base;
	struct name_vec names;
};
struct node_number {
	sv text;
	bool is_int, is_float;
	bool is_uint; /* an integer that only fits without a sign */
	bool ideal_float; /* written as a float: 1.0, 1e3 */
	int64_t i;
	double f;
};
struct node_string {
	sv quoted, text;
};
struct node_branch {
	struct node *pipe, *list, *else_list; /* else_list may be NULL */
};
struct node_template {
	sv name;
	struct node *pipe; /* or NULL */
};

struct node {
	enum node_type type;
	size_t pos;
	union {
		sv text;	      /* NODE_TEXT */
		struct node *pipe;    /* NODE_ACTION */
		struct node_vec list; /* NODE_LIST, NODE_COMMAND */
		struct node_pipe p;
		struct node_identifier id;
		struct node_fields f;
		bool truth;
		struct node_number num;
		struct node_string s;
		struct node_branch b;
		struct node_template t;
	} u;
};

/* A parsed text with the templates that it defines. */
struct tmpl {
	sv name; /* "" or "resolver" */
	sv text;
	bool impure; /* has a function with another result every time */
	struct node *root;
	struct map *trees; /* name → NODE_LIST, the root among them */
};

/* Parses `text`, which must live as long as the result.  Errors:
 * `template: NAME:LINE: …` (L-143). */
struct tmpl *tmpl_parse(struct arena *a, sv name, sv text, struct err *e);
/* Writes a node as Go's String() does. */
void node_write(struct sb *out, const struct node *n);

/* literal.c: Go literals of templates. */

/* strconv.Unquote of "…", `…` as an arena string; false for bad escapes. */
bool literal_unquote(struct arena *a, sv quoted, sv *out);
/* Fills a number from its text; false with Go's text. */
bool literal_number(sv text, bool is_char, struct node_number *out,
    struct err *e);

#endif
