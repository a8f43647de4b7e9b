/* SPDX-License-Identifier: MIT */
/* Splitting a text into words as a shell does; see shellword.h. */
#include "go/shellsplit.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/names.h"
#include "base/utf8.h"
#include "base/vec.h"

/* Braces in each other may be looked at again and again. */
#define STEPS_MAX ((size_t)16 << 20)
#define DEPTH_MAX 500

bool
shell_count_steps(struct splitter *s, size_t n)
{
	s->steps += n;
	if (s->steps <= STEPS_MAX)
		return true;
	return err_set(s->e, ERR_GENERIC, "too many braces in each other");
}

/* "LINE:COLUMN" of a place in the text, for messages. */
static char *
split_position(struct splitter *s, const char *p)
{
	size_t line = 1, column = 1;

	/* braces make copies of words, which lie elsewhere */
	if (p < s->text.p || p > s->text.p + s->text.n)
		return arena_strdup(s->a, "1:1");
	for (const char *q = s->text.p; q < p; q++) {
		column++;
		if (*q == '\n') {
			line++;
			column = 1;
		}
	}
	return arena_printf(s->a, "%zu:%zu", line, column);
}

static bool
is_shell_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Cutting the text into raw words
 */

static bool
fail_quote(struct splitter *s, const char *open, const char *quote)
{
	return err_set(s->e, ERR_GENERIC,
	    "%s: reached EOF without closing quote `%s`",
	    split_position(s, open), quote);
}

/* Steps over '…' or $'…' (escapes count in the latter). */
static bool
skip_single(struct splitter *s, sv w, size_t *i, bool escapes)
{
	const char *open = w.p + *i - escapes;

	for ((*i)++; *i < w.n; (*i)++) {
		if (w.p[*i] == '\'') {
			(*i)++;
			return true;
		}
		if (escapes && w.p[*i] == '\\')
			(*i)++;
	}
	return fail_quote(s, open, "'");
}

static bool skip_expansion(struct splitter *s, sv w, size_t *i);

static bool
skip_double(struct splitter *s, sv w, size_t *i)
{
	const char *open = w.p + *i;

	for ((*i)++; *i < w.n;) {
		char c = w.p[*i];

		if (c == '"') {
			(*i)++;
			return true;
		}
		if (c == '\\')
			*i += 2;
		else if (c != '$' && c != '`')
			(*i)++;
		else if (!skip_expansion(s, w, i))
			return false;
	}
	return fail_quote(s, open, "\"");
}

static bool skip_to_brace(struct splitter *s, sv w, size_t *i);

static bool
skip_braces(struct splitter *s, sv w, size_t *i)
{
	size_t from = *i;
	bool good;

	if (s->depth >= DEPTH_MAX)
		return err_set(s->e, ERR_GENERIC,
		    "%s: more than %d `${` in each other",
		    split_position(s, w.p + from), DEPTH_MAX);
	s->depth++;
	good = skip_to_brace(s, w, i);
	s->depth--;
	return good && shell_count_steps(s, *i - from);
}

static bool
skip_to_brace(struct splitter *s, sv w, size_t *i)
{
	const char *open = w.p + *i;

	if (*i + 2 >= w.n)
		return err_set(s->e, ERR_GENERIC, "%s: invalid parameter name",
		    split_position(s, open + 2));
	for (*i += 2; *i < w.n;) {
		char c = w.p[*i];

		if (c == '}') {
			(*i)++;
			return true;
		}
		if (c == '\\') {
			*i += 2;
		} else if (c == '\'') {
			if (!skip_single(s, w, i, false))
				return false;
		} else if (c == '"') {
			if (!skip_double(s, w, i))
				return false;
		} else if (c == '$' || c == '`') {
			if (!skip_expansion(s, w, i))
				return false;
		} else {
			(*i)++;
		}
	}
	return err_set(s->e, ERR_GENERIC,
	    "%s: reached EOF without matching `${` with `}`",
	    split_position(s, open));
}

/* At '$' or '`': commands are refused, ${…} is stepped over as a whole. */
static bool
skip_expansion(struct splitter *s, sv w, size_t *i)
{
	sv rest = sv_sub(w, *i, SIZE_MAX);

	if (sv_starts(rest, SV("$((")))
		return err_set(s->e, ERR_GENERIC,
		    "unexpected arithmetic expansion at %s",
		    split_position(s, rest.p));
	if (sv_starts(rest, SV("`")) || sv_starts(rest, SV("$(")))
		return err_set(s->e, ERR_GENERIC,
		    "unexpected command substitution at %s",
		    split_position(s, rest.p));
	if (sv_starts(rest, SV("${")))
		return skip_braces(s, w, i);
	(*i)++;
	return true;
}

