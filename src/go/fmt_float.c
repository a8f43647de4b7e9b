/* SPDX-License-Identifier: MIT */
/* Floats: the shortest digits that read back, laid out as Go does. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "go/fmt.h"
#include "go/fmt_internal.h"

/* |f| = 0.d1d2d3… × 10^point */
struct decimal {
	char digits[20];
	int n, point;
};

static void
to_decimal(double f, int digits, struct decimal *d)
{
	char text[40];
	int exponent;

	snprintf(text, sizeof(text), "%.*e", digits - 1, f);
	d->n = 0;
	for (const char *p = text; *p != 'e'; p++)
		if (*p != '.')
			d->digits[d->n++] = *p;
	exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	while (d->n > 1 && d->digits[d->n - 1] == '0')
		d->n--;
	d->digits[d->n] = '\0';
	d->point = exponent + 1;
}

static bool
reads_back(const struct decimal *d, double f)
{
	char text[40];

	snprintf(text, sizeof(text), "0.%se%d", d->digits, d->point);
	return strtod(text, NULL) == f;
}

/* A power of two has a narrower gap below it, so that not the nearest but the
 * next decimal above may be the one that reads back. */
static bool
bump(struct decimal *d, double f)
{
	struct decimal up = *d;
	int i = up.n - 1;

	while (i >= 0 && up.digits[i] == '9')
		up.digits[i--] = '0';
	if (i < 0)
		return false;
	up.digits[i]++;
	if (!reads_back(&up, f))
		return false;
	*d = up;
	return true;
}

/* Shortest digits of a finite f > 0. */
static void
shortest(double f, struct decimal *d)
{
	int exponent;
	/* any decimal of 15 digits survives the way through a normal double,
	 * so fewer need not be tried but for subnormal ones */
	int first = f < DBL_MIN ? 1 : DBL_DIG;

	for (int digits = first; digits <= 17; digits++) {
		to_decimal(f, digits, d);
		if (reads_back(d, f))
			return;
		if (digits == 16 && frexp(f, &exponent) == 0.5 && d->n == 16 &&
		    bump(d, f))
			return;
	}
}

static void
layout_e(struct sb *out, const struct decimal *d, char e)
{
	int exponent = d->point - 1;

	sb_addc(out, d->digits[0]);
	if (d->n > 1) {
		sb_addc(out, '.');
		sb_add(out, d->digits + 1, (size_t)d->n - 1);
	}
	sb_printf(out, "%c%c%02d", e, exponent < 0 ? '-' : '+', abs(exponent));
}

static void
layout_f(struct sb *out, const struct decimal *d)
{
	if (d->point <= 0) {
		sb_adds(out, "0");
		if (d->digits[0] != '0') {
			sb_addc(out, '.');
			sb_pad(out, '0', (size_t)-d->point);
			sb_add(out, d->digits, (size_t)d->n);
		}
		return;
	}
	if (d->n <= d->point) {
		sb_add(out, d->digits, (size_t)d->n);
		sb_pad(out, '0', (size_t)(d->point - d->n));
		return;
	}
	sb_add(out, d->digits, (size_t)d->point);
	sb_addc(out, '.');
	sb_add(out, d->digits + d->point, (size_t)(d->n - d->point));
}

static void
write_shortest(struct sb *out, double f, char verb)
{
	struct decimal d = { .digits = "0", .n = 1, .point = 1 };

	if (signbit(f))
		sb_addc(out, '-');
	if (f != 0)
		shortest(fabs(f), &d);
	if (verb == 'e' || verb == 'E')
		layout_e(out, &d, verb);
	else if (verb == 'f')
		layout_f(out, &d);
	else if (d.point - 1 < -4 || d.point - 1 >= 6) /* the exponent where it is large or small (L-148) */
		layout_e(out, &d, verb == 'G' ? 'E' : 'e');
	else
		layout_f(out, &d);
}

