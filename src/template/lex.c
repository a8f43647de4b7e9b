/* SPDX-License-Identifier: MIT */
#include "template/lex.h"

#include <stdint.h>

#include "base/utf8.h"

enum { END = -1 };

struct keyword {
	const char *word;
	enum item_type type;
};

/* By their lengths, which leave four to look at at most. */
static const struct keyword by_length[][4] = {
	[2] = { { "if", ITEM_IF } },
	[3] = { { "end", ITEM_END }, { "nil", ITEM_NIL } },
	[4] = { { "else", ITEM_ELSE }, { "with", ITEM_WITH },
	    { "true", ITEM_BOOL } },
	[5] = { { "range", ITEM_RANGE }, { "block", ITEM_BLOCK },
	    { "break", ITEM_BREAK }, { "false", ITEM_BOOL } },
	[6] = { { "define", ITEM_DEFINE } },
	[8] = { { "continue", ITEM_CONTINUE }, { "template", ITEM_TEMPLATE } },
};

static enum item_type
word_type(sv word)
{
	const struct keyword *k;

	if (word.n >= sizeof(by_length) / sizeof(by_length[0]))
		return ITEM_IDENTIFIER;
	k = by_length[word.n];
	for (int i = 0; i < 4 && k[i].word != NULL; i++)
		if (memcmp(word.p, k[i].word, word.n) == 0)
			return k[i].type;
	return ITEM_IDENTIFIER;
}

static bool
is_space(int32_t r)
{
	return r == ' ' || r == '\t' || r == '\r' || r == '\n';
}

static inline bool
is_alphanumeric(int32_t r)
{
	if (r == END)
		return false;
	if (r < 0x80)
		return is_name_byte((uint32_t)r);
	return rune_is_letter((uint32_t)r) || rune_is_digit((uint32_t)r);
}

static sv
rest(const struct lexer *l)
{
	return sv_sub(l->input, l->pos, SIZE_MAX);
}

static bool
looking_at(const struct lexer *l, size_t ahead, const char *what)
{
	return sv_starts(sv_sub(l->input, l->pos + ahead, SIZE_MAX),
	    sv_of(what));
}

static int32_t
peek_rune(const struct lexer *l, size_t *width)
{
	return (int32_t)utf8_decode(rest(l), width);
}

/* The next rune, and how many bytes it has. */
static inline int32_t
lex_peek(const struct lexer *l, size_t *width)
{
	*width = l->pos < l->input.n;
	if (*width == 0)
		return END;
	if ((unsigned char)l->input.p[l->pos] < 0x80)
		return l->input.p[l->pos];
	return peek_rune(l, width);
}

static int32_t
next(struct lexer *l)
{
	size_t width;
	int32_t r = lex_peek(l, &width);

	l->pos += width;
	if (r == '\n')
		l->line++;
	return r;
}

static bool
accept(struct lexer *l, const char *valid)
{
	size_t width;
	int32_t r = lex_peek(l, &width);

	if (r <= 0 || r >= 0x80 || strchr(valid, r) == NULL)
		return false;
	next(l);
	return true;
}

static void
accept_run(struct lexer *l, const char *valid)
{
	while (accept(l, valid))
		;
}

/* Sets the pending text as the next token. */
static void
emit(struct lexer *l, enum item_type type)
{
	*l->item = (struct item){
		.type = type,
		.pos = l->start,
		.text = { l->input.p + l->start, l->pos - l->start },
		.line = l->start_line,
	};
	l->start = l->pos;
	l->start_line = l->line;
}

static void __attribute__((format(printf, 2, 3)))
fail(struct lexer *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*l->item = (struct item){
		.type = ITEM_ERROR,
		.pos = l->start,
		.text = sv_of(arena_vprintf(l->a, fmt, ap)),
		.line = l->start_line,
	};
	va_end(ap);
	l->pos = l->start = l->input.n;
	l->inside_action = false;
}

