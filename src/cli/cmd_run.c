/* SPDX-License-Identifier: MIT */
/* Running the named tasks, and how it ended. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "cli/cli.h"
#include "advice/keys.h"
#include "gate/receipt.h"
#include "go/shellword.h"
#include "project/detach.h"
#include "project/history_record.h"
#include "project/run_setup.h"
#include "taskfile/source.h"
#include "watch/watch.h"

/* What a part of the end that is not a task says when it fails. */
static int
fail_after(const struct cli *c, struct err *e)
{
	term_print(c->term, STDERR_FILENO, COLOR_RED, "%s\n", e->message);
	err_clear(e);
	return 1;
}

/* Output or logs that could not be written: never a good end (the reader of a
 * closed pipe has seen less than all). */
static int
check_output(const struct cli *c, const struct run_setup *w)
{
	struct err e = ERR_INIT;
	int log_errno = output_log_errno(w->output);

	if (log_errno != 0)
		err_set(&e, ERR_GENERIC, "prun: the logs are not whole: %s",
		    errno_text(log_errno));
	else if (c->term->stdout_failed && c->term->stdout_errno != EPIPE)
		err_set(&e, ERR_GENERIC, "prun: write /dev/stdout: %s",
		    errno_text(c->term->stdout_errno));
	else
		return c->term->stdout_failed ? 1 : 0;
	return fail_after(c, &e);
}

static void
add_word(const struct cli *c, struct sb *b, const char *before, const char *word)
{
	sb_adds(b, before);
	sb_adds(b, shell_quote(c->a, sv_of(source_masked(c->a, word))));
}

/* The command that runs again what failed, from the folder of now; NULL where
 * the run has left nothing to know it by. */
static const char *
rerun_command(const struct cli *c, const struct run_setup *w)
{
	struct sb b cleanup_sb = SB_INIT;

	if (w->journal == NULL || w->dir.path[0] == '\0')
		return NULL;
	sb_adds(&b, "prun");
	/* a hook's are those of a folder that is gone by then */
	if (*c->s->dir != '\0' && !c->s->in_hook)
		add_word(c, &b, " -d ", c->s->dir);
	if (*c->s->taskfile != '\0' && !c->s->in_hook)
		add_word(c, &b, " -t ", c->s->taskfile);
	sb_adds(&b, " --failed");
	return sb_take(&b, c->a).p;
}

static const char *
scratch_folder(struct run_setup *w, struct err *e)
{
	char path[] = "/tmp/prun-commit-XXXXXX";

	if (w->dir.path[0] != '\0')
		return w->dir.path;
	if (mkdtemp(path) != NULL)
		return arena_strdup(w->p->a, path);
	err_sys(e, errno, "mkdtemp %s", path);
	return NULL;
}

static int
commit(const struct cli *c, struct run_setup *w, const struct run_result *r)
{
	struct err e = ERR_INIT, none cleanup_err = ERR_INIT;
	const char *scratch;
	bool ok;

	run_commit_by_children(w->p, &w->commit, w->owes_path);
	scratch = scratch_folder(w, &e);
	ok = scratch != NULL &&
	     run_commit_after(w->p, &w->commit, r, w->dir.id, scratch, &e);
	if (scratch != NULL && scratch != w->dir.path)
		remove_all(scratch, &none);
	return ok ? 0 : fail_after(c, &e);
}

/* Of the first call that failed by itself. */
static void
cmd_run_add_place(
    const struct cli *c, struct err *e, const struct run_result *r)
{
	const struct location *at = NULL;
	const struct run_call *call;

	for (size_t i = 0; i < r->n && at == NULL; i++) {
		call = r->calls[i];
		if (call->outcome == OUTCOME_FAILED && call->cause == NULL)
			at = run_call_fault(call);
	}
	if (e->place == NULL && at != NULL)
		err_place(e, "%s", location_text(c->a, at));
}

/* The tree that a receipt is for where nothing differs from it now: that of
 * before the run; after a commit the one that the readers saw (P-708). */
