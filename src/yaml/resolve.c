/* SPDX-License-Identifier: MIT */
#include "yaml/resolve.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Words with a meaning of their own. */
static const struct word {
	const char *text;
	enum ytag tag;
	double number; /* YTAG_FLOAT; YTAG_BOOL: 1 is true */
} words[] = {
	{ "true", YTAG_BOOL, 1 },
	{ "True", YTAG_BOOL, 1 },
	{ "TRUE", YTAG_BOOL, 1 },
	{ "false", YTAG_BOOL, 0 },
	{ "False", YTAG_BOOL, 0 },
	{ "FALSE", YTAG_BOOL, 0 },
	{ "", YTAG_NULL, 0 },
	{ "~", YTAG_NULL, 0 },
	{ "null", YTAG_NULL, 0 },
	{ "Null", YTAG_NULL, 0 },
	{ "NULL", YTAG_NULL, 0 },
	{ ".nan", YTAG_FLOAT, NAN },
	{ ".NaN", YTAG_FLOAT, NAN },
	{ ".NAN", YTAG_FLOAT, NAN },
	{ ".inf", YTAG_FLOAT, INFINITY },
	{ ".Inf", YTAG_FLOAT, INFINITY },
	{ ".INF", YTAG_FLOAT, INFINITY },
	{ "+.inf", YTAG_FLOAT, INFINITY },
	{ "+.Inf", YTAG_FLOAT, INFINITY },
	{ "+.INF", YTAG_FLOAT, INFINITY },
	{ "-.inf", YTAG_FLOAT, -INFINITY },
	{ "-.Inf", YTAG_FLOAT, -INFINITY },
	{ "-.INF", YTAG_FLOAT, -INFINITY },
	{ "<<", YTAG_MERGE, 0 },
};

/* The YAML 1.1 words that a field typed bool takes besides (L-020). */
static const char *const yes_words[] = { "y", "Y", "yes", "Yes", "YES", "on",
	"On", "ON", NULL };
static const char *const no_words[] = { "n", "N", "no", "No", "NO", "off",
	"Off", "OFF", NULL };

static const char *const tag_names[] = {
	[YTAG_NULL] = "!!null",
	[YTAG_BOOL] = "!!bool",
	[YTAG_INT] = "!!int",
	[YTAG_FLOAT] = "!!float",
	[YTAG_STR] = "!!str",
	[YTAG_TIMESTAMP] = "!!timestamp",
	[YTAG_BINARY] = "!!binary",
	[YTAG_MERGE] = "!!merge",
	[YTAG_SEQ] = "!!seq",
	[YTAG_MAP] = "!!map",
	[YTAG_OTHER] = "",
};

const char *
yaml_tag_name(enum ytag tag)
{
	return tag_names[tag];
}

const char *
ynode_tag_text(const struct ynode *n)
{
	return n->tagged ? ((const struct tagged_ynode *)n)->tag_text
			 : yaml_tag_name(n->tag);
}

/* Most scalars are none, which their length and second letter tell: names of
 * tasks such as t1 begin as words do. */
static bool
may_be_word(sv s)
{
	switch (s.n) {
	case 0:
		return true;
	case 1:
		return s.p[0] == '~';
	case 2:
		return s.p[0] == '<';
	case 4: /* true, null, .inf, .nan */
		return strchr("rRuUiInN", s.p[1]) != NULL;
	case 5: /* false, -.inf */
		return strchr("aA.", s.p[1]) != NULL;
	default:
		return false;
	}
}

static const struct word *
resolve_find_word(sv s)
{
	if (!may_be_word(s))
		return NULL;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].text[0] == (s.n > 0 ? s.p[0] : '\0') &&
		    sv_is(s, words[i].text))
			return &words[i];
	return NULL;
}

/* Number of digits at `i`. */
static size_t
digits_at(sv s, size_t i)
{
	size_t n = 0;

	while (i + n < s.n && is_digit(s.p[i + n]))
		n++;
	return n;
}

/* One or two digits at *i as a number of at most `max`; -1 otherwise. */
static int
short_number(sv s, size_t *i, int max)
{
	int v = 0;
	size_t n = digits_at(s, *i);

	if (n == 0)
		return -1;
	if (n > 2)
		n = 2;
	for (size_t k = 0; k < n; k++)
		v = v * 10 + (s.p[*i + k] - '0');
	*i += n;
	return v <= max ? v : -1;
}

