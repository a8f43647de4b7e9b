/* SPDX-License-Identifier: MIT */
/* A session from the request to its verdict. */
#include "config.h"

#include "session/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/lock.h"
#include "base/path.h"
#include "project/cluster.h"
#include "project/detach.h"
#include "session/account.h"
#include "session/session_internal.h"

enum {
	LOOK_MS = 1000,    /* between two looks at the machine */
	GRACE_S = 10,      /* where nobody says another */
	AFTER_GRACE_S = 5, /* for git and to say goodbye, behind the grace */
};

/* What the queue decides by itself: skipped, cancelled. */
static void
follow_queue(struct session *s)
{
	for (int i = 0; i < s->n; i++) {
		struct test *t = &s->tests[i];

		if (t->row.status == t->queued->state)
			continue;
		t->row.status = t->queued->state;
		if (t->row.status == SESSION_SKIPPED)
			t->row.reason = t->queued->reason;
		t->row.completed_ns = clock_real_ns();
		t->is_dirty = s->is_dirty = true;
	}
}

static void
count_verdicts(struct session *s)
{
	struct queue_counts n = queue_count(s->queue);

	s->row.tests_passed = n.completed;
	s->row.tests_failed = n.failed + n.skipped;
}

/* ---- signals, and the machine ---- */

static void
on_kill(void *arg)
{
	struct session *s = arg;

	s->kill = NULL;
	s->is_killing = true;
}

/* The first one lets tests end what they do within the grace, the second one
 * does not. */
static void
on_session_signal(void *arg, int sig)
{
	struct session *s = arg;

	if (s->signal != 0) {
		s->is_killing = true;
		return;
	}
	s->signal = sig;
	queue_cancel(s->queue);
	crew_cancel(s);
	tell_signal(s);
	s->kill = loop_timer(
	    s->l, ns_add(s->grace_ns, AFTER_GRACE_S * NS_PER_S), on_kill, s);
}

static void
on_look_at_machine(void *arg)
{
	struct session *s = arg;
	struct queue_counts n = queue_count(s->queue);

	machine_read(&s->machine);
	s->wanted = queue_workers(&n, s->wanted, s->most, &s->machine);
	s->look = loop_timer(s->l, LOOK_MS * NS_PER_MS, on_look_at_machine, s);
}

/* As many as the machine has room for at once. */
static void
choose_workers(struct session *s)
{
	struct queue_counts n = queue_count(s->queue);
	int more;

	s->wanted = s->most;
	if (!s->is_auto)
		return;
	machine_read(&s->machine);
	s->wanted = 1;
	while ((more = queue_workers(&n, s->wanted, s->most, &s->machine)) >
	       s->wanted)
		s->wanted = more;
	s->look = loop_timer(s->l, LOOK_MS * NS_PER_MS, on_look_at_machine, s);
}

/* ---- before ---- */

static const char *
pool_dir(const struct session *s)
{
	const char *said = CFG_S(&s->p->config, worktrees, dir);

	if (*said == '\0')
		return pool_default_dir(&s->git);
	return path_resolve(s->a, sv_of(s->p->repo_dir), sv_of(said));
}

static bool
open_git(struct session *s, struct err *e)
{
	struct project *p = s->p;
	const char *head;

	if (p->work_dir == NULL || !project_git(p, p->work_dir, &s->git, e))
		return err_wrap(e, "prun: --worktrees needs a git "
				   "repository: ");
	if (!git_line(&s->git,
		GIT_WORDS("rev-parse", "-q", "--verify", "HEAD^{commit}"),
		&head, e)) {
		err_clear(e);
		return err_set(e, ERR_GENERIC,
		    "prun: --worktrees: there is no commit yet to test");
	}
	s->row.head = head;
	s->git.own_group = true;
	s->pool = (struct pool){ .git = &s->git,
		.dir = pool_dir(s),
		.commit = head,
		.say = tell_note,
		.ctx = s };
	return true;
}

static int64_t
setting_or(int64_t asked, int64_t said)
{
	return asked > 0 ? asked : said;
}

