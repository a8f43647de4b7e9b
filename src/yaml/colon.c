/* SPDX-License-Identifier: MIT */
#include "yaml/colon.h"

#include <stdint.h>

/* U+E000, the first character for private use: one column, as the colon. */
static const char hidden[] = "\xEE\x80\x80";
enum { HIDDEN = sizeof(hidden) - 1 };

/* Byte of a character; a byte order mark is none. */
static size_t
offset_of(sv s, size_t index)
{
	size_t i = sv_starts(s, SV("\xEF\xBB\xBF")) ? 3 : 0;

	for (; i < s.n && index > 0; index--)
		do
			i++;
		while (i < s.n && ((unsigned char)s.p[i] & 0xC0) == 0x80);
	return i;
}

bool
colon_can_hide(sv text)
{
	return sv_find(text, (sv){ hidden, HIDDEN }, 0) < 0;
}

bool
colon_hide(struct arena *a, sv *text, size_t index)
{
	size_t at = offset_of(*text, index);
	char *p;

	if (at >= text->n || text->p[at] != ':')
		return false;
	p = arena_alloc(a, text->n + HIDDEN);
	memcpy(p, text->p, at);
	memcpy(p + at, hidden, HIDDEN);
	memcpy(p + at + HIDDEN, text->p + at + 1, text->n - at - 1);
	*text = (sv){ p, text->n - 1 + HIDDEN };
	return true;
}

void
colon_show(char *text, size_t *n)
{
	size_t k = 0;

	for (size_t i = 0; i < *n;) {
		bool found = *n - i >= HIDDEN &&
		    memcmp(text + i, hidden, HIDDEN) == 0;

		text[k++] = found ? ':' : text[i];
		i += found ? HIDDEN : 1;
	}
	text[k] = '\0';
	*n = k;
}
