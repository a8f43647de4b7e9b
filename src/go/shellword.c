/* SPDX-License-Identifier: MIT */
#include "go/shellword.h"

#include "base/utf8.h"

static bool
is_keyword(sv s)
{
	static const char *const words[] = { "!", "[[", "]]", "case", "coproc",
		"do", "done", "else", "esac", "fi", "for", "function", "if",
		"in", "select", "then", "time", "until", "while", "{", "}" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (sv_is(s, words[i]))
			return true;
	return false;
}

/* Inside $'…' no character needs anything but an escape of its own. */
static void
sword_quote_rune(struct sb *b, sv s, uint32_t r, size_t width)
{
	static const char letters[] = "abtnvfr"; /* \a is 7, \r is 13 */

	if (r == '\'' || r == '\\')
		sb_printf(b, "\\%c", (char)r);
	else if (r != RUNE_ERROR && rune_is_print(r))
		sb_add(b, s.p, width);
	else if (r >= 7 && r <= 13)
		sb_printf(b, "\\%c", letters[r - 7]);
	else if (r < 0x80 || width == 1)
		sb_printf(b, "\\x%02x", (unsigned char)s.p[0]);
	else if (r < 0x10000)
		sb_printf(b, "\\u%04x", (unsigned)r);
	else
		sb_printf(b, "\\U%08x", (unsigned)r);
}

static void
quote_escaped(struct sb *b, sv s)
{
	sb_adds(b, "$'");
	while (s.n > 0) {
		size_t width;
		uint32_t r = utf8_decode(s, &width);

		sword_quote_rune(b, s, r, width);
		s = sv_sub(s, width, SIZE_MAX);
	}
	sb_addc(b, '\'');
}

static void
quote_double(struct sb *b, sv s)
{
	sb_addc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("\"\\`$", s.p[i]) != NULL)
			sb_addc(b, '\\');
		sb_addc(b, s.p[i]);
	}
	sb_addc(b, '"');
}

static bool
all_printable(sv s)
{
	while (s.n > 0) {
		size_t width;
		uint32_t r = utf8_decode(s, &width);

		if (r == RUNE_ERROR || !rune_is_print(r))
			return false;
		s = sv_sub(s, width, SIZE_MAX);
	}
	return true;
}

static bool
is_safe(sv s)
{
	/* what separates, quotes, expands or assigns */
	static const char special[] = ";\"'()$|&><` \t\r\n\\#{~*?[=";

	for (size_t i = 0; i < s.n; i++)
		if (strchr(special, s.p[i]) != NULL)
			return false;
	return !is_keyword(s);
}

char *
shell_quote(struct arena *a, sv s)
{
	struct sb b cleanup_sb = SB_INIT;
	ptrdiff_t nul = sv_find_char(s, '\0', 0);

	if (nul >= 0)
		s = sv_sub(s, 0, (size_t)nul);
	if (s.n == 0)
		return arena_strdup(a, "''");
	if (!all_printable(s))
		quote_escaped(&b, s);
	else if (is_safe(s))
		sb_addv(&b, s);
	else if (sv_find_char(s, '\'', 0) >= 0)
		quote_double(&b, s);
	else {
		sb_addc(&b, '\'');
		sb_addv(&b, s);
		sb_addc(&b, '\'');
	}
	return (char *)sb_take(&b, a).p;
}

bool
shell_quote_checked(struct arena *a, sv s, char **out, struct err *e)
{
	ptrdiff_t nul = sv_find_char(s, '\0', 0);

	if (nul >= 0)
		return err_set(e, ERR_GENERIC,
		    "cannot quote character at byte %td: "
		    "shell strings cannot contain null bytes",
		    nul);
	*out = shell_quote(a, s);
	return true;
}
