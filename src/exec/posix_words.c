/* SPDX-License-Identifier: MIT */
/* Words of a text that dash may run. */
#include "exec/posix_reader.h"

struct word_reader {
	struct posix *p;
	struct posix_word *w;
	enum posix_place place;
	struct sb text;
	bool in_literal; /* the last part is */
	bool tilde;
};

static void
word_add(struct word_reader *r, char c)
{
	sb_addc(&r->text, c);
	r->w->parts += !r->in_literal;
	r->in_literal = true;
}

static bool
posix_word_expand(struct word_reader *r, bool quoted)
{
	struct posix_word *w = r->w;
	unsigned before = w->parts;

	/* "-n" may be what is behind an empty value */
	if (!posix_expand(r->p, quoted, w))
		return false;
	r->in_literal = false;
	return w->parts > before;
}

/* In double quotes, at a backslash. */
static void
word_double_escape(struct word_reader *r)
{
	char next = posix_peek(r->p, 1);

	r->p->at++;
	if (next != '\0' && strchr("$`\"\\", next) != NULL)
		r->p->at++;
	word_add(r, next != '\0' && strchr("$`\"\\", next) ? next : '\\');
}

static bool
word_double(struct word_reader *r)
{
	struct posix *p = r->p;

	for (p->at++; posix_peek(p, 0) != '"';) {
		char c = posix_peek(p, 0), next = posix_peek(p, 1);

		if (p->at >= p->text.n || c == '`')
			return false;
		if (c == '$' && next != '"' && next != ' ' && next != '\n' &&
		    next != '/' && next != ')') {
			if (!posix_word_expand(r, true))
				return false;
		} else if (c == '\\') {
			if (next == '\n')
				return false;
			word_double_escape(r);
		} else {
			word_add(r, c);
			p->at++;
		}
	}
	p->at++;
	return true;
}

static bool
word_single(struct word_reader *r)
{
	struct posix *p = r->p;

	for (p->at++; posix_peek(p, 0) != '\''; p->at++) {
		if (p->at >= p->text.n)
			return false;
		word_add(r, p->text.p[p->at]);
	}
	p->at++;
	return true;
}

static bool
word_quotes(struct word_reader *r)
{
	r->w->quoted = true;
	if (r->w->parts == 0) /* "" is a word, too */
		r->in_literal = false;
	return posix_peek(r->p, 0) == '"' ? word_double(r) : word_single(r);
}

static bool
word_escape(struct word_reader *r)
{
	char next = posix_peek(r->p, 1);

	if (next == '\n' || next == '\0')
		return false;
	r->w->quoted = true;
	word_add(r, next);
	r->p->at += 2;
	return true;
}

static int
bracket_kind(char c)
{
	if (is_digit((unsigned char)c))
		return 1;
	if (c >= 'a' && c <= 'z')
		return 2;
	return c >= 'A' && c <= 'Z' ? 3 : 0;
}

/* [abc] or [0-9a-f]: letters and digits, and ranges of a kind. */
static bool
word_bracket(struct word_reader *r)
{
	struct posix *p = r->p;
	size_t n = 0;

	for (p->at++; posix_peek(p, 0) != ']'; n++) {
		int kind = bracket_kind(posix_peek(p, 0));

		if (kind == 0)
			return false;
		if (posix_peek(p, 1) == '-') {
			if (bracket_kind(posix_peek(p, 2)) != kind ||
			    posix_peek(p, 2) < posix_peek(p, 0))
				return false;
			p->at += 2;
		}
		p->at++;
	}
	p->at++;
	r->w->glob = true;
	return n > 0;
}

static bool
word_glob(struct word_reader *r)
{
	struct posix *p = r->p;
	char c = posix_peek(p, 0);
	size_t dir = r->text.n;

	if (r->place == POSIX_TARGET)
		return false;
	if (r->place != POSIX_ARGUMENT && r->place != POSIX_PATTERN) {
		word_add(r, c);
		p->at++;
		return true;
	}
	r->in_literal = false;
	r->w->parts++;
	/* dash finds "." and ".." */
	while (dir > 0 && r->text.p[dir - 1] != '/')
		dir--;
	if (r->place == POSIX_ARGUMENT && r->text.p != NULL &&
	    r->text.p[dir] == '.' && dir < r->text.n)
		return false;
	if (c == '[')
		return word_bracket(r);
	p->counts_characters |= c == '?';
	r->w->glob = true;
	p->at++;
	return c != '*' || posix_peek(p, 0) != '*';
}

