/* SPDX-License-Identifier: MIT */
/* String, character and number literals as Go's strconv reads them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "template/parse.h"

/* `n` digits of a base at *s; false when there are fewer. */
static bool
literal_take_digits(sv *s, int n, int base, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < n; i++) {
		int d = s->n > 0 ? hex_value((unsigned char)s->p[0]) : -1;

		if (d < 0 || d >= base)
			return false;
		*out = *out * (uint32_t)base + (uint32_t)d;
		*s = sv_sub(*s, 1, s->n);
	}
	return true;
}

static bool
take_code(sv *s, char kind, uint32_t *rune, bool *is_byte)
{
	*is_byte = false;
	switch (kind) {
	case 'x':
		*is_byte = true;
		return literal_take_digits(s, 2, 16, rune);
	case 'u':
	case 'U':
		return literal_take_digits(s, kind == 'u' ? 4 : 8, 16, rune) &&
		       *rune <= 0x10FFFF && (*rune < 0xD800 || *rune > 0xDFFF);
	default:
		*is_byte = true;
		s->p--;
		s->n++;
		return literal_take_digits(s, 3, 8, rune) && *rune <= 0xFF;
	}
}

/* One character of a literal; `quote` is the only quote that may be escaped.
 * With *is_byte the result is a byte of a text and not a rune. */
static bool
take_char(sv *s, char quote, uint32_t *rune, bool *is_byte)
{
	static const char names[] = "abfnrtv\\", codes[] = "\a\b\f\n\r\t\v\\";
	const char *at;
	size_t width;
	char c;

	*is_byte = false;
	if (s->n == 0 || s->p[0] == quote)
		return false;
	if (s->p[0] != '\\') {
		*rune = utf8_decode(*s, &width);
		*s = sv_sub(*s, width, s->n);
		return true;
	}
	if (s->n < 2)
		return false;
	c = s->p[1];
	*s = sv_sub(*s, 2, s->n);
	if (c == '\'' || c == '"') {
		*rune = (uint32_t)c;
		return c == quote;
	}
	at = c ? strchr(names, c) : NULL;
	if (at != NULL) {
		*rune = (uint32_t)codes[at - names];
		return true;
	}
	if (c == 'x' || c == 'u' || c == 'U' || (c >= '0' && c <= '7'))
		return take_code(s, c, rune, is_byte);
	return false;
}

static sv
without(struct arena *a, sv s, char c)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != c)
			p[n++] = s.p[i];
	return (sv){ p, n };
}

