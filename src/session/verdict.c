/* SPDX-License-Identifier: MIT */
/* What workers say of tests, and what that comes to. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "session/session_internal.h"
#include "store/journal.h"

void
test_given(struct session *s, struct test *t, struct hand *h)
{
	t->row.status = SESSION_RUNNING;
	t->row.worker_id = h->row.worker_id;
	t->row.retry_count = t->queued->attempt - 1;
	t->row.worktree_id = t->row.test_run_id = "";
	t->row.started_ns = clock_real_ns();
	t->try = (struct attempt_row){ .number = t->row.number,
		.attempt = t->queued->attempt,
		.worker_id = h->row.worker_id,
		.status = SESSION_RUNNING,
		.started_ns = t->row.started_ns,
		.exit_status = -1 };
	t->is_dirty = s->is_dirty = true;
}

void
test_has_tree(struct session *s, struct test *t, const struct talk *m)
{
	t->row.worktree_id = t->try.worktree_id = m->tree;
	t->row.started_ns = t->try.started_ns = clock_real_ns();
	t->is_dirty = s->is_dirty = true;
}

void
test_is_run(struct session *s, struct test *t, const char *id)
{
	t->row.test_run_id = t->try.test_run_id = id;
	t->row.started_ns = t->try.started_ns = clock_real_ns();
	t->is_dirty = s->is_dirty = true;
}

/* What the journal of its run says, where the test said nothing. */
static void
count_tasks(struct session *s, struct test *t)
{
	struct err ignored cleanup_err = ERR_INIT;
	const struct journal_call *c;
	struct journal_log log;
	const char *path =
	    state_run_path(s->a, &s->p->state, t->row.test_run_id, &ignored);

	if (path == NULL ||
	    !journal_read(s->a,
		path_join(s->a, sv_of(path), SV("events.jsonl")), &log,
		&ignored))
		return;
	t->row.tasks_passed = t->row.tasks_failed = 0;
	vec_each(&log.calls, c) {
		t->row.tasks_passed += strcmp(c->status, "passed") == 0 ||
				       strcmp(c->status, "up to date") == 0 ||
				       strcmp(c->status, "cached") == 0;
		t->row.tasks_failed += strcmp(c->status, "failed") == 0;
	}
}

static void
take_verdict(struct session *s, struct test *t, const struct talk *m)
{
	t->row.exit_status = t->try.exit_status = (int)m->exit_status;
	t->row.reason = t->try.reason = m->reason;
	t->row.worktree_path = m->path;
	t->merge = m->merge;
	if (*m->kept != '\0')
		t->row.kept = m->kept;
	if (*m->report != '\0')
		t->row.report_path =
		    path_join(s->a, sv_of(s->dir.path), sv_of(m->report));
	if (m->has_tasks) {
		t->row.tasks_passed = (int)m->tasks_passed;
		t->row.tasks_failed = (int)m->tasks_failed;
	} else if (*t->row.test_run_id != '\0') {
		count_tasks(s, t);
	}
	t->work_ns += m->test_ns;
}

static void
say_damage(struct session *s, struct test *t, const char *damage, bool sure)
{
	const char *reason = arena_printf(s->a,
	    sure ? "it changed the repository that all trees share: %s"
		 : "it or a test beside it changed the repository that all "
		   "trees share: %s",
	    damage);

	if (*t->row.reason != '\0')
		reason = arena_printf(s->a, "%s; %s", t->row.reason, reason);
	t->row.reason = t->try.reason = reason;
}

/* Who did that?  Whoever ran then may have.  One that is over already found all
 * as it was before when the other had put it back. */
static void
suspect_others(struct session *s, const struct test *t, const char *damage)
{
	for (int i = 0; i < s->n; i++) {
		struct test *o = &s->tests[i];

		if (o == t)
			continue;
		if (o->row.status == SESSION_RUNNING) {
			o->suspicion = damage;
		} else if (o->row.status == SESSION_COMPLETED &&
			   o->row.completed_ns > t->row.started_ns) {
			say_damage(s, o, damage, false);
			queue_again_alone(s->queue, o->queued, 0);
			o->row.status = o->queued->state;
			o->is_dirty = s->is_dirty = true;
			if (o->row.status == SESSION_PENDING)
				tell_again(s, o);
		}
	}
}

/* Was the repository that all trees share changed while it ran?  "" or how, and
 * *is_sure: it was alone. */
static const char *
damage_of(
    struct session *s, struct test *t, const struct talk *m, bool *is_sure)
{
	const char *damage = *m->damage != '\0' ? m->damage : t->suspicion;

	if (*m->damage != '\0' && !t->queued->is_alone)
		suspect_others(s, t, m->damage);
	t->suspicion = "";
	*is_sure = t->queued->is_alone || s->most == 1;
	return damage;
}

static void
judge_test(struct session *s, struct test *t, const struct talk *m)
{
	bool passed = m->passed != 0, is_sure = false;
	const char *damage = damage_of(s, t, m, &is_sure);

	if (*damage != '\0')
		say_damage(s, t, damage, is_sure);
	if (*damage != '\0' && !is_sure)
		queue_again_alone(s->queue, t->queued, m->test_ns);
	else
		queue_done(s->queue, t->queued, passed && *damage == '\0',
		    m->no_retry == 0 && *damage == '\0', m->test_ns);
	t->row.status = t->queued->state;
	t->try.status =
	    t->row.status == SESSION_PENDING ? SESSION_FAILED : t->row.status;
}

void
test_done(struct session *s, struct test *t, const struct talk *m)
{
	take_verdict(s, t, m);
	t->try.completed_ns = m->test_ns > 0
				  ? ns_add(t->try.started_ns, m->test_ns)
				  : clock_real_ns();
	t->row.completed_ns = t->try.completed_ns;
	judge_test(s, t, m);
	vec_push(s->a, &s->tries, t->try);
	t->is_dirty = s->is_dirty = true;
	if (*m->warning != '\0')
		tell_warning(s, t, m->warning);
	if (t->row.status == SESSION_PENDING)
		tell_again(s, t);
}
