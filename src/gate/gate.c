/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "gate/gate.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "base/real_path.h"
#include "exec/capture.h"
#include "gate/receipt.h"
#include "plan/plan.h"
#include "store/receipts.h"

static void
gate_say(struct gate *g, const char *text)
{
	term_print(g->p->term, STDERR_FILENO, COLOR_DEFAULT, "prun: %s\n",
	    text);
}

void
gate_assign(struct gate *g, const char *name, const char *text)
{
	vec_push(g->p->a, &g->assignments,
	    arena_printf(g->p->a, "%s=%s", name, text));
}

static bool
is_written(const struct project *p, const char *name)
{
	struct err none cleanup_err = ERR_INIT;
	struct match m;

	return task_find(p->a, &p->compiler, name, &m, &none) &&
	    !m.task->internal;
}

bool
gate_default_tasks(struct project *p, const char *hook, string_vec *out,
    struct err *e)
{
	const char *const names[] = { hook, "qa-parallel", "qa" };
	bool is_gate = strncmp(hook, "pre-", 4) == 0;

	for (size_t i = 0; i < (is_gate ? 3 : 1); i++) {
		if (!is_written(p, names[i]))
			continue;
		vec_push(p->a, out, names[i]);
		return true;
	}
	if (is_gate && CFG_B(&p->config, features, derived_tasks) &&
	    derive_task(p->a, p->taskfile, "qa-parallel") != NULL) {
		vec_push(p->a, out, "qa-parallel");
		return true;
	}
	return err_set(e, ERR_TASK_NOT_FOUND, "prun: %s has nothing to run: "
	    "write a task %s%s", hook, hook,
	    is_gate ? ", qa-parallel or qa" : "");
}

/* Is the tree of this work tree just what the commit holds? */
static bool
is_in_place(struct gate *g, const char *commit)
{
	struct err none cleanup_err = ERR_INIT;
	change_vec changes;
	const char *head;

	return git_status(&g->git, &changes, &none) && changes.n == 0 &&
	    !git_hides_changes(&g->git) &&
	    git_line(&g->git, GIT_WORDS("rev-parse", "HEAD"), &head, &none) &&
	    strcmp(head, commit) == 0;
}

/* The Taskfile that was named: the same one of the tree that is checked. */
static const char *
taskfile_in(struct gate *g, const char *top)
{
	const char *path = path_real_place(g->p->a, g->p->s->taskfile);
	size_t n = strlen(g->git.top);

	if (strncmp(path, g->git.top, n) != 0 || path[n] != '/')
		return path;
	return path_join(g->p->a, sv_of(top), sv_of(path + n + 1));
}

/* A tree that is being checked. */
struct place {
	const char *top; /* of the work tree */
	const char *dir; /* of the Taskfile */
	bool is_fresh;	 /* a work tree of the gate's own */
};

/* Its words. */
static const char *const *
child_argv(struct gate *g, const struct place *at, const string_vec *tasks,
    bool is_check)
{
	const struct project *p = g->p;
	struct arena *a = p->a;
	string_vec argv = { 0 };

	vec_push(a, &argv, p->program);
	if (*p->s->taskfile != '\0') {
		vec_push(a, &argv, "-t");
		vec_push(a, &argv, taskfile_in(g, at->top));
	} else {
		vec_push(a, &argv, "-d");
		vec_push(a, &argv, at->dir);
	}
	if (is_check && g->config.only_changed && *g->range != '\0')
		vec_push(a, &argv, arena_printf(a, "--changed=%s", g->range));
	if (!is_check || p->s->no_receipt)
		vec_push(a, &argv, "--no-receipt");
	for (size_t i = 0; i < tasks->n; i++)
		vec_push(a, &argv, tasks->v[i]);
	for (size_t i = 0; i < g->assignments.n; i++)
		vec_push(a, &argv, g->assignments.v[i]);
	vec_push(a, &argv, NULL);
	return argv.v;
}

/* What it is told: the gate's own words replace those of the runs around. */
static char **
child_environment(
    struct gate *g, const struct place *at, const char *owes)
{
	const struct project *p = g->p;
	const struct protocol *outer = &p->in->outer;
	struct protocol told = {
		.level = outer->level,
		.runs = outer->runs,
		.folders = outer->folders,
		.compat = outer->compat,
		.compat_of_run = outer->compat_of_run,
		.in_hook = true,
		.no_commit = true,
		.state_of = p->repo_dir,
	};

