/* SPDX-License-Identifier: MIT */
/* Template functions on times (L-150). */
#include <inttypes.h>

#include "base/clock.h"
#include "go/date.h"
#include "template/funcs_util.h"

static struct value_time
now(struct func_ctx *c)
{
	int64_t ns = c->env->now_ns(c->env->ctx);
	struct value_time t = { .sec = floor_div(ns, NS_PER_S) };

	t.nsec = (int32_t)(ns - t.sec * NS_PER_S);
	tz_apply(fn_local_zone(c), &t);
	return t;
}

/* A time, or seconds since 1970; anything else is now. */
static struct value_time
to_time(struct func_ctx *c, value v, bool runes)
{
	struct value_time t = { 0 };

	if (v.kind == VALUE_TIME)
		return *v.u.time;
	if (v.type == GO_INT || v.type == GO_INT64 ||
	    (runes && v.type == GO_INT32)) {
		t.sec = v.u.i;
		tz_apply(fn_local_zone(c), &t);
		return t;
	}
	return now(c);
}

static bool
format_in_zone(struct func_ctx *c, sv layout, value v, sv zone, value *out)
{
	struct sb b cleanup_sb = SB_INIT;
	struct value_time t = to_time(c, v, true);
	const struct tz *z = sv_is(zone, "Local") ? fn_local_zone(c) :
						    tz_load(c->a, zone);

	tz_apply(z ? z : tz_utc(), &t);
	time_format(&b, &t, layout);
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

FUNC(fn_now)
{
	*out = value_of_time(c->a, now(c));
	return true;
}

FUNC(fn_date)
{
	return format_in_zone(c, arg_text(args[0]), args[1], SV("Local"), out);
}

FUNC(fn_date_in_zone)
{
	return format_in_zone(c, arg_text(args[0]), args[1],
	    arg_text(args[2]), out);
}

FUNC(fn_html_date)
{
	return format_in_zone(c, SV("2006-01-02"), args[0], SV("Local"), out);
}

FUNC(fn_html_date_in_zone)
{
	return format_in_zone(c, SV("2006-01-02"), args[0], arg_text(args[1]),
	    out);
}

FUNC(fn_must_to_date)
{
	struct value_time t;
	bool good = time_parse(c->a, arg_text(args[0]), arg_text(args[1]),
	    fn_local_zone(c), &t, e);

	*out = value_of_time(c->a, t);
	return good;
}

/* A text that does not fit is the zero time. */
FUNC(fn_to_date)
{
	struct err ignored cleanup_err = ERR_INIT;

	fn_must_to_date(c, args, n, out, &ignored);
	return true;
}

FUNC(fn_must_date_modify)
{
	int64_t ns;

	if (!duration_parse(arg_text(args[0]), &ns, e))
		return false;
	*out = value_of_time(c->a, fn_time_add(c, args[1].u.time, ns));
	return true;
}

FUNC(fn_date_modify)
{
	struct err ignored cleanup_err = ERR_INIT;

	if (!fn_must_date_modify(c, args, n, out, &ignored))
		*out = args[1];
	return true;
}

FUNC(fn_ago)
{
	struct value_time then = to_time(c, args[0], false), t = now(c);

	*out = value_cstr(duration_text(c->a,
	    duration_rounded(time_diff(&t, &then), NS_PER_S)));
	return true;
}

/* Only texts and int64: the int of a literal gives 0s, as in the reference. */
FUNC(fn_duration)
{
	int64_t sec = 0;
	bool fits;

	if (args[0].type == GO_STRING)
		fn_parse_int(arg_text(args[0]), 10, &sec, &fits);
	else if (args[0].type == GO_INT64)
		sec = args[0].u.i;
	*out = value_cstr(duration_text(c->a,
	    (int64_t)((uint64_t)sec * (uint64_t)NS_PER_S)));
	return true;
}

static int64_t
duration_of(struct func_ctx *c, value v)
{
	struct err ignored cleanup_err = ERR_INIT;
	struct value_time t;
	int64_t ns = 0;

	if (v.type == GO_STRING) {
		if (!duration_parse(arg_text(v), &ns, &ignored))
			ns = 0;
	} else if (v.type == GO_INT64) {
		ns = v.u.i;
	} else if (v.kind == VALUE_TIME) {
		t = now(c);
		ns = time_diff(&t, v.u.time);
	}
	return ns;
}

/* The largest unit of which there is more than one whole. */
FUNC(fn_duration_round)
{
	static const struct {
		uint64_t seconds;
		const char *unit;
	} units[] = {
		{ 3600 * 24 * 365, "y" },
		{ 3600 * 24 * 30, "mo" },
		{ 3600 * 24, "d" },
		{ 3600, "h" },
		{ 60, "m" },
		{ 1, "s" },
	};
	int64_t ns = duration_of(c, args[0]);
	uint64_t u = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;

	*out = value_cstr("0s");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t unit = units[i].seconds * (uint64_t)NS_PER_S;

		if (u > unit) {
			*out = value_cstr(arena_printf(c->a, "%" PRIu64 "%s",
			    u / unit, units[i].unit));
			break;
		}
	}
	return true;
}

FUNC(fn_unix_epoch)
{
	*out = value_cstr(
	    arena_printf(c->a, "%" PRId64, args[0].u.time->sec));
	return true;
}

const struct func funcs_date[] = {
	{ "ago", "a", fn_ago },
	{ "date", "sa", fn_date },
	{ "dateInZone", "sas", fn_date_in_zone },
	{ "dateModify", "st", fn_date_modify },
	{ "date_in_zone", "sas", fn_date_in_zone },
	{ "date_modify", "st", fn_date_modify },
	{ "duration", "a", fn_duration },
	{ "durationRound", "a", fn_duration_round },
	{ "htmlDate", "a", fn_html_date },
	{ "htmlDateInZone", "as", fn_html_date_in_zone },
	{ "mustDateModify", "st", fn_must_date_modify },
	{ "mustToDate", "ss", fn_must_to_date },
	{ "must_date_modify", "st", fn_must_date_modify },
	{ "now", "", fn_now },
	{ "toDate", "ss", fn_to_date },
	{ "unixEpoch", "t", fn_unix_epoch },
	{ NULL, NULL, NULL },
};
