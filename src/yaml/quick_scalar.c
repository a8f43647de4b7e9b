/* SPDX-License-Identifier: MIT */
/* Scalars: plain and quoted ones on one line, and blocks of lines. */
#include "base/utf8.h"
#include "yaml/quick.h"
#include "yaml/resolve.h"

enum {
	INDICATOR = 1,   /* begins no plain scalar */
	BLOCK_STOP = 2,  /* may end a plain scalar */
	FLOW_STOP = 4,   /* the same in a flow collection */
	QUOTED_STOP = 8, /* in double quotes: ends the text, or escapes */
	NUMBER = 16,     /* a plain scalar that begins so may be no string */
	WORD = 32,       /* nor one of four or five letters that begins so */
};

static const unsigned char classes[256] = {
	['\t'] = INDICATOR | BLOCK_STOP | FLOW_STOP,
	['\n'] = INDICATOR | BLOCK_STOP | FLOW_STOP | QUOTED_STOP,
	['#'] = INDICATOR | BLOCK_STOP | FLOW_STOP,
	[':'] = INDICATOR | BLOCK_STOP | FLOW_STOP,
	[','] = INDICATOR | FLOW_STOP,
	['['] = INDICATOR | FLOW_STOP,
	[']'] = INDICATOR | FLOW_STOP,
	['{'] = INDICATOR | FLOW_STOP,
	['}'] = INDICATOR | FLOW_STOP,
	['"'] = INDICATOR | QUOTED_STOP,
	['\\'] = QUOTED_STOP,
	['-'] = INDICATOR | NUMBER,
	[' '] = INDICATOR,
	['?'] = INDICATOR,
	['&'] = INDICATOR,
	['*'] = INDICATOR,
	['!'] = INDICATOR,
	['|'] = INDICATOR,
	['>'] = INDICATOR,
	['\''] = INDICATOR,
	['%'] = INDICATOR,
	['@'] = INDICATOR,
	['`'] = INDICATOR,
	/* see resolve.c */
	['0'] = NUMBER,
	['1'] = NUMBER,
	['2'] = NUMBER,
	['3'] = NUMBER,
	['4'] = NUMBER,
	['5'] = NUMBER,
	['6'] = NUMBER,
	['7'] = NUMBER,
	['8'] = NUMBER,
	['9'] = NUMBER,
	['+'] = NUMBER,
	['.'] = NUMBER,
	['~'] = NUMBER,
	['<'] = NUMBER,
	['f'] = WORD,
	['F'] = WORD,
	['n'] = WORD,
	['N'] = WORD,
	['t'] = WORD,
	['T'] = WORD,
};

static bool
is_class(char c, unsigned set)
{
	return (classes[(unsigned char)c] & set) != 0;
}

static bool
is_blank_end(char c)
{
	return c == ' ' || c == '\n' || c == '\t';
}

static bool
may_begin_plain(const char *p, bool in_flow)
{
	if (!is_class(*p, INDICATOR))
		return true;
	return (*p == '-' || (*p == ':' && !in_flow)) && !is_blank_end(p[1]);
}

static struct ynode *
quick_plain(struct quick *q, bool in_flow)
{
	const unsigned stop = in_flow ? FLOW_STOP : BLOCK_STOP;
	const char *start = q->p, *p = start, *to;
	struct ynode *n;

	if (!may_begin_plain(start, in_flow))
		return NULL;
	for (;; p++) {
		while (!is_class(*p, stop))
			p++;
		if (*p == ':' && !is_blank_end(p[1])) {
			/* libyaml takes these for mistakes */
			if (in_flow && strchr(",?[]{}", p[1]) != NULL)
				return NULL;
		} else if (*p != '#' || p[-1] == ' ') {
			break;
		}
	}
	if (*p == '\t')
		return NULL;
	for (to = p; to[-1] == ' ';)
		to--;
	q->p = p;
	n = quick_view(
	    q, start, false, quick_copy(q, start), (size_t)(to - start));
	if (is_class(*start, NUMBER) ||
	    (is_class(*start, WORD) && (n->text.n == 4 || n->text.n == 5)))
		n->tag = yaml_resolve(n->text);
	return n;
}

/* What needs no escape; it stands there already if nothing before it did. */
static char *
put_run(const struct quick *q, char *out, const char *from, const char *to)
{
	if (out != quick_copy(q, from))
		memcpy(out, from, (size_t)(to - from));
	return out + (to - from);
}

static struct ynode *
quick_single(struct quick *q)
{
	const char *start = q->p, *p = start + 1;
	char *text = quick_copy(q, p), *out = text;

	for (;; p += 2) {
		const char *from = p;

		while (*p != '\'' && *p != '\n')
			p++;
		if (*p == '\n')
			return NULL;
		out = put_run(q, out, from, p);
		if (p[1] != '\'')
			break;
		*out++ = '\'';
	}
	q->p = p + 1;
	return quick_view(q, start, true, text, (size_t)(out - text));
}

/* A character by its number of `digits` digits. */
static const char *
quick_hex(const char *p, int digits, char **out)
{
	uint32_t value = 0;

	for (; digits > 0; digits--, p++) {
		int v = hex_value((unsigned char)*p);

		if (v < 0)
			return NULL;
		value = value << 4 | (uint32_t)v;
	}
	if ((value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF)
		return NULL;
	*out += rune_encode(value, *out);
	return p;
}

/* What is behind a backslash; returns what is behind that. */
static const char *
quick_escape(const char *p, char **out)
{
	static const char names[] = "0abtnvfre \"/\\";
	static const char meanings[] = "\0\a\b\t\n\v\f\r\x1b \"/\\";
	const char *name = strchr(names, *p);

	if (name != NULL) {
		*(*out)++ = meanings[name - names];
		return p + 1;
	}
	return *p == 'x'   ? quick_hex(p + 1, 2, out)
	       : *p == 'u' ? quick_hex(p + 1, 4, out)
	       : *p == 'U' ? quick_hex(p + 1, 8, out)
			   : NULL;
}

static struct ynode *
quick_double(struct quick *q)
{
	const char *start = q->p, *p = start + 1;
	char *text = quick_copy(q, p), *out = text;

	while (p != NULL) {
		const char *from = p;

		while (!is_class(*p, QUOTED_STOP))
			p++;
		out = put_run(q, out, from, p);
		if (*p != '\\')
			break;
		p = quick_escape(p + 1, &out);
	}
	if (p == NULL || *p == '\n')
		return NULL;
	q->p = p + 1;
	return quick_view(q, start, true, text, (size_t)(out - text));
}

struct ynode *
quick_scalar(struct quick *q, bool in_flow)
{
	return *q->p == '"'    ? quick_double(q)
	       : *q->p == '\'' ? quick_single(q)
			       : quick_plain(q, in_flow);
}

/* ---- blocks of lines ---- */

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
	*out = '\0';
	n->text = (sv){ text, (size_t)(out - text) };
	n->quoted = true;
	return n;
}
