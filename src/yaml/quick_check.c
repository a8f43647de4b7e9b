/* SPDX-License-Identifier: MIT */
/* Which texts the quick reader may look at. */
#include "yaml/quick.h"

static bool
is_plain_byte(unsigned char c)
{
	return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t';
}

/* One character of several bytes at *p, `n` bytes being left; goes behind it.
 * Line ends of Unicode, a byte order mark and what is no character of YAML are
 * not for this reader. */
static bool
check_wide(const unsigned char **p, size_t n)
{
	const unsigned char *s = *p;
	size_t size = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
	uint32_t c = s[0] & (0x7FU >> size);

	if (s[0] < 0xC2 || s[0] > 0xF4 || n < size)
		return false;
	for (size_t i = 1; i < size; i++) {
		if ((s[i] & 0xC0) != 0x80)
			return false;
		c = c << 6 | (s[i] & 0x3FU);
	}
	*p += size;
	if (size == 2)
		return c >= 0xA0;
	if (size == 3)
		return c >= 0x800 && (c < 0xD800 || c > 0xDFFF) &&
		       c != 0x2028 && c != 0x2029 && c != 0xFEFF && c < 0xFFFE;
	return c >= 0x10000 && c <= 0x10FFFF;
}

bool
quick_check_text(sv text, bool *is_ascii)
{
	enum {
		BLOCK = 64
	};
	const unsigned char *p = (const unsigned char *)text.p;
	const unsigned char *end = p + text.n;

	*is_ascii = true;
	while (p < end) {
		/* whole blocks without a branch, for the compiler to widen */
		while (end - p >= BLOCK) {
			unsigned char odd = 0;

			for (int i = 0; i < BLOCK; i++)
				odd |= !is_plain_byte(p[i]);
			if (odd != 0)
				break;
			p += BLOCK;
		}
		/* the odd one is near, or the end is */
		for (int i = 0; i < BLOCK && p < end; i++) {
			if (is_plain_byte(*p)) {
				p++;
				continue;
			}
			*is_ascii = false;
			if (*p < 0x80 || !check_wide(&p, (size_t)(end - p)))
				return false;
		}
	}
	return true;
}
