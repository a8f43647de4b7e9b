/* SPDX-License-Identifier: MIT */
/* Running the named tasks, and how it ended. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "cli/gate.h"
#include "cli/run_setup.h"
#include "go/shellword.h"
#include "taskfile/source.h"

/* What a part of the end that is not a task says when it fails. */
static int
fail_after(struct app *app, struct err *e)
{
	term_print(&app->term, STDERR_FILENO, COLOR_RED, "%s\n", e->message);
	err_clear(e);
	return 1;
}

/* Output or logs that could not be written: never a good end (the reader of a
 * closed pipe has seen less than all). */
static int
check_output(struct app *app, struct run_setup *w)
{
	struct err e = ERR_INIT;
	int log_errno = output_log_errno(w->output);

	if (log_errno != 0)
		err_set(&e, ERR_GENERIC, "prun: the logs are not whole: %s",
		    errno_text(log_errno));
	else if (app->term.stdout_failed && app->term.stdout_errno != EPIPE)
		err_set(&e, ERR_GENERIC, "prun: write /dev/stdout: %s",
		    errno_text(app->term.stdout_errno));
	else
		return app->term.stdout_failed ? 1 : 0;
	return fail_after(app, &e);
}

static void
add_word(struct app *app, struct sb *b, const char *before, const char *word)
{
	sb_adds(b, before);
	sb_adds(b, shell_quote(app->a, sv_of(source_masked(app->a, word))));
}

/* The words that start such a run again, without its tasks. */
static const char *
rerun_words(struct app *app)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct options *o = &app->o;
	const char *const *word;

	add_word(app, &b, "", app->argv[0]);
	/* a gate's folder is gone by then */
	if (OPT_S(o, dir)[0] != '\0' && !app->in_hook)
		add_word(app, &b, " -d ", OPT_S(o, dir));
	if (OPT_S(o, taskfile)[0] != '\0')
		add_word(app, &b, " -t ", OPT_S(o, taskfile));
	vec_each(&o->words, word)
		if (strchr(*word, '=') != NULL)
			add_word(app, &b, " ", *word);
	return sb_take(&b, app->a).p;
}

/* What the tasks see as CLI_ARGS, in front of it the dashes; those of --push
 * are git's. */
static const char *
rerun_behind(struct app *app)
{
	struct sb b cleanup_sb = SB_INIT;
	const struct options *o = &app->o;
	const char *const *word;

	if (o->behind.n == 0 || OPT_B(o, push) || OPT_S(o, hook)[0] != '\0')
		return "";
	sb_adds(&b, "--");
	vec_each (&o->behind, word)
		add_word(app, &b, " ", *word);
	return sb_take(&b, app->a).p;
}

static const char *
scratch_folder(struct run_setup *w, struct err *e)
{
	char path[] = "/tmp/prun-commit-XXXXXX";

	if (w->dir.path[0] != '\0')
		return w->dir.path;
	if (mkdtemp(path) != NULL)
		return arena_strdup(w->app->a, path);
	err_sys(e, errno, "mkdtemp %s", path);
	return NULL;
}

static int
commit(struct run_setup *w, const struct run_result *r)
{
	struct err e = ERR_INIT, none cleanup_err = ERR_INIT;
	const char *scratch;
	bool ok;

	run_commit_by_children(w->app, &w->commit, w->owes_path);
	scratch = scratch_folder(w, &e);
	ok = scratch != NULL &&
	     run_commit_after(w->app, &w->commit, r, w->dir.id, scratch, &e);
	if (scratch != NULL && scratch != w->dir.path)
		remove_all(scratch, &none);
	return ok ? 0 : fail_after(w->app, &e);
}

/* Where the Taskfile asks for what cannot be; a command that failed has said
 * enough. */
