/* SPDX-License-Identifier: MIT */
/* Characters, escapes and classes of a pattern; see regex_internal.h. */
#include "go/regex_internal.h"

#include "base/utf8.h"

#define MAX_RUNE 0x10ffffu

struct range {
	uint32_t from, to;
};

static const struct {
	const char *name;
	struct range ranges[5];
	int n;
} named_classes[] = {
	{ "alnum", { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' } }, 3 },
	{ "alpha", { { 'A', 'Z' }, { 'a', 'z' } }, 2 },
	{ "ascii", { { 0, 0x7f } }, 1 },
	{ "blank", { { '\t', '\t' }, { ' ', ' ' } }, 2 },
	{ "cntrl", { { 0, 0x1f }, { 0x7f, 0x7f } }, 2 },
	{ "digit", { { '0', '9' } }, 1 },
	{ "graph", { { '!', '~' } }, 1 },
	{ "lower", { { 'a', 'z' } }, 1 },
	{ "print", { { ' ', '~' } }, 1 },
	{ "punct", { { '!', '/' }, { ':', '@' }, { '[', '`' }, { '{', '~' } },
	    4 },
	{ "space", { { '\t', '\r' }, { ' ', ' ' } }, 2 },
	{ "upper", { { 'A', 'Z' } }, 1 },
	{ "word", { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } },
	    4 },
	{ "xdigit", { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' } }, 3 },
	/* \d \s \w */
	{ "d", { { '0', '9' } }, 1 },
	{ "s", { { '\t', '\n' }, { '\f', '\r' }, { ' ', ' ' } }, 3 },
	{ "w", { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } }, 4 },
};

/* Surrogates are left out: PCRE2 refuses them in a pattern. */
static void
write_range(struct sb *out, uint32_t from, uint32_t to)
{
	if (from < 0xd800 && to > 0xdfff) {
		write_range(out, from, 0xd7ff);
		from = 0xe000;
	} else if (from >= 0xd800 && to <= 0xdfff) {
		return;
	} else if (from >= 0xd800 && from <= 0xdfff) {
		from = 0xe000;
	} else if (to >= 0xd800 && to <= 0xdfff) {
		to = 0xd7ff;
	}
	rx_write_rune(out, from);
	if (to > from) {
		sb_addc(out, '-');
		rx_write_rune(out, to);
	}
}

/* The ranges of a named class, or all between them. */
static bool
write_named(struct sb *out, sv name, bool negated)
{
	for (size_t i = 0;
	    i < sizeof(named_classes) / sizeof(named_classes[0]); i++) {
		uint32_t from = 0;

		if (!sv_is(name, named_classes[i].name))
			continue;
		for (int k = 0; k < named_classes[i].n; k++) {
			struct range r = named_classes[i].ranges[k];

			if (!negated)
				write_range(out, r.from, r.to);
			else if (r.from > from)
				write_range(out, from, r.from - 1);
			from = r.to + 1;
		}
		if (negated)
			write_range(out, from, MAX_RUNE);
		return true;
	}
	return false;
}

/* \d, \S and so on; false (and nothing done) when there is none. */
bool
rx_perl_class(struct parser *p)
{
	sv s = rx_rest(p);
	char lower = s.n > 1 ? (char)(s.p[1] | 0x20) : '\0';

	if (s.n < 2 || s.p[0] != '\\' || s.p[1] == '\0' ||
	    strchr("dDsSwW", s.p[1]) == NULL)
		return false;
	write_named(p->out, (sv){ &lower, 1 }, s.p[1] != lower);
	p->at += 2;
	return true;
}

/* Scripts by their own name only: PCRE2 would take their extensions too.
 * Categories of case fold into each other. */
static const char *
property_escape(struct parser *p, sv name, bool negated)
{
	bool script = name.n > 2 && !sv_is(name, "Any");

	if ((p->flags & FOLD) && (sv_is(name, "Lu") || sv_is(name, "Ll") ||
				     sv_is(name, "Lt")))
		name = SV("L&");

	return arena_printf(p->a, "\\%c{%s%.*s}", negated ? 'P' : 'p',
	    script ? "sc:" : "", SV_ARG(name));
}

static bool
is_property_name(sv name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!(name.p[i] == '_' || name.p[i] == '-' ||
			(name.p[i] >= '0' && name.p[i] <= '9') ||
			((name.p[i] | 0x20) >= 'a' &&
			    (name.p[i] | 0x20) <= 'z')))
			return false;
	return name.n > 0 && name.p[0] >= 'A' && name.p[0] <= 'Z';
}

/* \pL, \P{Greek}, \p{^Greek}; the parser stands at the backslash. */
bool
rx_unicode_class(struct parser *p)
{
	size_t from = p->at;
	bool negated = p->pattern.p[from + 1] == 'P';
	const char *escape;
	ptrdiff_t close;
	uint32_t c;
	sv name;

	p->at += 2;
	if (!rx_next_rune(p, &c))
		return false;
	name = rx_since(p, from + 2);
	if (c == '{') {
		close = sv_find_char(p->pattern, '}', from);
		if (close < 0)
			return rx_fail(p, "invalid character class range",
			    sv_sub(p->pattern, from, SIZE_MAX));
		name = sv_sub(p->pattern, from + 3,
		    (size_t)close - from - 3);
		p->at = (size_t)close + 1;
	}
	if (name.n > 0 && name.p[0] == '^') {
		negated = !negated;
		name = sv_sub(name, 1, SIZE_MAX);
	}
	if (sv_is(name, "ASCII")) {
		write_named(p->out, SV("ascii"), negated);
		return true;
	}
	escape = property_escape(p, name, negated);
	if (!is_property_name(name) || !regex_knows(escape))
		return rx_fail(p, "invalid character class range",
		    rx_since(p, from));
	sb_adds(p->out, escape);
	return true;
}

static bool
is_unicode_class(const struct parser *p)
{
	sv s = rx_rest(p);

	return s.n > 1 && s.p[0] == '\\' && (s.p[1] | 0x20) == 'p';
}

/* Behind \x: two digits, or any number of them in braces.  *good tells whether
 * it was right; false is bad UTF-8. */
static bool
hex_escape(struct parser *p, uint32_t *out, bool *good)
{
	uint32_t c, second;
	int digits = 0;

	*good = false;
	*out = 0;
	if (rx_peek(p) < 0)
		return true;
	if (!rx_next_rune(p, &c))
		return false;
	if (c != '{') {
		if (rx_peek(p) < 0)
			return true;
		if (!rx_next_rune(p, &second))
			return false;
		*good = hex_value(c) >= 0 && hex_value(second) >= 0;
		*out = (uint32_t)(hex_value(c) * 16 + hex_value(second));
		return true;
	}
	for (;; digits++) {
		if (rx_peek(p) < 0)
			return true;
		if (!rx_next_rune(p, &c))
			return false;
		if (c == '}')
			break;
		if (hex_value(c) < 0)
			return true;
		*out = *out * 16 + (uint32_t)hex_value(c);
		if (*out > MAX_RUNE)
			return true;
	}
	*good = digits > 0;
	return true;
}

static uint32_t
octal_escape(struct parser *p, uint32_t first)
{
	uint32_t r = first - '0';

	for (int i = 1; i < 3 && rx_peek(p) >= '0' && rx_peek(p) <= '7'; i++)
		r = r * 8 + (uint32_t)(p->pattern.p[p->at++] - '0');
	return r;
}

/* An escaped character; the parser stands at the backslash. */
bool
rx_escape(struct parser *p, uint32_t *out)
{
	static const char names[] = "afnrtv", bytes[] = "\a\f\n\r\t\v";
	size_t from = p->at++;
	const char *found;
	bool good;
	uint32_t c;

	if (rx_peek(p) < 0)
		return rx_fail(p, "trailing backslash at end of expression",
		    SV(""));
	if (!rx_next_rune(p, &c))
		return false;
	*out = c;
	if (c == 'x') {
		if (!hex_escape(p, out, &good))
			return false;
		if (good)
			return true;
	} else if (c == '0' ||
	    (c >= '1' && c <= '7' && rx_peek(p) >= '0' && rx_peek(p) <= '7')) {
		*out = octal_escape(p, c);
		return true;
	} else if (c < 0x80 && c != 0 &&
	    (found = strchr(names, (int)c)) != NULL) {
		*out = (unsigned char)bytes[found - names];
		return true;
	} else if (c < 0x80 && !rune_is_letter(c) && !rune_is_digit(c)) {
		return true;
	}
	return rx_fail(p, "invalid escape sequence", rx_since(p, from));
}

static bool
class_char(struct parser *p, size_t class_from, uint32_t *out)
{
	if (rx_peek(p) < 0)
		return rx_fail(p, "missing closing ]",
		    sv_sub(p->pattern, class_from, SIZE_MAX));
	if (rx_peek(p) == '\\')
		return rx_escape(p, out);
	return rx_next_rune(p, out);
}

/* [:alpha:], [:^alpha:]; *done tells whether there was one. */
static bool
posix_class(struct parser *p, bool *done)
{
	sv s = rx_rest(p), name;
	ptrdiff_t end;
	bool negated;

	*done = false;
	if (!sv_starts(s, SV("[:")) || s.n <= 2 ||
	    (end = sv_find(s, SV(":]"), 2)) < 0)
		return true;
	name = sv_sub(s, 2, (size_t)end - 2);
	negated = sv_starts(name, SV("^"));
	if (negated)
		name = sv_sub(name, 1, SIZE_MAX);
	/* the one-letter names of the table are for \d, \s and \w */
	if (name.n < 2 || !write_named(p->out, name, negated))
		return rx_fail(p, "invalid character class range",
		    sv_sub(s, 0, (size_t)end + 2));
	p->at += (size_t)end + 2;
	*done = true;
	return true;
}

static bool
class_range(struct parser *p, size_t class_from)
{
	size_t from = p->at;
	uint32_t low, high;
	sv s;

	if (!class_char(p, class_from, &low))
		return false;
	high = low;
	s = rx_rest(p);
	if (s.n >= 2 && s.p[0] == '-' && s.p[1] != ']') {
		p->at++;
		if (!class_char(p, class_from, &high))
			return false;
		if (high < low)
			return rx_fail(p, "invalid character class range",
			    rx_since(p, from));
	}
	write_range(p->out, low, high);
	return true;
}

bool
rx_char_class(struct parser *p)
{
	size_t from = p->at++, start, first;
	bool negated = rx_peek(p) == '^', done;

	rx_begin_item(p);
	sb_adds(p->out, negated ? "[^" : "[");
	start = p->out->n;
	p->at += negated;
	for (first = p->at; rx_peek(p) != ']' || p->at == first;) {
		if (!posix_class(p, &done))
			return false;
		if (done)
			continue;
		if (is_unicode_class(p)) {
			if (!rx_unicode_class(p))
				return false;
		} else if (!rx_perl_class(p) && !class_range(p, from)) {
			return false;
		}
	}
	p->at++;
	if (p->out->n > start) {
		sb_addc(p->out, ']');
	} else {
		/* nothing but surrogates */
		p->out->n = start - (negated ? 2 : 1);
		sb_adds(p->out, negated ? "(?s:.)" : "(?!)");
	}
	rx_did_item(p, 1);
	return true;
}
