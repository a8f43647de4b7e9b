/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "session/account.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "output/columns.h"
#include "session/cost.h"

/* Times below say nothing of a speed-up. */
#define NOTABLE_NS (100 * NS_PER_MS)

static int64_t
took_ns(int64_t from, int64_t to)
{
	return from > 0 && to > from ? to - from : 0;
}

/* ---- the table ---- */

static const char *
verdict_word(const struct execution_row *t)
{
	if (t->status == SESSION_COMPLETED)
		return t->retry_count > 0 ? "flaky" : "passed";
	if (t->status == SESSION_SKIPPED)
		return "not run";
	return session_state_word(t->status);
}

static enum color
verdict_color(const struct execution_row *t)
{
	switch (t->status) {
	case SESSION_COMPLETED:
		return t->retry_count > 0 ? COLOR_YELLOW : COLOR_GREEN;
	case SESSION_FAILED:
		return COLOR_RED;
	default:
		return COLOR_YELLOW;
	}
}

static const char *
or_dash(const char *text)
{
	return *text == '\0' ? "-" : text;
}

static int
tries_of(const struct account *c, const struct execution_row *t)
{
	const struct attempt_row *r;
	int n = 0;

	vec_each(c->tries, r)
		n += r->number == t->number;
	return n;
}

static int64_t
work_of(const struct account *c, const struct execution_row *t)
{
	const struct attempt_row *r;
	int64_t sum = 0;

	vec_each(c->tries, r)
		if (r->number == t->number)
			sum += took_ns(r->started_ns, r->completed_ns);
	return sum;
}

static void
account_add_row(const struct project *p, const struct account *c,
    const struct execution_row *t, struct sb *out)
{
	int64_t ns = took_ns(t->started_ns, t->completed_ns);
	struct cost_rate rate;

	columns_add_line(out, t->name);
	sb_addc(out, '\t');
	term_add(p->term, out, verdict_color(t), sv_of(verdict_word(t)));
	sb_printf(out, "\t%s\t%s\t%d\t%s", or_dash(t->worker_id),
	    or_dash(t->worktree_id), tries_of(c, t),
	    ns > 0 ? duration_short(p->a, ns) : "-");
	if (cost_rate_parse(p->a, c->session->rate, &rate))
		sb_printf(out, "\t%s", cost_text(p->a, &rate, work_of(c, t)));
	sb_addc(out, '\n');
}

static void
add_table(const struct project *p, const struct account *c, struct sb *out)
{
	struct sb rows cleanup_sb = SB_INIT;
	const struct execution_row *t;
	struct cost_rate rate;

	sb_printf(&rows, "test\tverdict\tworker\tworktree\ttries\ttime%s\n",
	    cost_rate_parse(p->a, c->session->rate, &rate) ? "\tcost" : "");
	vec_each(c->tests, t)
		account_add_row(p, c, t, &rows);
	columns_align(out, sb_sv(&rows), 2);
}

/* ---- failures ---- */

static void
add_path(struct sb *out, const char *what, const char *path)
{
	if (*path != '\0')
		sb_printf(out, "  %-9s %s\n", what, path);
}

static const char *
last_log(const struct project *p, const struct account *c,
    const struct execution_row *t)
{
	int tries = tries_of(c, t);

	if (*c->folder == '\0' || tries == 0)
		return "";
	return arena_printf(p->a, "%s/logs/%04d.%d-%s.log", c->folder,
	    t->number, tries, state_file_name(p->a, t->name));
}

static void
add_failure(const struct project *p, const struct account *c,
    const struct execution_row *t, struct sb *out)
{
	struct sb head cleanup_sb = SB_INIT;

	sb_printf(&head, "%s %s%s%s", t->name, verdict_word(t),
	    *t->reason != '\0' ? ": " : "", t->reason);
	sb_addc(out, '\n');
	term_add(p->term, out, verdict_color(t), sb_sv(&head));
	sb_addc(out, '\n');
	add_path(out, "log", last_log(p, c, t));
	add_path(out, "run", t->test_run_id);
	add_path(out, "report", t->report_path);
	add_path(out, "worktree", t->worktree_path);
	add_path(out, "commits", t->kept);
}

