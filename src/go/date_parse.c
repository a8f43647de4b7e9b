/* SPDX-License-Identifier: MIT */
/* Reading times by Go's layouts; see date.h. */
#include "go/date.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "go/layout.h"

/* What has been read so far; -1 is "not given". */
struct fields {
	int64_t year;
	int month, day, yday, hour, minute, second;
	int32_t nsec;
	bool pm, am;
	bool utc; /* Z or UTC */
	bool has_offset;
	int32_t offset;
	sv zone; /* abbreviation, empty: none */
};

struct parser {
	sv rest;	    /* still to read */
	sv layout_rest;	    /* layout behind the element */
	const char *range;  /* what is out of range */
	struct fields f;
};

static bool
digit_at(sv s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

static void
skip_bytes(struct parser *p, size_t n)
{
	p->rest = sv_sub(p->rest, n, SIZE_MAX);
}

/* One or two digits (always two when fixed). */
static bool
get_two(struct parser *p, bool fixed, int *out)
{
	if (!digit_at(p->rest, 0) || (fixed && !digit_at(p->rest, 1)))
		return false;
	*out = p->rest.p[0] - '0';
	skip_bytes(p, 1);
	if (digit_at(p->rest, 0)) {
		*out = *out * 10 + (p->rest.p[0] - '0');
		skip_bytes(p, 1);
	}
	return true;
}

static bool
get_three(struct parser *p, bool fixed, int *out)
{
	size_t i;

	*out = 0;
	for (i = 0; i < 3 && digit_at(p->rest, i); i++)
		*out = *out * 10 + (p->rest.p[i] - '0');
	if (i == 0 || (fixed && i != 3))
		return false;
	skip_bytes(p, i);
	return true;
}

/* Digits with an optional sign, all of `s`. */
static bool
dparse_read_int(sv s, int64_t *out)
{
	bool minus = s.n > 0 && s.p[0] == '-';

	if (s.n > 0 && (minus || s.p[0] == '+'))
		s = sv_sub(s, 1, SIZE_MAX);
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!digit_at(s, i))
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	if (minus)
		*out = -*out;
	return s.n > 0;
}

/* Letters fit in any case. */
static bool
starts_with_name(sv s, const char *name, size_t n)
{
	if (s.n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char a = s.p[i], b = name[i];

		if (a >= 'A' && a <= 'Z')
			a = (char)(a + 32);
		if (b >= 'A' && b <= 'Z')
			b = (char)(b + 32);
		if (a != b)
			return false;
	}
	return true;
}

static bool
get_name(struct parser *p, const char *(*name_of)(int64_t), int first,
    bool whole, int *out)
{
	const char *name;

	for (int i = first; (name = name_of(i)) != NULL; i++) {
		size_t n = whole ? strlen(name) : 3;

		if (!starts_with_name(p->rest, name, n))
			continue;
		skip_bytes(p, n);
		*out = i;
		return true;
	}
	return false;
}

static bool
get_nanoseconds(struct parser *p, size_t n)
{
	sv digits = sv_sub(p->rest, 1, (n > 10 ? 10 : n) - 1);
	int64_t ns;

	if (p->rest.p[0] != '.' && p->rest.p[0] != ',')
		return false;
	skip_bytes(p, n);
	if (!dparse_read_int(digits, &ns))
		return false;
	if (ns < 0) {
		p->range = "fractional second";
		return true;
	}
	for (size_t i = digits.n; i < 9; i++)
		ns *= 10;
	p->f.nsec = (int32_t)ns;
	return true;
}

/* Length of "." and all digits behind it; 0 when there are none. */
static size_t
fraction_length(sv s)
{
	size_t n = 1;

	if (s.n < 2 || (s.p[0] != '.' && s.p[0] != ',') || !digit_at(s, 1))
		return 0;
	while (digit_at(s, n))
		n++;
	return n;
}

/* A fraction is read even where the layout has none. */
static bool
get_second(struct parser *p, bool fixed)
{
	enum chunk_kind next;
	size_t n;

	if (!get_two(p, fixed, &p->f.second))
		return false;
	if (p->f.second >= 60) {
		p->range = "second";
		return true;
	}
	n = fraction_length(p->rest);
	next = layout_next(p->layout_rest).kind;
	if (n == 0 || next == CHUNK_FRACTION_0 || next == CHUNK_FRACTION_9)
		return true;
	return get_nanoseconds(p, n);
}

