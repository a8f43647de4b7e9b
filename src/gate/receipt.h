/* SPDX-License-Identifier: MIT */
/*
 * Receipts: that a run passed whole on a certain tree (P-706).
 * May include: base/ to project/.
 */
#ifndef GATE_RECEIPT_H
#define GATE_RECEIPT_H

#include "project/project.h"

/* What a receipt attests: tree, tasks, Taskfiles outside the tree, versions. */
char *receipt_key(struct project *p, const char *tree, const string_vec *tasks);
const char *receipt_dir(const struct project *p);
/* Are receipts left in this repository?  They are for gates, so where a hook is
 * installed, which the installation and each hook note in the state, so that no
 * git need be asked. */
bool receipt_is_wanted(const struct project *p);
/* Notes it. */
void receipt_want(const struct project *p, bool on);
/* After a run that passed whole on a tree that was clean before and is now:
 * leaves a receipt. `before` is the tree id of then, NULL: it was not clean. */
void receipt_leave(struct project *p, const char *before,
    const call_vec *calls, const char *run_id);

#endif
