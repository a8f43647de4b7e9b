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
			size_t w = width_of(l->cells.v[k]);

			sb_addv(out, l->cells.v[k]);
			if (k + 1 < l->cells.n && k < 64)
				sb_pad(out, ' ', widths[k][i] > w
					? widths[k][i] - w : 0);
		}
		sb_addc(out, '\n');
	}
}