static struct attested
attested_tree(const struct run_setup *w)
{
	if (w->q->push_later && w->commit.commit_id[0] != '\0')
		return (struct attested){ tree_seen_id(&w->tree_seen),
			&w->tree_seen.still, true };
	return (struct attested){ w->tree, &w->still, false };
}

/* Forced, narrowed, dry or half runs attest nothing; words behind `--` may
 * narrow what the tasks do. */
static bool
is_whole(const struct cli *c, const struct project *p)
{
	const struct settings *s = p->s;
	const struct options *o = &c->o;

	return !s->force && !s->force_all && !s->dry && !OPT_B(o, status) &&
	       p->changed == NULL && !s->watch && !s->no_receipt &&
	       !OPT_B(o, failed) && (o->behind.n == 0 || OPT_B(o, push));
}

static bool
wants_receipt(const struct cli *c, const struct project *p)
{
	if (p->s->is_compat || p->s->no_receipt)
		return false;
	return p->s->in_hook || OPT_B(&c->o, push) || receipt_is_wanted(p);
}

/* The summary says it once, where there is one: no chain of go-task's, and no
 * annotation beside its own. */
static int
fail_run(const struct cli *c, const struct run_setup *w,
    const struct run_result *r, struct err *e)
{
	const char *task = r->err_call ? r->err_call->called_name : NULL;
	bool has_summary = w->outer == NULL;

	if (!has_summary || !output_annotates(w->output, r))
		cli_annotate(c, e, task);
	if (!has_summary || !output_tells_failure(w->output, r)) {
		cmd_run_add_place(c, e, r);
		cli_tell(c, e);
	}
	return cli_status(c, e);
}

/* Each that failed and has a quarantine: it goes on, or it is over. */
static void
tell_quarantined(const struct cli *c, const struct run_result *r)
{
	for (size_t i = 0; i < r->n && !c->s->is_compat; i++) {
		const struct run_call *call = r->calls[i];

		if (call->task == NULL ||
		    call->task->rare->quarantine.last_day == 0 ||
		    call->twin != NULL || call->outcome != OUTCOME_FAILED ||
		    call->cause != NULL)
			continue;
		term_print(c->term, STDERR_FILENO, COLOR_YELLOW,
		    call->quarantined
			? "prun: %s failed, which does not count until %s "
			  "(%s): %s\n"
			: "prun: %s failed, and its quarantine until %s is "
			  "over (%s): %s\n",
		    call->name, call->task->rare->quarantine.until,
		    call->task->rare->quarantine.owner, call->err.message);
	}
}

static int
cmd_run_finish(const struct cli *c, struct run_setup *w)
{
	const struct run_result *r = run_get_result(w->run);
	const char *behind = NULL, *verdict;
	struct err e cleanup_err = ERR_INIT;
	struct attested attested;
	int status = 0, after;
	bool is_told = false;

	if (err_is_set(&r->err)) {
		err_copy(&e, &r->err);
		status = fail_run(c, w, r, &e);
	}
	if (r->signal > 0)
		status = 128 + r->signal;
	/* what a nested run came to is for the outermost to tell */
	if (w->outer == NULL) {
		detach_summary();
		output_summary(w->output, r, rerun_command(c, w));
	}
	after = check_output(c, w);
	if (status == 0 && after != 0) {
		status = after; /* and that is told */
		is_told = true;
		behind = "its output";
	}
	if (status == 0) {
		status = commit(c, w, r);
		if (status != 0)
			behind = "the commit or the push";
	}
	tell_quarantined(c, r);
	attested = attested_tree(w);
	if (status == 0 && !r->disturbed && !r->narrowed && is_whole(c, w->p))
		receipt_leave(w->p, &attested, &w->q->calls, w->dir.id);
	verdict = output_verdict(c->a, r, behind);
	record_end(w, r, status, verdict, w->commit.commit_id);
	history_record(w, r);
	if (status != 0 && !is_told && !c->s->is_compat && w->outer == NULL &&
	    (r->n > 1 || w->commit.possible))
		term_print(c->term, STDERR_FILENO, COLOR_RED,
		    "prun: %s in %s\n", verdict,
		    duration_short(c->a, r->end_ns - r->start_ns));
	return status;
}

