/* SPDX-License-Identifier: MIT */
#include "go/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <time.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "go/regex_nfa.h"

/*
 * Go's matcher takes linear time, PCRE2 does not, but is the faster one where
 * it does not go back and forth.  When a search has taken this many steps, or
 * all searches of a call this long, the matcher of regex_nfa.h takes over.
 */
#define MATCH_LIMIT 1000000u
#define DEPTH_LIMIT 250000u
#define TEXT_LIMIT ((size_t)64 << 20)
#define HEAP_LIMIT (256u << 10) /* KiB */
/* In seconds of the processor. */
#define TIME_LIMIT 1

#define OPTIONS (PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C)

/* Every search in a text that may be invalid looks at all the rest of it; valid
 * texts are the rule, looked at once, and have a program of their own. */
struct regex {
	pcre2_code *code[2]; /* of any text, of valid text; NULL until used */
	sv translated;
	bool valid;
	clock_t begun;
	unsigned searches;
	pcre2_match_data *data;
	pcre2_match_context *context;
	struct arena *a;
	struct nfa *nfa; /* NULL until it takes over */
	size_t *nfa_bounds;
	const size_t *bounds; /* two a group, of the last match */
	size_t n_groups;      /* of `bounds` */
	bool pattern_is_empty;
	struct regex_spans names;
};

static void
regex_free(void *arg)
{
	struct regex *r = arg;

	pcre2_match_context_free(r->context);
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code[0]);
	pcre2_code_free(r->code[1]);
}

bool
regex_knows(const char *escape)
{
	int code;
	PCRE2_SIZE at;
	pcre2_code *c = pcre2_compile((PCRE2_SPTR)escape,
	    PCRE2_ZERO_TERMINATED, OPTIONS, &code, &at, NULL);

	pcre2_code_free(c);
	return c != NULL;
}

static bool
pcre_compile(struct regex *r, bool valid)
{
	int code;
	PCRE2_SIZE at;

	if (r->code[valid] == NULL)
		r->code[valid] = pcre2_compile((PCRE2_SPTR)r->translated.p,
		    r->translated.n,
		    OPTIONS | (valid ? 0 : PCRE2_MATCH_INVALID_UTF), &code,
		    &at, NULL);
	return r->code[valid] != NULL;
}

struct regex *
regex_compile(struct arena *a, sv pattern, struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	struct regex *r = arena_new_of(a, struct regex);

	if (!regex_translate(a, pattern, &b, &r->names, e))
		return NULL;
	r->translated = sb_take(&b, a);
	r->a = a;
	if (!pcre_compile(r, true)) {
		/* what is left is size: Go's limits are others */
		err_set(e, ERR_GENERIC,
		    "error parsing regexp: expression too large: `%.*s`",
		    SV_ARG(pattern));
		return NULL;
	}
	r->data = pcre2_match_data_create_from_pattern(r->code[true], NULL);
	r->context = pcre2_match_context_create(NULL);
	if (r->data == NULL || r->context == NULL)
		BUG("no memory for a regular expression");
	pcre2_set_match_limit(r->context, MATCH_LIMIT);
	pcre2_set_depth_limit(r->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(r->context, HEAP_LIMIT);
	r->pattern_is_empty = pattern.n == 0;
	arena_defer(a, regex_free, r);
	return r;
}

/* Before the searches in a text. */
static void
regex_begin(struct regex *r, sv text)
{
	r->valid = utf8_valid(text);
	r->begun = clock();
	if (!pcre_compile(r, r->valid))
		BUG("a regular expression compiles once only");
}

static bool
takes_too_long(struct regex *r)
{
	return ++r->searches % 64 == 0 &&
	    clock() - r->begun > (clock_t)TIME_LIMIT * CLOCKS_PER_SEC;
}

/* A match at or behind `from`: 1, none: 0, too large for memory: -1. */
static int
search_by_nfa(struct regex *r, sv text, size_t from, struct err *e)
{
	size_t n = r->names.n, *bounds;

	if (r->nfa == NULL) {
		r->nfa = nfa_new(r->a, r->translated, n, e);
		if (r->nfa == NULL)
			return -1;
		bounds = arena_alloc(r->a, 2 * n * sizeof(*bounds));
		r->nfa_bounds = bounds;
	}
	r->bounds = r->nfa_bounds;
	r->n_groups = n;
	return nfa_search(r->nfa, text, from, r->nfa_bounds);
}

static int
search(struct regex *r, sv text, size_t from, struct err *e)
{
	int rc;

	if (r->nfa != NULL || takes_too_long(r))
		return search_by_nfa(r, text, from, e);
	rc = pcre2_match(r->code[r->valid], (PCRE2_SPTR)(text.n ? text.p : ""),
	    text.n, from, r->valid ? PCRE2_NO_UTF_CHECK : 0, r->data,
	    r->context);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc <= 0)
		return search_by_nfa(r, text, from, e);
	r->bounds = pcre2_get_ovector_pointer(r->data);
	r->n_groups = pcre2_get_ovector_count(r->data);
	return 1;
}

/* Bounds of group `i` of the last match; false when it did not take part. */
static bool
group_bounds(struct regex *r, size_t i, size_t *from, size_t *to)
{
	const size_t *v = r->bounds;

	if (i >= r->n_groups || v[2 * i] == PCRE2_UNSET)
		return false;
	*from = v[2 * i];
	*to = v[2 * i + 1];
	return true;
}

/* Width of the rune at `at`, 0 at the end. */
static size_t
step_width(sv text, size_t at)
{
	size_t width;

	utf8_decode(sv_sub(text, at, SIZE_MAX), &width);
	return width;
}

