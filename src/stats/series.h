/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic over the times of one call, oldest first: what is usual, how far
 * one run is from it, and where the usual itself has changed.  Pure: numbers
 * in, numbers out; the unit of a time is the caller's, but for slow_today(),
 * which is in seconds.
 * May include: base/.
 */
#ifndef STATS_SERIES_H
#define STATS_SERIES_H

#include <stdbool.h>
#include <stddef.h>

/* How many of the last runs a change is looked for in, and the runs that are
 * wanted on each side of it. */
enum {
	SERIES_WINDOW = 50,
	SERIES_SIDE = 5,
};

/* All of these are 0 for no values. */
double series_mean(const double *v, size_t n);
/* The value below which the share `q` (0 to 1) of all lies, between two values
 * in proportion; 0.5 is the median. */
double series_quantile(const double *v, size_t n, double q);
/* Several of them at the cost of one. */
void series_quantiles(
    const double *v, size_t n, const double *q, size_t nq, double *out);
static inline double
series_median(const double *v, size_t n)
{
	return series_quantile(v, n, 0.5);
}
/* The median distance from the median, scaled so that it is the standard
 * deviation of what is normally distributed. */
double series_scaled_mad(const double *v, size_t n);

/* How likely two samples of the same mean differ as much as these, their
 * variances being whatever they are (Welch's t test, both sides).  1 where a
 * side has less than two values. */
double welch_p(const double *x, size_t nx, const double *y, size_t ny);

/* ---- one run against the ones before it ---- */

struct slow_today {
	double median; /* of the earlier runs, seconds */
	double over;   /* how much longer it took, seconds */
};
/* Is `seconds` above the median of the earlier runs by more than 3.5 scaled
 * median deviations (of 5 % of the median, where they do not differ), more than
 * 20 % and more than half a second?  Never with less than 8 runs in all. */
bool slow_today(
    const double *earlier, size_t n, double seconds, struct slow_today *out);

/* ---- the usual has changed ---- */

struct change {
	size_t first;  /* the first run of what is usual now */
	double before; /* geometric means of the two sides */
	double after;
};
/* The last point in the last SERIES_WINDOW values where what is usual changed
 * by 10 % or more and stayed so: a split of the logarithms by their energy
 * distance, kept where Welch's test gives less than 0.001 and each side has
 * SERIES_SIDE values, and again within both sides.  false: there is none. */
bool series_change(const double *v, size_t n, struct change *out);

/* The share by which the median of the last half of the last SERIES_WINDOW
 * values is above that of the first half: 0.1 is 10 % slower.  0 for less than
 * four values. */
double series_trend(const double *v, size_t n);

#endif
