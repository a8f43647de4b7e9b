/* SPDX-License-Identifier: MIT */
#include "go/tz.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/io.h"
#include "go/date.h"

struct zone {
	int32_t offset;
	bool dst;
	const char *name;
};

struct transition {
	int64_t when;
	uint8_t zone;
};

/* One half of a POSIX rule: when it begins in a year. */
struct rule {
	char kind; /* 'J' day without Feb 29, 'D' day from 0, 'M' week day */
	int day, week, month;
	int64_t time; /* seconds after local midnight */
};

/* "CET-1CEST,M3.5.0,M10.5.0/3": what holds behind the last transition. */
struct footer {
	bool set, has_dst;
	struct zone std, dst;
	struct rule start, end;
};

struct tz {
	const char *name;
	bool local;
	struct zone *zones;
	size_t n_zones;
	struct transition *tx;
	size_t n_tx;
	struct footer footer;
};

static const struct zone utc_zone = { 0, false, "UTC" };
static const struct tz utc = { .name = "UTC" };

const struct tz *
tz_utc(void)
{
	return &utc;
}

const char *
tz_name(const struct tz *z)
{
	return z->name;
}

/*
 * The rule behind the table
 */

static bool
tz_take(sv *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = sv_sub(*s, 1, SIZE_MAX);
	return true;
}

static bool
tz_take_number(sv *s, int max, int *out)
{
	size_t i = 0;
	int n = 0;

	for (; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		n = n * 10 + (s->p[i] - '0');
		if (n > max)
			return false;
	}
	*out = n;
	*s = sv_sub(*s, i, SIZE_MAX);
	return i > 0;
}

/* [+-]hh[:mm[:ss]] in seconds */
static bool
take_time(sv *s, int64_t *out)
{
	bool minus = tz_take(s, '-');
	int h, m = 0, sec = 0;

	if (!minus)
		tz_take(s, '+');
	if (!tz_take_number(s, 24 * 7, &h))
		return false;
	if (tz_take(s, ':') && !tz_take_number(s, 59, &m))
		return false;
	if (tz_take(s, ':') && !tz_take_number(s, 59, &sec))
		return false;
	*out = (int64_t)h * 3600 + m * 60 + sec;
	if (minus)
		*out = -*out;
	return true;
}

static bool
tz_take_name(struct arena *a, sv *s, const char **out)
{
	size_t n = 0;

	if (tz_take(s, '<')) {
		ptrdiff_t end = sv_find_char(*s, '>', 0);

		if (end < 0)
			return false;
		*out = arena_strndup(a, s->p, (size_t)end);
		*s = sv_sub(*s, (size_t)end + 1, SIZE_MAX);
		return true;
	}
	while (n < s->n && strchr("0123456789,-+", s->p[n]) == NULL)
		n++;
	if (n < 3)
		return false;
	*out = arena_strndup(a, s->p, n);
	*s = sv_sub(*s, n, SIZE_MAX);
	return true;
}

static bool
take_rule(sv *s, struct rule *r)
{
	*r = (struct rule){ .kind = 'D', .time = 2 * 3600 };
	if (tz_take(s, 'J')) {
		r->kind = 'J';
		if (!tz_take_number(s, 365, &r->day) || r->day == 0)
			return false;
	} else if (tz_take(s, 'M')) {
		r->kind = 'M';
		if (!tz_take_number(s, 12, &r->month) || r->month == 0 ||
		    !tz_take(s, '.') || !tz_take_number(s, 5, &r->week) ||
		    r->week == 0 || !tz_take(s, '.') ||
		    !tz_take_number(s, 6, &r->day))
			return false;
	} else if (!tz_take_number(s, 365, &r->day)) {
		return false;
	}
	return !tz_take(s, '/') || take_time(s, &r->time);
}

static bool
parse_footer(struct arena *a, sv s, struct footer *f)
{
	static const char us_rule[] = ",M3.2.0,M11.1.0";
	int64_t offset;

	if (!tz_take_name(a, &s, &f->std.name) || !take_time(&s, &offset))
		return false;
	f->std.offset = (int32_t)-offset;
	if (s.n == 0 || s.p[0] == ',')
		return true;
	if (!tz_take_name(a, &s, &f->dst.name))
		return false;
	f->has_dst = f->dst.dst = true;
	f->dst.offset = f->std.offset + 3600;
	if (s.n > 0 && s.p[0] != ',') {
		if (!take_time(&s, &offset))
			return false;
		f->dst.offset = (int32_t)-offset;
	}
	if (s.n == 0)
		s = sv_of(us_rule);
	return tz_take(&s, ',') && take_rule(&s, &f->start) &&
	       tz_take(&s, ',') && take_rule(&s, &f->end) && s.n == 0;
}

