/* SPDX-License-Identifier: MIT */
/*
 * Time: the two clocks, and Go's duration texts.  Only exec/ and cli/ call the
 * clocks; everything below is handed the time.
 * May include: arena.h, str.h, err.h.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

int64_t clock_mono_ns(void);
int64_t clock_real_ns(void);
/* A moment that much later, both of any size: the end of time at most. */
static inline int64_t
ns_add(int64_t at_ns, int64_t after_ns)
{
	if (after_ns > 0 && at_ns > INT64_MAX - after_ns)
		return INT64_MAX;
	if (after_ns < 0 && at_ns < INT64_MIN - after_ns)
		return INT64_MIN;
	return at_ns + after_ns;
}
/* Go's time.ParseDuration (L-052): "1h30m", "300ms", "0"; false with
 * `time: invalid duration "x"` or `time: missing unit in duration "5"`. */
bool duration_parse(sv text, int64_t *ns, struct err *e);
/* How messages about times quote: what is not printable ASCII as bytes,
 * `\x0a`. */
char *quote_time(struct arena *a, sv s);
/* Go's Duration.String: "1m30s", "300ms", "0s". */
char *duration_text(struct arena *a, int64_t ns);
/* For people: "850ms", "12.3s", "2m05s". */
char *duration_short(struct arena *a, int64_t ns);

#endif
