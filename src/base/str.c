/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

int
sv_cmp(sv a, sv b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return (a.n > b.n) - (a.n < b.n);
}

bool
sv_ends(sv s, sv suffix)
{
	return s.n >= suffix.n &&
	    sv_eq((sv){ s.p + s.n - suffix.n, suffix.n }, suffix);
}

ptrdiff_t
sv_find(sv s, sv needle, size_t from)
{
	if (needle.n == 0)
		return from <= s.n ? (ptrdiff_t)from : -1;
	for (size_t i = from; i + needle.n <= s.n; i++) {
		const char *p = memchr(s.p + i, needle.p[0],
		    s.n - needle.n - i + 1);

		if (p == NULL)
			return -1;
		i = (size_t)(p - s.p);
		if (needle.n == 1 ||
		    (p[1] == needle.p[1] && memcmp(p, needle.p, needle.n) == 0))
			return (ptrdiff_t)i;
	}
	return -1;
}

ptrdiff_t
sv_find_char(sv s, char c, size_t from)
{
	const char *p;

	if (from >= s.n)
		return -1;
	p = memchr(s.p + from, c, s.n - from);
	return p ? p - s.p : -1;
}

static bool
is_space_byte(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

sv
sv_trim(sv s)
{
	while (s.n > 0 && is_space_byte(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space_byte(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
sv_cut(sv s, char c, sv *head, sv *tail)
{
	ptrdiff_t at = sv_find_char(s, c, 0);

	if (at < 0) {
		*head = s;
		*tail = (sv){ s.n > 0 ? s.p + s.n : s.p, 0 };
		return false;
	}
	*head = sv_sub(s, 0, (size_t)at);
	*tail = sv_sub(s, (size_t)at + 1, SIZE_MAX);
	return true;
}

bool
go_bool_parse(const char *text, bool *out)
{
	static const char *const yes[] = { "1", "t", "T", "TRUE", "true",
		"True" };
	static const char *const no[] = { "0", "f", "F", "FALSE", "false",
		"False" };

	for (size_t i = 0; text && i < sizeof(yes) / sizeof(yes[0]); i++) {
		bool is_yes = strcmp(text, yes[i]) == 0;

		if (is_yes || strcmp(text, no[i]) == 0) {
			*out = is_yes;
			return true;
		}
	}
	return false;
}

/* The base that a number's prefix names, which *s is moved over. */
static int
base_of_prefix(const char **s)
{
	const char *p = *s;
	int base;

	if (p[0] != '0' || p[1] == '\0')
		return 10;
	base = p[1] == 'x' || p[1] == 'X' ? 16
	    : p[1] == 'o' || p[1] == 'O' ? 8
	    : p[1] == 'b' || p[1] == 'B' ? 2 : 0;
	*s = p + (base ? 2 : 1);
	return base ? base : 8;
}

static int
str_digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'z')
		return (c | 32) - 'a' + 10;
	return 64;
}

bool
go_int_parse(const char *text, int base, int64_t *out, bool *range)
{
	bool negative = *text == '-', between = false, some = false;
	uint64_t n = 0, limit = (uint64_t)INT64_MAX + negative;
	const char *s = *text == '-' || *text == '+' ? text + 1 : text, *start;
	bool free_form = base == 0;

	*range = false;
	start = s;
	if (free_form)
		base = base_of_prefix(&s);
	/* a prefix counts as a digit in front of an underscore */
	between = s != start;
	some = base == 8 && s == start + 1;
	for (; *s != '\0'; s++) {
		int digit = str_digit_value(*s);

		if (*s == '_' && free_form && between) {
			between = false;
			continue;
		}
		if (digit >= base)
			return false;
		between = some = true;
		/* told at once, whatever comes behind */
		*range = n > (UINT64_MAX - (uint64_t)digit) / (uint64_t)base;
		if (*range)
			return false;
		n = n * (uint64_t)base + (uint64_t)digit;
	}
	if (!some || !between)
		return false;
	*range = n > limit;
	if (*range)
		return false;
	*out = negative ? (int64_t)(0 - n) : (int64_t)n;
	return true;
}

char *
sv_cstr(struct arena *a, sv s)
{
	return arena_strndup(a, s.p, s.n);
}

sv
sv_dup(struct arena *a, sv s)
{
	return (sv){ sv_cstr(a, s), s.n };
}

void
sb_free(struct sb *b)
{
	free(b->p);
	*b = (struct sb)SB_INIT;
}

void
sb_cleanup(struct sb *b)
{
	sb_free(b);
}

void
sb_reserve(struct sb *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 64;

	/* one byte is kept for the NUL of sb_cstr() */
	while (cap - b->n <= more)
		cap *= 2;
	if (cap == b->cap)
		return;
	b->p = xrealloc(b->p, cap);
	b->cap = cap;
}

void
sb_pad(struct sb *b, char c, size_t n)
{
	sb_reserve(b, n);
	memset(b->p + b->n, c, n);
	b->n += n;
}

void
sb_uint(struct sb *b, uint64_t n)
{
	char digits[24], *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	sb_add(b, p, (size_t)(digits + sizeof(digits) - p));
}

void
sb_int(struct sb *b, int64_t n)
{
	if (n < 0)
		sb_addc(b, '-');
	sb_uint(b, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

/* Its eight hexadecimal digits, a byte for each, all at once. */
static uint64_t
hex_digits(uint32_t n)
{
	uint64_t x = n, is_letter;

	x = (x | x << 16) & 0x0000ffff0000ffff;
	x = (x | x << 8) & 0x00ff00ff00ff00ff;
	x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
	is_letter = (x + 0x0606060606060606) >> 4 & 0x0101010101010101;
	return x + 0x3030303030303030 + is_letter * ('a' - '0' - 10);
}

/* Its bytes, the highest first. */
static void
put_bytes(char out[8], uint64_t n)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	n = __builtin_bswap64(n);
	memcpy(out, &n, sizeof(n));
#else
	for (unsigned i = 0; i < 8; i++)
		out[i] = (char)(n >> (56 - 8 * i));
#endif
}

void
hex16(char out[17], uint64_t n)
{
	put_bytes(out, hex_digits((uint32_t)(n >> 32)));
	put_bytes(out + 8, hex_digits((uint32_t)n));
	out[16] = '\0';
}

void
sb_hex16(struct sb *b, uint64_t n)
{
	char text[17];

	hex16(text, n);
	sb_add(b, text, 16);
}

void
sb_vprintf(struct sb *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	/* most texts fit at once */
	sb_reserve(b, 32);
	va_copy(again, ap);
	n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("bad format %s", fmt);
	if ((size_t)n >= b->cap - b->n) {
		sb_reserve(b, (size_t)n + 1);
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	}
	b->n += (size_t)n;
}

void
sb_printf(struct sb *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sb_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *
sb_cstr(struct sb *b)
{
	sb_reserve(b, 1);
	b->p[b->n] = '\0';
	return b->p;
}

sv
sb_take(struct sb *b, struct arena *a)
{
	sv s = sv_dup(a, sb_sv(b));

	b->n = 0;
	return s;
}

void
sb_clear(struct sb *b)
{
	b->n = 0;
}

static void
str_quote_rune(struct sb *b, sv s, uint32_t r, size_t width, char quote)
{
	static const char plain[] = "abtnvfr"; /* \a is 7, \r is 13 */

	if (r == RUNE_ERROR && width == 1)
		sb_printf(b, "\\x%02x", (unsigned char)s.p[0]);
	else if (r == (uint32_t)quote || r == '\\')
		sb_add(b, (char[]){ '\\', (char)r }, 2);
	else if (rune_is_print(r))
		sb_add(b, s.p, width);
	else if (r >= 7 && r <= 13)
		sb_printf(b, "\\%c", plain[r - 7]);
	else if (r < ' ' || r == 0x7f)
		sb_printf(b, "\\x%02x", (unsigned)r);
	else if (r < 0x10000)
		sb_printf(b, "\\u%04x", (unsigned)r);
	else
		sb_printf(b, "\\U%08x", (unsigned)r);
}

void
sb_quote_go(struct sb *b, sv s)
{
	sb_addc(b, '"');
	while (s.n > 0) {
		size_t width;
		uint32_t r = utf8_decode(s, &width);

		str_quote_rune(b, s, r, width, '"');
		s = sv_sub(s, width, SIZE_MAX);
	}
	sb_addc(b, '"');
}

void
sb_quote_rune(struct sb *b, uint32_t rune)
{
	char text[4];
	size_t n = rune_encode(rune, text);

	sb_addc(b, '\'');
	str_quote_rune(b, (sv){ text, n }, rune, n, '\'');
	sb_addc(b, '\'');
}

char *
quote_go(struct arena *a, sv s)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_quote_go(&b, s);
	return (char *)sb_take(&b, a).p;
}

bool
is_blank(const char *text)
{
	return text == NULL || sv_trim(sv_of(text)).n == 0;
}

int64_t
size_parse(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);
	int shift = 0;

	if (end == text || n < 0)
		return -1;
	switch (*end) {
	case 'K':
	case 'k':
		shift = 10;
		break;
	case 'M':
	case 'm':
		shift = 20;
		break;
	case 'G':
	case 'g':
		shift = 30;
		break;
	case '\0':
		return n;
	default:
		return -1;
	}
	end++;
	if (*end == 'i')
		end++;
	if (*end == 'B')
		end++;
	if (*end != '\0' || n > INT64_MAX >> shift)
		return -1;
	return n << shift;
}
