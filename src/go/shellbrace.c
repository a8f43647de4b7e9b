/* SPDX-License-Identifier: MIT */
/* Braces of words, {a,b} and {1..3}; see shellsplit.h. */
#include "go/shellsplit.h"

#include <inttypes.h>

#include "base/vec.h"

/* Braces may multiply; more words than this are an error. */
#define WORD_LIMIT 65536

struct brace {
	size_t open, close;
	VEC(size_t) commas; /* at the top level */
};

/* The first pair that holds a comma; one without is looked into later. */
static bool
find_commas(struct splitter *s, sv raw, size_t open, struct brace *b)
{
	size_t depth = 0, i = open;

	*b = (struct brace){ .open = open };
	while (i < raw.n) {
		char c = raw.p[i];

		if (c == '{')
			depth++;
		if (c == '}' && --depth == 0) {
			b->close = i;
			return true;
		}
		if (c == ',' && depth == 1)
			vec_push(s->a, &b->commas, i);
		if (!shell_skip_part(s, raw, &i) ||
		    !shell_count_steps(s, 1))
			return false;
	}
	return false;
}

static bool
brace_read_number(sv s, int64_t *out)
{
	size_t i = s.n > 0 && (s.p[0] == '-' || s.p[0] == '+');

	if (i == s.n || s.n > 10)
		return false;
	for (size_t k = i; k < s.n; k++)
		if (s.p[k] < '0' || s.p[k] > '9')
			return false;
	*out = 0;
	for (size_t k = i; k < s.n; k++)
		*out = *out * 10 + (s.p[k] - '0');
	if (s.p[0] == '-')
		*out = -*out;
	return true;
}

struct range {
	int64_t from, to, step;
	bool letters;
	int width; /* with zeros in front */
};

static bool
is_letter(sv s)
{
	return s.n == 1 && (s.p[0] | 0x20) >= 'a' && (s.p[0] | 0x20) <= 'z';
}

static bool
has_brace_leading_zero(sv s)
{
	size_t i = s.n > 0 && s.p[0] == '-';

	return s.n > i + 1 && s.p[i] == '0';
}

static bool
parse_range(sv body, struct range *r)
{
	ptrdiff_t first = sv_find(body, SV(".."), 0), second;
	sv from, to;

	*r = (struct range){ .step = 1 };
	if (first < 0)
		return false;
	from = sv_sub(body, 0, (size_t)first);
	to = sv_sub(body, (size_t)first + 2, SIZE_MAX);
	second = sv_find(to, SV(".."), 0);
	if (second >= 0) {
		if (!brace_read_number(
			sv_sub(to, (size_t)second + 2, SIZE_MAX), &r->step))
			return false;
		to = sv_sub(to, 0, (size_t)second);
	}
	if (is_letter(from) && is_letter(to)) {
		r->letters = true;
		r->from = from.p[0];
		r->to = to.p[0];
	} else if (!brace_read_number(from, &r->from) ||
		   !brace_read_number(to, &r->to)) {
		return false;
	} else if (has_brace_leading_zero(from) || has_brace_leading_zero(to)) {
		r->width = (int)(from.n > to.n ? from.n : to.n);
	}
	r->step = r->step < 0 ? -r->step : r->step;
	if (r->step == 0)
		r->step = 1;
	return true;
}

/* The word with `middle` in the place of a pair of braces. */
static bool
expand_with(struct splitter *s, sv raw, const struct brace *b, sv middle)
{
	struct sb joined cleanup_sb = SB_INIT;

	if (s->out->n > WORD_LIMIT)
		return err_set(s->e, ERR_GENERIC, "too many words");
	if (!shell_count_steps(s, raw.n + middle.n))
		return false;
	sb_add(&joined, raw.p, b->open);
	sb_addv(&joined, middle);
	sb_addv(&joined, sv_sub(raw, b->close + 1, SIZE_MAX));
	return shell_expand_word(s, sb_take(&joined, s->a), b->open);
}

static bool
expand_range(struct splitter *s, sv raw, const struct brace *b,
    const struct range *r)
{
	int64_t step = r->from <= r->to ? r->step : -r->step;

	for (int64_t i = r->from; step > 0 ? i <= r->to : i >= r->to;
	    i += step) {
		const char *text = r->letters ?
		    arena_printf(s->a, "%c", (char)i) :
		    arena_printf(s->a, "%0*" PRId64, r->width, i);

		if (!expand_with(s, raw, b, sv_of(text)))
			return false;
	}
	return true;
}

static bool
expand_commas(struct splitter *s, sv raw, const struct brace *b)
{
	for (size_t k = 0; k <= b->commas.n; k++) {
		size_t from = (k == 0 ? b->open : b->commas.v[k - 1]) + 1;
		size_t to = k == b->commas.n ? b->close : b->commas.v[k];

		if (!expand_with(s, raw, b, sv_sub(raw, from, to - from)))
			return false;
	}
	return true;
}

/* Braces first, from `from` on; then all the rest. */
bool
shell_expand_word(struct splitter *s, sv raw, size_t from)
{
	bool good;

	for (size_t i = from; i < raw.n;) {
		struct brace b;
		struct range r;

		if (raw.p[i] == '{' && find_commas(s, raw, i, &b)) {
			if (b.commas.n > 0)
				return expand_commas(s, raw, &b);
			if (parse_range(sv_sub(raw, i + 1, b.close - i - 1),
				&r))
				return expand_range(s, raw, &b, &r);
		}
		/* the search for commas may have come to a bound */
		if (err_is_set(s->e) || !shell_skip_part(s, raw, &i))
			return false;
	}
	good = shell_expand_raw(s, raw);
	shell_end_word(s);
	return good;
}
