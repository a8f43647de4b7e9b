/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <inttypes.h>
#include <time.h>

static int64_t
read_clock(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) < 0)
		BUG("no clock %d", (int)id);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t
clock_mono_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_real_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

/* Both the micro sign and the Greek letter are taken, as Go does. */
static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\xC2\xB5s", 1000 },
	{ "\xCE\xBCs", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", UINT64_C(60) * 1000000000 },
	{ "h", UINT64_C(3600) * 1000000000 },
};

/* The magnitude of INT64_MIN: a negative duration may be that long. */
#define LONGEST (UINT64_C(1) << 63)

static bool
starts_with_digit(sv s)
{
	return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

/* Digits before the point; false on overflow. */
static bool
read_whole(sv *s, uint64_t *out)
{
	uint64_t x = 0;

	for (; starts_with_digit(*s); *s = sv_sub(*s, 1, SIZE_MAX)) {
		if (x > LONGEST / 10)
			return false;
		x = x * 10 + (uint64_t)(s->p[0] - '0');
		if (x > LONGEST)
			return false;
	}
	*out = x;
	return true;
}

/* Digits behind the point as x / scale; what no longer fits is dropped. */
static void
read_fraction(sv *s, uint64_t *out, double *scale)
{
	uint64_t x = 0;
	bool full = false;

	*scale = 1;
	for (; starts_with_digit(*s); *s = sv_sub(*s, 1, SIZE_MAX)) {
		full = full || x > (LONGEST - 1) / 10 ||
		    x * 10 + (uint64_t)(s->p[0] - '0') > LONGEST;
		if (full)
			continue;
		x = x * 10 + (uint64_t)(s->p[0] - '0');
		*scale *= 10;
	}
	*out = x;
}

static size_t
unit_length(sv s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '.' && !starts_with_digit(sv_sub(s, n, 1)))
		n++;
	return n;
}

/* ns of a unit's name; 0 when there is no such unit. */
static uint64_t
unit_ns(sv name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (sv_is(name, units[i].name))
			return units[i].ns;
	return 0;
}

char *
quote_time(struct arena *a, sv s)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_addc(&b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c >= 0x80) {
			sb_printf(&b, "\\x%02x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			sb_addc(&b, '\\');
		sb_addc(&b, (char)c);
	}
	sb_addc(&b, '"');
	return (char *)sb_take(&b, a).p;
}

static bool
bad_duration(sv text, const char *what, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();

	return err_set(e, ERR_GENERIC, "time: %s duration %s", what,
	    quote_time(a, text));
}

static bool
bad_unit(sv text, sv unit, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();

	return err_set(e, ERR_GENERIC, "time: unknown unit %s in duration %s",
	    quote_time(a, unit), quote_time(a, text));
}

/* One number with its unit off the front of *s. */
static bool
read_part(sv text, sv *s, uint64_t *ns, struct err *e)
{
	size_t before = s->n;
	uint64_t whole, fraction = 0, unit;
	double scale = 1;
	size_t n;

	if (!read_whole(s, &whole))
		return bad_duration(text, "invalid", e);
	if (s->n > 0 && s->p[0] == '.') {
		*s = sv_sub(*s, 1, SIZE_MAX);
		before--;
		read_fraction(s, &fraction, &scale);
	}
	if (s->n == before)
		return bad_duration(text, "invalid", e);
	n = unit_length(*s);
	if (n == 0)
		return bad_duration(text, "missing unit in", e);
	unit = unit_ns(sv_sub(*s, 0, n));
	if (unit == 0)
		return bad_unit(text, sv_sub(*s, 0, n), e);
	*s = sv_sub(*s, n, SIZE_MAX);
	if (whole > LONGEST / unit)
		return bad_duration(text, "invalid", e);
	*ns = whole * unit +
	    (uint64_t)((double)fraction * ((double)unit / scale));
	return *ns <= LONGEST || bad_duration(text, "invalid", e);
}

bool
duration_parse(sv text, int64_t *ns, struct err *e)
{
	sv s = text;
	bool negative = sv_starts(s, SV("-"));
	uint64_t total = 0;

	if (negative || sv_starts(s, SV("+")))
		s = sv_sub(s, 1, SIZE_MAX);
	*ns = 0;
	if (sv_is(s, "0"))
		return true;
	if (s.n == 0)
		return bad_duration(text, "invalid", e);
	while (s.n > 0) {
		uint64_t part = 0;

		if (!read_part(text, &s, &part, e))
			return false;
		total += part;
		if (total > LONGEST)
			return bad_duration(text, "invalid", e);
	}
	if (total == LONGEST) {
		*ns = INT64_MIN;
		return negative || bad_duration(text, "invalid", e);
	}
	*ns = negative ? -(int64_t)total : (int64_t)total;
	return true;
}

/* v / 10^digits without zeros at the end: "1.5", "12". */
static void
add_decimal(struct sb *b, uint64_t v, int digits)
{
	uint64_t scale = 1;

	for (int i = 0; i < digits; i++)
		scale *= 10;
	sb_printf(b, "%" PRIu64, v / scale);
	v %= scale;
	if (v == 0)
		return;
	for (; v % 10 == 0; v /= 10)
		digits--;
	sb_printf(b, ".%0*" PRIu64, digits, v);
}

static void
add_below_second(struct sb *b, uint64_t u)
{
	if (u < 1000) {
		sb_printf(b, "%" PRIu64 "ns", u);
	} else if (u < 1000000) {
		add_decimal(b, u, 3);
		sb_adds(b, "\xC2\xB5s");
	} else {
		add_decimal(b, u, 6);
		sb_adds(b, "ms");
	}
}

static void
add_seconds(struct sb *b, uint64_t u)
{
	const uint64_t minute = UINT64_C(60) * NS_PER_S;

	if (u >= 60 * minute)
		sb_printf(b, "%" PRIu64 "h", u / (60 * minute));
	if (u >= minute)
		sb_printf(b, "%" PRIu64 "m", u / minute % 60);
	add_decimal(b, u % minute, 9);
	sb_addc(b, 's');
}

char *
duration_text(struct arena *a, int64_t ns)
{
	uint64_t u = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	struct sb b cleanup_sb = SB_INIT;

	if (ns == 0)
		return arena_strdup(a, "0s");
	if (ns < 0)
		sb_addc(&b, '-');
	if (u < (uint64_t)NS_PER_S)
		add_below_second(&b, u);
	else
		add_seconds(&b, u);
	return (char *)sb_take(&b, a).p;
}

char *
duration_short(struct arena *a, int64_t ns)
{
	const char *sign = ns < 0 ? "-" : "";
	uint64_t ms = (ns < 0 ? -(uint64_t)ns : (uint64_t)ns) / NS_PER_MS;
	uint64_t s = (ms + 500) / 1000;

	if (ms < 1000)
		return arena_printf(a, "%s%" PRIu64 "ms", sign, ms);
	if (ms < 59950)
		return arena_printf(a, "%s%" PRIu64 ".%" PRIu64 "s", sign,
		    (ms + 50) / 1000, (ms + 50) / 100 % 10);
	if (s < 3600)
		return arena_printf(a, "%s%" PRIu64 "m%02" PRIu64 "s", sign,
		    s / 60, s % 60);
	return arena_printf(a, "%s%" PRIu64 "h%02" PRIu64 "m", sign, s / 3600,
	    s / 60 % 60);
}