static bool
get_year(struct parser *p, const struct chunk *c)
{
	size_t n = c->kind == CHUNK_YEAR ? 2 : 4;
	sv digits = sv_sub(p->rest, 0, n);

	if (p->rest.n < n || (n == 4 && !digit_at(p->rest, 0)))
		return false;
	skip_bytes(p, n);
	if (!dparse_read_int(digits, &p->f.year))
		return false;
	if (n == 2)
		p->f.year += p->f.year >= 69 ? 1900 : 2000;
	return true;
}

static bool
get_half(struct parser *p, const char *am, const char *pm)
{
	sv word = sv_sub(p->rest, 0, 2);

	p->f.pm = p->f.pm || sv_is(word, pm);
	p->f.am = p->f.am || sv_is(word, am);
	skip_bytes(p, 2);
	return sv_is(word, pm) || sv_is(word, am);
}

static bool
two_digits_at(sv s, size_t i, int *out)
{
	if (!digit_at(s, i) || !digit_at(s, i + 1))
		return false;
	*out = (s.p[i] - '0') * 10 + (s.p[i + 1] - '0');
	return true;
}

static bool
get_offset(struct parser *p, const struct chunk *c)
{
	static const size_t lengths[][2] = { { 3, 3 }, { 5, 6 }, { 7, 9 } };
	size_t n = lengths[c->zone][c->colons], step = c->colons ? 3 : 2;
	sv s = sv_sub(p->rest, 0, n);
	int hour = 0, minute = 0, second = 0;
	bool good;

	if (c->kind == CHUNK_ISO_ZONE && sv_starts(p->rest, SV("Z"))) {
		skip_bytes(p, 1);
		p->f.utc = true;
		return true;
	}
	if (s.n < n || (c->colons && (s.p[3] != ':' ||
				     (n == 9 && s.p[6] != ':'))))
		return false;
	skip_bytes(p, n);
	good = two_digits_at(s, 1, &hour) &&
	    (c->zone == ZONE_HOURS || two_digits_at(s, 1 + step, &minute)) &&
	    (c->zone != ZONE_SECONDS ||
		two_digits_at(s, 1 + 2 * step, &second));
	if (hour > 24)
		p->range = "time zone offset hour";
	if (minute > 60)
		p->range = "time zone offset minute";
	if (second > 60)
		p->range = "time zone offset second";
	p->f.offset = (hour * 60 + minute) * 60 + second;
	if (s.p[0] == '-')
		p->f.offset = -p->f.offset;
	/* one second west of UTC stands for "none" in the reference */
	p->f.has_offset = p->f.offset != -1;
	return good && (s.p[0] == '+' || s.p[0] == '-');
}

/* "+03", "-12": up to 23 hours; 0 when it is something else. */
static size_t
signed_offset_length(sv s)
{
	size_t n = 1;
	int hours = 0;

	if (s.n == 0 || (s.p[0] != '+' && s.p[0] != '-'))
		return 0;
	for (; digit_at(s, n); n++) {
		hours = hours * 10 + (s.p[n] - '0');
		if (hours > 23)
			return 0;
	}
	return n > 1 ? n : 0;
}

/* Three capitals, or four or five that end in T, and some exceptions. */
static size_t
zone_name_length(sv s)
{
	size_t n = 0;

	if (s.n < 3)
		return 0;
	if (sv_starts(s, SV("ChST")) || sv_starts(s, SV("MeST")))
		return 4;
	if (sv_starts(s, SV("GMT")))
		return 3 + signed_offset_length(sv_sub(s, 3, SIZE_MAX));
	if (s.p[0] == '+' || s.p[0] == '-')
		return signed_offset_length(s);
	while (n < 6 && n < s.n && s.p[n] >= 'A' && s.p[n] <= 'Z')
		n++;
	if (n == 5 || n == 4)
		return s.p[n - 1] == 'T' || (n == 4 && sv_starts(s, SV("WITA")))
		    ? n
		    : 0;
	return n == 3 ? 3 : 0;
}

static bool
get_zone_name(struct parser *p)
{
	size_t n;

	if (sv_starts(p->rest, SV("UTC"))) {
		p->f.utc = true;
		skip_bytes(p, 3);
		return true;
	}
	n = zone_name_length(p->rest);
	p->f.zone = sv_sub(p->rest, 0, n);
	skip_bytes(p, n);
	return n > 0;
}

