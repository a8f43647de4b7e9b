/* SPDX-License-Identifier: MIT */
/*
 * What has become of the jobs.  Their own files are looked at often and cost the
 * cluster nothing: one folder is listed anew each time, since a network file
 * system remembers what was not there.  Slurm is asked for all jobs at once, and
 * the longer nothing changes the less.
 */
#include "exec/slurm_job.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

#define TICK_LEAST_NS (100 * NS_PER_MS)
#define TICK_MOST_NS NS_PER_S
/* After that a submission that was not answered has come in, or never will. */
#define UNSURE_NS (15 * NS_PER_S)

/* Results ------------------------------------------------------------------ */

static struct slurm_job *
job_of_file(const struct slurm *x, unsigned number, unsigned attempt)
{
	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		if (j->number == number)
			return j->attempt == attempt ? j : NULL;
	return NULL;
}

static bool
read_mark(struct arena *a, const struct slurm *x, const char *file, sv *out)
{
	struct err ignored cleanup_err = ERR_INIT;

	return read_file(
	    a, arena_printf(a, "%s/done/%s", x->dir, file), out, &ignored);
}

static void
job_runs(struct slurm_job *j)
{
	j->running = true;
	j->running_ns = loop_now(j->x->base.loop);
	if (j->spec.running != NULL)
		j->spec.running(j->spec.arg);
}

/* Where the mark is torn it is looked at again. */
static bool
saw_start(struct arena *a, struct slurm_job *j, const char *file)
{
	sv text, node;

	if (j->running || !read_mark(a, j->x, file, &text) ||
	    !sv_ends(text, SV(" .\n")))
		return false;
	node = sv_sub(text, 0, text.n - 3);
	snprintf(j->end.node, sizeof(j->end.node), "%.*s", SV_ARG(node));
	job_runs(j);
	return true;
}

static bool
saw_result(struct arena *a, struct slurm_job *j, const char *file)
{
	sv text;

	if (j->has_result || !read_mark(a, j->x, file, &text) ||
	    !slurm_result_read(text, &j->result))
		return false;
	if (!j->running && !j->result.is_revoked)
		job_runs(j);
	j->has_result = true;
	j->result_ns = loop_now(j->x->base.loop);
	return true;
}

static bool
saw_file(struct arena *a, struct slurm *x, const char *file)
{
	unsigned number, attempt;
	struct slurm_job *j;
	char kind[16];

	if (sscanf(file, "%u.%u.%15s", &number, &attempt, kind) != 3)
		return false;
	j = job_of_file(x, number, attempt);
	if (j == NULL || j->state == SLURM_LOCAL)
		return false;
	if (strcmp(kind, "start") == 0)
		return saw_start(a, j, file);
	return strcmp(kind, "result") == 0 && saw_result(a, j, file);
}

static bool
look_at_marks(struct slurm *x)
{
	struct arena *a cleanup_arena = arena_new();
	DIR *d cleanup_dir = opendir(arena_printf(a, "%s/done", x->dir));
	const struct dirent *file;
	bool is_new = false;

	while (d != NULL && (file = readdir(d)) != NULL)
		is_new = saw_file(a, x, file->d_name) || is_new;
	return is_new;
}

/* Of what the command died, as far as a shell's status can tell. */
static int
signal_of_status(int status)
{
	static const int fatal[] = { 4, 6, 7, 8, 9, 11, 15, 0 };

	for (const int *s = fatal; *s != 0; s++)
		if (status == 128 + *s)
			return *s;
	return 0;
}

/* Its output may come later than its result. */
static void
settle(struct slurm_job *j)
{
	int64_t now = loop_now(j->x->base.loop);
	bool is_whole = !j->running || slurm_log_read(j);

	if (!j->has_result)
		return;
	if (j->result.is_revoked) {
		slurm_lost(j, "it was told not to run");
		return;
	}
	if (!is_whole && (j->held || now < j->result_ns + SLURM_LATE_NS))
		return;
	/* a signal that prun did not send: did Slurm? */
	if (j->result.status > 128 && j->end_sig == 0) {
		j->state = SLURM_LEFT;
		return;
	}
	slurm_finish(j, j->result.status, signal_of_status(j->result.status));
}

static void
settle_all(struct slurm *x)
{
	struct slurm_job *j, *next;

	for (j = x->jobs; j != NULL; j = next) {
		next = j->next;
		if (j->state != SLURM_LOCAL)
			settle(j);
	}
	slurm_judge_all(x);
}

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
		if (j->end_sig != 0 && j->signalled)
			return true;
	return false;
}

static void
on_slurm_tick(void *arg)
{
	struct slurm *x = arg;

	x->tick = NULL;
	if (look_at_marks(x))
		x->tick_ns = TICK_LEAST_NS;
	else if (x->tick_ns < TICK_MOST_NS)
		x->tick_ns += x->tick_ns / 4;
	slurm_cancel(x);
	settle_all(x);
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

/* What Slurm says ---------------------------------------------------------- */

void
slurm_away(struct slurm *x, bool is_away)
{
	if (is_away == x->is_away)
		return;
	x->is_away = is_away;
	slurm_say(x, is_away ? "Slurm's controller does not answer; it is "
			       "waited for"
			     : "Slurm's controller answers again");
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

			if (!sv_is(comment, own) ||
			    (element >= 0 && element != j->element))
				continue;
			j->state = SLURM_SUBMITTED;
			j->id = id;
			j->element = element;
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
 * anew; the other one will find that it was revoked. */
static void
submit_again(struct slurm_job *j)
{
	if (j->running) {
		j->state = SLURM_SUBMITTED;
		return;
	}
	slurm_files_revoke(j);
	j->x->may_be_left = true;
	j->attempt++;
	j->element = -1;
	j->state = SLURM_QUEUED;
	slurm_stir(j->x);
}

static void
read_squeue(struct slurm *x, sv text)
{
	sv line;

	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next)
		j->seen = false;
	while (text.n > 0) {
		if (!sv_cut(text, '\n', &line, &text)) {
			line = text;
			text.n = 0;
		}
		read_squeue_line(x, line);
	}
	/* an empty answer is a job's end only for those it could have named */
	for (struct slurm_job *j = x->jobs; j != NULL; j = j->next) {
		if (j->seen)
			continue;
		if (j->state == SLURM_UNSURE &&
		    x->poll_begun_ns > j->left_ns + UNSURE_NS)
			submit_again(j);
		else if (j->submitted_ns < x->poll_begun_ns && j->id != 0)
			left_queue(j);
	}
}

static void
on_squeue(void *arg, const struct slurm_ask *q)
{
	struct slurm *x = arg;

	x->polling = false;
	if (q->status == 0) {
		slurm_away(x, false);
		look_at_marks(x);
		read_squeue(x, sb_sv(&q->out));
		settle_all(x);
	} else {
		slurm_away(x, true);
	}
	if (is_ending(x))
		x->wait_ns = NS_PER_S;
	else if (x->wait_ns < x->o.poll_ns)
		x->wait_ns = x->o.poll_ns;
	else if (x->wait_ns < SLURM_POLL_MOST_NS)
		x->wait_ns += x->wait_ns / 4;
	slurm_watch(x);
}

static void
on_poll(void *arg)
{
	struct slurm *x = arg;
	const char *const argv[] = { "squeue", "--me", "-h", "-r", "-t", "all",
		"-n", x->name, "-o", "%i|%k|%T|%r", NULL };

	x->poll = NULL;
	x->polling = true;
	x->poll_begun_ns = loop_now(x->base.loop);
	slurm_ask(x, argv, on_squeue, x);
}
