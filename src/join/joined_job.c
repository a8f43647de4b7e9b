/* SPDX-License-Identifier: MIT */
/*
 * A job whose process is over, while calls that its script made are not: its
 * command stays open until they are.  A script need not even wait for its links
 * to come this far.
 */
#include "join/internal.h"

/* How long a link that the script did not wait for may take to reach the run
 * when the script is over. */
#define LATE_NS      (NS_PER_S / 2)
#define LATE_LOOK_NS (10 * NS_PER_MS)

/* Its links do not come any more. */
static void
late_forget(struct control *k, struct joined_job *j)
{
	struct joined_job **p = &k->late;

	loop_timer_stop(k->loop, &j->late);
	j->group = 0;
	while (*p != NULL && *p != j)
		p = &(*p)->late_next;
	if (*p != NULL)
		*p = j->late_next;
}

static void
job_let_go(struct control *k, struct joined_job *j)
{
	late_forget(k, j);
	j->is_held = false;
	command_finish(j->cm);
}

/* Links are processes of the job's group; one that is connected is waited for
 * by its call. */
static bool
may_come(const struct control *k, const struct joined_job *j)
{
	return loop_now(k->loop) < j->late_until_ns &&
	       executor_group_has(j->cm->executor, j->group, 0);
}

struct late_look {
	struct control *k;
	struct joined_job *j;
};

static void
on_late(void *arg)
{
	struct late_look *look = arg;
	struct control *k = look->k;
	struct joined_job *j = look->j;

	/* not NULL while it hears, so that nothing finishes the job meanwhile
	 */
	control_hear(k);
	j->late = NULL;
	if (may_come(k, j))
		j->late = loop_timer(k->loop, LATE_LOOK_NS, on_late, look);
	else if (j->open_calls == 0)
		job_let_go(k, j);
}

/* A script is over that did not wait for all of its links. */
static bool
wait_for_late(struct control *k, struct joined_job *j)
{
	struct command *cm = j->cm;
	struct late_look *look;

	if (cm->job == NULL || !j->has_links || cm->signalled)
		return false;
	j->group = executor_group(cm->executor, cm->job);
	j->late_until_ns = loop_now(k->loop) + LATE_NS;
	if (!may_come(k, j))
		return false;
	j->late_next = k->late;
	k->late = j;
	look = arena_new_of(command_arena(cm), struct late_look);
	*look = (struct late_look){ k, j };
	j->late = loop_timer(k->loop, LATE_LOOK_NS, on_late, look);
	return true;
}

bool
joined_job_holds(struct control *k, struct joined_job *j)
{
	j->is_held = wait_for_late(k, j) || j->open_calls > 0;
	return j->is_held;
}

void
joined_job_call_begins(struct control *k, struct joined_job *j)
{
	if (j->open_calls++ == 0)
		j->calls_since_ns = loop_now(k->loop);
}

void
joined_job_call_over(struct control *k, struct joined_job *j)
{
	struct command *cm = j->cm;

	j->open_calls--;
	/* how much of the job's time it had calls under way */
	if (j->open_calls == 0 && cm->job != NULL)
		cm->record->calls_ns += loop_now(k->loop) - j->calls_since_ns;
	if (j->is_held && j->open_calls == 0 && j->late == NULL)
		job_let_go(k, j);
	else if (run_get_config(k->r)->serial)
		script_call_next(k, cm);
}
