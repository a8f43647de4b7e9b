/* SPDX-License-Identifier: MIT */
/* Methods of time values that templates may call (L-152); see funcs.h. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "go/date.h"
#include "go/tz.h"
#include "template/funcs_util.h"

#define METHOD(name)                                                          \
	static bool name(struct func_ctx *c, const value *args, size_t n,     \
	    value *out, struct err *e)

static const struct value_time *
self(const value *args)
{
	return args[0].u.time;
}

static value
duration_value(int64_t ns)
{
	return (value){ .kind = VALUE_DURATION, .type = GO_DURATION,
		.u.i = ns };
}

static value
int_of_type(int64_t i, enum go_type type)
{
	return (value){ .kind = VALUE_INT, .type = (uint8_t)type, .u.i = i };
}

static value
take_sb(struct func_ctx *c, struct sb *b)
{
	return value_sv(sb_take(b, c->a));
}

static int64_t
days_of(const struct value_time *t)
{
	return floor_div(time_wall(t), 86400);
}

static int
second_of_day(const struct value_time *t)
{
	return (int)(time_wall(t) - days_of(t) * 86400);
}

struct date {
	int64_t year;
	int month, day;
};

static struct date
date_of(const struct value_time *t)
{
	struct date d;

	civil_from_days(days_of(t), &d.year, &d.month, &d.day);
	return d;
}

/* Most methods use only some of the parameters that all share. */
#define UNUSED_ARGS (void)c, (void)n, (void)e

#define TIME_GETTER(name, expression)                                         \
	METHOD(name)                                                          \
	{                                                                     \
		const struct value_time *t = self(args);                      \
                                                                              \
		UNUSED_ARGS;                                                  \
		*out = (expression);                                          \
		return true;                                                  \
	}

TIME_GETTER(time_year, value_int(date_of(t).year))
TIME_GETTER(time_month, int_of_type(date_of(t).month, GO_MONTH))
TIME_GETTER(time_day, value_int(date_of(t).day))
TIME_GETTER(time_hour, value_int(second_of_day(t) / 3600))
TIME_GETTER(time_minute, value_int(second_of_day(t) / 60 % 60))
TIME_GETTER(time_second, value_int(second_of_day(t) % 60))
TIME_GETTER(time_nanosecond, value_int(t->nsec))
TIME_GETTER(time_weekday, int_of_type(weekday_of_days(days_of(t)), GO_WEEKDAY))
TIME_GETTER(time_yday,
    value_int(days_of(t) - days_from_civil(date_of(t).year, 1, 1) + 1))
TIME_GETTER(time_unix, value_int64(t->sec))
TIME_GETTER(time_unix_milli, value_int64(t->sec * 1000 + t->nsec / 1000000))
TIME_GETTER(time_unix_micro, value_int64(t->sec * 1000000 + t->nsec / 1000))
TIME_GETTER(time_unix_nano, value_int64(t->sec * NS_PER_S + t->nsec))
TIME_GETTER(time_is_zero, value_bool(t->sec == TIME_ZERO_SEC && t->nsec == 0))

TIME_GETTER(time_is_dst,
    value_bool(t->local && tz_is_dst(fn_local_zone(c), t->sec)))

static int
time_methods_compare(const struct value_time *a, const struct value_time *b)
{
	if (a->sec != b->sec)
		return a->sec < b->sec ? -1 : 1;
	return (a->nsec > b->nsec) - (a->nsec < b->nsec);
}

TIME_GETTER(time_after, value_bool(time_methods_compare(t, args[1].u.time) > 0))
TIME_GETTER(
    time_before, value_bool(time_methods_compare(t, args[1].u.time) < 0))
TIME_GETTER(
    time_equal, value_bool(time_methods_compare(t, args[1].u.time) == 0))
TIME_GETTER(time_compare, value_int(time_methods_compare(t, args[1].u.time)))
TIME_GETTER(time_sub, duration_value(time_diff(t, args[1].u.time)))
TIME_GETTER(time_plus,
    value_of_time(c->a, fn_time_add(c, t, args[1].u.i)))

METHOD(time_in_utc)
{
	struct value_time t = *self(args);

	UNUSED_ARGS;
	tz_apply(tz_utc(), &t);
	*out = value_of_time(c->a, t);
	return true;
}

METHOD(time_in_local)
{
	struct value_time t = *self(args);

	UNUSED_ARGS;
	tz_apply(fn_local_zone(c), &t);
	*out = value_of_time(c->a, t);
	return true;
}

