/* SPDX-License-Identifier: MIT */
/*
 * The executor of a Slurm cluster: each command is a job in its queue, handed
 * in with Slurm's own programs.  A script on the node runs the command and
 * leaves a result in the run's folder, which nodes and this machine share; that
 * file is the truth, and what Slurm says only tells whether one may still come.
 *
 * What needs no process, and everything once a node was seen that does not share
 * the folders, is handed on to the executor of this machine.
 * May include: base/, executor.h.
 */
#ifndef EXEC_SLURM_H
#define EXEC_SLURM_H

#include "exec/executor.h"

enum slurm_shared {
	SLURM_SHARED_AUTO, /* each job looks; the first that misses tells */
	SLURM_SHARED_YES,  /* a job that misses the folders fails */
};

/* All lent as long as the executor. */
struct slurm_options {
	const char *run_id;  /* its jobs are called prun-ID */
	const char *dir;     /* the run's folder */
	const char *mark;    /* a file that is made before the first job: some
			      * run here has used Slurm */
	const char *tree;    /* a folder that nodes must have: the work tree */
	const char *partition, *account, *qos; /* "": Slurm's default */
	const char *options; /* more words for sbatch; "" : none */
	int64_t poll_ns;     /* between two questions to Slurm, at least */
	/* of the tree's contents, for who would adopt jobs, asked when the first
	 * goes out; "": nobody shall.  Lent */
	const char *(*tree_id)(void *ctx);
	enum slurm_shared shared;
	bool is_asked_for; /* no cluster is an error, and no reason to run here */
	int local_jobs; /* at once, of what is handed on; 0: no bound */
	/* a line for the user, without "prun: " and a newline */
	void (*say)(void *ctx, const char *text);
	void *ctx;
};

/* `local` runs Slurm's programs and what is handed on; it is lent and on the
 * same loop, one of loop_new(). */
struct executor *executor_slurm_new(struct executor *local,
    const struct slurm_options *options);
/* Would it hand on a new job now, or is the controller away? */
bool executor_slurm_is_closed(const struct executor *x);
/* Is sbatch on the PATH? */
bool executor_slurm_is_there(void);
/* Jobs of a dead run, whose folder for Slurm is `dir`, become those of this one
 * where it comes to their commands: how many there are.  0: none that may go on,
 * since the work tree was another then, or somebody else has them. */
int executor_slurm_adopt(
    struct executor *x, const char *run_id, const char *dir);
/* Has a run that goes on adopted what is in this folder? */
bool executor_slurm_is_adopted(const char *dir);
/* Ends the jobs of a run that is dead, as far as Slurm can be asked; true when
 * it answered that none is left.  Blocks for 45 s at most. */
bool executor_slurm_end_run(const char *run_id);

#endif
