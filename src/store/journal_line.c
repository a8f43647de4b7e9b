/* SPDX-License-Identifier: MIT */
#include "store/journal_line.h"

/* Longer numbers may not fit. */
enum { DIGITS_MAX = 18 };

static bool
line_skip(sv *s, char c)
{
	if (s->n == 0 || *s->p != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

/* A text in quotes that stands for itself. */
static bool
line_text(sv *s, sv *out)
{
	size_t n = 0;

	if (!line_skip(s, '"'))
		return false;
	while (n < s->n && s->p[n] >= ' ' && s->p[n] < 0x7f && s->p[n] != '"' &&
	       s->p[n] != '\\')
		n++;
	*out = sv_sub(*s, 0, n);
	*s = sv_sub(*s, n, SIZE_MAX);
	return line_skip(s, '"');
}

static bool
line_int(sv *s, int64_t *out)
{
	bool is_negative = line_skip(s, '-');
	uint64_t v = 0;
	size_t n = 0;

	while (n < s->n && is_digit((unsigned char)s->p[n]) && n <= DIGITS_MAX)
		v = v * 10 + (uint64_t)(s->p[n++] - '0');
	if (n == 0 || n > DIGITS_MAX || (n > 1 && *s->p == '0'))
		return false;
	*out = is_negative ? -(int64_t)v : (int64_t)v;
	*s = sv_sub(*s, n, SIZE_MAX);
	return true;
}

static bool
line_words(sv *s, sv *out)
{
	const char *begin = s->p + 1;
	sv word;

	if (!line_skip(s, '['))
		return false;
	do {
		if (!line_text(s, &word))
			return false;
	} while (line_skip(s, ','));
	*out = (sv){ begin, (size_t)(s->p - begin) };
	return line_skip(s, ']');
}

bool
line_next_word(sv *words, sv *word)
{
	bool is_there = line_text(words, word);

	(void)line_skip(words, ',');
	return is_there;
}

static bool
line_value(sv *s, struct line_value *v)
{
	switch (s->n > 0 ? *s->p : '\0') {
	case '"':
		v->kind = LINE_TEXT;
		return line_text(s, &v->text);
	case '[':
		v->kind = LINE_WORDS;
		return line_words(s, &v->text);
	case 't':
		v->kind = LINE_BOOL;
		v->n = 1;
		if (!sv_starts(*s, SV("true")))
			return false;
		*s = sv_sub(*s, 4, SIZE_MAX);
		return true;
	default:
		v->kind = LINE_INT;
		return line_int(s, &v->n);
	}
}

static bool
is_key(sv key, const char *name)
{
	return key.n > 0 && key.p[0] == name[0] && sv_is(key, name);
}

/* Keys are in the order of the table; of two that are equal, or that it does not
 * know, the library decides. */
static const struct journal_field *
line_field(const struct journal_object *def, size_t *from, sv key)
{
	for (size_t i = *from; i < def->n; i++)
		if (is_key(key, def->fields[i].key)) {
			*from = i + 1;
			return &def->fields[i];
		}
	return NULL;
}

static bool
line_kind(sv name, enum journal_line *out)
{
	for (int i = 0; i < JOURNAL_LINE_COUNT; i++)
		if (sv_is(name, journal_lines[i].ev)) {
			*out = (enum journal_line)i;
			return true;
		}
	return false;
}

bool
line_scan(sv text, struct line *out)
{
	size_t next = 0;
	sv name;

	if (!sv_starts(text, SV("{\"ev\":")))
		return false;
	text = sv_sub(text, 6, SIZE_MAX);
	if (!line_text(&text, &name) || !line_kind(name, &out->kind))
		return false;
	for (out->n = 0; line_skip(&text, ','); out->n++) {
		struct line_value *v = &out->v[out->n];

		if (out->n == sizeof(out->v) / sizeof(out->v[0]) ||
		    !line_text(&text, &v->key) || !line_skip(&text, ':') ||
		    !line_value(&text, v))
			return false;
		v->field = line_field(
		    journal_lines[out->kind].object, &next, v->key);
		if (v->field == NULL)
			return false;
	}
	return line_skip(&text, '}') && text.n == 0;
}
