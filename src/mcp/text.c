/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/utf8.h"
#include "mcp/internal.h"

json_t *
json_of(sv text)
{
	struct sb whole cleanup_sb = SB_INIT;
	json_t *out = json_stringn(text.p != NULL ? text.p : "", text.n);
	size_t width;

	if (out != NULL)
		return out;
	for (; text.n > 0; text = sv_sub(text, width, SIZE_MAX))
		sb_add_rune(&whole, utf8_decode(text, &width));
	return json_stringn(whole.p, whole.n);
}

json_t *
json_of_text(const char *text)
{
	return json_of(sv_of(text));
}

/* How many bytes the rune has that begins with this one. */
static size_t
rune_width(unsigned char first)
{
	return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}

size_t
whole_runes(sv text)
{
	size_t back = 1;

	while (back < 4 && back < text.n &&
	       ((unsigned char)text.p[text.n - back] & 0xc0) == 0x80)
		back++;
	if (text.n > back - 1 &&
	    rune_width((unsigned char)text.p[text.n - back]) > back)
		return text.n - back;
	return text.n;
}
