/* SPDX-License-Identifier: MIT */
/* The text of a reader: its characters, and what is changed in it. */
#include "exec/posix_reader.h"

#include <stdlib.h>

/* Nobody nests that deep. */
enum {
	POSIX_DEPTH_MAX = 60
};

char
posix_peek(const struct posix *p, size_t ahead)
{
	size_t i = p->at + ahead;

	return i < p->text.n ? p->text.p[i] : '\0';
}

char
posix_take(struct posix *p)
{
	char c = posix_peek(p, 0);

	p->at += p->at < p->text.n;
	return c;
}

void
posix_skip_blanks(struct posix *p)
{
	for (;;) {
		char c = posix_peek(p, 0);

		if (c == ' ' || c == '\t')
			p->at++;
		else if (c == '\\' && posix_peek(p, 1) == '\n')
			p->at += 2;
		else
			break;
	}
	if (posix_peek(p, 0) == '#')
		while (p->at < p->text.n && p->text.p[p->at] != '\n')
			p->at++;
}

bool
posix_is_blank_to_end(const struct posix *p)
{
	struct posix ahead = *p;

	for (;;) {
		posix_skip_blanks(&ahead);
		if (posix_peek(&ahead, 0) != '\n' &&
		    posix_peek(&ahead, 0) != ';')
			return ahead.at >= ahead.text.n;
		ahead.at++;
	}
}

void
posix_add_edit(struct posix *p, size_t at, size_t skip, const char *with)
{
	struct posix_edit edit = { at, skip, with, false };

	vec_push(p->a, &p->edits, edit);
}

void
posix_edits_are_tested(struct posix *p, size_t from)
{
	struct posix_edit *edit;

	vec_each(&p->edits, edit)
		if (edit->asks && edit->at >= from) {
			sv with = sv_of(edit->with);

			edit->with = arena_printf(p->a, "%.*s && ",
			    SV_ARG(sv_sub(with, 0, with.n - 2)));
			edit->asks = false;
		}
}

static int
edit_cmp(const void *one, const void *other)
{
	const struct posix_edit *x = one, *y = other;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->skip > y->skip) - (x->skip < y->skip);
}

void
posix_edits_sort(struct posix *p)
{
	if (p->edits.n > 1)
		qsort(p->edits.v, p->edits.n, sizeof(*p->edits.v), edit_cmp);
}

void
posix_add_at_line(
    const struct posix *p, size_t at, const char *command, struct sb *out)
{
	sb_addc(out, '\'');
	for (size_t i = 0; i < at; i++)
		if (p->text.p[i] == '\n')
			sb_addc(out, '\n');
	sb_adds(out, command);
	sb_addc(out, '\'');
}

bool
posix_enter(struct posix *p)
{
	return ++p->depth < POSIX_DEPTH_MAX;
}

void
posix_leave(struct posix *p)
{
	p->depth--;
}
