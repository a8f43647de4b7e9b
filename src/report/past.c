/* SPDX-License-Identifier: MIT */
/* What the history says of the calls of a run: the runs before that one. */
#include "report/kind.h"

#include "base/clock.h"
#include "base/map.h"
#include "stats/series.h"

enum {
	PAST_KEYS = 3000, /* a page with more shows nobody anything */
	PAST_TIMED = 4,   /* fewer say nothing of what is usual */
};

static void
past_judge(struct arena *a, struct past *past)
{
	double *times = arena_alloc(a, (past->n + 1) * sizeof(*times));
	size_t n = 0;

	for (size_t i = 0; i < past->n; i++) {
		const struct history_call *c = &past->calls[i];

		if (c->outcome == HISTORY_PASSED && c->attempts <= 1 &&
		    c->busy_ns > 0)
			times[n++] = (double)c->busy_ns / NS_PER_S;
	}
	if (n >= PAST_TIMED)
		past->usual = series_median(times, n);
	past->times = times;
	past->n_times = n;
}

static struct past *
past_ask(struct arena *a, struct database *db, const struct picture *p,
    const struct journal_call *c)
{
	struct history_key key = { c->task, c->vars };
	struct past *past = arena_new_of(a, struct past);
	struct history_series series;

	if (!history_db_last(
		db, a, &key, p->log->run.at_ns, PAST_MOST, &series))
		return past;
	past->calls = series.calls.v;
	past->n = series.calls.n;
	past_judge(a, past);
	return past;
}

static void
past_fill(struct arena *a, struct database *db, const struct picture *p,
    const struct past **out)
{
	struct map *known = map_new(a);
	const struct journal_call *c;
	size_t n = 0;

	vec_each(&p->log->calls, c) {
		const char *key;
		struct past *past;

		if (c->id == 0)
			continue;
		key = arena_printf(a, "%s\n%s", c->vars, c->task);
		past = map_get(known, sv_of(key));
		if (past == NULL && n++ < PAST_KEYS) {
			past = past_ask(a, db, p, c);
			past->number = (unsigned)n;
			map_put(known, sv_of(key), past);
		}
		out[c->id - 1] = past;
	}
}

const struct past **
past_read(struct arena *a, const struct picture *p)
{
	const struct past **out =
	    arena_alloc(a, (p->log->calls.n + 1) * sizeof(struct past *));
	struct err ignored cleanup_err = ERR_INIT;
	enum db_fault fault;
	struct database *db;

	if (p->run->history == NULL)
		return out;
	db = history_db_open(p->run->history, false, &fault, &ignored);
	if (db == NULL)
		return out;
	if (database_begin(db)) {
		past_fill(a, db, p, out);
		database_end(db);
	}
	database_close(db);
	return out;
}

bool
past_is_slow(const struct past *past, int64_t own_ns)
{
	struct slow_today slow;

	return past != NULL && past->n_times > 0 &&
	       slow_today(past->times, past->n_times, (double)own_ns / NS_PER_S,
		   &slow);
}
