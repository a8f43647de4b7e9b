/* SPDX-License-Identifier: MIT */
/* Integers, characters and strings under the flags of a directive. */
#include "base/utf8.h"
#include "go/fmt_internal.h"

static const char lower[] = "0123456789abcdef", upper_digits[] =
    "0123456789ABCDEF";

void
fmt_pad(struct sb *out, const struct fmt_spec *f, sv s)
{
	size_t n = f->has_width ? utf8_count(s) : 0;
	size_t padding = f->has_width && (size_t)f->width > n
	    ? (size_t)f->width - n : 0;

	if (!f->minus)
		sb_pad(out, f->zero ? '0' : ' ', padding);
	sb_addv(out, s);
	if (f->minus)
		sb_pad(out, ' ', padding);
}

static void
add_prefix(struct sb *out, const struct fmt_spec *f, int base, uint32_t verb,
    bool leading_zero)
{
	if (verb == 'O')
		sb_adds(out, "0o");
	if (f->sharp && base == 2)
		sb_adds(out, "0b");
	else if (f->sharp && base == 8 && !leading_zero)
		sb_adds(out, "0");
	else if (f->sharp && base == 16)
		sb_adds(out, verb == 'X' ? "0X" : "0x");
}

void
fmt_integer(struct sb *out, const struct fmt_spec *f, uint64_t u,
    bool negative, int base, uint32_t verb)
{
	const char *digits = verb == 'X' ? upper_digits : lower;
	struct sb b cleanup_sb = SB_INIT;
	struct fmt_spec plain = *f;
	char text[64];
	size_t i = sizeof(text), want = 0;

	plain.zero = false;
	if (f->has_precision) {
		want = (size_t)f->precision;
		if (want == 0 && u == 0) {
			sb_pad(out, ' ', f->has_width ? (size_t)f->width : 0);
			return;
		}
	} else if (f->zero && !f->minus && f->has_width) {
		want = (size_t)f->width;
		if (want > 0 && (negative || f->plus || f->space))
			want--;
	}
	do {
		text[--i] = digits[u % (unsigned)base];
		u /= (unsigned)base;
	} while (u > 0);
	if (negative)
		sb_addc(&b, '-');
	else if (f->plus)
		sb_addc(&b, '+');
	else if (f->space)
		sb_addc(&b, ' ');
	add_prefix(&b, f, base, verb,
	    want > sizeof(text) - i || text[i] == '0');
	if (want > sizeof(text) - i)
		sb_pad(&b, '0', want - (sizeof(text) - i));
	sb_add(&b, text + i, sizeof(text) - i);
	fmt_pad(out, &plain, sb_sv(&b));
}

void
fmt_char(struct sb *out, const struct fmt_spec *f, uint64_t u)
{
	char text[4];

	fmt_pad(out, f, (sv){ text, rune_encode(u > 0x10FFFF ? RUNE_ERROR
	    : (uint32_t)u, text) });
}

static void
add_escape(struct sb *b, uint32_t r, char quote, bool ascii)
{
	static const char plain[] = "abtnvfr";

	if (r == (uint32_t)quote || r == '\\')
		sb_printf(b, "\\%c", (char)r);
	else if (ascii ? r < 0x80 && rune_is_print(r) : rune_is_print(r))
		sb_add_rune(b, r);
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
fmt_quoted_char(struct sb *out, const struct fmt_spec *f, uint64_t u)
{
	struct sb b cleanup_sb = SB_INIT;
	uint32_t r = u > 0x10FFFF || (u >= 0xD800 && u <= 0xDFFF)
	    ? RUNE_ERROR : (uint32_t)u;

	sb_addc(&b, '\'');
	add_escape(&b, r, '\'', f->plus);
	sb_addc(&b, '\'');
	fmt_pad(out, f, sb_sv(&b));
}

void
fmt_unicode(struct sb *out, const struct fmt_spec *f, uint64_t u)
{
	struct sb b cleanup_sb = SB_INIT;
	struct fmt_spec plain = *f;
	int digits = f->has_precision && f->precision > 4 ? f->precision : 4;
	char text[16];
	size_t i = sizeof(text);
	uint64_t rest = u;

	do {
		text[--i] = upper_digits[rest & 15];
		rest >>= 4;
	} while (rest > 0);
	sb_adds(&b, "U+");
	if ((size_t)digits > sizeof(text) - i)
		sb_pad(&b, '0', (size_t)digits - (sizeof(text) - i));
	sb_add(&b, text + i, sizeof(text) - i);
	if (f->sharp && u <= 0x10FFFF && rune_is_print((uint32_t)u)) {
		sb_adds(&b, " '");
		sb_add_rune(&b, (uint32_t)u);
		sb_addc(&b, '\'');
	}
	plain.zero = false;
	fmt_pad(out, &plain, sb_sv(&b));
}

/* The precision counts runes. */
static sv
truncated(const struct fmt_spec *f, sv s)
{
	size_t at = 0, width;

	if (!f->has_precision)
		return s;
	for (int n = f->precision; n > 0 && at < s.n; n--) {
		utf8_decode(sv_sub(s, at, s.n), &width);
		at += width;
	}
	return sv_sub(s, 0, at);
}

void
fmt_string(struct sb *out, const struct fmt_spec *f, sv s)
{
	fmt_pad(out, f, truncated(f, s));
}

static bool
can_backquote(sv s)
{
	size_t width;

	for (; s.n > 0; s = sv_sub(s, width, s.n)) {
		uint32_t r = utf8_decode(s, &width);

		if (r == RUNE_ERROR && width == 1)
			return false;
		if (r == 0xFEFF || (r < ' ' && r != '\t') || r == '`' ||
		    r == 0x7f)
			return false;
	}
	return true;
}

static void
quote_ascii(struct sb *b, sv s)
{
	size_t width;

	sb_addc(b, '"');
	for (; s.n > 0; s = sv_sub(s, width, s.n)) {
		uint32_t r = utf8_decode(s, &width);

		if (r == RUNE_ERROR && width == 1)
			sb_printf(b, "\\x%02x", (unsigned char)s.p[0]);
		else
			add_escape(b, r, '"', true);
	}
	sb_addc(b, '"');
}

void
fmt_quoted(struct sb *out, const struct fmt_spec *f, sv s)
{
	struct sb b cleanup_sb = SB_INIT;

	s = truncated(f, s);
	if (f->sharp && can_backquote(s)) {
		sb_addc(&b, '`');
		sb_addv(&b, s);
		sb_addc(&b, '`');
	} else if (f->plus) {
		quote_ascii(&b, s);
	} else {
		sb_quote_go(&b, s);
	}
	fmt_pad(out, f, sb_sv(&b));
}

void
fmt_hex(struct sb *out, const struct fmt_spec *f, sv s, bool upper)
{
	const char *digits = upper ? upper_digits : lower;
	const char *prefix = upper ? "0X" : "0x";
	struct sb b cleanup_sb = SB_INIT;

	if (f->has_precision && (size_t)f->precision < s.n)
		s.n = (size_t)f->precision;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (f->space && i > 0)
			sb_addc(&b, ' ');
		if (f->sharp && (f->space || i == 0))
			sb_adds(&b, prefix);
		sb_addc(&b, digits[c >> 4]);
		sb_addc(&b, digits[c & 15]);
	}
	fmt_pad(out, f, sb_sv(&b));
}