/* Why the tries before the last one failed; commits that a test left. */
static void
add_remark(const struct project *p, const struct account *c,
    const struct execution_row *t, struct sb *out)
{
	const struct attempt_row *r;

	if (t->retry_count > 0) {
		sb_printf(
		    out, "\n%s passed on try %d;", t->name, t->retry_count + 1);
		vec_each(c->tries, r)
			if (r->number == t->number &&
			    r->status != SESSION_COMPLETED)
				sb_printf(
				    out, " try %d: %s;", r->attempt, r->reason);
		out->n--;
		sb_addc(out, '\n');
	} else if (*t->kept != '\0') {
		sb_printf(out, "\n%s made commits\n", t->name);
	}
	if (*t->kept != '\0')
		add_path(out, "commits", t->kept);
	(void)p;
}

/* ---- totals ---- */

static void
add_count(struct sb *out, int n, const char *word)
{
	if (n > 0)
		sb_printf(out, ", %d %s", n, word);
}

static void
account_add_counts(const struct account *c, struct sb *out)
{
	int n[SESSION_SKIPPED + 1] = { 0 }, flaky = 0;
	const struct execution_row *t;

	vec_each(c->tests, t) {
		n[t->status]++;
		flaky += t->status == SESSION_COMPLETED && t->retry_count > 0;
	}
	sb_printf(out, "%zu test%s: %d passed", c->tests->n,
	    c->tests->n == 1 ? "" : "s", n[SESSION_COMPLETED]);
	if (flaky > 0)
		sb_printf(out, " (%d flaky)", flaky);
	add_count(out, n[SESSION_FAILED], "failed");
	add_count(out, n[SESSION_SKIPPED], "not run");
	add_count(out, n[SESSION_CANCELLED], "cancelled");
	add_count(out, n[SESSION_INTERRUPTED], "interrupted");
	add_count(out, n[SESSION_RUNNING], "running");
	add_count(out, n[SESSION_PENDING], "waiting");
}

static int64_t
sum_of_times(const struct account *c)
{
	const struct execution_row *t;
	int64_t sum = 0;

	vec_each(c->tests, t)
		sum += work_of(c, t);
	return sum;
}

/* The pool apart: it is there already the next time. */
static void
account_add_times(
    const struct project *p, const struct account *c, struct sb *out)
{
	const struct session_row *s = c->session;
	int64_t wall = took_ns(s->started_ns, s->completed_ns);
	int64_t sum = sum_of_times(c), tests = wall - s->pool_ns;
	struct cost_rate rate;

	if (wall == 0)
		return;
	sb_printf(out, "wall %s", duration_short(p->a, wall));
	if (s->pool_ns > 0 && tests > 0)
		sb_printf(out, " (work trees %s, tests %s)",
		    duration_short(p->a, s->pool_ns),
		    duration_short(p->a, tests));
	sb_printf(out, ", sum of the tests %s", duration_short(p->a, sum));
	if (tests > 0 && sum > NOTABLE_NS)
		sb_printf(out, ", %.1f times as fast as one by one",
		    (double)sum / (double)tests);
	if (cost_rate_parse(p->a, s->rate, &rate))
		sb_printf(out, ", cost %s", cost_text(p->a, &rate, sum));
	sb_addc(out, '\n');
}

static void
account_add_end(
    const struct project *p, const struct account *c, struct sb *out)
{
	const struct session_row *s = c->session;
	struct sb line cleanup_sb = SB_INIT;
	bool passed = s->status == SESSION_COMPLETED;

	sb_addc(out, '\n');
	account_add_times(p, c, out);
	sb_printf(&line, "session %s %s%s%s: ", s->id,
	    session_state_word(s->status), *s->reason != '\0' ? ", " : "",
	    s->reason);
	account_add_counts(c, &line);
	term_add(p->term, out, passed ? COLOR_GREEN : COLOR_RED, sb_sv(&line));
	sb_addc(out, '\n');
}

