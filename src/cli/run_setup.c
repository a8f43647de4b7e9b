/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/run_setup.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/path.h"
#include "cli/gate.h"
#include "output/event_stream.h"

enum {
	LEVEL_MAX = 100
};

void
setup_state(struct app *app, struct state *out)
{
	const char *root = app->state_of ? app->state_of : app->repo_dir;
	struct state_options o = {
		.root_dir = root,
		.dir = CFG_S(&app->cfg, state, dir),
		.env = state_env_of_process(),
	};

	/* no path need be resolved twice in one run */
	if (app->state_asked != root) {
		state_init(app->a, &o, &app->state);
		app->state_asked = root;
	}
	*out = app->state;
}

/* P-115: a Taskfile that calls itself through the shell ends with a message. */
static bool
enter_level(struct run_setup *w, struct err *e)
{
	const char *text = getenv("PRUN_LEVEL");
	long level = text ? strtol(text, NULL, 10) : 0;

	if (level >= LEVEL_MAX)
		return err_set(e, ERR_CALL_LIMIT,
		    "prun: runs are nested more "
		    "than %d deep: does a task call itself through the shell?",
		    LEVEL_MAX);
	vec_push(w->app->a, &w->env,
	    arena_printf(
		w->app->a, "PRUN_LEVEL=%ld", level > 0 ? level + 1 : 1));
	return true;
}

/* The run goes on without being remembered, and says so. */
static void
no_history(struct run_setup *w, const struct err *e)
{
	if (!w->app->compat)
		term_print(&w->app->term, STDERR_FILENO, COLOR_YELLOW,
		    "prun: the record of this run is not whole: %s\n",
		    e->message);
}

/* Who reads the same elsewhere has it also of a run that leaves nothing. */
static void
open_events(struct run_setup *w)
{
	struct app *app = w->app;

	if (app->events == NULL || OPT_B(&app->o, status))
		return;
	if (w->journal == NULL)
		w->journal = journal_new();
	event_stream_attach(app->events, w->executor);
	journal_tell(w->journal, event_stream_add, app->events);
}

/* Without a folder the run goes on without logs, and says so. */
static void
open_folder(struct run_setup *w)
{
	struct app *app = w->app;
	struct err e cleanup_err = ERR_INIT;

	setup_state(app, &w->state);
	w->dir = (struct run_dir)RUN_DIR_INIT;
	if (OPT_B(&app->o, dry) || OPT_B(&app->o, status)) {
		w->dir.id = run_id_text(app->a, clock_real_ns());
		return;
	}
	if (!run_dir_new(app->a, &w->state, clock_real_ns(), &w->dir, &e)) {
		run_dir_close(&w->dir);
		w->dir = (struct run_dir)RUN_DIR_INIT;
		w->dir.id = run_id_text(app->a, clock_real_ns());
		if (!app->compat)
			term_print(&app->term, STDERR_FILENO, COLOR_YELLOW,
			    "prun: no logs are kept: %s\n", e.message);
		return;
	}
	w->owes_path = path_join(app->a, sv_of(w->dir.path), SV("owes"));
	w->journal = journal_new();
	if (!journal_open(w->journal, w->dir.events, &e))
		no_history(w, &e);
}

static void
fill_environment(struct run_setup *w)
{
	struct app *app = w->app;
	const char *runs = getenv("PRUN_RUNS");

	if (app->compat)
		vec_push(app->a, &w->env, "PRUN_COMPAT=1");
	vec_push(app->a, &w->env,
	    arena_printf(app->a, "PRUN_RUNS=%s%s%s", runs ? runs : "",
		runs ? ":" : "", w->dir.id));
	run_commit_environment(app, &w->commit, w->owes_path, &w->env);
	vec_push(app->a, &w->env, NULL);
}

static bool
is_off(const char *text)
{
	return text != NULL &&
	       (strcmp(text, "false") == 0 || strcmp(text, "0") == 0 ||
		   strcmp(text, "off") == 0 || strcmp(text, "no") == 0);
}

