/* SPDX-License-Identifier: MIT */
/* What stands out, and what can be done about it (P-1102, P-1103). */
#include "advice/stats.h"

#include "base/clock.h"
#include "project/history_record.h"

static const char *
note_time(struct arena *a, double seconds)
{
	return duration_short(a, (int64_t)(seconds * (double)NS_PER_S));
}

static void
add_change(struct arena *a, struct sb *out, const struct stats_call *c)
{
	const struct change *ch = &c->stats.change;

	if (!c->stats.has_change)
		return;
	sb_printf(out, "%s is %s since run %s: %s, before %s (%+.0f%%)%s\n",
	    c->label, ch->after > ch->before ? "slower" : "faster",
	    c->change.name, note_time(a, ch->after), note_time(a, ch->before),
	    100 * (ch->after / ch->before - 1),
	    history_commits(a, c->before.head, c->change.head));
}

static void
add_anomaly(struct arena *a, struct sb *out, const struct stats_call *c)
{
	const struct slow_today *s = &c->stats.anomaly;

	if (!c->stats.has_anomaly)
		return;
	sb_printf(out, "%s was slow in run %s: %s, usually %s", c->label,
	    c->anomaly.name, note_time(a, s->median + s->over),
	    note_time(a, s->median));
	history_add_why(a, out,
	    &(struct history_why){ .load = (double)c->anomaly.load / 1000,
		.mem_wait = (double)c->anomaly.mem_wait / 1000,
		.slot_wait_ns = c->stats.anomaly_wait_ns });
	sb_addc(out, '\n');
}

static void
add_flaky(struct sb *out, const struct stats_call *c)
{
	const struct call_stats *s = &c->stats;

	if (s->flaky > 0)
		sb_printf(out,
		    "hint: %s is flaky: it failed in %zu of %zu runs where "
		    "another run on the same tree passed\n",
		    c->label, s->flaky, s->flaky_of);
	if (s->retried > 0)
		sb_printf(out,
		    "hint: %s is flaky: it passed on a retry in %zu of %zu "
		    "runs\n",
		    c->label, s->retried, s->flaky_of);
	if (s->serial.of >= 3 && s->parallel.of >= 3 &&
	    s->serial.passed == s->serial.of &&
	    s->parallel.passed < s->parallel.of)
		sb_printf(out,
		    "hint: %s fails only side by side with others: it passed "
		    "%zu of %zu parallel runs, and all %zu serial ones\n",
		    c->label, s->parallel.passed, s->parallel.of, s->serial.of);
}

/* The call in that run; NULL: it was not called there. */
static const struct history_call *
call_in(const struct stats_call *c, int64_t run)
{
	for (size_t i = c->series->calls.n; i-- > 0;)
		if (c->series->calls.v[i].run == run)
			return &c->series->calls.v[i];
	return NULL;
}

/* What the last run was waiting for the longest. */
static void
add_bound(struct arena *a, struct sb *out, const struct stats_all *all)
{
	const struct stats_call *c, *most = NULL;
	int64_t longest = 0;
	size_t n = 0;

	vec_each(&all->calls, c) {
		const struct history_call *call = call_in(c, all->last.id);

		int64_t alone;

		if (call == NULL || call->busy_ns <= 0)
			continue;
		n++;
		/* without its own waits for slots */
		alone = call->alone_ns < call->busy_ns ? call->alone_ns
						       : call->busy_ns;
		if (alone <= longest)
			continue;
		longest = alone;
		most = c;
	}
	if (most != NULL && n > 1 && all->last.wall_ns > 0 &&
	    longest >= all->last.wall_ns / 2)
		sb_printf(out,
		    "hint: %s bounds the last run: %s of its %s (%.0f%%) "
		    "passed with nothing else on the critical path\n",
		    most->label, duration_short(a, longest),
		    duration_short(a, all->last.wall_ns),
		    100 * (double)longest / (double)all->last.wall_ns);
}

/* So many slots are busy on average where the critical path alone is waited
 * for: with less it cannot be that short. */
static void
add_slots(struct arena *a, struct sb *out, const struct stats_all *all)
{
	int64_t work = 0, path = 0, wait = 0, enough;
	const struct stats_call *c;

	vec_each(&all->calls, c) {
		const struct history_call *call = call_in(c, all->last.id);

		if (call == NULL)
			continue;
		work += call->busy_ns;
		wait += call->wait_ns;
		if ((call->flags & HISTORY_CRITICAL) != 0)
			path += call->busy_ns;
	}
	if (all->last.serial || all->last.slots <= 0 || path <= 0 ||
	    wait < all->last.wall_ns / 4)
		return;
	enough = (work + path - 1) / path;
	if (enough > all->last.slots)
		sb_printf(out,
		    "hint: calls of the last run waited %s for its %lld "
		    "slot%s; %s of work on a critical path of %s need %lld at "
		    "least\n",
		    duration_short(a, wait), (long long)all->last.slots,
		    all->last.slots == 1 ? "" : "s", duration_short(a, work),
		    duration_short(a, path), (long long)enough);
}

void
stats_add_notes(struct arena *a, struct sb *out, struct stats_all *all)
{
	const struct stats_call *c;

	vec_each(&all->calls, c)
		add_change(a, out, c);
	vec_each(&all->calls, c)
		add_anomaly(a, out, c);
	add_bound(a, out, all);
	add_slots(a, out, all);
	vec_each(&all->calls, c)
		add_flaky(out, c);
	stats_add_hints(a, out, all);
}