bool
shell_skip_part(struct splitter *s, sv w, size_t *i)
{
	sv rest = sv_sub(w, *i, SIZE_MAX);

	if (rest.p[0] == '\\') {
		*i += rest.n > 1 ? 2 : 1;
		return true;
	}
	if (rest.p[0] == '\'')
		return skip_single(s, w, i, false);
	if (sv_starts(rest, SV("$'"))) {
		(*i)++;
		return skip_single(s, w, i, true);
	}
	if (sv_starts(rest, SV("$\"")))
		(*i)++;
	if (w.p[*i] == '"')
		return skip_double(s, w, i);
	if (rest.p[0] == '$' || rest.p[0] == '`')
		return skip_expansion(s, w, i);
	(*i)++;
	return true;
}

static bool
fail_operator(struct splitter *s, sv rest)
{
	static const char *const operators[] = { "&>>", "<<-", "<<<", "&&",
		"&>", "||", "|&", ";;", ";&", ">>", ">&", ">|", "<<", "<>",
		"<&", "((" };
	sv op = sv_sub(rest, 0, 1);

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (sv_starts(rest, sv_of(operators[i]))) {
			op = sv_of(operators[i]);
			break;
		}
	return err_set(s->e, ERR_GENERIC, "%s: `%.*s` is not a valid word",
	    split_position(s, rest.p), SV_ARG(op));
}

/* The next raw word in *word; an empty one at the end of the text. */
static bool
next_raw(struct splitter *s, size_t *at, sv *word)
{
	sv t = s->text;
	size_t from;

	while (*at < t.n && (is_shell_blank(t.p[*at]) || t.p[*at] == '#')) {
		if (t.p[*at] == '#')
			while (*at + 1 < t.n && t.p[*at + 1] != '\n')
				(*at)++;
		(*at)++;
	}
	from = *at;
	while (*at < t.n && !is_shell_blank(t.p[*at])) {
		if (t.p[*at] != '\0' && strchr(";&|<>()", t.p[*at]) != NULL)
			return fail_operator(s, sv_sub(t, *at, SIZE_MAX));
		if (!shell_skip_part(s, t, at))
			return false;
	}
	if (*at > t.n)
		*at = t.n;
	*word = sv_sub(t, from, *at - from);
	return true;
}

/*
 * Making words of raw ones
 */

void
shell_end_word(struct splitter *s)
{
	if (s->has_word)
		vec_push(s->a, s->out, sb_take(&s->word, s->a));
	sb_clear(&s->word);
	s->has_word = false;
}

static void
split_add_text(struct splitter *s, sv text)
{
	sb_addv(&s->word, text);
	s->has_word = true;
}

/* What a parameter expands to is cut at blanks where no quotes stand. */
static void
add_expanded(struct splitter *s, sv text, bool quoted)
{
	if (quoted) {
		split_add_text(s, text);
		return;
	}
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == ' ' || text.p[i] == '\t' ||
		    text.p[i] == '\n')
			shell_end_word(s);
		else
			split_add_text(s, sv_sub(text, i, 1));
	}
}

static sv
parameter(struct splitter *s, sv name)
{
	const char *found = s->getenv_fn(s->ctx, sv_cstr(s->a, name));

	return sv_of(found ? found : "");
}

/* The word of an operator (`${X:-word}`) as one text. */
static bool
expand_operand(struct splitter *s, sv raw, sv *out)
{
	struct shell_words words = { 0 };
	struct splitter inner = { .a = s->a, .e = s->e, .text = s->text,
		.getenv_fn = s->getenv_fn, .ctx = s->ctx, .out = &words,
		.steps = s->steps };
	struct sb joined cleanup_sb = SB_INIT;
	bool good = shell_expand_raw(&inner, raw);

	shell_end_word(&inner);
	s->steps = inner.steps;
	sb_free(&inner.word);
	for (size_t i = 0; i < words.n; i++) {
		if (i > 0)
			sb_addc(&joined, ' ');
		sb_addv(&joined, words.v[i]);
	}
	*out = sb_take(&joined, s->a);
	return good;
}

/* Cuts what fits the pattern off the front or the back. */
static sv
trim_pattern(struct splitter *s, sv value, sv pattern, bool front, bool longest)
{
	const char *p = sv_cstr(s->a, pattern);

	for (size_t k = 0; k <= value.n; k++) {
		size_t len = longest ? value.n - k : k;
		sv part = front ? sv_sub(value, 0, len) :
				  sv_sub(value, value.n - len, len);

		if (fnmatch(p, sv_cstr(s->a, part), 0) == 0)
			return front ? sv_sub(value, len, SIZE_MAX) :
				       sv_sub(value, 0, value.n - len);
	}
	return value;
}

