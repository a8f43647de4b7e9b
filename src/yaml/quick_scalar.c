/* SPDX-License-Identifier: MIT */
/* Plain scalars. */
#include "yaml/quick.h"
#include "yaml/resolve.h"

enum {
	INDICATOR = 1,   /* begins no plain scalar */
	BLOCK_STOP = 2,  /* may end a plain scalar */
	FLOW_STOP = 4,   /* the same in a flow collection */
	NUMBER = 8,      /* a plain scalar that begins so may be no string */
	WORD = 16,       /* nor one of four or five letters that begins so */
};

static const unsigned char classes[256] = {
	['\t'] = INDICATOR | BLOCK_STOP | FLOW_STOP,
	['\n'] = INDICATOR | BLOCK_STOP | FLOW_STOP,
	['#'] = INDICATOR | BLOCK_STOP | FLOW_STOP,
	[':'] = INDICATOR | BLOCK_STOP | FLOW_STOP,
	[','] = INDICATOR | FLOW_STOP,
	['['] = INDICATOR | FLOW_STOP,
	[']'] = INDICATOR | FLOW_STOP,
	['{'] = INDICATOR | FLOW_STOP,
	['}'] = INDICATOR | FLOW_STOP,
	['"'] = INDICATOR,
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

static inline bool
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

/* Where a plain scalar ends at the latest, blanks before it not counted; NULL
 * for what libyaml takes for a mistake. */
static inline const char *
plain_end(const char *p, bool in_flow)
{
	const unsigned stop = in_flow ? FLOW_STOP : BLOCK_STOP;

	for (;; p++) {
		while (!is_class(*p, stop))
			p++;
		if (*p == ':' && !is_blank_end(p[1])) {
			if (in_flow && strchr(",?[]{}", p[1]) != NULL)
				return NULL;
		} else if (*p != '#' || p[-1] == ' ') {
			break;
		}
	}
	return *p == '\t' ? NULL : p;
}

static const char *
trim_blanks(const char *to)
{
	while (to[-1] == ' ')
		to--;
	return to;
}

static struct ynode *
quick_plain(struct quick *q, bool in_flow)
{
	const char *start = q->p, *end;
	struct ynode *n;

	if (!may_begin_plain(start, in_flow))
		return NULL;
	end = plain_end(start, in_flow);
	if (end == NULL)
		return NULL;
	n = quick_new_node(q, YNODE_SCALAR, YTAG_STR, start);
	quick_set_text(
	    n, quick_copy(q, start), quick_copy(q, trim_blanks(end)));
	if (is_class(*start, NUMBER) ||
	    (is_class(*start, WORD) && (n->text.n == 4 || n->text.n == 5)))
		n->tag = yaml_resolve(n->text);
	q->p = end;
	return n;
}

struct ynode *
quick_scalar(struct quick *q, bool in_flow)
{
	return *q->p == '"' || *q->p == '\'' ? quick_quoted(q)
					     : quick_plain(q, in_flow);
}

/* From a line end to the text of the next line that has one, if it belongs to a
 * plain scalar in a collection at column `outer`. */
static const char *
next_plain_line(const struct quick *q, const char *p, int outer, int *lines)
{
	const char *bol;

	*lines = 0;
	do {
		bol = ++p;
		++*lines;
		if (p == q->end)
			return NULL;
		p = quick_skip_blanks(p);
	} while (*p == '\n');
	return p - bol > outer && *p != '#' && !(p == bol && quick_is_marker(p))
		   ? p
		   : NULL;
}

bool
quick_more_lines(struct quick *q, struct ynode *n, int outer)
{
	char *text = q->copy + (n->text.p - q->copy), *out = text + n->text.n;
	const char *from;
	int lines;

	if (n->quoted)
		return true;
	while (*q->p == '\n' &&
	       (from = next_plain_line(q, q->p, outer, &lines)) != NULL) {
		const char *end = plain_end(from, false), *to;

		/* no key stands on several lines */
		if (end == NULL || *end == ':')
			return false;
		out = quick_fold(out, (size_t)lines - 1);
		to = trim_blanks(end);
		memcpy(out, from, (size_t)(to - from));
		out += to - from;
		q->p = end;
		q->line += lines;
		quick_set_text(n, text, out);
		n->tag = yaml_resolve(n->text);
	}
	return true;
}
