/* SPDX-License-Identifier: MIT */
#include "exec/shell_dialect.h"

#include <ctype.h>

#include "exec/shell_constructs.h"

/* Where the reader is. */
enum nesting {
	IN_PAREN, /* ( … ), $( … ) */
	IN_BACKTICKS,
	IN_DOUBLE,      /* " … " */
	IN_PARAMETER,   /* ${ … } */
	IN_ARITHMETIC,  /* $(( … )) */
	IN_ARITH_PAREN, /* a ( in it */
};

struct dialect {
	struct arena *arena;
	sv text;
	size_t at;
	VEC(char) nest;
	dialect_finds *out;
	/* the word that is being read, without its quotes */
	struct sb word;
	size_t word_at;
	bool in_word, quoted;
	bool is_command; /* the next word is one */
	bool is_target;  /* the next word is a file of a redirection */
	const char *command, *last; /* of the words behind it */
	VEC(const char *) ends;     /* of here-documents */
};

static void
dialect_found(struct dialect *d, size_t at, const char *name)
{
	construct_named(d->arena, d->out, at, name);
}

static const char *const before_commands[] = { "!", "{", "do", "elif", "else",
	"if", "then", "time", "until", "while", NULL };

static bool
is_before_command(const char *word)
{
	for (const char *const *w = before_commands; *w != NULL; w++)
		if (strcmp(word, *w) == 0)
			return true;
	return false;
}

static void
dialect_word_end(struct dialect *d)
{
	const char *word;

	if (!d->in_word)
		return;
	word = sb_take(&d->word, d->arena).p;
	d->in_word = false;
	if (d->is_target) {
		d->is_target = false;
	} else if (d->is_command) {
		d->last = d->quoted ? "" : word;
		if (!d->quoted && is_before_command(word))
			return;
		if (construct_of_assignment(d->arena, d->out, d->word_at, word))
			return;
		if (!d->quoted)
			construct_of_command(
			    d->arena, d->out, d->word_at, word);
		d->command = d->last;
		d->is_command = false;
	} else {
		construct_of_argument(
		    d->arena, d->out, d->word_at, d->command, word);
		/* what is behind other words is printed */
		if (word[0] != '-' && strcmp(d->command, "echo") == 0)
			d->command = "";
		d->last = word;
	}
}

static void
next_command(struct dialect *d)
{
	dialect_word_end(d);
	d->is_command = true;
	d->is_target = false;
	d->command = d->last = "";
}

/* ---- reading ---- */

static char
ahead(const struct dialect *d, size_t n)
{
	return d->at + n < d->text.n ? d->text.p[d->at + n] : '\0';
}

static void
dialect_push(struct dialect *d, enum nesting how)
{
	vec_push(d->arena, &d->nest, (char)how);
}

static bool
dialect_is_in(const struct dialect *d, enum nesting how)
{
	return d->nest.n > 0 && d->nest.v[d->nest.n - 1] == (char)how;
}

static void
dialect_add(struct dialect *d, char c)
{
	if (!d->in_word) {
		d->in_word = true;
		d->quoted = false;
		d->word_at = d->at;
	}
	sb_addc(&d->word, c);
}

static void
begin_quoted(struct dialect *d)
{
	dialect_add(d, '\0');
	d->word.n--;
	d->quoted = true;
}

static sv
name_at(const struct dialect *d, size_t n)
{
	size_t from = d->at + n, to = from;

	while (to < d->text.n && is_name_byte(d->text.p[to]))
		to++;
	return sv_sub(d->text, from, to - from);
}

/* "${" at d->at. */
static void
read_parameter(struct dialect *d)
{
	size_t at = d->at, skip = 2;
	sv name;

	dialect_push(d, IN_PARAMETER);
	if (ahead(d, 2) == '!' && is_name_byte(ahead(d, 3))) {
		dialect_found(d, at, "${!x}");
		skip = 3;
	} else if (ahead(d, 2) == '#' && is_name_byte(ahead(d, 3))) {
		skip = 3;
	}
	name = name_at(d, skip);
	construct_of_variable(d->arena, d->out, at, name);
	skip += name.n;
	if (name.n == 0 && strchr("@*#?$!-", ahead(d, skip)) != NULL)
		skip++;
	construct_of_expansion(
	    d->arena, d->out, at, ahead(d, skip), ahead(d, skip + 1));
	/* the operator is no part of what is nested in it */
	d->at +=
	    ahead(d, skip) == '}' || ahead(d, skip) == '\0' ? skip : skip + 1;
}

/* A dollar at d->at. */
static void
read_dollar(struct dialect *d, bool in_double)
{
	char next = ahead(d, 1);

	dialect_add(d, '$');
	d->quoted = true; /* it is no name of a command */
	if (next == '{') {
		read_parameter(d);
	} else if (next == '(' && ahead(d, 2) == '(') {
		dialect_push(d, IN_ARITHMETIC);
		d->at += 3;
	} else if (next == '(') {
		dialect_push(d, IN_PAREN);
		d->at += 2;
		next_command(d);
	} else if (next == '\'' && !in_double) {
		dialect_found(d, d->at, "$''");
		d->at++;
	} else {
		sv name = name_at(d, 1);

		construct_of_variable(d->arena, d->out, d->at, name);
		d->at += 1 + name.n;
	}
}

