/* SPDX-License-Identifier: MIT */
#include "store/history_stats.h"

#include <stdlib.h>

#include "base/clock.h"

static void
count_pass(struct pass_count *p, const struct history_call *c)
{
	p->of++;
	p->passed += c->outcome == HISTORY_PASSED;
}

static bool
is_verdict(const struct history_call *c)
{
	return c->outcome == HISTORY_PASSED || c->outcome == HISTORY_FELL ||
	       c->outcome == HISTORY_PASSED_ON;
}

static void
count_call(struct call_stats *out, const struct history_call *c)
{
	out->up_to_date += c->outcome == HISTORY_UP_TO_DATE;
	out->cached += c->outcome == HISTORY_CACHED;
	out->critical += (c->flags & HISTORY_CRITICAL) != 0;
	if (c->max_rss_bytes > out->max_rss_bytes)
		out->max_rss_bytes = c->max_rss_bytes;
	if (!is_verdict(c) || (c->flags & HISTORY_ODD) != 0)
		return;
	count_pass(&out->all, c);
	count_pass(
	    c->flags & HISTORY_SERIAL ? &out->serial : &out->parallel, c);
}

static int
compare_trees(const void *x, const void *y)
{
	const struct history_call *const *a = x, *const *b = y;

	return ((*a)->tree > (*b)->tree) - ((*a)->tree < (*b)->tree);
}

/* Of runs on one tree: how many failed, where one passed as well. */
static size_t
flaky_among(const struct history_call *const *v, size_t n)
{
	size_t failed = 0;

	for (size_t i = 0; i < n; i++)
		failed += v[i]->outcome == HISTORY_FELL;
	return failed < n ? failed : 0;
}

static void
count_flaky(
    struct arena *a, const struct history_series *s, struct call_stats *out)
{
	VEC(const struct history_call *) v = { 0 };
	size_t n = s->calls.n, end;

	for (size_t i = n > FLAKY_WINDOW ? n - FLAKY_WINDOW : 0; i < n; i++) {
		const struct history_call *c = &s->calls.v[i];

		if ((c->flags & HISTORY_ODD) != 0 ||
		    (c->outcome != HISTORY_PASSED &&
			c->outcome != HISTORY_FELL))
			continue;
		out->flaky_of++;
		out->retried += (c->flags & HISTORY_FLAKY) != 0;
		if (c->tree != 0)
			vec_push(a, &v, c);
	}
	if (v.n > 0)
		qsort(v.v, v.n, sizeof(*v.v), compare_trees);
	for (size_t i = 0; i < v.n; i = end) {
		for (end = i; end < v.n && v.v[end]->tree == v.v[i]->tree;)
			end++;
		out->flaky += flaky_among(v.v + i, end - i);
	}
}

/* The last of them that was slow for its day, by what was usual until then. */
static void
find_anomaly(struct call_stats *out, const double *times,
    const struct history_call *const *calls)
{
	size_t n = out->timed;
	size_t least = n > SERIES_WINDOW ? n - SERIES_WINDOW : 0;

	for (size_t i = n; i-- > least && !out->has_anomaly;) {
		size_t from = i > SERIES_WINDOW ? i - SERIES_WINDOW : 0;

		if (!slow_today(
			times + from, i - from, times[i], &out->anomaly))
			continue;
		out->has_anomaly = true;
		out->anomaly_run = calls[i]->run;
		out->anomaly_wait_ns = calls[i]->wait_ns;
	}
}

static void
take_times(
    struct arena *a, const struct history_series *s, struct call_stats *out)
{
	double *times = arena_alloc(a, (s->calls.n + 1) * sizeof(*times));
	const struct history_call **timed =
	    arena_alloc(a, (s->calls.n + 1) * sizeof(*timed));
	const struct history_call *c;
	static const double shares[] = { 0.5, 0.95 };
	double cpu = 0, wait = 0, read = 0, written = 0, quantiles[2];
	size_t n = 0;

	vec_each(&s->calls, c) {
		if (!history_is_timed(c))
			continue;
		timed[n] = c;
		times[n++] = (double)c->busy_ns / (double)NS_PER_S;
		cpu += (double)c->cpu_ns / (double)NS_PER_S;
		wait += (double)c->wait_ns / (double)NS_PER_S;
		read += (double)c->read_blocks;
		written += (double)c->written_blocks;
	}
	out->times = times;
	out->timed = n;
	if (n == 0)
		return;
	out->cpu = cpu / (double)n;
	out->wait = wait / (double)n;
	out->blocks_read = read / (double)n;
	out->blocks_written = written / (double)n;
	out->mean = series_mean(times, n);
	series_quantiles(times, n, shares, 2, quantiles);
	out->p50 = quantiles[0];
	out->p95 = quantiles[1];
	out->trend = series_trend(times, n);
	find_anomaly(out, times, timed);
	out->has_change = series_change(times, n, &out->change);
	if (out->has_change)
		out->change_run = timed[out->change.first]->run;
}

void
history_stats(
    struct arena *a, const struct history_series *s, struct call_stats *out)
{
	const struct history_call *c;

	*out = (struct call_stats){ .runs = s->total, .recent = s->calls.n };
	vec_each(&s->calls, c)
		count_call(out, c);
	count_flaky(a, s, out);
	take_times(a, s, out);
}