static bool
fail_parameter(struct splitter *s, const char *at, const char *text)
{
	return err_set(
	    s->e, ERR_GENERIC, "%s: %s", split_position(s, at), text);
}

/* ${NAME op}: defaults and trims; `op` begins with the operator. */
static bool
apply_operator(struct splitter *s, sv name, sv op, sv *value, bool *unquoted)
{
	const char *at = op.p;
	bool trim = op.p[0] == '#' || op.p[0] == '%', twice;
	char c;
	sv operand;

	if (op.p[0] == ':')
		op = sv_sub(op, 1, SIZE_MAX);
	c = op.n > 0 ? op.p[0] : '\0';
	twice = trim && op.n > 1 && op.p[1] == c;
	if (c == '\0' || strchr(trim ? "#%" : "-+=?", c) == NULL)
		return fail_parameter(s, at,
		    arena_printf(s->a, "not a valid parameter expansion "
				       "operator: `%c`", *at));
	if (!expand_operand(s, sv_sub(op, 1 + twice, SIZE_MAX), &operand))
		return false;
	if (trim) {
		*value = trim_pattern(s, *value, operand, c == '#', twice);
		return true;
	}
	if (c == '?' && value->n == 0)
		return err_set(s->e, ERR_GENERIC, "%.*s: %.*s", SV_ARG(name),
		    SV_ARG(operand));
	if ((c == '+') == (value->n > 0))
		*value = c == '?' ? *value : operand;
	*unquoted = true;
	return true;
}

static bool
expand_braces_parameter(struct splitter *s, sv body, bool quoted)
{
	bool length = body.n > 1 && body.p[0] == '#', unquoted = false;
	size_t n = 0;
	sv name, value;

	if (length)
		body = sv_sub(body, 1, SIZE_MAX);
	while (n < body.n && is_name_byte(body.p[n]) &&
	       (n > 0 || !is_digit(body.p[n])))
		n++;
	if (n == 0 && body.n > 0 && strchr("0123456789@*#?$!-", body.p[0]))
		n = 1;
	if (n == 0)
		return fail_parameter(s, body.p, "invalid parameter name");
	name = sv_sub(body, 0, n);
	value = parameter(s, name);
	if (length)
		value = sv_of(
		    arena_printf(s->a, "%zu", utf8_count(value)));
	else if (n < body.n &&
	    !apply_operator(s, name, sv_sub(body, n, SIZE_MAX), &value,
		&unquoted))
		return false;
	add_expanded(s, value, quoted);
	return true;
}

/* At '$'; moves *i behind the parameter. */
static bool
expand_parameter(struct splitter *s, sv raw, size_t *i, bool quoted)
{
	size_t from = *i + 1, n = 0;
	sv rest = sv_sub(raw, from, SIZE_MAX);

	if (sv_starts(rest, SV("{"))) {
		if (!skip_braces(s, raw, i))
			return false;
		return expand_braces_parameter(s,
		    sv_sub(raw, from + 1, *i - from - 2), quoted);
	}
	while (n < rest.n && is_name_byte(rest.p[n]) &&
	       (n > 0 || !is_digit(rest.p[n])))
		n++;
	if (n > 0) {
		add_expanded(s, parameter(s, sv_sub(rest, 0, n)), quoted);
	} else if (rest.n > 0 && strchr("0123456789@*#?$!-", rest.p[0])) {
		/* positional and special parameters are never set here */
		n = 1;
		add_expanded(s, SV(""), quoted);
	} else {
		split_add_text(s, SV("$"));
	}
	*i = from + n;
	return true;
}

static bool
expand_double(struct splitter *s, sv raw, size_t *i)
{
	s->has_word = true;
	for ((*i)++; raw.p[*i] != '"';) {
		char c = raw.p[*i];

		if (c == '$') {
			if (!expand_parameter(s, raw, i, true))
				return false;
			continue;
		}
		if (c == '\\' && strchr("$`\"\\\n", raw.p[*i + 1]) != NULL) {
			(*i)++;
			if (raw.p[*i] == '\n') {
				(*i)++;
				continue;
			}
		}
		split_add_text(s, sv_sub(raw, *i, 1));
		(*i)++;
	}
	(*i)++;
	return true;
}