	/* what a task does to a repository of its own is not the gate's */
	vec_push(p->a, &told.no_commit_in, at->top);
	vec_push(p->a, &told.repos, at->top);
	vec_push(p->a, &told.owes, owes);
	return protocol_environment(p->a, g->git.env, &told);
}

/* A child prun: the gate outlives whatever happens to it, and sends on the
 * signals that it gets. */
static int
run_child(struct gate *g, const struct place *at, const string_vec *tasks,
    bool is_check, const char *owes, struct err *e)
{
	struct capture c = {
		.argv = child_argv(g, at, tasks, is_check),
		.env = child_environment(g, at, owes),
		.dir = at->dir,
		.pass_stdout = true,
		.pass_stderr = true,
		.caught = &g->signal,
	};
	int status = 1;

	return capture_run(g->p->a, &c, &status, NULL, NULL, e) ? status : -1;
}

static bool
take_mark(struct gate *g, const char *top, struct worktree_mark *out,
    struct err *e)
{
	struct git git;

	return project_git(g->p, top, &git, e) &&
	       worktree_take_mark(&g->trees, &git, out, e);
}

/* A hook checks and never commits. */
static bool
check_untouched(struct gate *g, const struct place *p,
    const struct worktree_mark *before, const char *owes, struct err *e)
{
	struct worktree_mark now;
	struct stat st;

	/* --push has made it already: what is left is nothing to commit */
	if (stat(owes, &st) == 0 && st.st_size > 0 &&
	    strcmp(g->hook, "push") != 0)
		return err_set(e, ERR_GENERIC, "prun: %s refused: the tasks "
		    "owe a commit; use: prun --push", g->hook);
	if (!take_mark(g, p->top, &now, e))
		return false;
	if (strcmp(before->head, now.head) != 0)
		return err_set(e, ERR_GENERIC, "prun: %s refused: the tasks "
		    "made a commit; use: prun --push", g->hook);
	if (strcmp(before->files, now.files) != 0 &&
	    strcmp(g->hook, "push") == 0)
		return err_set(e, ERR_GENERIC, "prun: push refused: checking "
		    "the commit changed the tree (%s and maybe more)",
		    now.first);
	if (strcmp(before->files, now.files) != 0)
		return err_set(e, ERR_GENERIC, "prun: %s refused: the tasks "
		    "changed the tree (%s and maybe more); use: prun --push",
		    g->hook, now.first);
	return true;
}

/* Runs them and says why that is no pass; `is_check`: they may change nothing. */
static bool
run_tasks(struct gate *g, const struct place *p, const string_vec *tasks,
    bool is_check, struct err *e)
{
	const char *owes = worktrees_path(&g->trees, "owes");
	struct worktree_mark before;
	int status;

	if (!worktrees_make_folder(&g->trees, e) ||
	    (is_check && !take_mark(g, p->top, &before, e)))
		return false;
	/* those below write only where somebody will read */
	if (!write_atomic(owes, SV(""), 0600, e))
		return false;
	status = run_child(g, p, tasks, is_check, owes, e);
	if (g->signal != 0 && !err_is_set(e))
		err_set(e, ERR_GENERIC, "prun: %s refused: interrupted by "
		    "signal %d", g->hook, g->signal);
	else if (status == 0 && is_check)
		check_untouched(g, p, &before, owes, e);
	else if (status != 0 && !err_is_set(e))
		err_set(e, ERR_GENERIC, "prun: %s refused: %s failed%s",
		    g->hook, tasks->v[0], tasks->n > 1 ? " (or another)" : "");
	unlink(owes);
	return !err_is_set(e);
}

/* The variables and the tasks as the child would sort them. */
static void
sort_words(struct gate *g, const string_vec *words, string_vec *tasks,
    struct map *typed)
{
	for (size_t i = 0; i < words->n; i++) {
		sv name, text;

		if (sv_cut(sv_of(words->v[i]), '=', &name, &text))
			map_put(typed, name, (void *)sv_cstr(g->p->a, text));
		else if (tasks != NULL)
			vec_push(g->p->a, tasks, words->v[i]);
	}
}

static bool
has_receipt(
    struct gate *g, const char *commit, const string_vec *words, struct err *e)
{
	struct map *typed = map_new(g->p->a);
	string_vec tasks = { 0 };
	const char *tree;
	/* see child_argv() and run_child() */
	const struct receipt_run as_child = { typed, g->p->work_dir,
		g->p->program };
	struct receipt r;

	sort_words(g, words, &tasks, typed);
	sort_words(g, &g->assignments, NULL, typed);

