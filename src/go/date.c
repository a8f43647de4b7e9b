/* SPDX-License-Identifier: MIT */
#include "go/date.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "go/layout.h"

/*
 * The calendar (proleptic Gregorian, years of any sign)
 */

int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

bool
is_leap_year(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int
days_in_month(int month, int64_t year)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	if (month == 2 && is_leap_year(year))
		return 29;
	return days[month - 1];
}

/* Years begin in March here, so that the leap day is the last one. */
int64_t
days_from_civil(int64_t year, int month, int day)
{
	int64_t era, of_era, of_year;

	if (month <= 2)
		year--;
	era = floor_div(year, 400);
	year -= era * 400;
	of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	of_era = year * 365 + year / 4 - year / 100 + of_year;
	return era * 146097 + of_era - 719468;
}

void
civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t era, of_era, y, of_year, m;

	days += 719468;
	era = floor_div(days, 146097);
	of_era = days - era * 146097;
	y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * y + y / 4 - y / 100);
	m = (5 * of_year + 2) / 153;
	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = y + era * 400 + (*month <= 2);
}

int
weekday_of_days(int64_t days)
{
	/* 1970-01-01 was a Thursday */
	return (int)(days + 4 - floor_div(days + 4, 7) * 7);
}

static const char *const months[] = { "January", "February", "March", "April",
	"May", "June", "July", "August", "September", "October", "November",
	"December" };
static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday",
	"Wednesday", "Thursday", "Friday", "Saturday" };

const char *
time_month_name(int64_t month)
{
	return month >= 1 && month <= 12 ? months[month - 1] : NULL;
}

const char *
time_weekday_name(int64_t day)
{
	return day >= 0 && day <= 6 ? weekdays[day] : NULL;
}

int64_t
time_wall(const struct value_time *t)
{
	return t->sec + t->offset;
}

value
value_of_time(struct arena *a, struct value_time t)
{
	struct value_time *copy = arena_new_of(a, struct value_time);

	*copy = t;
	return (value){ .kind = VALUE_TIME, .type = GO_TIME, .u.time = copy };
}

struct value_time
time_add(const struct tz *local, const struct value_time *t, int64_t ns)
{
	struct value_time r = *t;
	int64_t nsec = t->nsec + ns % NS_PER_S;

	r.sec += ns / NS_PER_S + floor_div(nsec, NS_PER_S);
	r.nsec = (int32_t)(nsec - floor_div(nsec, NS_PER_S) * NS_PER_S);
	if (t->local)
		tz_apply(local, &r);
	return r;
}

int64_t
time_diff(const struct value_time *a, const struct value_time *b)
{
	/* what int64 can hold of nanoseconds, about 292 years */
	const int64_t limit = INT64_MAX / NS_PER_S;
	int64_t sec;

	if (a->sec / 2 - b->sec / 2 > limit || a->sec - b->sec > limit)
		return INT64_MAX;
	if (a->sec / 2 - b->sec / 2 < -limit || a->sec - b->sec < -limit)
		return INT64_MIN;
	sec = a->sec - b->sec;
	if (sec == limit && a->nsec - b->nsec > INT64_MAX % NS_PER_S)
		return INT64_MAX;
	if (sec == -limit && a->nsec - b->nsec < -(INT64_MAX % NS_PER_S))
		return INT64_MIN;
	return sec * NS_PER_S + a->nsec - b->nsec;
}

/*
 * Printing
 */

/* The wall clock taken apart. */
struct clock_parts {
	int64_t year;
	int month, day, yday, weekday, hour, minute, second;
};

static struct clock_parts
take_apart(const struct value_time *t)
{
	int64_t wall = time_wall(t), days = floor_div(wall, 86400);
	int rest = (int)(wall - days * 86400);
	struct clock_parts p = { .hour = rest / 3600, .minute = rest / 60 % 60,
		.second = rest % 60, .weekday = weekday_of_days(days) };

	civil_from_days(days, &p.year, &p.month, &p.day);
	p.yday = (int)(days - days_from_civil(p.year, 1, 1)) + 1;
	return p;
}

static void
date_add_number(struct sb *out, int64_t n, int width)
{
	if (n < 0)
		sb_addc(out, '-');
	sb_printf(out, "%0*" PRId64, width, n < 0 ? -n : n);
}

static void
add_fraction(struct sb *out, int32_t nsec, const struct chunk *c)
{
	char digits[16];
	size_t n = c->digits < 9 ? (size_t)c->digits : 9;

	if (c->kind == CHUNK_FRACTION_9 && nsec == 0)
		return;
	snprintf(digits, sizeof(digits), "%09d", (int)nsec);
	if (c->kind == CHUNK_FRACTION_9)
		while (n > 0 && digits[n - 1] == '0')
			n--;
	if (c->kind == CHUNK_FRACTION_9 && n == 0)
		return;
	sb_addc(out, c->separator);
	sb_add(out, digits, n);
}