/* Digits of a \x, \u, \U or octal escape; at most `max` of them. */
static uint32_t
split_take_digits(sv raw, size_t *i, size_t max, unsigned base)
{
	uint32_t n = 0;

	for (size_t k = 0; k < max && *i < raw.n; k++, (*i)++) {
		char c = raw.p[*i], l = c | 0x20;
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') :
		    l >= 'a' && l <= 'f' ? (unsigned)(l - 'a' + 10) :
					   99;

		if (digit >= base)
			break;
		n = n * base + digit;
	}
	return n;
}

/* Behind a backslash in $'…'. */
static void
expand_escape(struct splitter *s, sv raw, size_t *i)
{
	static const char names[] = "abefnrtv\\'\"?",
			  bytes[] = "\a\b\033\f\n\r\t\v\\'\"?";
	char c = raw.p[*i];
	const char *found = c ? strchr(names, c) : NULL;

	if (found != NULL) {
		(*i)++;
		split_add_text(
		    s, sv_sub(sv_of(bytes), (size_t)(found - names), 1));
	} else if (c == 'x') {
		(*i)++;
		sb_addc(&s->word, (char)split_take_digits(raw, i, 2, 16));
	} else if (c == 'u' || c == 'U') {
		(*i)++;
		sb_add_rune(
		    &s->word, split_take_digits(raw, i, c == 'u' ? 4 : 8, 16));
	} else if (c >= '0' && c <= '7') {
		sb_addc(&s->word, (char)split_take_digits(raw, i, 3, 8));
	} else {
		split_add_text(s, SV("\\"));
	}
}

static void
expand_dollar_single(struct splitter *s, sv raw, size_t *i)
{
	s->has_word = true;
	for (*i += 2; raw.p[*i] != '\'';) {
		if (raw.p[*i] == '\\') {
			(*i)++;
			expand_escape(s, raw, i);
		} else {
			split_add_text(s, sv_sub(raw, *i, 1));
			(*i)++;
		}
	}
	(*i)++;
}

/* `~` and `~user` at the start of a word. */
static void
split_expand_tilde(struct splitter *s, sv raw, size_t *i)
{
	const char *of_user;
	size_t n = 1;
	sv home = SV("");

	while (n < raw.n && raw.p[n] != '/') {
		if (strchr("\\'\"$`", raw.p[n]) != NULL)
			return;
		n++;
	}
	if (n == 1)
		home = parameter(s, SV("HOME"));
	else if ((of_user = names_home_of(
		      s->a, sv_cstr(s->a, sv_sub(raw, 1, n - 1)))))
		home = sv_of(of_user);
	if (home.n == 0)
		return;
	split_add_text(s, home);
	*i = n;
}

/* Quotes, escapes and parameters of one raw word (or operand). */
bool
shell_expand_raw(struct splitter *s, sv raw)
{
	size_t i = 0;

	if (raw.n > 0 && raw.p[0] == '~')
		split_expand_tilde(s, raw, &i);
	while (i < raw.n) {
		sv rest = sv_sub(raw, i, SIZE_MAX);
		size_t end = i;

		if (rest.p[0] == '\'') {
			if (!skip_single(s, raw, &end, false))
				return false;
			split_add_text(s, sv_sub(raw, i + 1, end - i - 2));
			i = end;
		} else if (sv_starts(rest, SV("$'"))) {
			expand_dollar_single(s, raw, &i);
		} else if (rest.p[0] == '"' || sv_starts(rest, SV("$\""))) {
			i += rest.p[0] == '$';
			if (!expand_double(s, raw, &i))
				return false;
		} else if (rest.p[0] == '$') {
			if (!expand_parameter(s, raw, &i, false))
				return false;
		} else {
			/* a line break behind a backslash is nothing */
			if (rest.p[0] == '\\' && rest.n > 1)
				i++;
			if (rest.p[0] != '\\' || raw.p[i] != '\n')
				split_add_text(s, sv_sub(raw, i, 1));
			i++;
		}
	}
	return true;
}

bool
shell_split(struct arena *a, sv text,
    const char *(*getenv_fn)(void *ctx, const char *name), void *ctx,
    struct shell_words *out, struct err *e)
{
	struct splitter s = { .a = a, .e = e, .text = text,
		.getenv_fn = getenv_fn, .ctx = ctx, .out = out };
	VEC(sv) raw = { 0 };
	bool good = true;
	size_t at = 0;
	sv word;

	/* all of the text is read before anything of it is expanded */
	while (good && (good = next_raw(&s, &at, &word)) && word.n > 0)
		vec_push(a, &raw, word);
	for (size_t i = 0; good && i < raw.n; i++)
		good = shell_expand_word(&s, raw.v[i], 0);
	sb_free(&s.word);
	return good;
}