/* P-107: --serial, USE_PARALLEL=false, [run] parallel = off. */
static bool
is_serial(const struct app *app)
{
	return OPT_B(&app->o, serial) || is_off(getenv("USE_PARALLEL")) ||
	       !CFG_B(&app->cfg, run, parallel);
}

static bool
bad_gate(
    struct app *app, enum option_id flag, const char *wanted, struct err *e)
{
	return err_set(e, ERR_USAGE,
	    "invalid argument %s for \"%s\" flag: wanted a %s",
	    quote_go(app->a, sv_of(app->o.v[flag].s)),
	    option_flag(app->a, flag), wanted);
}

/* P-205: 80% of the machine, 1G of memory; and the time of the whole run. */
static bool
read_gates(struct app *app, struct run_config *rc, struct err *e)
{
	const struct options *o = &app->o;
	int64_t share = *OPT_S(o, load) != '\0' ? share_parse(OPT_S(o, load))
						: CFG_I(&app->cfg, run, load);

	if (share < 0)
		return bad_gate(app, OPT_load, "share such as 80%", e);
	rc->max_load = (double)share / 1000;
	rc->min_free_bytes = *OPT_S(o, memfree) != '\0'
				 ? size_parse(OPT_S(o, memfree))
				 : CFG_I(&app->cfg, run, memfree);
	if (rc->min_free_bytes < 0)
		return bad_gate(app, OPT_memfree, "size such as 1G", e);
	rc->run_timeout_ns = OPT_SET(o, run_timeout)
				 ? OPT_I(o, run_timeout)
				 : CFG_I(&app->cfg, run, timeout);
	return true;
}

/* P-504 */
static enum output_ci
find_ci(const struct app *app)
{
	bool github = false, gitlab = false;

	if (app->compat || strcmp(CFG_S(&app->cfg, output, ci), "off") == 0)
		return OUTPUT_CI_NONE;
	go_bool_parse(getenv("GITHUB_ACTIONS"), &github);
	go_bool_parse(getenv("GITLAB_CI"), &gitlab);
	return github   ? OUTPUT_CI_GITHUB
	       : gitlab ? OUTPUT_CI_GITLAB
			: OUTPUT_CI_NONE;
}

/* P-708: --push asks on which tree the tasks ran. */
static void
open_witness(struct run_setup *w)
{
	bool looks =
	    w->app->push_later && w->commit.ready && w->dir.path[0] != '\0';

	tree_seen_init(
	    &w->tree_seen, looks ? &w->commit.before.git : NULL, w->dir.path);
}

static struct output *
open_output(struct run_setup *w, bool in_tty, bool out_tty)
{
	struct app *app = w->app;
	struct output_config oc = {
		.mode = app->mode,
		.ci = find_ci(app),
		.group_begin = app->style.group_begin,
		.group_end = app->style.group_end,
		.group_error_only = app->style.group_error_only,
		.silent = OPT_B(&app->o, silent),
		.verbose = OPT_B(&app->o, verbose),
		.compat = app->compat,
		.run_dir =
		    CFG_B(&app->cfg, logs, capture) && w->dir.path[0] != '\0'
			? &w->dir
			: NULL,
		.stdin_is_tty = in_tty,
		.stdout_is_tty = out_tty,
		.pty = out_tty,
		.no_stdin = app->in_hook,
		.templater = app->templater,
		.taskfile = app->taskfile,
		.term = &app->term,
	};

	return output_new(&oc);
}

static void
add_pools(struct run_setup *w)
{
	const struct config_pool *p;

	vec_each (&w->app->cfg.pools, p)
		slots_pool(w->slots, p->name, p->slots);
}

/*
 * Receipts are for gates: they are left where a hook is installed, which the
 * installation and each hook note in the state, so that no git need be asked.
 */
static bool
wants_receipt(struct app *app)
{
	struct state state;

	if (app->compat || OPT_B(&app->o, no_receipt))
		return false;
	if (app->in_hook || OPT_B(&app->o, push))
		return true;
	setup_state(app, &state);
	return path_exists(state_path(app->a, &state, RECEIPTS_WANTED));
}

