/* SPDX-License-Identifier: MIT */
#include "base/word.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>

#define WORD_MAX_RESULTS 16384

struct lexer {
	struct arena *arena;
	sv text;
	size_t at;
	struct sb out;
	const char *(*env)(void *ctx, const char *name);
	void *ctx;
};

static void
add_literal(struct sb *b, char c)
{
	if (c != '\0' && strchr("\\*?[]{},!^-", c) != NULL)
		sb_addc(b, '\\');
	sb_addc(b, c);
}

sv
word_escape(struct arena *a, sv text)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < text.n; i++)
		add_literal(&b, text.p[i]);
	return sb_take(&b, a);
}

sv
word_unescape(struct arena *a, sv word)
{
	struct sb b cleanup_sb = SB_INIT;

	if (sv_find_char(word, '\\', 0) < 0)
		return sv_dup(a, word);
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\\' && i + 1 < word.n)
			i++;
		sb_addc(&b, word.p[i]);
	}
	return sb_take(&b, a);
}

/* The value of a variable: its wildcards live on outside quotes, its braces
 * do not, as in a shell. */
static void
word_add_value(struct lexer *l, sv name, bool quoted)
{
	const char *value = l->env(l->ctx, sv_cstr(l->arena, name));

	for (; value != NULL && *value != '\0'; value++)
		if (!quoted && strchr("*?[]!^-", *value) != NULL)
			sb_addc(&l->out, *value);
		else
			add_literal(&l->out, *value);
}

/* At a `$`: $NAME, ${NAME}, or a dollar sign. */
static bool
lex_dollar(struct lexer *l, bool quoted)
{
	sv t = l->text;
	size_t i = l->at + 1, end;
	bool brace = i < t.n && t.p[i] == '{';

	if (i < t.n && (t.p[i] == '(' || t.p[i] == '['))
		return false;
	i += brace;
	for (end = i; end < t.n && is_name_byte(t.p[end]) &&
		      (end > i || !is_digit(t.p[end]));
	     end++)
		;
	if (brace && (end == i || end >= t.n || t.p[end] != '}'))
		return false;
	if (end == i) {
		add_literal(&l->out, '$');
		l->at++;
		return true;
	}
	word_add_value(l, sv_sub(t, i, end - i), quoted);
	l->at = end + brace;
	return true;
}

/* Outside quotes blanks, `&` and parentheses are ordinary because go-task puts a
 * backslash before them; inside quotes that backslash is one of the pattern. */
static void
add_quoted(struct lexer *l, char c)
{
	if (c != '\0' && strchr(" &()", c) != NULL)
		add_literal(&l->out, '\\');
	add_literal(&l->out, c);
}

static bool
lex_single(struct lexer *l)
{
	for (l->at++; l->at < l->text.n; l->at++) {
		if (l->text.p[l->at] == '\'') {
			l->at++;
			return true;
		}
		add_quoted(l, l->text.p[l->at]);
	}
	return false;
}

static bool
lex_double(struct lexer *l)
{
	sv t = l->text;

	l->at++;
	while (l->at < t.n) {
		char c = t.p[l->at];

		if (c == '"') {
			l->at++;
			return true;
		}
		if (c == '`')
			return false;
		if (c == '$') {
			if (!lex_dollar(l, true))
				return false;
			continue;
		}
		if (c == '\\' && l->at + 1 < t.n &&
		    strchr("$\"\\`", t.p[l->at + 1]) != NULL)
			c = t.p[++l->at];
		add_quoted(l, c);
		l->at++;
	}
	return false;
}

static bool
lex_next(struct lexer *l)
{
	char c = l->text.p[l->at];

	switch (c) {
	case '\'':
		return lex_single(l);
	case '"':
		return lex_double(l);
	case '$':
		return lex_dollar(l, false);
	case '`':
	case ';':
	case '|':
	case '<':
	case '>':
		return false;
	case '\\':
		if (l->at + 1 < l->text.n)
			l->at++;
		add_literal(&l->out, l->text.p[l->at++]);
		return true;
	default:
		sb_addc(&l->out, c);
		l->at++;
		return true;
	}
}

static const char *
no_env(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return NULL;
}

bool
word_lex(struct arena *a, sv text, const char *(*env)(void *, const char *),
    void *ctx, sv *out)
{
	struct lexer l = { a, text, 0, SB_INIT, env ? env : no_env, ctx };
	bool ok = true;

	while (ok && l.at < text.n)
		ok = lex_next(&l);
	*out = sb_take(&l.out, a);
	sb_free(&l.out);
	return ok;
}

/* ---- braces ---- */

struct braces {
	struct arena *arena;
	word_vec *out;
	size_t bytes; /* looked at so far: each level copies what is left */
};

enum {
	BRACES_BYTES_MAX = 64 << 20
};

static bool word_expand(struct braces *b, sv prefix, sv rest);

static sv
join3(struct arena *a, sv x, sv y, sv z)
{
	size_t n = x.n + y.n + z.n;
	char *p = arena_alloc(a, n + 1);

	if (x.n > 0)
		memcpy(p, x.p, x.n);
	if (y.n > 0)
		memcpy(p + x.n, y.p, y.n);
	if (z.n > 0)
		memcpy(p + x.n + y.n, z.p, z.n);
	return (sv){ p, n };
}

/* The `}` that closes the `{` at `open`, or -1; *comma tells of a comma on its
 * own level. */
