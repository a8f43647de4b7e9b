/* SPDX-License-Identifier: MIT */
/* `|` and `>`: scalars that are blocks of lines. */
#include "yaml/quick.h"

struct block {
	bool is_folded;
	char chomp;    /* '+', '-', or 0 */
	int indent;    /* 0: that of the first line */
	size_t breaks; /* empty lines before the one that follows */
};

static bool
block_header(struct quick *q, struct block *b)
{
	const char *p = q->p;

	b->is_folded = *p++ == '>';
	for (int i = 0; i < 2; i++) {
		if (b->chomp == '\0' && (*p == '+' || *p == '-'))
			b->chomp = *p++;
		else if (b->indent == 0 && *p > '0' && *p <= '9')
			b->indent = *p++ - '0';
	}
	p = quick_line_end(q, p);
	if (p == NULL)
		return false;
	q->p = p + 1;
	q->line++;
	return true;
}

/* Counts empty lines and comes to the first that is none, or to the end; its
 * column there, -1 for a tab where there should be a blank.  `widest` is the
 * indentation of the deepest, empty ones included. */
static int
block_breaks(struct quick *q, struct block *b, int *widest)
{
	int column = 0;

	for (; q->p != q->end; q->line++, b->breaks++) {
		const char *p = q->bol = q->p;

		while (*p == ' ' && (b->indent == 0 || p - q->bol < b->indent))
			p++;
		column = (int)(p - q->bol);
		if (column > *widest)
			*widest = column;
		if (*p == '\t' && (b->indent == 0 || column < b->indent))
			return -1;
		if (*p != '\n')
			return column;
		q->p = p + 1;
	}
	return 0;
}

static void
block_add_breaks(char **out, struct block *b)
{
	memset(*out, '\n', b->breaks);
	*out += b->breaks;
	b->breaks = 0;
}

/* The lines at the indentation of the block, folded where it says so. */
static bool
block_lines(struct quick *q, struct block *b, int column, char **out)
{
	bool is_first = true, was_blank = false;
	int unused = 0;

	while (q->p != q->end && column == b->indent) {
		const char *from = q->bol + column;
		const char *to = memchr(from, '\n', (size_t)(q->end - from));
		bool blank = *from == ' ' || *from == '\t';

		if (!is_first &&
		    (!b->is_folded || was_blank || blank || b->breaks == 0))
			*(*out)++ =
			    b->is_folded && !was_blank && !blank ? ' ' : '\n';
		block_add_breaks(out, b);
		memcpy(*out, from, (size_t)(to - from));
		*out += to - from;
		is_first = false;
		was_blank = blank;
		q->p = to + 1;
		q->line++;
		column = block_breaks(q, b, &unused);
	}
	if (!is_first && b->chomp != '-')
		*(*out)++ = '\n';
	if (b->chomp == '+')
		block_add_breaks(out, b);
	return column >= 0;
}

struct ynode *
quick_block_scalar(struct quick *q, int outer)
{
	struct ynode *n = quick_new_node(q, YNODE_SCALAR, YTAG_STR, q->p);
	struct block b = { 0 };
	char *text = quick_copy(q, q->p), *out = text;
	int column, widest = 0;

	if (!block_header(q, &b))
		return NULL;
	if (b.indent > 0 && outer > 0)
		b.indent += outer;
	column = block_breaks(q, &b, &widest);
	if (column < 0)
		return NULL;
	if (b.indent == 0)
		b.indent = widest > outer ? widest : outer + 1;
	if (b.indent == 0)
		b.indent = 1;
	/* where the text ends without a line end, the scalar may do so too */
	if (!block_lines(q, &b, column, &out) ||
	    (q->p == q->end && q->is_unended))
		return NULL;
	quick_set_text(n, text, out);
	n->quoted = true;
	return n;
}
