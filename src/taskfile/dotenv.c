/* SPDX-License-Identifier: MIT */
/*
 * Dotenv files with the results of the reader that go-task uses (L-120 to
 * L-123): statements of a name, '=' or ':', and a bare or quoted value.
 */
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "taskfile/taskfile.h"

struct dotenv {
	struct arena *a;
	struct map *values; /* of this file: name → const char * */
	struct sb b;	    /* scratch */
	size_t expanded;    /* bytes that came from variables */
	struct err *e;
};

#define EXPANDED_MAX ((size_t)16 << 20)

/* White space within a line. */
static bool
is_dotenv_blank(uint32_t r)
{
	return r == '\t' || r == '\v' || r == '\f' || r == '\r' || r == ' ' ||
	    r == 0x85 || r == 0xA0;
}

static sv
trim_left(sv s, bool (*is_space)(uint32_t))
{
	while (s.n > 0) {
		size_t width;
		uint32_t r = utf8_decode(s, &width);

		if (!is_space(r))
			break;
		s = sv_sub(s, width, SIZE_MAX);
	}
	return s;
}

/* Without blanks at the end, where NEL and NBSP are two bytes. */
static sv
trim_right(sv s)
{
	while (s.n > 0) {
		unsigned char c = (unsigned char)s.p[s.n - 1];

		if (c < 0x80 && is_dotenv_blank(c))
			s.n--;
		else if (s.n > 1 && (unsigned char)s.p[s.n - 2] == 0xC2 &&
		    (c == 0x85 || c == 0xA0))
			s.n -= 2;
		else
			break;
	}
	return s;
}

/* The next statement, behind white space and comments; empty at the end. */
static sv
next_statement(sv s)
{
	for (;;) {
		ptrdiff_t end;

		s = trim_left(s, rune_is_space);
		if (s.n == 0 || s.p[0] != '#')
			return s;
		end = sv_find_char(s, '\n', 0);
		if (end < 0)
			return SV("");
		s = sv_sub(s, (size_t)end, SIZE_MAX);
	}
}

/* Names are looked at byte by byte, each byte taken for a character. */
static bool
is_dotenv_name_byte(unsigned char c)
{
	return rune_is_letter(c) || (c >= '0' && c <= '9') || c == '_' ||
	    c == '.' || c == 0xB2 || c == 0xB3 || c == 0xB9 ||
	    (c >= 0xBC && c <= 0xBE);
}

static bool
bad_name(struct dotenv *d, unsigned char c, sv near)
{
	char text[4];
	size_t n = rune_encode(c, text);

	return err_set(d->e, ERR_GENERIC,
	    "unexpected character %s in variable name near %s",
	    quote_go(d->a, (sv){ text, n }), quote_go(d->a, near));
}

static sv
skip_export(sv s)
{
	sv rest;

	if (!sv_starts(s, SV("export")))
		return s;
	rest = sv_sub(s, 6, SIZE_MAX);
	s = trim_left(rest, is_dotenv_blank);
	return s.n < rest.n ? s : (sv){ rest.p - 6, rest.n + 6 };
}

/* Takes the name off `s`; a text without '=' has an empty one. */
static bool
dotenv_take_name(struct dotenv *d, sv *s, sv *name)
{
	*s = skip_export(trim_left(*s, is_dotenv_blank));
	*name = SV("");
	if (s->n == 0)
		return err_set(d->e, ERR_GENERIC, "zero length string");
	for (size_t i = 0; i < s->n; i++) {
		unsigned char c = (unsigned char)s->p[i];

		if (c == '=' || c == ':') {
			*name = trim_right(sv_sub(*s, 0, i));
			*s = sv_sub(*s, i + 1, SIZE_MAX);
			break;
		}
		if (!is_dotenv_blank(c) && !is_dotenv_name_byte(c))
			return bad_name(d, c, *s);
	}
	*s = trim_left(*s, is_dotenv_blank);
	return true;
}

static bool
is_variable_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A file whose lines double a value each would fill the memory. */
static void
dotenv_add_value(struct dotenv *d, const char *v)
{
	size_t n = strlen(v);

	if (n <= EXPANDED_MAX - d->expanded) {
		d->expanded += n;
		sb_add(&d->b, v, n);
	} else if (!err_is_set(d->e)) {
		err_set(d->e, ERR_GENERIC,
		    "variables expand to more than %zu bytes", EXPANDED_MAX);
	}
}

/* $NAME and ${NAME} of names in capitals that this file has set before; a
 * backslash in front keeps the text (L-122). */
