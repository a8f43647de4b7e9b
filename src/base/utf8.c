/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

/* Runes lo, lo + stride, …, hi. */
struct span {
	uint32_t lo, hi, stride;
};

/* A span whose runes all move by `delta` in a case map. */
struct shift {
	struct span span;
	int32_t delta;
};

#include "base/utf8_tables.h"

enum { RUNE_MAX = 0x10FFFF };

static bool
is_surrogate(uint32_t r)
{
	return r >= 0xD800 && r <= 0xDFFF;
}

/* Bytes of the sequence that `c` starts, and the smallest rune that may be
 * written so long; 0 when no sequence starts with it. */
static size_t
sequence_length(unsigned char c, uint32_t *least)
{
	if (c >= 0xC2 && c <= 0xDF) {
		*least = 0x80;
		return 2;
	}
	if (c >= 0xE0 && c <= 0xEF) {
		*least = 0x800;
		return 3;
	}
	if (c >= 0xF0 && c <= 0xF4) {
		*least = 0x10000;
		return 4;
	}
	return 0;
}

uint32_t
utf8_decode(sv s, size_t *width)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint32_t least, r;
	size_t n;

	*width = s.n > 0;
	if (s.n == 0)
		return RUNE_ERROR;
	if (p[0] < 0x80)
		return p[0];
	n = sequence_length(p[0], &least);
	if (n == 0 || s.n < n)
		return RUNE_ERROR;
	r = p[0] & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return RUNE_ERROR;
		r = r << 6 | (p[i] & 0x3F);
	}
	if (r < least || r > RUNE_MAX || is_surrogate(r))
		return RUNE_ERROR;
	*width = n;
	return r;
}

size_t
rune_encode(uint32_t r, char out[4])
{
	if (r > RUNE_MAX || is_surrogate(r))
		r = RUNE_ERROR;
	if (r < 0x80) {
		out[0] = (char)r;
		return 1;
	}
	if (r < 0x800) {
		out[0] = (char)(0xC0 | r >> 6);
		out[1] = (char)(0x80 | (r & 0x3F));
		return 2;
	}
	if (r < 0x10000) {
		out[0] = (char)(0xE0 | r >> 12);
		out[1] = (char)(0x80 | (r >> 6 & 0x3F));
		out[2] = (char)(0x80 | (r & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | r >> 18);
	out[1] = (char)(0x80 | (r >> 12 & 0x3F));
	out[2] = (char)(0x80 | (r >> 6 & 0x3F));
	out[3] = (char)(0x80 | (r & 0x3F));
	return 4;
}

void
sb_add_rune(struct sb *b, uint32_t rune)
{
	char bytes[4];

	sb_add(b, bytes, rune_encode(rune, bytes));
}

size_t
utf8_count(sv s)
{
	size_t count = 0, width;

	for (size_t i = 0; i < s.n; i += width, count++)
		utf8_decode((sv){ s.p + i, s.n - i }, &width);
	return count;
}

bool
utf8_valid(sv s)
{
	size_t width;

	for (size_t i = 0; i < s.n; i += width) {
		uint32_t r = utf8_decode((sv){ s.p + i, s.n - i }, &width);

		if (r == RUNE_ERROR && width == 1)
			return false;
	}
	return true;
}

static bool
span_holds(const struct span *s, uint32_t r)
{
	return r >= s->lo && r <= s->hi && (r - s->lo) % s->stride == 0;
}

/* The tables are sorted and their spans do not overlap. */
static bool
spans_hold(const struct span *spans, size_t n, uint32_t r)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (spans[mid].hi < r)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && span_holds(&spans[lo], r);
}

/* NULL when the map leaves `r` alone. */
static const struct shift *
shift_of(const struct shift *shifts, size_t n, uint32_t r)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (shifts[mid].span.hi < r)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && span_holds(&shifts[lo].span, r) ? &shifts[lo] : NULL;
}

#define IN_TABLE(table, r)                                                    \
	spans_hold((table), sizeof(table) / sizeof((table)[0]), (r))
#define FIND_SHIFT(table, r)                                                  \
	shift_of((table), sizeof(table) / sizeof((table)[0]), (r))

static bool
in_range(uint32_t r, char lo, char hi)
{
	return r >= (unsigned char)lo && r <= (unsigned char)hi;
}

bool
rune_is_print(uint32_t r)
{
	if (r < 0x80)
		return in_range(r, ' ', '~');
	return IN_TABLE(print_spans, r);
}

bool
rune_is_letter(uint32_t r)
{
	if (r < 0x80)
		return in_range(r | 0x20, 'a', 'z');
	return IN_TABLE(letter_spans, r);
}

bool
rune_is_digit(uint32_t r)
{
	if (r < 0x80)
		return in_range(r, '0', '9');
	return IN_TABLE(digit_spans, r);
}

bool
rune_is_space(uint32_t r)
{
	if (r < 0x100)
		return r == ' ' || in_range(r, '\t', '\r') || r == 0x85 ||
		    r == 0xA0;
	return r == 0x1680 || (r >= 0x2000 && r <= 0x200A) || r == 0x2028 ||
	    r == 0x2029 || r == 0x202F || r == 0x205F || r == 0x3000;
}

bool
rune_is_upper(uint32_t r)
{
	if (r < 0x80)
		return in_range(r, 'A', 'Z');
	return IN_TABLE(upper_spans, r);
}

bool
rune_is_lower(uint32_t r)
{
	if (r < 0x80)
		return in_range(r, 'a', 'z');
	return IN_TABLE(lower_spans, r);
}

static uint32_t
moved(uint32_t r, const struct shift *shift)
{
	return shift ? (uint32_t)((int32_t)r + shift->delta) : r;
}

uint32_t
rune_upper(uint32_t r)
{
	if (r < 0x80)
		return in_range(r, 'a', 'z') ? r - 0x20 : r;
	return moved(r, FIND_SHIFT(to_upper, r));
}

uint32_t
rune_lower(uint32_t r)
{
	if (r < 0x80)
		return in_range(r, 'A', 'Z') ? r + 0x20 : r;
	return moved(r, FIND_SHIFT(to_lower, r));
}

uint32_t
rune_title(uint32_t r)
{
	const struct shift *own = FIND_SHIFT(to_title, r);

	return own ? moved(r, own) : rune_upper(r);
}
