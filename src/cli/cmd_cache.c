/* SPDX-License-Identifier: MIT */
/* What is kept of runs that passed: --cache, their outputs (P-1002);
 * --receipts (P-706). */
#include "cli/cli.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "exec/loop.h"
#include "gate/receipt.h"
#include "project/run_cache.h"
#include "store/receipts.h"

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
	sb_printf(
	    out, " in the last %zu run%s\n", s->runs, s->runs == 1 ? "" : "s");
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
		    "prun: --cache takes stats, clear, prune or warm, not "
		    "\"%s\"",
		    what);
	if (!cache_prune(cache, &s, e))
		return false;
	sb_printf(out, "removed %zu entr%s, %s\n", s.entries,
	    s.entries == 1 ? "y" : "ies", bytes_text(c->a, s.bytes));
	return true;
}

/* What the calls would need, from the remote cache. */
static int
cache_warm(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	struct warm_sums sums = { 0 };
	struct loop *l;
	struct run_cache *k;
	struct fp *fp;
	call_vec calls;
	bool ok;

	if (!cli_calls(c, p, &calls, &e))
		return cli_fail(c, &e, NULL);
	fp = project_fp(p, "", true);
	project_use_fp(p, fp);
	k = run_cache_new(p, fp);
	l = loop_new();
	ok = k == NULL ? err_set(&e, ERR_GENERIC,
			     "prun: --cache warm: [features] output_cache is "
			     "off")
		       : run_cache_warm(k, l, calls.v, calls.n, &sums, &e);
	project_use_fp(p, NULL);
	run_cache_free(k);
	loop_free(l);
	fp_free(fp);
	if (!ok)
		return cli_fail(c, &e, NULL);
	term_print(c->term, STDOUT_FILENO, COLOR_DEFAULT,
	    "%zu brought, %zu here already, %zu missing, %zu without a key\n",
	    sums.brought, sums.here, sums.missing, sums.keyless);
	return c->term->stdout_failed || sums.has_failed;
}

int
cmd_cache(const struct cli *c, struct project *p)
{
	struct sb out cleanup_sb = SB_INIT;
	struct err e cleanup_err = ERR_INIT;
	struct cache *cache;
	bool ok;

	if (strcmp(OPT_S(&c->o, cache), "warm") == 0)
		return cache_warm(c, p);
	cache = run_cache_store(p, NULL);
	ok = cache_do(c, cache, OPT_S(&c->o, cache), &out, &e);
	cache_close(cache);
	if (!ok)
		return cli_fail(c, &e, NULL);
	term_write(c->term, STDOUT_FILENO, sb_sv(&out));
	return c->term->stdout_failed;
}

int
cmd_receipts(const struct cli *c, struct project *p)
{
	struct sb out cleanup_sb = SB_INIT;
	receipt_vec list = { 0 };

	receipts_list(c->a, receipt_dir(p), &list);
	for (size_t i = 0; i < list.n; i++)
		sb_printf(&out, "%s  %s ago  run %s\n", list.v[i].title,
		    duration_short(c->a, clock_real_ns() - list.v[i].at_ns),
		    list.v[i].run);
	if (list.n == 0)
		sb_adds(&out, "no receipts\n");
	term_write(c->term, STDOUT_FILENO, sb_sv(&out));
	return c->term->stdout_failed;
}