bool
regex_find(struct regex *r, sv text, sv *match, bool *found, struct err *e)
{
	size_t from = 0, to = 0;
	int rc;

	regex_begin(r, text);
	rc = search(r, text, 0, e);
	*found = rc > 0 && group_bounds(r, 0, &from, &to);
	*match = sv_sub(text, from, to - from);
	return rc >= 0;
}

/* An empty match right behind another match does not count. */
bool
regex_find_all(struct regex *r, struct arena *a, sv text, int64_t count,
    struct regex_spans *out, struct err *e)
{
	size_t at = 0, last_end = SIZE_MAX;

	regex_begin(r, text);
	while ((count < 0 || (int64_t)out->n < count) && at <= text.n) {
		int rc = search(r, text, at, e);
		size_t from, to;
		bool accept = true;

		if (rc < 0)
			return false;
		if (rc == 0 || !group_bounds(r, 0, &from, &to))
			break;
		if (to == at) {
			size_t width = step_width(text, at);

			accept = from != last_end;
			at = width > 0 ? at + width : text.n + 1;
		} else {
			at = to;
		}
		last_end = to;
		if (accept)
			vec_push(a, out, sv_sub(text, from, to - from));
	}
	return true;
}

bool
regex_split(struct regex *r, struct arena *a, sv text, int64_t count,
    struct regex_spans *out, struct err *e)
{
	struct regex_spans matches = { 0 };
	size_t begin = 0, end = 0;

	if (count == 0)
		return true;
	if (text.n == 0 && !r->pattern_is_empty) {
		vec_push(a, out, text);
		return true;
	}
	if (!regex_find_all(r, a, text, count, &matches, e))
		return false;
	for (size_t i = 0; i < matches.n; i++) {
		size_t to = (size_t)(matches.v[i].p - text.p) +
		    matches.v[i].n;

		if (count > 0 && (int64_t)out->n >= count - 1)
			break;
		end = to - matches.v[i].n;
		if (to != 0)
			vec_push(a, out, sv_sub(text, begin, end - begin));
		begin = to;
	}
	if (end != text.n)
		vec_push(a, out, sv_sub(text, begin, SIZE_MAX));
	return true;
}

static void
add_group(struct regex *r, struct sb *out, sv text, size_t i)
{
	size_t from, to;

	if (group_bounds(r, i, &from, &to))
		sb_addv(out, sv_sub(text, from, to - from));
}

/* Number of a group in a replacement; SIZE_MAX when it is a name. */
static size_t
group_number(sv name)
{
	size_t n = 0;

	if (name.p[0] == '0' && name.n > 1)
		return SIZE_MAX;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] < '0' || name.p[i] > '9' || n >= 100000000)
			return SIZE_MAX;
		n = n * 10 + (size_t)(name.p[i] - '0');
	}
	return n;
}

/* The name behind a "$": letters, digits and "_", also in braces.  Returns the
 * bytes it takes up, 0 when there is none. */
static size_t
regex_take_name(sv s, sv *name)
{
	bool brace = s.n > 0 && s.p[0] == '{';
	size_t i = brace;

	while (i < s.n) {
		size_t width;
		uint32_t c = utf8_decode(sv_sub(s, i, SIZE_MAX), &width);

		if (c != '_' && !rune_is_letter(c) && !rune_is_digit(c))
			break;
		i += width;
	}
	*name = sv_sub(s, brace, i - brace);
	if (name->n == 0 || (brace && (i >= s.n || s.p[i] != '}')))
		return 0;
	return i + brace;
}

static void
regex_add_named(struct regex *r, struct sb *out, sv text, sv name)
{
	for (size_t i = 0; i < r->names.n; i++) {
		size_t from, to;

		if (sv_eq(r->names.v[i], name) &&
		    group_bounds(r, i, &from, &to)) {
			add_group(r, out, text, i);
			return;
		}
	}
}

static void
regex_expand(struct regex *r, struct sb *out, sv text, sv with)
{
	while (with.n > 0) {
		sv before, name;
		size_t used;

		if (!sv_cut(with, '$', &before, &with)) {
			sb_addv(out, before);
			return;
		}
		sb_addv(out, before);
		if (with.n > 0 && with.p[0] == '$') {
			sb_addc(out, '$');
			with = sv_sub(with, 1, SIZE_MAX);
			continue;
		}
		used = regex_take_name(with, &name);
		if (used == 0) {
			sb_addc(out, '$');
			continue;
		}
		with = sv_sub(with, used, SIZE_MAX);
		if (group_number(name) != SIZE_MAX)
			add_group(r, out, text, group_number(name));
		else
			regex_add_named(r, out, text, name);
	}
}

bool
regex_replace(struct regex *r, struct sb *out, sv text, sv with, bool literal,
    struct err *e)
{
	size_t last_end = 0, at = 0;

	regex_begin(r, text);
	while (at <= text.n) {
		int rc = search(r, text, at, e);
		size_t from, to, width;

		if (rc < 0)
			return false;
		if (rc == 0 || !group_bounds(r, 0, &from, &to))
			break;
		sb_addv(out, sv_sub(text, last_end, from - last_end));
		if (out->n > TEXT_LIMIT)
			return err_set(e, ERR_GENERIC,
			    "the text is longer than %zu bytes", TEXT_LIMIT);
		if (to > last_end || from == 0) {
			if (literal)
				sb_addv(out, with);
			else
				regex_expand(r, out, text, with);
		}
		last_end = to;
		width = step_width(text, at);
		if (at + width > to)
			at += width;
		else
			at = at + 1 > to ? at + 1 : to;
	}
	sb_addv(out, sv_sub(text, last_end, SIZE_MAX));
	return true;
}

void
regex_quote(struct sb *out, sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\0' && strchr("\\.+*?()|[]{}^$", s.p[i]))
			sb_addc(out, '\\');
		sb_addc(out, s.p[i]);
	}
}
