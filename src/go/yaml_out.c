/* SPDX-License-Identifier: MIT */
#include "go/yaml_out.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "go/basenc.h"
#include "go/date.h"
#include "go/fmt.h"
#include "yaml/resolve.h"

/* Maps can be made to hold themselves; deeper ones than this are null. */
#define INDENT_LIMIT 4000

/* Where a node stands; its own lines follow from that. */
enum place { AT_ROOT, IN_LIST, IN_MAP, IN_COMPLEX /* behind "? key" */ };

struct writer {
	struct arena *a;
	struct sb *out;
	size_t start; /* of the document */
};

enum style { STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_LITERAL };

/* What a text allows, see yaml_choose_style(). */
struct analysis {
	bool breaks, plain, single, literal;
};

static void write_node(struct writer *w, value v, enum place place,
    size_t indent);

static bool
is_break(uint32_t r)
{
	return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 ||
	    r == 0x2029;
}

/* Characters that YAML allows unescaped. */
static bool
is_plain_rune(uint32_t r)
{
	return r == '\n' || (r >= ' ' && r <= '~') ||
	    (r >= 0xa0 && r != 0xfeff && r != 0xfffe && r != 0xffff &&
		r <= 0xffff);
}

static bool
blank_at(sv s, size_t i)
{
	return i >= s.n || s.p[i] == ' ' || s.p[i] == '\t';
}

/* A character that begins or ends something, so that no plain scalar may have
 * it at this place. */
static bool
is_indicator(sv s, size_t i, bool after_blank)
{
	char c = s.p[i];

	if (c == ':')
		return blank_at(s, i + 1);
	if (i > 0)
		return c == '#' && after_blank;
	if (c == '?' || c == '-')
		return blank_at(s, i + 1);
	return c != '\0' && strchr("#,[]{}&*!|>'\"%@`", c) != NULL;
}

static struct analysis
analyse(sv s)
{
	struct analysis a = { false, true, true, true };
	bool after_space = false, after_break = false, after_blank = true;
	bool tabs = false, special = false, space_break = false;
	bool break_space = false, indicators;
	size_t i, width;

	indicators = sv_starts(s, SV("---")) || sv_starts(s, SV("..."));
	for (i = 0; i < s.n; i += width) {
		uint32_t r = utf8_decode(sv_sub(s, i, SIZE_MAX), &width);
		bool edge = i == 0 || i + width == s.n;

		indicators = indicators || is_indicator(s, i, after_blank);
		if (r == '\t')
			tabs = true;
		else if (!is_plain_rune(r))
			special = true;
		a.breaks = a.breaks || is_break(r);
		if (edge && (r == ' ' || is_break(r)))
			a.plain = false;
		if (r == ' ' && i + width == s.n)
			a.literal = false;
		break_space = break_space || (r == ' ' && after_break);
		space_break = space_break || (is_break(r) && after_space);
		after_space = r == ' ';
		after_break = is_break(r);
		after_blank = after_space || after_break || r == '\t';
	}
	if (break_space || space_break || tabs || special)
		a.plain = a.single = false;
	if (space_break || special || s.n == 0)
		a.literal = false;
	if (a.breaks || indicators)
		a.plain = false;
	return a;
}

/* "12:30" was a number to base 60 once. */
static bool
is_base60(sv s)
{
	size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+'), groups = 0;

	if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
		return false;
	while (i < s.n && (s.p[i] == '_' || (s.p[i] >= '0' && s.p[i] <= '9')))
		i++;
	for (; i < s.n && s.p[i] == ':'; groups++) {
		size_t from = ++i;

		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
		if (i == from || i - from > 2 ||
		    (i - from == 2 && s.p[from] > '5'))
			return false;
	}
	if (groups > 0 && i < s.n && s.p[i] == '.')
		for (i++; i < s.n &&
		    (s.p[i] == '_' || (s.p[i] >= '0' && s.p[i] <= '9'));)
			i++;
	return groups > 0 && i == s.n;
}

