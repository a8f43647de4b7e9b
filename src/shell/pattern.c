/* SPDX-License-Identifier: MIT */
#include "shell/run.h"

/* Matches the whole value?  Stars go back at most to the last one. */
static bool
stars_match(sv value, sv pattern)
{
	size_t i = 0, p = 0, star = SIZE_MAX, from = 0;

	while (i < value.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.n && pattern.p[p] == value.p[i]) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

sv
pattern_strip(sv value, sv pattern, enum var_op op)
{
	bool is_long = op == VAR_PREFIX_LONG || op == VAR_SUFFIX_LONG;
	bool is_prefix = op == VAR_PREFIX || op == VAR_PREFIX_LONG;

	for (size_t k = 0; k <= value.n; k++) {
		size_t n = is_long ? value.n - k : k;
		sv part = is_prefix ? sv_sub(value, 0, n)
				    : sv_sub(value, value.n - n, n);

		if (stars_match(part, pattern))
			return is_prefix ? sv_sub(value, n, SIZE_MAX)
					 : sv_sub(value, 0, value.n - n);
	}
	return value;
}