/* watch_next: watched tasks come after them. */
static struct run_outcome
run_calls(const struct cli *c, struct project *p, const struct run_request *q,
    bool watch_next)
{
	const call_vec *calls = &q->calls;
	struct err e cleanup_err = ERR_INIT;
	struct run_outcome out = { 0 };
	report_wishes reports = { 0 };
	struct run_setup w;
	int missing;

	if (!cli_reports(c, p, &reports, &e)) {
		out.status = cli_fail(c, &e, NULL);
		return out;
	}
	if (!run_setup_open(p, q, &w, &e)) {
		out.status = cli_fail(c, &e, NULL);
		return out;
	}
	if (q->only_status) {
		out.status = run_status(w.run, calls->v, calls->n, &e)
				 ? 0
				 : cli_fail(c, &e, NULL);
	} else {
		run_loop(w.run, calls->v, calls->n);
		out.status = cmd_run_finish(c, &w);
	}
	out.left_to_outer = w.commit.left_to_outer;
	if (out.status == 0 && watch_next)
		watch_expect_signals();
	run_setup_leave(&w, out.status);
	run_setup_close(&w);
	missing = q->only_status || p->s->dry
		      ? 0
		      : cli_make_reports(c, p, w.dir.id, w.dir.path, &reports);
	if (out.status == 0)
		out.status = missing;
	return out;
}

/* C-400: which of the named tasks are to be watched. */
static void
divide(const struct cli *c, struct project *p, const call_vec *calls,
    call_vec *once, call_vec *watched)
{
	const struct call *call;

	vec_each(calls, call) {
		struct err ignored cleanup_err = ERR_INIT;
		struct match m;
		bool watch = !OPT_B(&c->o, status) &&
			     (p->s->watch ||
				 (task_find(p->a, &p->compiler, call->task, &m,
				      &ignored) &&
				     m.task->watch));

		vec_push(c->a, watch ? watched : once, *call);
	}
}

struct run_reports {
	const struct cli *c;
	report_wishes wishes;
};

/* Each run of a watch has reports of its own, in place of the last one's. */
static void
report_watched(void *ctx, struct project *p, const char *id, const char *dir)
{
	struct run_reports *r = ctx;

	if (!p->s->dry)
		cli_make_reports(r->c, p, id, dir, &r->wishes);
}

static bool
run_watched(const struct cli *c, struct project *p, const call_vec *watched)
{
	struct run_reports reports = { .c = c };
	const struct watch_after after = { report_watched, &reports };
	struct err e cleanup_err = ERR_INIT;

	if (!cli_reports(c, p, &reports.wishes, &e)) {
		cli_fail(c, &e, NULL);
		return false;
	}
	return watch_run(p, watched, OPT_I(&c->o, interval), &after);
}

struct run_outcome
cmd_run_named(const struct cli *c, struct project *p, bool push_later)
{
	struct run_request q = {
		.only_status = OPT_B(&c->o, status),
		.push_later = push_later,
	};
	struct err e cleanup_err = ERR_INIT;
	call_vec calls, watched = { 0 };
	struct run_outcome out = { 0 };

	if (!cli_calls(c, p, &calls, &e)) {
		out.status = cli_fail(c, &e, NULL);
		return out;
	}
	keys_warn(p);
	divide(c, p, &calls, &q.calls, &watched);
	q.wants_tree = wants_receipt(c, p);
	if (q.calls.n > 0)
		out = run_calls(c, p, &q, watched.n > 0);
	if (out.status == 0 && watched.n > 0 && !run_watched(c, p, &watched))
		out.status = 1;
	return out;
}

int
cmd_run(const struct cli *c, struct project *p)
{
	return cmd_run_named(c, p, false).status;
}
