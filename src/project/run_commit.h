/* SPDX-License-Identifier: MIT */
/*
 * The commit that a run may owe (P-601 to P-607): decided before it starts,
 * made when all has passed.
 * May include: base/ to vcs/.
 */
#ifndef PROJECT_RUN_COMMIT_H
#define PROJECT_RUN_COMMIT_H

#include "project/project.h"
#include "vcs/commit.h"

struct run_commit {
	bool possible; /* a task of the Taskfile or a flag may ask for one */
	bool asked;    /* --commit */
	bool foreseen; /* a task that will be called has `commit:` */
	bool ready;    /* `before` is filled in */
	bool detached; /* a task that will be called allows a detached HEAD */
	const char *outer; /* file by which an outer run hears of it (P-108);
			    * NULL: this run makes it */
	bool reported;     /* a nested run owes one */
	bool push_later;   /* whoever asked for the run pushes */
	bool left_to_outer; /* in the end the outer run was told of it */
	struct commit_before before;
	struct declared_calls *calls; /* what the tasks say is theirs */
	const char *folder;    /* of the run, "" or NULL: none */
	const char *commit_id; /* of the commit that was made, or "" */
};

/* Does a flag ask for a commit, or a task that will be called? */
bool run_commit_is_foreseen(struct project *p, const call_vec *calls);
/* Before anything runs: refuses what can be refused now (P-604). */
bool run_commit_before(struct project *p, const call_vec *calls,
    struct run_commit *o, struct err *e);
/* What jobs are told of it: `file` hears of the commits that nested runs owe in
 * this repository (NULL: none), and where those make none of their own (P-602);
 * nowhere, where `nobody` does; `folder` is that of this run. */
void run_commit_tell(const struct project *p, const struct run_commit *o,
    const char *file, bool nobody, const char *folder, struct protocol *told);
/* commit_report.c: tells the outer run of the commit that is owed.  *is_told
 * false: that one is over, or so near to its end that it hears of none. */
bool run_commit_report(
    struct project *p, struct run_commit *o, bool *is_told, struct err *e);
/* What nested runs reported into this file: owed now, and what the tree was
 * like before them where this run did not look itself.  The file is removed, so
 * that those which end later make theirs themselves. */
void run_commit_by_children(
    struct project *p, struct run_commit *o, const char *path);
/* After a run in which every call passed: the commit, and the push when asked.
 * Says on stderr what it did.  `scratch` is a private folder. */
bool run_commit_after(struct project *p, struct run_commit *o,
    const struct run_result *r, const char *run_id, const char *scratch,
    struct err *e);

#endif
