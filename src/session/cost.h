/* SPDX-License-Identifier: MIT */
/*
 * What tests cost (P-811): `rate = 0.02/min`, in whatever money it is.  Pure.
 * May include: base/.
 */
#ifndef SESSION_COST_H
#define SESSION_COST_H

#include <stdint.h>

#include "base/err.h"

/* "0.02/min", "1.5 EUR/h": money for a time.  false: it is none. */
struct cost_rate {
	double per_ns;
	const char *money; /* "EUR", or "" */
};
bool cost_rate_parse(struct arena *a, const char *text, struct cost_rate *out);
/* "0.42 EUR"; small amounts with as many digits as tell them from nothing. */
const char *cost_text(struct arena *a, const struct cost_rate *r, int64_t ns);
/* A time ("30m") or, where there is a rate, an amount ("2.50") as the sum of
 * the times of tests.  "" is 0: no bound. */
bool cost_budget(
    const char *text, const char *rate, int64_t *ns, struct err *e);

#endif