/* What the request and prun.ini say. */
static void
decide_limits(struct session *s)
{
	const struct config *c = &s->p->config;
	int64_t most = setting_or(s->q->workers, CFG_I(c, worktrees, workers));
	int64_t grace = CFG_I(c, run, grace);

	s->is_auto = most == JOBS_AUTO && s->q->workers <= 0;
	if (most == JOBS_AUTO || most == JOBS_MAX || most <= 0)
		most = cores_usable();
	s->most = most < s->n ? (int)most : s->n;
	s->grace_ns =
	    *CFG_S(c, run, grace) != '\0' ? grace : GRACE_S * NS_PER_S;
	s->row.num_workers = s->most;
	s->row.max_retries = s->q->retries >= 0
				 ? s->q->retries
				 : (int)CFG_I(c, worktrees, retries);
	s->row.timeout_ns =
	    setting_or(s->q->timeout_ns, CFG_I(c, worktrees, timeout));
	s->pool.size = s->most;
}

static void
make_test_row(struct session *s, int i)
{
	const struct session_test *asked = &s->q->tests.v[i];
	struct test *t = &s->tests[i];

	t->asked = asked;
	t->merge = t->suspicion = "";
	t->row = (struct execution_row){ .number = i + 1,
		.name = asked->name,
		.task = asked->task,
		.plan_file = asked->plan_file,
		.batch_range = asked->batch_range,
		.vars = request_vars(s->a, s->q, asked),
		.priority = asked->priority,
		.status = SESSION_PENDING,
		.test_run_id = "",
		.worktree_id = "",
		.worker_id = "",
		.queued_ns = clock_real_ns(),
		.exit_status = -1,
		.reason = "",
		.tasks_passed = -1,
		.tasks_failed = -1,
		.report_path = "",
		.worktree_path = "",
		.kept = "" };
	t->row.expected_ns = book_expected(s, &t->row);
	t->is_dirty = true;
}

static bool
fill_queue(struct session *s, struct err *e)
{
	const struct config *c = &s->p->config;
	struct queue_options o = {
		.max_waiting = (int)CFG_I(c, worktrees, max_queue),
		.retries = s->row.max_retries,
		.budget_ns = s->q->budget_ns,
	};

	queue_order_parse(CFG_S(c, worktrees, order), &o.order);
	s->queue = queue_new(s->a, &o);
	for (int i = 0; i < s->n; i++) {
		const struct session_test *asked = &s->q->tests.v[i];
		struct queue_test q = { .priority = asked->priority };

		make_test_row(s, i);
		q.name = asked->name;
		q.expected_ns = s->tests[i].row.expected_ns;
		for (size_t k = 0; k < asked->mutexes.n; k++)
			vec_push(s->a, &q.mutexes, asked->mutexes.v[k]);
		for (size_t k = 0; k < asked->needs.n; k++)
			vec_push(s->a, &q.needs, asked->needs.v[k]);
		if (!queue_add(s->queue, &q, e))
			return false;
		s->tests[i].queued = queue_at(s->queue, i);
		s->row.expected_ns += q.expected_ns;
	}
	return true;
}

