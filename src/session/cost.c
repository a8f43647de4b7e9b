/* SPDX-License-Identifier: MIT */
#include "session/cost.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"

static double
cost_unit_ns(sv word)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {
		{ "s", NS_PER_S },
		{ "sec", NS_PER_S },
		{ "min", 60 * NS_PER_S },
		{ "m", 60 * NS_PER_S },
		{ "h", 3600 * NS_PER_S },
		{ "hour", 3600 * NS_PER_S },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (sv_is(word, units[i].name))
			return (double)units[i].ns;
	return 0;
}

bool
cost_rate_parse(struct arena *a, const char *text, struct cost_rate *out)
{
	sv amount, unit;
	char *end;
	double money, ns;

	*out = (struct cost_rate){ 0, "" };
	if (!sv_cut(sv_of(text), '/', &amount, &unit))
		return false;
	ns = cost_unit_ns(sv_trim(unit));
	text = sv_cstr(a, sv_trim(amount));
	money = strtod(text, &end);
	if (end == text || !isfinite(money) || money < 0 || ns <= 0)
		return false;
	out->per_ns = money / ns;
	out->money = sv_cstr(a, sv_trim(sv_of(end)));
	return true;
}

const char *
cost_text(struct arena *a, const struct cost_rate *r, int64_t ns)
{
	double money = r->per_ns * (double)ns;

	return arena_printf(a,
	    money > 0 && money < 0.1 ? "%.4f%s%s" : "%.2f%s%s", money,
	    *r->money != '\0' ? " " : "", r->money);
}

bool
cost_budget(const char *text, const char *rate, int64_t *ns, struct err *e)
{
	struct arena *a cleanup_arena = arena_new();
	struct err ignored cleanup_err = ERR_INIT;
	struct cost_rate r;
	double money;
	char *end;

	*ns = 0;
	if (*text == '\0' ||
	    (duration_parse(sv_of(text), ns, &ignored) && *ns > 0))
		return true;
	money = strtod(text, &end);
	if (end == text || !isfinite(money) || money <= 0)
		return err_set(e, ERR_GENERIC,
		    "prun: --budget=%s: must be a time as in 30m, or an amount",
		    text);
	if (!cost_rate_parse(a, rate, &r) || r.per_ns <= 0)
		return err_set(e, ERR_GENERIC,
		    "prun: --budget=%s: an amount needs a rate (as in rate = "
		    "0.02/min in [worktrees] of prun.ini)",
		    text);
	money = money / r.per_ns;
	*ns = money >= 9e18 ? INT64_MAX : money < 1 ? 1 : (int64_t)money;
	return true;
}
