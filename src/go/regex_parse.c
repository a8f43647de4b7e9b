/* SPDX-License-Identifier: MIT */
/*
 * RE2 syntax to PCRE2 syntax; see regex.h.  Flags m, s and U are resolved here,
 * i is passed on; assertions and classes are spelled out, because PCRE2's own
 * differ in corners (`\s`, `$`, `(?m)^`).
 */
#include "go/regex_internal.h"

#include "base/utf8.h"

#define DEPTH_LIMIT 1000
#define REPEAT_LIMIT 1000

bool
rx_fail(struct parser *p, const char *what, sv expression)
{
	return err_set(p->e, ERR_GENERIC, "error parsing regexp: %s: `%.*s`",
	    what, SV_ARG(expression));
}

sv
rx_rest(const struct parser *p)
{
	return sv_sub(p->pattern, p->at, SIZE_MAX);
}

/* Text from `from` to where the parser stands. */
sv
rx_since(const struct parser *p, size_t from)
{
	return sv_sub(p->pattern, from, p->at - from);
}

int
rx_peek(const struct parser *p)
{
	return p->at < p->pattern.n ? (unsigned char)p->pattern.p[p->at] : -1;
}

bool
rx_next_rune(struct parser *p, uint32_t *out)
{
	size_t width;

	*out = utf8_decode(rx_rest(p), &width);
	if (*out == RUNE_ERROR && width == 1)
		return rx_fail(p, "invalid UTF-8", rx_rest(p));
	p->at += width;
	return true;
}

static struct group *
top(struct parser *p)
{
	return &p->groups.v[p->groups.n - 1];
}

/* Before an item is written: what has changed about case is told here, so that
 * a repetition behind "(?i)" still follows its item. */
void
rx_begin_item(struct parser *p)
{
	bool fold = p->flags & FOLD;

	if (p->groups.n == 0)
		return;
	if (fold != p->fold)
		sb_adds(p->out, fold ? "(?i)" : "(?-i)");
	p->fold = fold;
	top(p)->last_at = p->out->n;
}

/* Notes that an item has been written. */
void
rx_did_item(struct parser *p, int weight)
{
	top(p)->has_operand = true;
	top(p)->repeated = false;
	top(p)->last_weight = weight;
	if (weight > top(p)->weight)
		top(p)->weight = weight;
}

void
rx_write_rune(struct sb *out, uint32_t r)
{
	if ((r >= '0' && r <= '9') || ((r | 0x20) >= 'a' && (r | 0x20) <= 'z'))
		sb_addc(out, (char)r);
	else
		sb_printf(out, "\\x{%x}", (unsigned)r);
}

static void
literal(struct parser *p, uint32_t r)
{
	rx_begin_item(p);
	/* halves of surrogate pairs occur in no text */
	if (r >= 0xd800 && r <= 0xdfff)
		sb_adds(p->out, "(?!)");
	else
		rx_write_rune(p->out, r);
	rx_did_item(p, 1);
}

static void
assertion(struct parser *p, const char *text)
{
	rx_begin_item(p);
	/* in a group, because assertions may be repeated */
	sb_printf(p->out, "(?:%s)", text);
	rx_did_item(p, 1);
}

/*
 * Groups and repetitions
 */

static bool
open_group(struct parser *p, const char *text, unsigned flags)
{
	struct group g = { .flags = flags, .weight = 1, .last_weight = 1 };

	rx_begin_item(p);
	g.start = p->out->n;
	g.fold_before = p->fold;
	sb_adds(p->out, text);
	vec_push(p->a, &p->groups, g);
	if (p->groups.n > DEPTH_LIMIT)
		return rx_fail(p, "expression nests too deeply", p->pattern);
	return true;
}

static bool
open_capture(struct parser *p, sv name)
{
	vec_push(p->a, p->names, name);
	return open_group(p, "(", p->flags);
}