/* What workers have to say that is no answer: a crash, say. */
static bool
open_errors(struct session *s, struct err *e)
{
	const char *path =
	    path_join(s->a, sv_of(s->dir.path), SV("workers.log"));

	s->err_fd =
	    open_own(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	return s->err_fd >= 0 || err_sys(e, errno, "open %s", path);
}

static bool
open_folder_of(struct session *s, struct err *e)
{
	struct state folders = sessions_folder(s->a, &s->p->state);

	if (!run_dir_new(s->a, &folders, clock_real_ns(), &s->dir, e))
		return err_wrap(e, "prun: a session needs its folder: ");
	s->row.id = s->pool.session = s->dir.id;
	s->row.status = SESSION_RUNNING;
	s->row.started_ns = clock_real_ns();
	s->row.tests_total = s->n;
	s->row.root = s->p->repo_dir;
	s->row.exit_status = -1;
	s->row.pid = getpid();
	s->row.reason = "";
	s->row.rate = CFG_S(&s->p->config, worktrees, rate);
	return open_errors(s, e);
}

static bool
begin_session(struct session *s, struct err *e)
{
	s->n = (int)s->q->tests.n;
	s->tests = arena_alloc(s->a, (size_t)s->n * sizeof(*s->tests));
	if (!open_git(s, e))
		return false;
	decide_limits(s);
	book_open(s);
	if (!fill_queue(s, e) || !open_folder_of(s, e))
		return false;
	s->is_dirty = true;
	book_write(s);
	book_journal_begin(s);
	/* whoever hears the id may ask for it at once */
	return detach_ready(s->dir.id, s->dir.path, e);
}

/* ---- the whole ---- */

static void
session_loop(struct session *s)
{
	struct live *live;

	crew_open(s);
	choose_workers(s);
	live = live_open(s);
	while (crew_step(s)) {
		follow_queue(s);
		count_verdicts(s);
		book_write(s);
		tell_verdicts(s);
		live_show(live);
		if (s->is_killing || !loop_turn(s->l))
			break;
	}
	live_close(live);
	crew_close(s);
	if (s->is_killing)
		queue_cancel(s->queue);
	follow_queue(s);
	count_verdicts(s);
	tell_verdicts(s);
	loop_timer_stop(s->l, &s->kill);
	loop_timer_stop(s->l, &s->look);
}

static int
verdict_of_session(struct session *s)
{
	if (s->signal != 0) {
		s->row.status = SESSION_CANCELLED;
		s->row.reason = arena_printf(s->a, "signal %d", s->signal);
		return 128 + s->signal;
	}
	if (s->fault != NULL) {
		s->row.status = SESSION_FAILED;
		s->row.reason = s->fault;
		return err_exit_status(ERR_GENERIC);
	}
	if (s->row.tests_passed == s->row.tests_total) {
		s->row.status = SESSION_COMPLETED;
		return 0;
	}
	s->row.status = SESSION_FAILED;
	return err_exit_status(ERR_TASK_FAILED);
}

static void
session_report(struct session *s)
{
	execution_rows tests = { 0 };
	struct account c = { .session = &s->row,
		.tests = &tests,
		.tries = &s->tries,
		.folder = s->dir.path };

	for (int i = 0; i < s->n; i++)
		vec_push(s->a, &tests, s->tests[i].row);
	detach_summary();
	account_print(s->p, &c);
}

static int
session_end(struct session *s)
{
	struct err e cleanup_err = ERR_INIT;
	int status;

	if (s->q->merges)
		session_merge(s);
	status = verdict_of_session(s);
	if (s->fault != NULL)
		tell_fault(s);
	if (CFG_B(&s->p->config, worktrees, cleanup) &&
	    !pool_remove(&s->pool, false, &e))
		tell_trouble(s, e.message);
	s->row.exit_status = status;
	s->row.completed_ns = clock_real_ns();
	s->is_dirty = true;
	book_write(s);
	book_journal_end(s);
	session_report(s);
	return status;
}

static void
close_session(struct session *s)
{
	struct state folders = sessions_folder(s->a, &s->p->state);
	const struct config *c = &s->p->config;

	book_close(s);
	if (s->err_fd > 0)
		close(s->err_fd);
	if (s->l != NULL)
		loop_free(s->l);
	if (*s->dir.path == '\0')
		return;
	run_dir_close(&s->dir);
	state_prune(s->a, &folders, (size_t)CFG_I(c, logs, keep),
	    (uint64_t)CFG_I(c, logs, max_size), s->dir.id);
}

bool
session_run(struct project *p, const struct session_request *q,
    struct session_outcome *out, int *status, struct err *e)
{
	struct session s = { .p = p,
		.q = q,
		.a = p->a,
		.dir = RUN_DIR_INIT,
		.machine = MACHINE_INIT,
		.start_ns = clock_mono_ns() };
	bool good = begin_session(&s, e);

	if (good) {
		s.l = loop_new();
		loop_on_signal(s.l, on_session_signal, &s);
		tell_begin(&s);
		if (!cluster_jobs_open(&s, e)) {
			s.fault = arena_strdup(s.a, e->message);
			err_clear(e);
		}
		cluster_end_left(p, s.cluster);
		if (!pool_recover(&s.pool, e)) {
			tell_trouble(&s, e->message);
			err_clear(e);
		}
		session_loop(&s);
		cluster_jobs_close(&s);
		*status = session_end(&s);
	}
	*out = (struct session_outcome){ s.dir.id, s.dir.path };
	close_session(&s);
	return good;
}

bool
session_show_pool(struct project *p, bool cleans, struct err *e)
{
	struct session s = { .p = p, .a = p->a };
	struct sb out cleanup_sb = SB_INIT;
	bool good;

	if (!open_git(&s, e))
		return false;
	s.pool.session = run_id_text(p->a, clock_real_ns());
	s.pool.say = NULL;
	s.pool.size = 1;
	good = !cleans || pool_clean(&s.pool, &out, e);
	if (!cleans)
		pool_show(&s.pool, clock_real_ns(), &out);
	term_say(p->term, STDOUT_FILENO, sb_sv(&out));
	return good;
}
