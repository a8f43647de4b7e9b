/* SPDX-License-Identifier: MIT */
/*
 * Elastic tab stops as Go's text/tabwriter makes them: a tab ends a cell, and a
 * column is a block of consecutive lines that have that cell (C-161 to C-163).
 * Escape sequences have no width, runes have 1.
 * May include: base/.
 */
#ifndef OUTPUT_COLUMNS_H
#define OUTPUT_COLUMNS_H

#include "base/str.h"

/* Appends `text` (lines with tabs) to `out` with `padding` blanks behind the
 * widest cell of each column. */
void columns_align(struct sb *out, sv text, size_t padding);

/* Columns of a terminal that the text takes: none for what joins the character
 * before it, two for what is wide in East Asia and for emoji. */
size_t columns_of(sv text);
/* Appends the text as what is one line, whatever it has: '?' for characters
 * that control a terminal. */
void columns_add_line(struct sb *out, const char *text);

#endif
