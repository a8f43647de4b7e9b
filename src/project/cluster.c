/* SPDX-License-Identifier: MIT */
/* What of a run goes to a cluster, and what stays here. */
#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "compile/task_words.h"
#include "exec/slurm.h"
#include "project/cluster.h"
#include "project/run_setup.h"
#include "store/sessions.h"
#include "vcs/git.h"
#include "vcs/head.h"

#define POOL "slurm"

static bool
is_slurm(const char *name)
{
	return strcmp(name, "slurm") == 0;
}

static bool
check_name(const char *option, const char *name, struct err *e)
{
	if (*name == '\0' || strcmp(name, "local") == 0)
		return true;
	if (!is_slurm(name))
		return err_set(e, ERR_USAGE,
		    "prun: --%s %s: there is no such executor; there are local "
		    "and slurm",
		    option, name);
	return executor_slurm_is_there() ||
	       err_set(e, ERR_GENERIC,
		   "prun: --%s slurm: sbatch is not on the PATH: is this a "
		   "machine of a Slurm cluster?",
		   option);
}

bool
cluster_check(const struct project *p, struct err *e)
{
	return check_name("executor", p->s->executor, e) &&
	       check_name("overflow", p->s->overflow, e);
}

static bool
is_wanted(const struct project *p)
{
	const struct map_entry *entry;

	if (is_slurm(p->s->executor) || is_slurm(p->s->overflow))
		return true;
	/* a plan asks for each of its calls */
	if (p->s->is_compat || !p->taskfile->has_executors)
		return false;
	map_each(p->taskfile->tasks, entry)
		if (is_slurm(
			((const struct task *)entry->value)->rare->executor))
			return true;
	return false;
}