/* ~ or ~/ at the beginning. */
static bool
word_tilde(struct word_reader *r, bool first)
{
	struct posix *p = r->p;
	char next = posix_peek(p, 1);
	char last = p->at > 0 ? p->text.p[p->at - 1] : ' ';

	if (!first) {
		word_add(r, '~');
		p->at++;
		return last != ':' && last != '=';
	}
	if (r->place == POSIX_PATTERN || r->place == POSIX_SUBJECT ||
	    (next != '/' && next != ' ' && next != '\n' && next != '\0' &&
		next != ';'))
		return false;
	p->uses_home = true;
	r->tilde = true;
	r->w->parts++;
	p->at++;
	return true;
}

/* {} alone is a word, and braces elsewhere may be expanded. */
static bool
word_braces(struct word_reader *r, bool first)
{
	struct posix *p = r->p;
	char behind = posix_peek(p, 2);

	if (!first || posix_peek(p, 0) != '{' || posix_peek(p, 1) != '}' ||
	    (behind != ' ' && behind != ';' && behind != '\n' &&
		behind != '\0'))
		return false;
	word_add(r, '{');
	word_add(r, '}');
	p->at += 2;
	return true;
}

static bool
word_part(struct word_reader *r)
{
	struct posix *p = r->p;
	char c = posix_peek(p, 0), next = posix_peek(p, 1);
	bool first = p->at == r->w->at;

	if (c == '\'' || c == '"')
		return word_quotes(r);
	if (c == '\\')
		return word_escape(r);
	if (c == '`' || c == '$') {
		if (c == '$' && (next == '\0' || strchr(" \t\n\"'[", next)))
			return false;
		return posix_word_expand(r, false);
	}
	if (c == '*' || c == '?' || c == '[')
		return word_glob(r);
	if (c == '~')
		return word_tilde(r, first);
	if (c == '{' || c == '}')
		return word_braces(r, first);
	word_add(r, c);
	p->at++;
	return true;
}

/* "x*" beside an unknown value: what it would be a pattern of nobody knows. */
static bool
word_ask_names(struct posix *p, enum posix_place place, struct posix_word *w)
{
	bool asks = place == POSIX_ARGUMENT && (w->splits || w->glob);

	if (place == POSIX_PATTERN && w->expands)
		return false;
	if (!asks)
		return !w->glob || place == POSIX_PATTERN;
	if (w->unknown)
		return false;
	for (size_t i = 0; i < w->names.n; i++)
		w->names.v[i]->must_be_plain = true;
	if (w->glob) {
		p->globs = true;
		w->unknown = true;
	}
	return !w->odd || !w->glob;
}

static bool
word_end(struct word_reader *r)
{
	struct posix_word *w = r->w;

	w->end = r->p->at;
	w->odd |= !posix_is_plain(sb_sv(&r->text));
	w->text = sb_take(&r->text, r->p->a).p;
	if (w->literal && w->parts <= 1)
		w->number = posix_is_number(sv_of(w->text));
	if (w->parts != 1)
		w->number = w->status = false;
	/* an empty value before it makes it an option */
	if (w->parts > 1 && strchr(w->text, '-') != NULL && !w->literal)
		w->odd = true;
	if (r->tilde || w->glob)
		w->literal = false;
	return word_ask_names(r->p, r->place, w);
}

bool
posix_word_read(struct posix *p, enum posix_place place, struct posix_word *w)
{
	struct word_reader r = { .p = p, .w = w, .place = place };
	bool fine = true;

	*w = (struct posix_word){ .at = p->at, .literal = true };
	while (p->at < p->text.n) {
		if (strchr(" \t\n;&|<>()", p->text.p[p->at]) != NULL)
			break;
		if (!(fine = word_part(&r)))
			break;
	}
	fine = fine && word_end(&r);
	sb_free(&r.text);
	return fine;
}

bool
posix_word_want_plain(const struct posix_word *w)
{
	for (size_t i = 0; i < w->names.n; i++)
		w->names.v[i]->must_be_plain = true;
	return !w->odd && !w->unknown && !w->many;
}

bool
posix_word_want_number(const struct posix_word *w)
{
	if (w->number || w->status)
		return true;
	if (w->parts != 1 || w->names.n != 1 || w->unknown)
		return false;
	w->names.v[0]->must_be_number = true;
	return true;
}

bool
posix_word_want_digits(const struct posix_word *w)
{
	if (!posix_word_want_number(w))
		return false;
	if (w->names.n == 0)
		return true;
	w->names.v[0]->must_be_filled = true;
	return w->names.v[0]->sure_at < w->at;
}

bool
posix_word_is_one(const struct posix_word *w)
{
	if (w->many || w->glob)
		return false;
	return !w->splits || posix_word_want_digits(w);
}
