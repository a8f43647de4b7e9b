/* SPDX-License-Identifier: MIT */
/*
 * What the files of fmt share: one directive of a format and the writers for
 * single values.
 * May include: base/, value.h.
 */
#ifndef GO_FMT_INTERNAL_H
#define GO_FMT_INTERNAL_H

#include "base/str.h"
#include "go/value.h"

/* A directive: %[flags][width][.precision]verb. */
struct fmt_spec {
	int width, precision;
	bool has_width, has_precision;
	bool minus, plus, sharp, space, zero;
	/* %+v and %#v, where plus and sharp mean something else */
	bool plus_v, sharp_v;
};

struct fmt_printer {
	struct sb *out;
	struct fmt_spec f;
	bool erroring; /* inside a %!v(…): no String methods */
	int depth;
};

/* One operand under a verb; %T and %p ask about the whole value. */
void fmt_operand(struct fmt_printer *p, value v, uint32_t verb);
/* Appends a text padded to the width (in runes). */
void fmt_pad(struct sb *out, const struct fmt_spec *f, sv s);
void fmt_integer(struct sb *out, const struct fmt_spec *f, uint64_t u,
    bool negative, int base, uint32_t verb);
/* %c, %q and %U of an integer. */
void fmt_char(struct sb *out, const struct fmt_spec *f, uint64_t u);
void fmt_quoted_char(struct sb *out, const struct fmt_spec *f, uint64_t u);
void fmt_unicode(struct sb *out, const struct fmt_spec *f, uint64_t u);
/* %s, %q, %x and %X of a string. */
void fmt_string(struct sb *out, const struct fmt_spec *f, sv s);
void fmt_quoted(struct sb *out, const struct fmt_spec *f, sv s);
void fmt_hex(struct sb *out, const struct fmt_spec *f, sv s, bool upper);
/* A float under verb b, e, E, f, g, G, x, X; 'v' is %v. */
void fmt_float_spec(struct sb *out, const struct fmt_spec *f, double d,
    char verb);

#endif
