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
	r->err_is_out |= !r->out_is_null;
	return fd == 2 && to == '1';
}

static bool
redirect_file(struct posix *p, int fd, struct posix_redirects *r)
{
	struct posix_word w;

	posix_skip_blanks(p);
	if (!posix_word_read(p, POSIX_TARGET, &w) || !w.literal)
		return false;
	/* others can fail, which is status 2 in dash and 1 in bash */
	if (strcmp(w.text, "/dev/null") != 0)
		return false;
	r->out_is_null |= fd == 1;
	return true;
}

bool
posix_redirect_read(struct posix *p, struct posix_redirects *r)
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
		return redirect_file(p, 0, r);
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
	return redirect_file(p, fd, r);
}
