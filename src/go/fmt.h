/* SPDX-License-Identifier: MIT */
/*
 * Go's package fmt for template values: %v and printf with Go's verbs, flags,
 * argument indexes and texts for bad verbs (L-145, L-147, L-148).
 * May include: base/, value.h.
 */
#ifndef GO_FMT_H
#define GO_FMT_H

#include "go/value.h"

/* Appends the value as %v prints it. */
void fmt_value(struct sb *out, value v);
/* The same as an arena string. */
sv fmt_text(struct arena *a, value v);
/* Go's shortest float that reads back; `verb` is 'e', 'f' or 'g', `precision`
 * -1 means shortest; %v is 'g' with the exponent threshold of L-148. */
void fmt_float(struct sb *out, double f, char verb, int precision);
/* fmt.Sprint, Sprintln, Sprintf. */
void fmt_print(struct sb *out, const value *args, size_t n);
void fmt_println(struct sb *out, const value *args, size_t n);
void fmt_printf(struct sb *out, sv format, const value *args, size_t n);

#endif
