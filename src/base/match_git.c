/* SPDX-License-Identifier: MIT */
#include "base/match.h"

/* Where to go on when what follows a wildcard does not match. */
struct retry {
	size_t pi; /* behind the wildcard; SIZE_MAX: there was none */
	size_t si; /* how far it reaches */
};

/* `[:name:]` at p[*i] == '['; ends at the first `]`, whatever that is, and is
 * no class but a bracket and a colon when no colon stands before it. */
static bool
match_git_class_at(sv p, size_t *i, unsigned char c, bool *hit, bool *invalid)
{
	ptrdiff_t end;
	int member;

	if (*i + 1 >= p.n || p.p[*i + 1] != ':')
		return false;
	end = sv_find_char(p, ']', *i + 2);
	if (end < (ptrdiff_t)*i + 3 || p.p[end - 1] != ':')
		return false;
	member = match_class(sv_sub(p, *i + 2, (size_t)end - *i - 3), c);
	*invalid |= member < 0;
	*hit |= member > 0;
	*i = (size_t)end + 1;
	return true;
}

static unsigned char
member_at(sv p, size_t *i)
{
	if (p.p[*i] == '\\' && *i + 1 < p.n)
		(*i)++;
	return (unsigned char)p.p[(*i)++];
}

/* A bracket expression at p[*i], which never matches a slash and, malformed,
 * nothing at all. */
static bool
bracket_matches(sv p, size_t *i, unsigned char c)
{
	bool negated = false, first = true, hit = false, invalid = false;
	size_t at = *i + 1;

	if (at < p.n && (p.p[at] == '!' || p.p[at] == '^')) {
		negated = true;
		at++;
	}
	for (; at < p.n && (p.p[at] != ']' || first); first = false) {
		unsigned char low, high;

		if (p.p[at] == '[' &&
		    match_git_class_at(p, &at, c, &hit, &invalid))
			continue;
		low = high = member_at(p, &at);
		if (at + 1 < p.n && p.p[at] == '-' && p.p[at + 1] != ']') {
			at++;
			high = member_at(p, &at);
		}
		hit |= low <= c && c <= high;
	}
	*i = at + 1;
	return at < p.n && !invalid && hit != negated && c != '/';
}

/* One item other than a star against one byte; moves behind the item. */
static bool
one_matches(sv p, size_t *i, unsigned char c)
{
	switch (p.p[*i]) {
	case '?':
		(*i)++;
		return c != '/';
	case '[':
		return bracket_matches(p, i, c);
	case '\\':
		if (++*i == p.n)
			return false;
	}
	return (unsigned char)p.p[(*i)++] == c;
}

/* Stars from p[begin] to p[end] that cross slashes: they stand alone between
 * slashes or the ends. */
static bool
is_deep(sv p, size_t begin, size_t end)
{
	if (end - begin < 2 || (begin > 0 && p.p[begin - 1] != '/'))
		return false;
	return end == p.n || p.p[end] == '/' ||
	    (end + 1 < p.n && p.p[end] == '\\' && p.p[end + 1] == '/');
}

static bool
past_slash(sv s, size_t *si)
{
	ptrdiff_t slash = sv_find_char(s, '/', *si);

	if (slash < 0)
		return false;
	*si = (size_t)slash + 1;
	return true;
}

/* Only the last `*` and the last `**` can need another try: what stood before
 * them has matched as early as it can.  A try of `*` ends at the slash, so no
 * part of the path is compared with the same component twice: the time grows
 * with the product of the two lengths, no faster. */
bool
match_git(sv p, sv s)
{
	struct retry star = { SIZE_MAX, 0 }, deep = { SIZE_MAX, 0 };
	size_t pi = 0, si = 0;

	for (;;) {
		size_t end = pi;

		while (end < p.n && p.p[end] == '*')
			end++;
		if (end > pi && is_deep(p, pi, end)) {
			bool escaped = end < p.n && p.p[end] == '\\';

			if (end == p.n)
				return true;
			/* `**` and a slash may be nothing, unless the slash is
			 * escaped. */
			if (escaped && !past_slash(s, &si))
				return false;
			pi = end + 1 + escaped;
			deep = (struct retry){ pi, si };
			star.pi = SIZE_MAX;
			continue;
		}
		if (end > pi) {
			pi = end;
			star = (struct retry){ pi, si };
			continue;
		}
		if (pi == p.n && si == s.n)
			return true;
		if (pi < p.n && si < s.n &&
		    one_matches(p, &pi, (unsigned char)s.p[si])) {
			si++;
		} else if (star.pi != SIZE_MAX && star.si < s.n &&
		    s.p[star.si] != '/') {
			pi = star.pi;
			si = ++star.si;
		} else if (deep.pi != SIZE_MAX && past_slash(s, &deep.si)) {
			pi = deep.pi;
			si = deep.si;
			star.pi = SIZE_MAX;
		} else {
			return false;
		}
	}
}
