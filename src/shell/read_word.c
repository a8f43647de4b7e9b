/* SPDX-License-Identifier: MIT */
/* Reading one word: quotes, variables, and all that is left to bash. */
#include "shell/names.h"
#include "shell/program.h"

size_t
name_length(sv text, size_t at)
{
	size_t n = 0;

	while (at + n < text.n && is_name_byte((unsigned char)text.p[at + n]))
		n++;
	return n > 0 && is_digit((unsigned char)text.p[at]) ? 0 : n;
}

sv
word_literal(const struct word *w)
{
	if (w->parts.n == 1 && w->parts.v[0].kind == PART_TEXT &&
	    !w->parts.v[0].quoted)
		return w->parts.v[0].text;
	return (sv){ "", 0 };
}

static void
add_text(struct snippet_reader *r, struct word *w, const char *p, size_t n,
    bool quoted)
{
	struct word_part part = {
		.kind = PART_TEXT, .quoted = quoted, .text = { p, n }
	};
	struct word_part *last =
	    w->parts.n > 0 ? &w->parts.v[w->parts.n - 1] : NULL;

	/* what stands beside it in the text as well needs no part of its own */
	if (last != NULL && last->kind == PART_TEXT && last->quoted == quoted &&
	    last->text.p + last->text.n == p) {
		last->text.n += n;
		return;
	}
	vec_push(r->a, &w->parts, part);
}

/* Of these it is known what they do in a word behind an operator, in double
 * quotes and without. */
static bool
is_tame(int c)
{
	return is_name_byte((uint32_t)c) ||
	       (c > 0 && strchr("./:,@%+=- ", c) != NULL);
}

static bool read_expansion(
    struct snippet_reader *r, struct word *w, bool quoted, enum word_use use);

static bool
read_inner_quotes(struct snippet_reader *r, struct word *out)
{
	r->at++;
	add_text(r, out, r->text.p + r->at, 0, true);
	while (reader_peek(r, 0) != '"') {
		int c = reader_peek(r, 0);

		if (c == '$') {
			if (!read_expansion(r, out, true, WORD_VALUE))
				return false;
		} else if (is_tame(c)) {
			add_text(r, out, r->text.p + r->at++, 1, true);
		} else {
			return reader_refuse(r);
		}
	}
	r->at++;
	return true;
}

/* The word behind an operator, up to the brace. */
static bool
read_operand(struct snippet_reader *r, bool quoted, struct word *out)
{
	if (++r->depth > NESTED_MAX)
		return reader_refuse(r);
	while (reader_peek(r, 0) != '}') {
		int c = reader_peek(r, 0);

		if (c == '$') {
			if (!read_expansion(r, out, quoted, WORD_VALUE))
				return false;
		} else if (c == '"' && !quoted) {
			if (!read_inner_quotes(r, out))
				return false;
		} else if (is_tame(c)) {
			add_text(r, out, r->text.p + r->at++, 1, quoted);
		} else {
			return reader_refuse(r);
		}
	}
	r->depth--;
	r->at++;
	return true;
}

/* A pattern of plain characters and stars, up to the brace. */
static bool
read_pattern(struct snippet_reader *r, struct word *out)
{
	size_t from = r->at;

	while (reader_peek(r, 0) != '}') {
		int c = reader_peek(r, 0);

		if (c != '*' && (c == '%' || c == ' ' || !is_tame(c)))
			return reader_refuse(r);
		r->at++;
	}
	add_text(r, out, r->text.p + from, r->at - from, true);
	r->at++;
	return true;
}

static enum var_op
operator_of(int c)
{
	switch (c) {
	case '-':
		return VAR_DEFAULT;
	case '=':
		return VAR_ASSIGN;
	case '+':
		return VAR_OTHER;
	default:
		return VAR_PLAIN;
	}
}

/* Behind the name in ${NAME…; r->at is there. */
static bool
read_behind_name(
    struct snippet_reader *r, struct word_part *part, struct word *operand)
{
	int c = reader_peek(r, 0), next = reader_peek(r, 1);

	if (c == '}') {
		r->at++;
		return true;
	}
	if (c == '#' || c == '%') {
		part->op = c == '#' ? VAR_PREFIX : VAR_SUFFIX;
		if (next == c) {
			part->op = (enum var_op)(part->op + 1);
			r->at++;
		}
		r->at++;
		part->word = operand;
		r->s->has_patterns = true;
		return read_pattern(r, operand);
	}
	if (c == ':') {
		part->colon = true;
		c = next;
		r->at++;
	}
	part->op = operator_of(c);
	if (part->op == VAR_PLAIN)
		return reader_refuse(r);
	r->at++;
	part->word = operand;
	return read_operand(r, part->quoted, operand);
}

static bool
may_be_read(sv name)
{
	return name.n > 0 && !shell_variable_is_special(name);
}

bool
name_may_be_set(sv name)
{
	return may_be_read(name) && !sv_is(name, "PWD") &&
	       !sv_is(name, "OLDPWD");
}

/* `${` at r->at. */
static bool
read_braces(struct snippet_reader *r, struct word_part *part)
{
	struct word *operand = arena_new_of(r->a, struct word);
	bool is_length = reader_peek(r, 2) == '#';

	r->at += 2 + is_length;
	part->text = sv_sub(r->text, r->at, name_length(r->text, r->at));
	if (!may_be_read(part->text))
		return reader_refuse(r);
	r->at += part->text.n;
	if (is_length) {
		if (reader_peek(r, 0) != '}')
			return reader_refuse(r);
		r->at++;
		part->op = VAR_LENGTH;
		vec_push(r->a, &r->s->lengths, part->text);
		return true;
	}
	if (!read_behind_name(r, part, operand))
		return false;
	if (part->op == VAR_ASSIGN) {
		if (!name_may_be_set(part->text))
			return reader_refuse(r);
		vec_push(r->a, &r->s->writes, part->text);
	}
	return true;
}