static void
read_brace(struct dialect *d)
{
	ptrdiff_t end;

	if (ahead(d, 1) == '{') {
		end = sv_find(d->text, SV("}}"), d->at);
		begin_quoted(d);
		d->at = end < 0 ? d->text.n : (size_t)end + 2;
		return;
	}
	if (construct_is_braces(sv_sub(d->text, d->at, SIZE_MAX)))
		dialect_found(d, d->at, "{a,b}");
	dialect_add(d, '{');
	d->at++;
}

static const char *
unquoted(struct arena *a, sv word)
{
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < word.n; i++)
		if (strchr("'\"\\", word.p[i]) == NULL)
			sb_addc(&b, word.p[i]);
	return sb_take(&b, a).p;
}

/* The end of a here-document, whose << is at d->at. */
static void
read_here(struct dialect *d)
{
	size_t from;
	sv end;

	d->at += ahead(d, 2) == '-' ? 3 : 2;
	while (ahead(d, 0) == ' ' || ahead(d, 0) == '\t')
		d->at++;
	from = d->at;
	while (d->at < d->text.n &&
	       strchr(" \t\n;&|<>()", d->text.p[d->at]) == NULL)
		d->at++;
	end = sv_sub(d->text, from, d->at - from);
	vec_push(d->arena, &d->ends, unquoted(d->arena, end));
}

/* Behind the end of a line. */
static void
skip_here_documents(struct dialect *d)
{
	for (size_t i = 0; i < d->ends.n; i++) {
		sv rest = sv_sub(d->text, d->at, SIZE_MAX), line, tail;
		bool more = true;

		while (more) {
			more = sv_cut(rest, '\n', &line, &tail);
			rest = tail;
			while (line.n > 0 && *line.p == '\t')
				line = sv_sub(line, 1, SIZE_MAX);
			if (sv_eq(line, sv_of(d->ends.v[i])))
				break;
		}
		d->at = d->text.n - rest.n;
	}
	d->ends.n = 0;
}

static void
read_less(struct dialect *d)
{
	size_t at = d->at;

	dialect_word_end(d);
	if (ahead(d, 1) == '<' && ahead(d, 2) == '<') {
		dialect_found(d, at, "<<<");
		d->at += 3;
		d->is_target = true;
	} else if (ahead(d, 1) == '<') {
		read_here(d);
	} else if (ahead(d, 1) == '(') {
		dialect_found(d, at, "<( )");
		dialect_push(d, IN_PAREN);
		d->at += 2;
		next_command(d);
	} else {
		d->at += ahead(d, 1) == '&' || ahead(d, 1) == '>' ? 2 : 1;
		d->is_target = true;
	}
}

static void
read_greater(struct dialect *d)
{
	char next = ahead(d, 1), to = ahead(d, 2);

	dialect_word_end(d);
	if (next == '(') {
		dialect_found(d, d->at, ">( )");
		dialect_push(d, IN_PAREN);
		d->at += 2;
		next_command(d);
		return;
	}
	if (next == '&' && !isdigit((unsigned char)to) &&
	    strchr("-$\"' {", to) == NULL)
		dialect_found(d, d->at, ">&FILE");
	d->at += next == '>' || next == '&' || next == '|' ? 2 : 1;
	d->is_target = true;
}

/* &, | and ; */
static void
read_operator(struct dialect *d, char c)
{
	char next = ahead(d, 1);
	size_t at = d->at;

	if (c == '&' && next == '>') {
		dialect_found(d, at, "&>");
		dialect_word_end(d);
		d->at += ahead(d, 2) == '>' ? 3 : 2;
		d->is_target = true;
		return;
	}
	if (c == '|' && next == '&')
		dialect_found(d, at, "|&");
	if (c == ';' && (next == '&' || (next == ';' && ahead(d, 2) == '&')))
		dialect_found(d, at, ";&");
	d->at += next == c || (next == '&' && c != '&') ? 2 : 1;
	next_command(d);
}

static bool
ends_in_equals(const struct dialect *d)
{
	return d->in_word && !d->quoted && d->word.n > 1 &&
	       d->word.p[d->word.n - 1] == '=';
}

static void
read_open(struct dialect *d)
{
	size_t at = d->at;

	if (ends_in_equals(d)) {
		dialect_found(d, d->word_at, "arrays");
	} else if (ahead(d, 1) == '(' && !d->in_word &&
		   (d->is_command || strcmp(d->last, "for") == 0)) {
		dialect_found(d, at, "(( ))");
		dialect_push(d, IN_ARITHMETIC);
		d->at += 2;
		d->is_command = false;
		return;
	}
	dialect_push(d, IN_PAREN);
	d->at++;
	next_command(d);
}