/* Seconds from the year's first midnight, by the clock in force before. */
static int64_t
rule_seconds(const struct rule *r, int64_t year, int32_t offset)
{
	int64_t first = days_from_civil(year, 1, 1), day = r->day;

	if (r->kind == 'J') {
		day--;
		if (is_leap_year(year) && r->day >= 60)
			day++;
	} else if (r->kind == 'M') {
		int64_t start = days_from_civil(year, r->month, 1);
		int weekday = weekday_of_days(start);
		int days = days_in_month(r->month, year);

		day = (r->day - weekday + 7) % 7 + (r->week - 1) * 7;
		if (day >= days)
			day -= 7;
		day += start - first;
	}
	return day * 86400 + r->time - offset;
}

static const struct zone *
footer_zone(const struct footer *f, int64_t sec)
{
	int64_t year, start, end, since;
	int month, day;

	if (!f->has_dst)
		return &f->std;
	civil_from_days(floor_div(sec, 86400), &year, &month, &day);
	since = sec - days_from_civil(year, 1, 1) * 86400;
	start = rule_seconds(&f->start, year, f->std.offset);
	end = rule_seconds(&f->end, year, f->dst.offset);
	if (start < end)
		return since >= start && since < end ? &f->dst : &f->std;
	return since >= end && since < start ? &f->std : &f->dst;
}

/*
 * Look-up
 */

/* What holds before the first transition: the first zone when no transition
 * uses it, else the last standard zone before the first change. */
static const struct zone *
first_zone(const struct tz *z)
{
	size_t i;

	for (i = 0; i < z->n_tx && z->tx[i].zone != 0; i++)
		;
	if (i == z->n_tx)
		return &z->zones[0];
	if (z->zones[z->tx[0].zone].dst)
		for (i = z->tx[0].zone; i-- > 0;)
			if (!z->zones[i].dst)
				return &z->zones[i];
	for (i = 0; i < z->n_zones; i++)
		if (!z->zones[i].dst)
			return &z->zones[i];
	return &z->zones[0];
}

static const struct zone *
zone_at(const struct tz *z, int64_t sec)
{
	size_t low = 0, high = z->n_tx;

	if (z->n_zones == 0)
		return &utc_zone;
	if (z->n_tx == 0 || sec < z->tx[0].when)
		return first_zone(z);
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;

		if (sec < z->tx[mid].when)
			high = mid;
		else
			low = mid;
	}
	if (low == z->n_tx - 1 && z->footer.set)
		return footer_zone(&z->footer, sec);
	return &z->zones[z->tx[low].zone];
}

void
tz_apply(const struct tz *z, struct value_time *t)
{
	const struct zone *zone = zone_at(z, t->sec);

	t->offset = zone->offset;
	t->zone = zone->name;
	t->local = z->local;
}

bool
tz_is_dst(const struct tz *z, int64_t sec)
{
	return zone_at(z, sec)->dst;
}

bool
tz_offset_of_name(const struct tz *z, sv abbreviation, int64_t sec,
    int32_t *offset)
{
	if (z->n_zones == 0 && sv_is(abbreviation, "UTC")) {
		*offset = 0;
		return true;
	}
	for (size_t i = 0; i < z->n_zones; i++) {
		const struct zone *zone = &z->zones[i], *then;

		if (!sv_is(abbreviation, zone->name))
			continue;
		then = zone_at(z, sec - zone->offset);
		if (strcmp(then->name, zone->name) == 0) {
			*offset = then->offset;
			return true;
		}
	}
	for (size_t i = 0; i < z->n_zones; i++)
		if (sv_is(abbreviation, z->zones[i].name)) {
			*offset = z->zones[i].offset;
			return true;
		}
	return false;
}

/* Go's two steps: the offset at the reading taken for UTC, then the one at the
 * instant this gives; for a skipped or repeated reading it is one of the two. */
int64_t
tz_to_utc(const struct tz *z, int64_t wall)
{
	int64_t guess = wall - zone_at(z, wall)->offset;

	return guess == wall ? wall : wall - zone_at(z, guess)->offset;
}

/*
 * TZif files (RFC 8536)
 */

struct reader {
	const unsigned char *p;
	size_t n;
	bool bad;
};

static const unsigned char *
get_bytes(struct reader *r, size_t n)
{
	const unsigned char *p = r->p;

	if (r->bad || n > r->n) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	r->n -= n;
	return p;
}

static int64_t
big_endian(const unsigned char *p, size_t n)
{
	uint64_t u = 0;

	for (size_t i = 0; i < n; i++)
		u = u << 8 | p[i];
	return n == 4 ? (int32_t)(uint32_t)u : (int64_t)u;
}

struct header {
	char version;
	size_t isutc, isstd, leap, time, type, chars;
};