static bool
is_old_bool(sv s)
{
	static const char *const words[] = { "y", "Y", "yes", "Yes", "YES",
		"on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off",
		"OFF" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (sv_is(s, words[i]))
			return true;
	return false;
}

/* A key on the line of its colon must not take up lines of its own. */
static enum style
yaml_choose_style(sv s, bool simple_key)
{
	struct analysis a = analyse(s);
	enum style style = STYLE_PLAIN;

	if (sv_find_char(s, '\n', 0) >= 0)
		style = STYLE_LITERAL;
	else if ((yaml_resolve(s) != YTAG_STR && !sv_is(s, "<<")) ||
	    is_base60(s) || is_old_bool(s))
		style = STYLE_DOUBLE;
	if (simple_key && a.breaks)
		style = STYLE_DOUBLE;
	if (style == STYLE_PLAIN && !a.plain)
		style = a.single ? STYLE_SINGLE : STYLE_DOUBLE;
	if (style == STYLE_LITERAL && !a.literal)
		style = STYLE_DOUBLE;
	return style;
}

static void
write_escape(struct sb *out, uint32_t r)
{
	static const struct {
		uint32_t rune;
		char letter;
	} names[] = { { 0, '0' }, { 7, 'a' }, { 8, 'b' }, { 9, 't' },
		{ 10, 'n' }, { 11, 'v' }, { 12, 'f' }, { 13, 'r' },
		{ 0x1b, 'e' }, { '"', '"' }, { '\\', '\\' }, { 0x85, 'N' },
		{ 0xa0, '_' }, { 0x2028, 'L' }, { 0x2029, 'P' } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].rune == r) {
			sb_printf(out, "\\%c", names[i].letter);
			return;
		}
	if (r <= 0xff)
		sb_printf(out, "\\x%02X", (unsigned)r);
	else if (r <= 0xffff)
		sb_printf(out, "\\u%04X", (unsigned)r);
	else
		sb_printf(out, "\\U%08X", (unsigned)r);
}

/* A text that begins with a byte order mark is escaped as a whole, as the
 * reference does. */
static void
write_double(struct sb *out, sv s)
{
	bool all = sv_starts(s, SV("\xef\xbb\xbf"));

	sb_addc(out, '"');
	while (s.n > 0) {
		size_t width;
		uint32_t r = utf8_decode(s, &width);

		if (all || !is_plain_rune(r) || is_break(r) || r == '"' ||
		    r == '\\')
			write_escape(out, r);
		else
			sb_add(out, s.p, width);
		s = sv_sub(s, width, SIZE_MAX);
	}
	sb_addc(out, '"');
}

/* Behind a line break (of Unicode's own; others are never in here) the text is
 * indented. */
static void
write_single(struct sb *out, sv s, size_t indent)
{
	bool after_break = false;

	sb_addc(out, '\'');
	while (s.n > 0) {
		size_t width;
		uint32_t r = utf8_decode(s, &width);

		if (after_break && !is_break(r))
			sb_pad(out, ' ', indent);
		after_break = is_break(r);
		if (r == '\'')
			sb_addc(out, '\'');
		sb_add(out, s.p, width);
		s = sv_sub(s, width, SIZE_MAX);
	}
	sb_addc(out, '\'');
}

/* Takes the last rune off a text that is not empty; whether it was a line
 * break. */
static bool
drop_break(sv *s)
{
	size_t end = s->n, width;

	while (s->n > 0 && ((unsigned char)s->p[--s->n] & 0xc0) == 0x80)
		;
	return is_break(utf8_decode((sv){ s->p + s->n, end - s->n }, &width));
}

/* What a block scalar keeps of the line breaks at its end: "-" for none there,
 * "+" for more than one. */
static const char *
chomping(sv s)
{
	if (!drop_break(&s))
		return "-";
	return s.n == 0 || drop_break(&s) ? "+" : "";
}

/* "|", a hint when the text begins with a blank; then its lines. */
static void
write_literal(struct sb *out, sv s, size_t indent)
{
	bool after_break = true;
	size_t width;
	uint32_t first = utf8_decode(s, &width);

	sb_printf(out, "|%s%s\n", first == ' ' || is_break(first) ? "4" : "",
	    chomping(s));
	while (s.n > 0) {
		uint32_t r = utf8_decode(s, &width);

		if (after_break && !is_break(r))
			sb_pad(out, ' ', indent);
		after_break = is_break(r);
		sb_add(out, s.p, width);
		s = sv_sub(s, width, SIZE_MAX);
	}
}