/* Go's %#U: "U+0040 '@'", the character only where it can be printed. */
static void
fail_rune(struct lexer *l, const char *what, int32_t r)
{
	char text[4];
	size_t n;

	if (r == END) {
		fail(l, "%s U+FFFFFFFFFFFFFFFF", what);
		return;
	}
	if (!rune_is_print((uint32_t)r)) {
		fail(l, "%s U+%04X", what, (unsigned)r);
		return;
	}
	n = rune_encode((uint32_t)r, text);
	fail(l, "%s U+%04X '%.*s'", what, (unsigned)r, (int)n, text);
}

static int
newlines(sv s)
{
	int n = 0;

	for (ptrdiff_t at = 0; (at = sv_find_char(s, '\n', (size_t)at)) >= 0;
	     at++)
		n++;
	return n;
}

/* Moves over bytes that next() has not seen and drops them. */
static void
lex_skip(struct lexer *l, size_t n)
{
	if (n > 0)
		l->line += newlines(sv_sub(l->input, l->pos, n));
	l->pos += n;
	l->start = l->pos;
	l->start_line = l->line;
}

static bool
left_trim_marker(sv s)
{
	return s.n >= 2 && s.p[0] == '-' && is_space(s.p[1]);
}

/* "}}", or " -}}" with `*trim` set. */
static bool
at_right_delim(const struct lexer *l, bool *trim)
{
	sv s = rest(l);

	*trim = s.n >= 4 && is_space(s.p[0]) && s.p[1] == '-' &&
	    s.p[2] == '}' && s.p[3] == '}';
	return *trim || (s.p[0] == '}' && s.p[1] == '}');
}

static size_t
blanks_at_end(sv s)
{
	size_t n = 0;

	while (n < s.n && is_space(s.p[s.n - 1 - n]))
		n++;
	return n;
}

static size_t
blanks_at_start(sv s)
{
	size_t n = 0;

	while (n < s.n && is_space(s.p[n]))
		n++;
	return n;
}

/* Skips a comment up to behind its "}}"; false on error. */
static bool
lex_comment(struct lexer *l)
{
	ptrdiff_t end = sv_find(l->input, SV("*/"), l->pos + 2);
	bool trim;

	if (end < 0) {
		fail(l, "unclosed comment");
		return false;
	}
	l->line += newlines(sv_sub(l->input, l->pos, (size_t)end - l->pos));
	l->pos = (size_t)end + 2;
	if (!at_right_delim(l, &trim)) {
		fail(l, "comment ends before closing delimiter");
		return false;
	}
	lex_skip(l, trim ? 4 : 2);
	if (trim)
		lex_skip(l, blanks_at_start(rest(l)));
	return true;
}

/* At "{{"; true when it was a comment and text goes on behind it. */
static bool
lex_left_delim(struct lexer *l)
{
	size_t marker = left_trim_marker(sv_sub(l->input, l->pos + 2, SIZE_MAX))
	    ? 2 : 0;

	if (looking_at(l, 2 + marker, "/*")) {
		lex_skip(l, 2 + marker);
		return lex_comment(l);
	}
	l->pos += 2;
	emit(l, ITEM_LEFT_DELIM);
	lex_skip(l, marker);
	l->inside_action = true;
	l->paren_depth = 0;
	return false;
}

static void
lex_text(struct lexer *l)
{
	do {
		ptrdiff_t at = sv_find(l->input, SV("{{"), l->pos);
		size_t end = at < 0 ? l->input.n : (size_t)at;
		size_t trim = 0;

		if (at >= 0 && left_trim_marker(sv_sub(l->input, end + 2,
		    SIZE_MAX)))
			trim = blanks_at_end(sv_sub(l->input, l->pos,
			    end - l->pos));
		if (end - trim > l->pos) {
			l->line += newlines(sv_sub(l->input, l->pos,
			    end - trim - l->pos));
			l->pos = end - trim;
			emit(l, ITEM_TEXT);
			lex_skip(l, trim);
			return;
		}
		lex_skip(l, trim);
		if (at < 0) {
			emit(l, ITEM_EOF);
			return;
		}
	} while (lex_left_delim(l));
}

