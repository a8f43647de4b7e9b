/* SPDX-License-Identifier: MIT */
/* Formats: directives, operand indexes and the texts for mistakes (L-145). */
#include "base/utf8.h"
#include "go/fmt.h"
#include "go/fmt_internal.h"

struct format {
	struct fmt_printer p;
	sv text;
	size_t at; /* next byte of the text */
	const value *args;
	size_t n, arg; /* next operand */
	bool reordered, good_index, after_index;
};

static bool
too_large(int64_t n)
{
	return n > 1000000 || n < -1000000;
}

/* Digits up to `end`; false when there are none or too many. */
static bool
parse_number(sv s, size_t *at, size_t end, int *out)
{
	size_t i = *at;
	int n = 0;

	*out = 0;
	for (; i < end && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
		if (too_large(n)) {
			*at = end;
			return false;
		}
		n = n * 10 + (s.p[i] - '0');
	}
	if (i == *at)
		return false;
	*at = i;
	*out = n;
	return true;
}

/* "[3]": the next operand is the third. */
static void
parse_index(struct format *f)
{
	ptrdiff_t close;
	size_t at = f->at + 1;
	int n;

	f->after_index = false;
	if (f->at >= f->text.n || f->text.p[f->at] != '[')
		return;
	f->reordered = true;
	close = sv_find_char(f->text, ']', f->at + 1);
	if (close < 0 || f->text.n - f->at < 3) {
		f->good_index = false;
		f->at++;
		return;
	}
	if (parse_number(f->text, &at, (size_t)close, &n) &&
	    at == (size_t)close) {
		f->after_index = true;
		if (n >= 1 && (size_t)n <= f->n)
			f->arg = (size_t)n - 1;
		else
			f->good_index = false;
	} else {
		f->good_index = false;
	}
	f->at = (size_t)close + 1;
}

/* The operand of a "*"; false when it is no fitting int. */
static bool
star_operand(struct format *f, int *out)
{
	value v;

	*out = 0;
	if (f->arg >= f->n)
		return false;
	v = f->args[f->arg++];
	if (v.kind == VALUE_UINT && v.u.u <= INT64_MAX)
		v = value_int((int64_t)v.u.u);
	if ((v.kind != VALUE_INT && v.kind != VALUE_DURATION) ||
	    too_large(v.u.i))
		return false;
	*out = (int)v.u.i;
	return true;
}

static bool
at_char(const struct format *f, char c)
{
	return f->at < f->text.n && f->text.p[f->at] == c;
}

static void
parse_flags(struct format *f)
{
	struct fmt_spec *spec = &f->p.f;

	*spec = (struct fmt_spec){ 0 };
	for (; f->at < f->text.n; f->at++)
		switch (f->text.p[f->at]) {
		case '#':
			spec->sharp = true;
			break;
		case '0':
			spec->zero = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case '-':
			spec->minus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		default:
			return;
		}
}

static void
parse_width(struct format *f)
{
	struct fmt_spec *spec = &f->p.f;

	parse_index(f);
	if (!at_char(f, '*')) {
		spec->has_width = parse_number(f->text, &f->at, f->text.n,
		    &spec->width);
		if (f->after_index && spec->has_width)
			f->good_index = false;
		return;
	}
	f->at++;
	spec->has_width = star_operand(f, &spec->width);
	if (!spec->has_width)
		sb_adds(f->p.out, "%!(BADWIDTH)");
	if (spec->width < 0) {
		spec->width = -spec->width;
		spec->minus = true;
		spec->zero = false;
	}
	f->after_index = false;
}

static void
parse_precision(struct format *f)
{
	struct fmt_spec *spec = &f->p.f;

	/* a dot at the very end is the verb */
	if (!at_char(f, '.') || f->at + 1 >= f->text.n)
		return;
	f->at++;
	if (f->after_index)
		f->good_index = false;
	parse_index(f);
	if (!at_char(f, '*')) {
		parse_number(f->text, &f->at, f->text.n, &spec->precision);
		spec->has_precision = true;
		return;
	}
	f->at++;
	spec->has_precision = star_operand(f, &spec->precision);
	if (spec->precision < 0) {
		spec->precision = 0;
		spec->has_precision = false;
	}
	if (!spec->has_precision)
		sb_adds(f->p.out, "%!(BADPREC)");
	f->after_index = false;
}

static void
apply_verb(struct format *f, uint32_t verb)
{
	struct fmt_spec *spec = &f->p.f;

	if (verb == '%') {
		sb_addc(f->p.out, '%');
		return;
	}
	if (!f->good_index || f->arg >= f->n) {
		sb_adds(f->p.out, "%!");
		sb_add_rune(f->p.out, verb);
		sb_adds(f->p.out, f->good_index ? "(MISSING)" : "(BADINDEX)");
		return;
	}
	if (verb == 'v' || verb == 'w') {
		spec->sharp_v = spec->sharp;
		spec->plus_v = spec->plus;
		spec->sharp = spec->plus = false;
	}
	fmt_operand(&f->p, f->args[f->arg++], verb);
}

/* Behind a "%". */
static void
directive(struct format *f)
{
	uint32_t verb;
	size_t width;

	f->good_index = true;
	parse_flags(f);
	parse_width(f);
	parse_precision(f);
	if (!f->after_index)
		parse_index(f);
	if (f->at >= f->text.n) {
		sb_adds(f->p.out, "%!(NOVERB)");
		return;
	}
	verb = utf8_decode(sv_sub(f->text, f->at, f->text.n), &width);
	f->at += width;
	apply_verb(f, verb);
}

static void
extra_operands(struct format *f)
{
	f->p.f = (struct fmt_spec){ 0 };
	sb_adds(f->p.out, "%!(EXTRA ");
	for (size_t i = f->arg; i < f->n; i++) {
		if (i > f->arg)
			sb_adds(f->p.out, ", ");
		if (!value_is_nil(f->args[i])) {
			sb_adds(f->p.out, value_type_name(f->args[i]));
			sb_addc(f->p.out, '=');
		}
		fmt_operand(&f->p, f->args[i], 'v');
	}
	sb_addc(f->p.out, ')');
}

void
fmt_printf(struct sb *out, sv format, const value *args, size_t n)
{
	struct format f = {
		.p = { .out = out },
		.text = format,
		.args = args,
		.n = n,
	};

	while (f.at < f.text.n) {
		ptrdiff_t percent = sv_find_char(f.text, '%', f.at);
		size_t end = percent < 0 ? f.text.n : (size_t)percent;

		sb_add(out, f.text.p + f.at, end - f.at);
		f.at = end;
		if (percent >= 0) {
			f.at++;
			directive(&f);
		}
	}
	if (!f.reordered && f.arg < f.n)
		extra_operands(&f);
}