static void
cmd_run_add_place(struct err *e, const struct run_result *r)
{
	if (e->place != NULL || e->status >= 0 || e->code == ERR_TASK_FAILED ||
	    e->code == ERR_TIMEOUT || e->code == ERR_CANCELLED)
		return;
	for (size_t i = 0; i < r->n; i++) {
		const struct run_call *c = r->calls[i];

		if (c->outcome != OUTCOME_FAILED || c->cause != NULL)
			continue;
		if (c->task == NULL && c->parent != NULL)
			c = c->parent;
		if (c->task != NULL && c->task->at.line > 0)
			err_place(e, "%s:%d:%d", c->task->at.taskfile,
			    c->task->at.line, c->task->at.column);
		return;
	}
}

/* The tree that a receipt is for where nothing differs from it now: that of
 * before the run; after a commit the one that the readers saw (P-708). */
static const char *
attested_tree(const struct run_setup *w)
{
	if (w->app->push_later && w->commit.commit_id[0] != '\0')
		return tree_seen_id(&w->tree_seen);
	return w->tree;
}

static int
cmd_run_finish(struct run_setup *w)
{
	struct app *app = w->app;
	const struct run_result *r = run_get_result(w->run);
	const char *verdict = output_verdict(app->a, r);
	struct err e cleanup_err = ERR_INIT;
	int status = 0, after;

	if (err_is_set(&r->err)) {
		err_copy(&e, &r->err);
		cmd_run_add_place(&e, r);
		status = app_fail(app, &e,
		    r->err_call ? r->err_call->called_name : NULL);
	}
	if (r->signal > 0)
		status = 128 + r->signal;
	/* what a nested run came to is for the outermost to tell */
	if (w->outer == NULL)
		output_summary(
		    w->output, r, rerun_words(app), rerun_behind(app));
	after = check_output(app, w);
	if (status == 0)
		status = after;
	if (status == 0) {
		status = commit(w, r);
		if (status != 0)
			verdict = "prun: FAILED: the commit or the push";
	}
	if (status == 0 && !r->disturbed && !r->narrowed)
		receipt_leave(app, attested_tree(w), &w->calls, w->dir.id);
	record_end(w, r, status, w->commit.commit_id);
	if (verdict != NULL && !app->compat && w->outer == NULL &&
	    (r->n > 1 || w->commit.possible))
		term_print(&app->term, STDERR_FILENO, COLOR_RED, "%s\n",
		    verdict);
	return status;
}

/* watch_next: watched tasks come after them. */
static int
run_calls(struct app *app, const call_vec *calls, bool watch_next)
{
	struct err e cleanup_err = ERR_INIT;
	struct run_setup w;
	int status;

	if (!setup_open(app, calls, &w, &e))
		return app_fail(app, &e, NULL);
	if (OPT_B(&app->o, status)) {
		status = run_status(w.run, calls->v, calls->n, &e)
		    ? 0 : app_fail(app, &e, NULL);
	} else {
		run_loop(w.run, calls->v, calls->n);
		status = cmd_run_finish(&w);
	}
	if (status == 0 && watch_next)
		watch_expect_signals();
	setup_leave(&w, status);
	setup_close(&w);
	return status;
}

/* C-400: which of the named tasks are to be watched. */
static void
divide(struct app *app, const call_vec *calls, call_vec *once,
    call_vec *watched)
{
	const struct call *c;

	vec_each(calls, c) {
		struct err ignored cleanup_err = ERR_INIT;
		struct match m;
		bool watch = !OPT_B(&app->o, status) && (OPT_B(&app->o, watch) ||
			(task_find(app->a, &app->compiler, c->task, &m,
			     &ignored) && m.task->watch));

		vec_push(app->a, watch ? watched : once, *c);
	}
}

int
cmd_run(struct app *app)
{
	struct err e cleanup_err = ERR_INIT;
	call_vec calls, once = { 0 }, watched = { 0 };
	int status = 0;

	if (!app_calls(app, &calls, &e))
		return app_fail(app, &e, NULL);
	divide(app, &calls, &once, &watched);
	if (once.n > 0)
		status = run_calls(app, &once, watched.n > 0);
	if (status != 0 || watched.n == 0)
		return status;
	return cmd_watch(app, &watched);
}
