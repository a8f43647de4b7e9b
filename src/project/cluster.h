/* SPDX-License-Identifier: MIT */
/*
 * The cluster for whoever is no run: a session, whose tests go there one job
 * each (P-1301).  For runs see run_setup.h.
 * May include: base/ to exec/.
 */
#ifndef PROJECT_CLUSTER_H
#define PROJECT_CLUSTER_H

#include "exec/executor.h"
#include "project/project.h"

struct cluster_place {
	const char *id;  /* jobs are called prun-ID */
	const char *dir; /* its folder, which nodes can see */
	const char *tree; /* so they can this one */
	int local_jobs;  /* at once, where the cluster takes none */
	/* a line for the user, without "prun: " and a newline */
	void (*say)(void *ctx, const char *text);
	void *ctx;
};
/* Is it asked for, with --executor? */
bool cluster_is_asked_for(const struct project *p);
/* The executor of --executor slurm, beside `local`, on its loop; nobody adopts
 * its jobs.  NULL with *e. */
struct executor *cluster_executor(struct project *p, struct executor *local,
    const struct cluster_place *at, struct err *e);

/* Ends what killed runs and sessions have left on the cluster, before their
 * trees are others'; `cluster` as of cluster_executor(), or NULL. */
void cluster_end_left(struct project *p, struct executor *cluster);

#endif
