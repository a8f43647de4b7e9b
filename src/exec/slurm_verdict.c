/* SPDX-License-Identifier: MIT */
/*
 * A job that left the queue.  Where its result does not come Slurm is asked how
 * it ended, first the controller, which forgets, then the accounting, which
 * many clusters have not.  A job never passes by what Slurm says: only by its
 * result.
 */
#include "exec/slurm_job.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A job whose processes are gone is COMPLETING for a while. */
#define QUESTION_NS (500 * NS_PER_MS)

/* What Slurm calls the ends of a job, and what is done about them. */
enum verdict {
	VERDICT_WAIT,   /* for its result; then it is lost */
	VERDICT_FAILED, /* as its exit code says */
	VERDICT_ENDED,  /* by somebody, for the reason in the text */
	VERDICT_LOST,   /* no fault of its own: once more */
};
static const struct {
	const char *state;
	enum verdict verdict;
	int sig;
	const char *text;
} ends[] = {
	{ "COMPLETED", VERDICT_WAIT, 0, "" },
	{ "FAILED", VERDICT_FAILED, 0, "" },
	{ "OUT_OF_MEMORY", VERDICT_ENDED, SIGKILL, "out of memory" },
	{ "TIMEOUT", VERDICT_ENDED, SIGTERM, "ended at its time limit" },
	{ "DEADLINE", VERDICT_ENDED, SIGTERM, "ended at its deadline" },
	{ "CANCELLED", VERDICT_ENDED, SIGTERM, "cancelled by somebody else" },
	{ "NODE_FAIL", VERDICT_LOST, 0, "its node failed" },
	{ "BOOT_FAIL", VERDICT_LOST, 0, "its node did not start" },
	{ "PREEMPTED", VERDICT_LOST, 0, "it was preempted" },
	{ "REVOKED", VERDICT_LOST, 0, "it was revoked" },
};
enum {
	ENDS = sizeof(ends) / sizeof(ends[0])
};

static int
end_of_state(sv state)
{
	for (int i = 0; i < ENDS; i++)
		if (sv_is(state, ends[i].state))
			return i;
	return -1;
}

bool
slurm_state_is_end(sv state)
{
	return end_of_state(state) >= 0;
}

/* "3:0": exit status and signal. */
static void
read_exit(sv text, struct slurm_end *out)
{
	struct arena *a cleanup_arena = arena_new();

	out->status = out->signal = 0;
	sscanf(sv_cstr(a, text), "%d:%d", &out->status, &out->signal);
}

/* "CANCELLED by 1000" is CANCELLED. */
static void
set_state(struct slurm_end *out, sv state)
{
	sv word, rest;

	if (sv_cut(state, ' ', &word, &rest))
		state = word;
	snprintf(out->state, sizeof(out->state), "%.*s", SV_ARG(state));
}

/* The word behind " NAME=". */
static bool
word_behind(sv text, const char *name, sv *out)
{
	struct sb key cleanup_sb = SB_INIT;
	ptrdiff_t at, end;

	sb_printf(&key, " %s=", name);
	at = sv_find(text, sb_sv(&key), 0);
	if (at < 0)
		return false;
	text = sv_sub(text, (size_t)at + key.n, SIZE_MAX);
	end = sv_find_char(text, ' ', 0);
	*out = sv_trim(end < 0 ? text : sv_sub(text, 0, (size_t)end));
	return true;
}

bool
slurm_read_scontrol(sv text, struct slurm_end *out)
{
	sv state, code, node;

	if (!word_behind(text, "JobState", &state))
		return false;
	set_state(out, state);
	if (word_behind(text, "ExitCode", &code))
		read_exit(code, out);
	if (word_behind(text, "BatchHost", &node) && node.n > 0)
		snprintf(out->node, sizeof(out->node), "%.*s", SV_ARG(node));
	return true;
}

/* STATE|EXIT|NODES, a line */
bool
slurm_read_sacct(sv text, struct slurm_end *out)
{
	sv state, code, node, line, rest;

	if (!sv_cut(text, '\n', &line, &rest))
		line = text;
	if (!sv_cut(line, '|', &state, &line) ||
	    !sv_cut(line, '|', &code, &node) || state.n == 0)
		return false;
	set_state(out, state);
	read_exit(code, out);
	if (node.n > 0 && sv_find(node, SV("None"), 0) < 0)
		snprintf(out->node, sizeof(out->node), "%.*s", SV_ARG(node));
	return true;
}

/* Asking ------------------------------------------------------------------- */

/* The job that is asked about may have ended meanwhile by its result. */
static struct slurm_job *
job_in_question(struct slurm *x)
{
	struct slurm_job *j;

	for (j = x->jobs; j != NULL; j = j->next)
		if (j->in_question)
			break;
	if (j != NULL)
		j->in_question = false;
	x->telling = false;
	return j;
}

static bool
is_answer(const struct slurm_end *end)
{
	return slurm_state_is_end(sv_of(end->state));
}

static void
on_sacct(void *arg, const struct slurm_ask *q)
{
	struct slurm *x = arg;
	struct slurm_job *j = job_in_question(x);

	if (j == NULL)
		return;
	j->told = q->status == 0 && slurm_read_sacct(sb_sv(&q->out), &j->end) &&
		  is_answer(&j->end);
	j->asked = true;
	slurm_watch(x);
}