static bool
get_limited(struct parser *p, bool fixed, int *out, int max, const char *what)
{
	if (!get_two(p, fixed, out))
		return false;
	if (*out > max)
		p->range = what;
	return true;
}

static void
skip_blank(struct parser *p)
{
	if (p->rest.n > 0 && p->rest.p[0] == ' ')
		skip_bytes(p, 1);
}

static bool
get_chunk(struct parser *p, const struct chunk *c)
{
	struct fields *f = &p->f;
	int weekday;

	switch (c->kind) {
	case CHUNK_END:
		return true;
	case CHUNK_LONG_MONTH:
	case CHUNK_MONTH:
		return get_name(p, time_month_name, 1,
		    c->kind == CHUNK_LONG_MONTH, &f->month);
	case CHUNK_NUM_MONTH:
	case CHUNK_ZERO_MONTH:
		if (!get_limited(p, c->kind == CHUNK_ZERO_MONTH, &f->month, 12,
			"month"))
			return false;
		if (f->month == 0)
			p->range = "month";
		return true;
	case CHUNK_LONG_WEEKDAY:
	case CHUNK_WEEKDAY:
		return get_name(p, time_weekday_name, 0,
		    c->kind == CHUNK_LONG_WEEKDAY, &weekday);
	case CHUNK_UNDER_DAY:
		skip_blank(p);
		return get_two(p, false, &f->day);
	case CHUNK_DAY:
	case CHUNK_ZERO_DAY:
		return get_two(p, c->kind == CHUNK_ZERO_DAY, &f->day);
	case CHUNK_UNDER_YDAY:
		skip_blank(p);
		skip_blank(p);
		return get_three(p, false, &f->yday);
	case CHUNK_ZERO_YDAY:
		return get_three(p, true, &f->yday);
	case CHUNK_HOUR:
		return get_limited(p, false, &f->hour, 23, "hour");
	case CHUNK_HOUR12:
	case CHUNK_ZERO_HOUR12:
		return get_limited(p, c->kind == CHUNK_ZERO_HOUR12, &f->hour,
		    12, "hour");
	case CHUNK_MINUTE:
	case CHUNK_ZERO_MINUTE:
		return get_limited(p, c->kind == CHUNK_ZERO_MINUTE, &f->minute,
		    59, "minute");
	case CHUNK_SECOND:
	case CHUNK_ZERO_SECOND:
		return get_second(p, c->kind == CHUNK_ZERO_SECOND);
	case CHUNK_LONG_YEAR:
	case CHUNK_YEAR:
		return get_year(p, c);
	case CHUNK_PM:
		return get_half(p, "AM", "PM");
	case CHUNK_LOWER_PM:
		return get_half(p, "am", "pm");
	case CHUNK_ZONE_NAME:
		return get_zone_name(p);
	case CHUNK_ISO_ZONE:
	case CHUNK_NUM_ZONE:
		return get_offset(p, c);
	case CHUNK_FRACTION_0:
		return p->rest.n >= 1 + (size_t)c->digits &&
		    get_nanoseconds(p, 1 + (size_t)c->digits);
	case CHUNK_FRACTION_9: {
		size_t n = fraction_length(p->rest);

		return n == 0 || get_nanoseconds(p, n);
	}
	}
	return false;
}

/* Runs of blanks in the layout fit any run, also an empty one at the end. */
static bool
skip_literal(struct parser *p, sv text)
{
	while (text.n > 0) {
		if (text.p[0] == ' ') {
			if (p->rest.n > 0 && p->rest.p[0] != ' ')
				return false;
			while (text.n > 0 && text.p[0] == ' ')
				text = sv_sub(text, 1, SIZE_MAX);
			while (p->rest.n > 0 && p->rest.p[0] == ' ')
				skip_bytes(p, 1);
			continue;
		}
		if (p->rest.n == 0 || p->rest.p[0] != text.p[0])
			return false;
		text = sv_sub(text, 1, SIZE_MAX);
		skip_bytes(p, 1);
	}
	return true;
}

struct failure {
	struct arena *a;
	sv layout, text;
	struct err *e;
};

static bool
dparse_fail_parse(struct failure *f, sv value_part, sv layout_part)
{
	return err_set(f->e, ERR_GENERIC,
	    "parsing time %s as %s: cannot parse %s as %s",
	    quote_time(f->a, f->text), quote_time(f->a, f->layout),
	    quote_time(f->a, value_part), quote_time(f->a, layout_part));
}

