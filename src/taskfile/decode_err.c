/* SPDX-License-Identifier: MIT */
/*
 * The layout of decode errors (L-223 to L-227): message, place, and the lines
 * around it.
 */
#include <stdio.h>

#include "taskfile/decode.h"

enum { PADDING = 2 };

/* Line `number` (from 1) of a text, without its end. */
static sv
line_of(sv text, int number)
{
	sv head;

	while (number > 1) {
		if (!sv_cut(text, '\n', &head, &text))
			return (sv){ NULL, 0 };
		number--;
	}
	sv_cut(text, '\n', &head, &text);
	if (sv_ends(head, SV("\r")))
		head.n--;
	return head;
}

static int
count_line_ends(sv text)
{
	int n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* What follows the last line end is never shown, not even when it is a line. */
static void
add_snippet(struct sb *out, sv text, int line, int column)
{
	int ends = count_line_ends(text);
	int first = line > PADDING ? line - PADDING : 1;
	int last = line + PADDING < ends ? line + PADDING : ends;
	int width = snprintf(NULL, 0, "%d", last);

	for (int i = first; i <= last; i++) {
		sv s = line_of(text, i);

		sb_printf(out, "%s%c %*d | ", i > first ? "\n" : "",
		    i == line ? '>' : ' ', width, i);
		sb_addv(out, s);
		if (i != line || column < 1 || (size_t)column > s.n)
			continue;
		sb_printf(out, "\n  %*s | ", width, "");
		sb_pad(out, ' ', (size_t)column - 1);
		sb_addc(out, '^');
	}
}

static void
decode_err_add_place(struct sb *out, struct decoder *d, const struct ynode *n)
{
	sb_printf(out, "file: %s:%d:%d\n", d->tf->location, n->line,
	    n->column);
	add_snippet(out, file_text_again(d->a, d->text), n->line, n->column);
}

bool
decode_fail(struct decoder *d, const struct ynode *n, const char *fmt, ...)
{
	struct sb b cleanup_sb = SB_INIT;
	va_list ap;

	sb_adds(&b, "err:  ");
	va_start(ap, fmt);
	sb_vprintf(&b, fmt, ap);
	va_end(ap);
	sb_addc(&b, '\n');
	decode_err_add_place(&b, d, n);
	return err_set(d->e, ERR_DECODE, "%s", sb_cstr(&b));
}

bool
decode_fail_type(struct decoder *d, const struct ynode *n, const char *what)
{
	return decode_fail(d, n, "cannot unmarshal %s into %s", ynode_tag_text(n),
	    what);
}

bool
decode_check_types(struct decoder *d, const struct ynode *n)
{
	struct sb b cleanup_sb = SB_INIT;

	if (d->types.n == 0)
		return true;
	if (d->types.n == 1)
		return decode_fail(d, n, "%s", d->types.v[0]);
	sb_adds(&b, "errs:\n");
	for (size_t i = 0; i < d->types.n; i++)
		sb_printf(&b, "- %s\n", d->types.v[i]);
	decode_err_add_place(&b, d, n);
	return err_set(d->e, ERR_DECODE, "%s", sb_cstr(&b));
}

/* Values above 10 bytes are cut to 7 (L-226). */
void
type_error(struct decoder *d, const struct ynode *n, const char *type)
{
	struct sb b cleanup_sb = SB_INIT;
	const char *text;

	/* the keys of a map are looked at before what it is read into */
	if (n->kind == YNODE_MAP && note_clashes(d, n))
		return;
	sb_printf(&b, "line %d: cannot unmarshal %s", n->line, ynode_tag_text(n));
	if (n->kind == YNODE_SCALAR) {
		bool cut = n->text.n > 10;

		sb_adds(&b, " `");
		sb_add(&b, n->text.p, cut ? 7 : n->text.n);
		sb_adds(&b, cut ? "...`" : "`");
	}
	sb_printf(&b, " into %s", type);
	text = sb_take(&b, d->a).p;
	vec_push(d->a, &d->types, text);
}
