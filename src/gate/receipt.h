/* SPDX-License-Identifier: MIT */
/*
 * Receipts: that a run passed whole on a certain tree (P-706).
 * May include: base/ to project/.
 */
#ifndef GATE_RECEIPT_H
#define GATE_RECEIPT_H

#include "project/project.h"
#include "vcs/tree_still.h"

/* A run as its tasks see it, beside its project. */
struct receipt_run {
	const struct map *typed; /* variables of its command line: name → text */
	const char *cwd;	 /* where it is started */
	const char *exe;	 /* by what name */
};
/* What a receipt attests: tree, tasks, Taskfiles and files of variables, the
 * folder, versions, the variables, and of the environment and of what is said of
 * the run itself what the Taskfiles name. */
char *receipt_key(struct project *p, const char *tree, const string_vec *tasks,
    const struct receipt_run *run);
const char *receipt_dir(const struct project *p);
/* Are receipts left in this repository?  They are for gates, so where a hook is
 * installed, which the installation and each hook note in the state, so that no
 * git need be asked. */
bool receipt_is_wanted(const struct project *p);
/* Notes it. */
void receipt_want(const struct project *p, bool on);
/* The tree on which a run was. */
struct attested {
	const char *tree; /* id; NULL: it was not clean, or not one tree */
	const struct tree_still *still;
	bool head_moves; /* to the commit that the run makes */
};
/* After a run that passed whole: leaves a receipt where the tree is clean, the
 * same, and was so all the time. */
void receipt_leave(struct project *p, const struct attested *before,
    const call_vec *calls, const char *run_id);

#endif
