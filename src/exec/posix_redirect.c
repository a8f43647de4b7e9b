/* SPDX-License-Identifier: MIT */
/* Redirections of a text that dash may run. */
#include "exec/posix_reader.h"

bool
posix_at_redirect(const struct posix *p)
{
	char c = posix_peek(p, 0), next = posix_peek(p, 1);

	return c == '<' || c == '>' ||
	       (is_digit((unsigned char)c) && (next == '<' || next == '>'));
}

bool
posix_at_far_descriptor(const struct posix *p)
{
	char c = posix_peek(p, 0);
	size_t at = p->at;

	if (c != '<' && c != '>')
		return false;
	while (at > 0 && is_digit((unsigned char)p->text.p[at - 1]))
		at--;
	return at < p->at &&
	       (at == 0 || strchr(" \t\n;&|({", p->text.p[at - 1]));
}

/* Behind ">&". */
static bool
redirect_copy(struct posix *p, int fd, struct posix_redirects *r)
{
	char to = posix_take(p);

	if (strchr(" \t\n;&|<>)", posix_peek(p, 0)) == NULL)
		return false;
	if (fd == 1 && to == '2') {
		r->out_is_null = false;
		return true;
	}
	r->err_is_elsewhere = true;
	r->err_is_out |= !r->out_is_null;
	return fd == 2 && to == '1';
}

/* A name that begins in the text, so that it is none that bash makes up. */
static bool
is_file_alike(const struct posix *p, const struct posix_word *w)
{
	char first;

	if (w->end == w->at)
		return false;
	first = p->text.p[w->at];
	if (first == '"')
		first = p->text.p[w->at + 1];
	return !w->splits && !w->unknown && !w->many &&
	       (is_name_byte((unsigned char)first) || first == '.' ||
		   (w->literal && first == '/' &&
		       strncmp(w->text, "/dev/", 5) != 0));
}

/* Where a file cannot be opened, the status is 1 in bash and 2 in dash, and the
 * words are others: that it can be is asked before. */
static bool
redirect_ask(struct posix *p, size_t at, bool write, const struct posix_word *w,
    struct posix_redirects *r)
{
	if (!is_file_alike(p, w) || p->in_function || r->writes ||
	    r->err_is_elsewhere)
		return false;
	r->writes = write;
	p->opens_files = true;
	sb_adds(&r->asks, write ? "prun_writes " : "prun_reads ");
	posix_add_at_line(p, at, write ? ": >>\"$1\"" : ": <\"$1\"", &r->asks);
	sb_addc(&r->asks, ' ');
	sb_addv(&r->asks, sv_sub(p->text, w->at, w->end - w->at));
	sb_adds(&r->asks, "; ");
	return true;
}

static bool
redirect_file(struct posix *p, size_t at, int fd, struct posix_redirects *r)
{
	struct posix_word w;
	bool is_null;

	posix_skip_blanks(p);
	if (!posix_word_read(p, POSIX_TARGET, &w))
		return false;
	is_null = w.literal && strcmp(w.text, "/dev/null") == 0;
	if (!is_null && !redirect_ask(p, at, fd != 0, &w, r))
		return false;
	r->out_is_null |= fd == 1 && is_null;
	r->err_is_elsewhere |= fd == 2;
	r->err_is_out |= fd == 2 && !is_null;
	return true;
}

bool
posix_redirect_read(struct posix *p, size_t at, struct posix_redirects *r)
{
	char c = posix_take(p);
	int fd = is_digit((unsigned char)c) ? c - '0' : -1;

	r->any = true;
	if (fd >= 0)
		c = posix_take(p);
	if (c == '<') {
		if (fd > 0)
			return false;
		if (posix_peek(p, 0) == '<') {
			p->at++;
			return posix_heredoc_begin(p);
		}
		return redirect_file(p, at, 0, r);
	}
	if (fd == -1)
		fd = 1;
	if (fd != 1 && fd != 2)
		return false;
	if (posix_peek(p, 0) == '&') {
		p->at++;
		return redirect_copy(p, fd, r);
	}
	p->at += posix_peek(p, 0) == '>';
	return redirect_file(p, at, fd, r);
}

bool
posix_redirects_ask(struct posix *p, size_t at, const struct posix_redirects *r)
{
	struct posix_edit edit = { .at = at, .asks = true };
	sv command = sv_sub(p->text, at, p->at - at);
	size_t end = p->at;

	if (r->asks.n == 0)
		return true;
	/* it would be the status of what asks */
	if (sv_find(command, SV("$?"), 0) >= 0 ||
	    sv_find(command, SV("${?"), 0) >= 0)
		return false;
	edit.with = arena_printf(p->a, "{ %.*s", SV_ARG(sb_sv(&r->asks)));
	vec_push(p->a, &p->edits, edit);
	if (p->tested)
		posix_edits_are_tested(p, at);
	while (end > at && strchr(" \t", p->text.p[end - 1]) != NULL)
		end--;
	posix_add_edit(p, end, 0, "; }");
	return true;
}