static void
lex_right_delim(struct lexer *l, bool trim)
{
	if (trim)
		lex_skip(l, 2);
	l->pos += 2;
	emit(l, ITEM_RIGHT_DELIM);
	if (trim)
		lex_skip(l, blanks_at_start(rest(l)));
	l->inside_action = false;
}

/* Between other tokens; a single blank that belongs to a " -}}" is not. */
static void
lex_space(struct lexer *l)
{
	size_t n = blanks_at_start(rest(l));
	sv behind = sv_sub(l->input, l->pos + n, 3);

	/* the last blank may belong to a " -}}" */
	if (sv_eq(behind, SV("-}}")))
		n--;
	for (size_t i = 0; i < n; i++)
		l->line += l->input.p[l->pos + i] == '\n';
	l->pos += n;
	emit(l, ITEM_SPACE);
}

/* What may follow an identifier, so that "$x+2" is an error. */
static bool
at_terminator(const struct lexer *l)
{
	sv s = rest(l);

	if (s.n == 0 || is_space(s.p[0]))
		return true;
	switch (s.p[0]) {
	case '.':
	case ',':
	case '|':
	case ':':
	case ')':
	case '(':
		return true;
	case '}':
		return s.n > 1 && s.p[1] == '}';
	}
	return false;
}

static bool
take_word(struct lexer *l)
{
	size_t width = 0;

	do {
		l->pos += width;
		while (l->pos < l->input.n &&
		       is_name_byte((unsigned char)l->input.p[l->pos]))
			l->pos++;
	} while (is_alphanumeric(lex_peek(l, &width)));
	if (at_terminator(l))
		return true;
	fail_rune(l, "bad character", lex_peek(l, &width));
	return false;
}

static void
lex_identifier(struct lexer *l)
{
	if (take_word(l))
		emit(l,
		    word_type(sv_sub(l->input, l->start, l->pos - l->start)));
}

/* Behind the dot or dollar sign. */
static void
lex_field_or_variable(struct lexer *l, enum item_type type)
{
	if (at_terminator(l)) {
		emit(l, type == ITEM_FIELD ? ITEM_DOT : type);
		return;
	}
	if (take_word(l))
		emit(l, type);
}

/* A quoted string or a character constant, behind its first quote. */
static void
lex_quoted(struct lexer *l, char quote, enum item_type type, const char *what)
{
	for (;;) {
		int32_t r;

		while (l->pos < l->input.n && l->input.p[l->pos] != quote &&
		       l->input.p[l->pos] != '\\' && l->input.p[l->pos] != '\n')
			l->pos++;
		r = next(l);
		if (r == quote)
			break;
		if (r == '\\') {
			r = next(l);
			if (r != END && r != '\n')
				continue;
		}
		if (r == END || r == '\n') {
			fail(l, "unterminated %s", what);
			return;
		}
	}
	emit(l, type);
}

static void
lex_raw_quoted(struct lexer *l)
{
	int32_t r;

	while ((r = next(l)) != '`')
		if (r == END) {
			fail(l, "unterminated raw quoted string");
			return;
		}
	emit(l, ITEM_RAW_STRING);
}

static bool
scan_number(struct lexer *l)
{
	static const char decimal[] = "0123456789_";
	const char *digits = decimal;
	bool hex = false;
	size_t width;

	accept(l, "+-");
	if (accept(l, "0")) {
		if (accept(l, "xX")) {
			digits = "0123456789abcdefABCDEF_";
			hex = true;
		} else if (accept(l, "oO")) {
			digits = "01234567_";
		} else if (accept(l, "bB")) {
			digits = "01_";
		}
	}
	accept_run(l, digits);
	if (accept(l, "."))
		accept_run(l, digits);
	if ((digits == decimal && accept(l, "eE")) ||
	    (hex && accept(l, "pP"))) {
		accept(l, "+-");
		accept_run(l, decimal);
	}
	accept(l, "i");
	if (is_alphanumeric(lex_peek(l, &width))) {
		next(l);
		return false;
	}
	return true;
}