static const char *
runtime_dir(struct arena *a)
{
	struct state_env env = state_env_of_process();
	struct err ignored cleanup_err = ERR_INIT;
	char *dir;

	return runtime_dir_new(a, &env, &dir, &ignored) ? dir : NULL;
}

/* P-108: joins the run whose job this one is, if there is one. */
static void
join_outer(struct run_setup *w)
{
	const char *socket = getenv("PRUN_CONTROL");
	struct app *app = w->app;
	struct sb name cleanup_sb = SB_INIT;

	if (socket == NULL || *socket == '\0' || OPT_B(&app->o, dry))
		return;
	sb_adds(&name, path_base(app->a, sv_of(app->argv[0])));
	for (size_t i = 0; i < w->calls.n; i++)
		sb_printf(&name, " %s", w->calls.v[i].task);
	w->outer = outer_run_new(socket, getenv("PRUN_JOB"), sb_cstr(&name));
	if (w->outer != NULL)
		outer_run_slots(w->outer, w->slots, w->executor);
}

void
setup_leave(struct run_setup *w, int status)
{
	const struct run_result *r = run_get_result(w->run);

	outer_run_end(w->outer, status, r->signal);
	w->outer = NULL;
}

/* Does a person look at this run, on a terminal that can do more than lines? */
static bool
is_looked_at(const struct app *app, const struct run_config *rc)
{
	const char *term = getenv("TERM");
	bool ci = false;

	go_bool_parse(getenv("CI"), &ci);
	return isatty(STDERR_FILENO) && isatty(STDOUT_FILENO) && !ci &&
	       !app->compat && !rc->dry && !rc->watch &&
	       !OPT_B(&app->o, status) && term != NULL &&
	       strcmp(term, "dumb") != 0 && getenv("PRUN_RUNS") == NULL;
}

/* P-501 */
static bool
wants_progress(const struct app *app, const struct run_config *rc)
{
	const char *no_color = getenv("NO_COLOR");

	return is_looked_at(app, rc) && !OPT_B(&app->o, no_progress) &&
	       !OPT_B(&app->o, silent) && CFG_B(&app->cfg, output, progress) &&
	       (no_color == NULL || *no_color == '\0');
}

static void
open_progress(struct run_setup *w)
{
	struct durations *times = w->times ? w->times : history_times(w->app);
	struct app *app = w->app;
	struct err ignored cleanup_err = ERR_INIT;
	struct plan *plan = arena_new_of(app->a, struct plan);
	struct progress_options o = {
		.term = &app->term,
		.executor = w->executor,
		.slots = w->slot_bound,
	};

	/* what is wrong with the calls is the run's to say */
	if (durations_mean(times) >= 0 &&
	    plan_build(app->a, &app->compiler, w->calls.v, w->calls.n,
		OPT_B(&app->o, parallel) && w->slot_bound != 1,
		history_expected, times, plan, &ignored))
		o.plan = plan;

	w->progress = progress_new(&o);
}

static void
fill_config(struct app *app, struct run_config *rc)
{
	const struct options *o = &app->o;

	*rc = (struct run_config){
		.dry = OPT_B(o, dry),
		.force = OPT_B(o, force) || OPT_B(o, force_all),
		.force_named_only = app->gentle_force && !OPT_B(o, force_all),
		.silent = OPT_B(o, silent),
		.verbose = OPT_B(o, verbose),
		.failfast = OPT_B(o, failfast),
		.parallel = OPT_B(o, parallel),
		.yes = OPT_B(o, yes),
		/* C-109 */
		.interactive = OPT_B(o, interactive) && isatty(STDOUT_FILENO),
		.stdin_is_tty = isatty(STDIN_FILENO),
		.stdout_is_tty = isatty(STDOUT_FILENO),
		.watch = OPT_B(o, watch),
		.watching = app->executor != NULL,
		.compat = app->compat,
		.serial = is_serial(app),
		.grace_ns = 5 * NS_PER_S,
		.cancel_grace_ns = 2 * NS_PER_S,
		.flaky_fails =
		    strcmp(CFG_S(&app->cfg, run, flaky), "fail") == 0,
		.changed = app->changed,
		.program = app_program(app),
		.runtime_dir = runtime_dir,
	};
}