static bool
resolve_take(sv s, size_t *i, const char *any_of)
{
	if (*i >= s.n || strchr(any_of, s.p[*i]) == NULL || s.p[*i] == '\0')
		return false;
	(*i)++;
	return true;
}

static int
days_in(int month, int year)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* "Z" or "+07:00" up to the end. */
static bool
is_zone(sv s, size_t i)
{
	if (resolve_take(s, &i, "Z"))
		return i == s.n;
	return resolve_take(s, &i, "+-") && s.n - i == 5 &&
	       short_number(s, &i, 24) >= 0 && resolve_take(s, &i, ":") &&
	       short_number(s, &i, 60) >= 0 && i == s.n;
}

/* The four layouts that go-yaml tries: a date alone; RFC 3339 with a T or t;
 * date and time with a blank between and no zone (L-023). */
static bool
is_timestamp(sv s)
{
	size_t i = 4;
	int year, month, day;
	bool zone;

	if (s.n < 8 || digits_at(s, 0) != 4 || !resolve_take(s, &i, "-"))
		return false;
	year = (s.p[0] - '0') * 1000 + (s.p[1] - '0') * 100 +
	    (s.p[2] - '0') * 10 + (s.p[3] - '0');
	month = short_number(s, &i, 12);
	if (month < 1 || !resolve_take(s, &i, "-"))
		return false;
	day = short_number(s, &i, 31);
	if (day < 1 || day > days_in(month, year))
		return false;
	if (i == s.n)
		return true;
	zone = s.p[i] != ' ';
	if (!resolve_take(s, &i, "Tt ") || short_number(s, &i, 23) < 0 ||
	    !resolve_take(s, &i, ":") || short_number(s, &i, 59) < 0 ||
	    !resolve_take(s, &i, ":") || short_number(s, &i, 59) < 0)
		return false;
	if (i + 1 < s.n && (s.p[i] == '.' || s.p[i] == ',') &&
	    is_digit(s.p[i + 1])) {
		i++;
		i += digits_at(s, i);
	}
	return zone ? is_zone(s, i) : i == s.n;
}

/* The text without underscores, which may stand anywhere in a number. */
static bool
plain_number(sv s, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_')
			continue;
		if (n + 1 >= size || s.p[i] == '\0')
			return false;
		buf[n++] = s.p[i];
	}
	buf[n] = '\0';
	return true;
}

struct number {
	bool negative;
	uint64_t magnitude;
};

static int
resolve_digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* All of `p` as digits of one base; false when it is not or overflows. */
static bool
resolve_read_digits(const char *p, unsigned base, uint64_t *out)
{
	uint64_t v = 0;

	if (*p == '\0')
		return false;
	for (; *p != '\0'; p++) {
		unsigned d = (unsigned)resolve_digit_value(*p);

		if (d >= base || v > (UINT64_MAX - d) / base)
			return false;
		v = v * base + d;
	}
	*out = v;
	return true;
}

/* Does it fit an int64, or, without a sign, a uint64? */
static bool
resolve_fits(const struct number *n, bool has_sign)
{
	uint64_t max = has_sign
	    ? (uint64_t)INT64_MAX + (n->negative ? 1 : 0)
	    : UINT64_MAX;

	return n->magnitude <= max;
}

/* Base by prefix, as Go's ParseInt with base 0 does; then the forms go-yaml
 * adds, where a sign may stand behind 0b and 0o. */
