/* SPDX-License-Identifier: MIT */
/* What a session writes down: rows while it goes on, a journal at its end. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "project/history.h"
#include "project/run_setup.h"
#include "session/session_internal.h"

enum {
	SESSIONS_KEPT = 200, /* rows, beyond the folders of `[logs] keep` */
};

/* ---- the database ---- */

static void
book_tell(struct session *s, enum db_fault fault, const struct err *e)
{
	const char *what = "the session is not written down";

	if (fault == DB_FINE || fault == DB_BUSY)
		return;
	if (fault == DB_DAMAGED)
		what = "the database of sessions is damaged and begins anew; "
		       "what there was is kept as sessions.db.damaged";
	tell_trouble(s, arena_printf(s->a, "%s: %s", what, e->message));
}

/* Nothing of a session that was killed goes on any more. */
static void
end_killed(struct session *s)
{
	struct state folders = sessions_folder(s->a, &s->p->state);
	session_rows all = { 0 };
	const struct session_row *r;

	if (!sessions_list(s->db, s->a, "", 0, &all))
		return;
	vec_each(&all, r) {
		if ((r->status != SESSION_RUNNING &&
			r->status != SESSION_PENDING) ||
		    state_run_is_live(s->a, &folders, r->id) ||
		    !sessions_begin(s->db))
			continue;
		session_interrupt(s->db, r->id, clock_real_ns());
		sessions_commit(s->db);
	}
}

static struct database *
book_open_path(struct session *s, enum db_fault *fault, struct err *e)
{
	return sessions_open(sessions_path(s->a, &s->p->state), true, fault, e);
}

void
book_open(struct session *s)
{
	struct err e cleanup_err = ERR_INIT;
	struct err ignored cleanup_err = ERR_INIT;
	enum db_fault fault = DB_FAILED;

	if (state_make(&s->p->state, &e))
		s->db = book_open_path(s, &fault, &e);
	book_tell(s, fault, &e);
	/* it was put aside */
	if (fault == DB_DAMAGED)
		s->db = book_open_path(s, &fault, &ignored);
	if (s->db != NULL)
		end_killed(s);
}

int64_t
book_expected(struct session *s, const struct execution_row *r)
{
	return s->db == NULL ? 0 : execution_expected(s->db, r);
}

static bool
write_dirty(struct session *s)
{
	const char *id = s->dir.id;

	if (!session_put(s->db, &s->row))
		return false;
	for (size_t i = s->n_written; i < s->tries.n; i++)
		if (!attempt_put(s->db, id, &s->tries.v[i]))
			return false;
	for (int i = 0; i < s->n; i++) {
		const struct test *t = &s->tests[i];

		if (t->is_dirty && (!execution_put(s->db, id, &t->row) ||
				       (t->try.attempt > 0 &&
					   !attempt_put(s->db, id, &t->try))))
			return false;
	}
	for (int i = 0; s->hands != NULL && i < s->most; i++)
		if (s->hands[i].is_dirty &&
		    !worker_put(s->db, id, &s->hands[i].row))
			return false;
	return true;
}

static bool
is_anything_dirty(const struct session *s)
{
	bool out = s->is_dirty;

	for (int i = 0; s->hands != NULL && i < s->most; i++)
		out |= s->hands[i].is_dirty;
	return out;
}

static void
all_is_clean(struct session *s)
{
	s->is_dirty = false;
	s->n_written = s->tries.n;
	for (int i = 0; i < s->n; i++)
		s->tests[i].is_dirty = false;
	for (int i = 0; s->hands != NULL && i < s->most; i++)
		s->hands[i].is_dirty = false;
}

/* One that is busy for long gets it with the next change. */
void
book_write(struct session *s)
{
	struct err e cleanup_err = ERR_INIT;

	if (s->db == NULL || !is_anything_dirty(s))
		return;
	if (sessions_begin(s->db)) {
		bool good = write_dirty(s);

		if (sessions_commit(s->db) && good)
			all_is_clean(s);
	}
	if (s->db->fault == DB_FINE || s->db->fault == DB_BUSY)
		return;
	book_tell(s, database_fault(s->db, &e), &e);
	database_close(s->db);
	s->db = NULL;
}

void
book_close(struct session *s)
{
	if (s->db != NULL && sessions_begin(s->db)) {
		sessions_prune(s->db, SESSIONS_KEPT);
		sessions_commit(s->db);
	}
	database_close(s->db);
	s->db = NULL;
}

/* ---- the journal: to all kinds of reports a session is a run, its tests are
 * calls, their tries are jobs ---- */

static int64_t
of_session(const struct session *s, int64_t at_ns)
{
	return at_ns > s->row.started_ns ? at_ns - s->row.started_ns : 0;
}