void
account_print(struct project *p, const struct account *c)
{
	struct sb out cleanup_sb = SB_INIT;
	const struct execution_row *t;

	add_table(p, c, &out);
	vec_each(c->tests, t)
		if (t->status == SESSION_COMPLETED)
			add_remark(p, c, t, &out);
	vec_each(c->tests, t)
		if (t->status == SESSION_FAILED || t->status == SESSION_SKIPPED)
			add_failure(p, c, t, &out);
	account_add_end(p, c, &out);
	term_say(p->term, STDOUT_FILENO, sb_sv(&out));
}

/* ---- --results ---- */

static bool
account_find(struct project *p, struct database *db, const char *id,
    struct session_row *out, struct err *e)
{
	session_rows all = { 0 };
	const struct session_row *r;
	int n = 0;

	if (!sessions_list(db, p->a, "", 0, &all)) {
		database_fault(db, e);
		return err_wrap(e, "prun: --results: ");
	}
	vec_each(&all, r) {
		bool is_last = strcmp(id, "last") == 0 && r == all.v;

		if (!is_last &&
		    (*id == '\0' || !sv_starts(sv_of(r->id), sv_of(id))))
			continue;
		*out = *r;
		n++;
	}
	if (n == 1)
		return true;
	return err_set(e, ERR_GENERIC,
	    n == 0 ? "prun: --results: there is no session %s"
		   : "prun: --results: more than one session begins with %s",
	    quote_go(p->a, sv_of(id)));
}

static struct database *
open_book(struct project *p, struct err *e)
{
	const char *path = sessions_path(p->a, &p->state);
	enum db_fault fault;
	struct database *db;

	if (access(path, F_OK) != 0) {
		err_set(e, ERR_GENERIC,
		    "prun: --results: no session is known here");
		return NULL;
	}
	db = sessions_open(path, false, &fault, e);
	if (db == NULL) {
		if (!err_is_set(e))
			err_set(e, ERR_GENERIC, "%s: busy", path);
		err_wrap(e, "prun: --results: ");
	}
	return db;
}

static const char *
account_folder(struct project *p, const struct state *folders, const char *id)
{
	struct err ignored cleanup_err = ERR_INIT;
	const char *path = state_run_path(p->a, folders, id, &ignored);

	return path == NULL ? "" : path;
}

/* Its coordinator was killed: nobody has said so yet. */
static void
interrupt_rows(struct session_row *s, execution_rows *tests)
{
	struct execution_row *t;

	if (s->status == SESSION_RUNNING || s->status == SESSION_PENDING)
		s->status = SESSION_INTERRUPTED;
	vec_each(tests, t)
		if (t->status == SESSION_RUNNING ||
		    t->status == SESSION_PENDING)
			t->status = SESSION_INTERRUPTED;
}

int
account_of(struct project *p, const char *id, struct err *e)
{
	struct database *db = open_book(p, e);
	struct state folders = sessions_folder(p->a, &p->state);
	struct session_row session;
	execution_rows tests = { 0 };
	attempt_rows tries = { 0 };
	struct account c = { &session, &tests, &tries, "" };
	bool good = db != NULL && account_find(p, db, id, &session, e) &&
		    executions_list(db, p->a, session.id, &tests) &&
		    attempts_list(db, p->a, session.id, 0, &tries);

	if (db != NULL && !good && !err_is_set(e))
		database_fault(db, e);
	database_close(db);
	if (!good)
		return 1;
	c.folder = account_folder(p, &folders, session.id);
	if (!state_run_is_live(p->a, &folders, session.id))
		interrupt_rows(&session, &tests);
	account_print(p, &c);
	return p->term->stdout_failed;
}
