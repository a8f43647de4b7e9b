/* SPDX-License-Identifier: MIT */
/*
 * A reader for the usual part of YAML, an order of magnitude faster than
 * libyaml: block and flow collections, scalars of every style and comments.  It
 * reads a text whole or not at all: at the first thing that it does not know
 * exactly (anchors, tags, `?`, tabs between tokens, several documents, anything
 * that is wrong) it gives up, and libyaml reads all of it.  So every error is
 * libyaml's, and what both read, both read as the same tree; yaml/quick_test.c
 * and a fuzz target hold them together. May include: base/, yaml.h.
 */
#ifndef YAML_QUICK_H
#define YAML_QUICK_H

#include "base/vec.h"
#include "yaml/yaml.h"

/* As ynode_parse_apart(), but false only says: not for this reader.  Both
 * arenas may be one. */
bool yaml_read_quick(
    struct arena *a, struct arena *nodes, sv text, struct ynode **out);

/* ---- for the files of this reader ---- */

/* No line that begins a token is deeper than this. */
enum { QUICK_DEPTH_MAX = 100 };
/* libyaml takes no longer text for a key without `?`. */
enum { QUICK_KEY_MAX = 1024 };

/*
 * Scalars are views into a copy of the text, where a NUL takes the place of
 * what is behind each; what is read is the text itself.  A copied text needs a
 * byte for each that is read, so unescaped and dedented ones fit as well.
 */
struct quick {
	struct arena *nodes;
	const char *src; /* ends with a line end, so a line needs no bound */
	const char *end;
	char *copy;
	bool is_ascii;
	bool is_unended; /* the last line end is not in the text itself */
	const char *p;
	const char *bol; /* where the line of `p` begins */
	int line;        /* its number, from 1 */
	int indent; /* column of the first token of a line; -1 at the end */
	int depth;
	const char *counted; /* characters of the line up to there */
	int chars;
	VEC(struct ynode *) pending; /* finished nodes of open collections */
};

/* May the text be read at all?  It must be UTF-8 of printable characters and
 * line feeds; those that libyaml takes for line ends are not among them. */
bool quick_check_text(sv text, bool *is_ascii);

/* Column of a place in the line of `p`, from 1: libyaml counts characters. */
int quick_count_column(struct quick *q, const char *at);
static inline int
quick_column(struct quick *q, const char *at)
{
	return q->is_ascii ? (int)(at - q->bol) + 1 : quick_count_column(q, at);
}

/* A node that stands at `at` in the line of `p`. */
static inline struct ynode *
quick_new_node(
    struct quick *q, enum ynode_kind kind, enum ytag tag, const char *at)
{
	struct ynode *n = arena_new_of(q->nodes, struct ynode);

	*n = (struct ynode){ .line = (unsigned)q->line,
		.column = (unsigned)quick_column(q, at),
		.kind = kind,
		.tag = tag };
	return n;
}

/* Where the copy has what the text has at `at`. */
static inline char *
quick_copy(const struct quick *q, const char *at)
{
	return q->copy + (at - q->src);
}

/* The value of a scalar, which stands in the copy. */
static inline void
quick_set_text(struct ynode *n, char *text, char *end)
{
	*end = '\0';
	n->text = (sv){ text, (size_t)(end - text) };
}

/* Two lines with so many empty ones between them become one text. */
static inline char *
quick_fold(char *out, size_t empty)
{
	memset(out, empty == 0 ? ' ' : '\n', empty == 0 ? 1 : empty);
	return out + (empty == 0 ? 1 : empty);
}

/* An empty value. */
struct ynode *quick_null(struct quick *q, int line, int column);
/* Makes the pending nodes from `first` on the items of a collection. */
void quick_close(struct quick *q, struct ynode *n, size_t first);

static inline const char *
quick_skip_blanks(const char *p)
{
	while (*p == ' ')
		p++;
	return p;
}

/* The line end, if there is nothing but a comment before it; else NULL. */
static inline const char *
quick_line_end(const struct quick *q, const char *p)
{
	p = quick_skip_blanks(p);
	if (*p == '#' && p[-1] == ' ')
		p = memchr(p, '\n', (size_t)(q->end - p));
	return *p == '\n' ? p : NULL;
}

/* Does a document end here, at the start of a line? */
bool quick_is_marker(const char *p);

/* These read a node and leave `p` behind it; NULL: not for this reader. */
struct ynode *quick_scalar(struct quick *q, bool in_flow);
struct ynode *quick_quoted(struct quick *q);
struct ynode *quick_flow(struct quick *q);
/* `|` and `>` in a collection at column `outer`; `p` is at a line start then.
 */
struct ynode *quick_block_scalar(struct quick *q, int outer);

/* Adds the lines that follow to a plain scalar in a collection at column
 * `outer`; false: not for this reader. */
bool quick_more_lines(struct quick *q, struct ynode *n, int outer);

#endif
