/* SPDX-License-Identifier: MIT */
/* Here-documents of a text that dash may run. */
#include "exec/posix_reader.h"

/* Behind "<<": its end, a plain word or one in quotes. */
bool
posix_heredoc_begin(struct posix *p)
{
	struct posix_heredoc h = { 0 };
	size_t from;
	char quote;

	h.strips = posix_peek(p, 0) == '-';
	p->at += h.strips;
	while (posix_peek(p, 0) == ' ')
		p->at++;
	quote = posix_peek(p, 0);
	h.quoted = quote == '\'' || quote == '"';
	p->at += h.quoted;
	from = p->at;
	while (is_name_byte((unsigned char)posix_peek(p, 0)))
		p->at++;
	h.end = arena_strndup(p->a, p->text.p + from, p->at - from);
	if (*h.end == '\0' || (h.quoted && posix_take(p) != quote) ||
	    strchr(" \t\n;&|<>)", posix_peek(p, 0)) == NULL)
		return false;
	vec_push(p->a, &p->heredocs, h);
	return true;
}

/* Does the last line begin here?  Then it is taken. */
static bool
takes_end(struct posix *p, const struct posix_heredoc *h)
{
	size_t at = p->at, n = strlen(h->end);
	char behind;

	while (h->strips && at < p->text.n && p->text.p[at] == '\t')
		at++;
	if (!sv_starts(sv_sub(p->text, at, SIZE_MAX), sv_of(h->end)))
		return false;
	behind = at + n < p->text.n ? p->text.p[at + n] : '\n';
	if (behind != '\n')
		return false;
	p->at = at + n + (at + n < p->text.n);
	return true;
}

/* One character or expansion. */
static bool
read_body(struct posix *p, const struct posix_heredoc *h)
{
	struct posix_word ignored = { 0 };
	char c = posix_peek(p, 0), next = posix_peek(p, 1);

	if (h->quoted || (c != '\\' && c != '$' && c != '`')) {
		p->at++;
		return true;
	}
	if (c == '`')
		return false;
	if (c == '\\') {
		p->at += 1 + (next != '\0' && strchr("$`\\", next) != NULL);
		return next != '\n';
	}
	if (next == ' ' || next == '\n') {
		p->at++;
		return true;
	}
	if (next == '(' && posix_peek(p, 2) != '(')
		return false;
	return posix_expand(p, true, &ignored);
}

static bool
heredoc_read_lines(struct posix *p, const struct posix_heredoc *h)
{
	bool at_line = true;

	for (;;) {
		if (at_line && takes_end(p, h))
			return true;
		if (p->at >= p->text.n)
			return false;
		at_line = posix_peek(p, 0) == '\n';
		if (!read_body(p, h))
			return false;
	}
}

bool
posix_heredoc_bodies(struct posix *p)
{
	for (size_t i = 0; i < p->heredocs.n; i++)
		if (!heredoc_read_lines(p, &p->heredocs.v[i]))
			return false;
	p->heredocs.n = 0;
	return true;
}
