/* SPDX-License-Identifier: MIT */
#include "stats/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define SLOW_DEVIATIONS 3.5
#define SLOW_SHARE      0.2
#define SLOW_SECONDS    0.5
#define SLOW_RUNS       8
#define MAD_TO_SIGMA    1.4826
#define CHANGE_P        0.001
#define CHANGE_SHARE    0.1
/* Nothing takes no time, and its logarithm would be none. */
#define LEAST 1e-9

static int
compare_values(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

double
series_mean(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return n == 0 ? 0 : sum / (double)n;
}

static double
sorted_quantile(const double *sorted, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t below = (size_t)at;

	if (below + 1 >= n)
		return sorted[n - 1];
	return sorted[below] +
	       (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

static double *
sorted_copy(const double *v, size_t n)
{
	double *copy = xmalloc(n * sizeof(*v));

	memcpy(copy, v, n * sizeof(*v));
	qsort(copy, n, sizeof(*v), compare_values);
	return copy;
}

void
series_quantiles(
    const double *v, size_t n, const double *q, size_t nq, double *out)
{
	double *sorted = n == 0 ? NULL : sorted_copy(v, n);

	for (size_t i = 0; i < nq; i++)
		out[i] = n == 0 ? 0 : sorted_quantile(sorted, n, q[i]);
	free(sorted);
}

double
series_quantile(const double *v, size_t n, double q)
{
	double out;

	series_quantiles(v, n, &q, 1, &out);
	return out;
}

double
series_scaled_mad(const double *v, size_t n)
{
	double median = series_median(v, n), *far, out;

	if (n == 0)
		return 0;
	far = xmalloc(n * sizeof(*v));
	for (size_t i = 0; i < n; i++)
		far[i] = fabs(v[i] - median);
	out = MAD_TO_SIGMA * series_median(far, n);
	free(far);
	return out;
}

/* ---- Welch ---- */

/* The continued fraction of the incomplete beta function, by the modified
 * method of Lentz: steps come in pairs, of even and odd numerators. */
static double
beta_fraction(double x, double a, double b)
{
	const double tiny = 1e-300;
	double c = 1, d = 0, f = 1;

	for (int i = 0; i <= 400; i++) {
		double m = i / 2, numerator, step;

		if (i == 0)
			numerator = 1;
		else if (i % 2 == 0)
			numerator =
			    m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		else
			numerator = -(a + m) * (a + b + m) * x /
				    ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 + numerator * d;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = 1 + numerator / c;
		c = fabs(c) < tiny ? tiny : c;
		step = c * d;
		f *= step;
		if (fabs(1 - step) < 1e-12)
			break;
	}
	return f - 1;
}

/* The regularized incomplete beta function; the fraction converges fast on one
 * side of its mean, the other is its mirror image. */
static double
beta_share(double x, double a, double b)
{
	double front;

	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	if (x > (a + 1) / (a + b + 2))
		return 1 - beta_share(1 - x, b, a);
	front = exp(a * log(x) + b * log(1 - x) + lgamma(a + b) - lgamma(a) -
		    lgamma(b)) /
		a;
	return front * beta_fraction(x, a, b);
}

static double
variance(const double *v, size_t n, double mean)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return sum / (double)(n - 1);
}

double
welch_p(const double *x, size_t nx, const double *y, size_t ny)
{
	double mx = series_mean(x, nx), my = series_mean(y, ny);
	double ex, ey, t, freedom;

	if (nx < 2 || ny < 2)
		return 1;
	ex = variance(x, nx, mx) / (double)nx;
	ey = variance(y, ny, my) / (double)ny;
	if (ex + ey <= 0)
		return mx < my || mx > my ? 0 : 1;
	t = (mx - my) / sqrt(ex + ey);
	freedom = (ex + ey) * (ex + ey) /
		  (ex * ex / (double)(nx - 1) + ey * ey / (double)(ny - 1));
	return beta_share(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/* ---- slow today ---- */

bool
slow_today(
    const double *earlier, size_t n, double seconds, struct slow_today *out)
{
	double spread;

	if (n + 1 < SLOW_RUNS)
		return false;
	out->median = series_median(earlier, n);
	out->over = seconds - out->median;
	spread = series_scaled_mad(earlier, n);
	if (spread <= 0)
		spread = 0.05 * out->median;
	return out->over > SLOW_DEVIATIONS * spread &&
	       out->over > SLOW_SHARE * out->median && out->over > SLOW_SECONDS;
}

/* ---- changes ---- */

/* The sums of the distances within both sides of a split, and between them. */
struct energy {
	double left, right, between;
};

/* How far the two sides of a split of n values at k are apart. */
static double
energy_distance(const struct energy *s, size_t k, size_t n)
{
	double a = (double)k, b = (double)(n - k);

	/* each pair stands once in `left` and `right` */
	return a * b / (a + b) *
	       (2 * s->between / (a * b) - 2 * s->left / (a * a) -
		   2 * s->right / (b * b));
}

/* Value k goes from the right side to the left one. */
static void
energy_move(struct energy *s, const double *v, size_t n, size_t k)
{
	double to_left = 0, to_right = 0;

	for (size_t i = 0; i < k; i++)
		to_left += fabs(v[i] - v[k]);
	for (size_t i = k + 1; i < n; i++)
		to_right += fabs(v[i] - v[k]);
	s->left += to_left;
	s->right -= to_right;
	s->between += to_right - to_left;
}

/* The split whose sides are farthest apart. */
static size_t
best_split(const double *v, size_t n)
{
	struct energy s = { 0 };
	double best = -1;
	size_t at = SERIES_SIDE;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			s.right += fabs(v[i] - v[j]);
	for (size_t k = 1; k + SERIES_SIDE <= n; k++) {
		double far;

		energy_move(&s, v, n, k - 1);
		far = energy_distance(&s, k, n);
		if (k >= SERIES_SIDE && far > best) {
			best = far;
			at = k;
		}
	}
	return at;
}

static bool
is_change(const double *v, size_t n, size_t at)
{
	double far = fabs(series_mean(v, at) - series_mean(v + at, n - at));

	return far >= log(1 + CHANGE_SHARE) &&
	       welch_p(v, at, v + at, n - at) < CHANGE_P;
}

/* All changes of logs[from, to), marked where they begin. */
static void
mark_changes(const double *logs, size_t from, size_t to, bool *marks)
{
	size_t n = to - from, at;

	if (n < 2 * (size_t)SERIES_SIDE)
		return;
	at = best_split(logs + from, n);
	if (!is_change(logs + from, n, at))
		return;
	marks[from + at] = true;
	mark_changes(logs, from, from + at, marks);
	mark_changes(logs, from + at, to, marks);
}

/* The last mark before `end`; 0: there is none. */
static size_t
last_mark(const bool *marks, size_t end)
{
	while (end > 1 && !marks[end - 1])
		end--;
	return end > 1 ? end - 1 : 0;
}

bool
series_change(const double *v, size_t n, struct change *out)
{
	double logs[SERIES_WINDOW];
	bool marks[SERIES_WINDOW] = { false };
	size_t skipped = n > SERIES_WINDOW ? n - SERIES_WINDOW : 0;
	size_t seen = n - skipped, first, before;

	for (size_t i = 0; i < seen; i++)
		logs[i] = log(fmax(v[skipped + i], LEAST));
	mark_changes(logs, 0, seen, marks);
	first = last_mark(marks, seen);
	if (first == 0)
		return false;
	before = last_mark(marks, first);
	/* neighbours may be nearer to each other than the whole was */
	if (!is_change(logs + before, seen - before, first - before))
		return false;
	out->first = skipped + first;
	out->before = exp(series_mean(logs + before, first - before));
	out->after = exp(series_mean(logs + first, seen - first));
	return true;
}

double
series_trend(const double *v, size_t n)
{
	size_t half;
	double before;

	if (n > SERIES_WINDOW) {
		v += n - SERIES_WINDOW;
		n = SERIES_WINDOW;
	}
	if (n < 4)
		return 0;
	half = n / 2;
	before = series_median(v, half);
	return before <= 0 ? 0 : series_median(v + half, n - half) / before - 1;
}
