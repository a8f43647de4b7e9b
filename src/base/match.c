/* SPDX-License-Identifier: MIT */
#include "base/match.h"

#include <ctype.h>
#include <stdint.h>

#include "base/utf8.h"

/* A bracket expression seen from outside. */
struct bracket {
	size_t end;   /* place behind its `]`; 0: not closed */
	bool hit;     /* the rune is one of it */
	bool invalid; /* reversed range, unknown class */
};

static uint32_t
match_rune_at(sv s, size_t *i)
{
	size_t width;
	uint32_t r = utf8_decode(sv_sub(s, *i, SIZE_MAX), &width);

	*i += width ? width : 1;
	return r;
}

int
match_class(sv name, uint32_t r)
{
	static const struct {
		const char *name;
		int (*is_member)(int c);
	} classes[] = {
		{ "alnum", isalnum }, { "alpha", isalpha },
		{ "blank", isblank }, { "cntrl", iscntrl },
		{ "digit", isdigit }, { "graph", isgraph },
		{ "lower", islower }, { "print", isprint },
		{ "punct", ispunct }, { "space", isspace },
		{ "upper", isupper }, { "xdigit", isxdigit },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (sv_is(name, classes[i].name))
			return r < 128 && classes[i].is_member((int)r);
	return -1;
}

/* The shell has two more. */
static int
in_shell_class(sv name, uint32_t r)
{
	if (sv_is(name, "ascii"))
		return r < 128;
	if (sv_is(name, "word"))
		return r == '_' || match_class(SV("alnum"), r);
	return match_class(name, r);
}

/* `[:name:]` at p[*i] == '[': judges it and moves behind it; false when there
 * is no such thing there. */
static bool
match_class_at(sv p, size_t *i, uint32_t r, struct bracket *b)
{
	ptrdiff_t end;
	int member;

	if (*i + 1 >= p.n || p.p[*i + 1] != ':')
		return false;
	end = sv_find(p, SV(":]"), *i + 2);
	if (end < 0)
		return false;
	member = in_shell_class(sv_sub(p, *i + 2, (size_t)end - *i - 2), r);
	b->invalid |= member < 0;
	b->hit |= member > 0;
	*i = (size_t)end + 2;
	return true;
}

/* One end of a range in a shell bracket, backslash taken off. */
static uint32_t
shell_member(sv p, size_t *i)
{
	if (p.p[*i] == '\\' && *i + 1 < p.n)
		(*i)++;
	return match_rune_at(p, i);
}

/* `]` first is itself, an open bracket is literal (the caller's). */
static struct bracket
bracket_at(sv p, size_t i, uint32_t r)
{
	struct bracket b = { 0, false, false };
	bool negated = false, first = true;

	i++;
	if (i < p.n && (p.p[i] == '!' || p.p[i] == '^')) {
		negated = true;
		i++;
	}
	for (; i < p.n && (p.p[i] != ']' || first); first = false) {
		uint32_t low, high;

		if (p.p[i] == '[' && match_class_at(p, &i, r, &b))
			continue;
		low = high = shell_member(p, &i);
		if (i + 1 < p.n && p.p[i] == '-' && p.p[i + 1] != ']') {
			i++;
			high = shell_member(p, &i);
			b.invalid |= low > high;
		}
		b.hit |= low <= r && r <= high;
	}
	if (i < p.n)
		b.end = i + 1;
	b.hit ^= negated;
	return b;
}

/* Matches one pattern item other than `*` with one rune, and then moves both
 * places. */
static bool
match_one(sv p, size_t *pi, sv s, size_t *si)
{
	size_t i = *pi, j = *si;
	uint32_t r = match_rune_at(s, &j);

	if (p.p[i] == '?') {
		i++;
	} else if (p.p[i] == '[') {
		struct bracket b = bracket_at(p, i, r);

		if (b.end == 0 && r != '[')
			return false;
		if (b.end != 0 && !b.hit)
			return false;
		i = b.end ? b.end : i + 1;
	} else {
		size_t width = j - *si;

		if (p.p[i] == '\\' && i + 1 < p.n)
			i++;
		/* Bytes, so that names that are not UTF-8 match themselves. */
		if (p.n - i < width || memcmp(p.p + i, s.p + *si, width) != 0)
			return false;
		i += width;
	}
	*pi = i;
	*si = j;
	return true;
}

/* ASCII that stands for itself, as mostly behind a `*`. */
static bool
is_literal(sv p)
{
	for (size_t i = 0; i < p.n; i++)
		if ((unsigned char)p.p[i] >= 0x80 || p.p[i] == '*' ||
		    p.p[i] == '?' || p.p[i] == '[' || p.p[i] == '\\')
			return false;
	return true;
}

/* The rest of a pattern against the rest of a name, one `*` remembered. */
static bool
match_rest(sv p, size_t pi, sv s, size_t si)
{
	size_t star = SIZE_MAX, mark = 0;

	for (;;) {
		size_t at = si;

		if (pi < p.n && p.p[pi] == '*') {
			star = ++pi;
			mark = si;
			if (is_literal(sv_sub(p, pi, SIZE_MAX)))
				return sv_ends(sv_sub(s, si, SIZE_MAX),
				    sv_sub(p, pi, SIZE_MAX));
			continue;
		}
		if (pi == p.n && si == s.n)
			return true;
		if (pi < p.n && si < s.n && match_one(p, &pi, s, &at)) {
			si = at;
			continue;
		}
		if (star == SIZE_MAX || mark >= s.n)
			return false;
		match_rune_at(s, &mark);
		si = mark;
		pi = star;
	}
}

bool
match_is_valid(sv p)
{
	for (size_t i = 0; i < p.n; i++) {
		if (p.p[i] == '\\') {
			if (++i == p.n)
				return false;
		} else if (p.p[i] == '[') {
			struct bracket b = bracket_at(p, i, 0);

			if (b.invalid)
				return false;
			if (b.end)
				i = b.end - 1;
		}
	}
	return true;
}

bool
match_name(sv p, sv s, enum match_dialect d)
{
	size_t i = 0;

	if (!match_is_valid(p))
		return false;
	if (d == MATCH_DOTS || p.n == 0 || p.p[0] != '*')
		return match_rest(p, 0, s, 0);
	/* A leading `*` matches nothing, or what does not begin with a dot. */
	while (i < p.n && p.p[i] == '*')
		i++;
	if (s.n > 0 && s.p[0] == '.')
		return match_rest(p, i, s, 0);
	return match_rest(p, i - 1, s, 0);
}

bool
match_has_meta(sv p)
{
	bool open = false;

	for (size_t i = 0; i < p.n; i++)
		switch (p.p[i]) {
		case '\\':
			i++;
			break;
		case '*':
		case '?':
			return true;
		case '[':
			open = true;
			break;
		case ']':
			if (open)
				return true;
			break;
		}
	return false;
}