/* Days and months that are too large run over into the next ones. */
METHOD(time_add_date)
{
	struct value_time t = *self(args);
	struct date d = date_of(&t);
	int64_t month = d.month - 1 + args[2].u.i;
	int64_t year = d.year + args[1].u.i + floor_div(month, 12);
	int64_t wall;

	UNUSED_ARGS;
	month -= floor_div(month, 12) * 12;
	wall = (days_from_civil(year, (int)month + 1, 1) + d.day - 1 +
		   args[3].u.i) *
		86400 +
	    second_of_day(&t);
	t.sec = wall - t.offset;
	if (t.local) {
		t.sec = tz_to_utc(fn_local_zone(c), wall);
		tz_apply(fn_local_zone(c), &t);
	}
	*out = value_of_time(c->a, t);
	return true;
}

METHOD(time_do_format)
{
	struct sb b cleanup_sb = SB_INIT;

	UNUSED_ARGS;
	time_format(&b, self(args), value_text(args[1]));
	*out = take_sb(c, &b);
	return true;
}

METHOD(time_string)
{
	struct sb b cleanup_sb = SB_INIT;

	UNUSED_ARGS;
	time_print(&b, self(args));
	*out = take_sb(c, &b);
	return true;
}

void
time_go_print(struct sb *out, const struct value_time *t)
{
	struct arena *a cleanup_arena = arena_new();
	struct date d = date_of(t);
	int second = second_of_day(t);
	sv zone = sv_of(t->zone ? t->zone : "");

	sb_printf(out,
	    "time.Date(%" PRId64 ", time.%s, %d, %d, %d, %d, %" PRId32 ", ",
	    d.year, time_month_name(d.month), d.day, second / 3600,
	    second / 60 % 60, second % 60, t->nsec);
	if (t->local)
		sb_adds(out, "time.Local)");
	else if (sv_is(zone, "UTC"))
		sb_adds(out, "time.UTC)");
	else
		sb_printf(out, "time.Location(%s))", quote_time(a, zone));
}

METHOD(time_go_string)
{
	struct sb b cleanup_sb = SB_INIT;

	UNUSED_ARGS;
	time_go_print(&b, self(args));
	*out = take_sb(c, &b);
	return true;
}

METHOD(time_location)
{
	const struct value_time *t = self(args);

	UNUSED_ARGS;
	*out = value_cstr(t->local ? tz_name(fn_local_zone(c)) :
		t->zone ? t->zone : "");
	out->type = GO_LOCATION;
	return true;
}

/* Nanoseconds since Go's zero time modulo d, without a wider integer. */
static int64_t
since_zero_modulo(const struct value_time *t, int64_t d)
{
	uint64_t m = (uint64_t)d, r = 0;
	int64_t sec = t->sec - TIME_ZERO_SEC;
	uint64_t factor = (uint64_t)((sec % d + d) % d);

	for (int bit = 29; bit >= 0; bit--) {
		r = r * 2 % m;
		if (NS_PER_S >> bit & 1)
			r = (r + factor) % m;
	}
	return (int64_t)((r + (uint64_t)t->nsec) % m);
}

METHOD(time_truncate)
{
	int64_t d = args[1].u.i;

	UNUSED_ARGS;
	*out = args[0];
	if (d > 0)
		*out = value_of_time(c->a, fn_time_add(c, self(args),
		    -since_zero_modulo(self(args), d)));
	return true;
}

METHOD(time_round)
{
	int64_t d = args[1].u.i, r;

	UNUSED_ARGS;
	*out = args[0];
	if (d <= 0)
		return true;
	r = since_zero_modulo(self(args), d);
	*out = value_of_time(c->a,
	    fn_time_add(c, self(args), r < d - r ? -r : d - r));
	return true;
}

static const struct func time_methods[] = {
	{ "Add", "d", time_plus },
	{ "AddDate", "iii", time_add_date },
	{ "After", "t", time_after },
	{ "Before", "t", time_before },
	{ "Compare", "t", time_compare },
	{ "Day", "", time_day },
	{ "Equal", "t", time_equal },
	{ "Format", "s", time_do_format },
	{ "GoString", "", time_go_string },
	{ "Hour", "", time_hour },
	{ "IsDST", "", time_is_dst },
	{ "IsZero", "", time_is_zero },
	{ "Local", "", time_in_local },
	{ "Location", "", time_location },
	{ "Minute", "", time_minute },
	{ "Month", "", time_month },
	{ "Nanosecond", "", time_nanosecond },
	{ "Round", "d", time_round },
	{ "Second", "", time_second },
	{ "String", "", time_string },
	{ "Sub", "t", time_sub },
	{ "Truncate", "d", time_truncate },
	{ "UTC", "", time_in_utc },
	{ "Unix", "", time_unix },
	{ "UnixMicro", "", time_unix_micro },
	{ "UnixMilli", "", time_unix_milli },
	{ "UnixNano", "", time_unix_nano },
	{ "Weekday", "", time_weekday },
	{ "Year", "", time_year },
	{ "YearDay", "", time_yday },
};