static void
ask_accounting(struct slurm_job *j)
{
	struct sb id cleanup_sb = SB_INIT;
	const char *const argv[] = { "sacct", "-X", "-P", "-n", "-S",
		"now-7days", "-j", slurm_id_text(j, &id), "-o",
		"State,ExitCode,NodeList", NULL };

	j->x->telling = j->in_question = true;
	slurm_ask(j->x, argv, on_sacct, j->x);
}

/* The controller is away: nothing is known, and no time is up meanwhile. */
static void
ask_later(struct slurm_job *j)
{
	int64_t now = loop_now(j->x->base.loop);

	slurm_away(j->x, true);
	j->next_question_ns = now + j->x->o.poll_ns;
	if (!j->has_result)
		j->left_ns = now;
}

/* One that still runs has written its result just now; it is asked again. */
static void
on_scontrol(void *arg, const struct slurm_ask *q)
{
	struct slurm *x = arg;
	struct slurm_job *j = job_in_question(x);

	if (j == NULL)
		return;
	if (slurm_ask_unanswered(q)) {
		ask_later(j);
		return;
	}
	if (q->status != 0 || !slurm_read_scontrol(sb_sv(&q->out), &j->end)) {
		ask_accounting(j);
		return;
	}
	j->told = is_answer(&j->end);
	j->asked =
	    j->told || (j->has_result && ++j->questions == SLURM_QUESTIONS);
	j->next_question_ns = loop_now(x->base.loop) + QUESTION_NS;
	/* what squeue left out is there all the same */
	if (!j->asked && !j->has_result) {
		j->state = SLURM_SUBMITTED;
		j->submitted_ns = loop_now(x->base.loop);
	}
	slurm_watch(x);
}

static void
ask_controller(struct slurm_job *j)
{
	struct sb id cleanup_sb = SB_INIT;
	const char *const argv[] = { "scontrol", "show", "job", "-o",
		slurm_id_text(j, &id), NULL };

	j->x->telling = j->in_question = true;
	slurm_ask(j->x, argv, on_scontrol, j->x);
}

/* The verdict -------------------------------------------------------------- */

/* The script has said so, or Slurm could not even open its log there. */
static bool
is_unshared(const struct slurm_job *j)
{
	return !j->running && (j->end.status == SLURM_NOT_SHARED ||
				  j->end.signal == SLURM_NO_OUTPUT);
}

static void
judge_unshared(struct slurm_job *j)
{
	if (j->x->o.shared == SLURM_SHARED_YES) {
		slurm_note(j, "the node does not share %s and %s", j->x->o.tree,
		    j->place->dir);
		slurm_finish(j, 1, 0);
		return;
	}
	j->state = SLURM_QUEUED;
	slurm_close(j->x, "a node of the cluster does not share this work tree "
			  "and the folder of the run");
}

static void
judge_exit(struct slurm_job *j, bool is_late)
{
	int sig = j->end.signal & 127;

	if (is_unshared(j)) {
		judge_unshared(j);
	} else if (sig != 0 && is_late) {
		slurm_note(j, "its shell was killed by signal %d", sig);
		slurm_finish(j, 128 + sig, sig);
	} else if (is_late) {
		slurm_note(j, "it left no result; Slurm says exit status %d",
		    j->end.status);
		slurm_finish(j, j->end.status != 0 ? j->end.status : 1, 0);
	}
}

/* The result says that a signal ended it; Slurm, whose. */
static void
judge_signalled(struct slurm_job *j)
{
	int i = j->told ? end_of_state(sv_of(j->end.state)) : -1;
	int sig = j->result.status - 128;

	if (i >= 0 && ends[i].verdict == VERDICT_ENDED) {
		slurm_note(j, "%s", ends[i].text);
		slurm_finish(j, 128 + ends[i].sig, ends[i].sig);
	} else if (i >= 0 && ends[i].verdict == VERDICT_LOST) {
		slurm_lost(j, ends[i].text);
	} else {
		slurm_finish(j, j->result.status, sig);
	}
}

static void
judge_told(struct slurm_job *j, int64_t waited_ns)
{
	int i = end_of_state(sv_of(j->end.state));
	bool is_late = waited_ns >= SLURM_LATE_NS;

	switch (ends[i].verdict) {
	case VERDICT_FAILED:
		judge_exit(j, is_late);
		break;
	case VERDICT_ENDED:
		if (!is_late)
			break;
		slurm_note(j, "%s", ends[i].text);
		slurm_finish(j, 128 + ends[i].sig, ends[i].sig);
		break;
	case VERDICT_LOST:
		if (is_late)
			slurm_lost(j, ends[i].text);
		break;
	case VERDICT_WAIT:
		if (waited_ns >= SLURM_LOST_NS)
			slurm_lost(j, "it ended and left no result");
		break;
	}
}

static void
judge_job(struct slurm_job *j)
{
	int64_t waited_ns = loop_now(j->x->base.loop) - j->left_ns;

	if (j->has_result && j->asked) {
		judge_signalled(j);
	} else if (!j->has_result && j->end_sig != 0) {
		slurm_files_revoke(j);
		slurm_finish(j, 128 + j->end_sig, j->end_sig);
	} else if (!j->asked) {
		if (!j->x->telling &&
		    loop_now(j->x->base.loop) >= j->next_question_ns)
			ask_controller(j);
	} else if (j->told) {
		judge_told(j, waited_ns);
	} else if (waited_ns >= SLURM_LOST_NS) {
		slurm_lost(j, "Slurm does not know it any more");
	}
}

void
slurm_judge_all(struct slurm *x)
{
	struct slurm_job *j, *next;

	for (j = x->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->state == SLURM_LEFT)
			judge_job(j);
	}
}