static void
open_slots(struct run_setup *w, const struct run_config *rc)
{
	struct app *app = w->app;
	bool by_user;

	w->lent_executor = app->executor != NULL;
	w->executor = w->lent_executor ? app->executor : executor_local_new();
	executor_local_set_fast(
	    w->executor, CFG_B(&app->cfg, features, fast_exec));
	w->serial = rc->serial;
	w->slot_bound = rc->serial ? 1 : app_slots(app, &by_user);
	w->slots = slots_new(
	    w->slot_bound, rc->serial || by_user ||
			       !CFG_B(&app->cfg, features, adaptive_slots));
	add_pools(w);
	join_outer(w);
}

/* Who hears what happens, in this order; returns how many. */
static size_t
open_sinks(struct run_setup *w, const struct run_config *rc)
{
	struct app *app = w->app;
	size_t n = 0;

	open_witness(w);
	w->sinks[n++] = output_sink(w->output);
	w->sinks[n++] = tree_seen_sink(&w->tree_seen);
	if (app->listener != NULL)
		w->sinks[n++] = *app->listener;
	if (w->journal != NULL)
		w->sinks[n++] = record_sink(w);
	/* P-505 */
	if (CFG_B(&app->cfg, output, notify) && is_looked_at(app, rc))
		w->sinks[n++] = notify_sink(&w->notify);
	if (wants_progress(app, rc)) {
		open_progress(w);
		w->sinks[n++] = progress_sink(w->progress);
	}
	return n;
}

bool
setup_open(
    struct app *app, const call_vec *calls, struct run_setup *w, struct err *e)
{
	const struct options *o = &app->o;
	struct run_config rc;

	*w = (struct run_setup){ .app = app, .calls = *calls };
	fill_config(app, &rc);
	if (!enter_level(w, e) || !read_gates(app, &rc, e) ||
	    (!rc.watching && !run_commit_before(app, calls, &w->commit, e)))
		return false;
	if (!rc.watching && wants_receipt(app))
		w->tree = clean_tree(app);
	open_folder(w);
	fill_environment(w);
	rc.extra_env = w->env.v;
	open_slots(w, &rc);
	open_events(w);
	record_head(w);
	rc.outer = w->outer;
	w->fp = app_fp(app, w->dir.id, OPT_B(o, dry) || OPT_B(o, status));
	w->output = open_output(w, rc.stdin_is_tty, rc.stdout_is_tty);
	callbacks_set(w, &rc);
	app->compiler.ctx = w->fp;
	w->commit.output = w->output;
	w->run = run_new(&rc, &app->compiler, w->executor, w->slots, w->fp,
	    w->sinks, open_sinks(w, &rc));
	return true;
}

void
setup_close(struct run_setup *w)
{
	struct err e cleanup_err = ERR_INIT;

	if (w->journal != NULL && !journal_close(w->journal, &e))
		no_history(w, &e);
	if (w->app->events != NULL && !w->lent_executor)
		event_stream_attach(w->app->events, NULL);
	if (w->run != NULL)
		run_free(w->run);
	outer_run_end(w->outer, 1, 0);
	progress_free(w->progress);
	output_free(w->output);
	if (w->fp != NULL)
		fp_free(w->fp);
	if (w->slots != NULL)
		slots_free(w->slots);
	if (w->executor != NULL && !w->lent_executor)
		w->executor->ops->free(w->executor);
	if (w->dir.path != NULL && w->dir.path[0] != '\0') {
		run_dir_close(&w->dir);
		state_prune(w->app->a, &w->state,
		    (size_t)CFG_I(&w->app->cfg, logs, keep),
		    (uint64_t)CFG_I(&w->app->cfg, logs, max_size), w->dir.id);
	}
}