static ptrdiff_t
closing(sv s, size_t open, bool *comma)
{
	int depth = 0;

	*comma = false;
	for (size_t i = open; i < s.n; i++)
		switch (s.p[i]) {
		case '\\':
			i++;
			break;
		case '{':
			depth++;
			break;
		case '}':
			if (--depth == 0)
				return (ptrdiff_t)i;
			break;
		case ',':
			*comma |= depth == 1;
			break;
		}
	return -1;
}

static bool
expand_list(struct braces *b, sv prefix, sv body, sv after)
{
	size_t start = 0;
	int depth = 0;

	for (size_t i = 0; i <= body.n; i++) {
		char c = i < body.n ? body.p[i] : ',';

		if (c == '\\') {
			i++;
			continue;
		}
		depth += (c == '{') - (c == '}');
		if (c != ',' || (depth > 0 && i < body.n))
			continue;
		if (!word_expand(b, prefix,
			join3(b->arena, sv_sub(body, start, i - start), after,
			    SV(""))))
			return false;
		start = i + 1;
	}
	return true;
}

static bool
parse_int(struct arena *a, sv s, int64_t *out)
{
	char *end, *text = sv_cstr(a, s);

	if (s.n == 0 || isspace((unsigned char)*text))
		return false;
	errno = 0;
	*out = strtoimax(text, &end, 10);
	return *end == '\0' && errno == 0;
}

struct sequence {
	int64_t from, to, step;
	bool letters;
	int width; /* zero-padded to this */
};

static bool
has_word_leading_zero(sv s)
{
	if (s.n > 0 && s.p[0] == '-')
		s = sv_sub(s, 1, SIZE_MAX);
	return s.n > 1 && s.p[0] == '0';
}

/* "1..9", "a..e", "01..10..2"; false for anything else. */
static bool
parse_sequence(struct arena *a, sv body, struct sequence *q)
{
	ptrdiff_t dots = sv_find(body, SV(".."), 0), more;
	sv from, to, step = SV("1");

	if (dots < 0)
		return false;
	from = sv_sub(body, 0, (size_t)dots);
	to = sv_sub(body, (size_t)dots + 2, SIZE_MAX);
	more = sv_find(to, SV(".."), 0);
	if (more >= 0) {
		step = sv_sub(to, (size_t)more + 2, SIZE_MAX);
		to = sv_sub(to, 0, (size_t)more);
	}
	if (!parse_int(a, step, &q->step))
		return false;
	q->step = q->step == 0 ? 1 : q->step;
	q->step = q->step < 0 && q->step != INT64_MIN ? -q->step : q->step;
	q->width = 0;
	q->letters = from.n == 1 && to.n == 1 &&
	    isalpha((unsigned char)*from.p) && isalpha((unsigned char)*to.p);
	if (q->letters) {
		q->from = *from.p;
		q->to = *to.p;
		return true;
	}
	if (has_word_leading_zero(from) || has_word_leading_zero(to))
		q->width = (int)(from.n > to.n ? from.n : to.n);
	return parse_int(a, from, &q->from) && parse_int(a, to, &q->to);
}

static bool
expand_sequence(struct braces *b, sv prefix, const struct sequence *q, sv after)
{
	bool up = q->from <= q->to;
	uint64_t n = up ? (uint64_t)q->to - (uint64_t)q->from :
			  (uint64_t)q->from - (uint64_t)q->to;

	n = n / (uint64_t)q->step;
	if (n >= WORD_MAX_RESULTS)
		return false;
	for (uint64_t i = 0; i <= n; i++) {
		int64_t off = (int64_t)i * q->step;
		int64_t value = up ? q->from + off : q->from - off;
		char *item = q->letters ?
		    arena_printf(b->arena, "%c", (char)value) :
		    arena_printf(b->arena, "%0*" PRId64, q->width, value);

		/* A minus sign and a letter between Z and a are literal. */
		if (!word_expand(b, prefix,
			join3(b->arena, word_escape(b->arena, sv_of(item)),
			    after, SV(""))))
			return false;
	}
	return true;
}

/* `prefix` is done; braces are looked for in `rest`. */
static bool
word_expand(struct braces *b, sv prefix, sv rest)
{
	b->bytes += prefix.n + rest.n;
	if (b->bytes > BRACES_BYTES_MAX)
		return false;
	for (size_t i = 0; i < rest.n; i++) {
		struct sequence q;
		ptrdiff_t end;
		bool comma;
		sv body, after, before;

		if (rest.p[i] == '\\') {
			i++;
			continue;
		}
		if (rest.p[i] != '{')
			continue;
		end = closing(rest, i, &comma);
		if (end < 0)
			continue;
		body = sv_sub(rest, i + 1, (size_t)end - i - 1);
		after = sv_sub(rest, (size_t)end + 1, SIZE_MAX);
		before = join3(b->arena, prefix, sv_sub(rest, 0, i), SV(""));
		if (comma)
			return expand_list(b, before, body, after);
		if (parse_sequence(b->arena, body, &q))
			return expand_sequence(b, before, &q, after);
	}
	if (b->out->n >= WORD_MAX_RESULTS)
		return false;
	vec_push(b->arena, b->out, join3(b->arena, prefix, rest, SV("")));
	return true;
}

size_t
word_brace_depth(sv text)
{
	size_t depth = 0, most = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '{')
			depth++;
		else if (text.p[i] == '}' && depth > 0)
			depth--;
		if (depth > most)
			most = depth;
	}
	return most;
}

bool
word_braces(struct arena *a, sv word, word_vec *out)
{
	struct braces b = { a, out, 0 };

	return word_brace_depth(word) <= WORD_BRACES_MAX &&
	       word_expand(&b, SV(""), word);
}
