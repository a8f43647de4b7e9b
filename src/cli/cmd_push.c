/* SPDX-License-Identifier: MIT */
/* --push: check, commit where one is owed, push (P-708). */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/real_path.h"
#include "cli/cli.h"
#include "gate/pushed.h"
#include "project/run_commit.h"
#include "vcs/commit.h"
#include "vcs/push_guard.h"

static int
not_pushed(const struct cli *c, const char *why)
{
	static const char head[] = "prun: ", refused[] = "push refused: ";
	sv line, rest;

	/* the last line is one line, and says who refuses itself */
	sv_cut(sv_trim(sv_of(why)), '\n', &line, &rest);
	if (sv_starts(line, sv_of(head)))
		line = sv_sub(line, sizeof(head) - 1, SIZE_MAX);
	if (sv_starts(line, sv_of(refused)))
		line = sv_sub(line, sizeof(refused) - 1, SIZE_MAX);
	term_print(c->term, STDERR_FILENO, COLOR_RED, "not pushed: %.*s\n",
	    SV_ARG(line));
	return 1;
}

static bool
name_tasks(struct project *p, struct err *e)
{
	string_vec tasks = { 0 };

	if (p->named.n > 0)
		return true;
	if (!gate_default_tasks(p, "pre-push", &tasks, e))
		return false;
	vec_push(p->a, &p->named, ((struct call){ .task = tasks.v[0] }));
	return true;
}

/* The variables of the command line are for the check as well. */
static void
open_push_gate(const struct cli *c, struct project *p, const struct git *git,
    struct gate *g)
{
	const char **word;

	*g = (struct gate){ .p = p, .git = *git, .hook = "push",
		.config = config_hook(&p->config, "pre-push"), .range = "" };
	for (size_t i = 0; i < p->named.n; i++)
		vec_push(c->a, &g->tasks, p->named.v[i].task);
	vec_each(&c->o.words, word)
		if (strchr(*word, '=') != NULL)
			vec_push(c->a, &g->typed, *word);
	g->assignments = g->typed;
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

/* Another commit than the one that was checked was there to be pushed. */
static const char *
what_moved(
    const struct cli *c, const struct push_guard *guard, const char *head)
{
	const char *ref = push_guard_moved(guard);
	sv text;

	if (ref == NULL)
		return NULL;
	if (!git_try(guard->git, GIT_WORDS("rev-parse", "HEAD"), &text) ||
	    !sv_is(sv_trim(text), head))
		return "HEAD moved";
	return arena_printf(c->a, "%s moved", ref);
}

static void
show_push(const struct cli *c, const char *text)
{
	if (text != NULL && *text != '\0')
		term_print(c->term, STDERR_FILENO, COLOR_DEFAULT, "%s", text);
}

static int
push_now(const struct cli *c, struct push_guard *guard, const char *head)
{
	struct err e cleanup_err = ERR_INIT;
	struct push_result pushed;
	const char *branch = "", *moved;
	bool rehearsal = is_rehearsal(guard->words), on_branch;
	string_vec words;
	struct git git;
	sv text;

	if (!git_ask(guard->git,
		GIT_WORDS("symbolic-ref", "-q", "--short", "HEAD"), &on_branch,
		&text, &e))
		return not_pushed(c, e.message);
	if (on_branch)
		branch = sv_cstr(c->a, sv_trim(text));
	if (!push_guard_close(guard, &git, &words, &e))
		return not_pushed(c, e.message);
	vec_push(c->a, &words, NULL);
	if (!commit_push(&git, words.v, branch, &pushed, &e)) {
		show_push(c, pushed.shown);
		moved = what_moved(c, guard, head);
		return not_pushed(
		    c, moved ? moved
			     : arena_printf(c->a,
				   "%s; repeat it with: git push", e.message));
	}
	show_push(c, pushed.shown);
	if (rehearsal || !pushed.changed) {
		not_pushed(c,
		    rehearsal ? "it was a dry run" : "the remote has it all");
		return 0;
	}
	term_print(c->term, STDERR_FILENO, COLOR_GREEN,
	    "pushed %.10s..%.10s\n", pushed.old_id, pushed.new_id);
	return 0;
}

/* HEAD as a whole, then what else is pushed, as in the hook. */
static bool
check_all_pushed(struct gate *g, const struct push_guard *guard,
    const char *head, struct err *e)
{
	struct pushed others = { .remote = guard->remote, .url = guard->url };
	const struct push_ref *r;

	if (!gate_check(g, head, e))
		return false;
	vec_each (&guard->refs, r)
		if (strcmp(r->local_id, head) != 0)
			vec_push(g->p->a, &others.refs, *r);
	return gate_check_pushed(g, &others, e);
}

static int
check_and_push(const struct cli *c, struct gate *g, const char *head)
{
	struct err e cleanup_err = ERR_INIT;
	struct worktrees trees = { .git = &g->git,
		.folder =
		    path_real(c->a, state_path(c->a, &g->p->state, "gate")) };
	struct push_guard guard = { .git = &g->git,
		.words = &c->o.behind,
		.folder = worktrees_path(&trees, "push") };
	int status;

	if (!push_guard_open(&guard, &e)) {
		show_push(c, guard.shown);
		status = not_pushed(
		    c, arena_printf(
			   c->a, "%s; repeat it with: git push", e.message));
	} else if (!check_all_pushed(g, &guard, head, &e)) {
		not_pushed(c, e.message);
		status = g->signal != 0 ? 128 + g->signal : 1;
	} else {
		status = push_now(c, &guard, head);
	}
	push_guard_free(&guard);
	worktrees_close(&trees);
	return status;
}

/*
 * The tasks here, with the one commit when they owe one; then the gate on what
 * HEAD is now, which a receipt answers when the run was on exactly that, and on
 * what else is pushed; then git push, whose own hook finds the receipt (P-708).
 */
int
cmd_push(const struct cli *c, struct project *p)
{
	struct err e cleanup_err = ERR_INIT;
	const char *head;
	struct git git;
	struct gate g;
	struct run_outcome ended;

	if (strcmp(c->s->taskfile, "-") == 0)
		return not_pushed(c, "the check needs the Taskfile as a file, "
		    "not on standard input");
	if (!project_git(p, p->work_dir, &git, &e) || !name_tasks(p, &e))
		return not_pushed(c, e.message);
	if (run_commit_is_foreseen(p, &p->named)) {
		ended = cmd_run_named(c, p, true);
		if (ended.status != 0) {
			not_pushed(c, "the tasks, or the commit, failed");
			return ended.status;
		}
		if (ended.left_to_outer)
			return not_pushed(c, "the commit is not there yet, "
			    "the run that started this one makes it");
	}
	open_push_gate(c, p, &git, &g);
	if (!git_line(&git, GIT_WORDS("rev-parse", "-q", "--verify", "HEAD"),
		&head, &e))
		return not_pushed(c, "there is no commit yet");
	return check_and_push(c, &g, head);
}