static void
lex_number(struct lexer *l)
{
	bool ok = scan_number(l), complex = false;
	size_t width;
	int32_t sign = lex_peek(l, &width);
	struct sb quoted cleanup_sb = SB_INIT;

	if (ok && (sign == '+' || sign == '-')) {
		complex = true;
		ok = scan_number(l) && l->input.p[l->pos - 1] == 'i';
	}
	if (ok) {
		emit(l, complex ? ITEM_COMPLEX : ITEM_NUMBER);
		return;
	}
	sb_quote_go(&quoted, sv_sub(l->input, l->start, l->pos - l->start));
	fail(l, "bad number syntax: %s", sb_cstr(&quoted));
}

static void
lex_paren(struct lexer *l, int32_t r)
{
	l->paren_depth += r == '(' ? 1 : -1;
	if (l->paren_depth < 0)
		fail(l, "unexpected right paren");
	else
		emit(l, r == '(' ? ITEM_LEFT_PAREN : ITEM_RIGHT_PAREN);
}

/* A dot is a number, as in ".5", only before a digit. */
static void
lex_dot(struct lexer *l)
{
	if (l->pos + 1 < l->input.n && l->input.p[l->pos + 1] >= '0' &&
	    l->input.p[l->pos + 1] <= '9') {
		lex_number(l);
		return;
	}
	if (l->pos + 1 >= l->input.n) {
		lex_number(l);
		return;
	}
	next(l);
	lex_field_or_variable(l, ITEM_FIELD);
}

static void
lex_operator(struct lexer *l)
{
	int32_t r = next(l);

	switch (r) {
	case '=':
		emit(l, ITEM_ASSIGN);
		return;
	case ':':
		if (next(l) != '=')
			fail(l, "expected :=");
		else
			emit(l, ITEM_DECLARE);
		return;
	case '|':
		emit(l, ITEM_PIPE);
		return;
	case '"':
		lex_quoted(l, '"', ITEM_STRING, "quoted string");
		return;
	case '\'':
		lex_quoted(l, '\'', ITEM_CHAR_CONSTANT, "character constant");
		return;
	case '`':
		lex_raw_quoted(l);
		return;
	case '$':
		lex_field_or_variable(l, ITEM_VARIABLE);
		return;
	case '(':
	case ')':
		lex_paren(l, r);
		return;
	}
	if (r >= ' ' && r < 0x7f)
		emit(l, ITEM_CHAR);
	else
		fail_rune(l, "unrecognized character in action:", r);
}

/* At what may be the end of an action. */
static bool
lex_end(struct lexer *l)
{
	bool trim;

	if (!at_right_delim(l, &trim))
		return false;
	if (l->paren_depth == 0)
		lex_right_delim(l, trim);
	else
		fail(l, "unclosed left paren");
	return true;
}

static void
lex_inside_action(struct lexer *l)
{
	size_t width;
	int32_t r = lex_peek(l, &width);

	if (r == END) {
		fail(l, "unclosed action");
	} else if (is_space(r)) {
		if (!lex_end(l))
			lex_space(l);
	} else if (r == '.') {
		lex_dot(l);
	} else if (r == '+' || r == '-' || (r >= '0' && r <= '9')) {
		lex_number(l);
	} else if (is_alphanumeric(r)) {
		lex_identifier(l);
	} else if (r != '}' || !lex_end(l)) {
		lex_operator(l);
	}
}

void
lex_init(struct lexer *l, struct arena *a, sv input)
{
	*l = (struct lexer){
		.a = a,
		.input = input,
		.line = 1,
		.start_line = 1,
	};
}

void
lex_next(struct lexer *l, struct item *out)
{
	l->item = out;
	if (l->inside_action)
		lex_inside_action(l);
	else
		lex_text(l);
}
