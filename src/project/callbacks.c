/* SPDX-License-Identifier: MIT */
/* What the engine asks of the program during a run. */
#include "config.h"

#include "project/run_setup.h"

#include "base/path.h"
#include "project/rerun.h"

static void
on_stdio(void *ctx, struct run_call *call, const struct ccmd *cmd,
    struct job_spec *spec)
{
	const struct run_setup *w = ctx;

	output_stdio(w->output, call, cmd, spec);
}

static const char *
on_executor(void *ctx, const struct run_call *call, const struct ccmd *cmd)
{
	return cluster_choose(ctx, call, cmd);
}

static void
on_before_read(void *ctx, const struct run_call *call, bool is_shared)
{
	struct run_setup *w = ctx;

	tree_seen_before_read(&w->tree_seen, call, is_shared);
}

static void
on_ask(
    void *ctx, const char *text, void (*told)(void *arg, int answer), void *arg)
{
	struct run_setup *w = ctx;

	prompt_ask(&w->prompt, text, told, arg);
}

static void
on_ask_stop(void *ctx)
{
	struct run_setup *w = ctx;

	prompt_stop(&w->prompt);
}

static const char *
on_ask_var(void *ctx, struct arena *a, const char *name,
    const string_vec *allowed)
{
	const struct run_setup *w = ctx;

	return output_ask_var(w->output, a, name, allowed);
}

static double
on_expected(void *ctx, const char *task_name)
{
	struct run_setup *w = ctx;

	if (w->times == NULL)
		w->times = history_times(w->p);
	return durations_expected(w->times, task_name);
}

/* Calls that take less are over at once, and four of them share a slot. */
#define SMALL_SECONDS 0.005
enum {
	SMALL_SHARE = SLOT_WHOLE / 4,
	LEAST_SHARE = SLOT_WHOLE / 10 /* of what only waits */
};

static int
share_of_cores(double cores)
{
	if (cores < 0)
		return SLOT_WHOLE;
	if (cores * SLOT_WHOLE < LEAST_SHARE)
		return LEAST_SHARE;
	return cores < SLOTS_MAX / SLOT_WHOLE ? (int)(cores * SLOT_WHOLE)
					      : SLOTS_MAX;
}

static int
on_share(void *ctx, const char *task_name, bool *is_small)
{
	struct run_setup *w = ctx;
	double seconds = on_expected(w, task_name);
	int share = SLOT_WHOLE;

	if (seconds < 0)
		return 0;
	if (w->p->s->is_slots_auto)
		share = share_of_cores(durations_cores(w->times, task_name));
	*is_small =
	    CFG_B(&w->p->config, features, batching) && seconds < SMALL_SECONDS;
	return *is_small && share > SMALL_SHARE ? SMALL_SHARE : share;
}

static bool
on_passed_before(void *ctx, const struct run_call *call)
{
	const struct run_setup *w = ctx;

	return rerun_leaves_out(w->p->rerun, call);
}

static int
on_lock(void *ctx, const char *name)
{
	const struct run_setup *w = ctx;
	int got = w->outer_locks ? outer_run_lock(w->outer, name) : -3;

	return got > -3 ? got : locks_take(w->locks, name);
}

static void
on_unlock(void *ctx, const char *name)
{
	const struct run_setup *w = ctx;

	if (w->outer_locks && w->outer != NULL)
		outer_run_unlock(w->outer, name);
	locks_give(w->locks, name);
}

static enum cached_answer
on_cache_get(void *ctx, struct arena *a, struct run_call *call,
    struct fp_state *s, struct cached_call *c)
{
	const struct run_setup *w = ctx;

	return run_cache_get(w->cache, a, call, s, c);
}

static void
on_cache_drop(void *ctx, struct cached_call *c)
{
	const struct run_setup *w = ctx;

	run_cache_drop(w->cache, c);
}

static void
on_cache_put(void *ctx, struct arena *a, struct run_call *call,
    struct cached_call *c)
{
	const struct run_setup *w = ctx;

	run_cache_put(w->cache, a, call, c);
}

/* P-301: by the plan, unless nothing else than declared order is wanted. */
static void
set_order(const struct run_setup *w, struct run_config *rc)
{
	const struct project *p = w->p;
	const char *order = CFG_S(&p->config, run, order);

	if (rc->serial || rc->dry || strcmp(order, "declared") == 0 ||
	    !CFG_B(&p->config, features, critical_path))
		return;
	rc->expected = on_expected;
	rc->shortest_first = strcmp(order, "shortest") == 0;
}

/* What calls count as matters where nobody asked for the bound. */
static void
set_shares(const struct run_setup *w, struct run_config *rc)
{
	const struct project *p = w->p;

	if (rc->serial || rc->dry || p->s->is_slots_asked ||
	    (!p->s->is_slots_auto && !CFG_B(&p->config, features, batching)) ||
	    !slots_use_shares(w->slots))
		return;
	rc->share = on_share;
	if (p->s->is_slots_auto)
		rc->most_slots = w->slot_bound;
}

/* A mutex is one of a repository: the outer run takes it where that one is its
 * own as well. */
static bool
is_of_outer_repo(const struct run_setup *w)
{
	const string_vec *folders = &w->p->in->outer.folders;
	sv runs = sv_of(w->p->state.runs), folder;

	if (folders->n == 0)
		return false;
	folder = sv_of(folders->v[folders->n - 1]);
	return sv_starts(folder, runs) && folder.n > runs.n &&
	       folder.p[runs.n] == '/';
}

void
callbacks_set(struct run_setup *w, struct run_config *rc)
{
	struct project *p = w->p;
	const char *const *id;
	string_vec runs = { 0 };

	rc->ctx = w;
	rc->stdio = on_stdio;
	rc->executor = on_executor;
	rc->before_read = on_before_read;
	rc->ask = on_ask;
	rc->ask_stop = on_ask_stop;
	rc->ask_var = on_ask_var;
	if (p->rerun != NULL)
		rc->passed_before = on_passed_before;
	w->cache = w->q->only_status ? NULL : run_cache_new(p, w->fp);
	if (w->cache != NULL) {
		run_cache_use_remote(w->cache, w->loop, on_expected, w);
		run_cache_look_ahead(w->cache, w->loop, w->q->calls.v,
		    w->q->calls.n);
		rc->cache_get = on_cache_get;
		rc->cache_drop = on_cache_drop;
		rc->cache_put = on_cache_put;
	}
	set_order(w, rc);
	set_shares(w, rc);
	vec_each(&p->in->outer.runs, id)
		vec_push(p->a, &runs, *id);
	vec_push(p->a, &runs, NULL);
	rc->outer_runs = runs.v;
	if (rc->dry)
		return;
	w->locks = locks_new(p->a, state_path(p->a, &p->state, "locks"),
	    w->dir.id, runs.v);
	w->outer_locks = w->outer != NULL && is_of_outer_repo(w);
	rc->lock = on_lock;
	rc->unlock = on_unlock;
}