/* The next level of blocks in a list lies behind "- ", else at a multiple of
 * four. */
static size_t
deeper(enum place place, size_t indent)
{
	return place == IN_LIST ? indent + 2 : (indent + 4) / 4 * 4;
}

static void
write_text(struct writer *w, sv s, enum place place, size_t indent,
    bool simple_key)
{
	struct sb binary cleanup_sb = SB_INIT;

	if (!utf8_valid(s)) {
		sb_adds(w->out, "!!binary ");
		base64_encode(&binary, s);
		sb_addv(w->out, sb_sv(&binary));
		return;
	}
	switch (yaml_choose_style(s, simple_key)) {
	case STYLE_PLAIN:
		sb_addv(w->out, s);
		break;
	case STYLE_SINGLE:
		write_single(w->out, s, deeper(place, indent));
		break;
	case STYLE_DOUBLE:
		write_double(w->out, s);
		break;
	case STYLE_LITERAL:
		write_literal(w->out, s, deeper(place, indent));
		break;
	}
}

/* Begins a line at `indent`, ending the one at hand if need be. */
static void
yaml_new_line(struct writer *w, size_t indent)
{
	if (w->out->n > w->start && w->out->p[w->out->n - 1] != '\n')
		sb_addc(w->out, '\n');
	sb_pad(w->out, ' ', indent);
}

/*
 * Order of keys: runs of digits compare as numbers, letters come behind other
 * characters (before them within a number).
 */

static uint32_t
yaml_rune_at(sv s, size_t i, size_t *width)
{
	*width = 0;
	return i < s.n ? utf8_decode(sv_sub(s, i, SIZE_MAX), width) : 0;
}

/* Number of the digits at `i`; *len is how many there are. */
static uint64_t
number_at(sv s, size_t i, uint64_t start, size_t *len)
{
	size_t from = i;
	uint64_t n = start;

	for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(s.p[i] - '0');
	*len = i - from;
	return n;
}