static void
add_offset(struct sb *out, int32_t offset, const struct chunk *c)
{
	int minutes = offset / 60;

	if (c->kind == CHUNK_ISO_ZONE && offset == 0) {
		sb_addc(out, 'Z');
		return;
	}
	sb_addc(out, minutes < 0 ? '-' : '+');
	if (minutes < 0) {
		minutes = -minutes;
		offset = -offset;
	}
	sb_printf(out, "%02d", minutes / 60);
	if (c->zone == ZONE_HOURS)
		return;
	if (c->colons)
		sb_addc(out, ':');
	sb_printf(out, "%02d", minutes % 60);
	if (c->zone != ZONE_SECONDS)
		return;
	if (c->colons)
		sb_addc(out, ':');
	sb_printf(out, "%02d", offset % 60);
}

static void
add_zone_name(struct sb *out, const struct value_time *t)
{
	static const struct chunk numeric = { .kind = CHUNK_NUM_ZONE,
		.zone = ZONE_MINUTES };

	if (t->zone != NULL && *t->zone != '\0')
		sb_adds(out, t->zone);
	else
		add_offset(out, t->offset, &numeric);
}

static void
date_add_chunk(struct sb *out, const struct value_time *t,
    const struct clock_parts *p, const struct chunk *c)
{
	int hour12 = p->hour % 12 == 0 ? 12 : p->hour % 12;

	switch (c->kind) {
	case CHUNK_END:
		break;
	case CHUNK_LONG_MONTH:
		sb_adds(out, months[p->month - 1]);
		break;
	case CHUNK_MONTH:
		sb_add(out, months[p->month - 1], 3);
		break;
	case CHUNK_NUM_MONTH:
	case CHUNK_ZERO_MONTH:
		date_add_number(
		    out, p->month, c->kind == CHUNK_ZERO_MONTH ? 2 : 1);
		break;
	case CHUNK_LONG_WEEKDAY:
		sb_adds(out, weekdays[p->weekday]);
		break;
	case CHUNK_WEEKDAY:
		sb_add(out, weekdays[p->weekday], 3);
		break;
	case CHUNK_DAY:
	case CHUNK_ZERO_DAY:
		date_add_number(out, p->day, c->kind == CHUNK_ZERO_DAY ? 2 : 1);
		break;
	case CHUNK_UNDER_DAY:
		sb_printf(out, "%2d", p->day);
		break;
	case CHUNK_UNDER_YDAY:
		sb_printf(out, "%3d", p->yday);
		break;
	case CHUNK_ZERO_YDAY:
		date_add_number(out, p->yday, 3);
		break;
	case CHUNK_HOUR:
		date_add_number(out, p->hour, 2);
		break;
	case CHUNK_HOUR12:
	case CHUNK_ZERO_HOUR12:
		date_add_number(
		    out, hour12, c->kind == CHUNK_ZERO_HOUR12 ? 2 : 1);
		break;
	case CHUNK_MINUTE:
	case CHUNK_ZERO_MINUTE:
		date_add_number(
		    out, p->minute, c->kind == CHUNK_ZERO_MINUTE ? 2 : 1);
		break;
	case CHUNK_SECOND:
	case CHUNK_ZERO_SECOND:
		date_add_number(
		    out, p->second, c->kind == CHUNK_ZERO_SECOND ? 2 : 1);
		break;
	case CHUNK_LONG_YEAR:
		date_add_number(out, p->year, 4);
		break;
	case CHUNK_YEAR:
		date_add_number(
		    out, (p->year < 0 ? -p->year : p->year) % 100, 2);
		break;
	case CHUNK_PM:
		sb_adds(out, p->hour >= 12 ? "PM" : "AM");
		break;
	case CHUNK_LOWER_PM:
		sb_adds(out, p->hour >= 12 ? "pm" : "am");
		break;
	case CHUNK_ZONE_NAME:
		add_zone_name(out, t);
		break;
	case CHUNK_ISO_ZONE:
	case CHUNK_NUM_ZONE:
		add_offset(out, t->offset, c);
		break;
	case CHUNK_FRACTION_0:
	case CHUNK_FRACTION_9:
		add_fraction(out, t->nsec, c);
		break;
	}
}

void
time_format(struct sb *out, const struct value_time *t, sv layout)
{
	struct clock_parts parts = take_apart(t);
	struct chunk c;

	do {
		c = layout_next(layout);
		sb_addv(out, c.before);
		date_add_chunk(out, t, &parts, &c);
		layout = c.rest;
	} while (c.kind != CHUNK_END);
}

void
time_print(struct sb *out, const struct value_time *t)
{
	time_format(out, t, SV("2006-01-02 15:04:05.999999999 -0700 MST"));
}