static bool
read_expansion(
    struct snippet_reader *r, struct word *w, bool quoted, enum word_use use)
{
	struct word_part part = { .kind = PART_VARIABLE, .quoted = quoted };
	int next = reader_peek(r, 1);

	if (next == '?') {
		part.kind = PART_STATUS;
		r->at += 2;
	} else if (next == '{') {
		if (!read_braces(r, &part))
			return false;
	} else {
		part.text =
		    sv_sub(r->text, r->at + 1, name_length(r->text, r->at + 1));
		if (!may_be_read(part.text))
			return reader_refuse(r);
		r->at += 1 + part.text.n;
	}
	if (part.kind == PART_VARIABLE)
		vec_push(r->a, &r->s->reads, part.text);
	if ((use == WORD_WHOLE || use == WORD_LIST) && !quoted &&
	    part.kind == PART_VARIABLE) {
		if (part.op != VAR_PLAIN)
			return reader_refuse(r);
		vec_push(r->a, use == WORD_LIST ? &r->s->listed : &r->s->whole,
		    part.text);
	}
	vec_push(r->a, &w->parts, part);
	return true;
}

/* In double quotes, whose first is at r->at. */
static bool
read_double_quotes(struct snippet_reader *r, struct word *w)
{
	r->at++;
	add_text(r, w, r->text.p + r->at, 0, true);
	for (;;) {
		int c = reader_peek(r, 0), next = reader_peek(r, 1);

		if (c == '"') {
			r->at++;
			return true;
		}
		if (c == -1 || c == '`')
			return reader_refuse(r);
		if (c == '$' && next != '"' && next != ' ') {
			if (!read_expansion(r, w, true, WORD_VALUE))
				return false;
			continue;
		}
		if (c == '\\' && next == '\n') {
			/* a name may go on behind it */
			if (w->parts.v[w->parts.n - 1].kind != PART_TEXT)
				return reader_refuse(r);
			r->line++;
			r->at += 2;
			continue;
		}
		if (c == '\\' && next != -1 && strchr("$`\"\\", next) != NULL)
			r->at++;
		r->line += c == '\n';
		add_text(r, w, r->text.p + r->at++, 1, true);
	}
}

static bool
read_single_quotes(struct snippet_reader *r, struct word *w)
{
	ptrdiff_t end = sv_find_char(r->text, '\'', r->at + 1);

	if (end < 0)
		return reader_refuse(r);
	for (size_t i = r->at; i < (size_t)end; i++)
		r->line += r->text.p[i] == '\n';
	add_text(r, w, r->text.p + r->at + 1, (size_t)end - r->at - 1, true);
	r->at = (size_t)end + 1;
	return true;
}

/* A bracket that is a word of its own is no pattern. */
static bool
is_lone(const struct snippet_reader *r, const struct word *w)
{
	int next = reader_peek(r, 1);

	return w->parts.n == 0 &&
	       (next == -1 || strchr(" \t\n;&|", next) != NULL);
}

static bool
read_tilde(struct snippet_reader *r, struct word *w)
{
	struct word_part part = { .kind = PART_TILDE, .quoted = true };
	int next = reader_peek(r, 1);

	if (w->parts.n > 0 || (next != -1 && strchr(" \t\n;&|/", next) == NULL))
		return reader_refuse(r);
	vec_push(r->a, &w->parts, part);
	r->s->uses_home = true;
	r->at++;
	return true;
}

/* A character that means something to bash where it stands. */
static bool
is_left_to_bash(
    const struct snippet_reader *r, const struct word *w, enum word_use use)
{
	int c = reader_peek(r, 0);

	switch (c) {
	case '*':
	case '?':
		return use != WORD_VALUE;
	case '[':
	case ']':
		return use != WORD_VALUE && !is_lone(r, w);
	case '{':
	case '}':
	case '`':
		return true;
	default:
		return false;
	}
}

static bool
read_unquoted(struct snippet_reader *r, enum word_use use, struct word *w)
{
	int c = reader_peek(r, 0), next = reader_peek(r, 1);

	if (c == '"')
		return read_double_quotes(r, w);
	if (c == '\'')
		return read_single_quotes(r, w);
	if (c == '$' && next != -1 && strchr(" \t\n;&|", next) == NULL)
		return read_expansion(r, w, false, use);
	if (c == '~')
		return read_tilde(r, w);
	if (is_left_to_bash(r, w, use))
		return reader_refuse(r);
	if (c == '\\') {
		if (next == -1)
			return reader_refuse(r);
		if (next == '\n') {
			int behind = reader_peek(r, 2);

			/* the word goes on, and what it is with it */
			if (behind != -1 && strchr(" \t\n", behind) == NULL)
				return reader_refuse(r);
			r->line++;
			r->at += 2;
			return true;
		}
		add_text(r, w, r->text.p + r->at + 1, 1, true);
		r->at += 2;
		return true;
	}
	add_text(r, w, r->text.p + r->at++, 1, false);
	return true;
}

bool
word_read(struct snippet_reader *r, enum word_use use, struct word *out)
{
	*out = (struct word){ 0 };
	for (;;) {
		int c = reader_peek(r, 0);

		if (c == -1 || strchr(" \t\n;&|<>()", c) != NULL)
			return true;
		if (!read_unquoted(r, use, out))
			return false;
	}
}