/* Whether the digits in front of `i`, which both have, hold another than 0. */
static bool
number_goes_on(sv s, size_t i)
{
	for (; i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9'; i--)
		if (s.p[i - 1] != '0')
			return true;
	return false;
}

static int
compare_numbers(sv a, sv b, size_t i, uint32_t ra, uint32_t rb)
{
	bool zero = ra == '0' || rb == '0';
	uint64_t start = zero && number_goes_on(a, i);
	size_t alen, blen;
	uint64_t an = number_at(a, i, start, &alen);
	uint64_t bn = number_at(b, i, start, &blen);

	if (an != bn)
		return (int64_t)an < (int64_t)bn ? -1 : 1;
	if (alen != blen)
		return alen < blen ? -1 : 1;
	return ra < rb ? -1 : 1;
}

static int
compare_keys(sv a, sv b)
{
	bool digits = false;

	for (size_t i = 0; i < a.n && i < b.n;) {
		size_t aw, bw;
		uint32_t ra = yaml_rune_at(a, i, &aw),
			 rb = yaml_rune_at(b, i, &bw);
		bool al = rune_is_letter(ra), bl = rune_is_letter(rb);

		if (ra == rb) {
			digits = rune_is_digit(ra);
			i += aw;
			continue;
		}
		if (al && bl)
			return ra < rb ? -1 : 1;
		if (al || bl)
			return (digits ? al : bl) ? -1 : 1;
		return compare_numbers(a, b, i, ra, rb);
	}
	return (a.n > b.n) - (a.n < b.n);
}

static int
compare_entries(const void *a, const void *b)
{
	return compare_keys((*(const struct map_entry *const *)a)->key,
	    (*(const struct map_entry *const *)b)->key);
}

/* Whether a key has to stand behind "?", being long or of several lines. */
static bool
is_complex_key(sv key)
{
	struct sb binary cleanup_sb = SB_INIT;

	if (utf8_valid(key))
		return key.n > 128 || analyse(key).breaks;
	base64_encode(&binary, key);
	return binary.n + strlen("!!binary") > 128;
}

/* Keys that are no strings are written as they print. */
static void
write_key(struct writer *w, value map, sv key, size_t indent, bool complex)
{
	bool other = map.type == GO_MAP_ANY && yaml_resolve(key) != YTAG_STR;

	if (map.type == GO_MAP_ANY && sv_is(key, "<nil>")) {
		sb_adds(w->out, "null:");
	} else if (other) {
		sb_addv(w->out, key);
		sb_addc(w->out, ':');
	} else if (!complex) {
		write_text(w, key, IN_MAP, indent, true);
		sb_addc(w->out, ':');
	} else {
		sb_adds(w->out, "? ");
		write_text(w, key, IN_MAP, indent, false);
		yaml_new_line(w, indent);
		sb_addc(w->out, ':');
	}
}

static bool
is_block(value v)
{
	return (v.kind == VALUE_LIST && v.u.list->n > 0) ||
	    (v.kind == VALUE_MAP && value_map_count(v) > 0);
}

static void
yaml_write_map(struct writer *w, value v, enum place place, size_t indent)
{
	const struct map_entry **entries = value_map_sorted(w->a, v);
	size_t n = value_map_count(v);

	if (n > 1)
		qsort(entries, n, sizeof(*entries), compare_entries);
	for (size_t i = 0; i < n; i++) {
		value item = *(value *)entries[i]->value;

		bool complex = is_complex_key(entries[i]->key);

		if (i > 0 || place == IN_MAP)
			yaml_new_line(w, indent);
		write_key(w, v, entries[i]->key, indent, complex);
		if (!is_block(item))
			sb_addc(w->out, ' ');
		else if (complex)
			sb_pad(w->out, ' ', deeper(IN_MAP, indent) - indent - 1);
		write_node(w, item, complex ? IN_COMPLEX : IN_MAP, indent);
	}
}

static void
yaml_write_list(struct writer *w, value v, enum place place, size_t indent)
{
	for (size_t i = 0; i < v.u.list->n; i++) {
		if (i > 0 || place == IN_MAP)
			yaml_new_line(w, indent);
		sb_adds(w->out, "- ");
		write_node(w, v.u.list->v[i], IN_LIST, indent);
	}
}

static void
yaml_write_float(struct sb *out, double f)
{
	if (isnan(f))
		sb_adds(out, ".nan");
	else if (isinf(f))
		sb_adds(out, f > 0 ? ".inf" : "-.inf");
	else
		fmt_float(out, f, 'g', -1);
}

static void
write_node(struct writer *w, value v, enum place place, size_t indent)
{
	size_t inner = place == AT_ROOT ? 0 : deeper(place, indent);

	if (indent > INDENT_LIMIT || w->out->n > TMPL_TEXT_MAX)
		v = VALUE_NULL;
	switch ((enum value_kind)v.kind) {
	case VALUE_INVALID:
	case VALUE_NIL:
		sb_adds(w->out, "null");
		break;
	case VALUE_FLOAT:
		yaml_write_float(w->out, v.u.f);
		break;
	case VALUE_STRING:
		if (v.type == GO_LOCATION)
			sb_adds(w->out, "{}");
		else
			write_text(w, value_text(v), place, indent, false);
		break;
	case VALUE_LIST:
		if (v.u.list->n == 0)
			sb_adds(w->out, "[]");
		yaml_write_list(w, v, place, inner);
		break;
	case VALUE_MAP:
		if (value_map_count(v) == 0)
			sb_adds(w->out, "{}");
		yaml_write_map(w, v, place, inner);
		break;
	case VALUE_TIME:
		time_format(w->out, v.u.time,
		    SV("2006-01-02T15:04:05.999999999Z07:00"));
		break;
	case VALUE_INT:
		sb_printf(w->out, "%" PRId64, v.u.i);
		break;
	case VALUE_UINT:
		sb_printf(w->out, "%" PRIu64, v.u.u);
		break;
	case VALUE_BOOL:
		sb_adds(w->out, v.u.b ? "true" : "false");
		break;
	case VALUE_DURATION:
		sb_adds(w->out, duration_text(w->a, v.u.i));
		break;
	}
}

void
yaml_write(struct arena *a, struct sb *out, value v)
{
	struct writer w = { a, out, out->n };

	write_node(&w, v, AT_ROOT, 0);
	yaml_new_line(&w, 0);
}
