/* SPDX-License-Identifier: MIT */
#include "go/basenc.h"

#include <stdint.h>

static const char digits64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";
static const char digits32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* Takes `bits` of the text at a time; the last group is filled up with '='. */
static void
encode(struct sb *out, sv s, const char *digits, unsigned bits, unsigned group)
{
	uint32_t hold = 0;
	unsigned have = 0;
	size_t start = out->n;

	for (size_t i = 0; i < s.n; i++) {
		hold = hold << 8 | (unsigned char)s.p[i];
		for (have += 8; have >= bits; have -= bits)
			sb_addc(out,
			    digits[hold >> (have - bits) & ((1u << bits) - 1)]);
	}
	if (have > 0)
		sb_addc(out,
		    digits[hold << (bits - have) & ((1u << bits) - 1)]);
	while ((out->n - start) % group != 0)
		sb_addc(out, '=');
}

void
base64_encode(struct sb *out, sv s)
{
	encode(out, s, digits64, 6, 4);
}

void
base32_encode(struct sb *out, sv s)
{
	encode(out, s, digits32, 5, 8);
}

static int
digit_of(const char *digits, char c)
{
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

static size_t
skip_breaks(sv s, size_t i)
{
	while (i < s.n && (s.p[i] == '\n' || s.p[i] == '\r'))
		i++;
	return i;
}

/* Behind the first '=' at *i - 1: a second one where two digits stand in the
 * last group, then nothing but line breaks. */
static bool
check_padding64(sv s, size_t i, unsigned have, size_t *at)
{
	*at = i - 1;
	if (have < 2)
		return false;
	if (have == 2) {
		i = skip_breaks(s, i);
		*at = i == s.n ? s.n : i - 1;
		if (i == s.n || s.p[i] != '=')
			return false;
		i++;
	}
	*at = i = skip_breaks(s, i);
	return i == s.n;
}

bool
base64_decode(struct sb *out, sv s, size_t *at)
{
	uint32_t hold = 0;
	unsigned have = 0; /* digits of the group */

	for (size_t i = 0; i < s.n;) {
		char ch = s.p[i++];
		int digit = digit_of(digits64, ch);

		if (ch == '\n' || ch == '\r')
			continue;
		if (ch == '=')
			return check_padding64(s, i, have, at);
		if (digit < 0) {
			*at = i - 1;
			return false;
		}
		hold = hold << 6 | (uint32_t)digit;
		if (++have > 1)
			sb_addc(out, (char)(hold >> (8 - 2 * have)));
		have %= 4;
	}
	*at = s.n - have;
	return have == 0;
}

/* The group ends at its digit `have`; `left` is what follows the '='. */
static bool
check_padding32(sv s, size_t i, unsigned have, size_t *at)
{
	size_t left = s.n - i;

	*at = s.n;
	if (left + have < 7)
		return false;
	for (size_t k = 0; k < 7 - have && k < left; k++)
		if (s.p[i + k] != '=') {
			*at = i + k - 1;
			return false;
		}
	*at = i - 1;
	return have != 3 && have != 6;
}

static bool
decode32(struct sb *out, sv s, size_t *at)
{
	uint32_t hold = 0;
	unsigned have = 0, bits = 0;

	for (size_t i = 0; i < s.n;) {
		char ch = s.p[i++];
		int digit = digit_of(digits32, ch);

		if (ch == '=' && have >= 2 && s.n - i < 8)
			return check_padding32(s, i, have, at);
		if (digit < 0) {
			*at = i - 1;
			return false;
		}
		hold = hold << 5 | (uint32_t)digit;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			sb_addc(out, (char)(hold >> bits));
		}
		have = (have + 1) % 8;
	}
	*at = s.n - have;
	return have == 0;
}

bool
base32_decode(struct sb *out, sv s, size_t *at)
{
	struct sb flat cleanup_sb = SB_INIT;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\n' && s.p[i] != '\r')
			sb_addc(&flat, s.p[i]);
	return decode32(out, sb_sv(&flat), at);
}
