/* SPDX-License-Identifier: MIT */
/*
 * What has become of the jobs: their own files are looked at often; Slurm is
 * asked for all jobs at once, and the longer nothing changes the less.
 */
#include "exec/slurm_job.h"

#include <stdlib.h>

#define TICK_LEAST_NS (100 * NS_PER_MS)
#define TICK_MOST_NS  NS_PER_S
/* After that a submission that was not answered has come in, or never will. */
#define UNSURE_NS (15 * NS_PER_S)

/* Time --------------------------------------------------------------------- */

static bool
has_work(const struct slurm *x)
{
	for (const struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		if (j->state != SLURM_LOCAL)
			return true;
	return false;
}

static bool
is_ending(const struct slurm *x)
{
	for (const struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		if (j->end_sig != 0 && (j->signalled || j->unqueued))
			return true;
	return false;
}

static void
on_slurm_tick(void *arg)
{
	struct slurm *x = arg;

	x->tick = NULL;
	if (slurm_marks_look(x))
		x->tick_ns = TICK_LEAST_NS;
	else if (x->tick_ns < TICK_MOST_NS)
		x->tick_ns += x->tick_ns / 4;
	slurm_cancel(x);
	slurm_marks_settle(x);
	slurm_watch(x);
}

static void on_poll(void *arg);

void
slurm_watch(struct slurm *x)
{
	struct loop *l = x->base.loop;

	if (!has_work(x)) {
		loop_timer_stop(l, &x->tick);
		loop_timer_stop(l, &x->poll);
		x->tick_ns = x->wait_ns = 0;
		return;
	}
	if (x->tick_ns == 0)
		x->tick_ns = TICK_LEAST_NS;
	if (x->wait_ns == 0)
		x->wait_ns = x->o.poll_ns;
	if (x->tick == NULL)
		x->tick = loop_timer(l, x->tick_ns, on_slurm_tick, x);
	if (x->poll == NULL && !x->polling)
		x->poll = loop_timer(l, x->wait_ns, on_poll, x);
}

void
slurm_watch_sooner(struct slurm *x)
{
	x->wait_ns = NS_PER_S / 2;
	x->tick_ns = TICK_LEAST_NS;
	loop_timer_stop(x->base.loop, &x->poll);
	slurm_watch(x);
}

void
slurm_watch_afresh(struct slurm *x)
{
	if (x->wait_ns > x->o.poll_ns) {
		x->wait_ns = x->o.poll_ns;
		loop_timer_stop(x->base.loop, &x->poll);
	}
	x->tick_ns = TICK_LEAST_NS;
	slurm_watch(x);
}

/* What Slurm says ---------------------------------------------------------- */

void
slurm_away(struct slurm *x, bool is_away)
{
	if (is_away == x->is_away)
		return;
	x->is_away = is_away;
	if (is_away && !x->told_away)
		slurm_say(x, "Slurm's controller does not answer; it is waited "
			     "for");
	x->told_away = true;
	if (!is_away)
		slurm_stir(x);
}

/* "12", "12_3": false where it is neither. */
static bool
read_id(sv text, int64_t *id, int *element)
{
	struct arena *a cleanup_arena = arena_new();
	char *end, *line = sv_cstr(a, text);

	*id = strtoll(line, &end, 10);
	*element = -1;
	if (end == line || *id <= 0)
		return false;
	if (*end == '_')
		*element = (int)strtol(end + 1, &end, 10);
	return *end == '\0';
}

static struct slurm_job *
job_of_line(const struct slurm *x, sv id_text, sv comment)
{
	int64_t id;
	int element;

	if (!read_id(id_text, &id, &element))
		return NULL;
	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next) {
		if (j->state == SLURM_UNSURE) {
			char *own cleanup_free = xasprintf("b%u", j->batch);

			if (j->place != x->own || !sv_is(comment, own) ||
			    (element >= 0 && element != j->element))
				continue;
			j->state = SLURM_SUBMITTED;
			j->id = id;
			j->element = element;
			slurm_orphan_note(j);
			return j;
		}
		if (j->id == id && j->element == element)
			return j;
	}
	return NULL;
}

static void
left_queue(struct slurm_job *j)
{
	if (j->state != SLURM_SUBMITTED)
		return;
	j->state = SLURM_LEFT;
	j->left_ns = loop_now(j->x->base.loop);
}

/* Does it wait for more than its turn?  Said once: it may wait for ever. */
static void
tell_reason(const struct slurm_job *j, sv reason)
{
	static const char *const usual[] = { "", "None", "Priority",
		"Resources", "BeginTime", NULL };
	struct sb id cleanup_sb = SB_INIT;

	if (j->x->told_reason)
		return;
	for (const char *const *u = usual; *u != NULL; u++)
		if (sv_is(reason, *u))
			return;
	j->x->told_reason = true;
	slurm_say(j->x, "Slurm job %s waits in the queue: %.*s",
	    slurm_id_text(j, &id), SV_ARG(reason));
}

/* NUMBER|COMMENT|STATE|REASON */
static void
read_squeue_line(struct slurm *x, sv line)
{
	sv id, comment, state, reason;
	struct slurm_job *j;

	if (!sv_cut(line, '|', &id, &line) ||
	    !sv_cut(line, '|', &comment, &line) ||
	    !sv_cut(line, '|', &state, &reason))
		return;
	j = job_of_line(x, id, comment);
	if (j == NULL)
		return;
	j->seen = true;
	if (slurm_state_is_end(state))
		left_queue(j);
	else if (sv_is(state, "PENDING"))
		tell_reason(j, reason);
}

/* A submission that was not answered and is not in the queue by now is done
 * anew, unless it has begun; the other one will find that it was revoked. */
static void
submit_again(struct slurm_job *j)
{
	if (!j->running) {
		slurm_files_revoke(j);
		slurm_marks_look(j->x);
	}
	if (!j->running && !j->has_result) {
		j->x->may_be_left = true;
		slurm_again(j);
	} else if (loop_now(j->x->base.loop) > j->left_ns + SLURM_LOST_NS) {
		slurm_lost(j, "it left no result");
	}
}

/* An empty answer is a job's end only for those it could have named. */
static void
read_missing(struct slurm_job *j)
{
	const struct slurm *x = j->x;

	if (j->state == SLURM_UNSURE) {
		if (x->poll_begun_ns > j->left_ns + UNSURE_NS)
			submit_again(j);
	} else if (j->submitted_ns < x->poll_begun_ns && j->id != 0) {
		left_queue(j);
	}
}

static void
read_squeue(struct slurm *x, sv text)
{
	struct slurm_job *j, *next;
	sv line;

	for (j = x->jobs; j != NULL; j = j->next)
		j->seen = false;
	while (text.n > 0) {
		sv_cut(text, '\n', &line, &text);
		read_squeue_line(x, line);
	}
	for (j = x->jobs; j != NULL; j = next) {
		next = j->next;
		if (!j->seen)
			read_missing(j);
	}
}

static void
on_squeue(void *arg, const struct slurm_ask *q)
{
	struct slurm *x = arg;

	x->polling = false;
	if (q->status == 0) {
		slurm_away(x, false);
		slurm_marks_look(x);
		read_squeue(x, sb_sv(&q->out));
		slurm_marks_settle(x);
	} else {
		slurm_away(x, true);
	}
	/* what it could not tell is not waited for the longer */
	if (x->is_away)
		x->wait_ns = x->o.poll_ns;
	else if (is_ending(x))
		x->wait_ns = NS_PER_S;
	else if (x->wait_ns < x->o.poll_ns)
		x->wait_ns = x->o.poll_ns;
	else if (x->wait_ns < SLURM_POLL_MOST_NS)
		x->wait_ns += x->wait_ns / 4;
	slurm_watch(x);
}

static const char *
names_of_all(struct arena *a, const struct slurm *x)
{
	struct sb out cleanup_sb = SB_INIT;

	for (struct slurm_place *p = x->places; p != NULL; p = p->next)
		sb_printf(&out, "%s%s", out.n > 0 ? "," : "", p->name);
	return arena_strdup(a, sb_cstr(&out));
}

static void
on_poll(void *arg)
{
	struct slurm *x = arg;
	struct arena *a cleanup_arena = arena_new();
	const char *const argv[] = { "squeue", "--me", "-h", "-r", "-t", "all",
		"-n", names_of_all(a, x), "-o", "%i|%k|%T|%r", NULL };

	x->poll = NULL;
	x->polling = true;
	x->poll_begun_ns = loop_now(x->base.loop);
	slurm_ask(x, argv, on_squeue, x);
}
