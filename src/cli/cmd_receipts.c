/* SPDX-License-Identifier: MIT */
/* --receipts: the runs whose success is on record (P-706). */
#include "cli/cli.h"

#include <unistd.h>

#include "base/clock.h"
#include "gate/receipt.h"
#include "store/receipts.h"

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
