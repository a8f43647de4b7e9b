/* SPDX-License-Identifier: MIT */
/*
 * Ending jobs: first the signal, to every process of theirs, then for good. One
 * scancel for as many as there are; where the whole run ends, by its name,
 * which also finds what prun does not know of.
 */
#include "exec/slurm_job.h"

#include "base/vec.h"

/* How long a controller that does not answer can keep the run from ending. */
#define GIVE_UP_NS (20 * NS_PER_S)

typedef VEC(const char *) cancel_words;

static bool
is_in_queue(const struct slurm_job *j)
{
	return j->state == SLURM_SUBMITTED || j->state == SLURM_LEFT ||
	       j->state == SLURM_UNSURE;
}

static bool
all_end(const struct slurm *x)
{
	if (x->places != x->own)
		return false;
	for (const struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		if (is_in_queue(j) && j->end_sig == 0)
			return false;
	return true;
}

static void
on_cancelled(void *arg, const struct slurm_ask *q)
{
	struct slurm *x = arg;

	(void)q; /* whether it worked is seen in the queue */
	x->cancelling = false;
	slurm_watch_sooner(x);
	slurm_stir(x);
}

/* scancel of the chosen, by name where these are all. */
static void
call_scancel(
    struct slurm *x, const char *const *how, bool by_name, cancel_words *ids)
{
	struct arena *a = x->scratch;
	struct arena_mark mark = arena_mark(a);
	cancel_words v = { 0 };
	const char **id;

	vec_push(a, &v, "scancel");
	for (; *how != NULL; how++)
		vec_push(a, &v, *how);
	if (by_name) {
		vec_push(a, &v, "--me");
		vec_push(a, &v, "-n");
		vec_push(a, &v, x->own->name);
	} else {
		vec_each(ids, id)
			vec_push(a, &v, *id);
	}
	vec_push(a, &v, NULL);
	x->cancelling = true;
	slurm_ask(x, v.v, on_cancelled, x);
	arena_release(a, mark);
}

/* KILL first goes to the processes themselves: a plain scancel asks them once
 * more and then waits as long as the cluster's KillWait says. */
enum cancel_step {
	CANCEL_PENDING,
	CANCEL_SIGNAL,
	CANCEL_KILL,
	CANCEL_REST,
	CANCEL_STEPS
};

/* Is it time for that step with this job? */
static bool
cancel_is_due(const struct slurm_job *j, enum cancel_step step, int64_t now)
{
	if (j->end_sig == 0 || j->state != SLURM_SUBMITTED)
		return false;
	switch (step) {
	case CANCEL_PENDING:
		return !j->running && !j->unqueued;
	case CANCEL_SIGNAL:
		return j->running && !j->signalled;
	case CANCEL_KILL:
		return j->running && !j->killed && now >= j->kill_ns;
	default:
		return !j->cancelled && now >= j->kill_ns;
	}
}

static int
first_signal(const struct slurm *x, enum cancel_step step, int64_t now)
{
	for (const struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		if (cancel_is_due(j, step, now))
			return j->end_sig;
	return 0;
}

static void
step_was_taken(struct slurm_job *j, enum cancel_step step)
{
	switch (step) {
	case CANCEL_PENDING:
		j->unqueued = true;
		break;
	case CANCEL_SIGNAL:
		j->signalled = true;
		break;
	case CANCEL_KILL:
		j->killed = true;
		break;
	default:
		j->cancelled = true;
	}
}

static void
take_step(struct slurm *x, enum cancel_step step)
{
	struct arena *a cleanup_arena = arena_new();
	int64_t now = loop_now(x->base.loop);
	int sig = first_signal(x, step, now);
	const char *const how[CANCEL_STEPS][5] = {
		[CANCEL_PENDING] = { "-t", "PENDING" },
		[CANCEL_SIGNAL] = { "--full", "-s",
		    arena_printf(a, "%d", sig) },
		[CANCEL_KILL] = { "--batch", "--full", "-s", "KILL" },
	};
	cancel_words ids = { 0 };

	if (sig == 0)
		return;
	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next) {
		struct sb id cleanup_sb = SB_INIT;

		if (!cancel_is_due(j, step, now) ||
		    (step == CANCEL_SIGNAL && j->end_sig != sig))
			continue;
		step_was_taken(j, step);
		vec_push(a, &ids, arena_strdup(a, slurm_id_text(j, &id)));
	}
	call_scancel(x, how[step], all_end(x), &ids);
}

/* What is not in the queue needs no scancel, and what cannot be cancelled holds
 * up nobody for ever. */
static void
end_unsent(struct slurm *x)
{
	int64_t now = loop_now(x->base.loop);
	struct slurm_job *j, *next;

	for (j = x->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->end_sig == 0 || j->local != NULL)
			continue;
		if (j->state == SLURM_QUEUED || j->state == SLURM_LOCAL) {
			slurm_finish(j, 128 + j->end_sig, j->end_sig);
		} else if (j->state == SLURM_UNSURE ||
			   (j->cancelled && now >= j->kill_ns + GIVE_UP_NS)) {
			slurm_files_revoke(j);
			x->may_be_left = true;
			slurm_finish(j, 128 + j->end_sig, j->end_sig);
		}
	}
}

void
slurm_cancel(struct slurm *x)
{
	end_unsent(x);
	for (int s = 0; !x->cancelling && s < CANCEL_STEPS; s++)
		take_step(x, (enum cancel_step)s);
}