static bool
resolve_read_int(const char *p, struct number *out)
{
	bool has_sign = *p == '+' || *p == '-';
	const char *q = has_sign ? p + 1 : p;
	unsigned base = 10;

	out->negative = *p == '-';
	if (q[0] == '0' && q[1] != '\0') {
		char c = (char)(q[1] | 0x20);

		base = c == 'x' ? 16 : c == 'b' ? 2 : 8;
		q += c == 'x' || c == 'b' || c == 'o' ? 2 : 1;
	}
	if (resolve_read_digits(q, base, &out->magnitude))
		return resolve_fits(out, has_sign);
	if (has_sign || p[0] != '0' || (p[1] != 'b' && p[1] != 'o') ||
	    (p[2] != '+' && p[2] != '-'))
		return false;
	out->negative = p[2] == '-';
	return resolve_read_digits(
		   p + 3, p[1] == 'b' ? 2 : 8, &out->magnitude) &&
	       resolve_fits(out, true);
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool
is_resolve_float_syntax(const char *p)
{
	sv s = sv_of(p);
	size_t i = 0, n;

	resolve_take(s, &i, "+-");
	n = digits_at(s, i);
	i += n;
	if (resolve_take(s, &i, ".")) {
		size_t m = digits_at(s, i);

		if (n == 0 && m == 0)
			return false;
		i += m;
	} else if (n == 0) {
		return false;
	}
	if (resolve_take(s, &i, "eE")) {
		resolve_take(s, &i, "+-");
		n = digits_at(s, i);
		if (n == 0)
			return false;
		i += n;
	}
	return i == s.n;
}

static bool
read_float(const char *p, double *out)
{
	if (!is_resolve_float_syntax(p))
		return false;
	*out = strtod(p, NULL);
	return !isinf(*out);
}

enum ytag
yaml_resolve(sv s)
{
	const struct word *w;
	struct number n;
	char buf[128];
	double f;

	w = resolve_find_word(s);
	if (w != NULL)
		return w->tag;
	if (!is_digit(s.p[0]) && s.p[0] != '+' && s.p[0] != '-' &&
	    s.p[0] != '.')
		return YTAG_STR;
	if (is_timestamp(s))
		return YTAG_TIMESTAMP;
	if (!plain_number(s, buf, sizeof(buf)))
		return YTAG_STR;
	if (s.p[0] == '.')
		return sv_find_char(s, '_', 0) < 0 && read_float(buf, &f)
		    ? YTAG_FLOAT
		    : YTAG_STR;
	if (resolve_read_int(buf, &n))
		return YTAG_INT;
	return read_float(buf, &f) ? YTAG_FLOAT : YTAG_STR;
}

bool
ynode_bool(const struct ynode *n, bool *out)
{
	const struct word *w;

	if (n == NULL || n->kind != YNODE_SCALAR || n->tag != YTAG_BOOL)
		return false;
	w = resolve_find_word(n->text);
	*out = w != NULL && w->number > 0;
	return true;
}

static bool
is_one_of(sv s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (sv_is(s, *list))
			return true;
	return false;
}

bool
ynode_bool_yaml11(const struct ynode *n, bool *out)
{
	if (ynode_bool(n, out))
		return true;
	if (n == NULL || n->kind != YNODE_SCALAR || n->tag != YTAG_STR)
		return false;
	*out = is_one_of(n->text, yes_words);
	return *out || is_one_of(n->text, no_words);
}

static bool
node_number(const struct ynode *n, struct number *out)
{
	char buf[128];

	return n != NULL && n->kind == YNODE_SCALAR && n->tag == YTAG_INT &&
	       plain_number(n->text, buf, sizeof(buf)) &&
	       resolve_read_int(buf, out);
}

bool
ynode_int(const struct ynode *n, int64_t *out)
{
	struct number v;

	if (!node_number(n, &v))
		return false;
	if (v.negative) {
		*out = (int64_t)(0 - v.magnitude);
		return true;
	}
	*out = (int64_t)v.magnitude;
	return v.magnitude <= INT64_MAX;
}

bool
ynode_uint(const struct ynode *n, uint64_t *out)
{
	struct number v;

	if (!node_number(n, &v) || v.negative)
		return false;
	*out = v.magnitude;
	return true;
}

bool
ynode_float(const struct ynode *n, double *out)
{
	const struct word *w;
	struct number v;
	char buf[128];

	if (n == NULL || n->kind != YNODE_SCALAR || n->tag != YTAG_FLOAT)
		return false;
	w = resolve_find_word(n->text);
	if (w != NULL && w->tag == YTAG_FLOAT) {
		*out = w->number;
		return true;
	}
	if (!plain_number(n->text, buf, sizeof(buf)))
		return false;
	if (read_float(buf, out))
		return true;
	/* `!!float 0x10` */
	if (!resolve_read_int(buf, &v))
		return false;
	*out = v.negative ? -(double)v.magnitude : (double)v.magnitude;
	return true;
}
