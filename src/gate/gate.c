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
#include "derive/derive.h"
#include "store/receipts.h"
#include "taskfile/source.h"
#include "taskfile/taskfile.h"

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
	const char *why;

	for (size_t i = 0; i < (is_gate ? 3 : 1); i++) {
		if (!is_written(p, names[i]))
			continue;
		vec_push(p->a, out, names[i]);
		return true;
	}
	if (is_gate && CFG_B(&p->config, features, derived_tasks) &&
	    derive_task(p->a, p->taskfile, "qa-parallel", &why) != NULL) {
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

/* The rest of the path below the folder, or NULL. */
static const char *
below(const char *top, const char *path)
{
	size_t n = strlen(top);

	return strncmp(path, top, n) == 0 && path[n] == '/' ? path + n + 1
							    : NULL;
}

/* The Taskfile that was named: the same one of the tree that is checked. */
static const char *
taskfile_in(struct gate *g, const char *top)
{
	const char *path = path_real_place(g->p->a, g->p->s->taskfile);
	const char *rest = below(g->git.top, path);

	if (source_kind_of(sv_of(g->p->s->taskfile)) != SOURCE_FILE)
		return g->p->s->taskfile;
	return rest ? path_join(g->p->a, sv_of(top), sv_of(rest)) : path;
}

const char *
gate_own_taskfile(struct gate *g)
{
	const char *path =
	    below(g->git.top, path_real_place(g->p->a, g->p->path));

	if (path == NULL ||
	    !git_try(&g->git,
		GIT_WORDS("cat-file", "-e",
		    arena_printf(g->p->a, "HEAD:%s", path)),
		NULL))
		return NULL;
	return path;
}

/* A tree that is being checked. */
struct place {
	const char *top; /* of the work tree */
	const char *dir; /* of the Taskfile */
	bool is_fresh;	 /* a work tree of the gate's own */
	/* that is checked; NULL: none that people know */
	const char *commit;
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

/* "qa failed in packages/a on 4c41ecb; fix and commit, or git push
 * --no-verify": one hook may run the checks of several folders. */
static bool
refuse_failed(struct gate *g, const struct place *p, const string_vec *tasks,
    struct err *e)
{
	struct sb b cleanup_sb = SB_INIT;
	struct err none cleanup_err = ERR_INIT;
	char *below;

	sb_printf(&b, "%s failed", tasks->v[0]);
	if (tasks->n > 1)
		sb_adds(&b, " (or another)");
	if (*g->p->s->taskfile != '\0')
		sb_printf(&b, " in %s", g->p->s->taskfile);
	else if (path_rel(g->p->a, sv_of(path_real(g->p->a, p->top)),
		     sv_of(path_real(g->p->a, p->dir)), &below, &none) &&
		 strcmp(below, ".") != 0)
		sb_printf(&b, " in %s", below);
	if (p->commit != NULL)
		sb_printf(&b, " on %.7s", p->commit);
	if (strcmp(g->hook, "pre-push") == 0)
		sb_adds(&b, "; fix and commit, or git push --no-verify");
	else if (strcmp(g->hook, "push") == 0)
		sb_adds(&b, "; fix and commit");
	else if (strcmp(g->hook, "pre-commit") == 0)
		sb_adds(&b, "; fix it, or git commit --no-verify");
	return err_set(
	    e, ERR_GENERIC, "prun: %s refused: %s", g->hook, sb_cstr(&b));
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
		refuse_failed(g, p, tasks, e);
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

static bool
load_there(
    struct gate *g, const struct place *p, struct project *out, struct err *e)
{
	const char *named = *g->p->s->taskfile ? taskfile_in(g, p->top) : "";

	return project_load_at(g->p, p->dir, named, out, e);
}

/* Tasks of a hook are those of the tree that is checked, not of this one. */
static bool
choose_tasks(struct gate *g, const struct place *p, string_vec *tasks,
    struct err *e)
{
	struct project there;

	if (g->tasks.n > 0) {
		*tasks = g->tasks;
		return true;
	}
	*tasks = (string_vec){ 0 };
	if (!p->is_fresh)
		return gate_default_tasks(g->p, g->hook, tasks, e);
	if (!load_there(g, p, &there, e))
		return false;
	if (gate_default_tasks(&there, g->hook, tasks, e))
		return true;
	g->lacks = GATE_LACKS_TASK;
	return false;
}

/* What lies above the tree is not the commit's. */
static bool
has_taskfile(struct gate *g, const struct place *p)
{
	struct err none cleanup_err = ERR_INIT;
	const char *path, *root;

	if (source_kind_of(sv_of(g->p->s->taskfile)) != SOURCE_FILE)
		return true;
	if (*g->p->s->taskfile != '\0')
		return path_exists(taskfile_in(g, p->top));
	if (!path_exists(p->dir))
		return false;
	if (!taskfile_find(g->p->a, "", p->dir, p->dir, &path, &root, &none))
		return none.code != ERR_NO_TASKFILE;
	return below(p->top, path) != NULL;
}

/* Has the tree one of the tasks not that were asked for by name? */
static bool
lacks_task(struct gate *g, const struct place *p)
{
	struct err none cleanup_err = ERR_INIT;
	struct project there;
	const char **task;
	struct match m;

	if (!load_there(g, p, &there, &none))
		return false;
	vec_each(&g->tasks, task)
	{
		struct err missing cleanup_err = ERR_INIT;

		if (strchr(*task, '=') == NULL &&
		    !task_find(there.a, &there.compiler, *task, &m, &missing) &&
		    missing.code == ERR_TASK_NOT_FOUND)
			return true;
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

	if (p->is_fresh && !has_taskfile(g, p)) {
		g->lacks = GATE_LACKS_TASKFILE;
		return err_set(e, ERR_NO_TASKFILE,
		    "prun: there is no Taskfile in what is to be checked");
	}
	if (!choose_tasks(g, p, &tasks, e))
		return false;
	if (p->is_fresh && *g->config.prepare != '\0') {
		vec_push(g->p->a, &prepare, g->config.prepare);
		if (!run_tasks(g, p, &prepare, false, e) ||
		    !check_prepared(g, p, e))
			return false;
	}
	if (run_tasks(g, p, &tasks, true, e))
		return true;
	if (p->is_fresh && lacks_task(g, p))
		g->lacks = GATE_LACKS_TASK;
	return false;
}

static const char *
apart_text(struct gate *g, const char *commit, bool is_index)
{
	struct err none cleanup_err = ERR_INIT;
	change_vec changes;

	if (is_index)
		return "checking what is about to be committed in a work tree "
		       "of its own; changes that are not staged are left out";
	return arena_printf(g->p->a,
	    "checking commit %.7s in a work tree of "
	    "its own%s",
	    commit,
	    git_status(&g->git, &changes, &none) && changes.n == 0
		? ""
		: "; your uncommitted changes are left out");
}

static bool
check_apart(struct gate *g, const char *commit, bool is_index, struct err *e)
{
	struct place p = { .is_fresh = true,
		.commit = is_index ? NULL : commit };
	char *dir = arena_strdup(g->p->a, "");
	bool ok;

	gate_say(g, apart_text(g, commit, is_index));
	if (!worktrees_add(&g->trees, commit, &p.top, e))
		return false;
	path_rel(g->p->a, sv_of(g->git.top),
	    sv_of(path_real(g->p->a, g->p->work_dir)), &dir, e);
	p.dir = path_join(g->p->a, sv_of(p.top), sv_of(dir));
	ok = check_at(g, &p, e);
	worktrees_remove(&g->trees, p.top);
	return ok;
}

static bool
check(struct gate *g, const char *commit, struct err *e)
{
	struct place here = { .top = g->git.top, .dir = g->p->work_dir };
	bool is_index = commit != NULL && *commit == '\0';
	struct err none cleanup_err = ERR_INIT;
	string_vec tasks;

	if (commit == NULL)
		return check_at(g, &here, e);
	if (is_index &&
	    !worktrees_commit_of_index(&g->trees,
		environment_get(g->p->in->env, "GIT_INDEX_FILE"), &commit, e))
		return false;
	if (choose_tasks(g, &here, &tasks, &none) &&
	    has_receipt(g, commit, &tasks, &none))
		return true;
	here.commit = is_index ? NULL : commit;
	if (strcmp(g->config.isolate, "never") == 0 ||
	    (strcmp(g->config.isolate, "auto") == 0 &&
		is_in_place(g, commit)))
		return check_at(g, &here, e);
	return check_apart(g, commit, is_index, e);
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
	g->lacks = GATE_LACKS_NOTHING;
	/* as git names what lies in it */
	g->trees.folder =
	    path_real(g->p->a, state_path(g->p->a, &g->p->state, "gate"));
	ok = check(g, commit, e);
	worktrees_close(&g->trees);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}