static sv
expand_variables(struct dotenv *d, sv s)
{
	sb_clear(&d->b);
	for (size_t i = 0; i < s.n;) {
		bool escaped = s.p[i] == '\\' && i + 1 < s.n &&
		    s.p[i + 1] == '$';
		size_t start = i, name, end;
		const char *v;

		if (s.p[i] != '$' && !escaped) {
			sb_addc(&d->b, s.p[i++]);
			continue;
		}
		i += escaped ? 2 : 1;
		if (i < s.n && s.p[i] == '(')
			i++;
		if (i < s.n && s.p[i] == '{')
			i++;
		for (name = i; i < s.n && is_variable_char(s.p[i]);)
			i++;
		end = i;
		if (i < s.n && s.p[i] == '}')
			i++;
		if (escaped) {
			sb_add(&d->b, s.p + start + 1, i - start - 1);
		} else if (end == name) {
			sb_add(&d->b, s.p + start, i - start);
		} else {
			v = map_get(d->values, sv_sub(s, name, end - name));
			dotenv_add_value(d, v != NULL ? v : "");
		}
	}
	return sb_take(&d->b, d->a);
}

/* \n and \r become control characters, other escapes the character itself,
 * but for \$, which is for expand_variables(). */
static sv
expand_escapes(struct dotenv *d, sv s)
{
	sv once;

	sb_clear(&d->b);
	for (size_t i = 0; i < s.n; i++) {
		char next = i + 1 < s.n ? s.p[i + 1] : '\0';

		if (s.p[i] != '\\' || i + 1 == s.n || next == '\n') {
			sb_addc(&d->b, s.p[i]);
			continue;
		}
		i++;
		if (next == 'n' || next == 'r') {
			sb_addc(&d->b, next == 'n' ? '\n' : '\r');
			continue;
		}
		sb_addc(&d->b, '\\');
		sb_addc(&d->b, next);
	}
	once = sb_take(&d->b, d->a);
	for (size_t i = 0; i < once.n; i++) {
		if (once.p[i] == '\\' && i + 1 < once.n &&
		    once.p[i + 1] != '$')
			i++;
		sb_addc(&d->b, once.p[i]);
	}
	return sb_take(&d->b, d->a);
}

/* To the end of the line, without a comment: the last '#' behind a blank. */
static sv
bare_value(struct dotenv *d, sv *s)
{
	size_t end = 0;
	sv line;

	while (end < s->n && s->p[end] != '\n' && s->p[end] != '\r')
		end++;
	line = sv_sub(*s, 0, end);
	*s = sv_sub(*s, end, SIZE_MAX);
	for (size_t i = line.n; i > 1; i--) {
		sv before = sv_sub(line, 0, i - 1);

		if (line.p[i - 1] == '#' && trim_right(before).n < before.n) {
			line = before;
			break;
		}
	}
	return expand_variables(
	    d, trim_left(trim_right(line), is_dotenv_blank));
}

static sv
trim_quotes(sv s, char quote)
{
	while (s.n > 0 && s.p[s.n - 1] == quote)
		s.n--;
	while (s.n > 0 && s.p[0] == quote)
		s = sv_sub(s, 1, SIZE_MAX);
	return s;
}

static bool
quoted_value(struct dotenv *d, sv *s, sv *out)
{
	char quote = s->p[0];
	sv line;

	for (size_t i = 1; i < s->n; i++) {
		if (s->p[i] != quote || s->p[i - 1] == '\\')
			continue;
		*out = trim_quotes(sv_sub(*s, 0, i), quote);
		if (quote == '"')
			*out = expand_variables(d, expand_escapes(d, *out));
		*s = sv_sub(*s, i + 1, SIZE_MAX);
		return true;
	}
	sv_cut(*s, '\n', &line, s);
	return err_set(d->e, ERR_GENERIC, "unterminated quoted value %.*s",
	    SV_ARG(line));
}

static bool
parse(struct dotenv *d, sv s)
{
	for (s = next_statement(s); s.n > 0; s = next_statement(s)) {
		sv name, v;

		if (!dotenv_take_name(d, &s, &name))
			return false;
		if (s.n > 0 && (s.p[0] == '"' || s.p[0] == '\'')) {
			if (!quoted_value(d, &s, &v))
				return false;
		} else {
			v = bare_value(d, &s);
		}
		if (err_is_set(d->e))
			return false;
		map_put(d->values, name, sv_cstr(d->a, v));
	}
	return true;
}

static sv
without_crlf(struct arena *a, sv s)
{
	struct sb b cleanup_sb = SB_INIT;

	if (sv_find(s, SV("\r\n"), 0) < 0)
		return s;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
			sb_addc(&b, s.p[i]);
	return sb_take(&b, a);
}

bool
dotenv_parse(struct arena *a, sv text, struct map *out, struct err *e)
{
	struct dotenv d = { .a = a, .e = e };
	const struct map_entry *it;
	bool good;

	d.values = map_new(a);
	good = parse(&d, without_crlf(a, text));
	sb_free(&d.b);
	if (!good)
		return false;
	map_each(d.values, it) {
		if (it->key.n > 0 && map_get(out, it->key) == NULL)
			map_put(out, it->key, it->value);
	}
	return true;
}
