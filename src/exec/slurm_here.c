/* SPDX-License-Identifier: MIT */
/* What the executor of this machine runs in place of the cluster. */
#include "exec/slurm_job.h"

static void
on_local_output(void *arg, int stream, sv bytes)
{
	struct slurm_job *j = arg;

	j->spec.output(j->spec.arg, stream, bytes);
}

static void
on_local_done(void *arg, const struct job_result *r)
{
	struct slurm_job *j = arg;
	struct slurm *x = j->x;

	x->n_local--;
	slurm_files_drop(j);
	j->spec.done(j->spec.arg, r);
	slurm_job_free(j);
	slurm_here_next(x);
}

bool
slurm_here_begin(struct slurm_job *j)
{
	struct slurm *x = j->x;
	struct job_spec spec = j->spec;
	struct err e cleanup_err = ERR_INIT;

	spec.output = on_local_output;
	spec.done = on_local_done;
	spec.arg = j;
	j->local = x->local->ops->start(x->local, &spec, &e);
	if (j->local != NULL) {
		x->n_local++;
		if (j->spec.running != NULL)
			j->spec.running(j->spec.arg);
		return true;
	}
	slurm_refused(j, e.message);
	return false;
}

/* In the order in which they came; the newest is first in the list. */
void
slurm_here_next(struct slurm *x)
{
	struct slurm_job *j, *oldest;

	while (x->o.local_jobs == 0 || x->n_local < (unsigned)x->o.local_jobs) {
		oldest = NULL;
		for (j = x->jobs; j != NULL; j = j->next)
			if (j->state == SLURM_LOCAL && j->local == NULL)
				oldest = j;
		if (oldest == NULL)
			return;
		slurm_here_begin(oldest);
	}
}