#define DURATION_GETTER(name, expression)                                     \
	METHOD(name)                                                          \
	{                                                                     \
		int64_t ns = args[0].u.i;                                     \
                                                                              \
		UNUSED_ARGS;                                                  \
		*out = (expression);                                          \
		return true;                                                  \
	}

/* Whole units and the rest apart, as Go adds them up. */
static double
in_units(int64_t ns, int64_t unit)
{
	return (double)(ns / unit) + (double)(ns % unit) / (double)unit;
}

int64_t
duration_rounded(int64_t ns, int64_t unit)
{
	int64_t r, half;

	if (unit <= 0)
		return ns;
	r = ns % unit;
	half = llabs(r);
	if (half < unit - half)
		return ns - r;
	if (ns < 0)
		return ns < INT64_MIN + (unit - half) ? INT64_MIN :
							ns - (unit - half);
	return ns > INT64_MAX - (unit - half) ? INT64_MAX : ns + (unit - half);
}

DURATION_GETTER(duration_hours, value_float(in_units(ns, 3600 * NS_PER_S)))
DURATION_GETTER(duration_minutes, value_float(in_units(ns, 60 * NS_PER_S)))
DURATION_GETTER(duration_seconds, value_float(in_units(ns, NS_PER_S)))
DURATION_GETTER(duration_milliseconds, value_int64(ns / NS_PER_MS))
DURATION_GETTER(duration_microseconds, value_int64(ns / 1000))
DURATION_GETTER(duration_nanoseconds, value_int64(ns))
DURATION_GETTER(duration_string, value_cstr(duration_text(c->a, ns)))
DURATION_GETTER(duration_abs,
    duration_value(ns == INT64_MIN ? INT64_MAX : llabs(ns)))
DURATION_GETTER(duration_truncate,
    duration_value(args[1].u.i > 0 ? ns - ns % args[1].u.i : ns))
DURATION_GETTER(duration_do_round,
    duration_value(duration_rounded(ns, args[1].u.i)))

static const struct func duration_methods[] = {
	{ "Abs", "", duration_abs },
	{ "Hours", "", duration_hours },
	{ "Microseconds", "", duration_microseconds },
	{ "Milliseconds", "", duration_milliseconds },
	{ "Minutes", "", duration_minutes },
	{ "Nanoseconds", "", duration_nanoseconds },
	{ "Round", "d", duration_do_round },
	{ "Seconds", "", duration_seconds },
	{ "String", "", duration_string },
	{ "Truncate", "d", duration_truncate },
};

METHOD(name_string)
{
	bool month = args[0].type == GO_MONTH;
	const char *name = month ? time_month_name(args[0].u.i) :
				   time_weekday_name(args[0].u.i);

	UNUSED_ARGS;
	if (name == NULL)
		name = arena_printf(c->a, "%%!%s(%lld)",
		    month ? "Month" : "Weekday", (long long)args[0].u.i);
	*out = value_cstr(name);
	return true;
}

static const struct func name_methods[] = {
	{ "String", "", name_string },
};

METHOD(location_string)
{
	UNUSED_ARGS;
	*out = value_sv(value_text(args[0]));
	return true;
}

static const struct func location_methods[] = {
	{ "String", "", location_string },
};

/* What Go says of methods with more results than a template can take. */
static const struct {
	const char *name, *refusal;
} refused[] = {
#define SECOND_RESULT(name, type)                                             \
	{ name, "invalid function signature for " name                        \
		": second return value should be error; is " type }
	{ "Clock", "function Clock has 3 return values; should be 1 or 2" },
	{ "Date", "function Date has 3 return values; should be 1 or 2" },
	SECOND_RESULT("ISOWeek", "int"),
	SECOND_RESULT("Zone", "int"),
	SECOND_RESULT("ZoneBounds", "time.Time"),
#undef SECOND_RESULT
};

const char *
method_refusal(enum go_type type, sv name)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (type == GO_TIME && sv_is(name, refused[i].name))
			return refused[i].refusal;
	return NULL;
}

static const struct func *
find_in(const struct func *methods, size_t n, sv name)
{
	for (size_t i = 0; i < n; i++)
		if (sv_is(name, methods[i].name))
			return &methods[i];
	return NULL;
}

#define FIND_IN(table, name)                                                  \
	find_in((table), sizeof(table) / sizeof((table)[0]), (name))

const struct func *
method_find(enum go_type type, sv name)
{
	if (type == GO_TIME)
		return FIND_IN(time_methods, name);
	if (type == GO_DURATION)
		return FIND_IN(duration_methods, name);
	if (type == GO_MONTH || type == GO_WEEKDAY)
		return FIND_IN(name_methods, name);
	if (type == GO_LOCATION)
		return FIND_IN(location_methods, name);
	return NULL;
}