/* C's %a, but with two digits of exponent at least. */
static void
write_hex(struct sb *out, double f, char verb, int precision)
{
	struct sb text cleanup_sb = SB_INIT;
	char *p;
	int exponent;

	if (precision < 0)
		sb_printf(&text, verb == 'x' ? "%a" : "%A", f);
	else
		sb_printf(&text, verb == 'x' ? "%.*a" : "%.*A", precision, f);
	sb_cstr(&text);
	p = strpbrk(text.p, "pP") + 1;
	exponent = (int)strtol(p, NULL, 10);
	/* rounded up, C writes 0x2p+0 where Go writes 0x1p+01 */
	if (text.p[signbit(f) ? 3 : 2] == '2') {
		text.p[signbit(f) ? 3 : 2] = '1';
		exponent++;
	}
	sb_add(out, text.p, (size_t)(p - text.p));
	sb_printf(out, "%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
}

/* Mantissa as an integer, exponent of two. */
static void
write_binary(struct sb *out, double f)
{
	int exponent = -1074;
	double m = frexp(fabs(f), &exponent);

	if (f == 0) {
		exponent = -1074;
	} else if (fabs(f) < DBL_MIN) {
		m = ldexp(m, exponent + 1074);
		exponent = -1074;
	} else {
		m = ldexp(m, 53);
		exponent -= 53;
	}
	sb_printf(out, "%s%.0fp%+d", signbit(f) ? "-" : "", m, exponent);
}

void
fmt_float(struct sb *out, double f, char verb, int precision)
{
	if (isnan(f))
		sb_adds(out, "NaN");
	else if (isinf(f))
		sb_adds(out, f > 0 ? "+Inf" : "-Inf");
	else if (verb == 'x' || verb == 'X')
		write_hex(out, f, verb, precision);
	else if (verb == 'b')
		write_binary(out, f);
	else if (precision < 0)
		write_shortest(out, f, verb);
	else if (verb == 'e')
		sb_printf(out, "%.*e", precision, f);
	else if (verb == 'E')
		sb_printf(out, "%.*E", precision, f);
	else if (verb == 'f')
		sb_printf(out, "%.*f", precision, f);
	else if (verb == 'G')
		sb_printf(out, "%.*G", precision, f);
	else
		sb_printf(out, "%.*g", precision, f);
}

/* %#e, %#g: a decimal point always, and %g keeps its zeros. */
static void
sharpen(struct sb *num, char verb, int precision)
{
	struct sb tail cleanup_sb = SB_INIT;
	size_t end = 1;
	int digits = 0;
	bool point = false, nonzero = false, hex = verb == 'x' || verb == 'X';

	if (strchr("vgGx", verb) != NULL)
		digits = precision == -1 ? 6 : precision;
	for (; end < num->n; end++) {
		char c = num->p[end];

		if (c == 'p' || c == 'P' || (!hex && (c == 'e' || c == 'E')))
			break;
		if (c == '.') {
			point = true;
			continue;
		}
		nonzero = nonzero || c != '0';
		digits -= nonzero;
	}
	sb_add(&tail, num->p + end, num->n - end);
	num->n = end;
	if (!point) {
		if (num->n == 2 && num->p[1] == '0')
			digits--;
		sb_addc(num, '.');
	}
	if (digits > 0)
		sb_pad(num, '0', (size_t)digits);
	sb_addv(num, sb_sv(&tail));
}

/* The text always starts with a sign here, as the flags work on it. */
static void
pad_signed(struct sb *out, const struct fmt_spec *f, sv num)
{
	size_t width = (size_t)f->width;

	if (!f->plus && num.p[0] == '+') {
		fmt_pad(out, f, sv_sub(num, 1, num.n));
		return;
	}
	if (f->zero && !f->minus && f->has_width && width > num.n) {
		sb_addc(out, num.p[0]);
		sb_pad(out, '0', width - num.n);
		sb_add(out, num.p + 1, num.n - 1);
		return;
	}
	fmt_pad(out, f, num);
}

void
fmt_float_spec(struct sb *out, const struct fmt_spec *f, double d, char verb)
{
	struct sb num cleanup_sb = SB_INIT;
	struct fmt_spec plain = *f;
	int precision = verb == 'e' || verb == 'E' || verb == 'f' ? 6 : -1;

	if (f->has_precision)
		precision = f->precision;
	if (!(signbit(d) && !isnan(d)) && !(isinf(d) && d > 0))
		sb_addc(&num, '+');
	fmt_float(&num, d, verb == 'v' ? 'g' : verb, precision);
	if (f->space && num.p[0] == '+' && !f->plus)
		num.p[0] = ' ';
	if (isnan(d) || isinf(d)) {
		sv s = sb_sv(&num);

		plain.zero = false;
		if (isnan(d) && !f->space && !f->plus)
			s = sv_sub(s, 1, s.n);
		fmt_pad(out, &plain, s);
		return;
	}
	if (f->sharp && verb != 'b')
		sharpen(&num, verb, precision);
	pad_signed(out, f, sb_sv(&num));
}
