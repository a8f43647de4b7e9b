/* SPDX-License-Identifier: MIT */
/* --cache: the outputs that are kept (P-1002). */
#include "cli/cli.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "project/run_cache.h"

static const char *
bytes_text(struct arena *a, uint64_t n)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double x = (double)n;
	size_t i = 0;

	while (x >= 1024 && i + 1 < sizeof(units) / sizeof(units[0])) {
		x /= 1024;
		i++;
	}
	return arena_printf(a, i > 0 ? "%.1f %s" : "%.0f %s", x, units[i]);
}

static void
add_stats(struct arena *a, struct sb *out, const struct cache_stats *s)
{
	uint64_t looks = s->hits + s->misses;

	sb_printf(out, "entries   %zu\n", s->entries);
	sb_printf(out, "size      %s in %zu files\n", bytes_text(a, s->bytes),
	    s->entries + s->blobs);
	sb_printf(out, "hits      %" PRIu64 " of %" PRIu64, s->hits, looks);
	if (looks > 0)
		sb_printf(out, " (%" PRIu64 " %%)", s->hits * 100 / looks);
	sb_printf(out, " in the last %zu run%s\n", s->runs,
	    s->runs == 1 ? "" : "s");
	if (s->remote > 0)
		sb_printf(
		    out, "remote    %" PRIu64 " of these hits\n", s->remote);
	sb_printf(out, "saved     %s\n", duration_short(a, s->saved_ns));
}

static bool
cache_do(const struct cli *c, struct cache *cache, const char *what,
    struct sb *out, struct err *e)
{
	struct cache_stats s = { 0 };

	if (strcmp(what, "stats") == 0) {
		if (!cache_stats(cache, &s, e))
			return false;
		add_stats(c->a, out, &s);
		return true;
	}
	if (strcmp(what, "clear") == 0)
		return cache_clear(cache, e);
	if (strcmp(what, "prune") != 0)
		return err_set(e, ERR_GENERIC,
		    "prun: --cache takes stats, clear or prune, not \"%s\"",
		    what);
	if (!cache_prune(cache, &s, e))
		return false;
	sb_printf(out, "removed %zu entr%s, %s\n", s.entries,
	    s.entries == 1 ? "y" : "ies", bytes_text(c->a, s.bytes));
	return true;
}

int
cmd_cache(const struct cli *c, struct project *p)
{
	struct sb out cleanup_sb = SB_INIT;
	struct err e cleanup_err = ERR_INIT;
	struct cache *cache = run_cache_store(p, NULL);
	bool ok = cache_do(c, cache, OPT_S(&c->o, cache), &out, &e);

	cache_close(cache);
	if (!ok)
		return cli_fail(c, &e, NULL);
	term_write(c->term, STDOUT_FILENO, sb_sv(&out));
	return c->term->stdout_failed;
}