static bool
is_regex_parse_name(sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '_' && !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    !((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z'))
			return false;
	return s.n > 0;
}

/* (?P<name> and (?<name>; `skip` bytes stand in front of the name. */
static bool
named_capture(struct parser *p, size_t skip)
{
	sv s = rx_rest(p), name;
	ptrdiff_t end = sv_find_char(s, '>', 0);

	if (end < 0)
		return rx_fail(p, utf8_valid(s) ? "invalid named capture" :
					       "invalid UTF-8", s);
	name = sv_sub(s, skip, (size_t)end - skip);
	if (!is_regex_parse_name(name))
		return rx_fail(p, utf8_valid(name) ? "invalid named capture" :
						  "invalid UTF-8",
		    sv_sub(s, 0, (size_t)end + 1));
	p->at += (size_t)end + 1;
	return open_capture(p, name);
}

static unsigned
flag_of(uint32_t c)
{
	switch (c) {
	case 'i':
		return FOLD;
	case 'm':
		return MULTI_LINE;
	case 's':
		return DOT_NL;
	case 'U':
		return LAZY;
	}
	return 0;
}

/* (?i-s) and (?i-s: and what else begins with "(?". */
static bool
perl_group(struct parser *p)
{
	size_t from = p->at;
	unsigned flags = p->flags;
	bool minus = false, saw = false;
	sv s = rx_rest(p);
	uint32_t c;

	if (s.n > 4 && sv_starts(s, SV("(?P<")))
		return named_capture(p, 4);
	if (s.n > 3 && sv_starts(s, SV("(?<")))
		return named_capture(p, 3);
	p->at += 2;
	while (rx_peek(p) >= 0) {
		if (!rx_next_rune(p, &c))
			return false;
		if (flag_of(c) != 0) {
			flags = minus ? flags & ~flag_of(c) :
					flags | flag_of(c);
			saw = true;
		} else if (c == '-' && !minus) {
			minus = true;
			saw = false;
		} else if ((c == ':' || c == ')') && (!minus || saw)) {
			if (c == ':' && !open_group(p, "(?:", p->flags))
				return false;
			p->flags = flags;
			return true;
		} else {
			break;
		}
	}
	return rx_fail(p, "invalid or unsupported Perl syntax", rx_since(p, from));
}

static bool
close_group(struct parser *p)
{
	struct group g = *top(p);

	if (p->groups.n < 2)
		return rx_fail(p, "unexpected )", p->pattern);
	p->groups.n--;
	p->flags = g.flags;
	p->fold = g.fold_before;
	sb_addc(p->out, ')');
	p->at++;
	top(p)->last_at = g.start;
	rx_did_item(p, g.weight);
	return true;
}

static bool
regex_parse_read_count(const struct parser *p, size_t *i, int *out)
{
	sv s = p->pattern;
	size_t from = *i;

	*out = 0;
	for (; *i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9'; (*i)++)
		if (*out <= REPEAT_LIMIT)
			*out = *out * 10 + (s.p[*i] - '0');
	return *i > from && (*i == from + 1 || s.p[from] != '0');
}

/* {2}, {2,}, {2,3}; -1 is no bound.  false: not a repetition. */
static bool
read_repeat(struct parser *p, int *min, int *max)
{
	size_t i = p->at + 1;

	if (!regex_parse_read_count(p, &i, min))
		return false;
	*max = *min;
	if (i < p->pattern.n && p->pattern.p[i] == ',') {
		i++;
		*max = -1;
		if (i < p->pattern.n && p->pattern.p[i] != '}' &&
		    !regex_parse_read_count(p, &i, max))
			return false;
	}
	if (i >= p->pattern.n || p->pattern.p[i] != '}')
		return false;
	p->at = i + 1;
	return true;
}

static bool
check_counts(struct parser *p, size_t from, int min, int max)
{
	int count = max < 0 ? min : max, weight = top(p)->last_weight;

	if (count == 0)
		weight = 1;
	else if (count > 0)
		weight *= count;
	if ((min >= 2 || max >= 2) && weight > REPEAT_LIMIT)
		return rx_fail(p, "invalid repeat count", rx_since(p, from));
	rx_did_item(p, weight);
	top(p)->repeated = true;
	return true;
}

/* Puts the last item into a group. */
static void
wrap_item(struct parser *p)
{
	struct sb item cleanup_sb = SB_INIT;
	size_t at = top(p)->last_at;

	sb_addv(&item, sv_sub(sb_sv(p->out), at, SIZE_MAX));
	p->out->n = at;
	sb_adds(p->out, "(?:");
	sb_addv(p->out, sb_sv(&item));
	sb_addc(p->out, ')');
}

/* The parser stands behind the operator that began at `from`; *last is where
 * an operator right in front of it began, or SIZE_MAX. */
static bool
repetition(struct parser *p, size_t from, size_t *last, int min, int max)
{
	bool lazy = rx_peek(p) == '?';
	sv op = rx_since(p, from);

	p->at += lazy;
	if (*last != SIZE_MAX)
		return rx_fail(p, "invalid nested repetition operator",
		    rx_since(p, *last));
	if (!top(p)->has_operand)
		return rx_fail(p, "missing argument to repetition operator",
		    rx_since(p, from));
	/* `a*(?i)*` repeats what has been repeated */
	if (top(p)->repeated)
		wrap_item(p);
	sb_addv(p->out, op);
	if (lazy != ((p->flags & LAZY) != 0))
		sb_addc(p->out, '?');
	*last = from;
	return check_counts(p, from, min, max);
}

static bool
counted(struct parser *p, size_t *last, bool *repeated)
{
	size_t from = p->at;
	int min, max;

	*repeated = read_repeat(p, &min, &max);
	if (!*repeated) {
		p->at++;
		literal(p, '{');
		return true;
	}
	if (min > REPEAT_LIMIT || max > REPEAT_LIMIT ||
	    (max >= 0 && min > max))
		return rx_fail(p, "invalid repeat count", rx_since(p, from));
	return repetition(p, from, last, min, max);
}

static bool
quoted_literal(struct parser *p)
{
	ptrdiff_t end = sv_find(p->pattern, SV("\\E"), p->at + 2);
	size_t stop = end < 0 ? p->pattern.n : (size_t)end;
	uint32_t c;

	for (p->at += 2; p->at < stop;) {
		if (!rx_next_rune(p, &c))
			return false;
		literal(p, c);
	}
	if (end >= 0)
		p->at = stop + 2;
	return true;
}

static bool
backslash(struct parser *p)
{
	sv s = rx_rest(p);
	char c = s.n > 1 ? s.p[1] : '\0';
	uint32_t r;

	if (c == 'A' || c == 'b' || c == 'B' || c == 'z') {
		char text[] = { '\\', c, '\0' };

		p->at += 2;
		assertion(p, text);
		return true;
	}
	if (c == 'C')
		return rx_fail(p, "invalid escape sequence", sv_sub(s, 0, 2));
	if (c == 'Q')
		return quoted_literal(p);
	if ((c | 0x20) == 'p' || (c != '\0' && strchr("dDsSwW", c))) {
		rx_begin_item(p);
		sb_addc(p->out, '[');
		if ((c | 0x20) == 'p' ? !rx_unicode_class(p) : !rx_perl_class(p))
			return false;
		sb_addc(p->out, ']');
		rx_did_item(p, 1);
		return true;
	}
	if (!rx_escape(p, &r))
		return false;
	literal(p, r);
	return true;
}

static bool
item(struct parser *p, size_t *last)
{
	bool multi = p->flags & MULTI_LINE, repeated = false;
	size_t from = p->at;
	uint32_t r;
	int c = rx_peek(p);

	switch (c) {
	case '*':
	case '+':
	case '?':
		p->at++;
		return repetition(p, from, last, 0, 0);
	case '{':
		if (!counted(p, last, &repeated))
			return false;
		if (!repeated)
			*last = SIZE_MAX;
		return true;
	}
	*last = SIZE_MAX;
	switch (c) {
	case '(':
		if (sv_starts(rx_rest(p), SV("(?")))
			return perl_group(p);
		p->at++;
		return open_capture(p, SV(""));
	case ')':
		return close_group(p);
	case '[':
		return rx_char_class(p);
	case '\\':
		return backslash(p);
	}
	if (!rx_next_rune(p, &r))
		return false;
	if (c == '|') {
		sb_addc(p->out, '|');
		top(p)->has_operand = false;
	} else if (c == '^') {
		assertion(p, multi ? "(?<![^\\n])" : "\\A");
	} else if (c == '$') {
		assertion(p, multi ? "(?![^\\n])" : "\\z");
	} else if (c == '.') {
		rx_begin_item(p);
		sb_adds(p->out, p->flags & DOT_NL ? "(?s:.)" : "[^\\n]");
		rx_did_item(p, 1);
	} else {
		literal(p, r);
	}
	return true;
}

bool
regex_translate(struct arena *a, sv pattern, struct sb *out,
    struct regex_spans *names, struct err *e)
{
	struct parser p = { .a = a, .e = e, .pattern = pattern, .out = out,
		.names = names };
	size_t last = SIZE_MAX;

	vec_push(a, names, SV(""));
	if (!open_group(&p, "", 0))
		return false;
	while (p.at < pattern.n)
		if (!item(&p, &last))
			return false;
	if (p.groups.n > 1)
		return rx_fail(&p, "missing closing )", pattern);
	return true;
}
