/* SPDX-License-Identifier: MIT */
#include "go/layout.h"

#include <stdint.h>

/* Longer texts stand in front of those they begin with. */
static const struct {
	const char *text;
	enum chunk_kind kind;
	enum zone_parts zone;
	bool colons;
	bool not_in_word; /* no lower-case letter may follow */
} elements[] = {
	{ .text = "January", .kind = CHUNK_LONG_MONTH },
	{ .text = "Jan", .kind = CHUNK_MONTH, .not_in_word = true },
	{ .text = "Monday", .kind = CHUNK_LONG_WEEKDAY },
	{ .text = "Mon", .kind = CHUNK_WEEKDAY, .not_in_word = true },
	{ .text = "MST", .kind = CHUNK_ZONE_NAME },
	{ .text = "01", .kind = CHUNK_ZERO_MONTH },
	{ .text = "02", .kind = CHUNK_ZERO_DAY },
	{ .text = "03", .kind = CHUNK_ZERO_HOUR12 },
	{ .text = "04", .kind = CHUNK_ZERO_MINUTE },
	{ .text = "05", .kind = CHUNK_ZERO_SECOND },
	{ .text = "06", .kind = CHUNK_YEAR },
	{ .text = "002", .kind = CHUNK_ZERO_YDAY },
	{ .text = "15", .kind = CHUNK_HOUR },
	{ .text = "1", .kind = CHUNK_NUM_MONTH },
	{ .text = "2006", .kind = CHUNK_LONG_YEAR },
	{ .text = "2", .kind = CHUNK_DAY },
	{ .text = "_2", .kind = CHUNK_UNDER_DAY },
	{ .text = "__2", .kind = CHUNK_UNDER_YDAY },
	{ .text = "3", .kind = CHUNK_HOUR12 },
	{ .text = "4", .kind = CHUNK_MINUTE },
	{ .text = "5", .kind = CHUNK_SECOND },
	{ .text = "PM", .kind = CHUNK_PM },
	{ .text = "pm", .kind = CHUNK_LOWER_PM },
	{ "-070000", CHUNK_NUM_ZONE, ZONE_SECONDS, false, false },
	{ "-07:00:00", CHUNK_NUM_ZONE, ZONE_SECONDS, true, false },
	{ "-0700", CHUNK_NUM_ZONE, ZONE_MINUTES, false, false },
	{ "-07:00", CHUNK_NUM_ZONE, ZONE_MINUTES, true, false },
	{ "-07", CHUNK_NUM_ZONE, ZONE_HOURS, false, false },
	{ "Z070000", CHUNK_ISO_ZONE, ZONE_SECONDS, false, false },
	{ "Z07:00:00", CHUNK_ISO_ZONE, ZONE_SECONDS, true, false },
	{ "Z0700", CHUNK_ISO_ZONE, ZONE_MINUTES, false, false },
	{ "Z07:00", CHUNK_ISO_ZONE, ZONE_MINUTES, true, false },
	{ "Z07", CHUNK_ISO_ZONE, ZONE_HOURS, false, false },
};

static bool
is_layout_digit_at(sv s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

/* ".000" or ",999" that no further digit follows. */
static bool
take_fraction(sv s, struct chunk *c, size_t *len)
{
	size_t n = 1;

	if (s.n < 2 || (s.p[0] != '.' && s.p[0] != ',') ||
	    (s.p[1] != '0' && s.p[1] != '9'))
		return false;
	while (n < s.n && s.p[n] == s.p[1])
		n++;
	if (is_layout_digit_at(s, n))
		return false;
	c->kind = s.p[1] == '0' ? CHUNK_FRACTION_0 : CHUNK_FRACTION_9;
	c->digits = (int)(n - 1);
	c->separator = s.p[0];
	*len = n;
	return true;
}

static bool
take_element(sv s, struct chunk *c, size_t *len)
{
	/* "_2006" is a literal "_" before a year */
	if (sv_starts(s, SV("_2006")))
		return false;
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		sv text = sv_of(elements[i].text);

		if (!sv_starts(s, text))
			continue;
		if (elements[i].not_in_word && s.n > text.n &&
		    s.p[text.n] >= 'a' && s.p[text.n] <= 'z')
			continue;
		c->kind = elements[i].kind;
		c->zone = elements[i].zone;
		c->colons = elements[i].colons;
		*len = text.n;
		return true;
	}
	return take_fraction(s, c, len);
}

struct chunk
layout_next(sv layout)
{
	struct chunk c = { .kind = CHUNK_END };
	size_t len;

	for (size_t i = 0; i < layout.n; i++) {
		if (!take_element(sv_sub(layout, i, SIZE_MAX), &c, &len))
			continue;
		c.before = sv_sub(layout, 0, i);
		c.text = sv_sub(layout, i, len);
		c.rest = sv_sub(layout, i + len, SIZE_MAX);
		return c;
	}
	c.before = layout;
	c.text = c.rest = sv_sub(layout, layout.n, 0);
	return c;
}