	if (g->p->s->no_receipt ||
	    !git_line(&g->git, GIT_WORDS("rev-parse",
		arena_printf(g->p->a, "%s^{tree}", commit)), &tree, e))
		return false;
	if (!receipts_get(g->p->a, receipt_dir(g->p),
		receipt_key(g->p, tree, &tasks, &as_child), clock_real_ns(),
		30 * 24 * 3600 * NS_PER_S, &r))
		return false;
	gate_say(g, arena_printf(g->p->a, "%s: %s passed before (run %s)",
			g->hook, r.title, r.run));
	return true;
}

/* Tasks of a hook are those of the tree that is checked, not of this one. */
static bool
choose_tasks(struct gate *g, const char *dir, string_vec *tasks,
    struct err *e)
{
	struct project there;

	if (g->tasks.n > 0) {
		*tasks = g->tasks;
		return true;
	}
	*tasks = (string_vec){ 0 };
	if (strcmp(dir, g->p->work_dir) == 0)
		return gate_default_tasks(g->p, g->hook, tasks, e);
	if (project_load_at(g->p, dir, &there, e))
		return gate_default_tasks(&there, g->hook, tasks, e);
	if (e->code == ERR_NO_TASKFILE) {
		err_clear(e);
		err_set(e, ERR_NO_TASKFILE,
		    "prun: there is no Taskfile in what is to be checked");
	}
	return false;
}

/* What the preparation adds is nobody's business; the commit itself it leaves. */
static bool
check_prepared(struct gate *g, const struct place *p, struct err *e)
{
	struct git git = g->git;
	change_vec changes;

	git.top = p->top;
	if (!git_status(&git, &changes, e))
		return false;
	for (size_t i = 0; i < changes.n; i++)
		if (!changes.v[i].untracked)
			return err_set(e, ERR_GENERIC, "prun: %s refused: %s "
			    "changed %s", g->hook, g->config.prepare,
			    changes.v[i].path);
	return true;
}

static bool
check_at(struct gate *g, const struct place *p, struct err *e)
{
	string_vec tasks, prepare = { 0 };

	if (!choose_tasks(g, p->dir, &tasks, e))
		return false;
	if (p->is_fresh && *g->config.prepare != '\0') {
		vec_push(g->p->a, &prepare, g->config.prepare);
		if (!run_tasks(g, p, &prepare, false, e) ||
		    !check_prepared(g, p, e))
			return false;
	}
	return run_tasks(g, p, &tasks, true, e);
}

static bool
check_apart(struct gate *g, const char *commit, struct err *e)
{
	struct place p = { .is_fresh = true };
	char *below = arena_strdup(g->p->a, "");
	bool ok;

	if (!worktrees_add(&g->trees, commit, &p.top, e))
		return false;
	path_rel(g->p->a, sv_of(g->git.top),
	    sv_of(path_real(g->p->a, g->p->work_dir)), &below, e);
	p.dir = path_join(g->p->a, sv_of(p.top), sv_of(below));
	ok = check_at(g, &p, e);
	worktrees_remove(&g->trees, p.top);
	return ok;
}

static bool
check(struct gate *g, const char *commit, struct err *e)
{
	const struct place here = { g->git.top, g->p->work_dir, false };
	struct err none cleanup_err = ERR_INIT;
	string_vec tasks;

	if (commit == NULL)
		return check_at(g, &here, e);
	if (*commit == '\0' && !worktrees_commit_of_index(&g->trees,
		environment_get(g->p->in->env, "GIT_INDEX_FILE"), &commit, e))
		return false;
	if (choose_tasks(g, g->p->work_dir, &tasks, &none) &&
	    has_receipt(g, commit, &tasks, &none))
		return true;
	if (strcmp(g->config.isolate, "never") == 0 ||
	    (strcmp(g->config.isolate, "auto") == 0 &&
		is_in_place(g, commit)))
		return check_at(g, &here, e);
	return check_apart(g, commit, e);
}

/*
 * Signals wait until the work tree of the gate is gone again; while a child runs
 * they are sent on to it.
 */
bool
gate_check(struct gate *g, const char *commit, struct err *e)
{
	sigset_t held, before;
	bool ok;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGQUIT);
	sigprocmask(SIG_BLOCK, &held, &before);
	g->trees.git = &g->git;
	/* as git names what lies in it */
	g->trees.folder =
	    path_real(g->p->a, state_path(g->p->a, &g->p->state, "gate"));
	ok = check(g, commit, e);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}
