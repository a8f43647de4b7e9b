/* SPDX-License-Identifier: MIT */
#include "taskfile/version.h"

#include <inttypes.h>

static bool
version_take_number(sv *s, uint64_t *out)
{
	size_t i = 0;
	uint64_t v = 0;

	for (; i < s->n && is_digit(s->p[i]); i++) {
		unsigned d = (unsigned)(s->p[i] - '0');

		if (v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	*s = sv_sub(*s, i, SIZE_MAX);
	return i > 0;
}

/* Letters, digits and hyphens between single dots, up to `end` or the end. */
static bool
take_identifiers(sv *s, char end, sv *out)
{
	size_t i = 0;
	bool empty = true;

	for (; i < s->n && s->p[i] != end; i++) {
		char c = s->p[i];

		if (c == '.' && empty)
			return false;
		if (c != '.' && c != '-' && !is_digit(c) &&
		    !((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			return false;
		empty = c == '.';
	}
	*out = sv_sub(*s, 0, i);
	*s = sv_sub(*s, i, SIZE_MAX);
	return !empty;
}

static bool
version_take(sv *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = sv_sub(*s, 1, SIZE_MAX);
	return true;
}

bool
version_parse(sv s, struct version *out)
{
	*out = (struct version){ .pre = SV(""), .meta = SV("") };
	version_take(&s, 'v');
	if (!version_take_number(&s, &out->part[0]))
		return false;
	for (int i = 1; i < 3 && version_take(&s, '.'); i++)
		if (!version_take_number(&s, &out->part[i]))
			return false;
	if (version_take(&s, '-') && !take_identifiers(&s, '+', &out->pre))
		return false;
	if (version_take(&s, '+') && !take_identifiers(&s, '\0', &out->meta))
		return false;
	return s.n == 0;
}

const char *
version_text(struct arena *a, const struct version *v)
{
	return arena_printf(a, "%" PRIu64 ".%" PRIu64 ".%" PRIu64 "%s%.*s%s%.*s",
	    v->part[0], v->part[1], v->part[2], v->pre.n ? "-" : "",
	    SV_ARG(v->pre), v->meta.n ? "+" : "", SV_ARG(v->meta));
}

int
version_cmp(const struct version *x, const struct version *y)
{
	for (int i = 0; i < 3; i++)
		if (x->part[i] != y->part[i])
			return x->part[i] < y->part[i] ? -1 : 1;
	if (x->pre.n == 0 || y->pre.n == 0)
		return (x->pre.n == 0) - (y->pre.n == 0);
	return sv_cmp(x->pre, y->pre);
}