static bool
get_header(struct reader *r, struct header *h)
{
	const unsigned char *p = get_bytes(r, 44);
	size_t *counts[] = { &h->isutc, &h->isstd, &h->leap, &h->time,
		&h->type, &h->chars };

	if (p == NULL || memcmp(p, "TZif", 4) != 0)
		return false;
	h->version = (char)p[4];
	for (size_t i = 0; i < 6; i++) {
		int64_t n = big_endian(p + 20 + i * 4, 4);

		if (n < 0 || (size_t)n > r->n)
			return false;
		*counts[i] = (size_t)n;
	}
	return true;
}

static bool
get_tables(struct arena *a, struct reader *r, const struct header *h,
    size_t width, struct tz *z)
{
	const unsigned char *times = get_bytes(r, h->time * width);
	const unsigned char *index = get_bytes(r, h->time);
	const unsigned char *types = get_bytes(r, h->type * 6);
	const unsigned char *chars = get_bytes(r, h->chars);
	const char *names;

	get_bytes(r, h->leap * (width + 4) + h->isstd + h->isutc);
	if (r->bad || h->type == 0 || h->type > 256)
		return false;
	names = arena_strndup(a, (const char *)chars, h->chars);
	z->zones = arena_alloc(a, h->type * sizeof(*z->zones));
	z->n_zones = h->type;
	for (size_t i = 0; i < h->type; i++) {
		const unsigned char *t = types + i * 6;

		if (t[5] >= h->chars)
			return false;
		z->zones[i] = (struct zone){ (int32_t)big_endian(t, 4),
			t[4] != 0, names + t[5] };
	}
	z->tx = arena_alloc(a, (h->time + 1) * sizeof(*z->tx));
	z->n_tx = h->time;
	for (size_t i = 0; i < h->time; i++) {
		z->tx[i].when = big_endian(times + i * width, width);
		z->tx[i].zone = index[i];
		if (index[i] >= h->type)
			return false;
	}
	if (h->time == 0)
		z->tx[z->n_tx++] = (struct transition){ INT64_MIN, 0 };
	return true;
}

static bool
get_footer(struct arena *a, struct reader *r, struct tz *z)
{
	sv rest = { (const char *)r->p, r->n };
	struct footer f = { 0 };
	ptrdiff_t end;

	if (!tz_take(&rest, '\n') || (end = sv_find_char(rest, '\n', 0)) < 0)
		return false;
	f.set = parse_footer(a, sv_sub(rest, 0, (size_t)end), &f);
	if (f.set)
		z->footer = f;
	return true;
}

static bool
parse_tzif(struct arena *a, sv data, struct tz *z)
{
	struct reader r = { (const unsigned char *)data.p, data.n, false };
	struct header h;

	if (!get_header(&r, &h))
		return false;
	if (h.version == '\0')
		return get_tables(a, &r, &h, 4, z);
	get_bytes(&r, h.time * 5 + h.type * 6 + h.chars + h.leap * 8 +
		h.isstd + h.isutc);
	if (r.bad || !get_header(&r, &h) || !get_tables(a, &r, &h, 8, z))
		return false;
	get_footer(a, &r, z);
	return true;
}

static struct tz *
load_file(struct arena *a, const char *path, const char *name)
{
	struct err e cleanup_err = ERR_INIT;
	struct tz *z = arena_new_of(a, struct tz);
	sv data;

	z->name = name;
	if (!read_file(a, path, &data, &e) || !parse_tzif(a, data, z))
		return NULL;
	return z;
}

static struct tz *
load_from_folders(struct arena *a, const char *name)
{
	static const char *const folders[] = { "/usr/share/zoneinfo",
		"/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ",
		"/etc/zoneinfo" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		struct tz *z = load_file(a,
		    arena_printf(a, "%s/%s", folders[i], name), name);

		if (z != NULL)
			return z;
	}
	return NULL;
}

const struct tz *
tz_load(struct arena *a, sv name)
{
	if (name.n == 0 || sv_is(name, "UTC"))
		return &utc;
	/* a name never leaves the database's folder */
	if (name.p[0] == '/' || name.p[0] == '\\' ||
	    sv_find(name, SV(".."), 0) >= 0 ||
	    sv_find_char(name, '\0', 0) >= 0)
		return NULL;
	return load_from_folders(a, sv_cstr(a, name));
}

const struct tz *
tz_local(struct arena *a, const char *tz_env)
{
	struct tz *z = NULL;

	if (tz_env == NULL) {
		z = load_file(a, "/etc/localtime", "Local");
	} else {
		if (*tz_env == ':')
			tz_env++;
		if (*tz_env == '/')
			z = load_file(a, tz_env,
			    strcmp(tz_env, "/etc/localtime") == 0 ? "Local" :
								    tz_env);
		else if (*tz_env != '\0' && strcmp(tz_env, "UTC") != 0)
			z = load_from_folders(a, tz_env);
	}
	if (z == NULL) {
		z = arena_new_of(a, struct tz);
		*z = utc;
	}
	z->local = true;
	return z;
}
