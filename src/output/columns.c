/* SPDX-License-Identifier: MIT */
#include "output/columns.h"

#include <stdint.h>

#include "base/utf8.h"
#include "base/vec.h"

struct line {
	VEC(sv) cells; /* all but the last end with a tab */
};

static size_t
width_of(sv cell)
{
	size_t width = 0;

	for (size_t i = 0; i < cell.n; i++) {
		if (cell.p[i] == '\033') {
			while (i < cell.n && cell.p[i] != 'm')
				i++;
			continue;
		}
		/* count what starts a rune */
		width += ((unsigned char)cell.p[i] & 0xc0) != 0x80;
	}
	return width;
}

void
columns_align(struct sb *out, sv text, size_t padding)
{
	struct arena *a cleanup_arena = arena_new();
	VEC(struct line) lines = { 0 };
	size_t *widths[64] = { 0 };
	size_t columns = 0;
	sv line, cell;

	while (text.n > 0) {
		struct line l = { 0 };

		sv_cut(text, '\n', &line, &text);
		while (sv_cut(line, '\t', &cell, &line))
			vec_push(a, &l.cells, cell);
		vec_push(a, &l.cells, cell);
		if (l.cells.n > columns)
			columns = l.cells.n;
		vec_push(a, &lines, l);
	}
	for (size_t column = 0; column < 64 && column < columns;
	    column++) {
		widths[column] = arena_alloc(a, (lines.n + 1) *
		    sizeof(*widths[column]));
		for (size_t i = 0, end; i < lines.n; i = end + 1) {
			size_t widest = 0;

			for (end = i; end < lines.n &&
			    lines.v[end].cells.n > column + 1; end++) {
				size_t w = width_of(
				    lines.v[end].cells.v[column]);

				widest = w > widest ? w : widest;
			}
			for (size_t k = i; k < end; k++)
				widths[column][k] = widest + padding;
		}
	}
	for (size_t i = 0; i < lines.n; i++) {
		const struct line *l = &lines.v[i];

		for (size_t k = 0; k < l->cells.n; k++) {
			size_t w;

			sb_addv(out, l->cells.v[k]);
			if (k + 1 == l->cells.n || k >= 64)
				continue;
			w = width_of(l->cells.v[k]);
			sb_pad(
			    out, ' ', widths[k][i] > w ? widths[k][i] - w : 0);
		}
		sb_addc(out, '\n');
	}
}

/* ---- of a terminal ---- */

/* By UAX 11 and the default emoji of UTS 51, in ranges as coarse as terminals
 * are about them; what is not there takes one column. */
static const struct {
	uint32_t first, last;
	unsigned char columns;
} rune_columns[] = {
	{ 0x0300, 0x036f, 0 },
	{ 0x0483, 0x0489, 0 },
	{ 0x0591, 0x05bd, 0 },
	{ 0x0610, 0x061a, 0 },
	{ 0x064b, 0x065f, 0 },
	{ 0x1100, 0x115f, 2 },
	{ 0x1ab0, 0x1aff, 0 },
	{ 0x1dc0, 0x1dff, 0 },
	{ 0x200b, 0x200f, 0 },
	{ 0x20d0, 0x20ff, 0 },
	{ 0x231a, 0x231b, 2 },
	{ 0x23e9, 0x23ec, 2 },
	{ 0x2705, 0x2705, 2 },
	{ 0x270a, 0x270b, 2 },
	{ 0x2728, 0x2728, 2 },
	{ 0x274c, 0x274c, 2 },
	{ 0x2753, 0x2755, 2 },
	{ 0x2795, 0x2797, 2 },
	{ 0x2e80, 0x303e, 2 },
	{ 0x3041, 0x4dbf, 2 },
	{ 0x4e00, 0xa4cf, 2 },
	{ 0xa960, 0xa97f, 2 },
	{ 0xac00, 0xd7a3, 2 },
	{ 0xf900, 0xfaff, 2 },
	{ 0xfe00, 0xfe0f, 0 },
	{ 0xfe20, 0xfe2f, 0 },
	{ 0xfe30, 0xfe6f, 2 },
	{ 0xff00, 0xff60, 2 },
	{ 0xffe0, 0xffe6, 2 },
	{ 0x1f300, 0x1f64f, 2 },
	{ 0x1f680, 0x1f6ff, 2 },
	{ 0x1f900, 0x1faff, 2 },
	{ 0x20000, 0x3fffd, 2 },
	{ 0xe0100, 0xe01ef, 0 },
};

static size_t
columns_of_rune(uint32_t r)
{
	for (size_t i = 0; i < sizeof(rune_columns) / sizeof(rune_columns[0]);
	     i++)
		if (r <= rune_columns[i].last)
			return r >= rune_columns[i].first
				   ? rune_columns[i].columns
				   : 1;
	return 1;
}

size_t
columns_of(sv text)
{
	size_t columns = 0, n;

	for (; text.n > 0; text = sv_sub(text, n, SIZE_MAX))
		columns += columns_of_rune(utf8_decode(text, &n));
	return columns;
}

void
columns_add_line(struct sb *out, const char *text)
{
	size_t n;

	for (sv rest = sv_of(text); rest.n > 0;
	     rest = sv_sub(rest, n, SIZE_MAX)) {
		uint32_t r = utf8_decode(rest, &n);

		if (r < ' ' || (r >= 0x7f && r < 0xa0))
			sb_addc(out, '?');
		else
			sb_addv(out, sv_sub(rest, 0, n));
	}
}
