/* SPDX-License-Identifier: MIT */
/* Scalars in quotes. */
#include "base/utf8.h"
#include "yaml/quick.h"

/* What needs no escape; it stands there already if nothing before it did. */
static char *
put_run(const struct quick *q, char *out, const char *from, const char *to)
{
	if (out != quick_copy(q, from))
		memcpy(out, from, (size_t)(to - from));
	return out + (to - from);
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

/* From the end of a line, where the run of text from `from` is, to the text of
 * the next line that has one; the blanks between them count as one, or as the
 * empty lines that there are.  NULL at the end of a document. */
static const char *
fold_quoted(struct quick *q, const char *from, const char *p, char **out)
{
	const char *to = p;
	size_t empty = 0;

	while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	*out = put_run(q, *out, from, to);
	for (;; empty++) {
		q->line++;
		q->bol = ++p;
		if (p == q->end || quick_is_marker(p))
			return NULL;
		while (*p == ' ' || *p == '\t')
			p++;
		if (*p != '\n')
			break;
	}
	*out = quick_fold(*out, empty);
	return p;
}

struct ynode *
quick_quoted(struct quick *q)
{
	const char quote = *q->p, escape = quote == '"' ? '\\' : '\'';
	struct ynode *n = quick_new_node(q, YNODE_SCALAR, YTAG_STR, q->p);
	const char *p = q->p + 1, *from = p;
	char *text = quick_copy(q, p), *out = text;

	n->quoted = true;
	while (p != NULL) {
		while (*p != quote && *p != escape && *p != '\n')
			p++;
		if (*p == '\n') {
			p = from = fold_quoted(q, from, p, &out);
		} else if (*p == escape && (quote == '"' || p[1] == quote)) {
			out = put_run(q, out, from, p);
			if (quote == '"')
				p = quick_escape(p + 1, &out);
			else
				*out++ = *p, p += 2;
			from = p;
		} else {
			quick_set_text(n, text, put_run(q, out, from, p));
			q->p = p + 1;
			return n;
		}
	}
	return NULL;
}