static bool
fail_message(struct failure *f, const char *message)
{
	return err_set(f->e, ERR_GENERIC, "parsing time %s: %s",
	    quote_time(f->a, f->text), message);
}

static bool
dparse_read_fields(struct parser *p, struct failure *fail)
{
	sv layout = fail->layout;
	struct chunk c;

	do {
		sv hold;

		c = layout_next(layout);
		if (!skip_literal(p, c.before))
			return dparse_fail_parse(fail, p->rest, c.before);
		hold = p->rest;
		layout = p->layout_rest = c.rest;
		if (!get_chunk(p, &c) && p->range == NULL)
			return dparse_fail_parse(fail, hold, c.text);
		if (p->range != NULL)
			return fail_message(fail,
			    arena_printf(fail->a, "%s out of range", p->range));
	} while (c.kind != CHUNK_END);
	if (p->rest.n > 0)
		return fail_message(fail,
		    arena_printf(fail->a, "extra text: %s",
			quote_time(fail->a, p->rest)));
	return true;
}

/* Day of the year to month and day, which must fit those given. */
static bool
apply_yday(struct fields *f, struct failure *fail)
{
	int month = 1, day = f->yday;

	if (f->yday < 1 || f->yday > 365 + is_leap_year(f->year))
		return fail_message(fail, "day-of-year out of range");
	while (day > days_in_month(month, f->year))
		day -= days_in_month(month++, f->year);
	if (f->month >= 0 && f->month != month)
		return fail_message(fail, "day-of-year does not match month");
	if (f->day >= 0 && f->day != day)
		return fail_message(fail, "day-of-year does not match day");
	f->month = month;
	f->day = day;
	return true;
}

static bool
check_date(struct fields *f, struct failure *fail)
{
	if (f->pm && f->hour < 12)
		f->hour += 12;
	else if (f->am && f->hour == 12)
		f->hour = 0;
	if (f->yday >= 0)
		return apply_yday(f, fail);
	if (f->month < 0)
		f->month = 1;
	if (f->day < 0)
		f->day = 1;
	if (f->day < 1 || f->day > days_in_month(f->month, f->year))
		return fail_message(fail, "day out of range");
	return true;
}

static void
fixed_zone(struct arena *a, struct value_time *t, sv name, int32_t offset)
{
	t->zone = sv_cstr(a, name);
	t->offset = offset;
	t->local = false;
}

/* An offset or name that the local zone has at that time is the local zone. */
static void
apply_zone(struct arena *a, const struct fields *f, const struct tz *local,
    int64_t wall, struct value_time *t)
{
	int32_t offset = 0;
	int64_t hours;

	t->sec = wall;
	if (f->utc) {
		tz_apply(tz_utc(), t);
	} else if (f->has_offset) {
		t->sec = wall - f->offset;
		tz_apply(local, t);
		if (t->offset != f->offset ||
		    (f->zone.n > 0 && !sv_is(f->zone, t->zone)))
			fixed_zone(a, t, f->zone, f->offset);
	} else if (f->zone.n > 0 &&
	    tz_offset_of_name(local, f->zone, wall, &offset)) {
		t->sec = wall - offset;
		tz_apply(local, t);
	} else if (f->zone.n > 0) {
		if (f->zone.n > 3 && sv_starts(f->zone, SV("GMT")) &&
		    dparse_read_int(sv_sub(f->zone, 3, SIZE_MAX), &hours))
			offset = (int32_t)hours * 3600;
		/* as in Go the reading is taken for UTC nevertheless */
		fixed_zone(a, t, f->zone, offset);
	} else {
		t->sec = tz_to_utc(local, wall);
		tz_apply(local, t);
	}
}

bool
time_parse(struct arena *a, sv layout, sv text, const struct tz *local,
    struct value_time *out, struct err *e)
{
	struct failure fail = { a, layout, text, e };
	struct parser p = { .rest = text,
		.f = { .month = -1, .day = -1, .yday = -1 } };
	int64_t wall;

	*out = (struct value_time){ .sec = TIME_ZERO_SEC, .zone = "UTC" };
	if (!dparse_read_fields(&p, &fail) || !check_date(&p.f, &fail))
		return false;
	wall = days_from_civil(p.f.year, p.f.month, p.f.day) * 86400 +
	    p.f.hour * 3600 + p.f.minute * 60 + p.f.second;
	out->nsec = p.f.nsec;
	apply_zone(a, &p.f, local, wall, out);
	return true;
}
