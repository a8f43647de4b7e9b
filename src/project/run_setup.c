/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "project/run_setup.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "output/event_stream.h"
#include "project/commit_share.h"
#include "project/detach.h"
#include "project/shell_check.h"
#include "store/runtime.h"

enum {
	LEVEL_MAX = 100
};

/* P-115: a Taskfile that calls itself through the shell ends with a message. */
static bool
check_level(const struct project *p, struct err *e)
{
	return p->in->outer.level < LEVEL_MAX ||
	       err_set(e, ERR_CALL_LIMIT,
		   "prun: runs are nested more than %d deep: does a task call "
		   "itself through the shell?",
		   LEVEL_MAX);
}

/* The run goes on without being remembered, and says so. */
static void
no_history(struct run_setup *w, const struct err *e)
{
	if (!w->p->s->is_compat)
		term_print(w->p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: the record of this run is not whole: %s\n",
		    e->message);
}

/* Who reads the same elsewhere has it also of a run that leaves nothing. */
static void
open_events(struct run_setup *w)
{
	struct project *p = w->p;

	if (p->events == NULL || w->q->only_status)
		return;
	if (w->journal == NULL)
		w->journal = record_journal_new(p);
	event_stream_attach(p->events, w->loop);
	journal_tell(w->journal, event_stream_add, p->events);
}

/* A session waits to hear which run its test is; a run that it has belongs to
 * it, and stays as long as the session does. */
