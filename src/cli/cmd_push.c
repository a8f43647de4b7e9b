/* SPDX-License-Identifier: MIT */
/* --push: check, commit where one is owed, push (P-708). */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "cli/gate.h"
#include "cli/run_commit.h"
#include "vcs/commit.h"

static int
not_pushed(struct app *app, const char *why)
{
	static const char head[] = "prun: ", refused[] = "push refused: ";
	sv line, rest;

	/* the last line is one line, and says who refuses itself */
	sv_cut(sv_trim(sv_of(why)), '\n', &line, &rest);
	if (sv_starts(line, sv_of(head)))
		line = sv_sub(line, sizeof(head) - 1, SIZE_MAX);
	if (sv_starts(line, sv_of(refused)))
		line = sv_sub(line, sizeof(refused) - 1, SIZE_MAX);
	term_print(&app->term, STDERR_FILENO, COLOR_RED, "not pushed: %.*s\n",
	    SV_ARG(line));
	return 1;
}

static bool
name_tasks(struct app *app, struct err *e)
{
	string_vec tasks = { 0 };

	if (app->named.n > 0)
		return true;
	if (!gate_default_tasks(app, "pre-push", &tasks, e))
		return false;
	vec_push(app->a, &app->named, ((struct call){ .task = tasks.v[0] }));
	return true;
}

/* The variables of the command line are for the check as well. */
static void
open_push_gate(struct app *app, const struct git *git, struct gate *g)
{
	const char **word;

	*g = (struct gate){ .app = app, .git = *git, .hook = "push",
		.config = config_hook(&app->cfg, "pre-push"), .range = "" };
	for (size_t i = 0; i < app->named.n; i++)
		vec_push(app->a, &g->tasks, app->named.v[i].task);
	vec_each(&app->o.words, word)
		if (strchr(*word, '=') != NULL)
			vec_push(app->a, &g->assignments, *word);
}

static bool
is_rehearsal(const string_vec *words)
{
	for (size_t i = 0; i < words->n; i++)
		if (strcmp(words->v[i], "--dry-run") == 0 ||
		    strcmp(words->v[i], "-n") == 0)
			return true;
	return false;
}

static int
push_now(struct app *app, const struct git *git)
{
	struct err e cleanup_err = ERR_INIT;
	struct push_result pushed;
	const char *branch = "";
	string_vec words = app->o.behind;
	bool rehearsal = is_rehearsal(&words);
	sv text;

	if (git_try(git, GIT_WORDS("symbolic-ref", "-q", "--short", "HEAD"),
		&text) == 0)
		branch = sv_cstr(app->a, sv_trim(text));
	vec_push(app->a, &words, NULL);
	if (!commit_push(git, words.v, branch, &pushed, &e))
		return not_pushed(app, arena_printf(app->a,
		    "%s; repeat it with: git push", e.message));
	if (rehearsal || !pushed.changed) {
		not_pushed(app, rehearsal ? "it was a dry run"
					  : "the remote has it all");
		return 0;
	}
	term_print(&app->term, STDERR_FILENO, COLOR_GREEN,
	    "pushed %.10s..%.10s\n", pushed.old_id, pushed.new_id);
	return 0;
}

/*
 * The tasks here, with the one commit when they owe one; then the gate on what
 * HEAD is now, which a receipt answers when the run was on exactly that; then
 * git push, whose own hook finds the receipt (P-708).
 */
int
cmd_push(struct app *app)
{
	struct err e cleanup_err = ERR_INIT;
	const char *head;
	struct git git;
	struct gate g;
	int ended;

	if (strcmp(OPT_S(&app->o, taskfile), "-") == 0)
		return not_pushed(app, "the check needs the Taskfile as a file, "
		    "not on standard input");
	if (!git_open(app->a, app->work_dir, &git, &e) || !name_tasks(app, &e))
		return not_pushed(app, e.message);
	if (run_commit_is_foreseen(app, &app->named)) {
		app->push_later = true;
		ended = cmd_run(app);
		if (ended != 0) {
			not_pushed(app, "the tasks, or the commit, failed");
			return ended;
		}
		if (app->commit_is_outer)
			return not_pushed(app, "the commit is not there yet, "
			    "the run that started this one makes it");
	}
	open_push_gate(app, &git, &g);
	if (!git_line(&git, GIT_WORDS("rev-parse", "-q", "--verify", "HEAD"),
		&head, &e))
		return not_pushed(app, "there is no commit yet");
	if (!gate_check(&g, head, &e)) {
		not_pushed(app, e.message);
		return g.signal != 0 ? 128 + g.signal : 1;
	}
	return push_now(app, &git);
}