/* Nothing in it means anything but itself: most literals. */
static bool
is_plain(sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\\' || s.p[i] == '"' ||
		    (unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

bool
literal_unquote(struct arena *a, sv quoted, sv *out)
{
	struct sb b cleanup_sb = SB_INIT;
	sv s = sv_sub(quoted, 1, quoted.n - 2);

	if (quoted.p[0] == '`') {
		*out = without(a, s, '\r');
		return true;
	}
	if (is_plain(s)) {
		*out = sv_dup(a, s);
		return true;
	}
	while (s.n > 0) {
		uint32_t rune;
		bool is_byte;

		if (!take_char(&s, '"', &rune, &is_byte))
			return false;
		if (is_byte)
			sb_addc(&b, (char)rune);
		else
			sb_add_rune(&b, rune);
	}
	*out = sb_take(&b, a);
	return true;
}

static bool
char_constant(sv text, struct node_number *out, struct err *e)
{
	sv s = sv_sub(text, 1, text.n - 1);
	uint32_t rune;
	bool is_byte;

	if (!take_char(&s, '\'', &rune, &is_byte))
		return err_set(e, ERR_GENERIC, "invalid syntax");
	if (!sv_is(s, "'"))
		return err_set(e, ERR_GENERIC,
		    "malformed character constant: %.*s", SV_ARG(text));
	out->is_int = out->is_float = true;
	out->i = (int64_t)rune;
	out->f = rune;
	return true;
}

static bool
is_digit_of(char c, bool hex)
{
	return (c >= '0' && c <= '9') || (hex && hex_value(c) >= 0);
}

/* An underscore stands between digits, or between a base prefix and a digit;
 * copies the text without them. */
static bool
strip_underscores(sv text, char *buf, size_t size)
{
	size_t i = 0, n = 0;
	bool hex = false;
	char before = '^';

	if (text.n >= size)
		return false;
	if (i < text.n && (text.p[i] == '-' || text.p[i] == '+'))
		buf[n++] = text.p[i++];
	if (text.n - i >= 2 && text.p[i] == '0' &&
	    strchr("bBoOxX", text.p[i + 1])) {
		hex = (text.p[i + 1] | 0x20) == 'x';
		buf[n++] = text.p[i++];
		buf[n++] = text.p[i++];
		before = '0';
	}
	for (; i < text.n; i++) {
		char c = text.p[i];

		if (c == '_') {
			if (before != '0')
				return false;
			before = '_';
			continue;
		}
		if (!is_digit_of(c, hex) && before == '_')
			return false;
		before = is_digit_of(c, hex) ? '0' : '!';
		buf[n++] = c;
	}
	buf[n] = '\0';
	return before != '_';
}

/* Go's ParseUint with base 0 behind an optional sign. */
static bool
parse_magnitude(const char *s, uint64_t *out)
{
	unsigned base = 10;

	if (*s == '0' && s[1] != '\0') {
		char c = s[1] | 0x20;

		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		s += c == 'x' || c == 'b' || c == 'o' ? 2 : 1;
	}
	if (*s == '\0')
		return false;
	*out = 0;
	for (; *s != '\0'; s++) {
		unsigned d = (unsigned)hex_value(*s);

		if (d >= base || *out > (UINT64_MAX - d) / base)
			return false;
		*out = *out * base + d;
	}
	return true;
}

static bool
parse_float(const char *s, double *out)
{
	bool hex = strchr(s, 'x') != NULL || strchr(s, 'X') != NULL;
	char *end;

	/* strtod reads hexadecimal floats without exponent, Go does not */
	if (hex && strpbrk(s, "pP") == NULL)
		return false;
	errno = 0;
	*out = strtod(s, &end);
	return end != s && *end == '\0' && !isinf(*out);
}

/* Fills the integer members; false when the text is no integer. */
static bool
parse_integer(const char *s, struct node_number *out)
{
	bool negative = *s == '-', is_signed = negative || *s == '+';
	uint64_t u;

	if (!parse_magnitude(s + is_signed, &u))
		return false;
	if (u <= (uint64_t)INT64_MAX + negative) {
		out->is_int = true;
		out->i = negative ? (int64_t)(0 - u) : (int64_t)u;
		out->f = (double)out->i;
	} else if (!is_signed) {
		out->is_uint = true;
		out->f = (double)u;
	} else {
		return false;
	}
	out->is_float = true;
	return true;
}

bool
literal_number(sv text, bool is_char, struct node_number *out, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	char *s cleanup_free = xmalloc(text.n + 1);
	bool marked;

	out->text = text;
	if (is_char)
		return char_constant(text, out, e);
	sb_quote_go(&b, text);
	if (!strip_underscores(text, s, text.n + 1) || text.n == 0 ||
	    text.p[text.n - 1] == 'i')
		return err_set(e, ERR_GENERIC, "illegal number syntax: %s",
		    sb_cstr(&b));
	if (parse_integer(s, out))
		return true;
	if (!parse_float(s, &out->f))
		return err_set(e, ERR_GENERIC, "illegal number syntax: %s",
		    sb_cstr(&b));
	marked = strpbrk(s, ".eEpP") != NULL;
	if (!marked)
		return err_set(e, ERR_GENERIC, "integer overflow: %s",
		    sb_cstr(&b));
	out->is_float = out->ideal_float = true;
	/* 1e3 is an integer where one is wanted */
	if (fabs(out->f) < 9.2e18 && trunc(out->f) == out->f) {
		out->is_int = true;
		out->i = (int64_t)out->f;
	}
	return true;
}