static void
tell_session(const struct run_setup *w)
{
	const struct protocol *outer = &w->p->in->outer;
	const char *line = arena_printf(w->p->a, "%s\n", w->dir.id);
	int fd cleanup_close = -1;

	if (outer->id_to == NULL || outer->runs.n == 0)
		return;
	run_dir_of_session(&w->dir, outer->runs.v[outer->runs.n - 1]);
	/* one that nobody reads any more does not hold the run up */
	fd = open(outer->id_to, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		(void)write_all(fd, line, strlen(line));
}

/* The folder is new: nobody looks for the file before it is there. */
static void
open_owes(struct run_setup *w)
{
	const char *path = path_join(w->p->a, sv_of(w->dir.path), SV("owes"));
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	close(fd);
	w->owes_path = path;
}

/* Without a folder the run goes on without logs, and says so. */
static void
open_folder(struct run_setup *w)
{
	struct project *p = w->p;
	struct err e cleanup_err = ERR_INIT;

	w->dir = (struct run_dir)RUN_DIR_INIT;
	if (p->s->dry || w->q->only_status) {
		w->dir.id = run_id_text(p->a, clock_real_ns());
		return;
	}
	if (!run_dir_new(p->a, &p->state, clock_real_ns(), &w->dir, &e)) {
		run_dir_close(&w->dir);
		w->dir = (struct run_dir)RUN_DIR_INIT;
		w->dir.id = run_id_text(p->a, clock_real_ns());
		if (!p->s->is_compat)
			term_print(p->term, STDERR_FILENO, COLOR_YELLOW,
			    "prun: no logs are kept: %s\n", e.message);
		return;
	}
	tell_session(w);
	open_owes(w);
	w->journal = record_journal_new(p);
	if (!journal_open(w->journal, w->dir.events, &e))
		no_history(w, &e);
}

/* By which its jobs know whether this run lives. */
static void
say_folder(const struct run_setup *w, struct protocol *told)
{
	const struct protocol *outer = &w->p->in->outer;
	struct arena *a = w->p->a;

	told->folders = (string_vec){ 0 };
	for (size_t i = 0; i < outer->runs.n; i++)
		vec_push(a, &told->folders,
		    outer->folders.n == outer->runs.n ? outer->folders.v[i]
						      : "-");
	vec_push(a, &told->folders, w->dir.path[0] ? w->dir.path : "-");
	told->compat_of_run =
	    told->compat && (!outer->compat || outer->compat_of_run);
}

static void
fill_environment(struct run_setup *w)
{
	struct project *p = w->p;
	struct protocol told = p->in->outer;

	told.level = told.level > 0 ? told.level + 1 : 1;
	told.compat = p->s->is_compat;
	told.runs = (string_vec){ 0 };
	for (size_t i = 0; i < p->in->outer.runs.n; i++)
		vec_push(p->a, &told.runs, p->in->outer.runs.v[i]);
	vec_push(p->a, &told.runs, w->dir.id);
	say_folder(w, &told);
	told.in_hook = false;
	told.state_of = NULL;
	told.id_to = NULL;
	run_commit_tell(p, &w->commit, w->owes_path, w->q->executor != NULL,
	    w->dir.path[0] ? w->dir.path : "-", &told);
	protocol_write(p->a, &told, &w->env);
	jobserver_tell(w, &w->env);
	vec_push(p->a, &w->env, NULL);
}

/* P-708: --push asks on which tree the tasks ran. */
static void
open_witness(struct run_setup *w)
{
	bool looks =
	    w->q->push_later && w->commit.ready && w->dir.path[0] != '\0';

	tree_seen_init(
	    &w->tree_seen, looks ? &w->commit.before.git : NULL, w->dir.path);
}

/* What the CI system has checked out. */
static const char *
run_setup_workspace(const struct project *p)
{
	const char *dir = environment_get(
	    p->in->env, p->s->ci == OUTPUT_CI_GITLAB ? "CI_PROJECT_DIR"
						     : "GITHUB_WORKSPACE");

	return dir != NULL ? dir : "";
}

static struct output *
open_output(struct run_setup *w, bool in_tty, bool out_tty)
{
	struct project *p = w->p;
	struct output_config oc = {
		.mode = p->mode,
		.ci = p->s->ci,
		.is_log = !p->s->silent && p->in->outer.runs.n == 0 &&
			  p->in->outer.control == NULL,
		.has_many = w->q->calls.n > 1,
		.group_begin = p->style.group_begin,
		.group_end = p->style.group_end,
		.group_error_only = p->style.group_error_only,
		.silent = p->s->silent,
		.verbose = p->s->verbose,
		.compat = p->s->is_compat,
		.dry = p->s->dry || w->q->only_status,
		.root_dir = p->root_dir,
		.workspace = run_setup_workspace(p),
		.temp_dir = path_temp_dir(),
		.run_dir =
		    CFG_B(&p->config, logs, capture) && w->dir.path[0] != '\0'
			? &w->dir
			: NULL,
		.is_run_dir_kept = p->state.runs_apart,
		.captures_all =
		    CFG_I(&p->config, logs, capture) == CAPTURE_ALWAYS,
		.stdin_is_tty = in_tty,
		.stdout_is_tty = out_tty,
		.stderr_is_tty = isatty(STDERR_FILENO),
		.no_stdin = p->s->in_hook,
		.templater = p->templater,
		.secrets = p->in->secrets,
		.may_have_secrets = p->taskfile->has_secrets,
		.term = p->term,
	};

	return output_new(&oc);
}

static void
add_pools(struct run_setup *w)
{
	const struct config_pool *p;

	vec_each(&w->p->config.pools, p)
		slots_pool(w->slots, p->name, p->slots);
}

const char *
run_setup_runtime_dir(struct arena *a, int *lock_fd)
{
	struct state_env env = state_env_of_process();
	struct err ignored cleanup_err = ERR_INIT;
	char *dir;

	return runtime_dir_new(a, &env, &dir, lock_fd, &ignored) ? dir : NULL;
}

/* P-108: joins the run whose job this one is, if there is one. */
static void
join_outer(struct run_setup *w)
{
	struct project *p = w->p;
	const struct protocol *outer = &p->in->outer;
	struct sb name cleanup_sb = SB_INIT;

	if (outer->control == NULL || *outer->control == '\0' || p->s->dry)
		return;
	sb_adds(&name, path_base(p->a, sv_of(p->in->argv.v[0])));
	for (size_t i = 0; i < w->q->calls.n; i++)
		sb_printf(&name, " %s", w->q->calls.v[i].task);
	w->outer = outer_run_new(outer->control, outer->job, sb_cstr(&name));
	if (w->outer == NULL)
		return;
	outer_run_share(w->outer, p->in->secrets);
}

void
run_setup_leave(struct run_setup *w, int status)
{
	const struct run_result *r = run_get_result(w->run);

	declared_take(&w->declares, w->dir.path);
	declared_report(&w->declares, &w->p->in->outer.folders,
	    w->p->in->secrets);
	outer_run_end(w->outer, status, r->signal);
	w->outer = NULL;
}

/* Does a person look at this run, on a terminal that can do more than lines? */
static bool
is_looked_at(const struct run_setup *w, const struct run_config *rc)
{
	const struct project *p = w->p;
	const struct environment *env = p->in->env;
	const char *term = environment_get(env, "TERM");
	bool ci = false;

	go_bool_parse(environment_get(env, "CI"), &ci);
	return isatty(STDERR_FILENO) && isatty(STDOUT_FILENO) && !ci &&
	       !p->s->is_compat && !rc->dry && !rc->watch &&
	       !w->q->only_status && term != NULL &&
	       strcmp(term, "dumb") != 0 && p->in->outer.runs.n == 0;
}

/* A status block is for a person at a terminal (P-501). */
static bool
wants_progress(const struct run_setup *w, const struct run_config *rc)
{
	const struct project *p = w->p;
	const char *no_color = environment_get(p->in->env, "NO_COLOR");

	return is_looked_at(w, rc) && !p->s->no_progress &&
	       !p->s->silent && CFG_B(&p->config, output, progress) &&
	       (no_color == NULL || *no_color == '\0');
}

static void
open_progress(struct run_setup *w)
{
	struct durations *times = w->times ? w->times : history_times(w->p);
	struct project *p = w->p;
	struct err ignored cleanup_err = ERR_INIT;
	struct plan *plan = arena_new_of(p->a, struct plan);
	struct progress_options o = {
		.term = p->term,
		.loop = w->loop,
		.slots = w->slot_bound,
	};

	/* what is wrong with the calls is the run's to say */
	if (durations_mean(times) >= 0 &&
	    plan_build(p->a, &p->compiler, w->q->calls.v, w->q->calls.n,
		p->s->parallel && w->slot_bound != 1,
		history_expected, times, plan, &ignored))
		o.plan = plan;

	w->progress = progress_new(&o);
}

/* Is somebody there who can press ^C, and again? */
static bool
has_user(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void
set_grace(const struct project *p, struct run_config *rc)
{
	rc->grace_ns = rc->int_grace_ns = CFG_I(&p->config, run, grace);
	if (CFG_S(&p->config, run, grace)[0] != '\0')
		return;
	rc->grace_ns = 10 * NS_PER_S;
	rc->int_grace_ns = (has_user() ? 30 : 10) * NS_PER_S;
}

/* Has the run anything to do with a terminal?  A nested one only where the job
 * that started it may read it: other jobs hear of signals by their own groups.
 */
static bool
is_on_terminal(const struct project *p)
{
	if (isatty(STDIN_FILENO))
		return true;
	return !p->in->outer.has_level &&
	       (isatty(STDOUT_FILENO) || isatty(STDERR_FILENO));
}

/* 20261231, as the user's calendar has it. */
static int
today_here(void)
{
	time_t now = (time_t)(clock_real_ns() / NS_PER_S);
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL)
		return 0;
	return ((tm.tm_year + 1900) * 100 + tm.tm_mon + 1) * 100 + tm.tm_mday;
}

static void
fill_config(
    struct project *p, const struct run_request *q, struct run_config *rc)
{
	const struct settings *s = p->s;

	*rc = (struct run_config){
		.dry = s->dry,
		.force = s->force || s->force_all,
		.force_named_only = p->s->gentle_force && !s->force_all,
		.silent = s->silent,
		.verbose = s->verbose,
		.failfast = s->failfast,
		.parallel = s->parallel,
		.yes = s->yes,
		/* asked for, and there is a terminal (C-109) */
		.interactive = s->interactive && isatty(STDOUT_FILENO),
		.stdin_is_tty = isatty(STDIN_FILENO),
		.stdout_is_tty = isatty(STDOUT_FILENO),
		.on_terminal = is_on_terminal(p),
		.watch = s->watch,
		.watching = q->executor != NULL,
		.compat = p->s->is_compat,
		.serial = s->is_serial,
		.max_load = (double)s->max_load / 1000,
		.min_free_bytes = s->min_free_bytes,
		.max_var_bytes = CFG_I(&p->config, run, max_var),
		.run_timeout_ns = s->run_timeout,
		.timeout_grace_ns = 5 * NS_PER_S,
		.cancel_grace_ns = 2 * NS_PER_S,
		.flaky_fails =
		    strcmp(CFG_S(&p->config, run, flaky), "fail") == 0,
		.changed = p->changed,
		.unknown = p->unknown,
		.changed_root = p->repo_dir,
	};
	rc->today = p->s->is_compat ? 0 : today_here();
	set_grace(p, rc);
}

static void
open_slots(struct run_setup *w, const struct run_config *rc)
{
	struct project *p = w->p;

	w->lent_executor = w->q->executor != NULL;
	w->loop = w->lent_executor ? w->q->executor->loop : loop_new();
	w->executor =
	    w->lent_executor ? w->q->executor : executor_local_new(w->loop);
	w->executors[0] = (struct executor_entry){ .name = "local",
		.x = w->executor };
	executor_local_set_fast(w->executor,
	    CFG_B(&p->config, features, fast_exec),
	    CFG_B(&p->config, features, fast_shell));
	w->spared = *executor_local_spared(w->executor);
	executor_local_guard(w->executor, p->program);
	w->serial = rc->serial;
	w->slot_bound = rc->serial ? 1 : settings_slots(p->s);
	w->slots = slots_new(
	    w->slot_bound, rc->serial || p->s->is_slots_asked ||
			       !CFG_B(&p->config, features, adaptive_slots));
	add_pools(w);
	join_outer(w);
	jobserver_open(w);
	cluster_open(w);
}

/* Who hears what happens, in this order; returns how many. */
static size_t
open_sinks(struct run_setup *w, const struct run_config *rc)
{
	struct project *p = w->p;
	size_t n = 0;

	open_witness(w);
	w->sinks[n++] = output_sink(w->output);
	w->sinks[n++] = tree_seen_sink(&w->tree_seen);
	w->declares = (struct declared_calls){ .a = p->a };
	w->commit.calls = &w->declares;
	w->sinks[n++] = declared_sink(&w->declares);
	if (w->q->listener != NULL)
		w->sinks[n++] = *w->q->listener;
	if (w->journal != NULL)
		w->sinks[n++] = record_sink(w);
	/* the terminal is told only where that is wanted (P-505) */
	if (CFG_B(&p->config, output, notify) && is_looked_at(w, rc))
		w->sinks[n++] = notify_sink(&w->notify);
	if (wants_progress(w, rc)) {
		open_progress(w);
		w->sinks[n++] = progress_sink(w->progress);
	}
	return n;
}

static void
on_lock_answered(void *arg, const char *key)
{
	const struct run_setup *w = arg;

	run_lock_answered(w->run, key);
}

bool
run_setup_open(struct project *p, const struct run_request *q,
    struct run_setup *w, struct err *e)
{
	struct run_config rc;

	*w = (struct run_setup){ .p = p, .q = q, .machine = MACHINE_INIT };
	fill_config(p, q, &rc);
	if (!check_level(p, e) || !settings_check_gates(p->a, p->s, e) ||
	    !cluster_check(p, e) ||
	    (!rc.dry && !q->only_status && !shell_check(p, &q->calls, e)) ||
	    (!rc.watching && !run_commit_before(p, &q->calls, &w->commit, e)))
		return false;
	w->commit.push_later = q->push_later;
	if (!rc.watching && q->wants_tree)
		w->tree = project_clean_tree(p, &w->still);
	open_folder(w);
	if (!detach_ready(w->dir.id, w->dir.path, e)) {
		run_dir_close(&w->dir);
		return false;
	}
	w->commit.folder = w->dir.path;
	if (w->commit.ready && w->commit.outer == NULL &&
	    (w->commit.foreseen || w->commit.asked))
		commit_peers_join(p->a, w->dir.path, &w->commit.before);
	record_trace(w);
	rc.trace = *w->trace.trace != '\0' ? &w->trace : NULL;
	rc.trace_outer = w->trace_outer;
	open_slots(w, &rc);
	jobserver_offer(w, &rc);
	fill_environment(w);
	rc.extra_env = w->env.v;
	open_events(w);
	record_head(w);
	w->control =
	    control_new(&(struct control_options){ .program = p->program,
		.root = p->state.root,
		.runtime_dir = run_setup_runtime_dir,
		.secrets = p->in->secrets,
	    .outer = w->outer });
	rc.hooks = control_hooks(w->control);
	w->fp = project_fp(p, w->dir.id, p->s->dry || q->only_status);
	w->output = open_output(w, rc.stdin_is_tty, rc.stdout_is_tty);
	w->prompt = (struct prompt){
		.term = p->term, .loop = w->loop, .asks_again = !p->s->is_compat
	};
	callbacks_set(w, &rc);
	project_use_fp(p, w->fp);
	if (w->outer != NULL)
		outer_run_on_lock(w->outer, on_lock_answered, w);
	w->run = run_new(&rc, &p->compiler, w->loop, w->executors, w->slots,
	    w->fp, w->sinks, open_sinks(w, &rc));
	return true;
}

/* Without locks all goes on; once it is said what that may mean. */
static void
tell_unlocked(const struct run_setup *w)
{
	const char *what = NULL;

	if (w->locks != NULL && locks_are_alone(w->locks))
		what = "other runs were not kept out of a mutex: the file of "
		       "its lock cannot be locked";
	else if (w->dir.is_unlocked)
		what = "other runs may not have waited for this one: files of "
		       "the state cannot be locked";
	else if (w->fp != NULL && fp_is_unlocked(w->fp))
		what = "other runs may have done the same work at once: files "
		       "below .task cannot be locked";
	/* one for all that is inside of a run */
	if (what != NULL && w->p->in->outer.runs.n == 0 &&
	    !w->p->s->is_compat)
		term_print(w->p->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: %s\n", what);
}

void
run_setup_close(struct run_setup *w)
{
	struct err e cleanup_err = ERR_INIT;

	if (w->journal != NULL && !journal_close(w->journal, &e))
		no_history(w, &e);
	tell_unlocked(w);
	if (w->p->events != NULL && !w->lent_executor)
		event_stream_attach(w->p->events, NULL);
	if (w->run != NULL)
		run_free(w->run);
	cluster_close(w);
	control_free(w->control);
	outer_run_end(w->outer, 1, 0);
	jobserver_close(w);
	progress_free(w->progress);
	output_free(w->output);
	project_use_fp(w->p, NULL);
	run_cache_free(w->cache);
	fp_free(w->fp);
	if (w->slots != NULL)
		slots_free(w->slots);
	if (w->executor != NULL && !w->lent_executor) {
		w->executor->ops->free(w->executor);
		loop_free(w->loop);
	}
	if (w->dir.path != NULL && w->dir.path[0] != '\0') {
		uint64_t most = (uint64_t)CFG_I(&w->p->config, logs, max_size);

		run_dir_close(&w->dir);
		state_prune(w->p->a, &w->p->state,
		    (size_t)CFG_I(&w->p->config, logs, keep),
		    run_dir_is_heavy(&w->dir, most) ? most : 0, w->dir.id);
	}
}