static const char *
log_of(const struct session *s, const struct attempt_row *r, const char *name)
{
	return arena_printf(s->a, "logs/%04d.%d-%s.log", r->number, r->attempt,
	    state_file_name(s->a, name));
}

static const char *
journal_status(const struct test *t)
{
	switch (t->row.status) {
	case SESSION_COMPLETED:
		return "passed";
	case SESSION_FAILED:
		return "failed";
	case SESSION_SKIPPED:
		return "not run";
	default:
		return "cancelled";
	}
}

static void
journal_tries(
    struct session *s, struct journal *j, struct test *t, unsigned *n_jobs)
{
	const struct attempt_row *r;

	vec_each(&s->tries, r) {
		struct journal_job job = { .call = (unsigned)t->row.number,
			.attempt = (unsigned)r->attempt,
			.pool = "",
			.executor = "",
			.start_ns = of_session(s, r->started_ns),
			.end_ns = of_session(s, r->completed_ns),
			.exit_status = r->exit_status,
			.log = log_of(s, r, t->row.name) };

		if (r->number != t->row.number)
			continue;
		job.id = ++*n_jobs;
		journal_add_job(j, JOURNAL_LINE_JOB, &job);
		journal_add_job(j, JOURNAL_LINE_JOB_END, &job);
	}
}

static void
journal_test(
    struct session *s, struct journal *j, struct test *t, unsigned *n_jobs)
{
	bool failed = t->row.status == SESSION_FAILED;
	struct journal_call c = { .id = (unsigned)t->row.number,
		.name = t->row.name,
		.task = t->row.task,
		.key = t->row.task,
		.vars = "",
		.start_ns = of_session(s, t->row.started_ns),
		.status = journal_status(t),
		.reason = failed ? "" : t->row.reason,
		.error = failed ? t->row.reason : "",
		.exit_status = t->row.exit_status,
		.log =
		    t->try.attempt > 0 ? log_of(s, &t->try, t->row.name) : "",
		.end_ns = of_session(s, t->row.completed_ns),
		.job_ns = t->work_ns,
		.jobs = (unsigned)t->queued->attempt,
		.attempts = (unsigned)t->queued->attempt,
		.node = t->row.worktree_id,
		.queue_name = "",
		.flaky = t->row.status == SESSION_COMPLETED &&
			 t->row.retry_count > 0,
		.is_phase = true };

	journal_add_call(j, JOURNAL_LINE_CALL, &c);
	journal_add_call(j, JOURNAL_LINE_START, &c);
	journal_tries(s, j, t, n_jobs);
	journal_add_call(j, JOURNAL_LINE_CALL_END, &c);
}

static void
journal_head(struct session *s, struct journal *j)
{
	struct project *p = s->p;
	struct journal_run r = { .format = JOURNAL_FORMAT,
		.id = s->dir.id,
		.version = PACKAGE_VERSION,
		.root = p->work_dir,
		.cwd = p->in->cwd,
		.home = "",
		.parent = "",
		.host = record_host_name(s->a),
		.machine = "",
		.head = s->row.head,
		.pid = getpid(),
		.at_ns = s->row.started_ns,
		.slots = (unsigned)s->most,
		.trace = "",
		.trace_outer = "" };

	for (size_t i = 1; i < p->in->argv.n; i++)
		vec_push(s->a, &r.argv, project_kept_word(p, p->in->argv.v[i]));
	for (int i = 0; i < s->n; i++)
		vec_push(s->a, &r.tasks, s->tests[i].row.name);
	journal_add_run(j, &r);
}

void
book_journal_begin(struct session *s)
{
	struct err e cleanup_err = ERR_INIT;

	s->journal = record_journal_new(s->p);
	if (journal_open(s->journal, s->dir.events, &e)) {
		journal_head(s, s->journal);
		journal_flush(s->journal);
		return;
	}
	tell_trouble(s, e.message);
	journal_close(s->journal, &e);
	s->journal = NULL;
}

void
book_journal_end(struct session *s)
{
	struct err e cleanup_err = ERR_INIT;
	struct journal_end end = {
		.end_ns = of_session(s, s->row.completed_ns),
		.exit_status = s->row.exit_status,
		.signal = s->signal,
		.verdict = session_state_word(s->row.status),
		.commit = "",
		.tree = "",
	};
	unsigned n_jobs = 0;

	if (s->journal == NULL)
		return;
	for (int i = 0; i < s->n; i++)
		journal_test(s, s->journal, &s->tests[i], &n_jobs);
	journal_add_end(s->journal, &end);
	if (!journal_close(s->journal, &e))
		tell_trouble(s, e.message);
	s->journal = NULL;
}
