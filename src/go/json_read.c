/* SPDX-License-Identifier: MIT */
/*
 * Reading JSON; see json.h.  A reader of its own, because the texts of errors,
 * lone surrogates and bad UTF-8 have to come out as in Go.
 */
#include "go/json.h"

#include <math.h>
#include <stdlib.h>

#include "base/utf8.h"

#define DEPTH_LIMIT 10000

struct reader {
	struct arena *a;
	struct err *e;
	sv text;
	size_t at;
	int depth;
};

static bool read_value(struct reader *r, value *out);

static bool
fail_end(struct reader *r)
{
	return err_set(r->e, ERR_GENERIC, "unexpected end of JSON input");
}

/* About the character at hand. */
static bool
fail_char(struct reader *r, const char *context)
{
	size_t width;
	char *quoted;

	if (r->at >= r->text.n)
		return fail_end(r);
	utf8_decode(sv_sub(r->text, r->at, SIZE_MAX), &width);
	quoted = quote_go(r->a, sv_sub(r->text, r->at, width));
	if (quoted[1] == '\\' && quoted[2] == '"')
		quoted = arena_strdup(r->a, " \" ");
	else if (quoted[1] == '\'')
		quoted = arena_strdup(r->a, " \\' ");
	return err_set(r->e, ERR_GENERIC, "invalid character '%.*s' %s",
	    (int)strlen(quoted) - 2, quoted + 1, context);
}

static int
json_peek(const struct reader *r)
{
	return r->at < r->text.n ? (unsigned char)r->text.p[r->at] : -1;
}

static void
skip_blanks(struct reader *r)
{
	while (r->at < r->text.n && strchr(" \t\r\n", json_peek(r)) != NULL &&
	       json_peek(r) != 0)
		r->at++;
}

static bool
read_word(struct reader *r, const char *word)
{
	for (size_t i = 0; word[i] != '\0'; i++, r->at++) {
		if (json_peek(r) == word[i])
			continue;
		return fail_char(r,
		    arena_printf(r->a, "in literal %s (expecting '%c')", word,
			word[i]));
	}
	return true;
}

static bool
json_read_digits(struct reader *r, const char *context)
{
	if (!is_digit(json_peek(r)))
		return fail_char(r, context);
	while (is_digit(json_peek(r)))
		r->at++;
	return true;
}

static bool
json_read_number(struct reader *r, value *out)
{
	size_t from = r->at;
	const char *digits;
	double f;

	if (json_peek(r) == '-')
		r->at++;
	if (json_peek(r) == '0')
		r->at++;
	else if (!json_read_digits(r, "in numeric literal"))
		return false;
	if (json_peek(r) == '.') {
		r->at++;
		if (!json_read_digits(r, "in numeric literal"))
			return false;
	}
	if (json_peek(r) == 'e' || json_peek(r) == 'E') {
		r->at++;
		if (json_peek(r) == '+' || json_peek(r) == '-')
			r->at++;
		if (!json_read_digits(r, "in numeric literal"))
			return false;
	}
	digits = sv_cstr(r->a, sv_sub(r->text, from, r->at - from));
	f = strtod(digits, NULL);
	if (isinf(f))
		return err_set(r->e, ERR_GENERIC,
		    "json: cannot unmarshal number %s into Go value of type "
		    "float64",
		    digits);
	*out = value_float(f);
	return true;
}

/* About an escape of `n` bytes that ends where the reader stands. */
static bool
json_fail_escape(struct reader *r, size_t from, size_t n)
{
	sv s = sv_sub(r->text, from, n);
	bool raw = utf8_valid(s) && sv_find_char(s, '`', 0) < 0;

	for (size_t i = 0; i < s.n; i++)
		raw = raw && (unsigned char)s.p[i] >= ' ' && s.p[i] != 0x7f;
	if (raw)
		return err_set(r->e, ERR_GENERIC,
		    "invalid escape sequence `%.*s` in string", SV_ARG(s));
	return err_set(r->e, ERR_GENERIC,
	    "invalid escape sequence %s in string", quote_go(r->a, s));
}

/* Four digits behind "\u". */
static bool
read_hex(struct reader *r, uint32_t *out)
{
	size_t from = r->at - 2;
	bool good = true;

	*out = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		int digit = hex_value(json_peek(r));

		if (json_peek(r) < 0)
			return good ? fail_end(r)
				    : json_fail_escape(r, from, SIZE_MAX);
		good = good && digit >= 0;
		*out = *out * 16 + (uint32_t)(digit & 15);
	}
	return good || json_fail_escape(r, from, 6);
}

