/* SPDX-License-Identifier: MIT */
#include "template/funcs_util.h"

#include <math.h>
#include <stdlib.h>

#include "go/date.h"

bool
fn_empty(value v)
{
	/* an array, a struct and a pointer are never empty */
	if (v.kind == VALUE_TIME || v.type == GO_UUID || v.type == GO_LOCATION)
		return false;
	return !value_truth(v);
}

sv
fn_string(struct arena *a, value v)
{
	return v.kind == VALUE_STRING ? value_text(v) : fmt_text(a, v);
}

bool
fn_too_long(struct err *e)
{
	return fn_fail(e, "the text is longer than %zu bytes", TMPL_TEXT_MAX);
}

/* Items may be one list, which is short in memory and long as a text, so all
 * of the texts together are bounded. */
bool
fn_strings(struct arena *a, value v, value *out, struct err *e)
{
	const value *items = v.kind == VALUE_LIST ? v.u.list->v : &v;
	size_t n = v.kind == VALUE_LIST ? v.u.list->n : 1, total = 0;

	*out = value_list_new(a, GO_LIST_STRING);
	for (size_t i = 0; i < n; i++) {
		sv text;

		if (value_is_nil(items[i]))
			continue;
		text = fn_string(a, items[i]);
		value_list_add(a, *out, value_sv(text));
		/* what is a text already costs nothing */
		total += items[i].kind == VALUE_STRING ? 0 : text.n;
		if (total > TMPL_TEXT_MAX)
			return fn_too_long(e);
	}
	return true;
}

bool
fn_parse_int(sv s, int base, int64_t *out, bool *fits)
{
	bool minus = s.n > 0 && s.p[0] == '-';
	uint64_t limit = (uint64_t)INT64_MAX + (minus ? 1 : 0), u = 0;

	*out = 0;
	*fits = true;
	if (s.n > 0 && (minus || s.p[0] == '+'))
		s = sv_sub(s, 1, SIZE_MAX);
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit >= (unsigned)base)
			return false;
		if (*fits && u > (limit - digit) / (unsigned)base)
			*fits = false;
		if (*fits)
			u = u * (unsigned)base + digit;
	}
	if (!*fits)
		u = limit;
	*out = minus ? (int64_t)(0 - u) : (int64_t)u;
	return s.n > 0;
}

static int64_t
text_int64(sv s)
{
	int64_t i;
	bool fits;

	return fn_parse_int(s, 10, &i, &fits) && fits ? i : 0;
}

/* What does not fit becomes the smallest number, as the processor's own
 * conversion gives it. */
static int64_t
truncate_float(double f)
{
	if (!(f >= -9223372036854775808.0 && f < 9223372036854775808.0))
		return INT64_MIN;
	return (int64_t)f;
}

int64_t
fn_int64(value v)
{
	switch ((enum value_kind)v.kind) {
	case VALUE_BOOL:
		return v.u.b;
	case VALUE_INT:
	case VALUE_DURATION:
		return v.u.i;
	case VALUE_UINT:
		return v.u.u > INT64_MAX ? INT64_MAX : (int64_t)v.u.u;
	case VALUE_FLOAT:
		return truncate_float(v.u.f);
	case VALUE_STRING:
		return v.type == GO_STRING ? text_int64(value_text(v)) : 0;
	case VALUE_INVALID:
	case VALUE_NIL:
	case VALUE_LIST:
	case VALUE_MAP:
	case VALUE_TIME:
		return 0;
	}
	return 0;
}

static bool
same_letters(sv s, const char *lower)
{
	size_t i;

	for (i = 0; i < s.n && lower[i] != '\0'; i++)
		if ((s.p[i] | 0x20) != lower[i])
			return false;
	return i == s.n && lower[i] == '\0';
}

static size_t
count_digits(sv s, size_t *at, bool hex)
{
	size_t n = 0;

	for (; *at < s.n; (*at)++, n++) {
		char c = s.p[*at], l = c | 0x20;

		if (!(c >= '0' && c <= '9') && !(hex && l >= 'a' && l <= 'f'))
			break;
	}
	return n;
}

/* Go's syntax of floats without sign; a hexadecimal one needs an exponent. */
static bool
is_fn_float_syntax(sv s)
{
	bool hex = s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x';
	size_t i = hex ? 2 : 0, digits = count_digits(s, &i, hex);

	if (i < s.n && s.p[i] == '.') {
		i++;
		digits += count_digits(s, &i, hex);
	}
	if (digits == 0)
		return false;
	if (i < s.n && (s.p[i] | 0x20) == (hex ? 'p' : 'e')) {
		i++;
		if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
			i++;
		return count_digits(s, &i, false) > 0 && i == s.n;
	}
	return !hex && i == s.n;
}

static bool
is_fn_digit_at(sv s, size_t i, bool hex)
{
	char l;

	if (i >= s.n)
		return false;
	l = s.p[i] | 0x20;
	return (s.p[i] >= '0' && s.p[i] <= '9') ||
	    (hex && l >= 'a' && l <= 'f');
}

/* Underscores may stand between digits and behind "0x". */
static bool
drop_underscores(sv *s, struct sb *b)
{
	bool hex = s->n > 2 && s->p[0] == '0' && (s->p[1] | 0x20) == 'x';

	if (sv_find_char(*s, '_', 0) < 0)
		return true;
	for (size_t i = 0; i < s->n; i++) {
		if (s->p[i] != '_')
			sb_addc(b, s->p[i]);
		else if (i == 0 || !is_fn_digit_at(*s, i + 1, hex) ||
			 (!is_fn_digit_at(*s, i - 1, hex) && !(hex && i == 2)))
			return false;
	}
	*s = sb_sv(b);
	return true;
}

static double
text_float64(sv s)
{
	struct sb b cleanup_sb = SB_INIT, text cleanup_sb = SB_INIT;
	bool minus = s.n > 0 && s.p[0] == '-';
	double f;

	if (s.n > 0 && (minus || s.p[0] == '+'))
		s = sv_sub(s, 1, SIZE_MAX);
	if (same_letters(s, "inf") || same_letters(s, "infinity"))
		return minus ? -INFINITY : INFINITY;
	if (same_letters(s, "nan"))
		return NAN;
	if (!drop_underscores(&s, &b) || !is_fn_float_syntax(s))
		return 0;
	sb_addv(&text, s);
	f = strtod(sb_cstr(&text), NULL);
	/* out of range is an error, and errors are 0 */
	if (isinf(f))
		return 0;
	return minus ? -f : f;
}

double
fn_float64(value v)
{
	switch ((enum value_kind)v.kind) {
	case VALUE_BOOL:
		return v.u.b;
	case VALUE_INT:
	case VALUE_DURATION:
		return (double)v.u.i;
	case VALUE_UINT:
		return (double)v.u.u;
	case VALUE_FLOAT:
		return v.u.f;
	case VALUE_STRING:
		return v.type == GO_STRING ? text_float64(value_text(v)) : 0;
	case VALUE_INVALID:
	case VALUE_NIL:
	case VALUE_LIST:
	case VALUE_MAP:
	case VALUE_TIME:
		return 0;
	}
	return 0;
}

const struct tz *
fn_local_zone(struct func_ctx *c)
{
	return tz_local(c->a, c->env->getenv(c->env->ctx, "TZ"));
}

struct value_time
fn_time_add(struct func_ctx *c, const struct value_time *t, int64_t ns)
{
	return time_add(t->local ? fn_local_zone(c) : NULL, t, ns);
}