static void
cluster_say(void *ctx, const char *text)
{
	const struct run_setup *w = ctx;

	if (!w->p->s->is_compat)
		term_print(w->p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: %s\n", text);
}

/* Why nothing can go there; NULL: it can. */
static const char *
why_not(const struct run_setup *w)
{
	const struct config *c = &w->p->config;

	if (strcmp(CFG_S(c, slurm, shared), "no") == 0)
		return "nodes do not share this work tree ([slurm] shared = "
		       "no)";
	if (w->dir.path == NULL || w->dir.path[0] == '\0')
		return "the run has no folder";
	if (!executor_slurm_is_there())
		return "sbatch is not on the PATH";
	return NULL;
}

/* What tells the tracked files of now from those of another time: jobs of a
 * killed run go on for the same ones only.  "-" where there is no git, which
 * nobody can tell there. */
static const char *
tree_id(void *ctx)
{
	const struct project *p = ((struct run_setup *)ctx)->p;
	struct err none cleanup_err = ERR_INIT;
	const char *head;
	struct git git;
	sv diff;

	if (!git_is_repository(p->state.root))
		return "-";
	head = git_head_read(p->a, p->state.root);
	if (!project_git(p, p->state.root, &git, &none))
		return "";
	if (!git_try(&git,
		GIT_WORDS("diff", "--no-ext-diff", "--no-textconv",
		    "--no-color", "--binary", "HEAD"),
		&diff))
		diff = SV(""); /* no commit so far */
	return arena_printf(
	    p->a, "%s %016" PRIx64, head != NULL ? head : "", hash64(diff));
}

/* A run or a session that was killed has left its folder there, and maybe jobs.
 * A run that does not use the cluster asks it once.  Jobs of a session are for
 * trees that are somebody else's soon: nobody adopts them. */
static void
end_orphans_of(
    struct run_setup *w, const char *what, const char *id, const char *dir)
{
	struct project *p = w->p;
	struct err ignored cleanup_err = ERR_INIT;
	bool adopts = strcmp(what, "run") == 0 &&
		      strcmp(CFG_S(&p->config, slurm, orphan), "adopt") == 0;
	const char *unanswered = arena_printf(p->a, "%s/unanswered", dir);
	int n;

	if (executor_slurm_is_adopted(dir) ||
	    (w->cluster == NULL && (adopts || path_exists(unanswered))))
		return;
	n = adopts ? executor_slurm_adopt(w->cluster, id, dir) : 0;
	if (n > 0) {
		cluster_say(w, arena_printf(p->a,
				   "%d job%s of the killed run %s "
				   "go%s on where this one comes to them",
				   n, n > 1 ? "s" : "", id, n > 1 ? "" : "es"));
		return;
	}
	if (!executor_slurm_end_run(id)) {
		write_atomic(unanswered, SV(""), 0600, &ignored);
		cluster_say(w, arena_printf(p->a,
				   "jobs of the killed %s %s "
				   "may go on: Slurm does not answer",
				   what, id));
		return;
	}
	cluster_say(w, arena_printf(p->a,
			   "jobs of the killed %s %s are cancelled", what, id));
	remove_all(dir, &ignored);
}

/* Has any run that is on record used Slurm? */
static const char *
slurm_mark(struct project *p)
{
	return state_path(p->a, &p->state, "slurm");
}

/* How many of those there have used it; the killed ones are cleaned up. */
static size_t
look_at_folders(struct run_setup *w, const struct state *s, const char *what)
{
	struct arena *a cleanup_arena = arena_new();
	state_names ids = { 0 };
	const char **id;
	size_t n = 0;

	state_runs(a, s, &ids);
	vec_each(&ids, id) {
		const char *dir = arena_printf(a, "%s/%s/slurm", s->runs, *id);

		if (!path_is_dir(dir))
			continue;
		n++;
		if (!state_run_is_live(a, s, *id))
			end_orphans_of(w, what, *id, dir);
	}
	return n;
}

/* Of runs and of sessions. */
static size_t
look_at_runs(struct run_setup *w)
{
	struct state sessions = sessions_folder(w->p->a, &w->p->state);

	return look_at_folders(w, &w->p->state, "run") +
	       look_at_folders(w, &sessions, "session");
}

static void
end_orphans(struct run_setup *w)
{
	const char *mark = slurm_mark(w->p);
	struct err ignored cleanup_err = ERR_INIT;

	if (!path_exists(mark) || look_at_runs(w) > 0)
		return;
	/* runs make their folder first and the mark then: one that has made
	 * both in between is seen now */
	unlink(mark);
	if (look_at_runs(w) > 0)
		write_atomic(mark, SV(""), 0600, &ignored);
}

void
cluster_end_left(struct project *p, struct executor *cluster)
{
	struct run_setup w = { .p = p, .cluster = cluster };

	end_orphans(&w);
}

/* What prun.ini says. */
static struct slurm_options
options_of(const struct project *p)
{
	const struct config *c = &p->config;

	return (struct slurm_options){
		.partition = CFG_S(c, slurm, partition),
		.account = CFG_S(c, slurm, account),
		.qos = CFG_S(c, slurm, qos),
		.options = CFG_S(c, slurm, options),
		.poll_ns = CFG_I(c, slurm, poll),
		.shared = strcmp(CFG_S(c, slurm, shared), "yes") == 0
			      ? SLURM_SHARED_YES
			      : SLURM_SHARED_AUTO,
		.is_asked_for = is_slurm(p->s->executor),
	};
}

bool
cluster_is_asked_for(const struct project *p)
{
	return is_slurm(p->s->executor);
}

static const char *
no_tree_id(void *ctx)
{
	(void)ctx;
	return "";
}

struct executor *
cluster_executor(struct project *p, struct executor *local,
    const struct cluster_place *at, struct err *e)
{
	struct slurm_options *o = arena_new_of(p->a, struct slurm_options);

	if (strcmp(CFG_S(&p->config, slurm, shared), "no") == 0) {
		err_set(e, ERR_GENERIC,
		    "--executor slurm: nodes do not share this work tree "
		    "([slurm] shared = no)");
		return NULL;
	}
	*o = options_of(p);
	o->run_id = at->id;
	o->dir = at->dir;
	o->mark = slurm_mark(p);
	o->tree = at->tree;
	o->tree_id = no_tree_id;
	o->local_jobs = at->local_jobs;
	o->say = at->say;
	o->ctx = at->ctx;
	return executor_slurm_new(local, o);
}

static void
make_executor(struct run_setup *w)
{
	struct project *p = w->p;
	const struct config *c = &p->config;
	struct executor_entry *entry = &w->executors[1];
	struct slurm_options *o = arena_new_of(p->a, struct slurm_options);

	*o = options_of(p);
	o->run_id = w->dir.id;
	o->dir = w->dir.path;
	o->mark = slurm_mark(p);
	o->tree = p->state.root;
	o->tree_id = tree_id;
	o->local_jobs = w->slot_bound;
	o->say = cluster_say;
	o->ctx = w;
	w->cluster = executor_slurm_new(w->executor, o);
	*entry = (struct executor_entry){ "slurm", w->cluster, NULL };
	/* one at a time is one at a time, wherever that is */
	if (w->serial)
		return;
	slots_pool(w->slots, POOL, (int)CFG_I(c, slurm, jobs));
	entry->pool = POOL;
}

void
cluster_open(struct run_setup *w)
{
	const struct settings *s = w->p->s;

	if (s->dry || s->is_compat || w->q->only_status)
		return;
	if (is_wanted(w->p)) {
		w->no_cluster = why_not(w);
		if (w->no_cluster == NULL)
			make_executor(w);
	}
	if (w->dir.path != NULL && w->dir.path[0] != '\0')
		end_orphans(w);
}

/* Said when the first command would go there. */
static void
say_no_cluster(struct run_setup *w)
{
	if (w->no_cluster != NULL)
		cluster_say(w, arena_printf(w->p->a,
				   "%s: all tasks run on this machine",
				   w->no_cluster));
	w->no_cluster = NULL;
}

/* As declared: the task, the command line. */
static bool
is_for_cluster(const struct run_setup *w, const struct task *t)
{
	const struct settings *s = w->p->s;

	if (*t->rare->executor != '\0')
		return is_slurm(t->rare->executor);
	return is_slurm(s->executor);
}

/* What finds no slot here. */
static bool
flows_over(const struct run_setup *w, const struct task *t)
{
	const struct settings *s = w->p->s;

	return is_slurm(s->overflow) && *t->rare->executor == '\0' &&
	       *s->executor == '\0' && !w->serial &&
	       slots_are_full(w->slots, t->rare->pool);
}

static bool
cluster_has_room(const struct run_setup *w)
{
	return !executor_slurm_is_closed(w->cluster) &&
	       !slots_are_full(w->slots, POOL);
}

/* It needs a terminal, or calls tasks of this very run. */
static const char *
needs_this_machine(
    struct arena *a, const struct run_call *call, const struct ccmd *cmd)
{
	size_t at = 0;
	sv name;

	if (call->task->interactive)
		return arena_printf(a,
		    "%s is interactive: it runs on this "
		    "machine",
		    call->name);
	if (task_words_next(sv_of(cmd->text), &at, &name))
		return arena_printf(a,
		    "%s calls tasks from a script: it runs "
		    "on this machine",
		    call->name);
	return NULL;
}

const char *
cluster_choose(
    struct run_setup *w, const struct run_call *call, const struct ccmd *cmd)
{
	struct arena *a = w->p->a;
	const struct task *t = call->task;
	const char *why;

	if (t == NULL || w->p->s->is_compat)
		return NULL;
	if (*t->rare->executor != '\0' && !is_slurm(t->rare->executor))
		return t->rare->executor;
	if (!is_for_cluster(w, t)) {
		if (!flows_over(w, t) || (w->cluster != NULL && !cluster_has_room(w)))
			return NULL;
	}
	if (w->cluster == NULL) {
		say_no_cluster(w);
		return NULL;
	}
	why = needs_this_machine(a, call, cmd);
	if (why == NULL)
		return "slurm";
	if (w->stayed == NULL)
		w->stayed = map_new(a);
	if (map_get(w->stayed, sv_of(t->name)) == NULL) {
		map_put(w->stayed, sv_of(t->name), w);
		cluster_say(w, why);
	}
	return NULL;
}

void
cluster_close(struct run_setup *w)
{
	if (w->cluster != NULL)
		w->cluster->ops->free(w->cluster);
	w->cluster = NULL;
}

static const char *
executor_of_task(const struct project *p, const struct task *t)
{
	const struct settings *s = p->s;

	if (t->interactive)
		return "";
	if (*t->rare->executor != '\0')
		return t->rare->executor;
	return *s->executor != '\0' ? s->executor : "";
}

const char *
cluster_plan(void *ctx, const char *name)
{
	const struct project *p = ctx;
	const struct task *t = map_get(p->taskfile->tasks, sv_of(name));

	if (p->s->is_compat || t == NULL || !is_wanted(p))
		return NULL;
	if (is_slurm(executor_of_task(p, t)))
		return "slurm";
	if (is_slurm(p->s->overflow) && *t->rare->executor == '\0' &&
	    *p->s->executor == '\0' && !t->interactive)
		return "local or slurm";
	return "local";
}