/* Halves of a pair that stand alone become U+FFFD. */
static bool
read_unicode(struct reader *r, struct sb *b)
{
	uint32_t rune, low;
	size_t behind;

	if (!read_hex(r, &rune))
		return false;
	if (rune < 0xd800 || rune > 0xdfff) {
		sb_add_rune(b, rune);
		return true;
	}
	behind = r->at;
	if (rune < 0xdc00 &&
	    sv_starts(sv_sub(r->text, r->at, SIZE_MAX), SV("\\u"))) {
		r->at += 2;
		if (!read_hex(r, &low))
			return false;
		if (low >= 0xdc00 && low <= 0xdfff) {
			sb_add_rune(b, 0x10000 + ((rune - 0xd800) << 10) +
				(low - 0xdc00));
			return true;
		}
		r->at = behind;
	}
	sb_add_rune(b, RUNE_ERROR);
	return true;
}

static bool
read_escape(struct reader *r, struct sb *b)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	int c = json_peek(r);
	const char *found = c > 0 ? strchr(names, c) : NULL;

	if (c == 'u') {
		r->at++;
		return read_unicode(r, b);
	}
	if (c < 0)
		return fail_end(r);
	if (found == NULL)
		return json_fail_escape(r, r->at - 1, 2);
	sb_addc(b, bytes[found - names]);
	r->at++;
	return true;
}

/* Behind the opening quote. */
static bool
read_string(struct reader *r, sv *out)
{
	struct sb b cleanup_sb = SB_INIT;

	for (;;) {
		int c = json_peek(r);
		size_t width;

		if (c < ' ')
			return fail_char(r, "in string");
		if (c == '"')
			break;
		if (c == '\\') {
			r->at++;
			if (!read_escape(r, &b))
				return false;
			continue;
		}
		sb_add_rune(&b,
		    utf8_decode(sv_sub(r->text, r->at, SIZE_MAX), &width));
		r->at += width;
	}
	r->at++;
	*out = sb_take(&b, r->a);
	return true;
}

static bool
read_list(struct reader *r, value *out)
{
	*out = value_list_new(r->a, GO_LIST);
	skip_blanks(r);
	if (json_peek(r) == ']') {
		r->at++;
		return true;
	}
	for (;;) {
		value item;

		if (!read_value(r, &item))
			return false;
		value_list_add(r->a, *out, item);
		skip_blanks(r);
		if (json_peek(r) != ',' && json_peek(r) != ']')
			return fail_char(r, "after array element");
		if (r->text.p[r->at++] == ']')
			return true;
	}
}

static bool
read_entry(struct reader *r, value map)
{
	value item;
	sv key;

	skip_blanks(r);
	if (json_peek(r) != '"')
		return fail_char(r,
		    "looking for beginning of object key string");
	r->at++;
	if (!read_string(r, &key))
		return false;
	skip_blanks(r);
	if (json_peek(r) != ':')
		return fail_char(r, "after object key");
	r->at++;
	if (!read_value(r, &item))
		return false;
	value_map_set(r->a, map, key, item);
	return true;
}

static bool
read_map(struct reader *r, value *out)
{
	*out = value_map_new(r->a, GO_MAP);
	skip_blanks(r);
	if (json_peek(r) == '}') {
		r->at++;
		return true;
	}
	for (;;) {
		if (!read_entry(r, *out))
			return false;
		skip_blanks(r);
		if (json_peek(r) != ',' && json_peek(r) != '}')
			return fail_char(r, "after object key:value pair");
		if (r->text.p[r->at++] == '}')
			return true;
	}
}

static bool
read_container(struct reader *r, value *out)
{
	bool list = r->text.p[r->at++] == '[', good;

	if (++r->depth > DEPTH_LIMIT)
		return err_set(r->e, ERR_GENERIC, "exceeded max depth");
	good = list ? read_list(r, out) : read_map(r, out);
	r->depth--;
	return good;
}

static bool
read_value(struct reader *r, value *out)
{
	sv text;
	int c;

	skip_blanks(r);
	c = json_peek(r);
	if (c == '{' || c == '[')
		return read_container(r, out);
	if (c == '"') {
		r->at++;
		if (!read_string(r, &text))
			return false;
		*out = value_sv(text);
		return true;
	}
	if (c == '-' || is_digit(c))
		return json_read_number(r, out);
	if (c == 't' || c == 'f') {
		*out = value_bool(c == 't');
		return read_word(r, c == 't' ? "true" : "false");
	}
	if (c != 'n')
		return fail_char(r, "looking for beginning of value");
	*out = VALUE_NULL;
	return read_word(r, "null");
}

bool
json_read(struct arena *a, sv text, value *out, struct err *e)
{
	struct reader r = { .a = a, .e = e, .text = text };

	if (!read_value(&r, out))
		return false;
	skip_blanks(&r);
	if (r.at < text.n)
		return fail_char(&r, "after top-level value");
	return true;
}
