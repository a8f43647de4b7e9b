/* SPDX-License-Identifier: MIT */
/*
 * Time values: Go's layouts to print and to parse them, and the calendar.
 * May include: base/, value.h, tz.h.
 */
#ifndef GO_DATE_H
#define GO_DATE_H

#include "base/err.h"
#include "go/tz.h"
#include "go/value.h"

/* Appends the time by a Go layout ("2006-01-02 15:04:05.000 MST"). */
void time_format(struct sb *out, const struct value_time *t, sv layout);
/* Appends it as %v prints it: "2026-11-21 06:44:35.134535618 +0000 UTC". */
void time_print(struct sb *out, const struct value_time *t);
/*
 * time.ParseInLocation: a text without a zone is read in `local`.  The zone's
 * name lives in `a`.  Errors: ERR_GENERIC with Go's text, `parsing time "bad"
 * as "2006": cannot parse "bad" as "2006"`; *out is the zero time then.
 */
bool time_parse(struct arena *a, sv layout, sv text, const struct tz *local,
    struct value_time *out, struct err *e);

/* Go's zero time, 0001-01-01 00:00:00 +0000 UTC. */
#define TIME_ZERO_SEC INT64_C(-62135596800)

value value_of_time(struct arena *a, struct value_time t);
/* `t` plus nanoseconds, in the same zone; `local` is the process's, needed
 * where t->local says so. */
struct value_time time_add(const struct tz *local,
    const struct value_time *t, int64_t ns);
/* a − b in nanoseconds, at the bounds of int64 when it is more. */
int64_t time_diff(const struct value_time *a, const struct value_time *b);
/* time.Duration.Round: to the nearest multiple of `unit`, halves away from 0. */
int64_t duration_rounded(int64_t ns, int64_t unit);
/* "January", "Sunday" (0 to 6); NULL out of range.  %v of time.Month and
 * time.Weekday, else `%!Month(13)`. */
const char *time_month_name(int64_t month);
const char *time_weekday_name(int64_t day);

/* As Go source, what %#v shows: `time.Date(2024, time.May, …)`. */
void time_go_print(struct sb *out, const struct value_time *t);

/* The calendar; days count from 1970-01-01. */
int64_t floor_div(int64_t a, int64_t b);
bool is_leap_year(int64_t year);
int days_in_month(int month, int64_t year);
int64_t days_from_civil(int64_t year, int month, int day);
void civil_from_days(int64_t days, int64_t *year, int *month, int *day);
int weekday_of_days(int64_t days); /* 0: Sunday */
/* Seconds east-corrected, as the wall clock of `t` shows them. */
int64_t time_wall(const struct value_time *t);

#endif
