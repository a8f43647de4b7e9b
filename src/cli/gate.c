/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/gate_tree.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "exec/capture.h"
#include "plan/plan.h"
#include "store/receipts.h"

static void
gate_say(struct gate *g, const char *text)
{
	term_print(&g->app->term, STDERR_FILENO, COLOR_DEFAULT, "prun: %s\n",
	    text);
}

static bool
is_written(const struct app *app, const char *name)
{
	struct err none cleanup_err = ERR_INIT;
	struct match m;

	return task_find(app->a, &app->compiler, name, &m, &none) &&
	    !m.task->internal;
}

bool
gate_default_tasks(struct app *app, const char *hook, string_vec *out,
    struct err *e)
{
	const char *const names[] = { hook, "qa-parallel", "qa" };
	bool is_gate = strncmp(hook, "pre-", 4) == 0;

	for (size_t i = 0; i < (is_gate ? 3 : 1); i++) {
		if (!is_written(app, names[i]))
			continue;
		vec_push(app->a, out, names[i]);
		return true;
	}
	if (is_gate && CFG_B(&app->cfg, features, derived_tasks) &&
	    derive_task(app->a, app->taskfile, "qa-parallel") != NULL) {
		vec_push(app->a, out, "qa-parallel");
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

/* What this run was told; the gate's own words replace it for the child. */
static bool
is_for_gate_alone(const char *assignment)
{
	static const char *const names[] = { "PRUN_OWES=", "PRUN_NO_COMMIT=",
		"PRUN_NO_COMMIT_IN=", "PRUN_REPO=", "PRUN_HOOK=",
		"PRUN_STATE_OF=" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(assignment, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* The Taskfile that was named: the same one of the tree that is checked. */
static const char *
taskfile_in(struct gate *g, const char *top)
{
	const char *path = path_abs(g->app->a,
	    sv_of(OPT_S(&g->app->o, taskfile)));
	size_t n = strlen(g->git.top);

	if (strncmp(path, g->git.top, n) != 0 || path[n] != '/')
		return path;
	return path_join(g->app->a, sv_of(top), sv_of(path + n + 1));
}

/* A tree that is being checked. */
struct place {
	const char *top; /* of the work tree */
	const char *dir; /* of the Taskfile */
	bool is_fresh;	 /* a work tree of the gate's own */
};

/* A child prun: the gate outlives whatever happens to it, and sends on the
 * signals that it gets. */
static int
run_child(struct gate *g, const struct place *p, const string_vec *tasks,
    bool is_check, const char *owes, struct err *e)
{
	struct arena *a = g->app->a;
	VEC(const char *) argv = { 0 }, env = { 0 };
	struct capture c = { .dir = p->dir, .pass_stdout = true,
		.pass_stderr = true, .caught = &g->signal };
	int status = 1;

	vec_push(a, &argv, app_program(g->app));
	if (OPT_S(&g->app->o, taskfile)[0] != '\0') {
		vec_push(a, &argv, "-t");
		vec_push(a, &argv, taskfile_in(g, p->top));
	} else {
		vec_push(a, &argv, "-d");
		vec_push(a, &argv, p->dir);
	}
	if (is_check && g->config.only_changed && *g->range != '\0')
		vec_push(a, &argv, arena_printf(a, "--changed=%s", g->range));
	if (!is_check || OPT_B(&g->app->o, no_receipt))
		vec_push(a, &argv, "--no-receipt");
	for (size_t i = 0; i < tasks->n; i++)
		vec_push(a, &argv, tasks->v[i]);
	for (size_t i = 0; i < g->assignments.n; i++)
		vec_push(a, &argv, g->assignments.v[i]);
	vec_push(a, &argv, NULL);
	for (size_t i = 0; g->git.env[i] != NULL; i++)
		if (!is_for_gate_alone(g->git.env[i]))
			vec_push(a, &env, g->git.env[i]);
	vec_push(a, &env, "PRUN_HOOK=1");
	vec_push(a, &env, "PRUN_NO_COMMIT=1");
	/* what a task does to a repository of its own is not the gate's */
	vec_push(a, &env, arena_printf(a, "PRUN_NO_COMMIT_IN=%s", p->top));
	vec_push(a, &env, arena_printf(a, "PRUN_REPO=%s", p->top));
	vec_push(a, &env, arena_printf(a, "PRUN_OWES=%s", owes));
	vec_push(a, &env, arena_printf(a, "PRUN_STATE_OF=%s",
		g->app->repo_dir));
	vec_push(a, &env, NULL);
	c.argv = argv.v;
	c.env = (char *const *)env.v;
	if (!capture_run(a, &c, &status, NULL, NULL, e))
		return -1;
	return status;
}

/* A hook checks and never commits. */
static bool
check_untouched(struct gate *g, const struct place *p,
    const struct gate_mark *before, const char *owes, struct err *e)
{
	struct gate_mark now;

	/* --push has made it already: what is left is nothing to commit */
	if (path_exists(owes) && strcmp(g->hook, "push") != 0)
		return err_set(e, ERR_GENERIC, "prun: %s refused: the tasks "
		    "owe a commit; use: prun --push", g->hook);
	if (!gate_take_mark(g, p->top, &now, e))
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
	const char *owes = gate_path(g, "owes");
	struct gate_mark before;
	int status;

	if (!gate_make_folder(g, e) ||
	    (is_check && !gate_take_mark(g, p->top, &before, e)))
		return false;
	unlink(owes);
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

static bool
has_receipt(struct gate *g, const char *commit, const string_vec *tasks,
    struct err *e)
{
	const char *tree;
	struct receipt r;

	if (OPT_B(&g->app->o, no_receipt) ||
	    !git_line(&g->git, GIT_WORDS("rev-parse",
		arena_printf(g->app->a, "%s^{tree}", commit)), &tree, e))
		return false;
	if (!receipts_get(g->app->a, receipt_dir(g->app),
		receipt_key(g->app, tree, tasks), clock_real_ns(),
		30 * 24 * 3600 * NS_PER_S, &r))
		return false;
	gate_say(g, arena_printf(g->app->a, "%s: %s passed before (run %s)",
			g->hook, r.title, r.run));
	return true;
}

/* Tasks of a hook are those of the tree that is checked, not of this one. */
static bool
choose_tasks(struct gate *g, const char *dir, string_vec *tasks,
    struct err *e)
{
	char *argv[] = { g->app->argv[0], (char[]){ "-d" }, (char *)dir,
		NULL };
	struct app there = { .a = g->app->a };

	if (g->tasks.n > 0) {
		*tasks = g->tasks;
		return true;
	}
	*tasks = (string_vec){ 0 };
	if (strcmp(dir, g->app->work_dir) == 0)
		return gate_default_tasks(g->app, g->hook, tasks, e);
	if (!app_init(&there, 3, argv, e))
		return false;
	if (!app_load(&there, e)) {
		if (e->code == ERR_NO_TASKFILE) {
			err_clear(e);
			return err_set(e, ERR_NO_TASKFILE, "prun: there is no "
			    "Taskfile in what is to be checked");
		}
		return false;
	}
	return gate_default_tasks(&there, g->hook, tasks, e);
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
		vec_push(g->app->a, &prepare, g->config.prepare);
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
	char *below = arena_strdup(g->app->a, "");
	bool ok;

	if (!gate_add_worktree(g, commit, &p.top, e))
		return false;
	path_rel(g->app->a, sv_of(g->git.top), sv_of(g->app->work_dir),
	    &below, e);
	p.dir = path_join(g->app->a, sv_of(p.top), sv_of(below));
	ok = check_at(g, &p, e);
	gate_remove_worktree(g, p.top);
	return ok;
}

static bool
check(struct gate *g, const char *commit, struct err *e)
{
	const struct place here = { g->git.top, g->app->work_dir, false };
	struct err none cleanup_err = ERR_INIT;
	string_vec tasks;

	if (commit == NULL)
		return check_at(g, &here, e);
	if (*commit == '\0' && !gate_commit_of_index(g, &commit, e))
		return false;
	if (choose_tasks(g, g->app->work_dir, &tasks, &none) &&
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
	ok = check(g, commit, e);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}
