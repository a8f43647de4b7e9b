/* SPDX-License-Identifier: MIT */
/* $x, ${x…}, $( ), $(( )) and backticks in a text that dash may run. */
#include "exec/posix_reader.h"

static void
expand_add_part(struct posix_word *w, bool quoted)
{
	w->literal = false;
	w->expands = true;
	w->parts++;
	w->splits |= !quoted;
}

static void
expand_add_unknown(struct posix_word *w, bool quoted)
{
	expand_add_part(w, quoted);
	w->unknown = true;
}

static bool
add_name(struct posix *p, const char *name, size_t at, bool quoted,
    struct posix_word *w)
{
	struct posix_name *n = posix_name_at(p, name, at);

	if (n == NULL)
		return false;
	expand_add_part(w, quoted);
	vec_push(p->a, &w->names, n);
	return true;
}

/* $?, $#, $$, $0 to $9, $@, $*; p->at is on the character. */
static bool
posix_expand_parameter(struct posix *p, bool quoted, struct posix_word *w)
{
	char c = posix_take(p);

	if (c == '?' || c == '#' || c == '$') {
		p->reads_status |= c == '?';
		w->status = w->parts == 0;
		expand_add_part(w, quoted);
		return true;
	}
	if (!is_digit((unsigned char)c) && c != '@' && c != '*')
		return false;
	if (c == '0' && !quoted) /* it is "gosh" */
		quoted = true;
	expand_add_unknown(w, quoted);
	w->many |= c == '@' || c == '*';
	return quoted;
}

static const char *
posix_read_name(struct posix *p)
{
	size_t from = p->at;

	while (
	    p->at < p->text.n && is_name_byte((unsigned char)posix_peek(p, 0)))
		p->at++;
	return arena_strndup(p->a, p->text.p + from, p->at - from);
}

/* The word of ${x:-word}: only what needs no quotes. */
static bool
expand_default(struct posix *p, bool quoted, struct posix_word *w)
{
	size_t from = p->at;
	sv text;

	while (posix_peek(p, 0) != '}') {
		char c = posix_peek(p, 0);

		if (c == '$') {
			char next = posix_peek(p, 1);

			if (next == '(' || !posix_expand(p, quoted, w))
				return false;
			continue;
		}
		if (c == '\0' || (!is_name_byte((unsigned char)c) &&
				     strchr("./:,@%+=-", c) == NULL &&
				     (c != ' ' || !quoted)))
			return false;
		p->at++;
	}
	text = sv_sub(p->text, from, p->at - from);
	w->odd |= !posix_is_plain(text);
	w->parts++;
	return true;
}

/* The pattern of ${x%pattern}. */
static bool
expand_pattern(struct posix *p)
{
	for (; posix_peek(p, 0) != '}'; p->at++) {
		char c = posix_peek(p, 0);

		if (c == '?')
			p->counts_characters = true;
		if (c == '\0' || (!is_name_byte((unsigned char)c) &&
				     strchr("./:,@+=-*?", c) == NULL))
			return false;
	}
	return true;
}

/* Behind the name of ${name. */
static bool
expand_operator(
    struct posix *p, const char *name, bool quoted, struct posix_word *w)
{
	size_t at = p->at;
	char op = posix_take(p), next = posix_peek(p, 0);

	if (op == '%' || op == '#') {
		p->at += next == op;
		w->unknown = true;
		return expand_pattern(p);
	}
	if (op == ':') {
		op = next;
		p->at++;
	}
	if (op != '-' && op != '+' && op != '=')
		return false;
	if (op != '=')
		return expand_default(p, quoted, w);
	p->effects++;
	return expand_default(p, true, w) && posix_name_set(p, name, at);
}

/* "${" at p->at. */
static bool
posix_expand_braces(struct posix *p, bool quoted, struct posix_word *w)
{
	size_t at = p->at;
	bool length = posix_peek(p, 2) == '#' &&
		      is_name_byte((unsigned char)posix_peek(p, 3));
	const char *name;

	p->at += 2 + length;
	name = posix_read_name(p);
	if (*name == '\0' || is_digit((unsigned char)*name))
		return false;
	if (length) {
		struct posix_word ignored = { 0 };

		p->counts_characters = true;
		w->status = w->parts == 0;
		expand_add_part(w, true);
		if (!add_name(p, name, at, true, &ignored))
			return false;
	} else {
		if (!add_name(p, name, at, quoted, w))
			return false;
		if (posix_peek(p, 0) != '}' &&
		    !expand_operator(p, name, quoted, w))
			return false;
	}
	return posix_take(p) == '}';
}

/* What a substitution holds, to `end`. */
static bool
expand_commands(struct posix *p, bool quoted, char end, struct posix_word *w)
{
	bool was_list = p->is_list;
	size_t at = p->at;

	p->is_list = false;
	p->effects++;
	if (!posix_subshell(p, end))
		return false;
	/* bash goes on after a failure in it where dash does not */
	if (p->is_list) {
		if (p->tested)
			return false;
		p->strict_at = at;
	}
	p->is_list = was_list;
	expand_add_unknown(w, quoted);
	return true;
}

/* `commands`, where nothing in it is escaped and no quotes are around. */
static bool
expand_backticks(struct posix *p, bool quoted, struct posix_word *w)
{
	size_t from = p->at + 1;
	ptrdiff_t to = sv_find_char(p->text, '`', from);
	sv whole = p->text;
	bool fine;

	if (to < 0 || quoted ||
	    memchr(whole.p + from, '\\', (size_t)to - from) != NULL)
		return false;
	p->at = from;
	p->text = sv_sub(whole, 0, (size_t)to);
	fine = expand_commands(p, quoted, '\0', w);
	p->text = whole;
	p->at = (size_t)to + 1;
	return fine;
}

bool
posix_expand(struct posix *p, bool quoted, struct posix_word *w)
{
	char next = posix_peek(p, 1);
	size_t at = p->at;
	bool fine;

	if (!posix_enter(p))
		return false;
	if (posix_peek(p, 0) == '`') {
		fine = expand_backticks(p, quoted, w);
	} else if (next == '{') {
		fine = posix_expand_braces(p, quoted, w);
	} else if (next == '(' && posix_peek(p, 2) == '(') {
		p->at += 3;
		w->number = w->parts == 0;
		expand_add_part(w, true);
		fine = posix_arith(p);
	} else if (next == '(') {
		p->at += 2;
		fine = expand_commands(p, quoted, ')', w);
	} else if (is_name_byte((unsigned char)next) &&
		   !is_digit((unsigned char)next)) {
		p->at++;
		fine = add_name(p, posix_read_name(p), at, quoted, w);
	} else {
		p->at++;
		fine = posix_expand_parameter(p, quoted, w);
	}
	posix_leave(p);
	return fine;
}