static void
dialect_read_code(struct dialect *d, char c)
{
	const char *end;

	if (c == ' ' || c == '\t' || c == '\r') {
		dialect_word_end(d);
		d->at++;
	} else if (c == '\n') {
		next_command(d);
		d->at++;
		skip_here_documents(d);
	} else if (c == '#' && !d->in_word) {
		end = memchr(d->text.p + d->at, '\n', d->text.n - d->at);
		d->at = end != NULL ? (size_t)(end - d->text.p) : d->text.n;
	} else if (c == '\\') {
		if (ahead(d, 1) != '\n')
			begin_quoted(d);
		d->at += 2;
	} else if (c == '\'') {
		begin_quoted(d);
		end =
		    memchr(d->text.p + d->at + 1, '\'', d->text.n - d->at - 1);
		d->at = end != NULL ? (size_t)(end - d->text.p) + 1 : d->text.n;
	} else if (c == '"') {
		begin_quoted(d);
		dialect_push(d, IN_DOUBLE);
		d->at++;
	} else if (c == '$') {
		read_dollar(d, false);
	} else if (c == '<') {
		read_less(d);
	} else if (c == '>') {
		read_greater(d);
	} else if (c == '&' || c == '|' || c == ';') {
		read_operator(d, c);
	} else if (c == '(') {
		read_open(d);
	} else if (c == '{') {
		read_brace(d);
	} else {
		dialect_add(d, c);
		d->at++;
	}
}

/* Behind what was nested a word goes on. */
static void
dialect_pop(struct dialect *d)
{
	if (dialect_is_in(d, IN_PAREN) || dialect_is_in(d, IN_BACKTICKS)) {
		dialect_word_end(d);
		d->is_command = false;
	}
	d->nest.n--;
	d->at++;
}

static void
read_backtick(struct dialect *d)
{
	if (dialect_is_in(d, IN_BACKTICKS)) {
		dialect_pop(d);
		return;
	}
	begin_quoted(d);
	dialect_push(d, IN_BACKTICKS);
	d->at++;
	next_command(d);
}

/* In "…" and in ${…}. */
static void
read_nested_text(struct dialect *d, char c)
{
	bool in_double = false;
	const char *end;

	for (size_t i = 0; i < d->nest.n; i++)
		in_double |= d->nest.v[i] == IN_DOUBLE;
	if (c == '\\') {
		d->at += 2;
	} else if (c == '"') {
		if (dialect_is_in(d, IN_DOUBLE))
			dialect_pop(d);
		else
			d->at++, dialect_push(d, IN_DOUBLE);
	} else if (c == '}' && dialect_is_in(d, IN_PARAMETER)) {
		dialect_pop(d);
	} else if (c == '$') {
		read_dollar(d, in_double);
	} else if (c == '\'' && !in_double) {
		end =
		    memchr(d->text.p + d->at + 1, '\'', d->text.n - d->at - 1);
		d->at = end != NULL ? (size_t)(end - d->text.p) + 1 : d->text.n;
	} else {
		dialect_add(d, c);
		d->quoted = true;
		d->at++;
	}
}

static void
read_arithmetic(struct dialect *d, char c)
{
	char next = ahead(d, 1);

	if ((c == '+' || c == '-') && next == c) {
		dialect_found(d, d->at, "++ in $(( ))");
		d->at += 2;
	} else if (c == '*' && next == '*') {
		dialect_found(d, d->at, "** in $(( ))");
		d->at += 2;
	} else if (c == '(') {
		dialect_push(d, IN_ARITH_PAREN);
		d->at++;
	} else if (c == ')') {
		if (dialect_is_in(d, IN_ARITHMETIC) && next == ')')
			d->at++;
		dialect_pop(d);
	} else if (c == '$') {
		read_dollar(d, true);
	} else {
		d->at++;
	}
}

void
dialect_read(struct arena *a, sv text, dialect_finds *out)
{
	struct dialect d = { .arena = a,
		.text = text,
		.out = out,
		.is_command = true,
		.command = "",
		.last = "" };

	while (d.at < text.n) {
		char c = text.p[d.at];

		if (dialect_is_in(&d, IN_ARITHMETIC) ||
		    dialect_is_in(&d, IN_ARITH_PAREN))
			read_arithmetic(&d, c);
		else if (c == '`')
			read_backtick(&d);
		else if (dialect_is_in(&d, IN_DOUBLE) ||
			 dialect_is_in(&d, IN_PARAMETER))
			read_nested_text(&d, c);
		else if (c == ')' && dialect_is_in(&d, IN_PAREN))
			dialect_pop(&d);
		else if (c == ')') /* of a pattern of case */
			next_command(&d), d.at++;
		else
			dialect_read_code(&d, c);
	}
	dialect_word_end(&d);
	sb_free(&d.word);
}
